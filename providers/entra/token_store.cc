#include "providers/entra/token_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/secret_service_store.h"

// One row for each store: a new one is a class and its row.
namespace patform::entra {
namespace {

// Files that nobody but their owner can read. They are not encrypted: whatever
// could decrypt them without a person would lie beside them.
class FileStore : public TokenStore {
 public:
  explicit FileStore(StateFiles& files) : files_(files) {}

  absl::StatusOr<std::optional<Secret>> Read(const std::string& name,
                                             Deadline) override {
    return files_.Read(FileOf(name));
  }
  absl::Status Write(const std::string& name, const std::string&,
                     const Secret& text, Deadline deadline) override {
    return files_.Replace(FileOf(name), text, deadline);
  }
  absl::Status Remove(const std::string& name, Deadline) override {
    return files_.Remove(FileOf(name));
  }
  std::string PlaceOf(const std::string& name) override {
    return Visible(files_.PathOf(FileOf(name)).value_or("a file"));
  }

 private:
  static std::string FileOf(const std::string& name) {
    return absl::StrCat(name, ".json");
  }

  StateFiles& files_;
};

// For machines of nobody's, such as agents of a pipeline.
class NoStore : public TokenStore {
 public:
  absl::StatusOr<std::optional<Secret>> Read(const std::string&,
                                             Deadline) override {
    return std::nullopt;
  }
  absl::Status Write(const std::string&, const std::string&, const Secret&,
                     Deadline) override {
    return Check();
  }
  absl::Status Check() override {
    return absl::InvalidArgumentError(
        "[auth] `cache` is \"none\", so that no sign-in is kept on this "
        "machine. Put it where a pipeline reads it, with --seed SINK:PLACE, "
        "or remove that line");
  }
  absl::Status Remove(const std::string&, Deadline) override {
    return absl::NotFoundError("nothing is kept");
  }
  std::string PlaceOf(const std::string&) override { return "no place"; }
};

// The desktop's store where one runs, else a file. A sign-in may be in either:
// a person signs in at the desktop, and a job of theirs runs without it.
class AutoStore : public TokenStore {
 public:
  AutoStore(std::unique_ptr<TokenStore> desktop,
            std::unique_ptr<TokenStore> file)
      : desktop_(std::move(desktop)), file_(std::move(file)) {}

  absl::StatusOr<std::optional<Secret>> Read(const std::string& name,
                                             Deadline deadline) override {
    absl::StatusOr<std::optional<Secret>> kept = desktop_->Read(name, deadline);
    // An error: there is no such service, or it is locked.
    if (kept.ok() && *kept) return kept;
    if (absl::IsCancelled(kept.status())) return kept.status();
    return file_->Read(name, deadline);
  }
  absl::Status Write(const std::string& name, const std::string& label,
                     const Secret& text, Deadline deadline) override {
    const absl::Status written = desktop_->Write(name, label, text, deadline);
    if (absl::IsCancelled(written)) return written;
    if (!written.ok()) return file_->Write(name, label, text, deadline);
    // An older one, of a time when there was no such service.
    file_->Remove(name, deadline).IgnoreError();
    return absl::OkStatus();
  }
  absl::Status Remove(const std::string& name, Deadline deadline) override {
    // Both, whatever becomes of the first; an error counts before "none".
    const absl::Status of_desktop = desktop_->Remove(name, deadline);
    const absl::Status of_file = file_->Remove(name, deadline);
    return of_file.ok() || !absl::IsNotFound(of_file) ? of_file : of_desktop;
  }
  std::string PlaceOf(const std::string& name) override {
    // There is never a second copy, see Write().
    const absl::StatusOr<std::optional<Secret>> kept =
        file_->Read(name, Deadline::max());
    const bool in_file = !kept.ok() || kept->has_value();
    return (in_file ? file_ : desktop_)->PlaceOf(name);
  }

 private:
  const std::unique_ptr<TokenStore> desktop_;
  const std::unique_ptr<TokenStore> file_;
};

std::unique_ptr<TokenStore> MakeFile(const TokenStoreNeeds& needs) {
  return std::make_unique<FileStore>(*needs.files);
}

std::unique_ptr<TokenStore> MakeDesktop(const TokenStoreNeeds& needs) {
  return std::make_unique<SecretServiceStore>(*needs.programs);
}

struct Row {
  const char* name;
  std::unique_ptr<TokenStore> (*make)(const TokenStoreNeeds&);
};
constexpr Row kRows[] = {
    {"auto",
     [](const TokenStoreNeeds& needs) -> std::unique_ptr<TokenStore> {
       // Without its bus the desktop's tool would start one of its own.
       if (!needs.has_session_bus) return MakeFile(needs);
       return std::make_unique<AutoStore>(MakeDesktop(needs), MakeFile(needs));
     }},
    {"secret-service", MakeDesktop},
    {"file", MakeFile},
    {"none",
     [](const TokenStoreNeeds&) -> std::unique_ptr<TokenStore> {
       return std::make_unique<NoStore>();
     }},
};

}  // namespace

SettingKey TokenStoreKey() {
  SettingKey key;
  key.name = "cache";
  key.doc =
      "Where this machine keeps the sign-in. Default auto: the desktop's "
      "Secret Service where one runs, else a file that only its owner can "
      "read.";
  for (const Row& row : kRows) key.choices.emplace_back(row.name);
  return key;
}

absl::StatusOr<std::unique_ptr<TokenStore>> MakeTokenStore(
    const std::string& which, const TokenStoreNeeds& needs) {
  const auto* const row =
      std::find_if(std::begin(kRows), std::end(kRows),
                   [&which](const Row& each) { return which == each.name; });
  if (row != std::end(kRows)) return row->make(needs);
  return absl::InvalidArgumentError(absl::StrCat(
      "[auth] `cache` is \"", Visible(which), "\"; expected one of ",
      absl::StrJoin(TokenStoreKey().choices, ", ")));
}

}  // namespace patform::entra
