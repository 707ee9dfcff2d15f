#include "engine/report/events.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/model/json_fields.h"
#include "engine/report/attention.h"
#include "engine/report/issues.h"
#include "engine/report/json_line.h"
#include "engine/report/outline.h"
#include "engine/report/text.h"

namespace patform {
namespace {

namespace json = boost::json;

// `message` is the same for people; it is made visible already or ours.
std::string EventLine(const char* type, const char* level,
                      const std::string& message, const Change* change,
                      absl::Time now, json::object more) {
  json::object object;
  // In every line: a reader may begin in the middle of a log.
  object["format_version"] = "1.2";
  object["timestamp"] = FormatInstant(now);
  object["type"] = type;
  object["@level"] = level;
  object["@message"] = message;
  if (change != nullptr) {
    object["address"] = change->address;
    object["organization"] = change->organization;
    if (!change->identity.empty()) object["identity"] = change->identity;
    object["action"] = Word(change->action);
  }
  // Last: what all events share stands at the beginning of a line, where people
  // look.
  for (auto& member : more) object[member.key()] = std::move(member.value());
  return JsonLine(object);
}

std::string Diagnosed(const char* severity, const std::string& rule,
                      const std::string& address, const std::string& summary,
                      const std::string& detail, const SourceLocation& where,
                      absl::Time now) {
  // The words of Terraform's stream, which readers of it know.
  const char* level = std::string_view(severity) == "error"     ? "error"
                      : std::string_view(severity) == "warning" ? "warn"
                                                                : "info";
  return EventLine("diagnostic", level, Visible(summary), nullptr, now,
                   {{"severity", severity},
                    {"rule", TextOrNull(rule)},
                    {"address", TextOrNull(address)},
                    {"summary", summary},
                    {"detail", TextOrNull(detail)},
                    {"location", LocationJson(where)}});
}

json::array Attentions(const Change& change, const Plan& plan) {
  json::array array;
  for (const Attention& each : AttentionOf(change, plan.as_of)) {
    array.push_back(
        json::object{{"kind", Word(each.kind)}, {"what", each.what}});
  }
  return array;
}

std::string Label(const Change& change) { return Visible(change.address); }

}  // namespace

std::string RenderVersionEvent(absl::Time now) {
  return EventLine("version", "info", absl::StrCat("patform ", kVersion),
                   nullptr, now, {{"patform", kVersion}});
}

std::string RenderDiagnosticEvent(const Diagnostic& diagnostic,
                                  absl::Time now) {
  return Diagnosed(Word(diagnostic.severity), "", "", diagnostic.summary,
                   diagnostic.detail, diagnostic.where, now);
}

std::string RenderErrorEvent(const std::string& what, absl::Time now) {
  return Diagnosed("error", "", "", what, "", {}, now);
}

std::string RenderPlannedEvents(const Plan& plan, absl::Time now) {
  std::string text;
  for (const Change& change : plan.changes.changes) {
    absl::StrAppend(&text,
                    EventLine("planned_change", "info",
                              absl::StrCat(Label(change), ": plan to ",
                                           Word(change.action)),
                              &change, now,
                              {{"reason", Word(change.reason)},
                               {"class", Word(change.change_class)},
                               {"attention", Attentions(change, plan)},
                               {"location", LocationJson(change.where)}}));
  }
  for (const Issue& issue : IssuesOf(plan)) {
    // What must be shown is in the events of the changes.
    if (issue.level == Issue::Level::kNotice || MustBeShown(issue)) continue;
    const bool error = issue.level == Issue::Level::kError;
    absl::StrAppend(
        &text, Diagnosed(error ? "error" : "warning", issue.rule, issue.address,
                         issue.what, issue.fix, issue.where, now));
  }
  for (const Change& change : plan.waiting) {
    absl::StrAppend(&text,
                    Diagnosed("warning", "", change.address,
                              absl::StrCat("waits for approval, left alone: it "
                                           "would ",
                                           RowOf(change.action).to_be),
                              Explain(change.reason), change.where, now));
  }
  json::object more = CountsJson(plan.counts);
  more["unchanged"] = plan.changes.unchanged;
  more["digest"] = plan.digest;
  more["complete"] = plan.complete();
  return text + EventLine("change_summary", "info", RenderSummary(plan),
                          nullptr, now, std::move(more));
}

std::string RenderStarted(const Change& change, absl::Time now) {
  return EventLine(
      "started", "info",
      absl::StrCat(Label(change), ": ", Word(change.action), " begins"),
      &change, now, {{"reason", Word(change.reason)}});
}

std::string RenderStep(const Change& change, const Effect& effect,
                       absl::Time now) {
  const std::string step = Describe(change, effect);
  return EventLine("step", "info", absl::StrCat(Label(change), ": ", step),
                   &change, now, {{"step", step}});
}

std::string RenderProgressEvent(const Change& change, const std::string& step,
                                absl::Duration elapsed, absl::Time now) {
  return EventLine(
      "progress", "info",
      absl::StrCat(Label(change), ": still ", step, ", ", FormatSpan(elapsed),
                   " elapsed"),
      &change, now,
      {{"step", step}, {"elapsed_seconds", absl::ToInt64Seconds(elapsed)}});
}

std::string RenderWaitingEvent(const Waiting& waiting, absl::Time now) {
  json::object more = {{"why", waiting.why},
                       {"seconds", absl::ToInt64Seconds(absl::Ceil(
                                       waiting.span, absl::Seconds(1)))}};
  more["attempt"] = waiting.attempt == 0 ? json::value(nullptr)
                                         : json::value(waiting.attempt);
  return EventLine("waiting", "warn", waiting.ToString(), nullptr, now,
                   std::move(more));
}

std::string RenderEnded(const Change& change, const Outcome& outcome,
                        absl::Time now) {
  json::object more;
  more["outcome"] = Word(outcome.kind);
  const std::string error(outcome.status.message());
  more["error"] = outcome.status.ok() ? json::value(nullptr)
                                      : json::value(json::string(error));
  more["done"] = TextsJson(outcome.done);
  more["left"] = TextsJson(outcome.left);
  const bool bad = outcome.kind == Outcome::Kind::kFailed ||
                   outcome.kind == Outcome::Kind::kIncomplete;
  return EventLine("ended", bad ? "error" : "info",
                   absl::StrCat(Label(change), ": ", Word(outcome.kind),
                                error.empty() ? "" : ": ", Visible(error)),
                   &change, now, std::move(more));
}

std::string RenderFollowUp(const ApplyResult::FollowUp& follow_up,
                           absl::Time now) {
  const std::string error(follow_up.status.message());
  json::object more;
  more["sink"] = follow_up.sink;
  more["done"] = TextsJson(follow_up.done);
  more["error"] = follow_up.status.ok() ? json::value(nullptr)
                                        : json::value(json::string(error));
  return EventLine(
      "after", follow_up.status.ok() ? "info" : "warn",
      absl::StrCat("after sink.", Visible(follow_up.sink), ": ",
                   follow_up.status.ok() ? absl::StrJoin(follow_up.done, "; ")
                                         : Visible(error)),
      nullptr, now, std::move(more));
}

std::string RenderSummaryEvent(const ApplyResult& result, absl::Time now) {
  json::object more;
  std::string message = "Apply:";
  for (Outcome::Kind kind :
       {Outcome::Kind::kDone, Outcome::Kind::kNothing, Outcome::Kind::kFailed,
        Outcome::Kind::kIncomplete, Outcome::Kind::kInterrupted}) {
    more[Word(kind)] = result.Count(kind);
    absl::StrAppend(&message, kind == Outcome::Kind::kDone ? " " : ", ",
                    result.Count(kind), " ", Word(kind));
  }
  more["left"] = result.StepsLeft();
  return EventLine("summary", "info", message + ".", nullptr, now,
                   std::move(more));
}

}  // namespace patform
