#include "providers/sinks/remote/variable_group_sink.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/claims.h"

namespace patform::sinks {
namespace {

constexpr char kAddress[] = "https://dev.azure.com";
constexpr char kVersion[] = "api-version=7.1";
// The service's clock and the answer that dates our last write: a change that
// comes later than this behind it is somebody else's.
constexpr absl::Duration kOwnWrite = absl::Minutes(2);

std::string AddressOf(const SinkConfig& config) {
  return config.Text("address", kAddress);
}

// Of the record and not of the group, which others change, too.
std::string VersionOf(const SinkRecord& record) {
  return absl::StrCat(record.id.ToString(), "@",
                      FormatInstant(record.written_at));
}

// The service's own words; an answer without any is told by its status alone.
std::string TextOf(const http::Response& answer) {
  const http::SecretJson body(answer.body.Reveal(), {64 << 10, 16});
  if (body.object() == nullptr) return "";
  return std::string(http::TextMember(*body.object(), "message"));
}

}  // namespace

// 203 is a page to sign in with, which Azure DevOps sends with some bearers
// that it does not accept.
absl::StatusOr<http::Response> VariableGroups::Send(http::Request request,
                                                    const Purpose& purpose,
                                                    Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(
      const Secret bearer,
      store_->machine().bearer(auth_, entra::kAzureDevOps, deadline));
  request.bearer = &bearer;
  // Suppress: answer 401 rather than send a browser to the sign-in page.
  request.headers = {{"Accept", "application/json"},
                     {"X-TFS-FedAuthRedirect", "Suppress"}};
  PATFORM_ASSIGN_OR_RETURN(http::Response answer,
                           store_->Send(request, purpose, deadline));
  if (answer.status == 200) return answer;
  // Where it asks for a sign-in: by a status, a redirect, or a page of HTML.
  const bool signed_out =
      answer.status == 401 || answer.status == 302 || answer.status == 203;
  if (!signed_out) {
    return store_->Refused(answer, purpose, TextOf(answer));
  }
  return store_->Failed(
      absl::StatusCode::kUnauthenticated, purpose,
      absl::StrCat("the sign-in was not accepted (", answer.status,
                   "). Its bearer needs the scope vso.variablegroups_manage "
                   "beside those for tokens"));
}

absl::StatusOr<std::vector<VariableGroup>> VariableGroups::List(
    const std::string& name, bool managed, const Purpose& purpose,
    Deadline deadline) {
  std::string query;
  if (!name.empty()) {
    absl::StrAppend(&query, "groupName=", PercentEncode(name), "&");
  }
  // The service then leaves out what this user may only read or use.
  if (managed) absl::StrAppend(&query, "actionFilter=manage&");
  http::Request request;
  request.method = "GET";
  request.url = store_->At(
      absl::StrCat("/", PercentEncode(config_.Text("organization")), "/",
                   PercentEncode(config_.Text("project")),
                   "/_apis/distributedtask/variablegroups?", query, kVersion));
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           Send(std::move(request), purpose, deadline));
  absl::StatusOr<std::vector<VariableGroup>> groups =
      VariableGroup::ListOf(answer.body.Reveal());
  if (groups.ok()) return groups;
  return store_->Malformed(purpose, std::string(groups.status().message()));
}

// By its name: a group has an id, but a configuration is for people. Only the
// groups that the user may manage are listed where one is to be written.
absl::StatusOr<VariableGroup> VariableGroups::Look(const std::string& name,
                                                   bool managed,
                                                   Deadline deadline) {
  const Purpose purpose = {absl::StrCat("reading the group ", name)};
  PATFORM_ASSIGN_OR_RETURN(std::vector<VariableGroup> groups,
                           List(name, managed, purpose, deadline));
  // Names are unique in a project, so there is one or none.
  if (!groups.empty()) return std::move(groups.front());
  // The service hides what a user may not see: this is not the same as empty.
  return store_->Failed(
      absl::StatusCode::kFailedPrecondition, purpose,
      managed ? "this user may not change it. Make the user an administrator "
                "of the group: Pipelines, Library, the group, Security"
              : "there is none of that name that this user may see. Make it, "
                "and give the user a role in it: Pipelines, Library");
}

// One list for all groups: a place that no table names any more may be in any
// of them.
std::vector<StrayPlace> VariableGroups::Recorded(Deadline deadline) {
  const absl::StatusOr<std::vector<VariableGroup>> groups =
      List("", /*managed=*/false, {"listing the groups"}, deadline);
  std::vector<StrayPlace> found;
  if (!groups.ok()) return found;
  for (const VariableGroup& group : *groups) {
    for (std::string& name : group.Recorded()) {
      StrayPlace stray;
      stray.place.at = group.name();
      stray.place.key = std::move(name);
      stray.held = Held(group, stray.place);
      // What was typed over by hand is nobody's leftover.
      if (stray.held.state != HeldRecord::State::kPresent) continue;
      found.push_back(std::move(stray));
    }
  }
  return found;
}

// A group is written as a whole, and the service has no version to compare: the
// one protection for what others keep in it is that they keep nothing.
absl::Status VariableGroups::CheckGroup(const VariableGroup& group,
                                        const Delivery& place) const {
  const Purpose purpose = {absl::StrCat("writing to the group ", place.at)};
  if (group.linked()) {
    return store_->Failed(absl::StatusCode::kFailedPrecondition, purpose,
                          "its secrets come from a key vault. Deliver there "
                          "instead: a sink of type \"key-vault\"");
  }
  // Its own variable may be taken over.
  const std::string other =
      config_.Flag("shared") ? "" : group.ForeignBeside(place.key);
  if (other.empty()) return absl::OkStatus();
  return store_->Failed(
      absl::StatusCode::kFailedPrecondition, purpose,
      absl::StrCat("it has the variable ", Visible(other),
                   ", which patform did not put there, and whoever edits the "
                   "group at the same moment would lose what they write. "
                   "Deliver to a group of its own, or set shared = true on "
                   "the sink"));
}

// Secret values are never answered. That somebody else wrote one shows only in
// the date of the group.
HeldRecord VariableGroups::Held(const VariableGroup& group,
                                const Delivery& place) const {
  HeldRecord held;
  held.compare_and_set = false;
  const std::optional<SinkRecord> record = group.RecordOf(place.key);
  if (!group.Has(place.key)) {
    held.state = HeldRecord::State::kAbsent;
    return held;
  }
  if (!record) {
    held.state = HeldRecord::State::kForeign;
    held.version = absl::StrCat("foreign@", FormatInstant(group.modified()));
    held.why = absl::FailedPreconditionError(absl::StrCat(
        Visible(place.Address()),
        " is a variable that patform did not write. Deliver to another one, "
        "or set adopt = true on this delivery to replace it."));
    return held;
  }
  const std::string version = VersionOf(*record);
  const bool touched =
      !config_.Flag("shared") && group.modified() > group.Written() + kOwnWrite;
  if (touched) {
    held = RecordBehind(group.modified(), store_->Now(),
                        absl::StrCat(version, "!"), place.Address());
    held.compare_and_set = false;
    return held;
  }
  held.state = HeldRecord::State::kPresent;
  held.record = record;
  held.version = version;
  return held;
}

// One request for each group, however many of its variables are places.
std::vector<HeldRecord> VariableGroups::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  std::map<std::string, absl::StatusOr<VariableGroup>> groups;
  std::vector<HeldRecord> all;
  for (const Delivery* place : places) {
    auto group = groups.find(place->at);
    if (group == groups.end()) {
      group =
          groups
              .emplace(place->at, Look(place->at, /*managed=*/false, deadline))
              .first;
    }
    all.push_back(group->second.ok()
                      ? Held(*group->second, *place)
                      : HeldRecord::Unknown(group->second.status()));
  }
  return all;
}

absl::Status VariableGroups::Write(const VariableGroup& group, Secret body,
                                   const Purpose& purpose, Deadline deadline) {
  http::Request request;
  request.method = "PUT";
  // Sent again later it would undo what others have written since.
  request.once = true;
  request.url = store_->At(absl::StrCat(
      "/", PercentEncode(config_.Text("organization")),
      "/_apis/distributedtask/variablegroups/", group.id(), "?", kVersion));
  request.content_type = "application/json";
  request.body = std::move(body);
  return Send(std::move(request), purpose, deadline).status();
}

HeldRecord VariableGroupReader::Read(const Delivery& place, Deadline deadline) {
  return groups_->ReadAll({&place}, deadline).front();
}

std::vector<HeldRecord> VariableGroupReader::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  return groups_->ReadAll(places, deadline);
}

std::vector<StrayPlace> VariableGroupReader::Recorded(
    const std::set<std::string>&, Deadline deadline) {
  return groups_->Recorded(deadline);
}

absl::Status VariableGroupSink::Check(const Delivery& place,
                                      Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const VariableGroup group,
                           groups_->Look(place.at, /*managed=*/true, deadline));
  return groups_->CheckGroup(group, place);
}

std::mutex& VariableGroupSink::MutexOf(const std::string& group) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return mutexes_[Folded(group)];
}

// Read again right before the write: the less time between the two, the less
// there is that a write of somebody else can be lost in.
absl::StatusOr<VariableGroup> VariableGroupSink::Before(
    const Delivery& place, const std::string& expected, Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(
      VariableGroup group,
      groups_->Look(place.at, /*managed=*/false, deadline));
  PATFORM_RETURN_IF_ERROR(groups_->CheckGroup(group, place));
  const HeldRecord held = groups_->Held(group, place);
  if (held.version != expected) return MovedMeanwhile(place.Address());
  return group;
}

absl::StatusOr<std::string> VariableGroupSink::Put(const Delivery& place,
                                                   const Secret& value,
                                                   const SinkRecord& record,
                                                   const std::string& expected,
                                                   Deadline deadline) {
  const std::lock_guard<std::mutex> lock(MutexOf(place.at));
  PATFORM_ASSIGN_OR_RETURN(const VariableGroup group,
                           Before(place, expected, deadline));
  PATFORM_RETURN_IF_ERROR(groups_->Write(
      group, group.With(place.key, value, record, groups_->Now()),
      {absl::StrCat("writing ", place.Address()), /*writes=*/true}, deadline));
  return VersionOf(record);
}

absl::Status VariableGroupSink::Remove(const Delivery& place,
                                       const std::string& expected,
                                       Deadline deadline) {
  const std::lock_guard<std::mutex> lock(MutexOf(place.at));
  PATFORM_ASSIGN_OR_RETURN(
      const VariableGroup group,
      groups_->Look(place.at, /*managed=*/false, deadline));
  if (!group.Has(place.key)) return absl::NotFoundError("nothing is there");
  if (groups_->Held(group, place).version != expected) {
    return MovedMeanwhile(place.Address());
  }
  return groups_->Write(
      group, group.Without(place.key, groups_->Now()),
      {absl::StrCat("removing ", place.Address()), /*writes=*/true}, deadline);
}

namespace {

absl::StatusOr<std::unique_ptr<VariableGroups>> GroupsOf(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(
      std::unique_ptr<RestStore> store,
      RestStore::Make(opening.config, AddressOf(opening.config),
                      {"dev.azure.com"}, opening.machine));
  return std::make_unique<VariableGroups>(
      opening.config, opening.auth == nullptr ? AuthConfig() : *opening.auth,
      std::move(store));
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<VariableGroups> groups,
                           GroupsOf(opening));
  return std::make_unique<VariableGroupReader>(std::move(groups));
}

absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<VariableGroups> groups,
                           GroupsOf(opening));
  return std::make_unique<VariableGroupSink>(std::move(groups));
}

// Azure DevOps takes names of organizations and projects in either case.
absl::StatusOr<std::string> Canonical(const SinkConfig& config) {
  SinkConfig whole = config;
  whole.settings["address"] = AddressOf(config);
  PATFORM_ASSIGN_OR_RETURN(const std::string address,
                           CanonicalAddress(whole, "address"));
  return absl::StrCat(address, "/", Folded(config.Text("organization")), "/",
                      Folded(config.Text("project")));
}

std::string GroupFault(std::string_view at) {
  return at.size() <= 256 ? "" : "a group's name of at most 256 bytes";
}

}  // namespace

Row VariableGroupRow() {
  using Kind = SettingKey::Kind;
  Row row;
  row.type.name = "variable-group";
  row.type.doc =
      "Secret variables of a variable group of Azure Pipelines; `at` is the "
      "group, `key` the variable.";
  row.type.keys = {
      {.name = "organization",
       .kind = Kind::kText,
       .required = true,
       .doc = "Whose group it is; \"{organization}\" is the file's own.",
       .example = "\"{organization}\""},
      {.name = "project",
       .kind = Kind::kText,
       .required = true,
       .doc = "The project that has the group.",
       .example = "\"web\""},
      {"shared", Kind::kFlag, false,
       "The group has variables that others write."},
      {"address", Kind::kText, false,
       "Another address than https://dev.azure.com."}};
  row.type.can.compare_and_set = false;
  row.type.reach = Reach::kNetwork;
  row.type.place.default_at = "patform";
  row.type.place.ignores_case = true;
  row.type.place.key = PlaceRules::Key::kVariable;
  row.type.place.key_doc = "expected a name such as NUGET_PAT";
  row.type.place.at_fault = GroupFault;
  row.canonical = Canonical;
  row.open_reader = OpenReader;
  row.open = Open;
  return row;
}

}  // namespace patform::sinks
