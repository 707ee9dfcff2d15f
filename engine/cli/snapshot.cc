#include <set>

#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/cli/reading.h"
#include "engine/plan/plan.h"
#include "engine/report/answer.h"
#include "engine/report/ending.h"
#include "engine/saved/load.h"
#include "engine/saved/snapshot_file.h"

namespace patform::cli {

namespace {

// Says which records could not be read, and how many.
int SayUnread(Ports& ports, const ActualState& actual) {
  int unread = 0;
  for (const auto& [address, held] : actual.records) {
    if (held.state != HeldRecord::State::kUnknown) continue;
    ++unread;
    ports.terminal->err << "patform: what " << Visible(address)
                        << " holds could not be read: "
                        << Visible(std::string(held.why.message())) << "\n";
  }
  return unread;
}

struct Everything {
  ActualState actual;
  Plan plan;  // as one from the snapshot would be now
};

absl::StatusOr<Everything> ReadEverything(const Arguments& arguments,
                                          Ports& ports,
                                          const PipelineRequest& request) {
  std::vector<Diagnostic> diagnostics;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(ports, request, diagnostics);
  ports.terminal->err << Render(diagnostics);
  if (!desired.ok()) return desired.status();
  PATFORM_RETURN_IF_ERROR(CheckIdentities(arguments, *desired));
  SayWhoseBearer(arguments, ports, desired->auth);
  Reading reading(ports, arguments.quiet);
  ReadOptions options;
  options.realms = Chosen(arguments, desired->Realms());
  options.everything = true;
  Everything read;
  PATFORM_ASSIGN_OR_RETURN(
      read.actual,
      ReadActual(ports, request, *desired, options, reading.Progress()));
  read.plan = MakePlan(*desired, read.actual, request.plan,
                       read.actual.ServiceTime(request.now));
  return read;
}

Answer AnswerOf(const Unrenewed& token) {
  Answer answer;
  answer.Text("address", token.address)
      .Text("organization", token.organization)
      .TextOrNull("owner", token.owner)
      .Text("ends", FormatInstant(token.ends))
      .Text("reason", Word(token.why))
      .Text("why", RowOf(token.why).why)
      .Text("fix", RowOf(token.why).fix);
  return answer;
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const PipelineRequest request = RequestOf(arguments, ports);
  // Before anything is read: a key that will not do is known now.
  PATFORM_ASSIGN_OR_RETURN(const Secret key, PlanKey(ports));
  PATFORM_ASSIGN_OR_RETURN(const Everything read,
                           ReadEverything(arguments, ports, request));
  const ActualState& actual = read.actual;
  // Whoever takes snapshots every night may look at nothing else.
  const std::vector<Unrenewed> ending =
      ShownOf(read.plan.changes.unrenewed, read.plan.as_of);
  const int unread = SayUnread(ports, actual);
  PATFORM_RETURN_IF_ERROR(
      WriteFile(ports, arguments.out, WriteSnapshot(actual, key.Reveal())));
  int tokens = 0;
  std::set<std::string> organizations;
  for (const auto& [realm, snapshot] : actual.organizations) {
    tokens += static_cast<int>(snapshot.tokens.size());
    organizations.insert(realm.organization);
  }
  if (arguments.format == "json") {
    std::vector<Answer> ends;
    for (const Unrenewed& token : ending) ends.push_back(AnswerOf(token));
    ports.terminal->out << Answer()
                               .Text("file", arguments.out)
                               .Number("tokens", tokens)
                               .Number(
                                   "organizations",
                                   static_cast<int64_t>(organizations.size()))
                               .Number("records", static_cast<int64_t>(
                                                      actual.records.size()))
                               .Number("unread", unread)
                               .Flag("signed", !key.empty())
                               .List("ends_unrenewed", ends)
                               .Line();
    return unread > 0 ? kIncomplete : kDone;
  }
  ports.terminal->out
      << "Wrote " << Count(tokens, "token") << " of "
      << Count(static_cast<int>(organizations.size()), "organization")
      << " and " << Count(static_cast<int>(actual.records.size()), "record")
      << " to " << Visible(arguments.out) << (key.empty() ? "" : ", signed")
      << ".\n"
      << ForTerminal(ports,
                     RenderEnding(ending, read.plan.as_of,
                                  StyleFor(arguments, ports,
                                           ports.terminal->out_is_terminal)));
  // Written all the same: a plan from it leaves those places undecided.
  return unread > 0 ? kIncomplete : kDone;
}

}  // namespace

Command SnapshotCommand() {
  Flag out = OutFlag("the file to write");
  out.required = true;
  return {.name = "snapshot",
          .what = "Write what exists to a file, without any secret",
          .example =
              "patform snapshot --out world.json\n"
              "  patform plan --snapshot world.json   # no network, no "
              "credential",
          .flags = Join({ConnectionFlags(),
                         {IdentityFlag("only the tokens of [identity.NAME] "
                                       "(repeatable)"),
                          out}}),
          .run = Run,
          .only_reads = true};
}

}  // namespace patform::cli
