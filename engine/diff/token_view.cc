#include "engine/diff/token_view.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/likeness.h"

namespace patform {
namespace {

using RecordState = HeldRecord::State;

bool EarlierCarrier(const ActualToken& a, const ActualToken& b) {
  if (a.valid_from != b.valid_from) return a.valid_from < b.valid_from;
  return a.id < b.id;
}

void Sort(TokenView& view) {
  const auto by_id = [](const ActualToken& a, const ActualToken& b) {
    return a.id < b.id;
  };
  std::sort(view.ours.begin(), view.ours.end(),
            [](const OwnToken& a, const OwnToken& b) {
              return std::tie(a.generation, a.token.id) <
                     std::tie(b.generation, b.token.id);
            });
  std::sort(view.strangers.begin(), view.strangers.end(), by_id);
  std::sort(view.unmarked.begin(), view.unmarked.end(), by_id);
}

}  // namespace

absl::Time GrantedEnd(const TokenView& view, const ActualToken& token) {
  if (view.records.empty() || !view.records[0].record) return token.valid_to;
  const SinkRecord& record = *view.records[0].record;
  // An extension is in no record.
  return record.id == token.id ? std::max(record.valid_to, token.valid_to)
                               : token.valid_to;
}

bool OwnToken::ForPlaces(std::string_view print) const {
  return print.size() == kPlacesLength && nonce.size() > print.size() &&
         std::string_view(nonce).substr(nonce.size() - print.size()) == print;
}

TokenIndex::TokenIndex(const DesiredState& desired, const Realm& realm,
                       const ActualState& actual)
    : desired_(desired), realm_(realm), actual_(actual) {
  IndexDeclared();
  const auto found = actual.organizations.find(realm);
  if (found != actual.organizations.end()) IndexTokens(found->second.tokens);
  CountCopiesElsewhere();
  IndexRecords();
}

std::string_view TokenIndex::KeyOf(std::string_view name) {
  return IsFolded(name) ? name : keys_.emplace_back(Folded(name));
}

void TokenIndex::IndexDeclared() {
  bool renames = false;
  declared_.reserve(desired_.tokens.size());
  for (const DesiredToken& token : desired_.tokens) {
    if (!IsHere(token)) continue;
    declared_.emplace(KeyOf(token.name), &token);
    renames = renames || !token.renamed_from.empty();
    replaces_ = replaces_ || !token.replaces.empty();
  }
  if (!renames) return;
  // By the old name: the name now, and the old one as it is written.
  std::map<std::string_view, std::pair<std::string_view, std::string_view>>
      taken_over;
  for (const DesiredToken& token : desired_.tokens) {
    if (!IsHere(token) || token.renamed_from.empty()) continue;
    const std::string_view old = KeyOf(token.renamed_from);
    renamed_from_.emplace(old, &token);
    if (declared_.contains(old)) continue;
    taken_over[old] = {KeyOf(token.name), token.renamed_from};
  }
  for (const auto& [old, names] : taken_over) {
    formerly_[names.first] = names.second;
  }
}

void TokenIndex::IndexTokens(const std::vector<ActualToken>& tokens) {
  tokens_ = &tokens;
  next_.assign(tokens.size(), kNone);
  by_name_.reserve(tokens.size());
  // Backwards, so that each chain leads upwards.
  for (size_t i = tokens.size(); i-- > 0;) {
    const ActualToken& token = tokens[i];
    const std::optional<MarkedName> mark = OurMark(token);
    if (mark) CountCarrier(*mark, token);
    if (token.state != TokenState::kActive) continue;
    Chain& chain = by_name_[KeyOf(mark ? mark->name : token.display_name)];
    next_[i] = chain.first;
    chain.first = static_cast<uint32_t>(i);
    if (mark) chain.marked = chain.first;
  }
}

void TokenIndex::CountCarrier(const MarkedName& mark,
                              const ActualToken& token) {
  Carriers& of = carriers_[mark.nonce];
  if (of.first == nullptr || EarlierCarrier(token, *of.first)) {
    of.first = &token;
  }
  of.live += token.state == TokenState::kActive ? 1 : 0;
}

// A name that was copied into another organization, or by another user, is a
// copy, too. What no token of ours carries here is of no interest.
void TokenIndex::CountCopiesElsewhere() {
  if (carriers_.empty()) return;
  for (const auto& [name, other] : actual_.organizations) {
    if (name == realm_) continue;
    for (const ActualToken& token : other.tokens) {
      const std::optional<MarkedName> mark = OurMark(token);
      if (mark && carriers_.contains(mark->nonce)) CountCarrier(*mark, token);
    }
  }
}

void TokenIndex::IndexRecords() {
  if (actual_.records.empty() && !replaces_) return;
  for (const auto& [address, held] : actual_.records) {
    if (held.record) served_[held.record->id].push_back(&address);
    unknown_ += held.state == RecordState::kUnknown ? 1 : 0;
  }
  if (tokens_ == nullptr) return;
  by_id_.reserve(tokens_->size());
  for (const ActualToken& token : *tokens_) by_id_[token.id] = &token;
}

std::optional<MarkedName> TokenIndex::OurMark(const ActualToken& token) const {
  std::optional<MarkedName> mark = ParseDisplayName(token.display_name);
  if (mark && mark->workspace != desired_.workspace) mark.reset();
  return mark;
}

const DesiredToken* TokenIndex::Declares(std::string_view name) const {
  const std::string key = Folded(name);
  const auto declared = declared_.find(key);
  if (declared != declared_.end() &&
      SameDecoded(name, declared->second->name)) {
    return declared->second;
  }
  const auto renamed = renamed_from_.find(key);
  if (renamed != renamed_from_.end() &&
      SameDecoded(name, renamed->second->renamed_from)) {
    return renamed->second;
  }
  return nullptr;
}

TokenView TokenIndex::View(const DesiredToken& token) const {
  TokenView view;
  view.places = LazyPlaces(desired_, token.deliver);
  std::vector<std::string> places;
  for (const Delivery& place : token.deliver) {
    places.push_back(place.Address());
    const auto record = actual_.records.find(places.back());
    view.records.push_back(
        record != actual_.records.end()
            ? record->second
            : HeldRecord::Unknown(absl::InternalError("was not read")));
  }
  if (!view.records.empty() && view.records[0].record) {
    const auto recorded = by_id_.find(view.records[0].record->id);
    if (recorded != by_id_.end()) view.recorded = *recorded->second;
  }
  Fill(token.name, places, true, view);
  if (token.deliver.empty()) SetFormerApart(token, view);
  FillReplaced(token, view);
  return view;
}

TokenView TokenIndex::ViewUndeclared(const std::string& name) const {
  TokenView view;
  Fill(name, {}, false, view);
  return view;
}

std::vector<std::string> TokenIndex::Undeclared() const {
  std::vector<std::string> names;
  for (const auto& [name, chain] : by_name_) {
    const bool known = declared_.contains(name) || renamed_from_.contains(name);
    if (known || chain.marked == kNone) continue;
    names.emplace_back(HumanName((*tokens_)[chain.marked].display_name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

void TokenIndex::Fill(const std::string& name,
                      const std::vector<std::string>& places, bool declared,
                      TokenView& view) const {
  view.knows_age = actual_.clock_ahead.has_value();
  const std::string key = Folded(name);
  Append(key, name, declared, view);
  const auto formerly = formerly_.find(key);
  if (formerly != formerly_.end()) {
    Append(Folded(formerly->second), formerly->second, declared, view);
  }
  Sort(view);
  // What places of other names, or of other organizations, record of its
  // tokens.
  for (const OwnToken& own : view.ours) {
    const auto found = served_.find(own.token.id);
    if (found == served_.end()) continue;
    for (const std::string* address : found->second) {
      if (std::find(places.begin(), places.end(), *address) == places.end()) {
        view.served_elsewhere.insert(own.token.id);
      }
    }
  }
  const auto own_unknown = std::count_if(
      view.records.begin(), view.records.end(), [](const HeldRecord& held) {
        return held.state == RecordState::kUnknown;
      });
  view.unknown_elsewhere = unknown_ > own_unknown;
}

void TokenIndex::Append(std::string_view key, std::string_view name,
                        bool unmarked_too, TokenView& view) const {
  const auto chain = by_name_.find(key);
  if (chain == by_name_.end()) return;
  for (uint32_t i = chain->second.first; i != kNone; i = next_[i]) {
    const ActualToken& token = (*tokens_)[i];
    const std::optional<MarkedName> mark = OurMark(token);
    if (!mark) {
      // A name with the mark of another workspace can be in `renamed_from`.
      if (unmarked_too && !ParseDisplayName(token.display_name) &&
          SameDecoded(token.display_name, name)) {
        view.unmarked.push_back(token);
      }
      continue;
    }
    const Carriers& of = carriers_.at(mark->nonce);
    if (of.first == &token) {
      view.ours.push_back(
          {token, mark->generation, std::string(mark->nonce), of.live > 1});
    } else {
      view.strangers.push_back(token);
    }
  }
}

// patform mints for places only: a mark under a name without any is that of a
// table which lost its places, or which was called so before it was renamed. A
// generation that ended its service there is not what takes over the name.
void TokenIndex::SetFormerApart(const DesiredToken& token,
                                TokenView& view) const {
  std::erase_if(view.ours, [&](const OwnToken& own) {
    const DesiredToken* const successor = SupersededBy(own);
    if (successor == nullptr || successor->name == token.name) return false;
    view.former.emplace_back(own, desired_.AddressOf(successor->name, realm_));
    return true;
  });
}

const DesiredToken* TokenIndex::SupersededBy(const OwnToken& own) const {
  for (const DesiredToken& token : desired_.tokens) {
    if (!IsHere(token) || token.deliver.empty()) continue;
    const auto held = actual_.records.find(token.deliver.front().Address());
    if (held == actual_.records.end() || !held->second.record ||
        held->second.record->id == own.token.id ||
        held->second.record->generation <= own.generation) {
      continue;
    }
    if (own.ForPlaces(PlacesPrint(desired_, token.deliver))) return &token;
  }
  return nullptr;
}

void TokenIndex::FillReplaced(const DesiredToken& token,
                              TokenView& view) const {
  const auto by_id = [](const AuthorizationId& a, const AuthorizationId& b) {
    return a < b;
  };
  std::vector<AuthorizationId> named = token.replaces;
  std::sort(named.begin(), named.end(), by_id);
  for (const AuthorizationId& id : named) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end() || found->second->state != TokenState::kActive) {
      continue;
    }
    const ActualToken& old = *found->second;
    std::string why = WhyNotReplaced(token, old);
    if (why.empty()) {
      view.replaced.push_back(old);
    } else {
      view.not_replaced.emplace_back(old, std::move(why));
    }
  }
}

std::string TokenIndex::WhyNotReplaced(const DesiredToken& token,
                                       const ActualToken& old) const {
  if (ParseDisplayName(old.display_name)) return "it carries a mark";
  const DesiredToken* const other = Declares(old.display_name);
  if (other != nullptr && other->name != token.name) {
    return absl::StrCat(desired_.AddressOf(other->name, realm_),
                        " declares it");
  }
  const auto served = served_.find(old.id);
  if (served != served_.end()) {
    return absl::StrCat(*served->second.front(), " serves it");
  }
  return "";
}

std::map<std::string, TokenView> ViewTokens(const DesiredState& desired,
                                            const Realm& realm,
                                            const ActualState& actual) {
  std::map<std::string, TokenView> views;
  if (actual.organizations.count(realm) == 0) return views;
  const TokenIndex index(desired, realm, actual);
  for (const DesiredToken& token : desired.tokens) {
    if (token.realm() == realm) {
      views.try_emplace(token.name, index.View(token));
    }
  }
  for (const std::string& name : index.Undeclared()) {
    views.try_emplace(name, index.ViewUndeclared(name));
  }
  return views;
}

bool NeedsHistory(const std::string& workspace, const TokenList& active,
                  const std::map<std::string, HeldRecord>& records) {
  std::set<AuthorizationId> recorded;
  for (const auto& [address, held] : records) {
    if (held.record && held.record->organization == active.organization) {
      recorded.insert(held.record->id);
    }
  }
  for (const ActualToken& token : active.tokens) {
    if (recorded.erase(token.id) > 0) continue;
    const std::optional<MarkedName> marked =
        ParseDisplayName(token.display_name);
    if (marked && marked->workspace == workspace) return true;
  }
  return !recorded.empty();
}

}  // namespace patform
