#include "engine/report/doctor_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// "configuration", and "sink" with a short name: columns that most pages fit.
constexpr int kIdWidth = 15;
constexpr int kVerdictWidth = 9;  // "not tried"

// In columns; a word that is too long pushes the rest.
std::string Padded(const std::string& text, int width) {
  const int missing = std::max(0, width - CodePoints(text));
  return absl::StrCat(text, std::string(static_cast<size_t>(missing), ' '));
}

// Colour repeats what the word says: a log without colours loses nothing.
std::string Colored(Verdict verdict, const std::string& text,
                    const Style& style) {
  switch (verdict) {
    case Verdict::kOk:
      return style.Green(text);
    case Verdict::kWarning:
      return style.Yellow(text);
    case Verdict::kFailed:
      return style.Red(text);
    case Verdict::kNotTried:
      break;
  }
  return style.Dim(text);
}

std::string ShownVerdict(Verdict verdict) {
  return verdict == Verdict::kNotTried ? "not tried" : Word(verdict);
}

}  // namespace

// What mends it is on a line of its own below: that is what people copy.
std::string RenderDoctor(const std::vector<Check>& checks, const Style& style) {
  std::string text;
  int warnings = 0, failed = 0;
  for (const Check& check : checks) {
    warnings += check.verdict == Verdict::kWarning;
    failed += check.verdict == Verdict::kFailed;
    absl::StrAppend(
        &text,
        Padded(check.about.empty()
                   ? check.id
                   : absl::StrCat(check.id, " ", Visible(check.about)),
               kIdWidth),
        " ",
        Colored(check.verdict,
                Padded(ShownVerdict(check.verdict), kVerdictWidth), style),
        " ", Visible(check.what), "\n");
    if (!check.fix.empty()) {
      absl::StrAppend(&text, std::string(kIdWidth + 1, ' '), "→ ",
                      Visible(check.fix), "\n");
    }
  }
  absl::StrAppend(&text, "\n",
                  failed == 0 && warnings == 0
                      ? "Nothing is in the way of a run."
                      : absl::StrCat(Count(failed, "failure"), ", ",
                                     Count(warnings, "warning"), "."),
                  "\n");
  return text;
}

}  // namespace patform
