#include "providers/sinks/remote/aws_wire.h"

#include <boost/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/remote/aws_errors.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr char kService[] = "secretsmanager";
// A label that keeps a version from being thrown away before it is served.
constexpr char kStagedLabel[] = "patform-next";

// Bodies are built by appending to memory that is wiped: a serializer would
// leave copies of the value in its own.

// {"name":"text", and so on, without the closing brace: the caller may add
// members that are not texts, and Call() closes it.
Secret Members(
    std::initializer_list<std::pair<const char*, std::string_view>> members) {
  Secret body("{");
  bool first = true;
  for (const auto& [name, text] : members) {
    if (!first) body.Append(",");
    first = false;
    http::AppendJson(body, name);
    body.Append(":");
    http::AppendJson(body, text);
  }
  return body;
}

// A list of tags is at the end of each body that has one. Order does not
// matter to AWS; here it is that of the names.
void AppendTags(const AwsTags& tags, Secret& body) {
  body.Append(",\"Tags\":[");
  bool first = true;
  for (const auto& [name, value] : tags) {
    if (!first) body.Append(",");
    first = false;
    Secret tag = Members({{"Key", name}, {"Value", value}});
    body.Append(tag.Reveal());
    body.Append("}");
  }
  body.Append("]");
}

// Seconds since 1970, with a fraction or without. InfinitePast(): AWS does not
// tell, so nothing is young because of it.
absl::Time TimeIn(const json::object& object, const char* key) {
  const json::value* member = object.if_contains(key);
  if (member == nullptr || !member->is_number()) return absl::InfinitePast();
  return absl::UnixEpoch() + absl::Seconds(member->to_number<double>());
}

// `versions`: the member with the versions and their labels, which the two
// calls name differently.
absl::StatusOr<AwsSecret> Parsed(const json::object& object,
                                 const char* versions,
                                 const std::string& region) {
  AwsSecret secret;
  secret.name = std::string(http::TextMember(object, "Name"));
  if (secret.name.empty()) return absl::DataLossError("a secret has no name");
  secret.changed = TimeIn(object, "LastChangedDate");
  // The members that do not apply are absent, and null from some servers.
  const json::value* deleted = object.if_contains("DeletedDate");
  secret.deleted = deleted != nullptr && !deleted->is_null();
  const json::value* rotated = object.if_contains("RotationEnabled");
  secret.rotated = rotated != nullptr && *rotated == json::value(true);
  secret.owning_service =
      std::string(http::TextMember(object, "OwningService"));
  const std::string_view primary = http::TextMember(object, "PrimaryRegion");
  // Of a primary secret with copies elsewhere it is this very region.
  if (primary != region) secret.primary_region = std::string(primary);
  const json::value* tags = object.if_contains("Tags");
  if (tags != nullptr && tags->is_array()) {
    for (const json::value& tag : tags->get_array()) {
      if (!tag.is_object()) continue;
      secret.tags[std::string(http::TextMember(tag.get_object(), "Key"))] =
          std::string(http::TextMember(tag.get_object(), "Value"));
    }
  }
  const json::value* stages = object.if_contains(versions);
  if (stages == nullptr || !stages->is_object()) return secret;
  for (const auto& [version, labels] : stages->get_object()) {
    if (!labels.is_array()) continue;
    for (const json::value& label : labels.get_array()) {
      if (label == json::value("AWSPREVIOUS")) {
        secret.previous.assign(version.data(), version.size());
      }
      if (label != json::value("AWSCURRENT")) continue;
      // A label is on one version. Which of two is served, nobody knows.
      if (!secret.current.empty()) {
        return absl::DataLossError("two versions are AWSCURRENT");
      }
      secret.current.assign(version.data(), version.size());
    }
  }
  return secret;
}

// Whoever gives the keys was asked as often as makes sense: this request is not
// sent again for it.
absl::Status SignInFailed(const absl::Status& status) {
  if (absl::IsCancelled(status) || absl::IsPermissionDenied(status)) {
    return status;
  }
  return absl::UnauthenticatedError(status.message());
}

}  // namespace

// Signs each try by itself: one that had to wait would be refused as old, and
// the keys may have been renewed meanwhile.
class AwsSecretsManager::SigningTransport : public http::Transport {
 public:
  explicit SigningTransport(AwsSecretsManager& aws)
      : aws_(aws), inner_(aws.outer_.new_transport()) {}

  absl::StatusOr<http::Response> Send(const http::Request& request,
                                      Deadline deadline) override {
    const absl::StatusOr<AwsKeys> keys = aws_.credentials_.Keys(deadline);
    if (!keys.ok()) return SignInFailed(keys.status());
    // Of the request as it came: a second try must not have two signatures.
    http::Request copy;
    copy.method = request.method;
    copy.url = request.url;
    copy.headers = request.headers;
    copy.content_type = request.content_type;
    copy.body = request.body.Clone();
    copy.abandoned = request.abandoned;
    SignAws(*keys, {aws_.region_, kService}, aws_.outer_.clock->Now(), copy);
    absl::StatusOr<http::Response> answer = inner_->Send(copy, deadline);
    // The one refusal that patience helps against, in a status of its own.
    if (answer.ok() && answer->status == 400 &&
        IsAwsThrottling(
            AwsErrorOf(http::SecretJson(answer->body.Reveal(), kAwsLimits)))) {
      answer->status = 429;
    }
    return answer;
  }

 private:
  AwsSecretsManager& aws_;
  const std::unique_ptr<http::Transport> inner_;
};

std::string AwsRegionFault(std::string_view region) {
  // It becomes a part of a host's name, so it must not be able to end that or
  // to begin another. Which regions there are is not asked here: new ones come
  // every year.
  bool good = region.size() >= 6 && region.size() <= 32 &&
              absl::ascii_islower(static_cast<unsigned char>(region[0])) &&
              absl::ascii_isdigit(static_cast<unsigned char>(region.back()));
  for (const unsigned char c : region) {
    good =
        good && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-');
  }
  return good ? "" : "a region like eu-west-1";
}

// The region is checked here, too: a saved plan comes from elsewhere, and tests
// give any.
absl::StatusOr<std::string> AwsAddress(const SinkConfig& config) {
  const std::string region = config.Text("region");
  if (const std::string fault = AwsRegionFault(region); !fault.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("sink \"", Visible(config.name), "\": region \"",
                     Visible(config.Shown("region")), "\" is not ", fault));
  }
  const std::string endpoint = config.Text("endpoint");
  if (!endpoint.empty()) return endpoint;
  return absl::StrCat("https://", kService, ".", region, ".",
                      AwsDomain(region));
}

AwsSecretsManager::AwsSecretsManager(const SinkConfig& config,
                                     const Machine& machine)
    : outer_(machine),
      machine_(machine),
      credentials_(config, outer_),
      region_(config.Text("region")) {
  // RestStore sends, retries and keeps connections as for every store; each of
  // them signs.
  machine_.new_transport = [this] {
    return std::make_unique<SigningTransport>(*this);
  };
}

absl::StatusOr<std::unique_ptr<AwsSecretsManager>> AwsSecretsManager::Make(
    const SinkConfig& config, const Machine& machine) {
  PATFORM_ASSIGN_OR_RETURN(const std::string address, AwsAddress(config));
  const std::string region = config.Text("region");
  // Not *.amazonaws.com: buckets, gateways and machines of anybody are below
  // it. A VPC endpoint is somebody's, too, and needs the operator's word.
  std::vector<std::string> well_known;
  for (const char* service : {"secretsmanager", "secretsmanager-fips"}) {
    well_known.push_back(
        absl::StrCat(service, ".", region, ".", AwsDomain(region)));
  }
  std::unique_ptr<AwsSecretsManager> aws(
      new AwsSecretsManager(config, machine));
  PATFORM_ASSIGN_OR_RETURN(
      aws->store_, RestStore::Make(config, address, well_known, aws->machine_));
  return aws;
}

// `body`: everything but the closing brace.
// 2xx is 200 alone here. Whether a refusal is an error, the caller knows.
absl::StatusOr<http::Response> AwsSecretsManager::Call(
    const std::string& action, Secret body, const Purpose& purpose,
    Deadline deadline) {
  http::Request request;
  request.method = "POST";
  request.url = store_->At("/");
  request.headers = {{"X-Amz-Target", absl::StrCat(kService, ".", action)}};
  request.content_type = "application/x-amz-json-1.1";
  request.harmless_twice = true;
  request.body = std::move(body);
  request.body.Append("}");
  PATFORM_ASSIGN_OR_RETURN(http::Response answer,
                           store_->Send(request, purpose, deadline));
  const http::SecretJson parsed(answer.body.Reveal(), kAwsLimits);
  if (answer.status == 200) {
    // A proxy's page is not an answer of AWS.
    if (parsed.object() != nullptr) return answer;
    return store_->Malformed(purpose, "no JSON object");
  }
  return AwsRefusal(*store_, answer, parsed, purpose);
}

// Never GetSecretValue, nor BatchGetSecretValue: a plan works without the right
// to call them, and so does an apply.
absl::StatusOr<AwsSecret> AwsSecretsManager::Describe(const std::string& name,
                                                      Deadline deadline) {
  const Purpose purpose = {absl::StrCat("reading the record of ", name)};
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      Call("DescribeSecret", Members({{"SecretId", name}}), purpose, deadline));
  const http::SecretJson body(answer.body.Reveal(), kAwsLimits);
  absl::StatusOr<AwsSecret> secret =
      Parsed(*body.object(), "VersionIdsToStages", region_);
  // By a partial ARN AWS would answer with another secret; names have no colon,
  // so this is a proxy's or an emulator's mistake.
  if (!secret.ok() || secret->name != name) {
    return store_->Malformed(
        purpose, secret.ok() ? "another secret"
                             : std::string(secret.status().message()));
  }
  secret->now = http::DateOf(answer).value_or(store_->Now());
  return secret;
}

// The filter is a prefix, and AWS has no other that finds names of tags. What
// is scheduled for deletion is not listed.
absl::StatusOr<std::vector<AwsSecret>> AwsSecretsManager::List(
    const std::string& tag_prefix, std::string& next_token, Deadline deadline) {
  const Purpose purpose = {"listing secrets"};
  Secret body(
      "{\"MaxResults\":100,\"Filters\":[{\"Key\":\"tag-key\","
      "\"Values\":[");
  http::AppendJson(body, tag_prefix);
  body.Append("]}]");
  if (!next_token.empty()) {
    body.Append(",\"NextToken\":");
    http::AppendJson(body, next_token);
  }
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      Call("ListSecrets", std::move(body), purpose, deadline));
  const http::SecretJson parsed(answer.body.Reveal(), kAwsLimits);
  const json::value* list = parsed.object()->if_contains("SecretList");
  if (list == nullptr || !list->is_array()) {
    return store_->Malformed(purpose, "no list");
  }
  std::vector<AwsSecret> secrets;
  for (const json::value& entry : list->get_array()) {
    if (!entry.is_object()) continue;
    absl::StatusOr<AwsSecret> secret =
        Parsed(entry.get_object(), "SecretVersionsToStages", region_);
    // One that cannot be read hides no other.
    if (!secret.ok()) continue;
    secret->now = http::DateOf(answer).value_or(store_->Now());
    secrets.push_back(*std::move(secret));
  }
  next_token = std::string(http::TextMember(*parsed.object(), "NextToken"));
  return secrets;
}

// Value and record in one request. Without SecretString there would be a secret
// without a value; that is what Terraform makes, and not patform.
absl::Status AwsSecretsManager::Create(const std::string& name,
                                       const std::string& version,
                                       const Secret& value, const AwsTags& tags,
                                       const std::string& kms_key,
                                       Deadline deadline) {
  Secret body = Members({{"Name", name},
                         {"ClientRequestToken", version},
                         {"SecretString", value.Reveal()}});
  // Only here: a secret that exists keeps the key that its owner gave it.
  if (!kms_key.empty()) {
    body.Append(",\"KmsKeyId\":");
    http::AppendJson(body, kms_key);
  }
  AppendTags(tags, body);
  return Call("CreateSecret", std::move(body),
              {absl::StrCat("creating ", name), true}, deadline)
      .status();
}

// Of the same id and value AWS takes it for done; another value is refused. The
// label goes from whatever version a run before left it on.
absl::Status AwsSecretsManager::Stage(const std::string& name,
                                      const std::string& version,
                                      const Secret& value, Deadline deadline) {
  Secret body = Members({{"SecretId", name},
                         {"ClientRequestToken", version},
                         {"SecretString", value.Reveal()}});
  body.Append(",\"VersionStages\":[");
  http::AppendJson(body, kStagedLabel);
  body.Append("]");
  return Call("PutSecretValue", std::move(body),
              {absl::StrCat("writing ", name), true}, deadline)
      .status();
}

// Adds and replaces; tags of others stay. All of one request change at once or
// none does, and if not, the version's id shows it.
absl::Status AwsSecretsManager::Tag(const std::string& name,
                                    const AwsTags& tags, Deadline deadline) {
  Secret body = Members({{"SecretId", name}});
  AppendTags(tags, body);
  return Call("TagResource", std::move(body),
              {absl::StrCat("writing the record of ", name), true}, deadline)
      .status();
}

// AWSPREVIOUS follows by itself, to the version that AWSCURRENT came from.
absl::Status AwsSecretsManager::Promote(const std::string& name,
                                        const std::string& from,
                                        const std::string& to,
                                        Deadline deadline) {
  return Call(
             "UpdateSecretVersionStage",
             Members({{"SecretId", name},
                      {"VersionStage", "AWSCURRENT"},
                      {"RemoveFromVersionId", from},
                      {"MoveToVersionId", to}}),
             {absl::StrCat("making the new value of ", name, " current"), true},
             deadline)
      .status();
}

// Without MoveToVersionId the label goes to no other. AWS refuses it where the
// label is on another version by now, so a second try is harmless.
absl::Status AwsSecretsManager::Retire(const std::string& name,
                                       const std::string& version,
                                       Deadline deadline) {
  return Call("UpdateSecretVersionStage",
              Members({{"SecretId", name},
                       {"VersionStage", "AWSPREVIOUS"},
                       {"RemoveFromVersionId", version}}),
              {absl::StrCat("retiring the old value of ", name), true},
              deadline)
      .status();
}

// Not at once (ForceDeleteWithoutRecovery): what somebody wrote a moment before
// could not be had back.
absl::Status AwsSecretsManager::Delete(const std::string& name,
                                       Deadline deadline) {
  // The shortest time in which it can be had back.
  Secret body = Members({{"SecretId", name}});
  body.Append(",\"RecoveryWindowInDays\":7");
  return Call("DeleteSecret", std::move(body),
              {absl::StrCat("removing ", name), true}, deadline)
      .status();
}

// Of what is not scheduled for deletion it changes nothing.
absl::Status AwsSecretsManager::Restore(const std::string& name,
                                        Deadline deadline) {
  return Call("RestoreSecret", Members({{"SecretId", name}}),
              {absl::StrCat("restoring ", name), true}, deadline)
      .status();
}

}  // namespace patform::sinks
