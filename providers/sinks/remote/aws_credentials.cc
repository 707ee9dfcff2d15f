#include "providers/sinks/remote/aws_credentials.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"

namespace patform::sinks {
namespace {

// A request may be on its way for that long.
constexpr absl::Duration kBeforeEnd = absl::Minutes(5);
// A program that asks a person or a network. The call that needs the keys has
// a deadline of its own, which may be sooner.
constexpr absl::Duration kProgramTime = absl::Seconds(60);

std::string_view Trimmed(std::string_view text) {
  return StdView(absl::StripAsciiWhitespace(AbslView(text)));
}

// The keys of [section] in a file of the AWS CLI; views into `text`. nullopt:
// it has no such section. A section that is there twice is one, as for the
// CLI; lines of nested settings (s3 =, and indented ones below) are keys like
// others, which nobody asks for.
std::optional<std::map<std::string, std::string_view>> Section(
    std::string_view text, const std::string& section) {
  std::optional<std::map<std::string, std::string_view>> keys;
  bool inside = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      const size_t close = line.find(']');
      inside = close != std::string_view::npos &&
               Trimmed(line.substr(1, close - 1)) == section;
      if (inside && !keys) keys.emplace();
      continue;
    }
    const size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    (*keys)[absl::AsciiStrToLower(AbslView(Trimmed(line.substr(0, equals))))] =
        Trimmed(line.substr(equals + 1));
  }
  return keys;
}

// The value; "": the section has no such key.
std::string_view Find(const std::map<std::string, std::string_view>& keys,
                      const char* key) {
  const auto found = keys.find(key);
  return found == keys.end() ? std::string_view() : found->second;
}

// The words of a credential_process: spaces part them, but not within double
// quotes. No shell reads it; that is how the AWS CLI does it on Linux, too.
std::vector<std::string> Words(std::string_view command) {
  std::vector<std::string> words;
  bool quoted = false, open = false;
  for (const char c : command) {
    if (c == '"') {
      quoted = !quoted;
      if (!open) words.emplace_back();
      open = true;
    } else if (!quoted && (c == ' ' || c == '\t')) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
  }
  return words;
}

// The text of the first <name> of an answer of STS: base64, dates and ids,
// which need no escapes.
std::string_view Element(std::string_view xml, const std::string& name) {
  const std::string open = absl::StrCat("<", name, ">");
  const size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return "";
  const std::string_view rest = xml.substr(begin + open.size());
  const size_t end = rest.find('<');
  return end == std::string_view::npos ? "" : Trimmed(rest.substr(0, end));
}

// Keys of three sources have the same four parts; `expires`, in RFC 3339, may
// be absent.
absl::StatusOr<AwsKeys> Whole(std::string_view id, std::string_view secret,
                              std::string_view token,
                              std::string_view expires) {
  AwsKeys keys;
  keys.id = std::string(id);
  keys.secret = Secret(secret);
  keys.session_token = Secret(token);
  // The id becomes a header.
  if (keys.id.empty() || keys.secret.empty() || HasControl(keys.id)) {
    return absl::DataLossError("it has no access key");
  }
  if (!expires.empty() &&
      !absl::ParseTime(absl::RFC3339_full, std::string(expires), &keys.expires,
                       nullptr)) {
    return absl::DataLossError("the end of its keys is not a time");
  }
  return keys;
}

}  // namespace

// Its two partitions of the public internet; those of governments that have
// names of their own are reached by `endpoint`.
std::string AwsDomain(const std::string& region) {
  return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

std::string AwsCredentials::Variable(const char* name) const {
  return machine_.environment(name).value_or("");
}

absl::Status AwsCredentials::Unauthenticated(const std::string& why) const {
  return absl::UnauthenticatedError(why);
}

absl::StatusOr<AwsKeys> AwsCredentials::Keys(Deadline deadline) {
  // One thread asks, the others wait for what it got. Keys of a user have no
  // end: a file that changes meanwhile is read by the next run.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!kept_ || kept_->expires - machine_.clock->Now() < kBeforeEnd) {
    PATFORM_ASSIGN_OR_RETURN(kept_, Find(deadline));
  }
  return kept_->Clone();
}

// The order of the AWS SDKs: keys in the environment win over AWS_PROFILE. A
// profile that the configuration names wins over both, or two sinks could not
// go to two accounts.
absl::StatusOr<AwsKeys> AwsCredentials::Find(Deadline deadline) {
  const std::string profile = config_.Text("profile");
  if (!profile.empty()) return OfProfile(profile, deadline);
  if (const std::string id = Variable("AWS_ACCESS_KEY_ID"); !id.empty()) {
    const std::string secret = Variable("AWS_SECRET_ACCESS_KEY");
    if (secret.empty()) {
      return Unauthenticated(
          "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not. Set both");
    }
    return Whole(id, secret, Variable("AWS_SESSION_TOKEN"), "");
  }
  const std::string token = Variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  const std::string role = Variable("AWS_ROLE_ARN");
  if (!token.empty() && !role.empty()) {
    return OfWebIdentity(token, role, deadline);
  }
  const std::string chosen = Variable("AWS_PROFILE");
  return OfProfile(chosen.empty() ? "default" : chosen, deadline);
}

// Unsigned: the token is the proof. STS answers in XML. Its regional host, as
// the SDKs have it by now: the global one is one region's, and goes down with
// it.
absl::StatusOr<AwsKeys> AwsCredentials::OfWebIdentity(
    const std::string& token_file, const std::string& role, Deadline deadline) {
  const absl::StatusOr<Secret> token = machine_.read_secret(token_file);
  if (!token.ok()) {
    return Unauthenticated(
        absl::StrCat("the token that AWS_WEB_IDENTITY_TOKEN_FILE names cannot "
                     "be read: ",
                     token.status().message()));
  }
  const std::string region = config_.Text("region");
  const std::string host = absl::StrCat("sts.", region, ".", AwsDomain(region));
  const std::string other = Variable("AWS_ENDPOINT_URL_STS");
  PATFORM_ASSIGN_OR_RETURN(
      const std::unique_ptr<RestStore> sts,
      RestStore::Make(config_,
                      other.empty() ? absl::StrCat("https://", host) : other,
                      {host}, machine_));
  const std::string session = Variable("AWS_ROLE_SESSION_NAME");
  http::Request request;
  request.method = "POST";
  request.url = sts->At("/");
  request.content_type = "application/x-www-form-urlencoded";
  request.harmless_twice = true;
  request.body = Secret(absl::StrCat(
      "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=",
      PercentEncode(role),
      "&RoleSessionName=", PercentEncode(session.empty() ? "patform" : session),
      "&WebIdentityToken="));
  // A token of OIDC is base64url with dots: nothing to encode, and a copy of it
  // less. Anything else is not one.
  const std::string_view proof = Trimmed(token->Reveal());
  if (PercentEncode(proof).size() != proof.size()) {
    return Unauthenticated(
        "what AWS_WEB_IDENTITY_TOKEN_FILE names is not a token");
  }
  request.body.Append(proof);
  const Purpose purpose = {absl::StrCat("signing in to AWS as ", role)};
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           sts->Send(request, purpose, deadline));
  const std::string_view body = answer.body.Reveal();
  if (answer.status != 200) {
    std::string told(Element(body, "Code"));
    if (!told.empty()) {
      absl::StrAppend(&told, ": ", AbslView(Element(body, "Message")));
    }
    const absl::Status refused = sts->Refused(answer, purpose, told);
    // 4xx: this identity may not, or its token has ended. Another try does not
    // help, a new token or another trust policy does.
    if (answer.status >= 500 || answer.status == 429) return refused;
    return absl::UnauthenticatedError(refused.message());
  }
  absl::StatusOr<AwsKeys> keys =
      Whole(Element(body, "AccessKeyId"), Element(body, "SecretAccessKey"),
            Element(body, "SessionToken"), Element(body, "Expiration"));
  if (!keys.ok()) {
    return sts->Malformed(purpose, std::string(keys.status().message()));
  }
  return keys;
}

// Both files are read at each call, and kept no longer than it lasts. What the
// CLI could do with more (a role, SSO) is not done here: it takes a second
// client of AWS, and the CLI prints what comes of it.
absl::StatusOr<AwsKeys> AwsCredentials::OfProfile(const std::string& name,
                                                  Deadline deadline) {
  const std::string home = Variable("HOME");
  const auto path = [&](const char* variable, const char* usual) {
    const std::string given = Variable(variable);
    return given.empty() ? absl::StrCat(home, usual) : given;
  };
  // A profile may be in both files; what the first one has counts. Without HOME
  // the paths begin at the root, where nothing is found.
  const std::pair<std::string, std::string> files[] = {
      {path("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"), name},
      {path("AWS_CONFIG_FILE", "/.aws/config"),
       name == "default" ? name : absl::StrCat("profile ", name)}};
  bool known = false;
  for (const auto& [file, section] : files) {
    const absl::StatusOr<Secret> text = machine_.read_secret(file);
    if (absl::IsNotFound(text.status())) continue;
    // Unreadable is not absent: the other file could have other keys.
    if (!text.ok())
      return Unauthenticated(std::string(text.status().message()));
    const auto keys = Section(text->Reveal(), section);
    if (!keys) continue;
    known = true;
    if (const auto id = patform::sinks::Find(*keys, "aws_access_key_id");
        !id.empty()) {
      absl::StatusOr<AwsKeys> whole =
          Whole(id, patform::sinks::Find(*keys, "aws_secret_access_key"),
                patform::sinks::Find(*keys, "aws_session_token"), "");
      if (whole.ok()) return whole;
      return Unauthenticated(absl::StrCat("the profile \"", Visible(name),
                                          "\" of ", Visible(file),
                                          " has a key without its secret"));
    }
    if (const auto command = patform::sinks::Find(*keys, "credential_process");
        !command.empty()) {
      return OfProgram(name, Secret(command), deadline);
    }
  }
  if (!known) {
    return Unauthenticated(absl::StrCat(
        "there are no credentials for AWS: no AWS_ACCESS_KEY_ID, no "
        "AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, and no profile \"",
        Visible(name), "\" in ", Visible(files[0].first), " or ",
        Visible(files[1].first)));
  }
  return Unauthenticated(absl::StrCat(
      "the profile \"", Visible(name),
      "\" has neither keys nor a credential_process. If the AWS CLI can use "
      "it: eval \"$(aws configure export-credentials --profile ",
      Visible(name), " --format env)\""));
}

// The program is the operator's, in a file of theirs; but that it is run, a
// configuration decides, which names the profile or has a sink of this type.
absl::StatusOr<AwsKeys> AwsCredentials::OfProgram(const std::string& profile,
                                                  const Secret& command,
                                                  Deadline deadline) {
  const std::string which = absl::StrCat(
      "the credential_process of the profile \"", Visible(profile), "\"");
  if (!machine_.grants->programs) {
    return absl::PermissionDeniedError(
        absl::StrCat(which,
                     " is a program. Where you trust it: --allow-programs, or "
                     "PATFORM_ALLOW_PROGRAMS=1"));
  }
  ProgramCall call;
  call.words = Words(command.Reveal());
  const absl::StatusOr<ProgramResult> result = machine_.programs->Run(
      call, std::min(deadline, After(*machine_.clock, kProgramTime)));
  if (absl::IsCancelled(result.status())) return result.status();
  if (!result.ok()) {
    return Unauthenticated(
        absl::StrCat(which, " failed: ", result.status().message()));
  }
  if (result->exit_code != 0) {
    // What it wrote may hold keys, and is not shown.
    return Unauthenticated(
        absl::StrCat(which, " failed with exit code ", result->exit_code));
  }
  const http::SecretJson json(result->out.Reveal(), {64 << 10, 4});
  if (json.object() != nullptr) {
    const auto text = [&](const char* key) {
      return http::TextMember(*json.object(), key);
    };
    absl::StatusOr<AwsKeys> keys =
        Whole(text("AccessKeyId"), text("SecretAccessKey"),
              text("SessionToken"), text("Expiration"));
    if (keys.ok()) return keys;
  }
  return Unauthenticated(absl::StrCat(which, " printed no credentials"));
}

}  // namespace patform::sinks
