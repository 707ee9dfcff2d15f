#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "engine/apply/rotation.h"
#include "tests/engine/diff/testing.h"
#include "tests/fakes/world.h"

// Plays a change in words against the state machine alone.
//
// `plan` is what was planned: "ACTION RECORDS/TOKENS OPTION…".
//   RECORDS, of each place, the primary first, "," between them:
//     2      serves generation 2, by the token with the id 2
//     2'     the same, of another version of the content
//     own    serves the token that this run minted last
//     - ? ~ x %   absent, unknown, silent, foreign, torn
//   TOKENS that live: "2@1m" was minted a minute ago; without it, "1@10d".
//   OPTIONS: "nograce" (else a day), "prove", "reason:gone", "before:2" (else
//   1),
//     "until:40d", the end that an update asks for.
//
// `events` are what the effects are answered with, one word each:
//   ok gone failed lost conflict unfit putoff delivered
//   minted updated         short- before it: with ten days less of life
//   renewed                updated, and the answer has a secret
//   records:RECORDS back:RECORD view:RECORDS/TOKENS noview
//   "!" behind it          the user has interrupted
//   +6m                    time passes
// A mint is answered with the id GENERATION * 16 + which mint it is.
//
// Told are the effects from the one that the last word of `from` led to, then
// " => " and the outcome, or what is done so far. "2#21": generation 2, id 21;
// "*" behind an effect: it must finish.
namespace patform::testing {

// "mint 2", "deliver 2 to main:ci over v1": an effect and what it is done to.
inline std::string Brief(const Effect& effect,
                         const std::vector<Delivery>& places) {
  const auto place = [&] {
    return places[static_cast<size_t>(effect.place)].Address();
  };
  switch (effect.kind) {
    case Effect::Kind::kNone:
      return "none";
    case Effect::Kind::kCheckSinks:
      return "check";
    case Effect::Kind::kReadRecords:
      return "read";
    case Effect::Kind::kLook:
      return "look";
    case Effect::Kind::kMint:
      return absl::StrCat("mint ", effect.generation);
    case Effect::Kind::kProve:
      return "prove";
    case Effect::Kind::kDeliver:
      return absl::StrCat("deliver ", effect.generation, " to ", place(),
                          " over ",
                          effect.expected.empty() ? "-" : effect.expected);
    case Effect::Kind::kReadBack:
      return absl::StrCat("read back ", place());
    case Effect::Kind::kUpdate:
      return "update";
    case Effect::Kind::kRetire:
      return absl::StrCat("retire ", effect.generation);
    case Effect::Kind::kRevoke:
      return absl::StrCat("revoke ", effect.generation);
    case Effect::Kind::kRemove:
      return absl::StrCat("remove ", effect.place);
    case Effect::Kind::kDone:
      return "end";
  }
  return "";
}

inline std::vector<std::string_view> Words(std::string_view text,
                                           char between) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(between), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

inline bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

inline bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

inline int Number(std::string_view text) {
  int number = -1;
  EXPECT_TRUE(absl::SimpleAtoi(std::string(text), &number)) << text;
  return number;
}

inline absl::Duration Span(std::string_view text) {
  if (TakeSuffix(text, "d")) return Number(text) * kDay;
  absl::Duration span;
  EXPECT_TRUE(absl::ParseDuration(std::string(text), &span)) << text;
  return span;
}

class RotationPlayer {
 public:
  explicit RotationPlayer(std::string_view plan) {
    const auto words = Words(plan, ' ');
    change_.action = *FindWord<Action>(words[0]);
    change_.name = decide_.name = "ci";
    change_.organization = decide_.organization = "contoso";
    change_.reason = Reason::kRequested;
    decide_.workspace = "w";
    decide_.grace = kDay;
    decide_.rotate = change_.action == Action::kRotate;
    if (change_.action != Action::kCreate) {
      change_.before.emplace();
      change_.before->generation = 1;
    }
    const std::string_view shown = words.size() > 1 ? words[1] : "";
    const size_t places = Words(shown.substr(0, shown.find('/')), ',').size();
    for (size_t i = 0; i < places; ++i) {
      const char* addresses[] = {"main:ci", "other:ci", "third:ci"};
      decide_.deliver.push_back(PlaceOf(addresses[i]));
    }
    change_.deliver = decide_.deliver;
    if (change_.action == Action::kUpdate ||
        change_.action == Action::kRelease) {
      change_.before->id = Id(1);
      change_.after = change_.before;
    }
    for (size_t i = 2; i < words.size(); ++i) Option(words[i]);
    Show(shown);
  }

  // `from` and `events`; what `from` leads to is told from its last effect on.
  std::string Play(std::string_view from, std::string_view events) {
    Rotation rotation(change_, decide_, planned_, prove_);
    auto words = Words(events, ' ');
    const auto before = Words(from, ' ');
    Event start;
    start.now = now_;
    if (before.empty() && !words.empty() && words[0] == "start!") {
      start.stop = true;
      words.erase(words.begin());
    }
    effect_ = rotation.Step(start);
    for (const auto word : before) Happens(rotation, word);
    std::string trace = Told(effect_);
    for (const auto word : words) {
      EXPECT_NE(effect_.kind, Effect::Kind::kDone) << "over before " << word;
      if (Happens(rotation, word)) absl::StrAppend(&trace, ", ", Told(effect_));
    }
    const Outcome& outcome = rotation.outcome();
    if (effect_.kind == Effect::Kind::kDone) {
      // Whatever comes then, it stays so.
      Event late;
      late.kind = Event::Kind::kFailed;
      EXPECT_EQ(rotation.Step(late).kind, Effect::Kind::kDone);
      return absl::StrCat(trace, " => ", Dump(outcome));
    }
    if (outcome.done.empty() && outcome.left.empty()) return trace;
    return absl::StrCat(trace,
                        " => so far: ", absl::StrJoin(outcome.done, "; "),
                        outcome.left.empty() ? "" : " | left: ",
                        absl::StrJoin(outcome.left, "; "));
  }

 private:
  void Option(std::string_view word) {
    if (word == "nograce") {
      decide_.grace = absl::ZeroDuration();
    } else if (word == "prove") {
      prove_ = true;
    } else if (TakePrefix(word, "reason:")) {
      change_.reason = *FindWord<Reason>(word);
    } else if (TakePrefix(word, "before:")) {
      change_.before->generation = Number(word);
    } else if (TakePrefix(word, "until:")) {
      change_.after->valid_to = kNow + Span(word);
    } else {
      ADD_FAILURE() << "no such option: " << word;
    }
  }

  // What the plan saw, and what it says is to be done about it.
  void Show(std::string_view shown) {
    const TokenView view = View(shown);
    planned_ = view.records;
    if (change_.action == Action::kRevoke) {
      for (const OwnToken& own : view.ours) {
        change_.revoke.push_back({own.token.id, own.generation,
                                  Reason::kUndeclared, std::nullopt,
                                  own.token.valid_to, ""});
      }
    } else if (!decide_.deliver.empty()) {
      change_.decision = Decide(decide_, view, kNow);
    }
  }

  HeldRecord Record(std::string_view word, size_t place) {
    HeldRecord held;
    if (word == "-") return HeldRecord::Absent();
    if (word == "?") {
      return HeldRecord::Unknown(absl::UnavailableError("no answer"));
    }
    held.state = word == "~"   ? HeldRecord::State::kSilent
                 : word == "x" ? HeldRecord::State::kForeign
                               : HeldRecord::State::kTorn;
    if (word == "~" || word == "x" || word == "%") return held;
    const bool moved = TakeSuffix(word, "'");
    const Delivery& at = decide_.deliver[place];
    held = word == "own" ? Held(made_, made_ / 16, at)
                         : Held(Number(word), Number(word), at);
    if (moved) held.version += "'";
    return held;
  }

  std::vector<HeldRecord> Records(std::string_view text) {
    std::vector<HeldRecord> records;
    for (const auto word : Words(text, ',')) {
      records.push_back(Record(word, records.size()));
    }
    return records;
  }

  TokenView View(std::string_view text) {
    TokenView view = testing::EmptyView();
    const size_t slash = text.find('/');
    view.records = Records(text.substr(0, slash));
    const std::string_view tokens =
        slash == text.npos ? "1@10d" : text.substr(slash + 1);
    for (const auto token : Words(tokens, ',')) {
      const size_t at = token.find('@');
      const int generation = Number(token.substr(0, at));
      view.ours.push_back(
          Own(generation, generation, Span(token.substr(at + 1))));
    }
    return view;
  }

  // False: only time passed.
  bool Happens(Rotation& rotation, std::string_view word) {
    if (TakePrefix(word, "+")) {
      now_ += Span(word);
      return false;
    }
    Event event;
    event.now = now_;
    event.stop = TakeSuffix(word, "!");
    Answer(word, event);
    Rotation copy = rotation;
    effect_ = rotation.Step(event);
    copy.Step(event);
    EXPECT_EQ(copy.Fingerprint(now_), rotation.Fingerprint(now_)) << word;
    return true;
  }

  void Answer(std::string_view word, Event& event) {
    if (Plain(word, event)) return;
    const bool shortened = TakePrefix(word, "short-");
    const absl::Duration life = (shortened ? 20 : 30) * kDay;
    if (word == "minted" || word == "unfit") {
      made_ = static_cast<int>(effect_.generation) * 16 + ++mints_;
      event.kind = word == "unfit" ? Event::Kind::kUnfit : Event::Kind::kMinted;
      event.status = absl::InternalError("more scopes than asked for");
      event.token = Token(made_, "ci", absl::ZeroDuration(), life);
      event.asked = kNow + 30 * kDay;
    } else if (word == "updated" || word == "renewed") {
      event.kind = Event::Kind::kUpdated;
      event.renewed = word == "renewed";
      event.token = Token(1, "ci", absl::ZeroDuration(), life);
    } else if (TakePrefix(word, "records:")) {
      event.kind = Event::Kind::kRecords;
      event.records = Records(word);
    } else if (TakePrefix(word, "back:")) {
      event.kind = Event::Kind::kRecords;
      event.records = {Record(word, static_cast<size_t>(effect_.place))};
    } else if (TakePrefix(word, "view:")) {
      event.kind = Event::Kind::kView;
      event.view = View(word);
    } else {
      ADD_FAILURE() << "no such event: " << word;
    }
  }

  // The answers without anything beside a status.
  static bool Plain(std::string_view word, Event& event) {
    const struct {
      const char* word;
      Event::Kind kind;
      absl::Status status;
    } answers[] = {
        {"ok", Event::Kind::kOk, absl::OkStatus()},
        {"delivered", Event::Kind::kDelivered, absl::OkStatus()},
        {"gone", Event::Kind::kGone, absl::NotFoundError("no such token")},
        {"failed", Event::Kind::kFailed,
         absl::PermissionDeniedError("refused")},
        {"lost", Event::Kind::kLost, absl::UnknownError("connection broke")},
        {"conflict", Event::Kind::kConflict, absl::AbortedError("moved")},
        {"putoff", Event::Kind::kPutOff, absl::UnavailableError("too many")},
        {"noview", Event::Kind::kView, absl::UnavailableError("half a list")},
    };
    for (const auto& answer : answers) {
      if (answer.word != word) continue;
      event.kind = answer.kind;
      event.status = answer.status;
      return true;
    }
    return false;
  }

  std::string Told(const Effect& effect) const {
    std::string text = What(effect);
    if (effect.reason != Reason::kNone) {
      absl::StrAppend(&text, " ", Word(effect.reason));
    }
    if (effect.if_marked) absl::StrAppend(&text, " if marked");
    return absl::StrCat(text, effect.must_finish ? "*" : "");
  }

  std::string What(const Effect& effect) const {
    std::string text = Brief(effect, change_.deliver);
    if (effect.kind == Effect::Kind::kRetire) {
      absl::StrAppend(&text, Hash(effect.id), " in ", Away(effect.valid_to));
    } else if (effect.kind == Effect::Kind::kRevoke) {
      text += Hash(effect.id);
    }
    return text;
  }

  // "#21": an id of these tests without its zeros.
  static std::string Hash(const AuthorizationId& id) {
    const std::string text(id.Short());
    return absl::StrCat("#", text.substr(text.find_first_not_of('0')));
  }

  Change change_;
  bool prove_ = false;
  DecideInput decide_;
  std::vector<HeldRecord> planned_;
  absl::Time now_ = kNow;
  Effect effect_;  // the last one
  int mints_ = 0;
  int made_ = 0;  // the id of what was minted last
};

// A row of a table: what was planned and what happens, and what is told then.
struct PlayRow {
  const char* name;
  const char* plan;
  const char* events;
  const char* want;
};

// What a table says often, by the name in braces that stands for it.
using Sayings = std::vector<std::pair<const char*, const char*>>;

// Plays each row from `from` on; the whole text is compared.
inline void ExpectPlays(const char* from, absl::Span<const PlayRow> rows,
                        const Sayings& sayings) {
  for (const PlayRow& row : rows) {
    EXPECT_EQ(RotationPlayer(row.plan).Play(from, row.events),
              absl::StrReplaceAll(row.want, sayings))
        << row.name;
  }
}

}  // namespace patform::testing
