// Saved plans, sealed as anybody can: whatever is in one, it is refused or it
// is, to the byte, what patform writes for what it says.
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "engine/base/canonical_json.h"
#include "engine/base/digest.h"
#include "engine/base/version.h"
#include "engine/saved/plan_file.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

namespace json = boost::json;

FUZZ_TARGET(std::string_view input) {
  json::error_code error;
  const json::value value =
      json::parse(json::string_view(input.data(), input.size()), error);
  if (error || !value.is_object()) return;
  json::object document = value.get_object();
  document.erase("integrity");
  document.erase("signature");
  document["patform_version"] = kVersion;
  document["integrity"] = "sha256:" + Sha256(Canonical(document));
  const std::string text = Canonical(document) + "\n";
  const absl::StatusOr<SavedPlan> saved = ReadPlan(text, "");
  if (!saved.ok()) return;
  FUZZ_CHECK(WritePlan(*saved, "") == text, text);
  FUZZ_CHECK(saved->plan.digest ==
                 "sha256:" + Sha256(CanonicalApproval(ApprovalOf(*saved))),
             text);
}

}  // namespace
}  // namespace patform
