// Files of KEY=value lines. The first part is the file, the second the value.
// A write changes its own entry and its record; every other byte stays.
#include "providers/sinks/local/dotenv_text.h"
#include "tests/fuzz/fuzz.h"

namespace patform::sinks {
namespace {

constexpr char kKey[] = "TOKEN";
constexpr char kVersion[] = "0123456789abcdef0123456789abcdef";

SinkRecord Record() {
  SinkRecord record;
  record.id = *AuthorizationId::Parse("11111111-0000-4000-8000-000000000000");
  record.generation = 3;
  record.workspace = "w";
  record.organization = "contoso";
  record.token = "ci";
  record.address = "env:.env#TOKEN";
  record.user_oid = "oid";
  record.valid_to = absl::FromUnixSeconds(1'800'000'000);
  record.written_at = absl::FromUnixSeconds(1'799'000'000);
  return record;
}

size_t CommonPrefix(std::string_view a, std::string_view b) {
  size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return n;
}

// Is `after` the file `before` with bytes of one region replaced or added?
void CheckOthers(const DotenvText& before, const DotenvText& after,
                 std::string_view text) {
  const auto old = before.ReadAll();
  const auto now = after.ReadAll();
  for (const auto& [key, held] : old) {
    if (key == kKey) continue;
    // What was in doubt because of a line in the value that is replaced no
    // longer is, or is no longer there.
    if (held.state == HeldRecord::State::kUnknown) continue;
    const auto found = now.find(key);
    FUZZ_CHECK(found != now.end(), text);
    FUZZ_CHECK(found->second.state == held.state, text);
    FUZZ_CHECK(found->second.version == held.version, text);
    FUZZ_CHECK(found->second.record == held.record, text);
  }
  for (const auto& [key, held] : now) {
    FUZZ_CHECK(key == kKey || old.count(key) > 0, text);
  }
}

FUZZ_TARGET(std::string_view input) {
  const std::vector<std::string> parts = fuzz::Parts(input, 2);
  const std::string& text = parts[0];
  const Secret value(parts[1].empty() ? "value-1" : parts[1]);
  const auto parsed = DotenvText::Parse(text, "/srv/.env");
  if (!parsed.ok()) {
    FUZZ_CHECK(fuzz::FitForTerminal(StdView(parsed.status().message())), text);
    return;
  }
  for (const auto& [key, held] : parsed->ReadAll()) {
    FUZZ_CHECK(fuzz::FitForTerminal(StdView(held.why.message())), text);
    FUZZ_CHECK(
        (held.state == HeldRecord::State::kPresent) == held.record.has_value(),
        text);
  }
  const auto written = parsed->With(kKey, value, Record(), kVersion);
  if (!written.ok()) {
    FUZZ_CHECK(fuzz::FitForTerminal(StdView(written.status().message())), text);
    return;
  }
  const std::string after(written->Reveal());
  const auto again = DotenvText::Parse(after, "/srv/.env");
  FUZZ_CHECK(again.ok(), after);
  const HeldRecord held = again->Read(kKey);
  FUZZ_CHECK(held.state == HeldRecord::State::kPresent, after);
  FUZZ_CHECK(held.version == kVersion && held.record == Record(), after);
  CheckOthers(*parsed, *again, after);

  // A second write replaces the first one's value and record, nothing else:
  // written twice is written once. (But after a last line that ended in a
  // carriage return alone, whose file now looks like one of Windows.)
  const auto twice = again->With(kKey, value, Record(), kVersion);
  FUZZ_CHECK(twice.ok(), after);
  FUZZ_CHECK(twice->Reveal() == after || text.ends_with('\r'), twice->Reveal());
  // And another value leaves what stands before and behind it.
  const auto other = again->With(kKey, Secret("other"), Record(), kVersion);
  FUZZ_CHECK(other.ok(), after);
  const size_t same = CommonPrefix(other->Reveal(), after);
  const std::string_view head = std::string_view(after).substr(0, same);
  FUZZ_CHECK(head.find("# patform: ") != std::string_view::npos, after);
}

}  // namespace
}  // namespace patform::sinks
