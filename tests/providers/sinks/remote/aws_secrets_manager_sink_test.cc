#include "providers/sinks/remote/aws_secrets_manager_sink.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/providers/sinks/remote/aws_fake.h"

namespace patform::sinks {
namespace {

using State = HeldRecord::State;

constexpr char kEndpoint[] =
    "https://vpce-0a1b.secretsmanager.eu-west-1.vpce.amazonaws.com";

Delivery Place(const std::string& at) {
  Delivery place;
  place.sink = "aws";
  place.at = at;
  return place;
}

ContractCase AwsCase() {
  ContractCase which;
  which.row = AwsSecretsManagerRow();
  which.config.name = "aws";
  which.config.type = "aws-secrets-manager";
  which.config.settings = {{"region", std::string("eu-west-1")},
                           {"endpoint", std::string(kEndpoint)}};
  which.grants.hosts = {
      "vpce-0a1b.secretsmanager.eu-west-1.vpce.amazonaws.com"};
  which.environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                       {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"},
                       {"AWS_SESSION_TOKEN", "a-session"}};
  which.place = Place("ado/ci-packaging");
  which.limits = {Place("a"), Place(std::string(512, 'n')),
                  Place("ado/team=a/mail@contoso.example+x_y.z-ending")};
  which.largest = 65536;
  which.only_reads = &AwsOnlyReads;
  which.store = [] { return std::make_unique<AwsFake>(); };
  return which;
}

// What goes is never what a record or a consumer needs.
ContractCase AwsThatKeepsNothing() {
  ContractCase which = AwsCase();
  which.config.settings["keep_versions"] = std::string("0s");
  return which;
}

INSTANTIATE_TEST_SUITE_P(AwsSecretsManager, SinkContract,
                         testing::Values(&AwsCase, &AwsThatKeepsNothing));

class AwsSinkTest : public testing::Test {
 protected:
  AwsSinkTest() : which_(AwsCase()), line_(std::make_unique<AwsFake>()) {
    machine_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      const auto found = which_.environment.find(name);
      if (found == which_.environment.end()) return std::nullopt;
      return found->second;
    };
    machine_.read_secret = [](const std::string&) -> absl::StatusOr<Secret> {
      return absl::NotFoundError("no such file");
    };
    machine_.clock = &line_.clock();
    machine_.grants = &which_.grants;
    machine_.new_transport = [this] { return line_.NewTransport(); };
    machine_.random = [] { return uint64_t{7}; };
    sink_ = Open();
  }

  std::unique_ptr<SecretSink> Open() {
    auto sink = which_.row.open({which_.config, nullptr, machine_});
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }

  SinkRecord Record(int n) {
    SinkRecord record;
    record.id = *AuthorizationId::Parse(
        absl::StrCat("00000000-0000-4000-8000-00000000000", n));
    record.generation = n;
    record.workspace = "platform";
    record.organization = "contoso";
    record.token = "CI · nightly";
    record.address = place_.Address();
    record.valid_to = absl::FromUnixSeconds(1798000000 + n);
    record.written_at = absl::FromUnixSeconds(1796000000 + n);
    return record;
  }

  absl::StatusOr<std::string> Put(int n, const std::string& expected) {
    return sink_->Put(place_, Secret(absl::StrCat("value ", n)), Record(n),
                      expected, Soon());
  }

  // Delivers from the first number to the last, an hour apart, and over what
  // others have written.
  void PutAll(int from, int to) {
    for (int n = from; n <= to; ++n) {
      SinkRecord record = Record(n);
      record.written_at = line_.clock().Now();
      const auto put =
          sink_->Put(place_, Secret(absl::StrCat("value ", n)), record,
                     sink_->Read(place_, Soon()).version, Soon());
      EXPECT_TRUE(put.ok()) << n << put.status();
      line_.clock().Tick(absl::Hours(1));
    }
  }

  void Keep(const std::string& span) {
    which_.config.settings["keep_versions"] = span;
    sink_ = Open();
  }

  // What it asks for.
  std::string Tidy(const Delivery& place) {
    fake().actions.clear();
    const std::vector<const Delivery*> places = {&place};
    sink_->Tidy(places, Soon());
    return absl::StrJoin(fake().actions, " ");
  }

  // What whoever asks by a label gets; "": nothing.
  std::string Labelled(const std::string& label) {
    const AwsFake::Kept& kept = fake().secrets[place_.at];
    const std::string version = kept.With(label);
    return version.empty() ? "" : kept.versions.at(version).value;
  }

  AwsFake& fake() { return static_cast<AwsFake&>(line_.store()); }
  Deadline Soon() { return After(line_.clock(), absl::Seconds(60)); }

  ContractCase which_;
  BadLine line_;
  Machine machine_;
  std::unique_ptr<SecretSink> sink_;
  const Delivery place_ = Place("ado/ci");
};

TEST_F(AwsSinkTest, WhatIsWrittenInWhichOrder) {
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(absl::StrJoin(fake().actions, " "), "DescribeSecret CreateSecret");
  fake().actions.clear();
  const auto second = Put(2, *first);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(absl::StrJoin(fake().actions, " "),
            "DescribeSecret TagResource PutSecretValue "
            "UpdateSecretVersionStage DescribeSecret");
  // The old one is there for whoever still asks for it.
  const AwsFake::Kept& kept = fake().secrets["ado/ci"];
  EXPECT_EQ(kept.With("AWSCURRENT"), *second);
  EXPECT_EQ(kept.With("AWSPREVIOUS"), *first);
  ASSERT_TRUE(Put(3, *second).ok());
  EXPECT_EQ(kept.versions.at(*first).labels.size(), 0u);
}

TEST_F(AwsSinkTest, TheRecordIsReadableAndItsDigestIsTheVersion) {
  ASSERT_TRUE(Put(1, "").ok());
  const AwsFake::Kept& kept = fake().secrets["ado/ci"];
  std::string dump;
  for (const auto& [name, value] : kept.tags) {
    absl::StrAppend(&dump, name, " = ", value, "\n");
  }
  EXPECT_EQ(dump,
            "patform-a-1 = address:aws:ado/ci format:1 generation:1 "
            "id:00000000-0000-4000-8000-000000000001 organization:contoso "
            "token:CI=20=C2=B7=20nightly valid-to:2026-12-23T04:26:41Z "
            "workspace:platform written-at:2026-11-30T00:53:21Z .\n");
  EXPECT_EQ(kept.With("AWSCURRENT"), RecordForAws(Record(1)).VersionId());
  EXPECT_EQ(kept.With("AWSCURRENT").size(), 48u);
}

// Whoever edits a tag makes no other record of it.
TEST_F(AwsSinkTest, AnEditedRecordIsNotBelieved) {
  const auto first = Put(1, "");
  AwsFake::Kept& kept = fake().secrets["ado/ci"];
  kept.tags["patform-a-1"].replace(0, 7, "ADDRESS");
  HeldRecord held = sink_->Read(place_, Soon());
  EXPECT_EQ(held.state, State::kUnknown);
  line_.clock().Tick(absl::Hours(1));
  held = sink_->Read(place_, Soon());
  EXPECT_EQ(held.state, State::kTorn);
  EXPECT_EQ(held.version, *first);
}

TEST_F(AwsSinkTest, AValueOfOthersIsForeignAtOnce) {
  const auto first = Put(1, "");
  fake().WriteAsOther(place_, "by hand");
  const HeldRecord held = sink_->Read(place_, Soon());
  EXPECT_EQ(held.state, State::kForeign);
  EXPECT_EQ(held.why.message(),
            "its current version 2f0e5c1a-0000-4000-8000-000000000000 is of "
            "another program");
  // Rolled back by hand: what is served again has its record.
  AwsFake::Kept& kept = fake().secrets["ado/ci"];
  kept.versions[held.version].labels = {"AWSPREVIOUS"};
  kept.versions[*first].labels = {"AWSCURRENT"};
  EXPECT_EQ(sink_->Read(place_, Soon()).record, Record(1));
}

// Between our commit and another run's: the loser has written its record into
// the place of ours.
TEST_F(AwsSinkTest, TheWinnersRecordStays) {
  const auto first = Put(1, "");
  const auto second = Put(2, *first);
  ASSERT_TRUE(second.ok());
  for (const auto& [name, value] : TagsOf(RecordForAws(Record(3)), 'b')) {
    fake().secrets["ado/ci"].tags[name] = value;
  }
  EXPECT_EQ(sink_->Read(place_, Soon()).state, State::kUnknown);
  // The same again, as after a lost answer, on what was expected then.
  const auto again = Put(2, *first);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *second);
  EXPECT_EQ(sink_->Read(place_, Soon()).record, Record(2));
}

// Terraform makes a secret, and leaves its value to others.
TEST_F(AwsSinkTest, FillsASecretThatHasNoValue) {
  fake().secrets["ado/ci"].tags["team"] = "platform";
  EXPECT_EQ(sink_->Read(place_, Soon()).state, State::kAbsent);
  EXPECT_EQ(sink_->Check(place_, Soon()), absl::OkStatus());
  const auto put = Put(1, "");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(fake().Served(place_), "value 1");
  EXPECT_EQ(sink_->Read(place_, Soon()).record, Record(1));
  EXPECT_EQ(fake().secrets["ado/ci"].tags["team"], "platform");
}

TEST_F(AwsSinkTest, DeletionIsScheduledAndUndone) {
  const auto first = Put(1, "");
  EXPECT_EQ(sink_->Remove(place_, *first, Soon()), absl::OkStatus());
  EXPECT_TRUE(fake().secrets["ado/ci"].deleted);
  EXPECT_EQ(sink_->Remove(place_, *first, Soon()).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(sink_->Check(place_, Soon()), absl::OkStatus());
  fake().actions.clear();
  const auto put = Put(2, "");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(absl::StrJoin(fake().actions, " "),
            "DescribeSecret RestoreSecret TagResource PutSecretValue "
            "UpdateSecretVersionStage DescribeSecret");
  EXPECT_EQ(fake().Served(place_), "value 2");
}

TEST_F(AwsSinkTest, WhatOthersScheduleForDeletionIsTheirs) {
  fake().WriteAsOther(place_, "by hand");
  fake().secrets["ado/ci"].deleted = true;
  const HeldRecord held = sink_->Read(place_, Soon());
  EXPECT_EQ(held.state, State::kForeign);
  EXPECT_EQ(held.why.message(),
            "it is scheduled for deletion, which keeps its name: wait, or "
            "restore it (aws secretsmanager restore-secret)");
  EXPECT_EQ(Put(1, "").status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(fake().secrets["ado/ci"].deleted);
  // With adopt = true.
  EXPECT_TRUE(Put(1, held.version).ok());
}

TEST_F(AwsSinkTest, RefusesWhatAwsWouldReplaceOrRefuse) {
  const auto first = Put(1, "");
  const std::pair<boost::json::object, const char*> rows[] = {
      {{{"RotationEnabled", true}},
       "\"ado/ci\" is rotated by a function of its own, which would replace "
       "the token. Turn that off: aws secretsmanager cancel-rotate-secret"},
      {{{"OwningService", "rds"}},
       "\"ado/ci\" is managed by rds, which alone may write it. Deliver to "
       "another secret."},
      {{{"PrimaryRegion", "us-east-1"}},
       "\"ado/ci\" is a copy of the secret in us-east-1. Write there: region = "
       "\"us-east-1\"."},
      {{{"PrimaryRegion", "eu-west-1"}, {"RotationEnabled", nullptr}}, ""}};
  for (const auto& [more, want] : rows) {
    fake().secrets["ado/ci"].more = more;
    EXPECT_EQ(sink_->Check(place_, Soon()).message(), want);
  }
  fake().secrets["ado/ci"].more = {{"RotationEnabled", true}};
  EXPECT_EQ(sink_->Read(place_, Soon()).caution,
            "AWS rotates \"ado/ci\" by a function of its own, which would "
            "replace the token. Turn that off: aws secretsmanager "
            "cancel-rotate-secret");
}

TEST_F(AwsSinkTest, OldVersionsLoseTheirLabel) {
  Keep("24h");
  PutAll(1, 2);
  const AwsFake::Kept& kept = fake().secrets["ado/ci"];
  const std::string first = kept.With("AWSPREVIOUS");
  line_.clock().Tick(absl::Hours(23) - absl::Minutes(1));
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 1");
  line_.clock().Tick(absl::Minutes(2));
  EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "");
  EXPECT_EQ(kept.versions.at(first).labels.size(), 0u);
  EXPECT_EQ(Labelled("AWSCURRENT"), "value 2");
  EXPECT_EQ(sink_->Read(place_, Soon()).record->generation, 2);
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  // The one that is superseded now has its time, too.
  PutAll(3, 3);
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 2");
}

TEST_F(AwsSinkTest, AwsTellsHowOldAVersionIs) {
  Keep("24h");
  PutAll(1, 2);
  line_.clock().Tick(absl::Hours(48));
  fake().ahead = absl::Hours(-48);
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  line_.clock().Tick(absl::Hours(-48));
  fake().ahead = absl::Hours(48);
  EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
}

TEST_F(AwsSinkTest, WithoutTheSettingTheLabelStays) {
  PutAll(1, 2);
  line_.clock().Tick(absl::Hours(24 * 365));
  EXPECT_EQ(Tidy(place_), "");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 1");
  // Whoever sets it later has nothing to prepare.
  Keep("24h");
  EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
}

// What was there before, and what others wrote in between, is not ours.
TEST_F(AwsSinkTest, OnlyItsOwnVersionsLoseTheLabel) {
  Keep("0s");
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  fake().WriteAsOther(place_, "before");
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  PutAll(1, 1);
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "before");
  PutAll(2, 2);
  fake().WriteAsOther(place_, "between");
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 2");
  PutAll(3, 3);
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "between");
  PutAll(4, 4);
  // Nobody is served it.
  fake().secrets["ado/ci"].deleted = true;
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  fake().secrets["ado/ci"].deleted = false;
  EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "");
  EXPECT_EQ(Labelled("AWSCURRENT"), "value 4");
}

// An attempt that died has left its record where that of the version before
// was; or somebody has edited that.
TEST_F(AwsSinkTest, WithoutItsRecordAVersionKeepsItsLabel) {
  Keep("0s");
  PutAll(1, 2);
  AwsFake::Kept& kept = fake().secrets["ado/ci"];
  for (const auto& [name, value] : TagsOf(RecordForAws(Record(3)), 'a')) {
    kept.tags[name] = value;
  }
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  kept.tags.erase("patform-a-1");
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  PutAll(4, 4);
  EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "");
}

// Somebody went back to the version before: when, no record knows.
TEST_F(AwsSinkTest, WhatSomebodyHasRolledBackStays) {
  Keep("0s");
  PutAll(1, 2);
  AwsFake::Kept& kept = fake().secrets["ado/ci"];
  const std::string first = kept.With("AWSPREVIOUS");
  kept.versions[kept.With("AWSCURRENT")].labels = {"AWSPREVIOUS"};
  kept.versions[first].labels = {"AWSCURRENT"};
  EXPECT_EQ(sink_->Read(place_, Soon()).record->generation, 1);
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 2");
}

TEST_F(AwsSinkTest, VersionsOfOtherConfigurationsKeepTheirLabel) {
  Keep("0s");
  // This one takes over what another workspace delivered, or another sink.
  for (const bool workspace : {true, false}) {
    SinkRecord record = Record(1);
    (workspace ? record.workspace : record.address) = "other";
    record.written_at = line_.clock().Now();
    ASSERT_TRUE(sink_
                    ->Put(place_, Secret("value 1"), record,
                          sink_->Read(place_, Soon()).version, Soon())
                    .ok());
    PutAll(2, 2);
    EXPECT_EQ(Tidy(place_), "DescribeSecret");
    EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 1");
  }
  PutAll(3, 3);
  Delivery other = place_;
  other.sink = "aws2";
  EXPECT_EQ(Tidy(other), "DescribeSecret");
  EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
}

TEST_F(AwsSinkTest, ALabelThatCannotBeTakenStays) {
  Keep("0s");
  PutAll(1, 2);
  for (const char* why : {"AccessDeniedException", "InvalidParameterException",
                          "ResourceNotFoundException"}) {
    fake().refusals["UpdateSecretVersionStage"] = {{why, "no"}};
    EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
    EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 1");
  }
  fake().refusals["DescribeSecret"] = {{"AccessDeniedException", "no"}};
  EXPECT_EQ(Tidy(place_), "DescribeSecret");
  PutAll(3, 3);
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "value 2");
  EXPECT_EQ(Tidy(place_), "DescribeSecret UpdateSecretVersionStage");
  EXPECT_EQ(Labelled("AWSPREVIOUS"), "");
}

TEST_F(AwsSinkTest, ASpanThatIsNone) {
  which_.config.settings["keep_versions"] = std::string("soon");
  const char* want =
      "INVALID_ARGUMENT: sink \"aws\": keep_versions \"soon\": expected a span "
      "such as \"24h\" or \"7d\"";
  const Opening opening = {which_.config, nullptr, machine_};
  EXPECT_EQ(which_.row.open(opening).status().ToString(), want);
  EXPECT_EQ(which_.row.open_reader(opening).status().ToString(), want);
}

// A role that may read and not write is found out before anything is minted.
TEST_F(AwsSinkTest, ChecksWhetherItMayWrite) {
  ASSERT_TRUE(Put(1, "").ok());
  fake().actions.clear();
  fake().refusals["UpdateSecretVersionStage"] = {
      {"AccessDeniedException",
       "User: arn:aws:iam::1:user/pf is not authorized to perform: "
       "secretsmanager:UpdateSecretVersionStage on resource: ado/ci"}};
  EXPECT_EQ(sink_->Check(place_, Soon()),
            absl::PermissionDeniedError(absl::StrCat(
                "sink \"aws\": making the new value of ado/ci current: ",
                std::string(kEndpoint).substr(8),
                " answered 400: AccessDeniedException: User: "
                "arn:aws:iam::1:user/pf is not authorized to perform: "
                "secretsmanager:UpdateSecretVersionStage on resource: "
                "ado/ci")));
  EXPECT_EQ(absl::StrJoin(fake().actions, " "),
            "DescribeSecret UpdateSecretVersionStage");
}

TEST_F(AwsSinkTest, ThrottlingIsMetWithPatience) {
  ASSERT_TRUE(Put(1, "").ok());
  fake().refusals["DescribeSecret"] = {
      {"ThrottlingException", "Rate exceeded"},
      {"com.amazonaws.secretsmanager#ThrottlingException", "Rate exceeded"}};
  const HeldRecord held = sink_->Read(place_, Soon());
  EXPECT_EQ(held.state, State::kPresent) << held.why;
  EXPECT_EQ(fake().refusals["DescribeSecret"].size(), 0u);
}

TEST_F(AwsSinkTest, WhatAnErrorMeans) {
  const std::string before =
      absl::StrCat("sink \"aws\": reading the record of ado/ci: ",
                   std::string(kEndpoint).substr(8), " answered 400: ");
  const struct {
    const char* type;
    const char* message;
    absl::StatusCode code;
    const char* want;
  } rows[] = {
      {"ExpiredTokenException", "The security token is expired",
       absl::StatusCode::kUnauthenticated,
       "ExpiredTokenException: The security token is expired. Sign in to AWS "
       "again"},
      {"UnrecognizedClientException", "The security token is invalid.",
       absl::StatusCode::kUnauthenticated,
       "UnrecognizedClientException: The security token is invalid.. The "
       "access key is not one of this partition of AWS, or was deleted"},
      {"InvalidSignatureException", "no match",
       absl::StatusCode::kUnauthenticated,
       "InvalidSignatureException: no match. Is AWS_SECRET_ACCESS_KEY the one "
       "of this key?"},
      {"DecryptionFailure", "kms", absl::StatusCode::kFailedPrecondition,
       "DecryptionFailure: kms. Its KMS key is disabled, or may not be used by "
       "this role"},
      {"SomethingNew", "", absl::StatusCode::kFailedPrecondition,
       "SomethingNew"},
  };
  for (const auto& row : rows) {
    fake().refusals["DescribeSecret"] = {{row.type, row.message}};
    const HeldRecord held = sink_->Read(place_, Soon());
    EXPECT_EQ(held.state, State::kUnknown);
    EXPECT_EQ(held.why, absl::Status(row.code, before + row.want));
  }
}

TEST_F(AwsSinkTest, ListsWhatHasARecord) {
  for (const char* at : {"a", "b", "c", "d"}) {
    SinkRecord record = Record(1);
    record.address = Place(at).Address();
    ASSERT_TRUE(sink_->Put(Place(at), Secret("v"), record, "", Soon()).ok());
  }
  fake().WriteAsOther(Place("b"), "by hand");
  fake().secrets["c"].deleted = true;
  fake().WriteAsOther(Place("e"), "by hand");
  std::string dump;
  for (const StrayPlace& stray : sink_->Recorded({}, Soon())) {
    absl::StrAppend(&dump, stray.place.at, " ", stray.held.record->address,
                    "\n");
  }
  EXPECT_EQ(dump, "a aws:a\nd aws:d\n");
  fake().refusals["ListSecrets"] = {{"AccessDeniedException", "no"}};
  EXPECT_EQ(sink_->Recorded({}, Soon()).size(), 0u);
}

TEST(AwsRowTest, NamesAndRegions) {
  const PlaceRules rules = AwsSecretsManagerRow().type.place;
  for (const char* good : {"a", "ado/ci", "A-Z_0+=.@/"}) {
    EXPECT_EQ(rules.at_fault(good), "") << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("arn:aws"),
        std::string("\xC3\xA9"), std::string(513, 'a')}) {
    EXPECT_EQ(rules.at_fault(bad), "1 to 512 letters, digits and /_+=.@-");
  }
  for (const char* region : {"eu-west-1", "us-gov-east-1", "cn-north-1"}) {
    EXPECT_EQ(AwsRegionFault(region), "");
  }
  for (const char* region :
       {"", "eu", "eu-west-1.evil.example/", "EU-WEST-1", "eu-west-1#1"}) {
    EXPECT_EQ(AwsRegionFault(region), "a region like eu-west-1") << region;
  }
}

TEST(AwsRowTest, AsksAwsAloneUnlessAllowed) {
  ContractCase which = AwsCase();
  Machine machine;
  Grants none;
  machine.grants = &none;
  machine.random = [] { return uint64_t{7}; };
  const Row row = AwsSecretsManagerRow();
  const struct {
    const char* region;
    const char* endpoint;
    const char* store;  // "": it may not be asked
  } rows[] = {
      {"eu-west-1", "",
       "https://secretsmanager.eu-west-1.amazonaws.com eu-west-1 "},
      {"cn-north-1", "",
       "https://secretsmanager.cn-north-1.amazonaws.com.cn cn-north-1 "},
      {"eu-west-1", "https://secretsmanager-fips.eu-west-1.amazonaws.com/",
       "https://secretsmanager-fips.eu-west-1.amazonaws.com eu-west-1 "},
      {"eu-west-1", "https://evil.s3.eu-west-1.amazonaws.com", ""},
      {"eu-west-1", "https://secretsmanager.us-east-1.amazonaws.com", ""},
  };
  for (const auto& r : rows) {
    which.config.settings = {{"region", std::string(r.region)},
                             {"endpoint", std::string(r.endpoint)}};
    const auto opened = row.open({which.config, nullptr, machine});
    EXPECT_EQ(opened.status().code(), *r.store == '\0'
                                          ? absl::StatusCode::kPermissionDenied
                                          : absl::StatusCode::kOk);
    if (*r.store != '\0') {
      EXPECT_EQ(row.canonical(which.config).value_or("?"), r.store);
    }
  }
}

}  // namespace
}  // namespace patform::sinks
