#include <string>
#include <utility>
#include <vector>

#include "engine/cli/command.h"
#include "engine/desired/schemas.h"

namespace patform::cli {
namespace {

struct NamedSchema {
  const char* name;
  const char* (*text)();
};

constexpr NamedSchema kSchemas[] = {
    {"configuration", ConfigurationSchema},
    {"plan", PlanSchema},
    {"events", EventsSchema},
    {"status", StatusSchema},
    {"saved-plan", SavedPlanSchema},
    {"snapshot", SnapshotSchema},
    {"audit", AuditSchema},
    {"whoami", WhoAmISchema},
    {"doctor", DoctorSchema},
};

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  // The first is the default; the parser lets no other name through.
  const NamedSchema* chosen = &kSchemas[0];
  for (const NamedSchema& schema : kSchemas) {
    if (arguments.word == schema.name) chosen = &schema;
  }
  ports.terminal->out << chosen->text();
  return kDone;
}

}  // namespace

Command SchemaCommand() {
  std::vector<std::string> names;
  for (const NamedSchema& schema : kSchemas) names.push_back(schema.name);
  return {
      .name = "schema",
      .what = "Print a JSON Schema, for editors and other programs",
      .example =
          "patform schema > patform.schema.json\n"
          "  patform schema plan",
      .arguments = {{.value = "NAME",
                     .help = "configuration (default), plan, events, "
                             "status, saved-plan, snapshot, audit, whoami or "
                             "doctor",
                     .target = &Arguments::word,
                     .choices = std::move(names)}},
      .run = Run,
      .only_reads = true};
}

}  // namespace patform::cli
