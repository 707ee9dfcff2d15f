#include "engine/desired/place_rules.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"
#include "engine/model/place_path.h"
#include "engine/model/variable_name.h"

namespace patform {

namespace {

// "a file", "an exec".
std::string WithArticle(const std::string& type) {
  constexpr std::string_view kVowels = "aeiou";
  const bool vowel = !type.empty() && kVowels.find(type[0]) != kVowels.npos;
  return absl::StrCat(vowel ? "an " : "a ", type);
}

}  // namespace

// A place is checked when the file is read: a secret without a place is found
// out here, and not with the secret in hand.
void CompletePlace(Problems& problems, const SinkType& type,
                   const std::string& name, Delivery& place) {
  const PlaceRules& rules = type.place;
  if (place.at.empty()) {
    // The token's name is unique in its organization.
    place.at = rules.default_at == "{name}" ? name : rules.default_at;
  }
  if (rules.at_is_path) {
    if (const std::string why = WhyNotAPlace(place.at); !why.empty()) {
      problems.ErrorAt(place.where,
                       absl::StrCat("`at` (\"", place.at, "\") ", why));
    }
  }
  if (rules.at_fault != nullptr) {
    if (const std::string want = rules.at_fault(place.at); !want.empty()) {
      problems.ErrorAt(
          place.where,
          absl::StrCat("`at` (\"", place.at, "\") cannot be a place of ",
                       WithArticle(type.name), " sink"),
          absl::StrCat("expected ", want));
    }
  }
  if (rules.key_fault != nullptr && !place.key.empty()) {
    if (const std::string want = rules.key_fault(place.key); !want.empty()) {
      problems.ErrorAt(
          place.where,
          absl::StrCat("`key` (\"", place.key, "\") cannot be one of ",
                       WithArticle(type.name), " sink"),
          absl::StrCat("expected ", want));
    }
  }
  if (!rules.raw_doc.empty() && place.encoding != Encoding::kRaw) {
    problems.ErrorAt(place.where,
                     absl::StrCat("a ", type.name, " sink has no `encoding`"),
                     rules.raw_doc);
  }
  if (rules.key == PlaceRules::Key::kNone && !place.key.empty()) {
    problems.ErrorAt(place.where,
                     absl::StrCat(WithArticle(type.name), " sink has no `key`"),
                     rules.key_doc);
  }
  if (rules.key == PlaceRules::Key::kVariable &&
      !IsSettableVariable(place.key)) {
    problems.ErrorAt(
        place.where,
        place.key.empty()
            ? absl::StrCat(WithArticle(type.name), " sink needs a `key`")
            : absl::StrCat("\"", place.key, "\" cannot be a variable's name"),
        rules.key_doc);
  }
}

std::optional<KeptPlace> ReadKeptPlace(Problems& problems, const Position& at,
                                       const std::string& text,
                                       const KnownSinkConfigs& known) {
  const size_t colon = text.find(':');
  // An empty `at` could only mean the sink's default, which is one for all.
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    problems.Error(at, absl::StrCat("\"", text, "\" is not a place"),
                   "expected SINK:PLACE, such as \"secrets:sign-in\"");
    return std::nullopt;
  }
  const std::string name = text.substr(0, colon);
  const SinkConfig* sink = nullptr;
  std::vector<std::string> names;
  for (const SinkConfig& each : known.sinks) {
    names.push_back(each.name);
    if (each.name == name) sink = &each;
  }
  if (sink == nullptr) {
    std::string detail = problems.DidYouMean(name, names);
    if (detail.empty()) {
      detail = absl::StrCat("declare it: [sink.", name, "]");
    }
    problems.Error(at, absl::StrCat("there is no sink \"", name, "\""), detail);
    return std::nullopt;
  }
  std::vector<std::string> giving;
  const SinkType* type = nullptr;
  for (const SinkType& each : known.types) {
    if (each.can.gives_back) giving.push_back(each.name);
    if (each.name == sink->type) type = &each;
  }
  // A type that does not exist was reported where it is written.
  if (type == nullptr) return std::nullopt;
  if (!type->can.gives_back) {
    problems.Error(
        at,
        absl::StrCat(WithArticle(type->name),
                     " sink does not give back what is written to it"),
        absl::StrCat("use one that does: ", absl::StrJoin(giving, ", ")));
    return std::nullopt;
  }
  // With the sink itself: whoever opens the place has no configuration at hand.
  KeptPlace kept;
  kept.sink = *sink;
  kept.place.sink = name;
  kept.place.at = text.substr(colon + 1);
  kept.place.where = problems.Where(at);
  // A sink without keys may have a # in its names.
  const size_t hash = kept.place.at.find('#');
  if (type->place.key != PlaceRules::Key::kNone && hash != std::string::npos) {
    kept.place.key = kept.place.at.substr(hash + 1);
    kept.place.at.resize(hash);
  }
  CompletePlace(problems, *type, "", kept.place);
  return kept;
}

absl::StatusOr<KeptPlace> TypedPlace(const std::string& flag,
                                     const std::string& text,
                                     const KnownSinkConfigs& known) {
  Problems problems;
  problems.BeginFile(flag, &text);
  const std::optional<KeptPlace> place =
      ReadKeptPlace(problems, Position(), text, known);
  const std::vector<Diagnostic> found = problems.Sorted();
  if (place && found.empty()) return *place;
  // A sink whose type does not exist was reported with the configuration.
  if (found.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(flag, " names no place"));
  }
  const Diagnostic& first = found.front();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", first.summary, first.detail.empty() ? "" : "; ",
                   first.detail));
}

}  // namespace patform
