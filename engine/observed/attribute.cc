#include "engine/observed/attribute.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/base/likeness.h"
#include "engine/model/mark.h"

// A user's list may show tokens of other organizations, and names theirs by an
// id that nothing translates into a name. So the ids are learned: from the
// records (which name an organization and a token), then from lists that have
// one id only, which no other list has. Where an id stays unknown, a
// token that the file declares is kept, and others are counted as untold rather
// than revoked: to end a token in the name of the wrong organization is worse
// than to leave it.
namespace patform {
namespace {

class Attribution {
 public:
  Attribution(const DesiredState& desired, const std::string& identity,
              ActualState& actual)
      : desired_(desired), identity_(identity), actual_(actual) {
    for (auto& [realm, listed] : actual.organizations) {
      if (realm.identity == identity) lists_[realm.organization] = &listed;
    }
  }

  // In this order: what is known for certain first.
  void Run() {
    Count();
    if (!Needed()) return;
    for (const DesiredToken& token : desired_.tokens) {
      if (token.identity != identity_) continue;
      declared_[token.organization].insert(Folded(token.name));
      declared_[token.organization].insert(Folded(token.renamed_from));
    }
    LearnFromRecords();
    LearnFromLists();
    Homes();
    for (const auto& [name, listed] : lists_) Keep(name, *listed);
  }

 private:
  // Which ids are in which list, and in how many lists each one is.
  void Count() {
    for (const auto& [name, listed] : lists_) {
      std::set<AuthorizationId>& ids = listed_[name];
      AuthorizationId last;
      for (const ActualToken& token : listed->tokens) {
        global_ = global_ || token.all_organizations;
        // Mostly the one of the token before.
        if (token.organization_id == last) continue;
        last = token.organization_id;
        if (!last.IsNil()) ids.insert(last);
      }
      for (const AuthorizationId& id : ids) ++lists_with_[id];
    }
  }

  // Most lists are of one organization only.
  bool Needed() const {
    if (lists_.size() > 1) {
      if (global_) return true;
      if (std::any_of(lists_with_.begin(), lists_with_.end(),
                      [](const auto& list) { return list.second > 1; })) {
        return true;
      }
    }
    return std::any_of(listed_.begin(), listed_.end(),
                       [](const auto& list) { return list.second.size() > 1; });
  }

  // A record of ours is proof: that token was delivered for that organization.
  void LearnFromRecords() {
    for (const auto& [address, held] : actual_.records) {
      if (!held.record || held.record->workspace != desired_.workspace) {
        continue;
      }
      const auto found = lists_.find(held.record->organization);
      // Known already.
      if (found == lists_.end() || own_.count(found->first) > 0) continue;
      for (const ActualToken& token : found->second->tokens) {
        if (token.id != held.record->id) continue;
        if (!token.organization_id.IsNil()) {
          own_.emplace(found->first, token.organization_id);
        }
        break;
      }
      // Nothing more to learn.
      if (own_.size() == lists_.size()) return;
    }
  }

  // Two lists with one id each that differ: each id is its list's own.
  void LearnFromLists() {
    for (const auto& [name, ids] : listed_) {
      if (ids.size() == 1 && lists_with_[*ids.begin()] == 1) {
        own_.emplace(name, *ids.begin());
      }
    }
    for (const auto& [name, id] : own_) owners_.emplace(id, name);
  }

  // Does the file name it there, by what it is called now or was called before?
  bool Declares(const std::string& organization,
                const ActualToken& token) const {
    const auto names = declared_.find(organization);
    if (names == declared_.end()) return false;
    return names->second.contains(Folded(HumanName(token.display_name)));
  }

  // One place for what several lists show and no id decides.
  void Homes() {
    // Declared ones first: a token that two lists show is where the file
    // expects it.
    for (const bool declared : {true, false}) {
      for (const auto& [name, listed] : lists_) {
        for (const ActualToken& token : listed->tokens) {
          if (Decided(name, token) || Declares(name, token) != declared) {
            continue;
          }
          // emplace(): the first one stays.
          homes_.emplace(token.id, &name);
        }
      }
    }
  }

  // Only by the organization's id.
  bool Decided(const std::string& name, const ActualToken& token) const {
    return !token.organization_id.IsNil() &&
           (own_.count(name) > 0 || owners_.count(token.organization_id) > 0);
  }

  // Removes from one list what belongs to another.
  void Keep(const std::string& name, TokenList& listed) {
    const auto own = own_.find(name);
    const bool mixed = listed_[name].size() > 1;
    int untold = 0;
    std::erase_if(listed.tokens, [&](const ActualToken& token) {
      // By id: ours or not, without a doubt.
      if (Decided(name, token)) {
        return own == own_.end() || own->second != token.organization_id;
      }
      // Global, or of an unknown organization: in one list alone.
      if (*homes_.at(token.id) != name) return true;
      if (token.organization_id.IsNil() || Declares(name, token)) return false;
      // The list has one id, and no other list has it: it is this
      // organization's, even though no record proves it.
      const bool here = !mixed && lists_with_[token.organization_id] == 1;
      untold += here ? 0 : 1;
      return !here;
    });
    // The plan is incomplete because of them, and says how many.
    if (untold > 0) actual_.untold[{identity_, name}] = untold;
  }

  const DesiredState& desired_;
  const std::string& identity_;
  ActualState& actual_;
  std::map<std::string, TokenList*> lists_;  // by organization
  bool global_ = false;
  std::map<std::string, std::set<AuthorizationId>> listed_;
  std::map<AuthorizationId, int> lists_with_;
  std::map<std::string, AuthorizationId> own_;     // by organization
  std::map<AuthorizationId, std::string> owners_;  // the same, turned
  std::map<std::string, absl::flat_hash_set<std::string>> declared_;
  absl::flat_hash_map<AuthorizationId, const std::string*> homes_;
};

}  // namespace

void Attribute(const DesiredState& desired, ActualState& actual) {
  std::set<std::string> identities;
  for (const auto& [realm, listed] : actual.organizations) {
    identities.insert(realm.identity);
  }
  for (const std::string& identity : identities) {
    Attribution(desired, identity, actual).Run();
  }
}

}  // namespace patform
