#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/desired/problems.h"
#include "engine/desired/read_desired.h"
#include "engine/model/desired_state.h"
#include "engine/ports/files.h"
#include "engine/ports/secret_sink.h"

namespace patform {

// Whether the places of all deliveries can exist beside each other: by what
// they are, not by their sinks' names and spellings. And whether git would add
// what is delivered to them.
class PlaceChecks {
 public:
  // All must outlive it.
  PlaceChecks(Problems& problems, Files& files, const ReadInput& input,
              const DesiredState& state);

  // `place` is complete; `type` is its sink's. Reports a place that an earlier
  // one has.
  void Add(const DesiredToken& token, const SinkConfig& sink,
           const SinkType& type, const Delivery& place);
  // A place that a sign-in is kept in, after all deliveries: none of them may
  // go there.
  void Keep(const KeptPlace& kept, const SinkType& type);
  // What only all places together show.
  void Finish();

  // What Sinks::Canonical says of `sink`; "": nothing.
  const std::string& StoreOf(const SinkConfig& sink);

 private:
  struct Taken {
    const DesiredToken* token = nullptr;
    const Delivery* place = nullptr;
    const SinkType* type = nullptr;
  };

  std::string HomeOf(const SinkConfig& sink, const SinkType& type,
                     const Delivery& place);
  void Clash(const Taken& first, const DesiredToken& token,
             const Delivery& place);
  void CheckAbove(const std::string& home, const Taken& taken,
                  absl::flat_hash_set<std::string>& clear);
  void CheckConfiguration();
  void WarnOfGit();

  Problems& problems_;
  Files& files_;
  const ReadInput& input_;
  const DesiredState& state_;
  // By the sink's name: what its places are below; "": it is not known.
  absl::flat_hash_map<std::string, std::string> stores_;
  // What is written as a whole, a file most often, and who writes it first.
  absl::flat_hash_map<std::string, Taken> homes_;
  // The same and an entry in it.
  absl::flat_hash_map<std::string, Taken> entries_;
};

}  // namespace patform
