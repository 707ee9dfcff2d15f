#include "providers/sinks/remote/vault_wire.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/http/url.h"
#include "providers/sinks/remote/record_fields.h"

// custom_metadata is one map for a path and not for a version, so the record in
// it says which version it describes, and everything that could be taken for a
// claim about another one is asked for together with that number. Bodies are
// written into wiped memory, the harmless ones as well: one way for all.
namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr char kPrefix[] = "patform-";
// Which version of the data the record describes.
constexpr char kDescribes[] = "patform-data-version";
// Which version was there before our first write.
constexpr char kBefore[] = "patform-written-after";
// Set once somebody else's fields may be beside ours.
constexpr char kShared[] = "patform-shared";
// The versions that we wrote, oldest first: "2 1796000000123456789,3 …", each
// as VaultVersion() has it. A number alone would be the wrong version's once a
// path was deleted and begun again, or its custom_metadata was copied.
constexpr char kVersions[] = "patform-versions";

// Limits of a server. A value has 1 to 512 bytes, all printable.
constexpr size_t kMostEntries = 64;
constexpr size_t kLongestValue = 512;
// A body of metadata with thousands of versions is smaller.
constexpr http::SecretJson::Limits kLimits = {8 << 20, 16};

constexpr size_t kLongestAt = 256;
constexpr size_t kLongestKey = 64;
// All of them pass through paths and policies as they are.
constexpr char kWordLetters[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.";

std::string_view View(const json::string& text) {
  return std::string_view(text.data(), text.size());
}

// Nine decimals, or fewer: servers leave zeros out.
std::optional<absl::Time> TimeOf(std::string_view text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, AbslView(text), &time, nullptr)) {
    return std::nullopt;
  }
  return time;
}

// Long texts in pieces: the first under its own name, further ones under
// "NAME.2", "NAME.3". What a server would not take is %XX, as are the % of
// before.
std::map<std::string, std::string> ToCustom(
    const std::map<std::string, std::string>& fields) {
  // Every printable letter of ASCII but %.
  static const std::string& keep = *[] {
    auto* all = new std::string();
    for (char c = ' '; c < 0x7f; ++c) {
      if (c != '%') all->push_back(c);
    }
    return all;
  }();
  std::map<std::string, std::string> custom;
  for (const auto& [name, value] : fields) {
    const std::string text = PercentEncode(value, keep);
    for (size_t at = 0, piece = 1; at < text.size();
         at += kLongestValue, ++piece) {
      custom[piece == 1 ? name : absl::StrCat(name, ".", piece)] =
          text.substr(at, kLongestValue);
    }
  }
  return custom;
}

// Whatever else is there is the owner's.
std::map<std::string, std::string> FromCustom(
    const std::map<std::string, std::string>& custom) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : custom) {
    // The pieces are taken with their first.
    if (name.rfind(kPrefix, 0) != 0 || name.find('.') != std::string::npos) {
      continue;
    }
    std::string text = value;
    for (int piece = 2;; ++piece) {
      const auto more = custom.find(absl::StrCat(name, ".", piece));
      if (more == custom.end()) break;
      text += more->second;
    }
    fields[name] = http::PercentDecode(text);
  }
  return fields;
}

// A merge patch: what has no value goes. Never the whole of custom_metadata,
// which others may be changing.
Secret CustomBody(
    const std::map<std::string, std::optional<std::string>>& set) {
  Secret body("{\"custom_metadata\":{");
  bool first = true;
  for (const auto& [name, value] : set) {
    if (!first) body.Append(",");
    first = false;
    http::AppendJson(body, name);
    body.Append(":");
    if (value) {
      http::AppendJson(body, *value);
    } else {
      body.Append("null");
    }
  }
  body.Append("}}");
  return body;
}

// All of ours that is there, to go.
std::map<std::string, std::optional<std::string>> WithoutOurs(
    const VaultMetadata& entry) {
  std::map<std::string, std::optional<std::string>> set;
  for (const auto& [name, value] : entry.custom) {
    if (name.rfind(kPrefix, 0) == 0) set[name] = std::nullopt;
  }
  return set;
}

std::string Of(const std::map<std::string, std::string>& custom,
               const char* name) {
  const auto found = custom.find(name);
  return found == custom.end() ? "" : found->second;
}

// kVersions once `written` is there as well. What is too long for one value
// goes, oldest first: an engine keeps ten versions unless it is told otherwise,
// and one that is not listed merely stays.
std::string VersionsAfter(const VaultMetadata& before,
                          const VaultWritten& written) {
  std::string all = VaultVersion(written.number, written.created);
  const std::vector<int64_t> older = before.Written();
  for (auto each = older.rbegin(); each != older.rend(); ++each) {
    const std::string one = VaultVersion(*each, before.dates.at(*each));
    if (one.size() + 1 + all.size() > kLongestValue) break;
    all = absl::StrCat(one, ",", all);
  }
  return all;
}

// One version of metadata's `versions`. False: it is not one.
bool ReadVersion(int64_t number, const json::object& version, absl::Time now,
                 VaultMetadata& entry) {
  const json::value* destroyed = version.if_contains("destroyed");
  if (destroyed == nullptr || !destroyed->is_bool()) return false;
  const std::string_view deleted = http::TextMember(version, "deletion_time");
  const std::optional<absl::Time> end =
      deleted.empty() ? absl::InfiniteFuture() : TimeOf(deleted);
  const std::optional<absl::Time> created =
      TimeOf(http::TextMember(version, "created_time"));
  if (!end || !created) return false;
  entry.dates[number] = *created;
  if (!destroyed->get_bool()) entry.whole.push_back(number);
  if (number != entry.current) return true;
  entry.created = *created;
  // An end may be set ahead (delete_version_after). `now` is a Date header in
  // most cases, which knows no parts of a second.
  entry.served = !destroyed->get_bool() && *end > now + absl::Seconds(1);
  return true;
}

}  // namespace

std::string VaultVersion(int64_t number, absl::Time created) {
  return absl::StrCat(number, " ", absl::ToUnixNanos(created));
}

std::string VaultMetadata::Version() const {
  return served ? VaultVersion(current, created) : "";
}

bool VaultMetadata::Ours() const {
  return custom.contains(kDescribes) || custom.contains(kBefore);
}

bool VaultMetadata::BeforeUs() const {
  return Of(custom, kBefore) == absl::StrCat(current);
}

std::optional<SinkRecord> VaultMetadata::Record() const {
  if (Of(custom, kDescribes) != absl::StrCat(current)) return std::nullopt;
  return RecordFromFields(FromCustom(custom), kPrefix);
}

// What is served without a record of its own, by somebody else's hand or after
// a crash, may have come with fields that we never saw.
bool VaultMetadata::Shared() const {
  return served && (custom.contains(kShared) || !Record());
}

std::vector<int64_t> VaultMetadata::Written() const {
  if (custom.contains(kShared)) return {};
  const std::string listed = Of(custom, kVersions);
  const std::set<std::string> ours = absl::StrSplit(listed, ',');
  std::vector<int64_t> written;
  for (const int64_t number : whole) {
    if (ours.contains(VaultVersion(number, dates.at(number)))) {
      written.push_back(number);
    }
  }
  return written;
}

std::vector<int64_t> VaultMetadata::Superseded(absl::Time time) const {
  if (Shared()) return {};
  std::vector<int64_t> superseded;
  for (const int64_t number : Written()) {
    const auto next = dates.find(number + 1);
    if (number < current && next != dates.end() && next->second <= time) {
      superseded.push_back(number);
    }
  }
  return superseded;
}

std::optional<VaultMetadata> ParseVaultMetadata(std::string_view body,
                                                absl::Time now) {
  const http::SecretJson parsed(body, kLimits);
  const json::value* data = parsed.object() == nullptr
                                ? nullptr
                                : parsed.object()->if_contains("data");
  if (data == nullptr || !data->is_object()) return std::nullopt;
  const json::object& fields = data->get_object();
  const json::value* current = fields.if_contains("current_version");
  const json::value* versions = fields.if_contains("versions");
  if (current == nullptr || !current->is_int64() || versions == nullptr ||
      !versions->is_object()) {
    return std::nullopt;
  }
  VaultMetadata entry;
  entry.exists = true;
  entry.current = current->get_int64();
  // Metadata comes before data, here at least: a path without versions is one
  // that was marked and not written.
  bool found = entry.current == 0;
  for (const auto& [name, version] : versions->get_object()) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(absl::string_view(name.data(), name.size()),
                          &number) ||
        !version.is_object() ||
        !ReadVersion(number, version.get_object(), now, entry)) {
      return std::nullopt;
    }
    found = found || number == entry.current;
  }
  // The newest version is never among those that a server has dropped.
  if (!found) return std::nullopt;
  std::sort(entry.whole.begin(), entry.whole.end());
  const json::value* custom = fields.if_contains("custom_metadata");
  // null: there is none.
  if (custom == nullptr || !custom->is_object()) return entry;
  for (const auto& [name, value] : custom->get_object()) {
    if (!value.is_string()) continue;
    entry.custom[std::string(name.data(), name.size())] =
        std::string(View(value.get_string()));
  }
  return entry;
}

std::optional<VaultWritten> ParseVaultWritten(std::string_view body) {
  const http::SecretJson parsed(body, kLimits);
  const json::value* data = parsed.object() == nullptr
                                ? nullptr
                                : parsed.object()->if_contains("data");
  if (data == nullptr || !data->is_object()) return std::nullopt;
  // A write answers with the version itself, a read with it beside the fields.
  const json::object* fields = &data->get_object();
  if (const json::value* inner = fields->if_contains("metadata")) {
    fields = inner->if_object();
    if (fields == nullptr) return std::nullopt;
  }
  const json::value* number = fields->if_contains("version");
  const std::optional<absl::Time> created =
      TimeOf(http::TextMember(*fields, "created_time"));
  if (number == nullptr || !number->is_int64() || !created) return std::nullopt;
  return VaultWritten{number->get_int64(), *created};
}

std::string VaultKey(const Delivery& place) {
  return place.key.empty() ? "token" : place.key;
}

Secret VaultDataBody(const Delivery& place, int64_t cas, const Secret* value) {
  Secret body(absl::StrCat("{\"options\":{\"cas\":", cas, "},\"data\":{"));
  http::AppendJson(body, VaultKey(place));
  body.Append(":");
  if (value == nullptr) {
    body.Append("null");
  } else {
    http::AppendJson(body, value->Reveal());
  }
  body.Append("}}");
  return body;
}

Secret VaultMarkBody(const VaultMetadata& now) {
  return CustomBody({{kBefore, absl::StrCat(now.current)}});
}

Secret VaultRecordBody(const VaultMetadata& before, const SinkRecord& record,
                       const VaultWritten& written) {
  // Pieces of a longer record, and what an older version of patform kept, go in
  // the same step.
  auto set = WithoutOurs(before);
  // The mark, if this was the first write.
  set[kBefore] = std::nullopt;
  for (const auto& [name, value] : ToCustom(RecordToFields(record, kPrefix))) {
    set[name] = value;
  }
  set[kDescribes] = absl::StrCat(written.number);
  // What was patched over fields of others has these as well.
  if (before.Shared()) {
    set[kShared] = "true";
  } else {
    set[kVersions] = VersionsAfter(before, written);
  }
  return CustomBody(set);
}

Secret VaultForgetBody(const VaultMetadata& before) {
  return CustomBody(WithoutOurs(before));
}

Secret VaultVersionsBody(const std::vector<int64_t>& versions) {
  return Secret(
      absl::StrCat("{\"versions\":[", absl::StrJoin(versions, ","), "]}"));
}

bool VaultHasRoom(const VaultMetadata& entry, const SinkRecord& record) {
  const auto strange = std::count_if(
      entry.custom.begin(), entry.custom.end(),
      [](const auto& each) { return each.first.rfind(kPrefix, 0) != 0; });
  // The version that it describes, the mark of before, and either whether it is
  // shared or which versions are ours.
  const size_t ours = ToCustom(RecordToFields(record, kPrefix)).size() + 3;
  return static_cast<size_t>(strange) + ours <= kMostEntries;
}

std::string VaultAtFault(std::string_view at) {
  // Servers take nearly anything in a path. This is what policies, the server's
  // own client and shells take without quotes, and what nobody can mistake.
  const auto wrong = [](absl::string_view part) {
    return part.empty() || part == "." || part == ".." ||
           part.find_first_not_of(kWordLetters) != absl::string_view::npos;
  };
  const std::vector<absl::string_view> parts =
      absl::StrSplit(AbslView(at), '/');
  if (at.size() <= kLongestAt &&
      std::none_of(parts.begin(), parts.end(), wrong)) {
    return "";
  }
  return "1 to 256 of letters, digits, - _ . and / between parts, none of "
         "which is . or ..";
}

std::string VaultKeyFault(std::string_view key) {
  if (key.size() <= kLongestKey &&
      key.find_first_not_of(kWordLetters) == std::string_view::npos) {
    return "";
  }
  return "1 to 64 of letters, digits, - _ and .";
}

}  // namespace patform::sinks
