#include "engine/inquiry/import.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/diagnostic.h"
#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/desired/read_desired.h"
#include "engine/desired/toml_writer.h"

namespace patform::cli {
namespace {

// The file system with some files that read otherwise than they are, or that
// are not there yet. A file may be named in several ways.
class Overlay : public Files {
 public:
  explicit Overlay(Files& files) : files_(files) {}

  void Put(const std::string& path, std::string text) {
    const std::string place = Place(path);
    std::erase_if(texts_, [&](const Text& t) { return t.place == place; });
    texts_.push_back({Last(path), place, std::move(text)});
  }

  Kind Stat(const std::string& path) override {
    return Find(path) != nullptr ? Kind::kFile : files_.Stat(path);
  }
  absl::StatusOr<std::string> Read(const std::string& path,
                                   int64_t max_bytes) override {
    if (const Text* text = Find(path)) return text->text;
    return files_.Read(path, max_bytes);
  }
  absl::StatusOr<std::string> ReadInside(const std::string& directory,
                                         const std::string& path,
                                         int64_t max_bytes) override {
    if (const Text* text = Find(path)) return text->text;
    return files_.ReadInside(directory, path, max_bytes);
  }
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& directory) override {
    return files_.List(directory);
  }
  absl::StatusOr<std::string> Canonical(const std::string& path) override {
    if (const Text* text = Find(path)) return text->place;
    return files_.Canonical(path);
  }
  absl::Status CreateNew(const std::string&, const std::string&) override {
    return absl::UnimplementedError("this only reads");
  }
  absl::Status Replace(const std::string&, const std::string&) override {
    return absl::UnimplementedError("this only reads");
  }

 private:
  struct Text {
    std::string last;   // of the path's parts
    std::string place;  // the path, links resolved
    std::string text;
  };

  static std::string Last(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
  }

  // A file that does not exist yet has no links of its own.
  std::string Place(const std::string& path) {
    if (auto whole = files_.Canonical(path); whole.ok()) return *whole;
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "."
                               : slash == 0               ? "/"
                                            : path.substr(0, slash);
    const absl::StatusOr<std::string> real = files_.Canonical(folder);
    return absl::StrCat(real.ok() ? *real : folder,
                        real.ok() && *real == "/" ? "" : "/", Last(path));
  }

  const Text* Find(const std::string& path) {
    for (const Text& text : texts_) {
      if (Last(path) == text.last && Place(path) == text.place) return &text;
    }
    return nullptr;
  }

  Files& files_;
  std::vector<Text> texts_;
};

// What the tables go behind.
struct Ground {
  explicit Ground(Files& real) : files(real) {}
  Overlay files;
  DesiredState desired;
  std::string path;  // the main file
  std::string text;  // as it is, or as it would begin
  bool exists = true;
};

bool Missing(Files& files, const std::string& config) {
  switch (files.Stat(config)) {
    case Files::Kind::kMissing:
      return true;
    case Files::Kind::kDirectory:
      return files.Stat(absl::StrCat(config, "/patform.toml")) ==
             Files::Kind::kMissing;
    default:
      return false;
  }
}

// The beginning of a configuration for one organization alone.
std::string Beginning(const std::string& organization) {
  return absl::StrCat(
      "format = 1\n\n"
      "# Part of every token's mark: two configurations of one user never "
      "touch each\n# other's tokens. Choose once.\n"
      "workspace = ",
      TomlString(absl::AsciiStrToLower(organization)),
      "\n\norganization = ", TomlString(organization), "\n");
}

std::optional<Ground> GroundOf(const Arguments& arguments, World& world,
                               const PipelineRequest& request, int& exit_code) {
  Ground ground(*world.files);
  // What is to be written does not count, whether it exists or not.
  if (!arguments.out.empty()) ground.files.Put(arguments.out, "# empty\n");
  const auto fail = [&](const absl::Status& status) {
    exit_code = Fail(world, status);
    return std::nullopt;
  };
  const bool missing = Missing(*world.files, request.config);
  if (missing && arguments.organizations.size() != 1) {
    return fail(absl::InvalidArgumentError(absl::StrCat(
        request.config,
        ": there is no configuration; name the organization, as in `patform "
        "import --organization contoso`, or write one: `patform init`")));
  }
  ReadInput input;
  input.path = request.config;
  input.policy_path = request.policy;
  input.now = request.now;
  input.environment = world.environment;
  if (missing) {
    ground.exists = false;
    input.path = ground.path = "patform.toml";
    ground.text = Beginning(arguments.organizations[0]);
    ground.files.Put(ground.path, ground.text);
  }
  world.end_at_signal(true);
  ReadResult result = ReadDesired(ground.files, input);
  world.end_at_signal(false);
  if (!result.state) {
    *world.err << Render(result.diagnostics);
    return fail(absl::InvalidArgumentError(
        "the configuration is not valid; nothing was read or written"));
  }
  ground.desired = *std::move(result.state);
  if (missing) return ground;
  ground.path = ground.desired.files[0];
  absl::StatusOr<std::string> text =
      world.files->Read(ground.path, kMaxConfigBytes);
  if (!text.ok()) return fail(text.status());
  ground.text = *std::move(text);
  return ground;
}

// "3 declared already (a, b, c)"; names from outside are made visible.
std::string Some(const std::vector<std::string>& names, std::string what) {
  constexpr size_t kShown = 5;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    shown.push_back(Visible(names[i]));
  }
  if (names.size() > kShown) shown.push_back("…");
  return absl::StrCat(Count(static_cast<int>(names.size()), "token"), " ", what,
                      ": ", absl::StrJoin(shown, ", "), "\n");
}

void SayPassedOver(World& world, const Ground& ground,
                   const Adoption& adoption) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const PassedOver& token : adoption.passed_over) {
    switch (token.why) {
      case PassedOver::Why::kDeclared:
        by_reason["passed over, declared already"].push_back(
            token.display_name);
        break;
      case PassedOver::Why::kOtherWorkspace:
        by_reason[absl::StrCat("passed over, of the workspace \"",
                               token.workspace, "\"")]
            .push_back(token.display_name);
        break;
      case PassedOver::Why::kCopiedMark:
        by_reason["passed over, with a copied mark"].push_back(
            token.display_name);
        break;
    }
  }
  for (const auto& [reason, names] : by_reason) {
    *world.err << "patform: " << Some(names, reason);
  }
  for (const Adoptee& adoptee : adoption.adopted) {
    if (adoptee.obstacle.empty()) continue;
    *world.err << "patform: "
               << Visible(ground.desired.AddressOf(adoptee.name,
                                                   adoptee.organization))
               << " (" << adoptee.token.id.Short()
               << ") is written as a comment: " << Visible(adoptee.obstacle)
               << (adoptee.to_be_revoked
                       ? "; a plan revokes it as long as no table declares it"
                       : "")
               << "\n";
  }
}

std::string Head(const Adoption& adoption,
                 const std::vector<std::string>& organizations,
                 absl::Time now) {
  return absl::StrCat(
      "# Written by `patform import` on ", FormatMinute(now).substr(0, 10),
      ": ", Count(static_cast<int>(adoption.adopted.size()), "token"), " of ",
      absl::StrJoin(organizations, ", "),
      ".\n"
      "# Without `deliver` a token is watched: patform updates and revokes it "
      "as its\n# table says, and never replaces it. To have it rotated, say "
      "`lifetime` in\n# place of `expires`, and where the new secret goes: "
      "`deliver`.\n");
}

// Says so when the file that was written is in no configuration yet.
void SayWhereItBelongs(World& world, const PipelineRequest& request,
                       const std::string& out) {
  std::vector<Diagnostic> diagnostics;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(world, request, diagnostics);
  const absl::StatusOr<std::string> written = world.files->Canonical(out);
  if (!desired.ok() || !written.ok()) return;
  for (const std::string& file : desired->files) {
    const absl::StatusOr<std::string> read = world.files->Canonical(file);
    if (read.ok() && *read == *written) return;
  }
  *world.err << "patform: " << Visible(desired->files[0])
             << " does not include " << Visible(out)
             << " yet: name it in `include`\n";
}

int Write(const Arguments& arguments, World& world, const std::string& text) {
  if (arguments.out.empty()) {
    *world.out << text;
    return kDone;
  }
  if (arguments.force) return WriteOrSay(world, arguments.out, text);
  const absl::Status status = world.files->CreateNew(arguments.out, text);
  if (status.ok()) return kDone;
  if (!absl::IsAlreadyExists(status)) {
    const int code = Fail(world, status);
    return code == kSignIn ? kError : code;
  }
  return Fail(world, absl::InvalidArgumentError(absl::StrCat(
                         arguments.out,
                         " exists already and was left as it is; --force "
                         "replaces it")));
}

}  // namespace

int Import(const Arguments& arguments, World& world) {
  const PipelineRequest request = RequestOf(arguments, world);
  int exit_code = kDone;
  std::optional<Ground> ground = GroundOf(arguments, world, request, exit_code);
  if (!ground) return exit_code;
  if (!arguments.out.empty() && !arguments.force &&
      world.files->Stat(arguments.out) != Files::Kind::kMissing) {
    // Before the service is asked for anything.
    return Write(arguments, world, "");
  }
  std::vector<std::string> organizations = arguments.organizations;
  if (organizations.empty()) organizations = ground->desired.Organizations();
  if (organizations.empty()) {
    return Fail(world, absl::InvalidArgumentError(
                           "the configuration names no organization; say "
                           "which: --organization NAME"));
  }
  absl::StatusOr<ActualState> actual =
      ListTokens(arguments, world, request, ground->desired, organizations);
  if (!actual.ok()) return Fail(world, actual.status());

  AdoptionInput input;
  input.desired = &ground->desired;
  input.actual = &*actual;
  input.patterns = arguments.targets;
  for (const std::string& id : arguments.ids) {
    input.ids.push_back(*AuthorizationId::Parse(id));
  }
  input.now = request.now;
  input.main_file = ground->path;
  std::string before = ground->text;
  if (!before.empty() && before.back() != '\n') before += '\n';
  input.first_line =
      static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
  input.read = [&](const std::string& tables) {
    Overlay files(ground->files);
    files.Put(ground->path, before + tables);
    ReadInput read;
    read.path = ground->path;
    read.policy_path = request.policy;
    read.now = request.now;
    read.environment = world.environment;
    return ReadDesired(files, read);
  };
  const absl::StatusOr<Adoption> adoption = Adopt(input);
  if (!adoption.ok()) return Fail(world, adoption.status());

  SayPassedOver(world, *ground, *adoption);
  if (adoption->adopted.empty()) {
    *world.err << "patform: nothing to import\n";
    return kDone;
  }
  std::string text = Head(*adoption, organizations, request.now);
  if (!ground->exists) absl::StrAppend(&text, "\n", ground->text);
  absl::StrAppend(&text, "\n", adoption->tables);
  exit_code = Write(arguments, world, text);
  if (exit_code != kDone || arguments.out.empty()) return exit_code;
  *world.out << "Wrote " << Count(adoption->declared(), "token") << " to "
             << Visible(arguments.out) << ".\n";
  if (ground->exists) SayWhereItBelongs(world, request, arguments.out);
  return kDone;
}

}  // namespace patform::cli
