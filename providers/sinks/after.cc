#include "providers/sinks/after.h"

#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/remote/rest_store.h"

namespace patform::sinks {
namespace {

// Beside the settings of every type of sink.
constexpr char kExec[] = "after_exec";
constexpr char kWebhook[] = "after_webhook";
constexpr absl::Duration kPatience = absl::Minutes(1);

// What followers are told: names of places, which are in the plan as well.
std::vector<std::string> AddressesOf(const std::vector<Delivery>& places) {
  std::vector<std::string> addresses;
  for (const Delivery& place : places) addresses.push_back(place.Address());
  return addresses;
}

// A sink that does everything as the one inside, and something after it.
class FollowedSink : public SecretSink {
 public:
  FollowedSink(const Opening& opening, std::unique_ptr<SecretSink> sink,
               std::vector<std::string> command,
               std::unique_ptr<RestStore> webhook)
      : name_(opening.config.name),
        machine_(opening.machine),
        sink_(std::move(sink)),
        command_(std::move(command)),
        webhook_(std::move(webhook)) {}

  HeldRecord Read(const Delivery& place, Deadline deadline) override {
    return sink_->Read(place, deadline);
  }
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override {
    return sink_->ReadAll(places, deadline);
  }
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override {
    return sink_->Recorded(ats, deadline);
  }
  absl::Status Check(const Delivery& place, Deadline deadline) override {
    return sink_->Check(place, deadline);
  }
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override {
    return sink_->Put(place, value, record, expected, deadline);
  }
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override {
    return sink_->Remove(place, expected, deadline);
  }
  void Tidy(absl::Span<const Delivery* const> places,
            Deadline deadline) override {
    sink_->Tidy(places, deadline);
  }

  // All of them, although one fails: they know nothing of each other.
  absl::StatusOr<std::vector<std::string>> After(
      const std::vector<Delivery>& places, Deadline deadline) override {
    absl::StatusOr<std::vector<std::string>> done =
        sink_->After(places, deadline);
    absl::Status failed = done.status();
    std::vector<std::string> lines;
    if (done.ok()) lines = *std::move(done);
    if (deadline <= machine_.clock->Monotonic()) {
      return absl::DeadlineExceededError("not called: there was no time left");
    }
    const std::vector<std::string> addresses = AddressesOf(places);
    const Deadline soon =
        std::min(deadline, patform::After(*machine_.clock, kPatience));
    if (!command_.empty()) {
      failed.Update(Run(addresses, soon));
      lines.push_back(absl::StrCat("ran ", command_.front()));
    }
    if (webhook_ != nullptr) {
      failed.Update(Call(addresses, soon));
      lines.push_back("called the webhook");
    }
    if (!failed.ok()) return failed;
    return lines;
  }

 private:
  // What the program prints is shown to nobody: it may have read the store.
  absl::Status Run(const std::vector<std::string>& addresses,
                   Deadline deadline) {
    ProgramCall call;
    call.words = command_;
    call.variables = {
        absl::StrCat("PATFORM_SINK=", name_),
        absl::StrCat("PATFORM_PLACES=", absl::StrJoin(addresses, "\n"))};
    const absl::StatusOr<ProgramResult> result =
        machine_.programs->Run(call, deadline);
    if (!result.ok()) {
      return Annotate(result.status(),
                      absl::StrCat(kExec, " ", Visible(command_.front())));
    }
    if (result->exit_code == 0) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat(kExec, " ", Visible(command_.front()),
                     " ended with exit code ", result->exit_code));
  }

  // Names alone, so that a webhook of a chat needs no trust.
  absl::Status Call(const std::vector<std::string>& addresses,
                    Deadline deadline) {
    const Purpose purpose = {kWebhook};
    http::Request request;
    request.method = "POST";
    request.url = webhook_->At("");
    request.content_type = "application/json";
    request.body.Append("{\"event\":\"delivered\",\"sink\":");
    http::AppendJson(request.body, name_);
    request.body.Append(",\"places\":[");
    for (size_t i = 0; i < addresses.size(); ++i) {
      if (i > 0) request.body.Append(",");
      http::AppendJson(request.body, addresses[i]);
    }
    request.body.Append("]}");
    PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                             webhook_->Send(request, purpose, deadline));
    if (answer.status >= 200 && answer.status < 300) return absl::OkStatus();
    return webhook_->Refused(answer, purpose, "");
  }

  const std::string name_;
  const Machine& machine_;
  const std::unique_ptr<SecretSink> sink_;
  const std::vector<std::string> command_;    // empty: none
  const std::unique_ptr<RestStore> webhook_;  // null: none
};

}  // namespace

const std::vector<SettingKey>& AfterKeys() {
  using Kind = SettingKey::Kind;
  static const auto& keys = *new std::vector<SettingKey>{
      {kExec, Kind::kList, false,
       "A program to run after a delivery; the operator has to allow it."},
      {kWebhook, Kind::kText, false,
       "An address to call after a delivery; the operator has to allow its "
       "host."}};
  return keys;
}

// Refused when the sink is opened, before anything is minted: a consumer that
// is never told of a new secret fails when the old one ends.
absl::StatusOr<std::unique_ptr<SecretSink>> WithAfter(
    const Opening& opening, std::unique_ptr<SecretSink> sink) {
  std::vector<std::string> command;
  const auto exec = opening.config.settings.find(kExec);
  if (exec != opening.config.settings.end()) {
    command = std::get<std::vector<std::string>>(exec->second);
  }
  if (!command.empty() && !opening.machine.grants->programs) {
    return absl::PermissionDeniedError(absl::StrCat(
        "sink \"", Visible(opening.config.name), "\": ", kExec,
        " names a program, and nobody allowed programs. If it is yours, allow "
        "it: --allow-programs or PATFORM_ALLOW_PROGRAMS"));
  }
  std::unique_ptr<RestStore> webhook;
  const std::string address = opening.config.Text(kWebhook);
  if (!address.empty()) {
    PATFORM_ASSIGN_OR_RETURN(
        webhook, RestStore::Make(opening.config, address, {}, opening.machine));
  }
  if (command.empty() && webhook == nullptr) return sink;
  return std::make_unique<FollowedSink>(opening, std::move(sink),
                                        std::move(command), std::move(webhook));
}

}  // namespace patform::sinks
