#include "providers/sinks/remote/kube_object.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "providers/sinks/record_json.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

SinkRecord Record() {
  SinkRecord record;
  record.id = *AuthorizationId::Parse("27e59f42-0000-4000-8000-000000000001");
  record.generation = 3;
  record.organization = "contoso";
  record.valid_to = record.written_at = absl::FromUnixSeconds(1796000000);
  return record;
}

std::string Note(const std::string& name) {
  return absl::StrCat(
      "\"", name, "\":", json::serialize(json::string(RecordToJson(Record()))));
}

std::string Entry(const std::string& manager, const std::string& operation,
                  const std::string& fields, const std::string& time = "t") {
  return absl::StrCat("{\"manager\":\"", manager, "\",\"operation\":\"",
                      operation, "\",\"time\":\"", time, "\",\"fieldsV1\":{",
                      fields, "}}");
}

KubeObject Object(const std::string& notes, const std::string& managers) {
  const auto object = ParseKubeObject(
      json::parse(absl::StrCat("{\"name\":\"ci\",\"namespace\":\"ado\",\"uid\":"
                               "\"u\",\"resourceVersion\":\"7\","
                               "\"annotations\":{",
                               notes, "},\"managedFields\":[", managers, "]}"))
          .get_object());
  EXPECT_TRUE(object.has_value());
  return object.value_or(KubeObject());
}

KubeEntry Token() { return KubeEntry("ado", "ci", "token", "patform"); }

// "present", "torn: WHY", …
std::string Held(const KubeObject* object, const KubeEntry& entry = Token()) {
  const HeldRecord held = HeldAt(object, entry);
  EXPECT_EQ(held.version.empty(), held.state == HeldRecord::State::kAbsent);
  EXPECT_EQ(held.record.has_value(), held.state == HeldRecord::State::kPresent);
  return absl::StrCat(
      std::string(Word(held.state)), held.caution.empty() ? "" : ": ",
      held.caution, held.why.ok() ? "" : ": ", std::string(held.why.message()));
}

constexpr char kData[] = "\"f:data\":{\".\":{},\"f:token\":{}}";
constexpr char kNote[] =
    "\"f:metadata\":{\"f:annotations\":{\"f:patform.dev/token\":{}}}";

TEST(HeldAtTest, WhoseItIs) {
  const std::string note = Note("patform.dev/token");
  const std::string both = absl::StrCat(kData, ",", kNote);
  const std::string human = Entry("human", "Update", kData);
  const struct {
    const char* name;
    KubeObject object;
    std::string want;
  } rows[] = {
      {"ours", Object(note, Entry("patform-token", "Apply", both)), "present"},
      {"ours, beside somebody's label",
       Object(note, Entry("patform-token", "Apply", both) + "," +
                        Entry("human", "Update",
                              "\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}")),
       "present"},
      {"shared",
       Object(note, Entry("patform-token", "Apply", both) + "," +
                        Entry("argocd", "Apply", kData)),
       "present"},
      {"a value by hand",
       Object(note, Entry("patform-token", "Apply", kNote) + "," + human),
       "torn: ado/ci, entry token was changed by \"human\""},
      {"a record by hand",
       Object(note, Entry("patform-token", "Apply", kData) + "," +
                        Entry("human", "Update", kNote)),
       "torn: ado/ci, entry token was changed by \"human\""},
      {"a record that is gone",
       Object("", Entry("patform-token", "Apply", kData)),
       "torn: ado/ci, entry token was changed"},
      {"a record that is none",
       Object("\"patform.dev/token\":\"x\"",
              Entry("patform-token", "Apply", both)),
       "torn: ado/ci, entry token was changed"},
      {"an update in our name",
       Object(note, Entry("patform-token", "Update", both)),
       "foreign: ado/ci, entry token was written by \"patform-token\". "
       "Deliver to another entry, or set adopt = true on this delivery to "
       "replace it."},
      {"a copy of the whole", Object(note, Entry("kubectl", "Update", both)),
       "foreign: ado/ci, entry token was written by \"kubectl\". Deliver to "
       "another entry, or set adopt = true on this delivery to replace it."},
      {"somebody's", Object("", human),
       "foreign: ado/ci, entry token was written by \"human\". Deliver to "
       "another entry, or set adopt = true on this delivery to replace it."},
      {"another entry",
       Object(note,
              Entry("patform-user", "Apply", "\"f:data\":{\"f:user\":{}}")),
       "absent"},
      {"the record without its value",
       Object(note, Entry("patform-token", "Apply", kNote)), "absent"},
      {"nobody's", Object(note, ""),
       "foreign: ado/ci, entry token: the Secret has no managedFields, so "
       "nobody can tell whose its values are. Set adopt = true on this "
       "delivery to take it over."},
  };
  for (const auto& row : rows)
    EXPECT_EQ(Held(&row.object), row.want) << row.name;
  EXPECT_EQ(Held(nullptr), "absent");
}

// The server changes resourceVersion with whatever changes; a place's version
// must not.
TEST(HeldAtTest, TheVersionIsThePlacesOwn) {
  const std::string note = Note("patform.dev/token");
  const std::string both = absl::StrCat(kData, ",", kNote);
  const std::string ours = Entry("patform-token", "Apply", both, "1");
  const KubeObject object = Object(note, ours);
  const std::string version = HeldAt(&object, Token()).version;
  KubeObject other = Object(
      note,
      ours + "," + Entry("human", "Update", "\"f:data\":{\"f:user\":{}}", "9"));
  other.resource_version = "8";
  EXPECT_EQ(HeldAt(&other, Token()).version, version);
  // Written again, shared, or made again under the same name.
  const KubeObject later =
      Object(note, Entry("patform-token", "Apply", both, "2"));
  EXPECT_NE(HeldAt(&later, Token()).version, version);
  const KubeObject shared =
      Object(note, ours + "," + Entry("argocd", "Apply", kData, "1"));
  EXPECT_NE(HeldAt(&shared, Token()).version, version);
  other.uid = "v";
  EXPECT_NE(HeldAt(&other, Token()).version, version);
}

TEST(KubeEntryTest, NamesFitTheServersLimits) {
  const struct {
    std::string key, manager, note;
  } rows[] = {
      {"token", "patform-token", "patform.dev/token"},
      {"NUGET_PAT", "patform-NUGET_PAT", "patform.dev/NUGET_PAT"},
      {".npmrc", "patform-.npmrc", "patform.dev/key-"},
      {std::string(63, 'k'), "patform-" + std::string(63, 'k'),
       "patform.dev/" + std::string(63, 'k')},
      {std::string(120, 'k'), "patform-" + std::string(120, 'k'),
       "patform.dev/key-"},
      {std::string(253, 'k'), "patform-", "patform.dev/key-"},
  };
  for (const auto& row : rows) {
    const KubeEntry entry("ado", "ci", row.key, "patform");
    const bool digest = row.note.find("/key-") != std::string::npos;
    if (digest) {
      EXPECT_EQ(entry.note.substr(0, 16), "patform.dev/key-");
    } else {
      EXPECT_EQ(entry.note, row.note);
    }
    if (row.key.size() == 253) {
      EXPECT_EQ(entry.manager.size(), 48u);
    } else {
      EXPECT_EQ(entry.manager, row.manager);
    }
    EXPECT_LE(entry.manager.size(), 128u);
    EXPECT_LE(entry.note.size(), 12u + 63u);
  }
}

TEST(ApplyBodyTest, Bytes) {
  const KubeEntry entry = Token();
  const std::string record =
      json::serialize(json::string(RecordToJson(Record())));
  const std::string tail = absl::StrCat(
      ",\"labels\":{\"patform.dev/managed\":\"true\"},\"annotations\":{"
      "\"patform.dev/token\":",
      record, "}}");
  const std::string head =
      "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":"
      "\"ci\",\"namespace\":\"ado\"";
  EXPECT_EQ(
      ApplyBody(entry, nullptr, true, "x/y", "s3cret", Record()).Reveal(),
      absl::StrCat(head, ",\"resourceVersion\":\"1\"", tail,
                   ",\"type\":\"x/y\",\"data\":{\"token\":\"czNjcmV0\"}}"));
  const KubeObject foreign =
      Object("", Entry("human", "Update", "\"f:type\":{}"));
  EXPECT_EQ(
      ApplyBody(entry, &foreign, true, "x/y", "s3cret", Record()).Reveal(),
      absl::StrCat(head, ",\"resourceVersion\":\"7\",\"uid\":\"u\"", tail,
                   ",\"data\":{\"token\":\"czNjcmV0\"}}"));
  const KubeObject own =
      Object("", Entry("patform-token", "Apply", "\"f:type\":{}"));
  EXPECT_EQ(
      ApplyBody(entry, &own, false, "x/y", "s3cret", Record()).Reveal(),
      absl::StrCat(head, tail,
                   ",\"type\":\"x/y\",\"data\":{\"token\":\"czNjcmV0\"}}"));
}

TEST(RemoveBodyTest, TakesTheLabelWithTheLastRecord) {
  const std::string human = Entry("human", "Update", "\"f:type\":{}");
  const KubeObject last = Object(Note("patform.dev/token"), human);
  EXPECT_EQ(RemoveBody(Token(), last).Reveal(),
            "{\"metadata\":{\"resourceVersion\":\"7\",\"uid\":\"u\","
            "\"annotations\":{\"patform.dev/token\":null},\"labels\":{"
            "\"patform.dev/managed\":null}},\"data\":{\"token\":null}}");
  const KubeObject more = Object(
      absl::StrCat(Note("patform.dev/token"), ",", Note("patform.dev/user")),
      human);
  EXPECT_EQ(RemoveBody(Token(), more).Reveal(),
            "{\"metadata\":{\"resourceVersion\":\"7\",\"uid\":\"u\","
            "\"annotations\":{\"patform.dev/token\":null}},\"data\":{"
            "\"token\":null}}");
}

TEST(ParseKubeObjectTest, KeepsNothingOfOthersAnnotations) {
  const KubeObject object = Object(
      "\"kubectl.kubernetes.io/last-applied-configuration\":\"s3cret\"", "");
  EXPECT_TRUE(object.notes.empty());
  EXPECT_FALSE(ParseKubeObject(json::parse("{}").get_object()).has_value());
}

}  // namespace
}  // namespace patform::sinks
