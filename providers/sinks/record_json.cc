#include "providers/sinks/record_json.h"

#include <boost/json.hpp>

#include "absl/strings/string_view.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/model/organization.h"

// The record beside a secret. Strict about what is missing and silent about
// what is unknown: an older patform must understand what a newer one has added,
// and a record that is not whole must never count as one, for a token is
// revoked or kept because of it.
namespace patform::sinks {
namespace {

namespace json = boost::json;

// Raised only when an old reader would do harm with a new record.
constexpr int kFormat = 1;
// A record is some 400 bytes; texts that others wrote end here.
constexpr size_t kMaxBytes = 16 << 10;

json::string_view View(std::string_view text) {
  return json::string_view(text.data(), text.size());
}

// nullptr: absent.
const json::value* Find(const json::object& object, const char* key) {
  return object.if_contains(key);
}

// False: absent or of another type; `out` is then unchanged.
bool Take(const json::object& object, const char* key, std::string& out) {
  const json::value* value = Find(object, key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return false;
  out.assign(text->data(), text->size());
  return true;
}

bool Take(const json::object& object, const char* key, absl::Time& out) {
  std::string text;
  return Take(object, key, text) &&
         absl::ParseTime(absl::RFC3339_full, text, &out, nullptr);
}

}  // namespace

// Members in this order, always: a record is compared as text in tests and read
// by people.
std::string RecordToJson(const SinkRecord& record) {
  json::object object = {
      {"format", kFormat},
      {"id", record.id.ToString()},
      {"generation", record.generation},
      {"workspace", View(record.workspace)},
      {"organization", View(record.organization)},
      {"token", View(record.token)},
      // Where it was written to. A copy of a file with its record in another
      // place does not match, and is foreign there.
      {"address", View(record.address)},
      // The oid, which stays when a person's name changes.
      {"owner", View(record.user_oid)},
      {"valid_to", FormatInstant(record.valid_to)},
      {"written_at", FormatInstant(record.written_at)},
  };
  if (record.renewed_by_update) object["renewed_by_update"] = true;
  return json::serialize(object);
}

std::optional<SinkRecord> RecordFromJson(std::string_view text) {
  // Before the parser sees it.
  if (text.size() > kMaxBytes) return std::nullopt;
  json::error_code error;
  const json::value value = json::parse(View(text), error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const json::value* format = Find(*object, "format");
  if (format == nullptr || !format->is_int64() ||
      format->get_int64() != kFormat) {
    return std::nullopt;
  }
  SinkRecord record;
  std::string id;
  if (!Take(*object, "id", id)) return std::nullopt;
  const std::optional<AuthorizationId> parsed = AuthorizationId::Parse(id);
  const json::value* generation = Find(*object, "generation");
  // The nil id is what a service sends for "none": it names no token.
  if (!parsed.has_value() || parsed->IsNil() || generation == nullptr ||
      !generation->is_int64() || generation->get_int64() < 0) {
    return std::nullopt;
  }
  record.id = *parsed;
  record.generation = generation->get_int64();
  const bool whole = Take(*object, "workspace", record.workspace) &&
                     Take(*object, "organization", record.organization) &&
                     Take(*object, "token", record.token) &&
                     Take(*object, "address", record.address) &&
                     Take(*object, "owner", record.user_oid) &&
                     Take(*object, "valid_to", record.valid_to) &&
                     Take(*object, "written_at", record.written_at);
  if (!whole) return std::nullopt;
  record.organization = OrganizationKey(record.organization);
  const json::value* renewed = Find(*object, "renewed_by_update");
  record.renewed_by_update =
      renewed != nullptr && renewed->is_bool() && renewed->get_bool();
  return record;
}

}  // namespace patform::sinks
