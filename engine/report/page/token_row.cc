#include "engine/report/page/token_row.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/diff/reason.h"
#include "engine/inquiry/standing.h"
#include "engine/report/page/timeline.h"
#include "engine/report/page/words.h"
#include "engine/report/remark.h"

namespace patform {
namespace {

using State = GenerationState;

// When the secret that is in service ends; without one, what ends last.
std::optional<absl::Time> EndOf(const TokenStatus& token) {
  std::optional<absl::Time> last;
  for (const GenerationStatus& row : token.generations) {
    if (!row.valid_to) continue;
    if (IsInService(row.state)) return row.valid_to;
    if (!last || *row.valid_to > *last) last = row.valid_to;
  }
  return last;
}

// What the next apply does with one generation that it ends: people call it
// revoked only where the file asked for that.
const char* EndingWord(const GenerationStatus& row) {
  return row.state == State::kUndeclared || row.state == State::kDeclaredAbsent
             ? "is revoked"
             : "is tidied up";
}

// What the next apply does, in a word or two.
std::string ActionOf(const TokenStatus& token) {
  if (token.makes > 0) {
    const bool replaces =
        std::any_of(token.generations.begin(), token.generations.end(),
                    [](const GenerationStatus& row) {
                      return row.next == NextStep::kReplace;
                    });
    return replaces ? "rotates" : "is created";
  }
  for (const GenerationStatus& row : token.generations) {
    switch (row.next) {
      case NextStep::kUpdate:
        return "is updated";
      case NextStep::kRelease:
        return "is released";
      case NextStep::kRevoke:
      case NextStep::kRetire:
        return EndingWord(row);
      default:
        break;
    }
  }
  return "changes";
}

// How it stands; where there is a word that says more, that one.
std::string StateWord(const TokenStatus& token) {
  const Standing standing = StandingOf(token);
  if (standing == Standing::kChanges) return ActionOf(token);
  if (standing == Standing::kBroken) {
    for (const GenerationStatus& row : token.generations) {
      if (IsDead(row.state)) return Shown(row.state);
    }
  }
  return Shown(standing);
}

// An address stays as it is written.
std::string SentenceOf(const Remark& remark) {
  return remark.about == Remark::About::kPlace ? remark.text
                                               : Capitalized(remark.text);
}

}  // namespace

absl::Time NextOf(const TokenStatus& token) {
  if (token.unrenewed) return token.unrenewed->ends;
  if (token.due_at) return *token.due_at;
  absl::Time first = absl::InfiniteFuture();
  for (const GenerationStatus& row : token.generations) {
    if (row.valid_to) first = std::min(first, *row.valid_to);
  }
  return first;
}

void TokenRows::Draw(const TokenStatus& token, const std::string& anchor) {
  // What the script needs is in attributes, in numbers: no name is one.
  const std::vector<std::string> facets = facets_.Of(token);
  const absl::Time end = EndOf(token).value_or(absl::InfiniteFuture());
  page_.Begin("li", {{"id", anchor},
                     {"class", absl::StrCat("is-", Word(StandingOf(token)))},
                     {PageFacets()[0].attribute, facets[0]},
                     {PageFacets()[1].attribute, facets[1]},
                     {PageFacets()[2].attribute, facets[2]},
                     {PageFacets()[3].attribute, facets[3]},
                     {PageFacets()[4].attribute, facets[4]},
                     {PageFacets()[5].attribute, facets[5]},
                     {"data-next", UnixSeconds(NextOf(token))},
                     {"data-end", UnixSeconds(end)}});
  // Opened and shut by the browser itself, so that it needs no script.
  page_.Begin("details").Begin("summary");
  Line(token);
  page_.End().Begin("div", {{"class", "body"}});
  Details(token);
  page_.End().End().End().Line();
}

void TokenRows::Line(const TokenStatus& token) {
  // The name alone: whose it is and where stands below it.
  page_.Begin("h3").Name(token.name, {{"class", "name"}}).End();
  page_.Begin("span", {{"class", "whose"}});
  page_.Name(token.owner.empty() ? "no owner" : token.owner);
  if (!token.identity.empty()) page_.Dot().Name(token.identity);
  if (report_.organizations.size() > 1) page_.Dot().Name(token.organization);
  page_.End();
  DrawLife(token, scale_, report_.as_of, page_);
  page_.Begin("span", {{"class", "state"}})
      .Element("b", StateWord(token))
      .End();
  page_.Begin("span", {{"class", "when"}});
  When(token);
  page_.End();
}

void TokenRows::Date(const char* what, absl::Time at) {
  page_.Text(what).Text(" ").Day(at).Text(" ");
  page_.Element("small", RoughSpan(at, report_.as_of));
}

// The date that matters most: an end that nothing renews before a renewal, and
// no date where the next apply comes first.
void TokenRows::When(const TokenStatus& token) {
  const Standing standing = StandingOf(token);
  const auto ends = [&](absl::Time at) {
    Date(at > report_.as_of ? "ends" : "ended", at);
  };
  const std::optional<absl::Time> end = EndOf(token);
  if (token.unrenewed) {
    ends(token.unrenewed->ends);
  } else if (standing == Standing::kFine && token.due_at) {
    Date("renews", *token.due_at);
  } else if (standing == Standing::kBroken || standing == Standing::kChanges) {
    if (token.makes > 0) {
      page_.Text(absl::StrCat("next apply: generation ", token.makes));
    } else {
      page_.Text(standing == Standing::kBroken ? "nothing repairs it"
                                               : "by the next apply");
    }
  } else if (end) {
    ends(*end);
  } else if (token.makes == 0) {
    page_.Text("nothing lives");
  }
}

// What there is to be said comes before what there is to be looked up.
void TokenRows::Details(const TokenStatus& token) {
  for (const Remark& remark : RemarksOn(token, report_.as_of)) {
    page_.Element("p", SentenceOf(remark), {{"class", "remark"}});
  }
  if (token.unrenewed) {
    page_.Begin("p", {{"class", "remark"}})
        .Text("Nothing renews it: ")
        .Prose(RowOf(token.unrenewed->why).why)
        .Text(". ")
        .Prose(Capitalized(RowOf(token.unrenewed->why).fix))
        .Text(".")
        .End();
  }
  if (token.makes > 0) {
    page_.Element("p",
                  absl::StrCat("The next apply makes generation ", token.makes,
                               ": ", Explain(token.because), "."),
                  {{"class", "remark"}});
  }
  Facts(token);
  Generations(token);
  Places(token);
}

void TokenRows::Facts(const TokenStatus& token) {
  const auto fact = [&](const char* what, const std::string& value) {
    if (value.empty()) return;
    page_.Begin("div").Element("dt", what);
    page_.Begin("dd").Name(value).End().End();
  };
  page_.Begin("dl", {{"class", "facts"}});
  fact("Address", token.address);
  fact("Owner", token.owner);
  fact("Purpose", token.purpose);
  fact("Scopes", token.scopes.text());
  fact("Organization", token.organization);
  fact("Identity", token.identity);
  if (!token.declared) {
    fact("Declared", "not any more");
  } else if (!token.where.file.empty()) {
    fact("Declared", absl::StrCat(token.where.file, ":", token.where.line));
  }
  page_.End();
}

void TokenRows::Generations(const TokenStatus& token) {
  if (token.generations.empty()) return;
  page_.Begin("table").Element("caption", "Generations");
  page_.Begin("thead").Begin("tr");
  for (const char* title :
       {"Generation", "State", "From", "Until", "Next apply"}) {
    page_.Element("th", title, {{"scope", "col"}});
  }
  page_.End().End().Begin("tbody");
  for (const GenerationStatus& row : token.generations) {
    page_.Begin("tr").Begin("td");
    // One without a mark has no number.
    if (row.generation > 0) page_.Text(absl::StrCat(row.generation, " "));
    page_.Element("code", row.id.Short()).End();
    page_.Element("td", Shown(row.state)).Begin("td");
    if (row.valid_from) page_.Minute(*row.valid_from);
    page_.End().Begin("td");
    if (row.valid_to) page_.Minute(*row.valid_to);
    page_.End().Begin("td");
    NextApply(row);
    page_.End().End();
  }
  page_.End().End();
}

void TokenRows::NextApply(const GenerationStatus& row) {
  // `behind` goes before the date, where there is one.
  const auto say = [&](const char* what, const char* behind = "") {
    page_.Text(what);
    if (row.at && *behind != '\0') page_.Text(behind).Minute(*row.at);
  };
  switch (row.next) {
    case NextStep::kStay:
      return say("stays");
    case NextStep::kUpdate:
      return say("is updated");
    case NextStep::kReplace:
      return say("is replaced", ", ends ");
    case NextStep::kRetire:
      return say("is left to end", " ");
    case NextStep::kRevoke:
      return say("is revoked");
    case NextStep::kRelease:
      return say("is released");
    case NextStep::kEndItself:
      return say("ends by itself", " ");
    case NextStep::kWait:
      return say("is revoked later", ", after ");
    case NextStep::kUndecided:
      return say("undecided");
  }
}

void TokenRows::Places(const TokenStatus& token) {
  if (token.places.empty()) return;
  page_.Begin("table").Element("caption", "Places");
  page_.Begin("thead").Begin("tr");
  page_.Element("th", "Place", {{"scope", "col"}});
  page_.Element("th", "What it holds", {{"scope", "col"}});
  page_.End().End().Begin("tbody");
  for (const PlaceStatus& place : token.places) {
    const bool holds = place.state == PlaceStatus::State::kHolds;
    page_.Begin("tr").Begin("td").Name(place.address).End();
    page_.Element("td", HoldsText(place),
                  {{"class", holds ? "holds" : "lags"}});
    page_.End();
  }
  page_.End().End();
}

}  // namespace patform
