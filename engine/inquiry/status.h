#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/diff/generation_state.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/model/mark.h"
#include "engine/model/scope_set.h"
#include "engine/plan/plan.h"

// What lives, as people think of it: the generations of every declared token
// and of what was declared once. Nothing here decides: the states are those of
// diff/generation_state.h, and what the next apply does is read off the plan
// that it would make now. Pure.
namespace patform {

// What the next apply does with one generation.
enum class NextStep {
  kStay,       // nothing
  kUpdate,     // changed in place
  kReplace,    // a new generation takes its place; see `at`
  kRetire,     // its life is cut to `at`
  kRevoke,     // ended at once
  kRelease,    // the mark comes off
  kEndItself,  // nothing: it ends by itself at `at`, within its grace
  kWait,       // nothing before `at`: a run may still deliver it; then revoked
  kUndecided,  // see TokenStatus::problem
};

// Stable snake_case: part of the JSON format.
inline constexpr WordFor<NextStep> kNextStepWords[] = {
    {NextStep::kStay, "stay"},
    {NextStep::kUpdate, "update"},
    {NextStep::kReplace, "replace"},
    {NextStep::kRetire, "retire"},
    {NextStep::kRevoke, "revoke"},
    {NextStep::kRelease, "release"},
    {NextStep::kEndItself, "end_itself"},
    {NextStep::kWait, "wait"},
    {NextStep::kUndecided, "undecided"}};
constexpr auto& WordsOf(NextStep) { return kNextStepWords; }
static_assert(AllInOrder(kNextStepWords, NextStep::kUndecided));

struct GenerationStatus {
  GenerationState state = GenerationState::kCurrent;
  int64_t generation = 0;  // 0: carries no mark
  AuthorizationId id;
  std::string display_name;  // "" for kGone
  std::string nonce;         // the mark's; shows which run minted it
  std::optional<absl::Time> valid_from, valid_to;  // nullopt for kGone
  ScopeSet scopes;                   // as the service lists it; empty for kGone
  std::vector<std::string> held_by;  // the places whose records name it
  NextStep next = NextStep::kStay;
  // kRetire, kEndItself, kWait: when. kReplace: until when it lives on;
  // nullopt: it ends as soon as its successor is delivered.
  std::optional<absl::Time> at;
};

// A declared place that does not hold the current generation.
struct PlaceStatus {
  enum class State {
    kHolds,
    kOther,
    kEmpty,
    kForeign,
    kUnreadable,
    kTorn,
    kSilent
  };
  std::string address;
  std::string sink;  // the NAME of [sink.NAME]
  State state = State::kHolds;
  int64_t generation = 0;  // kHolds, kOther
  std::string why;         // kForeign, kUnreadable
};

// Stable snake_case: part of the JSON format.
inline constexpr WordFor<PlaceStatus::State> kPlaceStateWords[] = {
    {PlaceStatus::State::kHolds, "holds"},
    {PlaceStatus::State::kOther, "other"},
    {PlaceStatus::State::kEmpty, "empty"},
    {PlaceStatus::State::kForeign, "foreign"},
    {PlaceStatus::State::kUnreadable, "unreadable"},
    {PlaceStatus::State::kTorn, "torn"},
    {PlaceStatus::State::kSilent, "silent"}};
constexpr auto& WordsOf(PlaceStatus::State) { return kPlaceStateWords; }
static_assert(AllInOrder(kPlaceStateWords, PlaceStatus::State::kSilent));

struct TokenStatus {
  std::string address;
  std::string name;
  std::string organization;
  std::string identity;  // as in Realm
  bool declared = true;
  SourceLocation where;
  // As declared. Of a token that is not: what its newest generation may do.
  std::string owner, purpose;
  ScopeSet scopes;
  // In the order of generation; of the same, by id.
  std::vector<GenerationStatus> generations;
  std::vector<PlaceStatus> places;  // in the file's order
  // When the current generation is due; nullopt: none is, or never.
  std::optional<absl::Time> due_at;
  // What the next apply makes: the generation, and why. 0: none.
  int64_t makes = 0;
  Reason because = Reason::kNone;
  std::optional<absl::Time> makes_until;  // when that one would end
  std::string problem;  // why nothing could be decided; "" when it could
  std::string shorter;  // ShorterLife() of the current generation; or ""
  // Nothing renews it; `ends`: and that is to be shown by now.
  std::optional<Unrenewed> unrenewed;
  bool ends = false;
};

struct StatusReport {
  std::string workspace;
  std::vector<std::string> organizations;
  absl::Time as_of;
  // When the world was read, if that was not by this run.
  std::optional<absl::Time> snapshot_taken_at;
  // What ends, is to be shown and nothing renews comes first, by its end; then
  // in the file's order, then by address.
  std::vector<TokenStatus> tokens;
  // Of `tokens`, those that nothing renews and that are to be shown, by end.
  std::vector<Unrenewed> ending;
  std::vector<std::string> left_out;  // addresses that the targets leave out
  // What is in places that no table names any more: of which token, and what.
  std::vector<Note> strays;
  int errors = 0;          // of policy and guards
  bool forbidden = false;  // by them: apply refuses all of it
  std::string sign_in;     // what a person must do about it; "": nothing
  // When the sign-in that the runs rest on ends unless a person or a run does
  // something, and why; nullopt: nothing tells.
  std::optional<absl::Time> sign_in_ends;
  std::string sign_in_why;
  std::string clock;  // why a clock is in doubt; "" if none is
  int warnings = 0;   // of the policy
  // Whose lists could not be read, of the users of [identity.*], and why: for
  // people.
  std::vector<std::string> unread;
  // Every list of these and every record could be read.
  bool complete = true;
};

// `plan` is what would be done now, for all tokens; `targets` are names or
// globs that limit the answer, empty: all. `within`: what ends in this time and
// nothing renews is shown; nullopt: in its window, or within seven days.
StatusReport MakeStatus(const DesiredState& desired, const ActualState& actual,
                        const Plan& plan,
                        const std::vector<std::string>& targets,
                        std::optional<absl::Duration> within = std::nullopt);

}  // namespace patform
