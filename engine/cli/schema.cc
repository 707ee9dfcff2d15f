#include "engine/cli/cli.h"
#include "engine/desired/schemas.h"

namespace patform::cli {

int Schema(const Arguments& arguments, World& world) {
  if (arguments.word == "plan") {
    *world.out << PlanSchema();
  } else if (arguments.word == "events") {
    *world.out << EventsSchema();
  } else if (arguments.word == "status") {
    *world.out << StatusSchema();
  } else if (arguments.word == "saved-plan") {
    *world.out << SavedPlanSchema();
  } else if (arguments.word == "snapshot") {
    *world.out << SnapshotSchema();
  } else if (arguments.word == "audit") {
    *world.out << AuditSchema();
  } else {
    *world.out << ConfigurationSchema();
  }
  return kDone;
}

}  // namespace patform::cli
