#include "providers/sinks/remote/record_fields.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace patform::sinks {
namespace {

SinkRecord Sample() {
  SinkRecord record;
  record.id = *AuthorizationId::Parse("27e59f42-0000-4000-8000-000000000001");
  record.generation = 3;
  record.workspace = "platform";
  record.organization = "contoso";
  record.token = "ci";
  record.address = "vault:ado/ci";
  record.valid_to = absl::FromUnixSeconds(1798000000);
  record.written_at = absl::FromUnixSeconds(1796000000);
  return record;
}

TEST(RecordFieldsTest, EachHasAName) {
  SinkRecord record = Sample();
  std::string dump;
  for (const auto& [name, text] : RecordToFields(record, "patform-")) {
    absl::StrAppend(&dump, name, "=", text, "\n");
  }
  EXPECT_EQ(dump,
            "patform-address=vault:ado/ci\n"
            "patform-format=1\n"
            "patform-generation=3\n"
            "patform-id=27e59f42-0000-4000-8000-000000000001\n"
            "patform-organization=contoso\n"
            "patform-token=ci\n"
            "patform-valid-to=2026-12-23T04:26:40Z\n"
            "patform-workspace=platform\n"
            "patform-written-at=2026-11-30T00:53:20Z\n");
  record.renewed_by_update = true;
  record.user_oid = "oid";
  auto fields = RecordToFields(record, "p/");
  EXPECT_EQ(fields["p/renewed-by-update"], "true");
  EXPECT_EQ(fields["p/owner"], "oid");
}

TEST(RecordFieldsTest, ComesBack) {
  SinkRecord record = Sample();
  for (const bool renewed : {false, true}) {
    record.renewed_by_update = renewed;
    auto fields = RecordToFields(record, "x-");
    fields["owner"] = "the team";
    EXPECT_EQ(RecordFromFields(fields, "x-"), record);
    EXPECT_EQ(RecordFromFields(fields, ""), std::nullopt);
  }
}

TEST(RecordFieldsTest, RefusesWhatIsNoRecord) {
  EXPECT_EQ(RecordFromFields({}, ""), std::nullopt);
  for (const char* name : {"id", "generation", "format", "valid-to"}) {
    auto fields = RecordToFields(Sample(), "");
    fields[name] = "odd";
    EXPECT_EQ(RecordFromFields(fields, ""), std::nullopt) << name;
    fields.erase(name);
    EXPECT_EQ(RecordFromFields(fields, ""), std::nullopt) << name;
  }
  auto newer = RecordToFields(Sample(), "");
  newer["format"] = "2";
  EXPECT_EQ(RecordFromFields(newer, ""), std::nullopt);
}

}  // namespace
}  // namespace patform::sinks
