#include "tests/model/run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/diff/diff.h"
#include "engine/diff/still_served.h"
#include "engine/model/places.h"
#include "engine/observed/look.h"

namespace patform::model {
namespace {

void Say(std::string* said, const std::string& text) {
  if (said != nullptr) absl::StrAppend(said, said->empty() ? "" : "; ", text);
}

const char* FateText(int fate) {
  switch (static_cast<Fate>(fate)) {
    case Fate::kRefused:
      return ": refused";
    case Fate::kLostRequest:
      return ": the request is lost";
    case Fate::kLostAnswer:
      return ": done, but the answer is lost";
    case Fate::kLate:
      return ": no answer, the request is still on its way";
    case Fate::kWrong:
      return ": it is said to be done, and it is not";
    default:
      return "";
  }
}

// Answers from a list; asked for more, it throws the question.
class Replay : public TokenReader, public RecordReader {
 public:
  Replay(const std::vector<Answer>& answers, absl::Duration clock_ahead)
      : answers_(answers), clock_ahead_(clock_ahead) {}

  absl::StatusOr<TokenPage> List(TokenFilter filter, const std::string&,
                                 Deadline) override {
    Question question;
    question.kind = Question::Kind::kList;
    question.filter = filter;
    TokenPage page;
    page.tokens = Take(question).tokens;
    page.clock_ahead = clock_ahead_;
    return page;
  }
  absl::StatusOr<ActualToken> Get(const AuthorizationId& id,
                                  Deadline) override {
    Question question;
    question.kind = Question::Kind::kGet;
    question.id = id;
    const Answer& answer = Take(question);
    if (answer.tokens.empty()) return absl::NotFoundError("no such token");
    return answer.tokens[0];
  }
  HeldRecord Read(const Delivery& place, Deadline) override {
    Question question;
    question.kind = Question::Kind::kRead;
    question.place = place.sink.back() - '0';
    return Take(question).held;
  }

 private:
  const Answer& Take(const Question& question) {
    if (next_ == answers_.size()) throw question;
    return answers_[next_++];
  }

  const std::vector<Answer>& answers_;
  const absl::Duration clock_ahead_;
  size_t next_ = 0;
};

// The state that the answers make, or the question that is still open.
Question TryLook(const DesiredState& desired,
                 const std::vector<Answer>& answers, absl::Time taken_at,
                 absl::Duration clock_ahead, ActualState* state) {
  Replay replay(answers, clock_ahead);
  Readers readers;
  readers.organizations["o"] = &replay;
  for (const Delivery& place : desired.tokens[0].deliver) {
    readers.sinks[place.sink] = &replay;
  }
  try {
    absl::StatusOr<ActualState> looked =
        patform::Look(desired, readers, taken_at, Deadline());
    *state = *std::move(looked);
  } catch (const Question& question) {
    return question;
  }
  return {};
}

Event Of(Event::Kind kind) {
  Event event;
  event.kind = kind;
  return event;
}

Event Trouble(Event::Kind kind) {
  Event event = Of(kind);
  event.status = kind == Event::Kind::kLost
                     ? absl::UnknownError("no answer")
                     : absl::FailedPreconditionError("refused");
  return event;
}

}  // namespace

void Run::Start(const World& world, bool rotate, Version version, int skew) {
  *this = Run();
  stage_ = Stage::kPlanning;
  rotate_ = rotate;
  version_ = version;
  skew_ = skew;
  started_ = world.tick;
  answers_ = std::make_shared<std::vector<Answer>>();
  ActualState state;
  question_ = Look(world, &state);
}

// By this runner's clock, which the service's Date corrects.
Question Run::Look(const World& world, ActualState* state) const {
  const int tick = stage_ == Stage::kPlanning ? started_ : world.tick;
  const int ahead =
      world.setup().mutant == Mutant::kOwnClock ? 0 : -skew_ * kTickMinutes;
  return TryLook(Desired(world), *answers_, World::TimeAt(tick + skew_),
                 absl::Minutes(ahead), state);
}

void Run::Fates(const World& world, std::vector<int>& fates) const {
  const auto add = [&](Fate fate) { fates.push_back(static_cast<int>(fate)); };
  add(Fate::kOk);
  const auto may_read_stale = [&](int place) {
    const PlaceKind& kind = world.setup().places[place];
    // Reads that lag make compare-and-set refuse: without end if they may.
    if (kind.compare_and_set && world.lags == 0) return;
    if (kind.stale && !world.places[place].settled) add(Fate::kStale);
  };
  if (Looking()) {
    if (question_.kind == Question::Kind::kRead) {
      may_read_stale(question_.place);
    }
    if (question_.kind == Question::Kind::kList && world.omissions > 0) {
      const int listed = static_cast<int>(world.List(question_.filter).size());
      for (int i = 0; i < listed; ++i) {
        fates.push_back(static_cast<int>(Fate::kOmitFirst) + i);
      }
    }
    if (question_.kind == Question::Kind::kList && world.lags > 0) {
      for (size_t i = 0; i < world.tokens.size(); ++i) {
        const int index = static_cast<int>(i);
        if (!world.MayLag(index)) continue;
        fates.push_back(static_cast<int>(Fate::kLagFirst) + index);
      }
    }
    if (question_.kind == Question::Kind::kGet && world.wrong > 0) {
      add(Fate::kWrong);
    }
    return;
  }
  switch (effect_.kind) {
    case Effect::Kind::kReadRecords:
      return may_read_stale(PlaceOf(world, static_cast<int>(read_.size())));
    case Effect::Kind::kReadBack:
      return may_read_stale(PlaceOf(world, effect_.place));
    case Effect::Kind::kProve:
      // Refused, or not answered: it comes to the same.
      if (world.refusals > 0) add(Fate::kRefused);
      return;
    default:
      break;
  }
  const bool makes = effect_.kind == Effect::Kind::kMint ||
                     effect_.kind == Effect::Kind::kDeliver;
  if ((makes ? world.hollow : world.wrong) > 0) add(Fate::kWrong);
  if (world.refusals > 0 && !half_) add(Fate::kRefused);
  if (world.losses > 0) {
    add(Fate::kLostRequest);
    add(Fate::kLostAnswer);
    if (world.late.size() < 2) add(Fate::kLate);
  }
}

void Run::Step(World& world, int fate, std::string* said) {
  switch (static_cast<Fate>(fate)) {
    case Fate::kOk:
      break;
    case Fate::kStale: {
      const int place = Looking() ? question_.place
                        : effect_.kind == Effect::Kind::kReadRecords
                            ? PlaceOf(world, static_cast<int>(read_.size()))
                            : PlaceOf(world, effect_.place);
      if (world.setup().places[place].compare_and_set) --world.lags;
      break;
    }
    case Fate::kRefused:
      --world.refusals;
      break;
    case Fate::kLostRequest:
    case Fate::kLostAnswer:
    case Fate::kLate:
      --world.losses;
      break;
    case Fate::kWrong: {
      const bool makes = !Looking() && (effect_.kind == Effect::Kind::kMint ||
                                        effect_.kind == Effect::Kind::kDeliver);
      --(makes ? world.hollow : world.wrong);
      break;
    }
    default:
      --(fate >= static_cast<int>(Fate::kLagFirst) ? world.lags
                                                   : world.omissions);
  }
  if (Looking()) return AnswerLook(world, fate, said);
  const bool stale = static_cast<Fate>(fate) == Fate::kStale;
  switch (effect_.kind) {
    case Effect::Kind::kReadRecords:
    case Effect::Kind::kReadBack: {
      const bool all = effect_.kind == Effect::Kind::kReadRecords;
      const int place =
          PlaceOf(world, all ? static_cast<int>(read_.size()) : effect_.place);
      read_.push_back(world.Read(place, stale));
      if (said != nullptr) {
        Say(said, absl::StrCat("reads place ", place, " again"));
      }
      if (all && read_.size() < PlacesOf(world.setup(), version_).size()) {
        return Ask(world);
      }
      Event event = Of(Event::Kind::kRecords);
      event.records = std::move(read_);
      read_.clear();
      return Next(world, std::move(event));
    }
    case Effect::Kind::kProve:
      if (said != nullptr) Say(said, "tries the new secret");
      return Next(world, static_cast<Fate>(fate) == Fate::kOk
                             ? Of(Event::Kind::kOk)
                             : Trouble(Event::Kind::kFailed));
    case Effect::Kind::kMint:
      return Mint(world, fate, said);
    case Effect::Kind::kDeliver:
      return Deliver(world, fate, said);
    default:
      return Service(world, fate, said);
  }
}

void Run::AnswerLook(World& world, int fate, std::string* said) {
  Answer answer;
  switch (question_.kind) {
    case Question::Kind::kNone:
      break;
    case Question::Kind::kList: {
      const bool lags = fate >= static_cast<int>(Fate::kLagFirst);
      World past = world;
      if (lags) past.Rewind(fate - static_cast<int>(Fate::kLagFirst));
      const World& seen = lags ? past : world;
      std::vector<int> listed = seen.List(question_.filter);
      if (!lags && fate >= static_cast<int>(Fate::kOmitFirst)) {
        listed.erase(listed.begin() + fate -
                     static_cast<int>(Fate::kOmitFirst));
      }
      if (world.setup().mutant == Mutant::kNoCap) {
        std::erase_if(listed, [&](int i) { return world.Undelivered(i); });
      }
      for (int index : listed) {
        answer.tokens.push_back(world.setup().mutant == Mutant::kAllPlacesOurs
                                    ? seen.ShowAs(index, version_)
                                    : seen.Show(index));
        Add(answer.key, index);
        answer.key.push_back(static_cast<char>(seen.tokens[index].nonce));
        answer.key.push_back(static_cast<char>(seen.tokens[index].new_name));
      }
      if (said != nullptr) {
        std::string names;
        for (int index : listed) absl::StrAppend(&names, " t", index);
        Say(said, absl::StrCat(
                      "lists the ",
                      question_.filter == TokenFilter::kActive    ? "active"
                      : question_.filter == TokenFilter::kExpired ? "expired"
                                                                  : "revoked",
                      " tokens", lags ? ", as they were" : "", ":",
                      names.empty() ? " none" : names));
      }
      break;
    }
    case Question::Kind::kGet: {
      const int index = world.Find(question_.id);
      if (static_cast<Fate>(fate) == Fate::kWrong) {
        Add(answer.key, -1);
        Say(said, absl::StrCat("asks for t", index,
                               ", which the service denies to have"));
        break;
      }
      answer.tokens.push_back(world.Show(index));
      // The service's answer does not tell a revoked token from an active one.
      ActualToken& token = answer.tokens[0];
      if (token.state == TokenState::kRevoked) {
        token.state = TokenState::kActive;
      }
      Add(answer.key, index);
      Say(said, absl::StrCat("asks for t", index));
      break;
    }
    case Question::Kind::kRead: {
      answer.held =
          world.Read(question_.place, static_cast<Fate>(fate) == Fate::kStale);
      Add(answer.key, static_cast<int>(answer.held.state));
      absl::StrAppend(&answer.key, answer.held.version);
      int recorded = -1;
      if (answer.held.record) {
        recorded = world.Find(answer.held.record->id);
        Add(answer.key, recorded);
      }
      if (said != nullptr) {
        Say(said, absl::StrCat("reads place ", question_.place, ": ",
                               answer.held.state == HeldRecord::State::kUnknown
                                   ? "unclear"
                               : answer.held.state == HeldRecord::State::kTorn
                                   ? "torn"
                               : answer.held.state == HeldRecord::State::kSilent
                                   ? "it tells nothing"
                                   : absl::StrCat("the record names ",
                                                  world.TokenName(recorded))));
      }
      break;
    }
  }
  auto answers = std::make_shared<std::vector<Answer>>(*answers_);
  answers->push_back(std::move(answer));
  answers_ = std::move(answers);
  ActualState state;
  const DesiredState& desired = Desired(world);
  question_ = Look(world, &state);
  if (question_.kind != Question::Kind::kNone) return Ask(world);
  answers_ = nullptr;
  clock_ahead_ = state.clock_ahead.value_or(absl::ZeroDuration());
  if (stage_ == Stage::kApplying) {
    Event event = Of(Event::Kind::kView);
    std::map<std::string, TokenView> views = ViewTokens(desired, "o", state);
    event.view = std::move(views[desired.tokens[0].name]);
    event.view->places = LazyPlaces(Print(world.setup(), version_));
    return Next(world, std::move(event));
  }
  DiffOptions options;
  if (rotate_) options.rotate.insert(desired.tokens[0].name);
  ChangeSet changes = Diff(desired, state, options,
                           state.ServiceTime(World::TimeAt(started_ + skew_)));
  if (said != nullptr) {
    std::string plan;
    for (const Change& change : changes.changes) {
      absl::StrAppend(&plan, plan.empty() ? "" : ", ", Word(change.action),
                      " (", Word(change.reason), ")");
    }
    for (const Deferred& deferred : changes.deferred) {
      absl::StrAppend(&plan, plan.empty() ? "" : ", ",
                      "wait: ", deferred.explanation);
    }
    Say(said, absl::StrCat("plans: ", plan.empty() ? "nothing" : plan));
  }
  if (changes.changes.empty()) return Crash();  // and forgets, as it ends
  // As the executor orders them: what is made first, then what is revoked.
  std::stable_partition(
      changes.changes.begin(), changes.changes.end(),
      [](const Change& c) { return c.action != Action::kRevoke; });
  auto planned = std::make_shared<Planned>();
  planned->changes = std::move(changes.changes);
  planned->records = std::move(state.records);
  planned_ = std::move(planned);
  stage_ = Stage::kApplying;
  change_ = -1;
  NextChange(world);
}

void Run::Ask(const World& world) { asked_ = world.tick; }

void Run::NextChange(const World& world) {
  remade_ |=
      change_ >= 0 && rotation_ != nullptr &&
      planned_->changes[change_].decision->kind == Decision::Kind::kMake &&
      rotation_->outcome().kind == Outcome::Kind::kDone;
  if (++change_ == static_cast<int>(planned_->changes.size())) return Crash();
  Change change = planned_->changes[change_];
  if (change.action == Action::kRevoke && !remade_ && IsServed(change)) {
    return NextChange(world);
  }
  if (world.setup().mutant == Mutant::kNoSecondLook) {
    change.reason = Reason::kRequested;
  }
  const DesiredToken& token = Desired(world).tokens[0];
  // As the executor has it: an update may be answered with a secret.
  if (change.action == Action::kUpdate) change.deliver = token.deliver;
  DecideInput input;
  input.name = change.name;
  input.workspace = "w";
  input.organization = "o";
  input.deliver = change.deliver;
  input.grace = token.grace;
  std::vector<HeldRecord> records;
  for (const Delivery& place : change.deliver) {
    records.push_back(planned_->records.at(place.Address()));
  }
  rotation_ = std::make_shared<Rotation>(change, input, std::move(records),
                                         world.setup().proves);
  token_ = -1;
  renewed_ = false;
  Next(world, Of(Event::Kind::kStart));
}

int Run::RenewedInHand(const World& world) const {
  const bool good =
      applying() && renewed_ && world.tokens[token_].secret == secret_;
  return good ? token_ : -1;
}

// As the executor has it: what a place served when this was planned is not
// revoked unless something else was delivered there.
bool Run::IsServed(const Change& change) const {
  const Served served = StillServed(planned_->records, {});
  return std::any_of(
      change.revoke.begin(), change.revoke.end(),
      [&](const Collect& end) { return served.places.contains(end.id); });
}

void Run::Next(const World& world, Event event) {
  // As the executor has it: its own clock, corrected by the last look.
  event.now = World::TimeAt(world.tick + skew_) + clock_ahead_;
  auto rotation = std::make_shared<Rotation>(*rotation_);
  if (world.setup().mutant == Mutant::kNoDeadline &&
      effect_.kind == Effect::Kind::kDeliver) {
    event.now = World::TimeAt(minted_at_);
  }
  effect_ = rotation->Step(event);
  if (effect_.kind == Effect::Kind::kCheckSinks) {
    Event checked = Of(Event::Kind::kOk);
    checked.now = event.now;
    effect_ = rotation->Step(checked);
  }
  while (world.setup().mutant == Mutant::kNoCollect &&
         (effect_.kind == Effect::Kind::kRetire ||
          effect_.kind == Effect::Kind::kRevoke)) {
    Event skipped = Of(Event::Kind::kOk);
    skipped.now = event.now;
    effect_ = rotation->Step(skipped);
  }
  rotation_ = std::move(rotation);
  half_ = struck_ = false;
  nonce_ = -1;
  Ask(world);
  if (effect_.kind == Effect::Kind::kDone) return NextChange(world);
  if (effect_.kind == Effect::Kind::kLook) {
    answers_ = std::make_shared<std::vector<Answer>>();
    ActualState state;
    question_ = Look(world, &state);
  }
}

void Run::Mint(World& world, int fate, std::string* said) {
  const int generation = static_cast<int>(effect_.generation);
  const int nonce = world.setup().mutant == Mutant::kNoMark ? -1
                    : nonce_ >= 0                           ? nonce_
                                                            : world.nonces++;
  minted_at_ = world.tick;
  Say(said, absl::StrCat("creates generation ", generation, FateText(fate)));
  int made = -1;
  switch (static_cast<Fate>(fate)) {
    case Fate::kRefused:
      return Next(world, Trouble(Event::Kind::kFailed));
    case Fate::kLate: {
      Late late;
      late.kind = Late::Kind::kMint;
      late.generation = generation;
      late.nonce = nonce;
      late.file = version_;
      late.sent = world.tick;
      world.late.push_back(late);
      break;
    }
    case Fate::kOk:
    case Fate::kLostAnswer:
      made = world.Mint(generation, nonce, version_);
      Say(said, absl::StrCat("t", made, " lives"));
      break;
    case Fate::kWrong:
      made = world.Mint(generation, nonce, version_);
      world.tokens[made].revoked = true;
      Say(said, absl::StrCat("t", made, " never lives"));
      break;
    default:
      break;
  }
  if (made < 0 || static_cast<Fate>(fate) == Fate::kLostAnswer) {
    if (world.setup().mutant == Mutant::kBlindRetry) {
      nonce_ = nonce;
      return Ask(world);
    }
    return Next(world, Trouble(Event::Kind::kLost));
  }
  token_ = made;
  secret_ = 0;
  renewed_ = false;
  Event event = Of(Event::Kind::kMinted);
  event.token = world.Show(made);
  Next(world, std::move(event));
}

// As the executor has it: an update of this run told, or a record did when it
// was planned.
bool Run::TellsRenewal(const World& world) const {
  if (renewed_) return true;
  if (world.setup().mutant == Mutant::kForgetsRenewal) return false;
  ActualState seen;
  seen.records = planned_->records;
  return seen.RenewsAsSeenAt() != nullptr;
}

void Run::Deliver(World& world, int fate, std::string* said) {
  const int place = PlaceOf(world, effect_.place);
  const int generation = static_cast<int>(effect_.generation);
  const PlaceKind& kind = world.setup().places[place];
  const Mutant mutant = world.setup().mutant;
  if (mutant == Mutant::kRevokeFirst && !struck_ && effect_.place == 0) {
    struck_ = true;
    for (const Collect& end : rotation_->change().decision->collect) {
      world.Revoke(world.Find(end.id));
      Say(said, absl::StrCat("revokes t", world.Find(end.id)));
    }
    return;
  }
  const bool two = !kind.one_write && kind.record;
  const bool record = two && half_ != (mutant == Mutant::kRecordFirst);
  int expected = 0;
  if (!effect_.expected.empty())
    expected = std::stoi(effect_.expected.substr(1));
  const int version = !record ? expected
                      : mutant == Mutant::kRecordFirst
                          ? world.places[place].now.version + 1
                          : half_version_;
  Say(said, absl::StrCat("writes ", record ? "the record" : "the secret",
                         " of t", token_, " to place ", place, FateText(fate)));
  bool refused = false;
  const Delivered what = {token_, generation, secret_, TellsRenewal(world)};
  switch (static_cast<Fate>(fate)) {
    case Fate::kRefused:
      return Next(world, Trouble(Event::Kind::kFailed));
    case Fate::kLate: {
      Late late;
      late.kind = record ? Late::Kind::kRecord : Late::Kind::kPut;
      late.token = token_;
      late.place = place;
      late.generation = generation;
      late.secret = secret_;
      late.renewed = what.renewed;
      late.version = version;
      late.sent = asked_;  // the clock was looked at then
      world.late.push_back(late);
      break;
    }
    case Fate::kOk:
    case Fate::kLostAnswer:
      if (record) {
        world.PutRecord(place, what, version);
      } else {
        half_version_ = world.Put(place, what, version);
        refused = half_version_ < 0;
        if (refused) Say(said, "something else is there");
      }
      break;
    case Fate::kWrong:
      return Next(world, Of(Event::Kind::kDelivered));
    default:
      break;
  }
  if (static_cast<Fate>(fate) != Fate::kOk) {
    return Next(world,
                Trouble(mutant == Mutant::kRevokeUnclear ? Event::Kind::kFailed
                                                         : Event::Kind::kLost));
  }
  if (refused) return Next(world, Trouble(Event::Kind::kConflict));
  if (two && !half_) {
    half_ = true;
    return;
  }
  Next(world, Of(Event::Kind::kDelivered));
}

// Revoke, retire, rename: idempotent, so all is well or come again.
void Run::Service(World& world, int fate, std::string* said) {
  Late late;
  late.sent = world.tick;
  switch (effect_.kind) {
    case Effect::Kind::kRevoke:
      late.kind = Late::Kind::kRevoke;
      late.token = world.Find(effect_.id);
      break;
    case Effect::Kind::kRetire:
      late.kind = Late::Kind::kRetire;
      late.token = world.Find(effect_.id);
      late.end = absl::ToInt64Seconds(effect_.valid_to - World::TimeAt(0)) + 59;
      break;
    default:
      late.kind = Late::Kind::kRename;
      late.token = world.Find(*rotation_->change().before->id);
  }
  if (said != nullptr) {
    Say(said, absl::StrCat(late.kind == Late::Kind::kRevoke   ? "revokes "
                           : late.kind == Late::Kind::kRetire ? "retires "
                                                              : "renames ",
                           world.TokenName(late.token), FateText(fate)));
  }
  const bool update = late.kind == Late::Kind::kRename;
  switch (static_cast<Fate>(fate)) {
    case Fate::kRefused:
      return Next(world, Trouble(Event::Kind::kFailed));
    case Fate::kLate:
      world.late.push_back(late);
      return Next(world, Trouble(Event::Kind::kLost));
    case Fate::kLostRequest:
      return Next(world, Trouble(Event::Kind::kLost));
    case Fate::kWrong: {
      Event event = Of(update ? Event::Kind::kUpdated : Event::Kind::kOk);
      if (update) event.token = world.Show(late.token);
      return Next(world, std::move(event));
    }
    default:
      break;
  }
  const bool was_there =
      late.kind == Late::Kind::kRevoke   ? world.Revoke(late.token)
      : late.kind == Late::Kind::kRetire ? world.Retire(late.token, late.end)
                                         : world.Rename(late.token);
  if (static_cast<Fate>(fate) == Fate::kLostAnswer) {
    return Next(world, Trouble(Event::Kind::kLost));
  }
  if (!was_there) return Next(world, Trouble(Event::Kind::kGone));
  Event event = Of(update ? Event::Kind::kUpdated : Event::Kind::kOk);
  event.renewed = world.setup().renews && late.kind != Late::Kind::kRevoke;
  if (update) {
    event.token = world.Show(late.token);
    token_ = late.token;
    secret_ = world.tokens[late.token].secret;
    renewed_ = event.renewed;
  }
  Next(world, std::move(event));
}

void Run::AppendKey(const World& world, std::string& key) const {
  const int64_t now = world.Seconds();
  key.push_back(static_cast<char>(stage_));
  if (idle()) return;
  key.push_back(static_cast<char>(rotate_));
  key.push_back(static_cast<char>(version_));
  key.push_back(static_cast<char>(skew_));
  key.push_back(static_cast<char>(world.tick - started_));
  if (Looking()) {
    key.push_back(static_cast<char>(question_.kind));
    for (const Answer& answer : *answers_) {
      absl::StrAppend(&key, answer.key, "|");
      for (const ActualToken& token : answer.tokens) {
        AddInstant(key,
                   absl::ToInt64Seconds(token.valid_to - World::TimeAt(0)) + 59,
                   now);
      }
    }
  }
  if (!applying()) return;
  key.push_back(static_cast<char>(delivering() ? world.tick - asked_ : 0));
  key.push_back(static_cast<char>(planned_->changes.size() -
                                  static_cast<size_t>(change_)));
  for (size_t i = change_ + 1; i < planned_->changes.size(); ++i) {
    const Change& change = planned_->changes[i];
    key.push_back(static_cast<char>(change.action));
    for (const Collect& end : change.revoke) Add(key, world.Find(end.id));
    for (const Collect& end : change.decision->collect) {
      Add(key, world.Find(end.id));
    }
  }
  absl::StrAppend(&key, rotation_->Fingerprint(world.Now()), "|");
  key.push_back(static_cast<char>(effect_.kind));
  key.push_back(static_cast<char>(effect_.place));
  if (effect_.kind == Effect::Kind::kRetire ||
      effect_.kind == Effect::Kind::kRevoke) {
    Add(key, world.Find(effect_.id));
  }
  for (const HeldRecord& held : read_) {
    absl::StrAppend(&key, static_cast<int>(held.state), held.version,
                    held.record ? held.record->id.Short() : "-", ";");
  }
  key.push_back(static_cast<char>(token_));
  if (world.setup().renews) {
    key.push_back(static_cast<char>(secret_));
    key.push_back(static_cast<char>(renewed_ | TellsRenewal(world) << 1));
  }
  key.push_back(static_cast<char>(nonce_));
  key.push_back(static_cast<char>(half_ | struck_ << 1 | remade_ << 2));
  if (half_) Add(key, half_version_);
}

}  // namespace patform::model
