#include "engine/saved/load.h"

#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/saved/snapshot_file.h"

namespace patform {
namespace {

// A saved plan or snapshot with a million tokens.
constexpr int64_t kMaxFileBytes = int64_t{512} << 20;

template <typename File>
absl::StatusOr<File> Load(Ports& ports, const std::string& path,
                          absl::StatusOr<File> (*read)(std::string_view text,
                                                       std::string_view key)) {
  // The key first: with one that is too short no file is to be trusted.
  PATFORM_ASSIGN_OR_RETURN(const Secret key, PlanKey(ports));
  PATFORM_ASSIGN_OR_RETURN(const std::string text,
                           ports.files->Read(path, kMaxFileBytes));
  absl::StatusOr<File> file = read(text, key.Reveal());
  if (!file.ok()) return Annotate(file.status(), path);
  return file;
}

}  // namespace

absl::StatusOr<Secret> PlanKey(const Ports& ports) {
  // Whoever has a signed file can try keys against it for as long as they like.
  constexpr size_t kShortest = 16;
  const std::optional<std::string> key = ports.environment("PATFORM_PLAN_KEY");
  // CI systems define a secret that a job may not see as an empty variable.
  if (!key || key->empty()) return Secret();
  if (key->size() < kShortest) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PATFORM_PLAN_KEY has ", Count(static_cast<int>(key->size()), "byte"),
        ": a key that short can be guessed. At least ", kShortest,
        " are needed; make one with `openssl rand -hex 32`"));
  }
  return Secret(*key);
}

absl::StatusOr<SavedPlan> LoadPlan(Ports& ports, const std::string& path) {
  return Load(ports, path, ReadPlan);
}

absl::StatusOr<ActualState> LoadSnapshot(Ports& ports,
                                         const std::string& path) {
  return Load(ports, path, ReadSnapshot);
}

absl::StatusOr<Baseline> LoadBaseline(Ports& ports, const std::string& path) {
  // Of another kind, or not a file of ours at all: kInvalidArgument both.
  const absl::StatusOr<ActualState> snapshot = LoadSnapshot(ports, path);
  if (snapshot.ok()) return BaselineOf(*snapshot);
  if (!absl::IsInvalidArgument(snapshot.status())) return snapshot.status();
  const absl::StatusOr<SavedPlan> saved = LoadPlan(ports, path);
  if (saved.ok()) return BaselineOf(saved->world);
  if (!absl::IsInvalidArgument(saved.status())) return saved.status();
  return absl::InvalidArgumentError(
      absl::StrCat("--baseline ", Visible(path),
                   ": it is neither a snapshot nor a saved plan"));
}

}  // namespace patform
