#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/remote/rest_store.h"
#include "providers/sinks/remote/variable_group_wire.h"
#include "providers/sinks/row.h"

// The sink type "variable-group": secret variables of a variable group of Azure
// Pipelines, in the same organization as the token or in another one.
//
//     GET …/{project}/_apis/distributedtask/variablegroups?groupName=
//         every variable, a secret one without its value
//     PUT …/_apis/distributedtask/variablegroups/{id}
//         the whole group: a variable that is not in it is deleted, a secret
//         one whose value is null stays as it is
//
// Beside the variable NAME stands NAME.patform with the record, and one
// `patform.written` for the group, in the same PUT: one write, and no record
// without its secret. A plan sees no secret, because the service gives none.
//
// The service has no conditional write. Whatever somebody else writes between
// the last look and the PUT is gone with it, so a group is patform's alone
// unless the sink is told `shared = true`: then the time between look and PUT,
// some 100 ms, is all that is left of that race, the PUT is never sent twice
// without another look, and what patform does not know is sent back as it was
// read.
//
// A value that a person typed over does not show: only that the group was
// changed, `modifiedOn`, later than patform's last write. In a group of its own
// that counts as a secret of somebody else's; in a shared group it is ignored,
// for others change it every day.
namespace patform::sinks {

// The groups of one project, as patform reads and writes them.
class VariableGroups {
 public:
  VariableGroups(SinkConfig config, AuthConfig auth,
                 std::unique_ptr<RestStore> store)
      : config_(std::move(config)),
        auth_(std::move(auth)),
        store_(std::move(store)) {}

  // A group is asked for once, whatever the number of its places.
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline);
  // Every place of the project's groups that has a record.
  std::vector<StrayPlace> Recorded(Deadline deadline);
  // `managed`: only if this user may change it. kFailedPrecondition: no such
  // group is to be seen, or it cannot be written.
  absl::StatusOr<VariableGroup> Look(const std::string& name, bool managed,
                                     Deadline deadline);
  // May patform write there at all?
  absl::Status CheckGroup(const VariableGroup& group,
                          const Delivery& place) const;
  HeldRecord Held(const VariableGroup& group, const Delivery& place) const;
  // The PUT of `body`, once.
  absl::Status Write(const VariableGroup& group, Secret body,
                     const Purpose& purpose, Deadline deadline);
  absl::Time Now() const { return store_->Now(); }

 private:
  // `name`: "" for all of the project.
  absl::StatusOr<std::vector<VariableGroup>> List(const std::string& name,
                                                  bool managed,
                                                  const Purpose& purpose,
                                                  Deadline deadline);
  absl::StatusOr<http::Response> Send(http::Request request,
                                      const Purpose& purpose,
                                      Deadline deadline);

  const SinkConfig config_;
  const AuthConfig auth_;
  const std::unique_ptr<RestStore> store_;
};

class VariableGroupReader : public RecordReader {
 public:
  explicit VariableGroupReader(std::shared_ptr<VariableGroups> groups)
      : groups_(std::move(groups)) {}
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

 private:
  const std::shared_ptr<VariableGroups> groups_;
};

class VariableGroupSink : public SinkOverReader {
 public:
  // The sink and the reader under it look at the same groups.
  explicit VariableGroupSink(const std::shared_ptr<VariableGroups>& groups)
      : SinkOverReader(std::make_unique<VariableGroupReader>(groups)),
        groups_(groups) {}
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;

 private:
  // What is there right before a write, if it is still `expected`.
  absl::StatusOr<VariableGroup> Before(const Delivery& place,
                                       const std::string& expected,
                                       Deadline deadline);

  // Two workers of this run that write to one group would take each other's
  // variables away.
  std::mutex& MutexOf(const std::string& group);

  const std::shared_ptr<VariableGroups> groups_;
  std::mutex mutex_;
  std::map<std::string, std::mutex> mutexes_;  // guarded by mutex_; they stay
};

Row VariableGroupRow();

}  // namespace patform::sinks
