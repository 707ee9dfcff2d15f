#include "engine/desired/scope_guess.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/desired/scope_catalog.h"
#include "engine/model/lifecycle_scopes.h"

// A name is taken apart into a topic ("packaging") and verbs ("read", "write"),
// and compared with the topics and verbs of the catalogue. By spelling alone
// "vso.code_read" is nearest to "vso.code_full": a hint must never offer more
// than what somebody wrote, because it is taken in a hurry.
namespace patform {
namespace {

constexpr char kFullTopic[] = "apptoken";
constexpr size_t kLongest = 100;  // bytes; the longest title has 46

// The stronger one later; kOther is beside the ladder.
enum Verb { kRead, kOther, kWrite, kExecute, kManage, kFull };

struct VerbWord {
  const char* word;
  Verb verb;
};
constexpr VerbWord kVerbs[] = {
    {"read", kRead},     {"readonly", kRead},     {"ro", kRead},
    {"r", kRead},        {"view", kRead},         {"list", kRead},
    {"get", kRead},      {"write", kWrite},       {"readwrite", kWrite},
    {"rw", kWrite},      {"w", kWrite},           {"create", kWrite},
    {"edit", kWrite},    {"contribute", kWrite},  {"execute", kExecute},
    {"exec", kExecute},  {"run", kExecute},       {"queue", kExecute},
    {"manage", kManage}, {"admin", kManage},      {"administer", kManage},
    {"full", kFull},     {"all", kFull},          {"fullaccess", kFull},
    {"acquire", kOther}, {"diagnostics", kOther}, {"interact", kOther},
    {"publish", kOther}, {"query", kOther},       {"status", kOther},
    {"use", kOther},
};

// What people call a topic that the catalogue has under another name.
struct Alias {
  const char* word;
  const char* topic;
};
constexpr Alias kAliases[] = {
    {"agent", "agentpool"},
    {"pool", "agentpool"},
    {"artifact", "packaging"},
    {"feed", "packaging"},
    {"npm", "packaging"},
    {"nuget", "packaging"},
    {"package", "packaging"},
    {"maven", "packaging"},
    {"git", "code"},
    {"repo", "code"},
    {"repository", "code"},
    {"repositorie", "code"},
    {"source", "code"},
    {"board", "workitem"},
    {"pipeline", "build"},
    {"ci", "build"},
    {"testplan", "test"},
    {"library", "variablegroup"},
    {"variable", "variablegroup"},
    {"audit", "auditlog"},
    {"endpoint", "serviceendpoint"},
};

// One written name, or one of the catalogue.
struct Parts {
  std::string topic;  // letters and digits, without a plural's s
  std::vector<std::string> verbs;
  Verb strongest = kRead;
};

// "Work Items" and "workitem" are the same topic.
std::string Folded(std::string_view text) {
  std::string folded;
  for (char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      folded += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }
  if (folded.size() > 3 && folded.back() == 's') folded.pop_back();
  return folded;
}

const VerbWord* FindVerb(std::string_view word) {
  for (const VerbWord& verb : kVerbs) {
    if (word == verb.word) return &verb;
  }
  return nullptr;
}

std::vector<std::string> WordsIn(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : std::string(text) + " ") {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      word += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

void Take(Parts& parts, const VerbWord& verb) {
  parts.verbs.push_back(verb.word);
  parts.strongest = std::max(parts.strongest, verb.verb);
}

// Verbs are peeled off the end, and what is left is the topic. `typos`: a last
// word that is nearly a verb is one.
Parts TakeApart(std::string_view name, const NearestWord* nearest) {
  std::vector<std::string> words = WordsIn(name);
  if (words.size() > 1 && words.front() == "vso") words.erase(words.begin());
  Parts parts;
  while (!words.empty()) {
    const std::string& last = words.back();
    const VerbWord* verb = FindVerb(last);
    if (verb == nullptr && last == "access" && words.size() > 1 &&
        words[words.size() - 2] == "full") {
      words.pop_back();
      continue;
    }
    if (verb == nullptr && nearest != nullptr && words.size() > 1 &&
        parts.verbs.empty() && last.size() > 2) {
      static const auto& known = *new std::vector<std::string>{
          "read", "write", "execute", "manage", "full", "status", "publish"};
      if (const auto meant = (*nearest)(last, known)) verb = FindVerb(*meant);
    }
    if (verb == nullptr && (last != "and" || parts.verbs.empty())) break;
    if (verb != nullptr) Take(parts, *verb);
    words.pop_back();
  }
  parts.topic = Folded(absl::StrJoin(words, ""));
  return parts;
}

struct Known {
  const ScopeInfo* scope;
  std::vector<std::string> topics;  // of its name, its title, its category
  std::vector<std::string> verbs;   // by name and title
  Verb strongest;
};

const std::vector<Known>& AllKnown() {
  static const auto& all = *[] {
    auto* known = new std::vector<Known>();
    for (const ScopeInfo& scope : ScopeCatalog()) {
      // Nobody should be led to a scope that no token can have.
      if (scope.EntraOnly() || scope.name == kFullAccess) continue;
      const Parts name = TakeApart(scope.name, nullptr);
      const Parts title = TakeApart(scope.title, nullptr);
      Known one{&scope, {name.topic, title.topic}, name.verbs, name.strongest};
      one.verbs.insert(one.verbs.end(), title.verbs.begin(), title.verbs.end());
      one.strongest = std::max(name.strongest, title.strongest);
      one.topics.push_back(Folded(scope.category));
      known->push_back(std::move(one));
    }
    return known;
  }();
  return all;
}

// Did somebody write the word that makes `known` what it is?
bool HasVerb(const Known& known, const Parts& written) {
  return std::any_of(
      written.verbs.begin(), written.verbs.end(), [&](const std::string& verb) {
        const Verb kind = FindVerb(verb)->verb;
        if (kind != known.strongest) return false;
        // kOther are several words of different meanings.
        return kind != kOther ||
               std::find(known.verbs.begin(), known.verbs.end(), verb) !=
                   known.verbs.end();
      });
}

// Does a scope allow no more than the words do?
bool Within(const Known& known, const Parts& written) {
  switch (known.strongest) {
    case kRead:
      return true;
    // Not steps of one ladder: only who wrote the word asked for it.
    case kOther:
    case kExecute:
      return HasVerb(known, written) || written.strongest == kFull;
    case kWrite:
      return written.strongest == kWrite || written.strongest >= kManage;
    case kManage:
    case kFull:
      return written.strongest >= known.strongest;
  }
  return false;
}

// The strongest of `place` (0: named so, 1: titled so, 2: in the category) that
// allows no more than the words do.
const Known* Best(const Parts& written, size_t place) {
  const Known* best = nullptr;
  for (const Known& known : AllKnown()) {
    if (known.topics[place] != written.topic || !Within(known, written)) {
      continue;
    }
    if (best == nullptr || known.strongest > best->strongest) best = &known;
  }
  return best;
}

bool IsTopic(const std::string& topic) {
  return std::any_of(
      AllKnown().begin(), AllKnown().end(), [&](const Known& known) {
        return std::find(known.topics.begin(), known.topics.end(), topic) !=
               known.topics.end();
      });
}

// The catalogue's word for the topic: itself, an alias, or the nearest; "":
// none is near.
std::string KnownTopic(const std::string& topic, NearestWord nearest) {
  if (topic.empty() || IsTopic(topic)) return topic;
  for (const Alias& alias : kAliases) {
    if (topic == alias.word) return alias.topic;
  }
  static const auto& topics = *[] {
    auto* all = new std::vector<std::string>{kFullTopic};
    for (const Known& known : AllKnown()) {
      for (const std::string& each : known.topics) {
        if (std::find(all->begin(), all->end(), each) == all->end()) {
          all->push_back(each);
        }
      }
    }
    return all;
  }();
  return nearest(topic, topics).value_or("");
}

// "codewrite"
void SplitGlued(Parts& parts) {
  for (const VerbWord& verb : kVerbs) {
    const std::string_view word = verb.word;
    if (word.size() < 4 || !parts.topic.ends_with(word)) continue;
    const std::string topic =
        parts.topic.substr(0, parts.topic.size() - word.size());
    if (!IsTopic(topic)) continue;
    parts.topic = topic;
    Take(parts, verb);
    return;
  }
}

}  // namespace

ScopeGuess GuessScope(std::string_view written, NearestWord nearest) {
  if (written.size() > kLongest) return {};
  // Right but for its case.
  const std::string lower = absl::AsciiStrToLower(AbslView(written));
  const ScopeInfo* same = FindScope(lower);
  if (same == nullptr) same = FindScope(absl::StrCat("vso.", lower));
  if (same != nullptr && !same->EntraOnly()) return {same->name, ""};
  // A title without any verb: "PR threads".
  for (const Known& known : AllKnown()) {
    if (known.scope->title.find('(') == std::string::npos &&
        Folded(known.scope->title) == Folded(written)) {
      return {known.scope->name, ""};
    }
  }
  // Before verbs are guessed: a topic may look like one.
  Parts parts = TakeApart(written, nullptr);
  if (parts.topic.empty()) {
    if (parts.strongest == kFull || written == "*")
      return {std::string(kFullAccess), ""};
    return {};
  }
  // Each call of `nearest` counts: one is enough for a plain typo.
  std::string topic = KnownTopic(parts.topic, nearest);
  if (topic.empty() && parts.verbs.empty()) {
    parts = TakeApart(written, &nearest);
    if (parts.verbs.empty()) SplitGlued(parts);
    topic = KnownTopic(parts.topic, nearest);
  }
  parts.topic = topic;
  if (parts.topic.empty()) return {};
  if (parts.topic == kFullTopic) return {std::string(kFullAccess), ""};
  const Known* best = nullptr;
  for (size_t place = 0; place < 3 && best == nullptr; ++place) {
    best = Best(parts, place);
  }
  return {best == nullptr ? "" : best->scope->name, parts.topic};
}

std::string ScopeHint(std::string_view written, NearestWord nearest) {
  const ScopeGuess guess = GuessScope(written, nearest);
  if (guess.scope.empty()) return "`patform scopes` lists them";
  return absl::StrCat("did you mean \"", guess.scope, "\"",
                      guess.scope == kFullAccess ? " (full access)" : "", "?");
}

std::vector<std::string> SeveralScopes(std::string_view text) {
  std::vector<std::string> parts;
  // A title has commas, too: "Code (read, write, & manage)".
  if (text.find('(') != std::string_view::npos) return parts;
  bool plain = true;
  for (absl::string_view part : absl::StrSplit(
           AbslView(text), absl::ByAnyChar(" ,;|+"), absl::SkipEmpty())) {
    parts.emplace_back(part);
    plain = plain && (FindScope(parts.back()) != nullptr ||
                      absl::StartsWithIgnoreCase(part, "vso."));
  }
  // "Work Items" is one topic, "vso.code build" are two scopes.
  const bool listed = text.find_first_of(",;|+") != std::string_view::npos;
  if (parts.size() < 2 || (!plain && !listed)) return {};
  return parts;
}

}  // namespace patform
