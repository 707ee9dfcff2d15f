#include "engine/report/remark.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"

namespace patform {
namespace {

using State = GenerationState;

std::string When(absl::Time time, absl::Time now) {
  return absl::StrCat(FormatMinute(time), " (", FormatRelative(time, now), ")");
}

class Remarks {
 public:
  Remarks(const TokenStatus& token, absl::Time as_of)
      : token_(token), as_of_(as_of) {}

  std::vector<Remark> All() {
    for (const GenerationStatus& row : token_.generations) {
      const std::string why = Why(row);
      if (why.empty()) continue;
      Say(Remark::About::kGeneration, absl::StrCat(Which(row), " ", why));
    }
    Lagging();
    if (!token_.shorter.empty()) {
      Say(Remark::About::kShorterLife, token_.shorter + ".");
    }
    if (!token_.problem.empty()) {
      Say(Remark::About::kUndecided,
          absl::StrCat("is undecided: ", Visible(token_.problem)));
    }
    return std::move(remarks_);
  }

 private:
  void Say(Remark::About about, std::string text) {
    remarks_.push_back({about, std::move(text)});
  }

  static std::string Which(const GenerationStatus& row) {
    const std::string id = absl::StrCat("(", row.id.Short(), ")");
    return row.generation > 0
               ? absl::StrCat("generation ", row.generation, " ", id)
               : id;
  }

  std::string Minted(const GenerationStatus& row) const {
    return absl::StrCat("It was minted ", When(*row.valid_from, as_of_),
                        row.nonce.empty()
                            ? ""
                            : absl::StrCat(" by the run that left the mark ",
                                           Visible(row.nonce)));
  }

  // What the next apply does with what was never delivered.
  std::string ThenEnds(const GenerationStatus& row) const {
    switch (row.next) {
      case NextStep::kRevoke:
        return "The next apply revokes it.";
      case NextStep::kRetire:
        return absl::StrCat("The next apply lets it end ",
                            When(*row.at, as_of_), ".");
      case NextStep::kWait:
        return absl::StrCat("An apply after ", When(*row.at, as_of_),
                            " revokes it.");
      case NextStep::kEndItself:
        return absl::StrCat("It ends by itself ", When(*row.at, as_of_), ".");
      case NextStep::kUndecided:
        return "What becomes of it could not be decided.";
      default:
        return "The next apply leaves it alone.";
    }
  }

  std::string Why(const GenerationStatus& row) const {
    switch (row.state) {
      case State::kCurrent:
      case State::kSuperseded:
      case State::kWatched:
      case State::kDeclaredAbsent:
      case State::kDeclaredReleased:
        return "";
      case State::kInFlight:
      case State::kOrphan:
      case State::kPartlyDelivered:
      case State::kUnrecorded:
      case State::kUnknown:
        return WhyNotInService(row);
      case State::kServedElsewhere:
        return "is what a place that is now another token's still holds; it "
               "is not ended before that place holds another.";
      case State::kExpired:
        return absl::StrCat("has expired, and ", HeldText(row),
                            " still holds its secret. ", MakesText());
      case State::kRevoked:
        return absl::StrCat("was revoked by somebody else, and ", HeldText(row),
                            " still holds its secret. ", MakesText());
      case State::kGone:
        return absl::StrCat(
            "is what ", HeldText(row),
            " holds, and the service does not list such a token any more. ",
            MakesText());
      case State::kUndeclared:
        return absl::StrCat(
            "was declared once: it carries the mark of this workspace, and "
            "no configuration names it. ",
            row.next == NextStep::kRevoke ? "The next apply revokes it."
                                          : "It stays for now.");
      case State::kCopied:
        return "carries a copy of another token's mark; patform did not mint "
               "it and leaves it alone.";
      case State::kUnmanaged:
        return "bears this name and no mark; patform did not mint it and "
               "leaves it alone.";
    }
    return "";
  }

  // No primary place is known to hold these.
  std::string WhyNotInService(const GenerationStatus& row) const {
    switch (row.state) {
      case State::kInFlight:
        return absl::StrCat(
            "is in flight: no sink's record names it yet. ", Minted(row),
            "; a run has ", FormatSpan(kDeliveryDeadline),
            " to deliver what it minted, so one may still be at work. ",
            ThenEnds(row));
      case State::kOrphan:
        return absl::StrCat(
            "is an orphan. ", Minted(row),
            ", which was interrupted before it delivered it: "
            "its secret is in no sink, and nobody can have it. ",
            ThenEnds(row));
      case State::kPartlyDelivered:
        return absl::StrCat(
            "is delivered in part: ", Visible(absl::StrJoin(row.held_by, ", ")),
            " has it, the primary place does not. ", Minted(row), ". ",
            token_.makes > 0
                ? absl::StrCat("The next apply makes generation ", token_.makes,
                               " and delivers that to every place; until "
                               "then this one stays alive.")
                : "It stays alive until another is there.");
      case State::kUnrecorded:
        return absl::StrCat(
            "is in no record of this token's places: it was never delivered, "
            "or the places have moved since. ",
            Minted(row), ". ", ThenEnds(row));
      case State::kUnknown:
        return absl::StrCat(
            "may be in service or not: a record could not be read, and what "
            "is unknown is never taken for absent. ",
            Minted(row), ".");
      default:
        return "";
    }
  }

  static std::string HeldText(const GenerationStatus& row) {
    return row.held_by.empty() ? "the sink"
                               : Visible(absl::StrJoin(row.held_by, ", "));
  }

  std::string MakesText() const {
    if (token_.makes == 0) return "The next apply does nothing about it.";
    return absl::StrCat("The next apply makes generation ", token_.makes,
                        " and delivers it.");
  }

  bool HasPart(int64_t generation) const {
    return std::any_of(token_.generations.begin(), token_.generations.end(),
                       [generation](const GenerationStatus& row) {
                         return row.state == State::kPartlyDelivered &&
                                row.generation == generation;
                       });
  }

  // Places that lag behind the primary, or hold what they should not.
  void Lagging() {
    const bool in_service =
        std::any_of(token_.places.begin(), token_.places.end(),
                    [](const PlaceStatus& place) {
                      return place.state == PlaceStatus::State::kHolds;
                    });
    for (const PlaceStatus& place : token_.places) {
      if (!IsToBeSaid(place, in_service)) continue;
      Say(Remark::About::kPlace,
          absl::StrCat(Visible(place.address), " ", HoldsText(place), "."));
    }
  }

  bool IsToBeSaid(const PlaceStatus& place, bool in_service) const {
    switch (place.state) {
      case PlaceStatus::State::kHolds:
      case PlaceStatus::State::kSilent:
        return false;
      case PlaceStatus::State::kOther:
        // A generation that is delivered in part has been explained.
        return !HasPart(place.generation);
      case PlaceStatus::State::kEmpty:
        return in_service;
      case PlaceStatus::State::kForeign:
      case PlaceStatus::State::kUnreadable:
        // The first of these is why the token is undecided, and shown there.
        return token_.problem.empty();
      case PlaceStatus::State::kTorn:
        break;
    }
    return true;
  }

  const TokenStatus& token_;
  const absl::Time as_of_;
  std::vector<Remark> remarks_;
};

}  // namespace

std::string HoldsText(const PlaceStatus& place) {
  switch (place.state) {
    case PlaceStatus::State::kHolds:
      return absl::StrCat("holds generation ", place.generation);
    case PlaceStatus::State::kOther:
      return absl::StrCat("holds generation ", place.generation,
                          ", not the one in service");
    case PlaceStatus::State::kEmpty:
      return "holds nothing yet";
    case PlaceStatus::State::kForeign:
      return "holds a value that patform did not write";
    case PlaceStatus::State::kUnreadable:
      return absl::StrCat("could not be read: ", Visible(place.why));
    case PlaceStatus::State::kTorn:
      return "holds a secret and the record of another one";
    case PlaceStatus::State::kSilent:
      return "keeps no record of what it holds";
  }
  return "";
}

std::vector<Remark> RemarksOn(const TokenStatus& token, absl::Time as_of) {
  return Remarks(token, as_of).All();
}

}  // namespace patform
