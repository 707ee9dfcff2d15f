#include "engine/inquiry/import.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"
#include "engine/diff/diff.h"
#include "engine/diff/endings.h"
#include "engine/diff/token_view.h"
#include "engine/model/token_key.h"
#include "engine/policy/rules.h"

namespace patform {
namespace {

// A stable order, by organization, identity, name and id.
bool ByPlace(const Adoptee& a, const Adoptee& b) {
  return std::tie(a.organization, a.identity, a.name, a.token.id) <
         std::tie(b.organization, b.identity, b.name, b.token.id);
}

// CI_PACKAGING of "ci-packaging".
std::string VariableOf(const std::string& name) {
  std::string variable;
  for (char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    variable += absl::ascii_isalnum(byte)
                    ? static_cast<char>(absl::ascii_toupper(byte))
                    : '_';
  }
  if (variable.empty() ||
      absl::ascii_isdigit(static_cast<unsigned char>(variable[0]))) {
    variable.insert(variable.begin(), '_');
  }
  return variable;
}

// What the user asked for; everything, if nothing.
class Selection {
 public:
  explicit Selection(const AdoptionInput& input) : input_(input) {
    patterns_met_.resize(input.patterns.size());
  }

  bool Takes(const ActualToken& token, const std::string& name) {
    // For suggestions.
    names_.push_back(name);
    bool takes = input_.patterns.empty() && input_.ids.empty();
    for (size_t i = 0; i < input_.patterns.size(); ++i) {
      // Either name: with the mark, as the portal shows it, or without.
      if (!GlobMatch(input_.patterns[i], name) &&
          !GlobMatch(input_.patterns[i], token.display_name)) {
        continue;
      }
      takes = patterns_met_[i] = true;
    }
    const bool by_id = std::find(input_.ids.begin(), input_.ids.end(),
                                 token.id) != input_.ids.end();
    // An id may be given in addition to patterns.
    if (by_id) ids_met_.insert(token.id);
    return takes || by_id;
  }

  // kInvalidArgument for the first wish that no live token fits.
  absl::Status Fulfilled() const {
    for (size_t i = 0; i < input_.patterns.size(); ++i) {
      if (patterns_met_[i]) continue;
      std::string what = absl::StrCat("no live token is called \"",
                                      Visible(input_.patterns[i]), "\"");
      if (const auto nearest = Nearest(input_.patterns[i], names_)) {
        absl::StrAppend(&what, "; did you mean \"", Visible(*nearest), "\"?");
      }
      return absl::InvalidArgumentError(what);
    }
    for (const AuthorizationId& id : input_.ids) {
      if (ids_met_.count(id) > 0) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("no live token has the id ", id.ToString()));
    }
    return absl::OkStatus();
  }

 private:
  const AdoptionInput& input_;
  std::vector<bool> patterns_met_;
  std::set<AuthorizationId> ids_met_;
  std::vector<std::string> names_;
};

// Sorts one user's live tokens in one organization into those to adopt and the
// rest.
class Sorter {
 public:
  // Everything that Sort() asks, computed once per realm.
  Sorter(const AdoptionInput& input, const Realm& realm, Selection& selection,
         Adoption& out)
      : input_(input),
        desired_(*input.desired),
        realm_(realm),
        selection_(selection),
        out_(out) {
    for (const DesiredToken& token : desired_.tokens) {
      if (token.realm() != realm) continue;
      for (const auto* name : {&token.name, &token.renamed_from}) {
        declared_.insert(Decoded(*name));
        folded_.insert(Folded(*name));
      }
      replaced_.insert(token.replaces.begin(), token.replaces.end());
    }
    for (const auto& [name, view] :
         ViewTokens(desired_, realm, *input.actual)) {
      for (const OwnToken& own : view.ours) {
        ours_.insert(own.token.id);
        // Sorted by generation: the last one stays.
        newest_[Folded(name)] = own.token.id;
      }
    }
    for (const ActualToken& token : Tokens(*input.actual)) {
      // Names are not unique; two live tokens of one name cannot both be
      // declared by it.
      if (ParseDisplayName(token.display_name)) continue;
      std::vector<ActualToken>& bearers = bearers_[Decoded(token.display_name)];
      bearers.push_back(token);
      std::sort(bearers.begin(), bearers.end(), MeantBefore(input));
    }
  }

  // In the order in which an answer is certain: not asked for, another
  // workspace's, declared, a copy of our mark; and then what can be adopted,
  // perhaps with an obstacle.
  void Sort(const ActualToken& token) {
    const std::optional<MarkedName> marked =
        ParseDisplayName(token.display_name);
    const std::string name(marked ? marked->name : token.display_name);
    if (!selection_.Takes(token, name)) return;
    // Another configuration manages it.
    if (marked && marked->workspace != desired_.workspace) {
      return PassOver(PassedOver::Why::kOtherWorkspace, token,
                      std::string(marked->workspace));
    }
    const bool declared = marked ? folded_.count(Folded(name)) > 0
                                 : declared_.count(Decoded(name)) > 0;
    if (declared || replaced_.count(token.id) > 0) {
      return PassOver(PassedOver::Why::kDeclared, token);
    }
    // Whoever copies a mark in the portal does not make the token ours.
    if (marked && ours_.count(token.id) == 0) {
      return PassOver(PassedOver::Why::kCopiedMark, token);
    }
    Adoptee adoptee;
    adoptee.token = token;
    adoptee.organization = realm_.organization;
    adoptee.identity = realm_.identity;
    adoptee.name = name;
    adoptee.generation = marked ? marked->generation : 0;
    adoptee.says_organization = realm_.organization != desired_.organization;
    adoptee.says_identity = !realm_.identity.empty();
    // Only the newest generation is what a place would serve; the older ones
    // are on their way out.
    const auto newest = newest_.find(Folded(name));
    // The service's own way to rotate leaves two of a name for a while.
    static const auto& none = *new std::vector<ActualToken>();
    const std::vector<ActualToken>& twins =
        marked ? none : bearers_[Decoded(token.display_name)];
    if (newest != newest_.end() && newest->second != token.id) {
      adoptee.obstacle =
          absl::StrCat("token ", newest->second.Short(),
                       ", which patform minted, is the one of this name");
    } else if (twins.size() > 1 && !IsClear(twins)) {
      adoptee.obstacle = absl::StrCat(
          Count(static_cast<int>(twins.size()), "live token"),
          " bear this name and none is the newest: name one with --id, or "
          "rename all but one in the portal");
    } else if (twins.size() > 1 && twins[0].id != token.id) {
      adoptee.obstacle = absl::StrCat(
          "token ", twins[0].id.Short(),
          AskedFor(input_, twins[0]) ? ", which was asked for"
                                     : ", which is the newest",
          ", is the one of this name and has this one in `replaces`");
    } else if (!IsValidUtf8(name)) {
      adoptee.obstacle = "its name is not UTF-8; rename it in the portal";
    } else if (token.scopes.empty()) {
      // As it is, the file could not say it: a token without scopes is refused
      // there.
      adoptee.obstacle =
          "it has no scopes, which the service reads as full access; name "
          "what it needs";
    }
    if (adoptee.obstacle.empty() && twins.size() > 1) {
      adoptee.replaces.assign(twins.begin() + 1, twins.end());
    }
    if (input_.deliver) Manage(*input_.deliver, adoptee);
    out_.adopted.push_back(std::move(adoptee));
  }

  // With a delivery the next plan makes a token of ours in its place.
  void Manage(const AdoptedDelivery& wanted, Adoptee& adoptee) const {
    const ActualToken& token = adoptee.token;
    Delivery& place = adoptee.deliver.emplace();
    place.sink = wanted.sink;
    place.at = wanted.at;
    place.key = wanted.key.empty() && wanted.key_of_name
                    ? VariableOf(adoptee.name)
                    : wanted.key;
    // In whole days, as people write it; as long as it was given, if that is
    // still allowed.
    absl::Duration life =
        std::min(token.valid_to - token.valid_from, kLongestLife);
    if (const auto& most = desired_.policy.max_lifetime) {
      life = std::min(life, *most);
    }
    const absl::Duration day = absl::Hours(24);
    adoptee.lifetime = std::max(absl::Floor(life, day), day);
    // Ours have no place any more, and a new generation follows.
    if (adoptee.generation == 0) {
      adoptee.replaces.insert(adoptee.replaces.begin(), token);
    }
  }

  static const std::vector<ActualToken>& TokensOf(const ActualState& actual,
                                                  const Realm& realm) {
    static const auto& none = *new std::vector<ActualToken>();
    const auto found = actual.organizations.find(realm);
    return found == actual.organizations.end() ? none : found->second.tokens;
  }

 private:
  // Live ones only: nothing else can be declared.
  std::vector<ActualToken> Tokens(const ActualState& actual) const {
    std::vector<ActualToken> live;
    for (const ActualToken& token : TokensOf(actual, realm_)) {
      if (token.state == TokenState::kActive) live.push_back(token);
    }
    return live;
  }

  // Those that were asked for by their id first, then the newest.
  static std::function<bool(const ActualToken&, const ActualToken&)>
  MeantBefore(const AdoptionInput& input) {
    return [&input](const ActualToken& a, const ActualToken& b) {
      const bool asked = AskedFor(input, a), also = AskedFor(input, b);
      return std::tie(also, b.valid_from, b.valid_to, a.id) <
             std::tie(asked, a.valid_from, a.valid_to, b.id);
    };
  }
  static bool AskedFor(const AdoptionInput& input, const ActualToken& token) {
    return std::find(input.ids.begin(), input.ids.end(), token.id) !=
           input.ids.end();
  }

  // Is the first of them the one that is meant, beyond doubt?
  bool IsClear(const std::vector<ActualToken>& twins) const {
    return AskedFor(input_, twins[0]) != AskedFor(input_, twins[1]) ||
           twins[0].valid_from != twins[1].valid_from;
  }

  void PassOver(PassedOver::Why why, const ActualToken& token,
                std::string workspace = "") {
    out_.passed_over.push_back({why, token.display_name, realm_.organization,
                                std::move(workspace), realm_.identity});
  }

  const AdoptionInput& input_;
  const DesiredState& desired_;
  const Realm& realm_;
  Selection& selection_;
  Adoption& out_;
  // Names, and what they were called before, decoded, and folded as those of
  // tokens with a mark are compared.
  std::set<std::string> declared_, folded_;
  std::set<AuthorizationId> ours_;
  std::set<AuthorizationId> replaced_;
  std::map<std::string, AuthorizationId> newest_;  // of ours, by folded name
  // Unmarked, by decoded name; the one that is meant first.
  std::map<std::string, std::vector<ActualToken>> bearers_;
};

// Renders, reads back, checks and diffs until nothing objects any more. Each
// round finds an obstacle or fills in a key, so there is an end.
class Proof {
 public:
  Proof(const AdoptionInput& input, std::vector<Adoptee>& adopted)
      : input_(input), adopted_(adopted) {}

  absl::StatusOr<std::string> Run() {
    for (;;) {
      const std::string text = Render();
      const ReadResult result = input_.read(text);
      // The file as a whole is not valid: whose fault is it?
      if (!result.state) {
        absl::Status attributed = Objections(result.diagnostics);
        if (!attributed.ok()) return attributed;
        continue;
      }
      const DesiredState only = Only(*result.state);
      // Each of them marks what it found, and the tables are rendered again. In
      // this order, because a default explains a difference.
      if (Defaults(only) || Policy(only) || Differences(only)) continue;
      MarkToBeRevoked(result.state->policy);
      return Render();
    }
  }

 private:
  // Declared as a table, and not as a comment.
  bool Stands(const Adoptee& adoptee) const { return adoptee.obstacle.empty(); }

  std::string Render() {
    std::string text;
    lines_.clear();
    // Continues the file at hand, so that places in messages are right.
    int line = input_.first_line;
    for (const Adoptee& adoptee : adopted_) {
      const std::string table = RenderTable(adoptee, input_.now);
      // Ascending: At() searches by halving.
      lines_.push_back(line);
      line +=
          static_cast<int>(std::count(table.begin(), table.end(), '\n')) + 1;
      absl::StrAppend(&text, text.empty() ? "" : "\n", table);
    }
    return text;
  }

  // Whose table a place is in; null: nobody's.
  Adoptee* At(const SourceLocation& where) {
    if (where.file != input_.main_file || where.line < input_.first_line) {
      return nullptr;
    }
    const auto after =
        std::upper_bound(lines_.begin(), lines_.end(), where.line);
    if (after == lines_.begin()) return nullptr;
    return &adopted_[after - lines_.begin() - 1];
  }

  // Each error is attributed to the table it is in.
  absl::Status Objections(const std::vector<Diagnostic>& diagnostics) {
    bool found = false;
    std::string first;
    for (const Diagnostic& d : diagnostics) {
      if (d.severity != Diagnostic::Severity::kError) continue;
      std::string why = d.summary;
      // The first line of the details is the reason; the others advise.
      if (!d.detail.empty()) {
        absl::StrAppend(&why, " (", d.detail.substr(0, d.detail.find('\n')),
                        ")");
      }
      if (first.empty()) first = why;
      Adoptee* adoptee = At(d.where);
      if (adoptee == nullptr || !Stands(*adoptee)) continue;
      adoptee->obstacle = std::move(why);
      found = true;
    }
    // Nobody's: the configuration itself, or several tokens together.
    if (found) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "the tokens cannot be added to this configuration: ", first));
  }

  // What was read back of the adopted tokens, and nothing else to plan.
  DesiredState Only(const DesiredState& state) {
    DesiredState only = state;
    std::erase_if(only.tokens, [&](const DesiredToken& token) {
      return At(token.where) == nullptr;
    });
    // Unmanaged tokens are not the question here.
    only.policy.unmanaged = Unmanaged::kIgnore;
    return only;
  }

  // What [defaults] would change is written out in the table.
  bool Defaults(const DesiredState& only) {
    bool changed = false;
    // Says in the table what [defaults] would otherwise decide, once.
    const auto say = [&changed](bool& flag, bool needed) {
      if (!needed || flag) return;
      flag = changed = true;
    };
    for (const DesiredToken& token : only.tokens) {
      Adoptee& adoptee = *At(token.where);
      say(adoptee.says_organization,
          token.organization != adoptee.organization);
      say(adoptee.says_identity, token.identity != adoptee.identity);
      say(adoptee.says_one_organization,
          token.all_organizations && !adoptee.token.all_organizations);
      say(adoptee.says_present, token.ensure != Ensure::kPresent);
      say(adoptee.says_no_delivery, !token.deliver.empty() && !adoptee.deliver);
    }
    return changed;
  }

  // First what is missing, which can be filled in; then what is forbidden,
  // which cannot.
  bool Policy(const DesiredState& only) {
    bool changed = false;
    for (const DesiredToken& token : only.tokens) {
      Adoptee& adoptee = *At(token.where);
      for (const std::string& field : only.policy.required_fields) {
        const bool given = field == "owner"     ? !token.owner.empty()
                           : field == "purpose" ? !token.purpose.empty()
                                                : token.labels.count(field) > 0;
        // A place cannot be invented, and a token without one is not rotated.
        if (given || field == "deliver") continue;
        adoptee.asked_for.push_back(field);
        changed = true;
      }
    }
    if (changed) return true;
    for (const Finding& finding : CheckDesired(only, input_.now)) {
      Adoptee* adoptee = At(finding.where);
      if (finding.severity != Severity::kError || adoptee == nullptr ||
          !Stands(*adoptee)) {
        continue;
      }
      adoptee->obstacle =
          absl::StrCat("the policy forbids it as it is: ", finding.what, " (",
                       finding.rule, ")");
      changed = true;
    }
    return changed;
  }

  // May the plan make that change of a token that gets a delivery? Made once,
  // and what ends is what its table replaces.
  static bool IsWanted(const Adoptee& adoptee, const Change& change) {
    const bool makes =
        change.action == Action::kCreate || change.action == Action::kRotate;
    const std::vector<Ending> endings = EndingsOf(change);
    return adoptee.deliver.has_value() && makes &&
           std::all_of(endings.begin(), endings.end(), [&](const Ending& end) {
             return end.id == adoptee.token.id ||
                    std::any_of(adoptee.replaces.begin(),
                                adoptee.replaces.end(),
                                [&](const ActualToken& token) {
                                  return token.id == end.id;
                                });
           });
  }

  // What a plan would do to it now. Adopting changes nothing, or it is not
  // adopting.
  bool Differences(const DesiredState& only) {
    bool changed = false;
    const auto object = [&](const SourceLocation& where, std::string why) {
      Adoptee* adoptee = At(where);
      if (adoptee == nullptr || !Stands(*adoptee)) return;
      adoptee->obstacle = std::move(why);
      changed = true;
    };
    // Places were not read. What they hold is the plan's business; here they
    // are taken for empty.
    ActualState actual = *input_.actual;
    for (const DesiredToken& token : only.tokens) {
      for (const Delivery& place : token.deliver) {
        actual.records.try_emplace(place.Address(), HeldRecord::Absent());
      }
    }
    const ChangeSet changes = Diff(only, actual, {}, input_.now);
    for (const Change& change : changes.changes) {
      const Adoptee* adoptee = At(change.where);
      if (adoptee != nullptr && IsWanted(*adoptee, change)) continue;
      object(change.where, absl::StrCat("a plan would ", Word(change.action),
                                        " it (", Explain(change.reason), ")"));
    }
    for (const Deferred& deferred : changes.deferred) {
      object(deferred.where, deferred.explanation);
    }
    return changed;
  }

  // What becomes of those that are written as comments.
  void MarkToBeRevoked(const PolicyConfig& policy) {
    std::set<TokenKey> declared;
    for (const Adoptee& adoptee : adopted_) {
      if (!Stands(adoptee)) continue;
      declared.insert({adoptee.identity, adoptee.organization, adoptee.name});
    }
    for (Adoptee& adoptee : adopted_) {
      // Another token of that name is declared.
      if (Stands(adoptee) ||
          declared.count(
              {adoptee.identity, adoptee.organization, adoptee.name}) > 0) {
        continue;
      }
      const bool excepted =
          GlobMatchAny(policy.unmanaged_except, adoptee.token.display_name);
      // Minted by us and undeclared, or unmanaged under a policy that revokes.
      adoptee.to_be_revoked =
          adoptee.generation > 0 ||
          (policy.unmanaged == Unmanaged::kRevoke && !excepted);
    }
  }

  const AdoptionInput& input_;
  std::vector<Adoptee>& adopted_;
  std::vector<int> lines_;  // where each table begins
};

}  // namespace

int Adoption::declared() const {
  return static_cast<int>(
      std::count_if(adopted.begin(), adopted.end(),
                    [](const Adoptee& a) { return a.obstacle.empty(); }));
}

// Stages: sort all live tokens, check that every wish was met, prove the
// tables.
absl::StatusOr<Adoption> Adopt(const AdoptionInput& input) {
  Adoption adoption;
  Selection selection(input);
  for (const auto& [realm, snapshot] : input.actual->organizations) {
    Sorter sorter(input, realm, selection, adoption);
    for (const ActualToken& token : snapshot.tokens) {
      if (token.state == TokenState::kActive) sorter.Sort(token);
    }
  }
  if (absl::Status met = selection.Fulfilled(); !met.ok()) return met;
  std::sort(adoption.adopted.begin(), adoption.adopted.end(), ByPlace);
  std::sort(adoption.passed_over.begin(), adoption.passed_over.end(),
            [](const PassedOver& a, const PassedOver& b) {
              return std::tie(a.organization, a.identity, a.display_name) <
                     std::tie(b.organization, b.identity, b.display_name);
            });
  absl::StatusOr<std::string> tables = Proof(input, adoption.adopted).Run();
  if (!tables.ok()) return tables.status();
  adoption.tables = *std::move(tables);
  return adoption;
}

}  // namespace patform
