#include "engine/apply/executor.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/apply/grant.h"
#include "engine/apply/remaining.h"
#include "engine/base/status.h"
#include "engine/diff/life.h"
#include "engine/diff/still_served.h"
#include "engine/diff/token_view.h"
#include "engine/model/encode.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"
#include "engine/model/token_key.h"
#include "engine/observed/look.h"

// Drives the rotations of a plan. What to do, and in which order, is decided by
// Rotation (rotation.h), a state machine without input or output; here its
// effects are carried out: Driver performs those of one change, Run spreads the
// changes over threads and keeps what they share. The tests in tests/model
// drive the very same machine in every order, so nothing here may decide
// anything that matters for safety.
//
// Two rules hold throughout. An outcome that is not certain is reported as such
// (kLost), never as a failure: the machine looks again. And a change that ends
// badly is an entry of the result; the others go on.
namespace patform {
namespace {

// A create may not be given up early: its answer has the only copy of a secret.
constexpr absl::Duration kRequestDeadline = absl::Minutes(2);
// For a store's whole follow-up: a restart, a call, a program.
constexpr absl::Duration kAfterDeadline = absl::Minutes(2);
// How long a new secret may be refused before it counts as one that does not
// work.
constexpr absl::Duration kProofPatience = absl::Seconds(30);
// A file on a slow disk, or the lock of a directory that another run holds.
constexpr absl::Duration kSinkDeadline = absl::Seconds(60);

// What a machine that ran short of something has thrown, as the outcome that
// it is. Without a message when there is no memory for one.
absl::Status Shortage(const std::exception& why) {
  try {
    if (dynamic_cast<const std::bad_alloc*>(&why) != nullptr) {
      return absl::ResourceExhaustedError(
          "memory ran out. Give the job more, or lower --parallelism");
    }
    return absl::ResourceExhaustedError(
        absl::StrCat("the machine refused what this step needs: ", why.what(),
                     ". Raise its limits (ulimit -a), or lower --parallelism"));
  } catch (const std::bad_alloc&) {
    return absl::Status(absl::StatusCode::kResourceExhausted, "");
  }
}

// Serialises the calls of all workers.
class SharedListener {
 public:
  explicit SharedListener(ApplyListener& listener) : listener_(listener) {}
  // A template, for the calls differ in everything but the lock.
  template <typename Call>
  void Tell(Call call) {
    std::lock_guard<std::mutex> lock(mutex_);
    try {
      call(listener_);
    } catch (const std::exception&) {
      // No memory for a line of progress: the change continues without it.
    }
  }

 private:
  std::mutex mutex_;
  ApplyListener& listener_;
};

// Lets the listener know that time goes by, as long as it lives. What time it
// is, the listener asks its own clock. Without a thread there are no
// ticks.
class Ticker {
 public:
  explicit Ticker(SharedListener& listener) {
    try {
      thread_ = std::thread([this, &listener] {
        std::unique_lock<std::mutex> lock(mutex_);
        // Once a second, which is how often a line of progress is drawn.
        while (!done_.wait_for(lock, std::chrono::seconds(1),
                               [this] { return stop_; })) {
          listener.Tell([](ApplyListener& l) { l.Tick(); });
        }
      });
    } catch (const std::exception&) {
    }
  }
  ~Ticker() {
    // Where the thread could not be had.
    if (!thread_.joinable()) return;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    done_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  bool stop_ = false;
  std::thread thread_;
};

// The ids that no create of this run can be answered with: those of tokens
// that the plan was made from, and of what the run minted. Safe from several
// threads.
class KnownIds {
 public:
  explicit KnownIds(const ActualState& actual) : actual_(actual) {}

  // False: it was known before. The snapshots are searched without the lock:
  // nothing changes them any more.
  bool Add(const AuthorizationId& id) {
    if (Holds(id)) return false;
    const std::lock_guard<std::mutex> lock(mutex_);
    return minted_.insert(id).second;
  }

  bool Holds(const AuthorizationId& id) {
    for (const auto& [organization, snapshot] : actual_.organizations) {
      if (FindToken(snapshot, id) != nullptr) return true;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    return minted_.count(id) > 0;
  }

 private:
  const ActualState& actual_;
  std::mutex mutex_;
  std::set<AuthorizationId> minted_;  // guarded by the mutex
};

// Performs the effects of one change. The only holder of the minted secret.
class Driver {
 public:
  Driver(const DesiredState& desired, const DesiredToken* token,
         const Change& change, const ApplyPorts& ports, TokenWriter& provider,
         KnownIds& known)
      : desired_(desired),
        token_(token),
        change_(change),
        ports_(ports),
        provider_(provider),
        known_(known) {}

  // Whatever it throws becomes an event, so that the machine can finish what it
  // has begun.
  Event Perform(const Effect& effect) {
    Event event;
    const auto attempt = [&] {
      try {
        event = Try(effect);
      } catch (const std::exception& why) {
        event = Broken(effect, Shortage(why));
      }
    };
    // A step after the mint: what was kept back for it (open files, memory) is
    // given back right before it, and no signal ends it half-way.
    if (effect.must_finish) {
      reserve_.reset();
      ports_.run->Uninterrupted(attempt);
    } else {
      attempt();
    }
    // After the step, so that the machine measures its deadlines with it.
    event.now = ServiceNow();
    event.stop = ports_.run->Signal() != 0;
    return event;
  }

 private:
  static Event Make(Event::Kind kind) {
    Event event;
    event.kind = kind;
    return event;
  }
  // The only place where a status turns into an event. The codes are those of
  // engine/ports: kNotFound means that it is gone, kUnknown that nobody can
  // tell whether it was done, kAborted that something else was there.
  static Event Of(const absl::Status& status) {
    Event event = Make(Event::Kind::kOk);
    event.status = status;
    if (status.ok()) return event;
    event.kind = absl::IsNotFound(status)  ? Event::Kind::kGone
                 : absl::IsUnknown(status) ? Event::Kind::kLost
                 : absl::IsAborted(status) ? Event::Kind::kConflict
                                           : Event::Kind::kFailed;
    return event;
  }
  // A step that was left by an exception: how far it came nobody knows. A
  // question that was cut short has failed; anything else may have been done.
  static Event Broken(const Effect& effect, absl::Status why) {
    const bool reads = effect.kind == Effect::Kind::kCheckSinks ||
                       effect.kind == Effect::Kind::kReadRecords ||
                       effect.kind == Effect::Kind::kReadBack ||
                       effect.kind == Effect::Kind::kLook;
    Event event = Make(reads ? Event::Kind::kFailed : Event::Kind::kLost);
    event.status = std::move(why);
    return event;
  }
  // Never moves between a mint and its last delivery: only a look sets it.
  absl::Time ServiceNow() { return ports_.clock->Now() + clock_ahead; }
  Deadline Soon(absl::Duration d) { return After(*ports_.clock, d); }
  SecretSink& SinkOf(const Delivery& place) {
    return *ports_.sinks.at(place.sink);
  }

  Event Try(const Effect& effect) {
    switch (effect.kind) {
      // The machine does not ask for these.
      case Effect::Kind::kNone:
      case Effect::Kind::kDone:
        return Make(Event::Kind::kStart);
      case Effect::Kind::kCheckSinks:
        return CheckSinks();
      case Effect::Kind::kReadRecords:
        return ReadRecords(deliver);
      case Effect::Kind::kReadBack:
        return ReadRecords({deliver[effect.place]});
      case Effect::Kind::kLook:
        return LookAgain();
      case Effect::Kind::kMint:
        return Mint(effect.generation);
      case Effect::Kind::kProve:
        return Prove();
      case Effect::Kind::kDeliver:
        return Deliver(effect);
      case Effect::Kind::kUpdate:
        return Update(RequestOf(change_), Event::Kind::kUpdated);
      case Effect::Kind::kRetire: {
        UpdateRequest request;
        request.id = effect.id;
        request.valid_to = effect.valid_to;
        return Update(request, Event::Kind::kOk);
      }
      case Effect::Kind::kRevoke:
        return effect.if_marked ? Undo(effect.id) : Revoke(effect.id);
      case Effect::Kind::kRemove: {
        const Removal& removal = change_.remove[effect.place];
        return Of(
            SinkOf(removal.place)
                .Remove(removal.place, removal.version, Soon(kSinkDeadline)));
      }
    }
    return Make(Event::Kind::kFailed);
  }

  // Everything that a delivery needs, tried before the mint, for all places:
  // found out afterwards it would cost a token.
  Event CheckSinks() {
    for (const Delivery& place : change_.deliver) {
      const absl::Status status =
          SinkOf(place).Check(place, Soon(kSinkDeadline));
      if (!status.ok()) {
        // kFailedPrecondition whatever the sink's code: a kNotFound of a sink
        // would read as "the token is gone".
        return Of(Annotate(
            absl::FailedPreconditionError(std::string(status.message())),
            absl::StrCat(place.Address(),
                         " cannot be written, so nothing was minted")));
      }
    }
    return Make(Event::Kind::kOk);
  }

  // In the order of `places`: the machine knows them by their position.
  Event ReadRecords(const std::vector<Delivery>& places) {
    Event event = Make(Event::Kind::kRecords);
    for (const Delivery& place : places) {
      event.records.push_back(SinkOf(place).Read(place, Soon(kSinkDeadline)));
    }
    return event;
  }

  // The whole way of a plan (list, records, attribution, whose mark is first)
  // for this one token, so that it cannot come to another result than the plan.
  Event LookAgain() {
    Readers readers;
    const Realm realm = change_.realm();
    readers.organizations[realm] = &provider_;
    DesiredState one;
    one.workspace = desired_.workspace;
    // A copy: a Look() of everything would read the other tokens' places as
    // well.
    one.tokens = {*token_};
    for (const auto& [name, sink] : ports_.sinks) readers.sinks[name] = sink;
    // Several requests: pages, history, the recorded id.
    absl::StatusOr<ActualState> state =
        Look(one, readers, ports_.clock->Now(), Soon(kRequestDeadline * 5));
    if (!state.ok()) return Of(state.status());
    // Without a Date in any answer the one from before is kept.
    clock_ahead = state->clock_ahead.value_or(clock_ahead);
    Event event = Make(Event::Kind::kView);
    // All tables: what `replaces` or `renamed_from` name may be what another
    // one declares by now.
    event.view = TokenIndex(desired_, realm, *state).View(*token_);
    return event;
  }

  // Keeps room for a secret that an answer may have. nullopt: there is some.
  std::optional<Event> Reserve() {
    absl::StatusOr<std::shared_ptr<void>> reserve = ports_.run->Reserve();
    if (!reserve.ok()) {
      Event event = Make(Event::Kind::kFailed);
      event.status = reserve.status();
      return event;
    }
    reserve_ = *std::move(reserve);
    return std::nullopt;
  }

  // The create. What it asks for was reviewed: name and scopes from the file,
  // the end computed from the service's time. The mark has all that a later run
  // needs if this one dies right now: workspace, generation, and a nonce that
  // was chosen before anything was sent.
  Event Mint(int64_t generation) {
    CreateRequest request;
    Mark mark;
    mark.workspace = desired_.workspace;
    mark.generation = generation;
    mark.nonce =
        NonceFor(ports_.run->Nonce(), PlacesPrint(desired_, change_.deliver));
    request.display_name = DisplayName(change_.name, mark);
    request.scopes = token_->scopes;
    request.valid_to = WantedValidTo(*token_, ServiceNow());
    request.all_organizations = token_->all_organizations;
    // Before the request: nothing may be missing once it was sent.
    if (const std::optional<Event> failed = Reserve()) return *failed;
    // Undo() compares with it.
    minted_name_ = request.display_name;
    mint_sent_ = ServiceNow();
    absl::StatusOr<Minted> minted =
        provider_.Create(request, Soon(kRequestDeadline));
    if (!minted.ok()) {
      // Nothing to deliver, so nothing to keep back for.
      reserve_.reset();
      return NotMinted(minted.status());
    }
    Event event = Make(Event::Kind::kMinted);
    // From here on a token exists, whatever is wrong with it: an unfit one is
    // reported with its id, so that the machine revokes it.
    event.token = minted->token;
    event.asked = request.valid_to;
    event.status = JudgeGrant(desired_, request, *minted, ServiceNow());
    // An id that was there before belongs to a token that somebody uses. To
    // deliver its secret would be wrong, and to revoke it worse.
    if (event.status.ok() && !known_.Add(minted->token.id)) {
      event.status = absl::DataLossError(absl::StrCat(
          "the service answered the create with the id of a token that "
          "existed before (",
          minted->token.id.Short(), "). Nothing was delivered"));
    }
    if (!event.status.ok()) {
      event.kind = Event::Kind::kUnfit;
      return event;
    }
    // Moved: the secret is in this object alone until its last delivery.
    secret_ = std::move(minted->secret);
    minted_ = minted->token;
    return event;
  }

  // Was it carried out? kLost: nobody knows. 429 and a sign-in that was renewed
  // meanwhile claim that nothing was done, which the next look verifies.
  // Everything else is a definite refusal.
  static Event NotMinted(const absl::Status& status) {
    Event event = Of(status);
    if (event.kind == Event::Kind::kLost) return event;
    event.kind = absl::IsResourceExhausted(status) || absl::IsAborted(status)
                     ? Event::Kind::kPutOff
                     : Event::Kind::kFailed;
    return event;
  }

  Event Revoke(const AuthorizationId& id) {
    return Of(provider_.Revoke(id, Soon(kRequestDeadline)));
  }

  // The id that a create answered may be anybody's. A list that lags does not
  // prove that it is gone.
  Event Undo(const AuthorizationId& id) {
    const absl::StatusOr<ActualToken> entry =
        provider_.Get(id, Soon(kRequestDeadline));
    // Not sure whether it is ours: it is left to a later run, which finds it by
    // its mark.
    if (!entry.ok()) {
      Event event = Make(Event::Kind::kFailed);
      event.status = entry.status();
      return event;
    }
    // Its entry has no mark of this create, so it is not ours to end.
    if (!CarriesMarkOf(entry->display_name, minted_name_) &&
        !MadeByThisCreate(*entry)) {
      return Make(Event::Kind::kConflict);
    }
    return Revoke(id);
  }

  // Where the service does not keep the mark: an id that no list had, born
  // since the create was sent, under what is left of the name that it asked
  // for.
  bool MadeByThisCreate(const ActualToken& entry) const {
    return !known_.Holds(entry.id) &&
           entry.valid_from > mint_sent_ - kClockNoise &&
           IsRemnantOf(entry.display_name, minted_name_);
  }

  // A new token may take some seconds to reach every server, so a refusal is
  // believed only when it stays.
  Event Prove() {
    const Deadline end = Soon(kProofPatience);
    absl::Status proof;
    for (absl::Duration wait = absl::Seconds(1);; wait *= 2) {
      proof = provider_.Prove(secret_, Soon(kRequestDeadline));
      const Deadline next = Soon(wait);
      if (!absl::IsUnauthenticated(proof) || next >= end ||
          !ports_.clock->SleepUntil(next)) {
        break;
      }
    }
    Event event = Make(proof.ok() ? Event::Kind::kOk : Event::Kind::kFailed);
    event.status = std::move(proof);
    return event;
  }

  // One place. The record is what a later run knows about it: which token,
  // whose, of which generation, until when.
  Event Deliver(const Effect& effect) {
    const Delivery& place = deliver[effect.place];
    SinkRecord record;
    record.id = minted_.id;
    record.generation = effect.generation;
    record.workspace = desired_.workspace;
    record.organization = change_.organization;
    record.token = change_.name;
    record.address = place.Address();
    record.user_oid = user_oid;
    // As it was granted, which may be sooner than asked for.
    record.valid_to = minted_.valid_to;
    // By the service's clock, with which it will be compared.
    record.written_at = ServiceNow();
    record.renewed_by_update = service_renews || renewed_;
    // Encoded per place, from the one copy.
    const absl::StatusOr<std::string> version =
        SinkOf(place).Put(place, EncodeSecret(secret_, place.encoding), record,
                          effect.expected, Soon(kSinkDeadline));
    if (version.ok()) return Make(Event::Kind::kDelivered);
    Event event = Of(version.status());
    // "Gone" is about tokens; a place that is missing is a failure.
    if (event.kind == Event::Kind::kGone) event.kind = Event::Kind::kFailed;
    return event;
  }

  Event Update(const UpdateRequest& request, Event::Kind done) {
    // Before the request: its answer may have a secret, as a create's has.
    if (done == Event::Kind::kUpdated) {
      if (const std::optional<Event> failed = Reserve()) return *failed;
    }
    absl::StatusOr<Minted> updated =
        provider_.Update(request, Soon(kRequestDeadline));
    if (!updated.ok()) {
      reserve_.reset();
      return Of(updated.status());
    }
    Event event = Make(done);
    event.renewed = !updated->secret.empty();
    if (event.renewed && done == Event::Kind::kUpdated) {
      renewed_ = true;
      secret_ = std::move(updated->secret);
      minted_ = updated->token;
      minted_name_ = updated->token.display_name;
      event.token = minted_;
      return event;
    }
    reserve_.reset();
    // An update that was answered with something else is not done; whether it
    // did anything is what the next look shows.
    const absl::Status judged = JudgeUpdate(desired_, request, updated->token);
    if (!judged.ok()) return Of(judged);
    event.token = std::move(updated->token);
    return event;
  }

 public:
  std::vector<Delivery> deliver;  // as the machine numbers them
  std::string user_oid;
  absl::Duration clock_ahead;  // see ActualState
  // Known before, from a record: whoever reads only this one's has to know.
  bool service_renews = false;

 private:
  const DesiredState& desired_;
  const DesiredToken* token_;
  const Change& change_;
  const ApplyPorts& ports_;
  TokenWriter& provider_;
  std::shared_ptr<void> reserve_;  // from before the mint to the delivery
  KnownIds& known_;
  std::string minted_name_;  // as the last create asked for it
  absl::Time mint_sent_;     // by the service's clock
  // Wiped when the change is done, whatever its outcome.
  Secret secret_;
  ActualToken minted_;
  bool renewed_ = false;  // both come from an update's answer
};

// The changes of one plan.
class Workers {
  using Providers = std::map<Realm, std::unique_ptr<TokenWriter>>;

 public:
  Workers(const DesiredState& desired, const ActualState& actual,
          const ApplyPorts& ports, ApplyListener& listener, ApplyResult& result)
      : desired_(desired),
        actual_(actual),
        ports_(ports),
        listener_(listener),
        result_(result),
        service_renews_(actual.RenewsAsSeenAt() != nullptr) {
    // Looked up once for each change; plans of a thousand tokens are usual.
    for (const DesiredToken& token : desired.tokens) {
      tokens_[{token.identity, token.organization, token.name}] = &token;
    }
  }

  // Every entry that `wanted` names, on that many threads, or on as many of
  // them as the machine gives.
  void Wave(const std::vector<size_t>& wanted, int parallelism) {
    // Threads take the next entry when they are free, so one slow token holds
    // back nobody.
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      // One connection per thread, user and organization; they are not shared.
      Providers providers;
      for (size_t i = next++; i < wanted.size(); i = next++) {
        One(result_.entries[wanted[i]], providers);
      }
    };
    const int threads = std::max<int>(
        1, std::min<int>(parallelism, static_cast<int>(wanted.size())));
    std::vector<std::thread> workers;
    // Fewer threads than wanted take longer, and that is all.
    try {
      workers.reserve(static_cast<size_t>(threads - 1));
      for (int i = 1; i < threads; ++i) workers.emplace_back(work);
    } catch (const std::exception&) {
    }
    // This thread works, too: there is always one.
    work();
    for (std::thread& worker : workers) worker.join();
  }

  // Each store once, whatever the number of its places: consumers that read ten
  // secrets restart once. What was begun is reported whole, so nothing here
  // fails an apply.
  void FollowUps() {
    std::map<std::string, std::vector<Delivery>> delivered;
    for (const ApplyResult::Entry& entry : result_.entries) {
      for (const Delivery& place : entry.delivered) {
        delivered[place.sink].push_back(place);
      }
    }
    for (const auto& [sink, places] : delivered) {
      // With a deadline that has passed a store with something to do says that
      // it did nothing.
      const bool stopped = ports_.run->Signal() != 0;
      absl::StatusOr<std::vector<std::string>> done =
          ports_.sinks.at(sink)->After(
              places, stopped ? ports_.clock->Monotonic()
                              : patform::After(*ports_.clock, kAfterDeadline));
      if (done.ok() && done->empty()) continue;
      result_.follow_ups.push_back({sink, {}, done.status()});
      if (done.ok()) result_.follow_ups.back().done = *std::move(done);
    }
  }

  // Fails those of `revokes` that would end what a place serves to which
  // another secret was to be delivered and was not; the others stay. Runs
  // between the two waves: creates and rotations first, revocations afterwards.
  // A token is undeclared in one table and its place declared in another, for
  // example when it was renamed: if the new token was not minted, the old
  // secret is what consumers still read, and it has to live.
  void HoldBack(std::vector<size_t>& revokes) {
    std::set<std::string> remade;
    for (const ApplyResult::Entry& entry : result_.entries) {
      // Only a change that is entirely done has replaced what all of its places
      // held.
      if (entry.outcome.kind == Outcome::Kind::kDone) {
        AddRemade(entry.change, remade);
      }
    }
    const Served served = StillServed(actual_.records, remade);
    std::erase_if(revokes, [&](size_t index) {
      ApplyResult::Entry& entry = result_.entries[index];
      for (const Collect& end : entry.change.revoke) {
        const auto place = served.places.find(end.id);
        if (place == served.places.end()) continue;
        entry.outcome.kind = Outcome::Kind::kFailed;
        entry.outcome.status = absl::FailedPreconditionError(
            absl::StrCat("not revoked, because ", place->second->first,
                         " still holds the secret of ", end.id.Short(),
                         " and no other was delivered there"));
        End(entry);
        return true;
      }
      return false;
    });
  }

 private:
  // Whatever happens to it is in its outcome: nothing is thrown.
  void One(ApplyResult::Entry& entry, Providers& providers) {
    // Outside of the try, so that an exception leaves it to look at.
    std::optional<Rotation> rotation;
    try {
      Perform(entry, providers, rotation);
    } catch (const std::exception& why) {
      Break(entry, rotation, why);
    }
  }

  // What can still be reported about a change that an exception ended.
  void Break(ApplyResult::Entry& entry, const std::optional<Rotation>& rotation,
             const std::exception& why) {
    entry.outcome.kind = Outcome::Kind::kFailed;
    entry.outcome.status = Shortage(why);
    try {
      if (rotation) entry.outcome.done = rotation->outcome().done;
      // Its id: the secret is gone with the driver, but the token is not.
      if (rotation && rotation->minted()) {
        entry.outcome.left.push_back(absl::StrCat(
            "see to token ", rotation->minted()->id.Short(),
            ", which was minted: it is delivered, or it is collected"));
      }
    } catch (const std::bad_alloc&) {
    }
    // Something was changed already.
    if (rotation && (rotation->minted() || !rotation->outcome().done.empty())) {
      entry.outcome.kind = Outcome::Kind::kIncomplete;
    }
    End(entry);
  }

  // One change from its beginning to its outcome.
  void Perform(ApplyResult::Entry& entry, Providers& providers,
               std::optional<Rotation>& going) {
    const Change& change = entry.change;
    // Looked at for each change: after a signal the ones that were not begun
    // are only reported.
    if (ports_.run->Signal() != 0) {
      return NotStarted(entry,
                        absl::CancelledError("not started: interrupted"));
    }
    if (SignedOut(change.realm())) {
      return NotStarted(
          entry, absl::UnauthenticatedError(
                     "not started, because the service does not accept the "
                     "sign-in any more"));
    }
    std::unique_ptr<TokenWriter>& provider = providers[change.realm()];
    if (provider == nullptr) {
      // Every change is of an identity that is declared: nobody else was asked.
      absl::StatusOr<std::unique_ptr<TokenWriter>> made =
          ports_.tokens->OpenWriter({change.organization,
                                     *desired_.FindAuth(change.identity),
                                     ports_.service});
      if (!made.ok()) {
        entry.outcome.kind = Outcome::Kind::kFailed;
        entry.outcome.status = made.status();
        return End(entry);
      }
      provider = *std::move(made);
    }
    // Before the first effect, so that a report has its beginning.
    listener_.Tell([&](ApplyListener& l) { l.Started(change); });
    const auto token =
        tokens_.find({change.identity, change.organization, change.name});
    const DesiredToken* const declared =
        token == tokens_.end() ? nullptr : token->second;
    const DecideInput input = InputFor(declared, entry.change);
    // What the plan saw at each place. The machine compares before the mint: if
    // it changed, another run is at work.
    std::vector<HeldRecord> planned;
    for (const Delivery& place : input.deliver) {
      planned.push_back(actual_.records.at(place.Address()));
    }
    // In the caller's optional, see One().
    Rotation& rotation = going.emplace(change, input, planned,
                                       declared != nullptr && declared->verify);
    Driver driver(desired_, declared, change, ports_, *provider, known_);
    driver.deliver = input.deliver;
    driver.user_oid = actual_.UserOf(change.identity);
    driver.service_renews = service_renews_;
    Performed performed;
    driver.clock_ahead = actual_.clock_ahead.value_or(absl::ZeroDuration());
    // The first event: nothing has happened yet.
    Event event;
    event.now = ports_.clock->Now() + driver.clock_ahead;
    event.stop = ports_.run->Signal() != 0;
    // The loop of the whole program: an effect, an event, the next effect.
    for (Effect effect = rotation.Step(event);
         effect.kind != Effect::Kind::kDone; effect = rotation.Step(event)) {
      listener_.Tell([&](ApplyListener& l) { l.Doing(change, effect); });
      event = driver.Perform(effect);
      // For the report of what is left.
      Note(effect, event, performed);
    }
    entry.outcome = rotation.outcome();
    for (int place : performed.delivered) {
      entry.delivered.push_back(input.deliver[place]);
    }
    AddLeft(change, performed, entry.outcome);
    End(entry);
  }

  // What the machine decides with when it looks again; the same inputs as in
  // the plan. `token`: null for one that is no longer declared.
  DecideInput InputFor(const DesiredToken* token, Change& change) const {
    // The service may give the token a new secret with an update.
    if (token != nullptr && change.action == Action::kUpdate) {
      change.deliver = token->deliver;
    }
    DecideInput input;
    input.name = change.name;
    input.workspace = desired_.workspace;
    input.organization = change.organization;
    input.user_oid = actual_.UserOf(change.identity);
    input.deliver = change.deliver;
    if (token != nullptr) input.grace = token->grace;
    return input;
  }

  void NotStarted(ApplyResult::Entry& entry, absl::Status why) {
    entry.outcome.kind = Outcome::Kind::kInterrupted;
    entry.outcome.status = std::move(why);
    entry.outcome.left = Remaining(entry.change, {});
    End(entry);
  }

  // What was certainly done. An uncertain step counts as not done here, so a
  // report names rather too much.
  static void Note(const Effect& effect, const Event& event,
                   Performed& performed) {
    const bool gone = event.kind == Event::Kind::kGone;
    switch (effect.kind) {
      case Effect::Kind::kMint:
        // A new token: what an earlier try delivered is no longer of use.
        performed.delivered.clear();
        performed.minted = event.kind == Event::Kind::kMinted;
        break;
      case Effect::Kind::kDeliver:
        if (event.kind == Event::Kind::kDelivered) {
          performed.delivered.insert(effect.place);
        }
        break;
      case Effect::Kind::kUpdate:
        performed.updated = event.kind == Event::Kind::kUpdated;
        break;
      case Effect::Kind::kRetire:
      case Effect::Kind::kRevoke:
        // Gone is as good as ended.
        if (event.kind == Event::Kind::kOk || gone) {
          performed.ended.insert(effect.id);
        }
        break;
      default:
        break;
    }
  }

  // All that is left, where the protocol names the next thing or its reason.
  static void AddLeft(const Change& change, const Performed& performed,
                      Outcome& outcome) {
    const bool half = outcome.kind == Outcome::Kind::kInterrupted ||
                      outcome.kind == Outcome::Kind::kIncomplete;
    if (!half && outcome.left.empty()) return;
    // A secret that is not delivered everywhere is followed by another one.
    const std::vector<std::string> left =
        outcome.left.empty() ? Remaining(change, performed)
                             : RemainingEnds(change, performed);
    for (const std::string& line : left) {
      // The machine may have named it, with its reason behind it.
      const bool listed = std::any_of(
          outcome.left.begin(), outcome.left.end(),
          [&line](const std::string& l) { return absl::StartsWith(l, line); });
      if (!listed) outcome.left.push_back(line);
    }
  }

  // A bearer that was refused once is not sent again for every change.
  bool SignedOut(const Realm& realm) {
    std::lock_guard<std::mutex> lock(mutex_);
    return signed_out_.count(realm) > 0;
  }

  void End(const ApplyResult::Entry& entry) {
    // One answer for a user there is enough: a bearer that was refused will be
    // for every change.
    if (absl::IsUnauthenticated(entry.outcome.status)) {
      std::lock_guard<std::mutex> lock(mutex_);
      signed_out_.insert(entry.change.realm());
    }
    listener_.Tell(
        [&](ApplyListener& l) { l.Ended(entry.change, entry.outcome); });
  }

  // From here on in the order of construction: known_, listener_ and ticker_
  // refer to members above them.
  const DesiredState& desired_;
  const ActualState& actual_;
  KnownIds known_{actual_};
  const ApplyPorts& ports_;
  SharedListener listener_;
  Ticker ticker_{listener_};
  ApplyResult& result_;
  const bool service_renews_;  // it is asked of every record there is
  std::mutex mutex_;
  std::set<Realm> signed_out_;  // guarded by mutex_
  std::map<TokenKey, const DesiredToken*> tokens_;
};

}  // namespace

int ApplyResult::Count(Outcome::Kind kind) const {
  return static_cast<int>(
      std::count_if(entries.begin(), entries.end(),
                    [kind](const Entry& e) { return e.outcome.kind == kind; }));
}

// How many lines a person still has to see to.
int ApplyResult::StepsLeft() const {
  size_t steps = 0;
  for (const Entry& entry : entries) steps += entry.outcome.left.size();
  return static_cast<int>(steps);
}

// First everything that makes or keeps, then what ends: see HoldBack().
ApplyResult Apply(const DesiredState& desired, const ActualState& actual,
                  const Plan& plan, const ApplyPorts& ports, int parallelism,
                  ApplyListener& listener) {
  ApplyResult result;
  std::vector<size_t> makes, revokes;
  // By action. A rotation's own retirement of the old token is part of it, in
  // its steps.
  for (const Change& change : plan.changes.changes) {
    (change.action == Action::kRevoke ? revokes : makes)
        .push_back(result.entries.size());
    result.entries.push_back({change, {}, {}});
  }
  Workers workers(desired, actual, ports, listener, result);
  workers.Wave(makes, parallelism);
  workers.FollowUps();
  workers.HoldBack(revokes);
  workers.Wave(revokes, parallelism);
  // Also a signal that came too late to stop anything: the exit code shows it.
  result.stopped = ports.run->Signal() != 0;
  return result;
}

}  // namespace patform
