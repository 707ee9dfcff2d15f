#include "tests/model/world.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/diff/decide.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"

namespace patform::model {
namespace {

constexpr absl::Duration kLife = absl::Hours(30 * 24);
// Runs that make as many go on for ever.
constexpr size_t kMostTokens = 24;
constexpr char kName[] = "ci";
constexpr char kOldName[] = "build";

absl::Time Epoch() { return absl::FromUnixSeconds(1'800'000'000); }

const AuthorizationId& IdOf(int index) {
  static const auto* const ids = [] {
    auto* made = new std::vector<AuthorizationId>;
    for (size_t i = 0; i < kMostTokens + 8; ++i) {  // and the user's
      made->push_back(*AuthorizationId::Parse(
          absl::StrFormat("%08x-0000-4000-8000-000000000000", i + 1)));
    }
    return made;
  }();
  return (*ids)[index];
}

std::string NonceText(const Token& token, const Setup& setup) {
  return NonceFor(absl::StrFormat("nonce%07d0000", token.nonce),
                  Print(setup, token.version));
}

void SetRecord(const Delivered& what, int version, const PlaceKind& kind,
               Place::Content& content) {
  if (!kind.record) return;
  content.record_token = what.token;
  content.record_generation = what.generation;
  content.record_version = version;
  content.record_renewed = what.renewed;
}

}  // namespace

Delivery PlaceNumber(int place) {
  Delivery delivery;
  delivery.sink = absl::StrCat("place", place);
  delivery.at = "ci";
  return delivery;
}

const std::vector<int>& PlacesOf(const Setup& setup, Version version) {
  return version == Version::kOld ? setup.old_places : setup.new_places;
}

const DesiredState& Desired(const Setup& setup, Version version) {
  static std::mutex mutex;
  static auto* const states =
      new std::map<std::pair<const Setup*, Version>, DesiredState>;
  std::lock_guard<std::mutex> lock(mutex);
  const auto [entry, is_new] = states->try_emplace({&setup, version});
  if (!is_new) return entry->second;
  DesiredState& state = entry->second;
  state.workspace = "w";
  state.organization = "o";
  DesiredToken token;
  const bool old_name = version == Version::kOld && setup.old_name;
  token.name = old_name ? kOldName : kName;
  if (setup.renamed && !old_name) token.renamed_from = kOldName;
  token.scopes = ScopeSet::Of({"vso.code"});
  token.lifetime = kLife;
  token.rotate_before.span = absl::Hours(7 * 24);
  token.grace = setup.grace;
  token.organization = "o";
  for (int place : PlacesOf(setup, version)) {
    token.deliver.push_back(PlaceNumber(place));
  }
  state.tokens.push_back(std::move(token));
  return state;
}

const std::string& Print(const Setup& setup, Version version) {
  // The places are all that is in it.
  static std::mutex mutex;
  static auto* const prints = new std::map<std::vector<int>, std::string>;
  std::lock_guard<std::mutex> lock(mutex);
  std::string& print = (*prints)[PlacesOf(setup, version)];
  if (print.empty()) {
    const DesiredState& desired = Desired(setup, version);
    print = PlacesPrint(desired, desired.tokens[0].deliver);
  }
  return print;
}

void AddInstant(std::string& key, int64_t seconds, int64_t now) {
  constexpr int64_t kTick = kTickMinutes * 60;
  int64_t away = seconds - now;
  if (away > 20 * 24 * 3600) away = 20 * 24 * 3600;
  if (away < -9 * kTick) away = -9 * kTick;
  Add(key, static_cast<int>(away / 30));
}

int BoundOf(const Setup& setup) {
  int bound = kMaxUndelivered + static_cast<int>(setup.places.size()) +
              setup.losses + setup.runs - 1 + 2 * setup.old_starts;
  // A run that loses to another one after its secondaries is tried once more.
  if (setup.places.size() > 1) bound += 2 * std::max(setup.overlaps, 0);
  for (const PlaceKind& place : setup.places) {
    if (!place.record || !place.one_write) {
      return bound + setup.crashes + setup.pauses + setup.refusals;
    }
  }
  return bound;
}

World::World(const Setup& setup)
    : overlaps(setup.overlaps),
      pauses(setup.pauses),
      crashes(setup.crashes),
      losses(setup.losses),
      refusals(setup.refusals),
      requests(setup.requests),
      omissions(setup.omissions),
      lags(setup.lags),
      wrong(setup.wrong),
      hollow(setup.hollow),
      user(setup.user),
      expiries(setup.expiries),
      old_starts(setup.old_starts),
      setup_(&setup) {
  places.resize(setup.places.size());
  if (!setup.in_service) return;
  const Version before =
      setup.old_places.empty() ? Version::kNew : Version::kOld;
  const int first = Mint(1, nonces++, before);
  tokens[first].new_name = !setup.renamed;
  for (int place : PlacesOf(setup, before)) {
    const Delivered what = {first, 1, 0, setup.known};
    const int version = Put(place, what, 0);
    PutRecord(place, what, version);
    places[place].settled = true;
  }
  tick = 8;
}

absl::Time World::TimeAt(int tick) {
  return Epoch() + absl::Minutes(tick * kTickMinutes) + absl::Seconds(59);
}

int64_t World::Seconds() const { return absl::ToInt64Seconds(Now() - Epoch()); }

bool World::Alive(const Token& token) const {
  return !token.revoked && token.end > Seconds();
}

ActualToken World::Show(int index) const {
  return ShowAs(index, tokens[index].version);
}

ActualToken World::ShowAs(int index, Version version) const {
  Token token = tokens[index];
  token.version = version;
  ActualToken shown;
  shown.id = IdOf(index);
  const char* const name = token.new_name ? kName : kOldName;
  if (token.nonce < 0) {
    shown.display_name = name;
  } else {
    Mark mark;
    mark.workspace = "w";
    mark.generation = token.generation;
    mark.nonce = NonceText(token, *setup_);
    shown.display_name =
        DisplayName(setup_->spelled ? absl::AsciiStrToUpper(name) : name, mark);
  }
  static const auto* const scopes = new ScopeSet(ScopeSet::Of({"vso.code"}));
  shown.scopes = *scopes;
  shown.valid_from = Epoch() + absl::Minutes(token.birth * kTickMinutes) +
                     absl::Seconds(index);
  if (setup_->mutant == Mutant::kNoAgeFence) {
    shown.valid_from -= absl::Hours(10);
  }
  shown.valid_to = Epoch() + absl::Seconds(token.end);
  shown.state = token.revoked            ? TokenState::kRevoked
                : token.end <= Seconds() ? TokenState::kExpired
                                         : TokenState::kActive;
  return shown;
}

int World::Find(const AuthorizationId& id) const {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (IdOf(static_cast<int>(i)) == id) return static_cast<int>(i);
  }
  return -1;
}

void World::Break(std::string what) {
  if (broken_.empty()) broken_ = std::move(what);
}

std::string World::TokenName(int index) const {
  if (index < 0) return "nothing";
  const Token& token = tokens[index];
  return absl::StrCat("t", index,
                      token.minted
                          ? absl::StrCat(" (generation ", token.generation, ")")
                          : " (the user's)");
}

int World::Mint(int generation, int nonce, Version version) {
  if (tokens.size() >= kMostTokens) {
    Break(absl::StrCat("no end: ", kMostTokens,
                       " tokens were made, and more are to come"));
    return static_cast<int>(tokens.size()) - 1;
  }
  Token token;
  token.nonce = nonce;
  token.generation = generation;
  token.version = version;
  token.new_name = version == Version::kNew || !setup_->old_name;
  token.birth = tick;
  token.end = Seconds() + absl::ToInt64Seconds(kLife);
  token.changed = tick;
  tokens.push_back(token);
  return static_cast<int>(tokens.size()) - 1;
}

// Nothing that patform may touch.
bool World::Strange(const Token& token) const {
  return !token.minted && (setup_->strict || !token.given);
}

bool World::Revoke(int index) {
  Token& token = tokens[index];
  if (Strange(token)) {
    Break(absl::StrCat("S2: revoked ", TokenName(index)));
  }
  if (!Alive(token)) return false;
  Remember(index);
  token.revoked = true;
  return true;
}

bool World::Retire(int index, int64_t end) {
  Token& token = tokens[index];
  if (Strange(token)) {
    Break(absl::StrCat("S2: cut the life of ", TokenName(index)));
  }
  if (!Alive(token) || end <= Seconds()) return false;
  Remember(index);
  token.end = end;
  token.retired = true;
  if (setup_->renews) ++token.secret;
  return true;
}

bool World::Rename(int index) {
  Token& token = tokens[index];
  if (Strange(token)) Break(absl::StrCat("S2: renamed ", TokenName(index)));
  if (!Alive(token)) return false;
  Remember(index);
  token.new_name = true;
  if (setup_->renews) ++token.secret;
  return true;
}

void World::Remember(int index) {
  if (setup_->lags == 0) return;
  Token& token = tokens[index];
  token.before = {true, token.nonce, token.new_name, token.revoked, token.end};
  token.changed = tick;
}

bool World::MayLag(int index) const {
  return lags > 0 && tick - tokens[index].changed <= 1;
}

void World::Rewind(int index) {
  Token& token = tokens[index];
  if (!token.before.listed) {
    tokens.resize(index);  // nothing that was made later is listed either
    return;
  }
  token.nonce = token.before.nonce;
  token.new_name = token.before.new_name;
  token.revoked = token.before.revoked;
  token.end = token.before.end;
}

std::vector<int> World::List(TokenFilter filter) const {
  std::vector<int> found;
  if (filter != TokenFilter::kActive && setup_->mutant == Mutant::kNoHistory) {
    return found;
  }
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const TokenFilter is = token.revoked  ? TokenFilter::kRevoked
                           : Alive(token) ? TokenFilter::kActive
                                          : TokenFilter::kExpired;
    if (is == filter) found.push_back(static_cast<int>(i));
  }
  return found;
}

bool World::Undelivered(int index) const {
  for (const Place& place : places) {
    if (place.now.record_token == index) return false;
  }
  return tokens[index].generation >
         places[setup_->new_places[0]].now.record_generation;
}

void World::Remember(Place& place) {
  if (place.settled) place.before = place.now;
  place.settled = false;
  place.written = tick;
}

int World::Put(int place, const Delivered& what, int expected) {
  Place& there = places[place];
  const PlaceKind& kind = setup_->places[place];
  if (kind.compare_and_set && there.now.version != expected) return -1;
  Remember(there);
  there.now.token = what.token;
  there.now.secret = what.secret;
  ++there.now.version;
  if (kind.one_write) SetRecord(what, there.now.version, kind, there.now);
  return there.now.version;
}

void World::PutRecord(int place, const Delivered& what, int version) {
  const PlaceKind& kind = setup_->places[place];
  if (kind.one_write || !kind.record) return;
  Place& there = places[place];
  Remember(there);
  SetRecord(what, version, kind, there.now);
}

HeldRecord World::Read(int place, bool stale) const {
  const Place& there = places[place];
  const Place::Content& content = stale ? there.before : there.now;
  const PlaceKind& kind = setup_->places[place];
  HeldRecord held = HeldRecord::Absent();
  // A store whose reads lag cannot be trusted to fence late writes.
  held.compare_and_set = kind.compare_and_set && !kind.stale;
  if (!kind.record) {
    held.state = HeldRecord::State::kSilent;
    return held;
  }
  if (content.version == 0 && content.record_version == 0) return held;
  held.version = absl::StrCat("v", content.version);
  if (content.record_version == content.version) {
    held.state = HeldRecord::State::kPresent;
    SinkRecord record;
    record.id = IdOf(content.record_token);
    record.generation = content.record_generation;
    record.workspace = "w";
    record.organization = "o";
    record.token = kName;
    record.address = PlaceNumber(place).Address();
    record.renewed_by_update =
        content.record_renewed && setup_->mutant != Mutant::kUpdatesAnyway;
    held.record = std::move(record);
  } else if (tick - there.written < kOldTicks) {
    held.state = HeldRecord::State::kUnknown;
    held.why = absl::UnavailableError("its record is not of this version yet");
  } else {
    held.state = HeldRecord::State::kTorn;
  }
  return held;
}

void World::Execute(const Late& request) {
  const Delivered what = {request.token, request.generation, request.secret,
                          request.renewed};
  switch (request.kind) {
    case Late::Kind::kMint:
      Mint(request.generation, request.nonce, request.file);
      break;
    case Late::Kind::kPut:
      Put(request.place, what, request.version);
      break;
    case Late::Kind::kRecord:
      PutRecord(request.place, what, request.version);
      break;
    case Late::Kind::kRevoke:
      Revoke(request.token);
      break;
    case Late::Kind::kRetire:
      Retire(request.token, request.end);
      break;
    case Late::Kind::kRename:
      Rename(request.token);
      break;
  }
}

void World::CheckServed(size_t place, const Place::Content& content,
                        const char* reads, const std::vector<int>& in_hand) {
  const int index = content.token;
  if (index < 0) return;
  const Token& token = tokens[index];
  if (!Alive(token)) {
    // The user's own doing, or a month in which nobody ran patform.
    if (token.by_user || (!token.revoked && !token.retired)) return;
    Break(absl::StrCat("S1: place ", place, " serves ", TokenName(index), reads,
                       ", which patform ended"));
  } else if (content.secret != token.secret &&
             std::find(in_hand.begin(), in_hand.end(), index) ==
                 in_hand.end()) {
    Break(absl::StrCat("S1: place ", place, " serves a secret of ",
                       TokenName(index), reads,
                       " that an update ended, and nobody has the new one"));
  }
}

void World::CheckState(const std::vector<int>& in_hand) {
  if (!broken_.empty()) return;
  // What only the old version names is nobody's any more.
  for (int place : setup_->new_places) {
    const auto i = static_cast<size_t>(place);
    CheckServed(i, places[i].now, "", in_hand);
    if (setup_->places[i].stale && !places[i].settled) {
      CheckServed(i, places[i].before, " to readers that lag", in_hand);
    }
  }
  int live = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (!token.minted || token.taken || !Alive(token)) continue;
    ++live;
    bool first = token.nonce >= 0;
    for (size_t j = 0; j < i; ++j) first &= tokens[j].nonce != token.nonce;
    if (!first) {
      Break(absl::StrCat("S4: ", TokenName(static_cast<int>(i)),
                         " lives and nothing shows that it is patform's"));
    }
  }
  if (live > (setup_->most_live > 0 ? setup_->most_live : BoundOf(*setup_))) {
    Break(absl::StrCat("S3: ", live, " generations live at once"));
  }
}

bool World::Settled() const {
  const int served = places[setup_->new_places[0]].now.token;
  if (served < 0 || !Alive(tokens[served])) return false;
  for (int i : setup_->new_places) {
    const Place::Content& content = places[i].now;
    if (content.token != served || content.secret != tokens[served].secret) {
      return false;
    }
    if (!setup_->places[i].record) continue;
    if (content.record_token != served ||
        content.record_version != content.version) {
      return false;
    }
  }
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (static_cast<int>(i) != served && token.minted && !token.taken &&
        Alive(token)) {
      return false;
    }
  }
  return tokens[served].new_name && !tokens[served].taken;
}

void World::AppendKey(std::string& key) const {
  const int64_t now = Seconds();
  for (int n : {overlaps, pauses, crashes, losses, refusals, requests,
                omissions, lags, wrong, hollow, user, expiries, nonces,
                old_starts, static_cast<int>(new_ended)}) {
    key.push_back(static_cast<char>(n));
  }
  key.push_back(static_cast<char>(tokens.size()));
  for (const Token& token : tokens) {
    key.push_back(static_cast<char>(token.nonce));
    key.push_back(static_cast<char>(token.generation));
    key.push_back(static_cast<char>(token.minted | token.taken << 1 |
                                    token.new_name << 2 | token.revoked << 3 |
                                    token.by_user << 4 | token.retired << 5 |
                                    token.given << 6));
    key.push_back(static_cast<char>(token.version));
    key.push_back(static_cast<char>(std::min(tick - token.birth, 8)));
    if (!token.revoked) AddInstant(key, token.end, now);
    if (setup_->renews) key.push_back(static_cast<char>(token.secret));
    if (lags == 0 || tick - token.changed > 1) continue;
    key.push_back(static_cast<char>(token.before.nonce));
    key.push_back(static_cast<char>(
        token.before.listed | token.before.new_name << 1 |
        token.before.revoked << 2 | (tick - token.changed) << 3));
    AddInstant(key, token.before.end, now);
  }
  for (const Place& place : places) {
    for (const Place::Content* content : {&place.now, &place.before}) {
      key.push_back(static_cast<char>(content->token));
      key.push_back(static_cast<char>(content->version));
      key.push_back(static_cast<char>(content->record_token));
      key.push_back(static_cast<char>(content->record_generation));
      key.push_back(static_cast<char>(content->record_version));
      if (setup_->renews) {
        key.push_back(static_cast<char>(content->secret));
        key.push_back(static_cast<char>(content->record_renewed));
      }
      if (place.settled) break;  // nobody sees what was before
    }
    key.push_back(static_cast<char>(place.settled));
    key.push_back(static_cast<char>(std::min(tick - place.written, kOldTicks)));
  }
  key.push_back(static_cast<char>(late.size()));
  for (const Late& request : late) {
    key.push_back(static_cast<char>(request.kind));
    key.push_back(static_cast<char>(request.token));
    key.push_back(static_cast<char>(request.place));
    key.push_back(static_cast<char>(request.generation));
    key.push_back(static_cast<char>(request.nonce));
    key.push_back(static_cast<char>(request.file));
    key.push_back(static_cast<char>(request.version));
    key.push_back(static_cast<char>(std::min(tick - request.sent, 8)));
    if (request.kind == Late::Kind::kRetire) AddInstant(key, request.end, now);
    if (setup_->renews) {
      key.push_back(static_cast<char>(request.secret));
      key.push_back(static_cast<char>(request.renewed));
    }
  }
}

}  // namespace patform::model
