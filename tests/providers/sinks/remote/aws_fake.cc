#include "tests/providers/sinks/remote/aws_fake.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

http::Response Reply(int status, const json::object& body) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/x-amz-json-1.1"}};
  response.body = Secret(json::serialize(body));
  return response;
}

http::Response Refuse(const std::string& type, const std::string& message) {
  return Reply(400, {{"__type", type}, {"message", message}});
}

http::Response Invalid(const std::string& what) {
  return Refuse("InvalidParameterException", what);
}

std::string Text(const json::object& body, const char* name) {
  const json::value* member = body.if_contains(name);
  if (member == nullptr) return "";
  return std::string(member->as_string().data(), member->as_string().size());
}

bool Allowed(const std::string& text, size_t most, const char* marks) {
  return text.size() <= most &&
         std::all_of(text.begin(), text.end(), [marks](unsigned char c) {
           return isalnum(c) != 0 ||
                  std::string_view(marks).find(static_cast<char>(c)) !=
                      std::string_view::npos;
         });
}

// "": they can be added.
std::string TagsFault(const json::object& body,
                      std::map<std::string, std::string>& tags) {
  const json::value* list = body.if_contains("Tags");
  if (list == nullptr) return "";
  for (const json::value& tag : list->as_array()) {
    const std::string key = Text(tag.as_object(), "Key");
    const std::string value = Text(tag.as_object(), "Value");
    constexpr char kMarks[] = " +-=._:/@";
    if (key.empty() || !Allowed(key, 128, kMarks) || key.starts_with("aws:") ||
        !Allowed(value, 256, kMarks) || value.starts_with(' ') ||
        value.ends_with(' ')) {
      return absl::StrCat("the tag ", key, " has a value that is not allowed");
    }
    tags[key] = value;
  }
  return tags.size() > 50 ? "more than 50 tags" : "";
}

std::string Target(const http::Request& request) {
  for (const http::Header& header : request.headers) {
    constexpr std::string_view kService = "secretsmanager.";
    if (header.name == "X-Amz-Target" && header.value.starts_with(kService)) {
      return header.value.substr(kService.size());
    }
  }
  return "";
}

constexpr char kDeleted[] =
    "You can't perform this operation on the secret because it was marked for "
    "deletion.";

}  // namespace

bool AwsOnlyReads(const http::Request& request) {
  const std::string target = Target(request);
  return target == "DescribeSecret" || target == "ListSecrets";
}

std::string AwsFake::Kept::With(const std::string& label) const {
  for (const auto& [id, version] : versions) {
    if (version.labels.contains(label)) return id;
  }
  return "";
}

http::Response AwsFake::Answer(const http::Request& request) {
  std::string authorization;
  for (const http::Header& header : request.headers) {
    if (header.name == "Authorization") authorization = header.value;
  }
  if (authorization.find("/eu-west-1/secretsmanager/aws4_request, "
                         "SignedHeaders=content-type;host;x-amz-date;"
                         "x-amz-security-token;x-amz-target, Signature=") ==
      std::string::npos) {
    return Refuse("IncompleteSignature", authorization);
  }
  if (request.method != "POST" || request.url.target != "/" ||
      request.content_type != "application/x-amz-json-1.1") {
    return Refuse("UnknownOperationException", "");
  }
  const std::string action = Target(request);
  actions.push_back(action);
  if (auto& next = refusals[action]; !next.empty()) {
    const auto [type, message] = next.front();
    next.erase(next.begin());
    return Refuse(type, message);
  }
  const std::string_view body = request.body.Reveal();
  http::Response answer =
      Do(action,
         json::parse(json::string_view(body.data(), body.size())).as_object());
  answer.headers.push_back(
      {"Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                clock->Now() + ahead, absl::UTCTimeZone())});
  return answer;
}

http::Response AwsFake::Do(const std::string& action,
                           const json::object& body) {
  if (action == "ListSecrets") return List(body);
  if (action == "CreateSecret") {
    const std::string name = Text(body, "Name");
    if (name.empty() || !Allowed(name, 512, "/_+=.@-")) return Invalid("Name");
    const auto [at, made] = secrets.try_emplace(name);
    Kept& kept = at->second;
    const bool again =
        !made && kept.versions.contains(Text(body, "ClientRequestToken"));
    if (kept.deleted) {
      return Refuse("InvalidRequestException",
                    "You can't create this secret because a secret with this "
                    "name is already scheduled for deletion.");
    }
    if (!made && !again) {
      return Refuse("ResourceExistsException", "The secret already exists.");
    }
    std::map<std::string, std::string> tags;
    const std::string fault = TagsFault(body, tags);
    http::Response put = fault.empty() ? Put(kept, body) : Invalid(fault);
    if (put.status != 200 && made) secrets.erase(at);
    if (put.status == 200 && made) secrets[name].tags = tags;
    return put;
  }
  const std::string name = Text(body, "SecretId");
  const auto found = secrets.find(name);
  if (found == secrets.end()) {
    return Refuse("ResourceNotFoundException",
                  "Secrets Manager can't find the specified secret.");
  }
  Kept& kept = found->second;
  if (action == "DescribeSecret") {
    return Reply(200, Described(name, kept, "VersionIdsToStages"));
  }
  if (action == "RestoreSecret") {
    kept.deleted = false;
    return Reply(200, {{"Name", name}});
  }
  if (kept.deleted) return Refuse("InvalidRequestException", kDeleted);
  kept.changed = clock->Now();
  if (action == "PutSecretValue") return Put(kept, body);
  if (action == "UpdateSecretVersionStage") return Move(kept, body);
  if (action == "TagResource") {
    std::map<std::string, std::string> tags = kept.tags;
    if (const std::string fault = TagsFault(body, tags); !fault.empty()) {
      return Invalid(fault);
    }
    kept.tags = tags;
    return Reply(200, {});
  }
  if (action == "DeleteSecret") {
    const int64_t days = body.at("RecoveryWindowInDays").as_int64();
    if (days < 7 || days > 30) return Invalid("RecoveryWindowInDays");
    kept.deleted = true;
    return Reply(200, {{"Name", name}});
  }
  return Refuse("UnknownOperationException", action);
}

http::Response AwsFake::Put(Kept& kept, const json::object& body) {
  const std::string id = Text(body, "ClientRequestToken");
  const std::string value = Text(body, "SecretString");
  if (id.size() < 32 || id.size() > 64) return Invalid("ClientRequestToken");
  if (value.empty() || value.size() > 65536) return Invalid("SecretString");
  if (const auto same = kept.versions.find(id); same != kept.versions.end()) {
    if (same->second.value == value) return Reply(200, {{"VersionId", id}});
    return Refuse("ResourceExistsException",
                  "the token is in use for a version");
  }
  std::set<std::string> labels;
  if (const json::value* list = body.if_contains("VersionStages")) {
    for (const json::value& label : list->as_array()) {
      labels.insert(json::value_to<std::string>(label));
    }
  }
  if (labels.empty() || kept.versions.empty()) labels.insert("AWSCURRENT");
  const std::string before = kept.With("AWSCURRENT");
  for (const std::string& label : labels) {
    const std::string from = kept.With(label);
    if (!from.empty()) kept.versions[from].labels.erase(label);
  }
  if (labels.contains("AWSCURRENT") && !before.empty()) {
    const std::string previous = kept.With("AWSPREVIOUS");
    if (!previous.empty()) kept.versions[previous].labels.erase("AWSPREVIOUS");
    kept.versions[before].labels.insert("AWSPREVIOUS");
  }
  kept.versions[id] = {value, labels};
  kept.changed = clock->Now();
  return Reply(200, {{"VersionId", id}});
}

http::Response AwsFake::Move(Kept& kept, const json::object& body) {
  const std::string label = Text(body, "VersionStage");
  const std::string from = Text(body, "RemoveFromVersionId");
  const std::string to = Text(body, "MoveToVersionId");
  // Taken away, and given to no other.
  const bool away = body.if_contains("MoveToVersionId") == nullptr;
  if (away && label == "AWSCURRENT") {
    return Invalid(
        "You can only move staging label AWSCURRENT to a different secret "
        "version. It can't be completely removed.");
  }
  if (!away && !kept.versions.contains(to)) return Invalid("no such version");
  if (const std::string at = kept.With(label); at != from) {
    return Invalid(absl::StrCat(
        "The parameter RemoveFromVersionId is not valid. Staging label ", label,
        " is currently attached to version ", at));
  }
  kept.versions[from].labels.erase(label);
  if (away) return Reply(200, {});
  kept.versions[to].labels.insert(label);
  const std::string previous = kept.With("AWSPREVIOUS");
  if (!previous.empty()) kept.versions[previous].labels.erase("AWSPREVIOUS");
  kept.versions[from].labels.insert("AWSPREVIOUS");
  return Reply(200, {});
}

// In pages of two, so that pages are seen.
http::Response AwsFake::List(const json::object& body) {
  const json::object& filter = body.at("Filters").as_array().at(0).as_object();
  const std::string prefix =
      json::value_to<std::string>(filter.at("Values").as_array().at(0));
  if (Text(filter, "Key") != "tag-key" ||
      body.at("MaxResults").as_int64() > 100) {
    return Invalid("Filters");
  }
  const std::string after = Text(body, "NextToken");
  json::array list;
  std::string next;
  for (const auto& [name, kept] : secrets) {
    const bool tagged = std::any_of(
        kept.tags.begin(), kept.tags.end(),
        [&](const auto& tag) { return tag.first.starts_with(prefix); });
    if (name <= after || kept.deleted || !tagged) continue;
    if (list.size() == 2) {
      next = Text(list.back().as_object(), "Name");
      break;
    }
    list.push_back(Described(name, kept, "SecretVersionsToStages"));
  }
  json::object answer = {{"SecretList", list}};
  if (!next.empty()) answer["NextToken"] = next;
  return Reply(200, answer);
}

json::object AwsFake::Described(const std::string& name, const Kept& kept,
                                const char* versions) const {
  json::array tags;
  for (const auto& [key, value] : kept.tags) {
    tags.push_back(json::object{{"Key", key}, {"Value", value}});
  }
  json::object stages;
  for (const auto& [id, version] : kept.versions) {
    if (version.labels.empty()) continue;
    stages[id] = json::value_from(version.labels);
  }
  json::object answer = {
      {"Name", name},
      {"LastChangedDate",
       absl::ToDoubleSeconds(kept.changed - absl::UnixEpoch())},
      {"Tags", tags},
      {versions, stages}};
  if (kept.deleted) answer["DeletedDate"] = 1.7e9;
  for (const auto& member : kept.more) answer.insert(member);
  return answer;
}

std::optional<std::string> AwsFake::Served(const Delivery& place) const {
  const auto found = secrets.find(place.at);
  if (found == secrets.end() || found->second.deleted) return std::nullopt;
  const std::string current = found->second.With("AWSCURRENT");
  if (current.empty()) return std::nullopt;
  return found->second.versions.at(current).value;
}

// As the console and the CLI do it: with a version id of their own.
void AwsFake::WriteAsOther(const Delivery& place, const std::string& value) {
  Put(secrets[place.at],
      {{"ClientRequestToken",
        absl::StrCat("2f0e5c1a-0000-4000-8000-00000000000", others_++)},
       {"SecretString", value}});
}

}  // namespace patform::sinks
