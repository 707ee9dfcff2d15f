#include "engine/desired/cross_checks.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/likeness.h"
#include "engine/desired/place_checks.h"
#include "engine/desired/place_rules.h"
#include "engine/desired/scope_catalog.h"
#include "engine/desired/table_reader.h"

// Whatever `apply` would later stumble over has to be an error here, with the
// lines of both tables: two tokens in one place overwrite each other's secret
// in turn, run after run. A file may have a hundred thousand tables, so each
// check looks at each token once, by hash or by map.
namespace patform {
namespace {

// FILE:LINE, for the other one of a pair.
std::string At(const SourceLocation& where) {
  return absl::StrCat(where.file, ":", where.line);
}

// What tells two names of one user in one organization apart, to people and to
// services that keep them otherwise than they were sent.
using NameKey = std::tuple<std::string_view, std::string_view, std::string>;

NameKey KeyOf(const DesiredToken& token, std::string name) {
  return {token.identity, token.organization, std::move(name)};
}

// The tokens by that, the name put through `kForm`, which is made again for
// each comparison: a hundred thousand names once more would fill the memory.
template <std::string (*kForm)(std::string_view)>
struct ByForm {
  size_t operator()(const DesiredToken* token) const {
    return absl::HashOf(token->identity, token->organization,
                        kForm(token->name));
  }
  bool operator()(const DesiredToken* a, const DesiredToken* b) const {
    return a->identity == b->identity && a->organization == b->organization &&
           kForm(a->name) == kForm(b->name);
  }
  using Set = absl::flat_hash_set<const DesiredToken*, ByForm, ByForm>;
};

// Why two names that differ are one, and what to do.
std::string Alike(const std::string& name, const std::string& other) {
  const std::string pair = absl::StrCat("\"", name, "\" and \"", other, "\"");
  if (absl::EqualsIgnoreCase(name, other)) {
    return absl::StrCat(pair, " differ only by upper and lower case");
  }
  if (SameDecoded(name, other)) {
    return absl::StrCat(pair, " are one name in two encodings");
  }
  return absl::StrCat(pair, " look the same");
}

// Two declarations of one name, or of names that the portal's readers would
// take for one. The later one is blamed.
void CheckNames(Problems& problems, const DesiredState& state) {
  ByForm<Folded>::Set folded;
  ByForm<Likeness>::Set likenesses;
  folded.reserve(state.tokens.size());
  // Most files have ASCII's letters only, among which only the case misleads.
  const bool plain =
      std::all_of(state.tokens.begin(), state.tokens.end(), [](const auto& t) {
        return std::all_of(t.name.begin(), t.name.end(),
                           [](char c) { return c > 0; });
      });
  for (const DesiredToken& token : state.tokens) {
    // Both: a Greek capital's small letter may look like another one.
    const auto [first, is_new] = folded.insert(&token);
    const DesiredToken* other = is_new ? nullptr : *first;
    if (other == nullptr && !plain) {
      const auto [twin, is_alone] = likenesses.insert(&token);
      if (!is_alone) other = *twin;
    }
    if (other == nullptr) continue;
    if (other->name == token.name) {
      problems.ErrorAt(
          token.where,
          absl::StrCat("token \"", token.name, "\" is declared twice"),
          absl::StrCat("the other one is at ", At(other->where)));
    } else {
      problems.ErrorAt(token.where, Alike(token.name, other->name),
                       absl::StrCat("the other one is at ", At(other->where),
                                    "; people could not tell them apart"));
    }
  }
}

// A rename moves a mark from one name to another, so the old name must be free
// and may move to one place only.
void CheckRenames(Problems& problems, const DesiredState& state) {
  if (std::all_of(state.tokens.begin(), state.tokens.end(),
                  [](const auto& t) { return t.renamed_from.empty(); })) {
    return;
  }
  // Built only where something is renamed: most files have nothing of the kind.
  std::set<NameKey> names;
  for (const DesiredToken& token : state.tokens) {
    names.insert(KeyOf(token, Folded(token.name)));
  }
  std::map<NameKey, const DesiredToken*> claimed;
  for (const DesiredToken& token : state.tokens) {
    // A token's own name was reported when its table was read; in another case
    // it is a change of how it is written.
    if (token.renamed_from.empty() ||
        SameFolded(token.renamed_from, token.name)) {
      continue;
    }
    const NameKey old = KeyOf(token, Folded(token.renamed_from));
    if (names.count(old) > 0) {
      problems.ErrorAt(
          token.where,
          absl::StrCat("`renamed_from` names \"", token.renamed_from,
                       "\", which is declared too"),
          "a token cannot be renamed while its old name is in "
          "use");
    }
    const auto [first, is_new] = claimed.emplace(old, &token);
    if (!is_new) {
      problems.ErrorAt(
          token.where,
          absl::StrCat("\"", token.renamed_from, "\" is renamed twice"),
          absl::StrCat("the other one is at ", At(first->second->where)));
    }
  }
}

// An id can become one token's first generation only: two would both revoke it.
void CheckReplaces(Problems& problems, const DesiredState& state) {
  std::map<AuthorizationId, const DesiredToken*> claimed;
  for (const DesiredToken& token : state.tokens) {
    for (const AuthorizationId& id : token.replaces) {
      const auto [first, is_new] = claimed.emplace(id, &token);
      if (is_new) continue;
      problems.ErrorAt(
          token.where,
          absl::StrCat("token ", id.ToString(), " is replaced twice"),
          absl::StrCat("the other one is at ", At(first->second->where)));
    }
  }
}

// A list is read for each organization, and for each user in it.
void CheckRealms(Problems& problems, const DesiredState& state) {
  constexpr size_t kMost = 100;
  std::set<Realm> seen;
  for (const DesiredToken& token : state.tokens) {
    if (!seen.insert(token.realm()).second || seen.size() <= kMost) continue;
    problems.ErrorAt(
        token.where, "the tokens are in too many organizations",
        absl::StrCat(
            "at most ", kMost, " in one configuration",
            state.identities.empty() ? "" : ", counted for each identity"));
    return;
  }
}

// Not an error: its tokens may still have to be ended. Once they are, it can
// go.
void CheckIdentities(Problems& problems, const DesiredState& state) {
  if (problems.any_errors()) return;  // it may own one that has a mistake
  std::set<std::string_view> used;
  for (const DesiredToken& token : state.tokens) used.insert(token.identity);
  for (const AuthConfig& identity : state.identities) {
    if (used.count(identity.identity) > 0) continue;
    problems.WarningAt(
        identity.where,
        absl::StrCat("identity \"", identity.identity, "\" owns no token"));
  }
}

// Every rule about scopes is asked about every scope that there is.
void CheckUnknownScopes(Problems& problems, const DesiredState& state) {
  constexpr size_t kMost = 100;
  if (!state.policy.allow_unknown_scopes) return;
  absl::flat_hash_set<std::string> unknown;
  for (const DesiredToken& token : state.tokens) {
    for (std::string_view scope : token.scopes.items()) {
      if (FindScope(scope) == nullptr) unknown.insert(std::string(scope));
    }
    if (unknown.size() <= kMost) continue;
    problems.ErrorAt(token.scopes_where, "too many unknown scopes",
                     absl::StrCat("at most ", kMost, " in one configuration"));
    return;
  }
}

// One pass over all deliveries: does the sink exist, is the place complete, and
// is it free?
class DeliveryChecks {
 public:
  DeliveryChecks(Problems& problems, Files& files, const ReadInput& input,
                 DesiredState& state)
      : problems_(problems),
        types_(input.sink_types),
        state_(state),
        places_(problems, files, input, state) {
    for (const SinkConfig& sink : state.sinks) {
      names_.push_back(sink.name);
      // Names of sinks were checked when their tables were read: each is there
      // once.
      Known& known = sinks_[sink.name];
      known.sink = &sink;
      for (const SinkType& type : types_) {
        if (type.name == sink.type) known.type = &type;
      }
    }
  }

  void Run() {
    for (DesiredToken& token : state_.tokens) {
      // Not const: a place that was left out is filled in.
      for (Delivery& place : token.deliver) {
        const auto known = sinks_.find(place.sink);
        if (known == sinks_.end()) {
          // Nothing more can be checked about it.
          Missing(place);
          continue;
        }
        known->second.used = true;
        // A type that does not exist was reported where it is written.
        if (const SinkType* type = known->second.type) {
          CompletePlace(problems_, *type, token.name, place);
          if (&place == &token.deliver.front()) Primary(*type, place);
          places_.Add(token, *known->second.sink, *type, place);
        }
      }
    }
    if (state_.auth.kept_at) Keep(*state_.auth.kept_at);
    for (const AuthConfig& identity : state_.identities) {
      if (identity.kept_at) Keep(*identity.kept_at);
    }
    places_.Finish();
    for (SinkConfig& sink : state_.sinks) sink.store = places_.StoreOf(sink);
    // Not an error: a sink may be declared before the first token uses it.
    for (const SinkConfig& sink : state_.sinks) {
      if (sinks_.at(sink.name).used) continue;
      problems_.WarningAt(sink.where,
                          absl::StrCat("sink \"", sink.name, "\" is not used"));
    }
  }

 private:
  void Keep(const KeptPlace& kept) {
    const auto known = sinks_.find(kept.sink.name);
    if (known == sinks_.end() || known->second.type == nullptr) return;
    known->second.used = true;
    places_.Keep(kept, *known->second.type);
  }

  void Missing(const Delivery& place) {
    std::string detail = problems_.DidYouMean(place.sink, names_);
    if (detail.empty()) {
      detail = absl::StrCat("declare it: [sink.", place.sink, "]");
    }
    problems_.ErrorAt(place.where,
                      absl::StrCat("there is no sink \"", place.sink, "\""),
                      detail);
  }

  // What was last minted for a token is read back from its primary place.
  void Primary(const SinkType& type, const Delivery& place) {
    if (type.can.keeps_record) return;
    std::vector<std::string> keep;
    for (const SinkType& other : types_) {
      if (other.can.keeps_record) keep.push_back(other.name);
    }
    problems_.ErrorAt(
        place.where,
        absl::StrCat(
            "a ", type.name,
            " sink keeps no record and cannot be a token's first place"),
        absl::StrCat("deliver first to one that does: ",
                     absl::StrJoin(keep, ", ")));
  }

  Problems& problems_;
  const absl::Span<const SinkType> types_;
  DesiredState& state_;
  std::vector<std::string> names_;
  struct Known {
    const SinkConfig* sink = nullptr;
    const SinkType* type = nullptr;
    bool used = false;
  };
  absl::flat_hash_map<std::string, Known> sinks_;
  PlaceChecks places_;
};

}  // namespace

// Each check goes over the whole file and reports all that it finds: a person
// who fixes one mistake at a time would need a run for each.
void CheckTogether(Problems& problems, Files& files, const ReadInput& input,
                   DesiredState& state) {
  // Put into the state, because the pure parts of the engine compare scopes
  // without knowing the catalogue.
  for (const ScopeInfo& scope : ScopeCatalog()) {
    if (!scope.implies.empty())
      state.implied_scopes[scope.name] = scope.implies;
  }
  CheckNames(problems, state);
  CheckRenames(problems, state);
  CheckReplaces(problems, state);
  CheckRealms(problems, state);
  CheckIdentities(problems, state);
  CheckUnknownScopes(problems, state);
  DeliveryChecks(problems, files, input, state).Run();
}

}  // namespace patform
