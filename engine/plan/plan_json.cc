#include "engine/plan/plan_json.h"

#include <boost/json/array.hpp>
#include <utility>

#include "engine/base/clock.h"

namespace patform {
namespace {

namespace json = boost::json;

// The last of each enumeration, for JsonFields::Word.
constexpr Action kLastAction = Action::kRelease;
constexpr Reason kLastReason = Reason::kOrphan;

const char* KindName(Decision::Kind kind) {
  switch (kind) {
    case Decision::Kind::kSettled:
      return "settled";
    case Decision::Kind::kMake:
      return "make";
    case Decision::Kind::kWait:
      return "wait";
    case Decision::Kind::kBlocked:
      return "blocked";
  }
  return "blocked";
}

json::value FactsJson(const std::optional<TokenFacts>& facts) {
  if (!facts) return nullptr;
  return json::object{
      {"authorization_id",
       facts->id ? json::value(json::string(facts->id->ToString()))
                 : json::value(nullptr)},
      {"display_name", facts->display_name},
      {"scopes", ScopesJson(facts->scopes)},
      {"valid_from", InstantJson(facts->valid_from)},
      {"valid_to", InstantJson(facts->valid_to)},
      {"all_organizations", facts->all_organizations},
      {"generation", facts->generation}};
}

std::optional<TokenFacts> ReadFacts(const JsonFields& change, const char* key) {
  if (change.IsNull(key)) return std::nullopt;
  const JsonFields fields = change.Object(key);
  TokenFacts facts;
  if (!fields.IsNull("authorization_id")) {
    facts.id = fields.Id("authorization_id");
  }
  facts.display_name = fields.Text("display_name");
  facts.scopes = fields.Scopes("scopes");
  facts.valid_from = fields.InstantOrNull("valid_from");
  facts.valid_to = fields.InstantOrNull("valid_to");
  facts.all_organizations = fields.Flag("all_organizations");
  facts.generation = fields.Integer("generation");
  return facts;
}

json::array EndsJson(const std::vector<Collect>& ends) {
  json::array array;
  for (const Collect& end : ends) {
    array.push_back(json::object{{"authorization_id", end.id.ToString()},
                                 {"generation", end.generation},
                                 {"reason", Name(end.reason)},
                                 {"retire_at", InstantJson(end.retire_at)},
                                 {"valid_to", InstantJson(end.valid_to)}});
  }
  return array;
}

std::vector<Collect> ReadEnds(const JsonFields& fields, const char* key) {
  std::vector<Collect> ends;
  fields.Each(key, [&](const JsonFields& each) {
    Collect end;
    end.id = each.Id("authorization_id");
    end.generation = each.Integer("generation");
    end.reason = each.Word<Reason>("reason", kLastReason, Name);
    end.retire_at = each.InstantOrNull("retire_at");
    end.valid_to = each.Instant("valid_to");
    ends.push_back(end);
  });
  return ends;
}

json::array DeliverJson(const std::vector<Delivery>& deliver) {
  json::array array;
  for (const Delivery& place : deliver) {
    array.push_back(json::object{{"sink", place.sink},
                                 {"at", place.at},
                                 {"key", place.key},
                                 {"encoding", Name(place.encoding)},
                                 {"adopt", place.adopt}});
  }
  return array;
}

std::vector<Delivery> ReadDeliver(const JsonFields& fields) {
  std::vector<Delivery> deliver;
  fields.Each("deliver", [&](const JsonFields& each) {
    Delivery place;
    place.sink = each.Text("sink");
    place.at = each.Text("at");
    place.key = each.Text("key");
    place.encoding = each.Word<Encoding>("encoding", Encoding::kBasic, Name);
    place.adopt = each.Flag("adopt");
    deliver.push_back(std::move(place));
  });
  return deliver;
}

json::object ChangeJson(const Change& change) {
  json::array fields;
  for (const FieldChange& field : change.fields) {
    fields.push_back(json::object{{"field", field.field},
                                  {"before", field.before},
                                  {"after", field.after}});
  }
  return {{"action", Name(change.action)},
          {"reason", Name(change.reason)},
          {"class", Name(change.change_class)},
          {"name", change.name},
          {"address", change.address},
          {"organization", change.organization},
          {"before", FactsJson(change.before)},
          {"after", FactsJson(change.after)},
          {"fields", std::move(fields)},
          {"deliver", DeliverJson(change.deliver)},
          {"decision", KindName(change.decision.kind)},
          {"generation", change.decision.generation},
          {"collect_first", EndsJson(change.decision.collect_first)},
          {"collect", EndsJson(change.decision.collect)},
          {"revoke", EndsJson(change.revoke)},
          {"location", WhereJson(change.where)}};
}

Change ReadChange(const JsonFields& each) {
  Change change;
  change.action = each.Word<Action>("action", kLastAction, Name);
  change.reason = each.Word<Reason>("reason", kLastReason, Name);
  change.change_class =
      each.Word<ChangeClass>("class", ChangeClass::kMaintenance, Name);
  change.name = each.Text("name");
  change.address = each.Text("address");
  change.organization = each.Text("organization");
  change.before = ReadFacts(each, "before");
  change.after = ReadFacts(each, "after");
  each.Each("fields", [&](const JsonFields& field) {
    change.fields.push_back(
        {field.Text("field"), field.Text("before"), field.Text("after")});
  });
  change.deliver = ReadDeliver(each);
  change.decision.kind =
      each.Word<Decision::Kind>("decision", Decision::Kind::kBlocked, KindName);
  change.decision.reason = change.reason;
  change.decision.generation = each.Integer("generation");
  change.decision.collect_first = ReadEnds(each, "collect_first");
  change.decision.collect = ReadEnds(each, "collect");
  change.revoke = ReadEnds(each, "revoke");
  change.where = ReadWhere(each, "location");
  return change;
}

json::array ChangesJson(const std::vector<Change>& changes) {
  json::array array;
  for (const Change& change : changes) array.push_back(ChangeJson(change));
  return array;
}

std::vector<Change> ReadChanges(const JsonFields& fields, const char* key) {
  std::vector<Change> changes;
  fields.Each(key, [&](const JsonFields& each) {
    changes.push_back(ReadChange(each));
  });
  return changes;
}

json::array DeferredJson(const std::vector<Deferred>& deferred) {
  json::array array;
  for (const Deferred& each : deferred) {
    array.push_back(json::object{{"name", each.name},
                                 {"address", each.address},
                                 {"organization", each.organization},
                                 {"explanation", each.explanation},
                                 {"contention", each.contention},
                                 {"location", WhereJson(each.where)}});
  }
  return array;
}

json::array FindingsJson(const std::vector<Finding>& findings) {
  json::array array;
  for (const Finding& finding : findings) {
    array.push_back(json::object{{"rule", finding.rule},
                                 {"severity", Name(finding.severity)},
                                 {"address", finding.address},
                                 {"what", finding.what},
                                 {"fix", finding.fix},
                                 {"location", WhereJson(finding.where)}});
  }
  return array;
}

json::value IdentityJson(const std::optional<Identity>& identity) {
  if (!identity) return nullptr;
  return json::object{
      {"scopes", identity->scopes ? json::value(ScopesJson(*identity->scopes))
                                  : json::value(nullptr)}};
}

std::optional<Identity> ReadIdentity(const JsonFields& plan) {
  // Files of before there was one.
  if (plan.IsNull("identity")) return std::nullopt;
  const JsonFields fields = plan.Object("identity");
  Identity identity;
  if (!fields.IsNull("scopes")) identity.scopes = fields.Scopes("scopes");
  return identity;
}

json::array NotesJson(const std::vector<Note>& notes) {
  json::array array;
  for (const Note& note : notes) {
    array.push_back(
        json::object{{"address", note.address}, {"text", note.text}});
  }
  return array;
}

json::array UnmanagedJson(const std::vector<ActualToken>& tokens) {
  json::array array;
  for (const ActualToken& token : tokens) {
    array.push_back(
        json::object{{"authorization_id", token.id.ToString()},
                     {"display_name", token.display_name},
                     {"scopes", ScopesJson(token.scopes)},
                     {"valid_from", InstantJson(token.valid_from)},
                     {"valid_to", InstantJson(token.valid_to)},
                     {"all_organizations", token.all_organizations}});
  }
  return array;
}

ActualToken ReadUnmanaged(const JsonFields& each) {
  ActualToken token;
  token.id = each.Id("authorization_id");
  token.display_name = each.Text("display_name");
  token.scopes = each.Scopes("scopes");
  token.valid_from = each.Instant("valid_from");
  token.valid_to = each.Instant("valid_to");
  token.all_organizations = each.Flag("all_organizations");
  return token;
}

}  // namespace

json::value WhereJson(const SourceLocation& where) {
  if (where.file.empty()) return nullptr;
  return json::object{{"file", where.file},
                      {"line", where.line},
                      {"column", where.column},
                      {"length", where.length}};
}

SourceLocation ReadWhere(const JsonFields& fields, const char* key) {
  SourceLocation where;
  if (fields.IsNull(key)) return where;
  const JsonFields object = fields.Object(key);
  where.file = object.Text("file");
  where.line = static_cast<int>(object.Integer("line"));
  where.column = static_cast<int>(object.Integer("column"));
  where.length = static_cast<int>(object.Integer("length"));
  return where;
}

json::object PlanJson(const Plan& plan) {
  return {{"workspace", plan.workspace},
          {"organizations", TextsJson(plan.organizations)},
          {"owner", plan.owner},
          {"as_of", FormatInstant(plan.as_of)},
          {"stable_until", InstantJson(plan.stable_until)},
          {"snapshot_taken_at", InstantJson(plan.snapshot_taken_at)},
          {"identity", IdentityJson(plan.identity)},
          {"changes", ChangesJson(plan.changes.changes)},
          {"left_out", ChangesJson(plan.left_out)},
          {"deferred", DeferredJson(plan.changes.deferred)},
          {"findings", FindingsJson(plan.findings)},
          {"rules", TextsJson(plan.rules)},
          {"notes", NotesJson(plan.changes.notes)},
          {"unmanaged", UnmanagedJson(plan.changes.unmanaged)},
          {"unmanaged_excepted", plan.changes.unmanaged_excepted},
          {"unchanged", plan.changes.unchanged}};
}

Plan ReadPlanJson(const JsonFields& fields) {
  Plan plan;
  plan.workspace = fields.Text("workspace");
  plan.organizations = fields.Texts("organizations");
  plan.owner = fields.Text("owner");
  plan.as_of = fields.Instant("as_of");
  plan.stable_until = fields.Instant("stable_until");
  plan.snapshot_taken_at = fields.InstantOrNull("snapshot_taken_at");
  plan.identity = ReadIdentity(fields);
  plan.changes.changes = ReadChanges(fields, "changes");
  plan.left_out = ReadChanges(fields, "left_out");
  fields.Each("deferred", [&](const JsonFields& each) {
    plan.changes.deferred.push_back(
        {each.Text("address"), each.Text("organization"),
         each.Text("explanation"), each.Flag("contention"),
         ReadWhere(each, "location"), each.Text("name")});
  });
  fields.Each("findings", [&](const JsonFields& each) {
    plan.findings.push_back(
        {each.Text("rule"), each.Text("address"), each.Text("what"),
         each.Text("fix"), ReadWhere(each, "location"),
         each.Word<Severity>("severity", Severity::kWarning, Name)});
  });
  // Files of older programs have none.
  if (!fields.IsNull("rules")) plan.rules = fields.Texts("rules");
  fields.Each("notes", [&](const JsonFields& each) {
    plan.changes.notes.push_back({each.Text("address"), each.Text("text")});
  });
  fields.Each("unmanaged", [&](const JsonFields& each) {
    plan.changes.unmanaged.push_back(ReadUnmanaged(each));
  });
  plan.changes.unmanaged_excepted =
      static_cast<int>(fields.Integer("unmanaged_excepted"));
  plan.changes.unchanged = static_cast<int>(fields.Integer("unchanged"));
  plan.changes.stable_until = plan.stable_until;
  plan.counts = CountActions(plan.changes.changes);
  return plan;
}

Approval ReadApproval(const JsonFields& fields) {
  Approval approval;
  approval.workspace = fields.Text("workspace");
  approval.owner = fields.Text("owner");
  fields.Each("changes", [&](const JsonFields& each) {
    approval.changes.push_back({each.Text("address"), each.Text("organization"),
                                each.TextMap("facts")});
    const size_t n = approval.changes.size();
    if (n > 1 && !(approval.changes[n - 2] < approval.changes[n - 1])) {
      each.Fail("address", "changes in order, each once");
    }
  });
  return approval;
}

}  // namespace patform
