#include "engine/report/attention.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

using Kind = Attention::Kind;

// Lives are given by two clocks.
constexpr absl::Duration kClocksDiffer = absl::Minutes(10);

class Collector {
 public:
  Collector(const Change& change, absl::Time as_of)
      : change_(change), as_of_(as_of) {}

  std::vector<Attention> All() {
    // What cannot be undone comes first.
    for (const Ending& ending : EndingsOf(change_)) Ends(ending);
    const bool makes = change_.decision->kind == Decision::Kind::kMake;
    if (change_.after && (makes || change_.InPlace())) {
      Scopes();
      Reach();
      Life();
    }
    Name();
    if (makes) Places();
    return std::move(found_);
  }

 private:
  void Say(Kind kind, std::string what) {
    found_.push_back({kind, std::move(what)});
  }

  void Ends(const Ending& ending) {
    // What is retired with its grace has a successor that is delivered: nobody
    // is cut off.
    if (!ending.revocation) return;
    Say(Kind::kEnds,
        absl::StrCat(
            "ends ", WhichEnds(ending), " ",
            ending.at ? "on " + FormatDay(*ending.at) : std::string("at once"),
            ", which would live until ", FormatDay(ending.valid_to), ": ",
            WhyEnds(ending)));
  }

  void Scopes() {
    const ScopeSet& after = change_.after->scopes;
    if (!change_.before) {
      Say(Kind::kWidens,
          absl::StrCat("is new, with ",
                       after.empty() ? "full access" : after.text(),
                       change_.after->valid_to
                           ? ", until " + FormatDay(*change_.after->valid_to)
                           : std::string()));
      return;
    }
    const ScopeSet& before = change_.before->scopes;
    // It had everything: whatever it gets now is less.
    if (before.empty()) return;
    if (after.empty()) Say(Kind::kWidens, "gets full access");
    const ScopeSet come = after.Without(before);
    for (std::string_view scope : come.items()) {
      Say(Kind::kWidens, absl::StrCat("gets the scope ", std::string(scope)));
    }
  }

  void Reach() {
    if (!change_.after->all_organizations) return;
    // As before: nothing widens.
    if (change_.before && change_.before->all_organizations) return;
    Say(Kind::kWidens, "is valid in all organizations of its user");
  }

  void Life() {
    const std::optional<absl::Time>& to = change_.after->valid_to;
    if (!to || !change_.before || !change_.before->valid_to) return;
    const TokenFacts& before = *change_.before;
    if (change_.InPlace()) {
      // The service rounds dates: less than that does not count as more life.
      if (*to <= *before.valid_to + kDateTolerance) return;
      Say(Kind::kWidens, absl::StrCat("lives until ", FormatDay(*to), ", not ",
                                      FormatDay(*before.valid_to)));
      return;
    }
    // A rotation: the new life against the old one.
    if (!before.valid_from) return;
    if (*to - as_of_ <= *before.valid_to - *before.valid_from + kClocksDiffer) {
      return;
    }
    Say(Kind::kWidens,
        absl::StrCat("lives longer than before: until ", FormatDay(*to),
                     "; the old one lived from ", FormatDay(*before.valid_from),
                     " to ", FormatDay(*before.valid_to)));
  }

  void Name() {
    if (!change_.before || !change_.after) return;
    const std::string was(HumanName(change_.before->display_name));
    const std::string is(HumanName(change_.after->display_name));
    if (change_.action == Action::kRelease) {
      Say(Kind::kMoves,
          absl::StrCat("is released: ", InQuotes(was), " lives on",
                       change_.before->valid_to
                           ? " until " + FormatDay(*change_.before->valid_to)
                           : std::string(),
                       " without its mark, and nothing renews or revokes it"));
    }
    // The service may have escaped it: a difference that people cannot see is
    // none.
    if (SameDecoded(was, is)) return;
    Say(Kind::kMoves,
        absl::StrCat("is renamed from ", InQuotes(was), " to ", InQuotes(is)));
  }

  void Places() {
    const bool lost = change_.reason == Reason::kSecretNotInSink;
    for (size_t i = 0; i < change_.deliver.size(); ++i) {
      const bool known = i < change_.places.size() && change_.places[i].known;
      // A place that holds this token's secret already is not news; one whose
      // foreign value is taken over is.
      if (known && !change_.deliver[i].adopt) continue;
      const std::string holds =
          i < change_.places.size() ? change_.places[i].holds : "";
      Say(Kind::kMoves,
          absl::StrCat(lost ? "lives, and its places moved or were emptied: "
                              "the secret will be written to "
                            : "has its secret written to ",
                       WhereTo(change_, i), holds.empty() ? "" : ", which ",
                       holds));
    }
  }

  const Change& change_;
  const absl::Time as_of_;
  std::vector<Attention> found_;
};

}  // namespace

std::vector<Attention> AttentionOf(const Change& change, absl::Time as_of) {
  return Collector(change, as_of).All();
}

std::string WhichEnds(const Ending& ending) {
  std::string text =
      absl::StrCat(InQuotes(ending.HumanName()), " (", ending.id.ToString());
  if (ending.generation > 0) {
    absl::StrAppend(&text, ", generation ", ending.generation);
  }
  switch (ending.whose) {
    case Ending::Whose::kDeclared:
      break;
    case Ending::Whose::kUndeclared:
      text += ", in no table any more";
      break;
    case Ending::Whose::kUnmanaged:
      text += ", unmanaged";
      break;
  }
  if (!ending.owner.empty()) {
    absl::StrAppend(&text, ", owner ", InQuotes(ending.owner));
  }
  return text + ")";
}

std::string WhyEnds(const Ending& ending) {
  // A token that carries no mark is superseded by nothing but the file.
  if (ending.generation == 0 && ending.reason == Reason::kSuperseded) {
    return "`replaces` names it";
  }
  return Explain(ending.reason);
}

std::string WhereTo(const Change& change, size_t place) {
  const Delivery& delivery = change.deliver[place];
  std::string text = delivery.Address();
  if (delivery.encoding != Encoding::kRaw) {
    absl::StrAppend(&text, " (", Word(delivery.encoding), ")");
  }
  if (place < change.places.size()) {
    absl::StrAppend(&text, " = ", change.places[place].sink);
  }
  return text;
}

}  // namespace patform
