#include "tests/model/explore.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace patform::model {
namespace {

// A run is not suspended for longer than this between its start and its end.
constexpr int kLongestRun = 4;
constexpr int kMonth = 31 * 24 * 60 / kTickMinutes;

// 128 bits of a key: among 10^8 states two share them with a chance of 10^-22.
using Print = std::pair<uint64_t, uint64_t>;
Print PrintOf(const std::string& key) {
  return {absl::HashOf(key, 1), absl::HashOf(2, key)};
}

// Of kStart and kStartRotate: bits of `how`.
constexpr int kOldVersion = 1;
constexpr int kSkewed = 2;

bool HasOld(const World& world) { return !world.setup().old_places.empty(); }

bool AllIdle(const State& state) {
  return std::all_of(state.runs.begin(), state.runs.end(),
                     [](const Run& run) { return run.idle(); });
}

bool MayTick(const State& state) {
  const World& world = state.world;
  for (const Late& late : world.late) {
    const bool write =
        late.kind == Late::Kind::kPut || late.kind == Late::Kind::kRecord;
    if (write && world.tick - late.sent >= world.setup().late) return false;
  }
  for (const Run& run : state.runs) {
    if (run.idle()) continue;
    if (world.pauses == 0) return false;
    if (world.tick - run.started() >= kLongestRun) return false;
    if (run.delivering() && world.tick - run.asked() >= kMostLate) return false;
  }
  return true;
}

std::vector<int> RenewedInHand(const State& state) {
  std::vector<int> tokens;
  for (const Run& run : state.runs) {
    const int token = run.RenewedInHand(state.world);
    if (token >= 0) tokens.push_back(token);
  }
  return tokens;
}

void AddTicks(World& world, int ticks) {
  world.tick += ticks;
  for (Place& place : world.places) place.settled = true;
}

void Append(std::string* said, const std::string& text) {
  if (said != nullptr) *said = text;
}

// What the user does with one of patform's tokens.
void User(World& world, const Move& move, std::string* said) {
  --world.user;
  const int index = move.who;
  world.Remember(index);
  const std::string name = absl::StrCat("t", index);
  if (move.kind == Move::Kind::kRename) {
    // Whoever puts the whole mark on a token of his own and takes it off ours
    // has handed his over: nobody could tell the two apart any more.
    for (Token& token : world.tokens) {
      token.given |= !token.minted && token.nonce == world.tokens[index].nonce;
    }
    world.tokens[index].nonce = -1;
    world.tokens[index].taken = true;
    return Append(said, "the user takes the mark off " + name);
  }
  if (move.kind != Move::Kind::kCopy) {
    world.tokens[index].revoked = true;
    world.tokens[index].by_user = true;
  }
  if (move.kind == Move::Kind::kRevoke) {
    return Append(said, "the user revokes " + name);
  }
  Token copy = world.tokens[index];
  copy.minted = false;
  copy.revoked = copy.by_user = copy.retired = false;
  copy.birth = copy.changed = world.tick;
  copy.before = {};
  copy.end = world.Seconds() + 30 * 24 * 3600;
  world.tokens.push_back(copy);
  Append(said,
         absl::StrCat("the user ",
                      move.kind == Move::Kind::kCopy ? "copies the name of "
                                                     : "regenerates ",
                      name, ": t", world.tokens.size() - 1));
}

// Tarjan's algorithm without recursion, over edges in compressed rows.
class Components {
 public:
  Components(const std::vector<uint64_t>& rows,
             const std::vector<uint32_t>& edges)
      : rows_(rows), edges_(edges), component(rows.size() - 1, kNone) {
    const uint32_t n = static_cast<uint32_t>(rows.size() - 1);
    index_.assign(n, kNone);
    low_.assign(n, 0);
    for (uint32_t node = 0; node < n; ++node) {
      if (index_[node] == kNone) Visit(node);
    }
  }

  static constexpr uint32_t kNone = 0xffffffff;

 private:
  const std::vector<uint64_t>& rows_;
  const std::vector<uint32_t>& edges_;
  std::vector<uint32_t> index_, low_, stack_;
  uint32_t next_ = 0;

 public:
  std::vector<uint32_t> component;
  uint32_t count = 0;

 private:
  void Visit(uint32_t root) {
    struct Frame {
      uint32_t node;
      uint64_t edge;
    };
    std::vector<Frame> frames;
    const auto enter = [&](uint32_t node) {
      index_[node] = low_[node] = next_++;
      stack_.push_back(node);
      frames.push_back({node, rows_[node]});
    };
    enter(root);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.edge < rows_[frame.node + 1]) {
        const uint32_t to = edges_[frame.edge++];
        if (index_[to] == kNone) {
          enter(to);
        } else if (component[to] == kNone) {
          low_[frame.node] = std::min(low_[frame.node], index_[to]);
        }
        continue;
      }
      const uint32_t node = frame.node;
      frames.pop_back();
      if (!frames.empty()) {
        uint32_t& low = low_[frames.back().node];
        low = std::min(low, low_[node]);
      }
      if (low_[node] != index_[node]) continue;
      for (uint32_t member = kNone; member != node;) {
        member = stack_.back();
        stack_.pop_back();
        component[member] = count;
      }
      ++count;
    }
  }
};

class Search {
 public:
  Search(const Setup& setup, int64_t most_states)
      : setup_(setup), most_states_(most_states) {}

  Found Go() {
    State first{World(setup_), std::vector<Run>(setup_.runs)};
    Visit(std::move(first), 0, Move());
    while (!frontier_.empty() && found_.broken.empty()) {
      if (found_.states > most_states_) return std::move(found_);
      State state = std::move(frontier_.front());
      frontier_.pop_front();
      const uint32_t from = static_cast<uint32_t>(rows_.size());
      rows_.push_back(edges_.size());
      const size_t row = edges_.size();
      for (const Move& move : Moves(state)) {
        State next = state;
        Take(next, move, nullptr);
        ++found_.transitions;
        const uint32_t to = Visit(std::move(next), from, move);
        if (to != from) edges_.push_back(to);
        if (!found_.broken.empty()) break;
      }
      std::sort(edges_.begin() + row, edges_.end());
      edges_.erase(std::unique(edges_.begin() + row, edges_.end()),
                   edges_.end());
    }
    if (found_.broken.empty()) {
      found_.complete = true;
      rows_.push_back(edges_.size());
      CheckLiveness();
    }
    return std::move(found_);
  }

 private:
  struct Node {
    uint32_t parent = 0;
    Move move;
    bool at_rest = false;  // settled, and no run applies anything
  };

  // The state's number; new ones are checked and queued.
  uint32_t Visit(State state, uint32_t parent, const Move& move) {
    const uint32_t number = static_cast<uint32_t>(nodes_.size());
    const auto [entry, is_new] =
        known_.try_emplace(PrintOf(Key(state)), number);
    const bool was_broken = !state.world.broken().empty();
    if (!is_new && !was_broken) return entry->second;
    state.world.CheckState(RenewedInHand(state));
    Node node;
    node.parent = parent;
    node.move = move;
    node.at_rest = state.world.Settled() &&
                   std::none_of(state.runs.begin(), state.runs.end(),
                                [](const Run& run) { return run.applying(); });
    nodes_.push_back(node);
    ++found_.states;
    int live = 0;
    for (const Token& token : state.world.tokens) {
      live += token.minted && !token.taken && state.world.Alive(token) ? 1 : 0;
    }
    found_.most_live = std::max(found_.most_live, live);
    if (!state.world.broken().empty()) {
      found_.broken = state.world.broken();
      found_.trace = Trace(number);
    }
    frontier_.push_back(std::move(state));
    return number;
  }

  std::vector<std::string> Trace(uint32_t number) const {
    std::vector<Move> moves;
    for (uint32_t at = number; at != 0; at = nodes_[at].parent) {
      moves.push_back(nodes_[at].move);
    }
    std::reverse(moves.begin(), moves.end());
    State state{World(setup_), std::vector<Run>(setup_.runs)};
    std::vector<std::string> lines;
    for (const Move& move : moves) {
      std::string said;
      Take(state, move, &said);
      lines.push_back(std::move(said));
    }
    return lines;
  }

  void CheckLiveness() {
    const Components components(rows_, edges_);
    std::vector<bool> left(components.count, false);
    for (uint32_t node = 0; node < nodes_.size(); ++node) {
      for (uint64_t e = rows_[node]; e < rows_[node + 1]; ++e) {
        if (components.component[edges_[e]] != components.component[node]) {
          left[components.component[node]] = true;
        }
      }
    }
    for (bool leaves : left) found_.terminal += leaves ? 0 : 1;
    for (uint32_t node = 0; node < nodes_.size(); ++node) {
      if (left[components.component[node]] || nodes_[node].at_rest) continue;
      found_.broken =
          "L: applying again and again never leaves one live, recorded "
          "generation everywhere";
      found_.trace = Trace(node);
      return;
    }
  }

  const Setup& setup_;
  const int64_t most_states_;
  Found found_;
  absl::flat_hash_map<Print, uint32_t> known_;
  std::vector<Node> nodes_;
  std::deque<State> frontier_;
  std::vector<uint64_t> rows_;
  std::vector<uint32_t> edges_;
};

}  // namespace

std::vector<Move> Moves(const State& state) {
  const World& world = state.world;
  std::vector<Move> moves;
  std::vector<int> fates;
  const auto add = [&](Move::Kind kind, size_t who = 0, int how = 0) {
    moves.push_back(
        {kind, static_cast<uint8_t>(who), static_cast<uint8_t>(how)});
  };
  for (size_t i = 0; i < state.runs.size(); ++i) {
    const Run& run = state.runs[i];
    if (run.idle()) {
      // Two idle runs are the same run.
      if (i > 0 && state.runs[i - 1].idle()) continue;
      if (world.overlaps == 0 && !AllIdle(state)) continue;
      for (int how : {0, kOldVersion, kSkewed, kOldVersion | kSkewed}) {
        const bool old = (how & kOldVersion) != 0;
        // A pipeline of the old version that begins after the new one is done
        // is a change of mind, and no overlap.
        if (old && (world.old_starts == 0 || world.new_ended)) continue;
        if ((how & kSkewed) != 0 && world.setup().skew == 0) continue;
        add(Move::Kind::kStart, i, how);
        if (world.requests > 0) add(Move::Kind::kStartRotate, i, how);
      }
      continue;
    }
    fates.clear();
    run.Fates(world, fates);
    for (int fate : fates) add(Move::Kind::kStep, i, fate);
    if (world.crashes > 0) add(Move::Kind::kCrash, i);
  }
  for (size_t i = 0; i < world.late.size(); ++i) add(Move::Kind::kLate, i);
  if (MayTick(state)) add(Move::Kind::kTick);
  if (world.expiries > 0 && AllIdle(state) && world.late.empty()) {
    add(Move::Kind::kMonth);
  }
  if (world.user == 0) return moves;
  for (size_t i = 0; i < world.tokens.size(); ++i) {
    const Token& token = world.tokens[i];
    if (!token.minted || token.taken || !world.Alive(token)) continue;
    for (Move::Kind kind : {Move::Kind::kRevoke, Move::Kind::kRename,
                            Move::Kind::kCopy, Move::Kind::kRegenerate}) {
      add(kind, i);
    }
  }
  return moves;
}

void Take(State& state, const Move& move, std::string* said) {
  World& world = state.world;
  const std::string who =
      said == nullptr ? "" : absl::StrCat("run ", move.who + 1, " ");
  switch (move.kind) {
    case Move::Kind::kStart:
    case Move::Kind::kStartRotate: {
      const bool rotate = move.kind == Move::Kind::kStartRotate;
      const bool old = (move.how & kOldVersion) != 0;
      const int skew = (move.how & kSkewed) != 0 ? world.setup().skew : 0;
      if (rotate) --world.requests;
      if (old) --world.old_starts;
      if (world.overlaps > 0 && !AllIdle(state)) --world.overlaps;
      state.runs[move.who].Start(world, rotate,
                                 old ? Version::kOld : Version::kNew, skew);
      return Append(said,
                    absl::StrCat(who, "starts", old ? " with the old file" : "",
                                 skew != 0 ? ", its clock ahead" : "",
                                 rotate ? ", a rotation is asked for" : ""));
    }
    case Move::Kind::kStep: {
      Run& run = state.runs[move.who];
      const bool is_new = run.version() == Version::kNew;
      run.Step(world, move.how, said);
      if (is_new && run.idle() && HasOld(world)) world.new_ended = true;
      if (said != nullptr) *said = who + *said;
      return;
    }
    case Move::Kind::kCrash: {
      --world.crashes;
      Run& run = state.runs[move.who];
      if (run.version() == Version::kNew && HasOld(world)) {
        world.new_ended = true;
      }
      run.Crash();
      return Append(said, who + "dies");
    }
    case Move::Kind::kLate: {
      const Late late = world.late[move.who];
      world.late.erase(world.late.begin() + move.who);
      world.Execute(late);
      const char* const what[] = {
          "create",     "write of a secret", "write of a record",
          "revocation", "retirement",        "rename"};
      return Append(
          said,
          absl::StrCat(
              "a late ", what[static_cast<int>(late.kind)], " of ",
              world.TokenName(late.token < 0
                                  ? static_cast<int>(world.tokens.size() - 1)
                                  : late.token),
              " is executed"));
    }
    case Move::Kind::kTick:
      if (!AllIdle(state)) --world.pauses;
      AddTicks(world, 1);
      return Append(said, "eleven minutes go by");
    case Move::Kind::kMonth:
      --world.expiries;
      AddTicks(world, kMonth);
      return Append(said, "a month goes by");
    case Move::Kind::kRevoke:
    case Move::Kind::kRename:
    case Move::Kind::kCopy:
    case Move::Kind::kRegenerate:
      return User(world, move, said);
  }
}

Found Explore(const Setup& setup, int64_t most_states) {
  return Search(setup, most_states).Go();
}

std::string Key(const State& state) {
  std::string key;
  key.reserve(256);
  state.world.AppendKey(key);
  // Which of two runs is in which state makes no difference.
  std::vector<std::string> runs;
  for (const Run& run : state.runs) {
    runs.emplace_back();
    run.AppendKey(state.world, runs.back());
  }
  std::sort(runs.begin(), runs.end());
  for (const std::string& run : runs) {
    Add(key, static_cast<int>(run.size()));
    key += run;
  }
  return key;
}

}  // namespace patform::model
