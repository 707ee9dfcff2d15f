#pragma once

namespace patform {

// The files of schemas/, built in.
const char* ConfigurationSchema();  // patform.schema.json
const char* PlanSchema();           // plan.schema.json
const char* EventsSchema();         // events.schema.json
const char* StatusSchema();         // status.schema.json
const char* SavedPlanSchema();      // saved-plan.schema.json
const char* SnapshotSchema();       // snapshot.schema.json
const char* AuditSchema();          // audit.schema.json
const char* WhoAmISchema();         // whoami.schema.json
const char* DoctorSchema();         // doctor.schema.json
const char* ScopeTable();           // scopes.tsv
const char* StarterFile();          // starter.toml, what `init` writes

}  // namespace patform
