#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/model/json_fields.h"

namespace patform {

// The world as one run read it, as a file (schemas/snapshot.schema.json): the
// tokens, whose they are, and what the sinks' records contain. Never a secret:
// none of it holds one. `patform snapshot` writes it in a job that is trusted,
// and `plan --snapshot` reads it where nothing may be contacted.

// `key`: as in sealed_json.h.
std::string WriteSnapshot(const ActualState& world, std::string_view key);
// Errors as of Unseal(), and kInvalidArgument for one of another shape.
absl::StatusOr<ActualState> ReadSnapshot(std::string_view text,
                                         std::string_view key);

// `snapshot` as a run with `desired` would have found it at `now`: limited to
// the organizations and places that are declared, with the tokens expired that
// are past their end. A place that was not declared when the snapshot was
// taken counts as empty and is in `assumed`. IsIncomplete(): an organization
// is not in it.
absl::StatusOr<ActualState> WorldOfSnapshot(const ActualState& snapshot,
                                            const DesiredState& desired,
                                            absl::Time now,
                                            std::set<std::string>& assumed);

// The world as an object, for plan_file.h too.
boost::json::object WorldJson(const ActualState& world);
ActualState ReadWorld(const JsonFields& fields);

}  // namespace patform
