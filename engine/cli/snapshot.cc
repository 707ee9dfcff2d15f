#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/cli/reading.h"
#include "engine/saved/snapshot_file.h"

namespace patform::cli {

int Snapshot(const Arguments& arguments, World& world) {
  const PipelineRequest request = RequestOf(arguments, world);
  const absl::StatusOr<Secret> key = PlanKey(world);
  if (!key.ok()) return Fail(world, key.status());
  std::vector<Diagnostic> diagnostics;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(world, request, diagnostics);
  *world.err << Render(diagnostics);
  if (!desired.ok()) return Fail(world, desired.status());
  const absl::StatusOr<ActualState> actual = [&] {
    Reading reading(world, arguments.quiet);
    return ReadWorldFor(world, request, *desired, reading.Progress());
  }();
  if (!actual.ok()) return Fail(world, actual.status());
  int tokens = 0, unread = 0;
  for (const auto& [name, snapshot] : actual->organizations) {
    tokens += static_cast<int>(snapshot.tokens.size());
  }
  for (const auto& [address, held] : actual->records) {
    if (held.state != HeldRecord::State::kUnknown) continue;
    ++unread;
    *world.err << "patform: what " << Visible(address)
               << " holds could not be read: "
               << Visible(std::string(held.why.message())) << "\n";
  }
  const int exit_code =
      WriteOrSay(world, arguments.out, WriteSnapshot(*actual, key->Reveal()));
  if (exit_code != kDone) return exit_code;
  *world.out << "Wrote " << Count(tokens, "token") << " of "
             << Count(static_cast<int>(actual->organizations.size()),
                      "organization")
             << " and "
             << Count(static_cast<int>(actual->records.size()), "record")
             << " to " << Visible(arguments.out)
             << (key->empty() ? "" : ", signed") << ".\n";
  return unread > 0 ? kIncomplete : kDone;
}

}  // namespace patform::cli
