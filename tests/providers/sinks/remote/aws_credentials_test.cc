#include "providers/sinks/remote/aws_credentials.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"

namespace patform::sinks {
namespace {

constexpr char kCredentials[] =
    "# of the AWS CLI\n"
    "[default]\n"
    "aws_access_key_id = AKIDEFAULT\n"
    "aws_secret_access_key=of default\n"
    "\n"
    "[ ops ]\n"
    "AWS_ACCESS_KEY_ID = ASIAOPS\r\n"
    "aws_secret_access_key = of ops \n"
    "aws_session_token = a/session==\n"
    "[half]\n"
    "aws_access_key_id = AKIHALF\n";
constexpr char kConfig[] =
    "[profile ops]\nregion = eu-west-1\n"
    "[profile sso]\nsso_session = contoso\n"
    "[profile tool]\n"
    "credential_process = /opt/bin/keys --for \"two words\"\n";

class FakePrograms : public Programs {
 public:
  absl::StatusOr<ProgramResult> Run(const ProgramCall& call,
                                    Deadline) override {
    words = call.words;
    ProgramResult copy;
    copy.exit_code = exit_code;
    copy.out = Secret(out);
    copy.errors = "a secret of its own";
    return copy;
  }
  std::vector<std::string> words;
  std::string out;
  int exit_code = 0;
};

class AwsCredentialsTest : public testing::Test {
 protected:
  AwsCredentialsTest() {
    config_.name = "aws";
    config_.settings["region"] = std::string("eu-west-1");
    variables_["HOME"] = "/home/ada";
    files_["/home/ada/.aws/credentials"] = kCredentials;
    files_["/home/ada/.aws/config"] = kConfig;
    machine_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
    machine_.read_secret =
        [this](const std::string& path) -> absl::StatusOr<Secret> {
      const auto found = files_.find(path);
      if (found == files_.end()) {
        return absl::NotFoundError(absl::StrCat("reading ", path, ": gone"));
      }
      return Secret(found->second);
    };
    machine_.clock = &clock_;
    machine_.grants = &grants_;
    machine_.programs = &programs_;
    machine_.new_transport = [this] { return server_.NewTransport(); };
    machine_.random = [] { return uint64_t{1}; };
  }

  // "ID / secret / session", or the error's message.
  std::string Dump() {
    AwsCredentials credentials(config_, machine_);
    return Dump(credentials);
  }
  std::string Dump(AwsCredentials& credentials) {
    const auto keys = credentials.Keys(After(clock_, absl::Seconds(30)));
    if (!keys.ok()) {
      code_ = keys.status().code();
      return std::string(keys.status().message());
    }
    return absl::StrCat(keys->id, " / ", std::string(keys->secret.Reveal()),
                        " / ", std::string(keys->session_token.Reveal()));
  }

  FakeClock clock_{absl::FromUnixSeconds(1796000000)};
  http::FakeServer server_;
  Grants grants_;
  FakePrograms programs_;
  Machine machine_;
  SinkConfig config_;
  std::map<std::string, std::string> variables_, files_;
  absl::StatusCode code_ = absl::StatusCode::kOk;
};

TEST_F(AwsCredentialsTest, TheFirstThatThereIs) {
  EXPECT_EQ(Dump(), "AKIDEFAULT / of default / ");
  variables_["AWS_PROFILE"] = "ops";
  EXPECT_EQ(Dump(), "ASIAOPS / of ops / a/session==");
  variables_["AWS_ACCESS_KEY_ID"] = "AKIENV";
  EXPECT_EQ(Dump(),
            "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not. Set both");
  variables_["AWS_SECRET_ACCESS_KEY"] = "of the environment";
  EXPECT_EQ(Dump(), "AKIENV / of the environment / ");
  config_.settings["profile"] = std::string("ops");
  EXPECT_EQ(Dump(), "ASIAOPS / of ops / a/session==");
  files_["/elsewhere"] = "[ops]\naws_access_key_id=X\naws_secret_access_key=Y";
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = "/elsewhere";
  EXPECT_EQ(Dump(), "X / Y / ");
}

TEST_F(AwsCredentialsTest, WhatIsMissing) {
  config_.settings["profile"] = std::string("half");
  EXPECT_EQ(Dump(),
            "the profile \"half\" of /home/ada/.aws/credentials has a key "
            "without its secret");
  EXPECT_EQ(code_, absl::StatusCode::kUnauthenticated);
  config_.settings["profile"] = std::string("sso");
  EXPECT_EQ(Dump(),
            "the profile \"sso\" has neither keys nor a credential_process. If "
            "the AWS CLI can use it: eval \"$(aws configure "
            "export-credentials --profile sso --format env)\"");
  config_.settings["profile"] = std::string("nope");
  EXPECT_EQ(Dump(),
            "there are no credentials for AWS: no AWS_ACCESS_KEY_ID, no "
            "AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, and no profile "
            "\"nope\" in /home/ada/.aws/credentials or /home/ada/.aws/config");
}

TEST_F(AwsCredentialsTest, AProgramThatTheOperatorAllows) {
  config_.settings["profile"] = std::string("tool");
  EXPECT_EQ(Dump(),
            "the credential_process of the profile \"tool\" is a program. "
            "Where you trust it: --allow-programs, or "
            "PATFORM_ALLOW_PROGRAMS=1");
  EXPECT_EQ(code_, absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(programs_.words.empty());
  grants_.programs = true;
  programs_.out = R"({"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"s",)"
                  R"("SessionToken":"t","Expiration":"2026-11-30T03:00:00Z"})";
  EXPECT_EQ(Dump(), "ASIA1 / s / t");
  EXPECT_EQ(programs_.words,
            (std::vector<std::string>{"/opt/bin/keys", "--for", "two words"}));
  programs_.out = R"({"Version":1,"AccessKeyId":"ASIA1"})";
  EXPECT_EQ(Dump(),
            "the credential_process of the profile \"tool\" printed no "
            "credentials");
  programs_.exit_code = 3;
  EXPECT_EQ(Dump(),
            "the credential_process of the profile \"tool\" failed with exit "
            "code 3");
}

std::string Assumed(const std::string& id, const std::string& end) {
  return absl::StrCat(
      "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>"
      "<Credentials>\n<SessionToken>t/1=</SessionToken><SecretAccessKey>s"
      "</SecretAccessKey><Expiration>",
      end, "</Expiration><AccessKeyId>", id,
      "</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"
      "</AssumeRoleWithWebIdentityResponse>");
}

TEST_F(AwsCredentialsTest, ARoleByATokenOfOidc) {
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/run/token";
  variables_["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/pf";
  EXPECT_EQ(Dump(),
            "the token that AWS_WEB_IDENTITY_TOKEN_FILE names cannot be read: "
            "reading /run/token: gone");
  files_["/run/token"] = "eyJh.eyJz.c2ln\n";
  server_.Answer(200, Assumed("ASIA1", "2026-11-30T01:53:20Z"));
  AwsCredentials credentials(config_, machine_);
  EXPECT_EQ(Dump(credentials), "ASIA1 / s / t/1=");
  // From memory, until shortly before the end.
  clock_.Tick(absl::Minutes(54));
  EXPECT_EQ(Dump(credentials), "ASIA1 / s / t/1=");
  EXPECT_EQ(server_.exchanges().size(), 1u);
  clock_.Tick(absl::Minutes(2));
  server_.Answer(200, Assumed("ASIA2", "2026-11-30T02:53:20Z"));
  EXPECT_EQ(Dump(credentials), "ASIA2 / s / t/1=");
  const http::FakeServer::Exchange& sent = server_.exchanges().front();
  EXPECT_EQ(sent.Line(), "POST sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(sent.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn="
            "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpf&RoleSessionName="
            "patform&WebIdentityToken=eyJh.eyJz.c2ln");
}

TEST_F(AwsCredentialsTest, ARoleThatIsRefused) {
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/run/token";
  variables_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pf";
  files_["/run/token"] = "eyJh.eyJz.c2ln";
  server_.Answer(
      403,
      "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
      "<Message>Not authorized to perform "
      "sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>");
  EXPECT_EQ(Dump(),
            "sink \"aws\": signing in to AWS as arn:aws:iam::1:role/pf: "
            "sts.eu-west-1.amazonaws.com answered 403: AccessDenied: Not "
            "authorized to perform sts:AssumeRoleWithWebIdentity");
  EXPECT_EQ(code_, absl::StatusCode::kUnauthenticated);
  variables_["AWS_ENDPOINT_URL_STS"] = "https://sts.evil.example";
  EXPECT_EQ(Dump(),
            "sink \"aws\": nothing was sent to sts.evil.example, which the "
            "configuration names. If it is yours, allow it: --allow-host "
            "sts.evil.example or PATFORM_ALLOW_HOSTS");
}

}  // namespace
}  // namespace patform::sinks
