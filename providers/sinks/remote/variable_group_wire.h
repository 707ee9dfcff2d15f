#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"
#include "providers/http/secret_json.h"

namespace patform::sinks {

// A variable group as the service answers it (learn.microsoft.com,
// Variablegroups
// - Get Variable Groups, 7.1). A variable of type secret has no value in it;
// others have, and may be secrets all the same, so the answer stays in memory
// that is wiped.
class VariableGroup {
 public:
  // The groups of a list. kDataLoss: it is no such list.
  static absl::StatusOr<std::vector<VariableGroup>> ListOf(
      std::string_view body);

  const std::string& name() const { return name_; }
  int64_t id() const { return id_; }
  // By the service's clock.
  absl::Time modified() const { return modified_; }
  // Whose secrets are in a key vault: nothing can be written to it.
  bool linked() const { return linked_; }

  bool Has(std::string_view name) const;
  // The record beside the variable `name`; nullopt: there is none, or none that
  // can be read.
  std::optional<SinkRecord> RecordOf(std::string_view name) const;
  // The variables that have a record of ours beside them.
  std::vector<std::string> Recorded() const;
  // When patform last wrote to the group; InfinitePast(): never.
  absl::Time Written() const;
  // A variable, other than `name`, that patform did not put there; "": all are
  // ours.
  std::string ForeignBeside(std::string_view name) const;

  // The whole group, as a PUT takes it, with the secret and its record in
  // `name`, and everything else as it is; a null value leaves a secret alone.
  Secret With(std::string_view name, const Secret& value,
              const SinkRecord& record, absl::Time written) const;
  // Likewise without both.
  Secret Without(std::string_view name, absl::Time written) const;

 private:
  // The members up to `variables`, and all variables but those of `name`.
  void Begin(std::string_view name, absl::Time written, Secret& body) const;
  const boost::json::object& variables() const;
  const boost::json::value* Find(std::string_view name) const;

  std::shared_ptr<http::SecretJson> whole_;     // of all groups of the list
  const boost::json::object* group_ = nullptr;  // in `whole_`
  int64_t id_ = 0;
  std::string name_;
  absl::Time modified_;
  bool linked_ = false;
};

// Beside the variable NAME: its record, for everybody to see.
std::string RecordVariable(std::string_view name);

}  // namespace patform::sinks
