// The reader of configurations: whatever the bytes are, it reports what is
// wrong at a place that exists, shows no control characters and no secrets, and
// what it accepts holds what the rest of the program relies on.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_split.h"
#include "engine/desired/problems.h"
#include "engine/desired/read_desired.h"
#include "engine/model/mark.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/known.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

void CheckPlace(const SourceLocation& where, const FakeFiles& files) {
  const auto file = files.files.find(where.file);
  FUZZ_CHECK(where.line >= 0 && where.column >= 0 && where.length >= 1,
             where.file);
  if (where.line == 0) return;
  FUZZ_CHECK(file != files.files.end(), where.file);
  const std::vector<std::string> lines = absl::StrSplit(file->second, '\n');
  const std::string at = where.file + ":" + std::to_string(where.line) + ":" +
                         std::to_string(where.column) + "+" +
                         std::to_string(where.length);
  FUZZ_CHECK(where.line <= static_cast<int>(lines.size()), at);
  // One behind the end is where something is missing.
  const int width = CodePoints(lines[where.line - 1]);
  FUZZ_CHECK(where.column >= 1 && where.column <= width + 1, at);
}

void CheckAccepted(const DesiredState& state) {
  std::set<std::string> names;
  for (const DesiredToken& token : state.tokens) {
    FUZZ_CHECK(names.insert(token.name).second, token.name);
    FUZZ_CHECK(CodePoints(token.name) <= kMaxTokenName, token.name);
    FUZZ_CHECK(!ParseDisplayName(token.name).has_value(), token.name);
    FUZZ_CHECK(!token.organization.empty(), token.name);
    FUZZ_CHECK(token.lifetime > absl::ZeroDuration(), token.name);
    FUZZ_CHECK(token.grace >= absl::ZeroDuration(), token.name);
    FUZZ_CHECK(token.rotate_before.span || (token.rotate_before.share > 0 &&
                                            token.rotate_before.share < 1),
               token.name);
    FUZZ_CHECK(token.ensure != Ensure::kPresent || !token.scopes.empty(),
               token.name);
    for (const Delivery& place : token.deliver) {
      FUZZ_CHECK(state.FindSink(place.sink) != nullptr, place.sink);
    }
  }
  const Mark mark = {state.workspace, 1, std::string(kNonceLength, 'a')};
  FUZZ_CHECK(ParseDisplayName(DisplayName("t", mark)).has_value(),
             state.workspace);
}

FUZZ_TARGET(std::string_view input) {
  const std::vector<std::string> parts = fuzz::Parts(input, 3);
  FakeFiles files;
  files.files["patform.toml"] = parts[0];
  if (!parts[1].empty()) files.files["teams/a.toml"] = parts[1];
  if (!parts[2].empty()) files.files["policy.toml"] = parts[2];
  ReadInput read;
  read.path = "patform.toml";
  UseKnown(read);
  if (!parts[2].empty()) read.policy_path = "policy.toml";
  read.now = absl::FromUnixSeconds(1'800'000'000);
  read.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name.size() % 2 == 0) return std::nullopt;
    return "/from/" + name;
  };
  const ReadResult result = ReadDesired(files, read);
  const std::string text = Render(result.diagnostics);
  FUZZ_CHECK(result.state.has_value() == !HasErrors(result.diagnostics), text);
  FUZZ_CHECK(fuzz::FitForTerminal(text), text);
  for (const Diagnostic& diagnostic : result.diagnostics) {
    FUZZ_CHECK(!diagnostic.summary.empty(), text);
    FUZZ_CHECK(!LooksLikeSecret(diagnostic.source_line), text);
    CheckPlace(diagnostic.where, files);
  }
  if (result.state) CheckAccepted(*result.state);
  const ReadResult again = ReadDesired(files, read);
  FUZZ_CHECK(again.diagnostics == result.diagnostics, text);
}

}  // namespace
}  // namespace patform
