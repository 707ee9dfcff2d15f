#include "engine/desired/read_desired.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/desired/cross_checks.h"
#include "engine/desired/include.h"
#include "engine/desired/parse_ahead.h"
#include "engine/desired/problems.h"
#include "engine/desired/read_policy.h"
#include "engine/desired/read_sink.h"
#include "engine/desired/read_token.h"
#include "engine/desired/table_reader.h"
#include "engine/desired/toml_fault.h"
#include "engine/desired/toml_pieces.h"
#include "engine/desired/toml_text.h"
#include "engine/model/mark.h"

// From files to a DesiredState, or every mistake in them. The order is that of
// the file: its head, then sign-in, policy, sinks and [defaults], which the
// tokens need, then the tokens, then the included files. Files and folders are
// those of whoever proposes a change, so everything is bounded (counts, bytes,
// entries of folders) and nothing leaves the folder of the main file.
namespace patform {
namespace {

// What a directory is asked for.
constexpr char kMainName[] = "patform.toml";
constexpr int64_t kMostBytes = 64 << 20;  // of all files
constexpr size_t kMostSinks = 1000;
constexpr size_t kMostIdentities = 100;
// What all tokens together take from [defaults]: each has its own copy.
constexpr size_t kMostFilled = 64 << 20;

// A workspace becomes a part of marks in display names, so it has few
// characters and no capitals.
bool WorkspaceShaped(const std::string& name) {
  return !name.empty() && name.size() <= kMaxWorkspace &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

// Why a file cannot be read in pieces.
struct OddLine {
  std::string path;
  int line = 0;  // 0: nothing is in the way
};

// One reading. Its members are what one stage leaves for the next.
class Reader {
 public:
  // `odd`: what an earlier reading found that tried to read large files in
  // pieces (toml_pieces.h); nullopt: this one does. `expected`: the realms that
  // have been announced.
  Reader(Files& files, const ReadInput& input, std::optional<OddLine> odd,
         std::set<Realm>& expected)
      : files_(files),
        input_(input),
        in_pieces_(!odd),
        expected_(expected),
        odd_(std::move(odd).value_or(OddLine())) {}
  const OddLine& odd() const { return odd_; }

  // nullopt: a file has to be read whole. A policy file alone is read by
  // commands that have no configuration.
  std::optional<ReadResult> Run() {
    const std::string main = input_.path.empty() ? "" : FindMain();
    if (!main.empty()) ReadMain(main);
    if (odd_.line > 0 && in_pieces_) return std::nullopt;
    if (!input_.policy_path.empty()) ReadPolicyFile();
    // Even after errors: whatever can be found is reported at once.
    CheckTogether(problems_, files_, input_, state_);
    ReadResult result;
    result.diagnostics = problems_.Sorted();
    // What was found after its file was done.
    FillSourceLines(files_, directory_, input_.policy_path, result.diagnostics);
    // Warnings do not keep anybody from going on.
    if (!HasErrors(result.diagnostics)) result.state = std::move(state_);
    return result;
  }

 private:
  // The main file's path; "" when there is none, which is reported.
  std::string FindMain() {
    const std::string& path = input_.path;
    if (files_.Stat(path) != Files::Kind::kDirectory) return path;
    const std::string inside = JoinPath(path, kMainName);
    if (files_.Stat(inside) != Files::Kind::kMissing) return inside;
    problems_.FileError(path, absl::StrCat("the directory has no ", kMainName),
                        "`patform init` writes a starter");
    return "";
  }

  // The text of a file that is below `directory`, links resolved.
  absl::StatusOr<std::string> ReadText(const std::string& directory,
                                       const std::string& path) {
    // Asked before and after: the limit is for all files together, and one that
    // is read already is counted.
    if (bytes_ > kMostBytes) return absl::AbortedError("too much in all");
    absl::StatusOr<std::string> text = files_.ReadInside(
        directory.empty() ? "." : directory, path, kMaxConfigBytes);
    if (text.ok()) bytes_ += static_cast<int64_t>(text->size());
    if (bytes_ > kMostBytes) return absl::AbortedError("too much in all");
    return text;
  }

  // Reads a file that the operator names. It must not lead out of the folder
  // that it is named in: whoever may write there may have put a link there.
  std::unique_ptr<ParsedFile> ReadAndParse(const std::string& path) {
    TomlPieces none("");
    return ReadAndParse(path, /*in_pieces=*/false, none);
  }
  // Of a large one only what is before the tokens, and the rest in `rest`.
  std::unique_ptr<ParsedFile> ReadAndParse(const std::string& path,
                                           bool in_pieces, TomlPieces& rest) {
    auto file = std::make_unique<ParsedFile>();
    file->path = path;
    file->text = ReadText(DirectoryOf(path), path);
    if (in_pieces && file->text.ok() &&
        file->text->size() >= TomlPieces::kWorthCutting) {
      rest = TomlPieces(*std::move(file->text));
      file->text = rest.Head().text;
    }
    ParseFile(*file);
    if (!rest.done()) file->unfit_at = OddLineOfHead(*file);
    return file;
  }

  // As ParsedFile::unfit_at, of what is before the tokens: it may be TOML of
  // any kind, but it has to end where it was cut.
  static int OddLineOfHead(const ParsedFile& head) {
    if (head.excess) return head.excess->at.line;
    if (!head.toml.ok) return std::max(head.toml.at.line, 1);
    const TomlValue::Member* tokens = head.toml.root.Find("token");
    return tokens == nullptr ? 0 : tokens->at.line;
  }

  // In the words of whoever wrote it, if they can be found.
  void NotToml(const ParsedFile& file) {
    const auto fault = ExplainToml(*file.text, file.toml.at.line);
    if (!fault) {
      // "Error while parsing array: expected …": the parser's place in its own
      // code tells nobody anything.
      std::string why = file.toml.error;
      if (absl::StartsWith(why, "Error while parsing")) {
        if (const size_t colon = why.find(": "); colon != std::string::npos) {
          why = why.substr(colon + 2);
        }
      }
      problems_.Error(file.toml.at, absl::StrCat("not TOML: ", why));
      return;
    }
    // What is quoted may be a secret.
    problems_.Error(fault->at, CoverSecrets(fault->what),
                    fault->other_line == 0
                        ? CoverSecrets(fault->fix)
                        : absl::StrCat("the other one is at ", file.path, ":",
                                       fault->other_line));
  }

  // The root of a file that could be read and parsed, and `problems_` set to
  // it; null: what was in the way has been reported.
  // Which words are shown depends on why the text could not be had; most of
  // these errors are typos in a path.
  const TomlValue* Begin(const ParsedFile& file) {
    const std::string& path = file.path;
    if (file.is_text) {
      // The first piece begins with the first line.
      if (file.first_line == 1) state_.files.push_back(path);
      problems_.BeginFile(path, &*file.text, file.first_line);
      if (file.toml.ok) return &file.toml.root;
      if (file.excess) {
        problems_.Error(
            file.excess->at, file.excess->what,
            file.excess->too_many && odd_.path == path
                ? absl::StrCat(file.excess->fix, ". A file that is plain TOML ",
                               "may have more, and line ", odd_.line,
                               " is not, or is wrong")
                : file.excess->fix);
      } else {
        NotToml(file);
      }
      problems_.EndFile();
    } else if (file.text.ok() && !IsBlank(*file.text)) {
      // The parser's own word for this would be a byte offset.
      NotText(path, *file.text);
    } else if (file.text.ok()) {
      problems_.FileError(path, "the file is empty",
                          "`patform init` writes a starter");
    } else if (absl::IsNotFound(file.text.status())) {
      std::string detail = NearestPath(files_, problems_, path);
      problems_.FileError(
          path, "there is no such file",
          detail.empty() ? "`patform init` writes a starter" : detail);
    } else if (absl::IsResourceExhausted(file.text.status())) {
      // Before memory was taken for it.
      problems_.FileError(path,
                          absl::StrCat("the file is larger than ",
                                       kMaxConfigBytes >> 20, " MiB"),
                          "split it with `include`");
    } else if (absl::IsOutOfRange(file.text.status())) {
      // A link could make an error message quote a file of the runner.
      problems_.FileError(path,
                          "the file is a link that leads out of its folder",
                          "if that file is meant, name it by its own path");
    } else if (absl::IsAborted(file.text.status())) {
      problems_.FileError(path,
                          absl::StrCat("all files together are larger than ",
                                       kMostBytes >> 20, " MiB"));
    } else if (files_.Stat(path) == Files::Kind::kDirectory) {
      problems_.FileError(path, "this is a directory, expected a file");
    } else {
      problems_.FileError(path, "the file cannot be read",
                          std::string(file.text.status().message()));
    }
    return nullptr;
  }

  // Is it a piece that shows that the file has to be read whole?
  bool IsOdd(const ParsedFile& piece) {
    if (piece.unfit_at > 0) odd_ = {piece.path, piece.unfit_at};
    return piece.unfit_at > 0;
  }

  // Names the first line that is not text, without showing it.
  void NotText(const std::string& path, const std::string& text) {
    const std::string_view all = text;
    int line = 1;
    for (size_t begin = 0; begin < text.size(); ++line) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view part = all.substr(begin, end - begin);
      if (!IsValidUtf8(part) || part.find('\0') != part.npos) break;
      begin = end + 1;
    }
    problems_.FileError(path, absl::StrCat("line ", line, " is not UTF-8 text"),
                        "save the file as UTF-8");
  }

  // The tokens of the main file come first, then those of the included files in
  // order; a plan lists them that way.
  void ReadMain(const std::string& path) {
    directory_ = DirectoryOf(path);
    TomlPieces rest("");
    std::unique_ptr<ParsedFile> file = ReadAndParse(path, in_pieces_, rest);
    if (IsOdd(*file)) return;
    const TomlValue* root = Begin(*file);
    if (root == nullptr) return;
    TableReader reader(problems_, *root, "the main file");
    // Everything that tokens refer to, before the tokens.
    Head(reader);
    Sections(reader, *root);
    std::vector<std::string> included =
        Includes(files_, problems_, path).Find(reader);
    std::vector<DesiredToken> tokens = Tokens(problems_, reader);
    // Keys that nobody has asked for are mistakes.
    reader.Finish();
    problems_.EndFile();
    // Its tree is as large as the text several times over; not needed any more.
    file.reset();
    Take(std::move(tokens));
    const auto read = [this](const std::string& name) {
      return ReadText(directory_, name);
    };
    const auto check = [this, &path](ParsedFile& parsed) {
      ReadIncluded(parsed, path);
    };
    // Asked each time: lists that are being read want the cores, too.
    const auto threads = [this] {
      return ParseAhead::Helpers(input_.waiting && input_.waiting());
    };
    ParseAhead ahead({path, std::move(rest)}, std::move(included), in_pieces_,
                     read, check, threads);
    // In the order of the names, whichever was parsed first.
    while (const std::unique_ptr<ParsedFile> next = ahead.Next()) {
      if (IsOdd(*next)) return;
      if (next->first_line > 1 && IsBlank(*next->text)) continue;
      if (Begin(*next) == nullptr) continue;
      problems_.EndFile();
      problems_.Absorb(std::move(next->problems));
      Take(std::move(next->tokens));
    }
  }

  static void TooMuchFilled(Problems& problems, const SourceLocation& where) {
    problems.ErrorAt(where, "[defaults] is too large for so many tokens",
                     absl::StrCat("all copies together would take more than ",
                                  kMostFilled >> 20, " MiB"));
  }

  // Adds tokens, and announces which realms will be read as soon as one is
  // known, so that reading the lists can begin while files are still being
  // parsed.
  void Take(std::vector<DesiredToken> tokens) {
    // A megabyte in [defaults] for each of a hundred thousand tokens is more
    // than a machine has.
    if (!tokens.empty() && !too_much_filled_ &&
        (state_.tokens.size() + tokens.size()) * defaults_bytes_ >
            kMostFilled) {
      too_much_filled_ = true;
      TooMuchFilled(problems_, tokens.front().where);
    }
    if (too_much_filled_) return;
    // Not with errors: a list that nobody will use would only delay the
    // message.
    if (input_.expects != nullptr && !problems_.any_errors()) {
      for (const DesiredToken& token : tokens) {
        const Realm realm = token.realm();
        if (expected_.insert(realm).second) {
          input_.expects(*state_.FindAuth(realm.identity), realm);
        }
      }
    }
    state_.tokens.insert(state_.tokens.end(),
                         std::make_move_iterator(tokens.begin()),
                         std::make_move_iterator(tokens.end()));
  }

  // What a file must begin with.
  void Head(TableReader& reader) {
    // For what is missing there is no better place.
    const Position top = {1, 1, 1};
    if (!reader.Has("format")) {
      problems_.Error(top, "`format` is missing",
                      "begin the file with: format = 1");
    } else if (const auto format = reader.Integer("format");
               format && *format != 1) {
      // A higher one may mean other things by the same keys.
      problems_.Error(
          reader.At("format"),
          absl::StrCat("this program reads format 1, not ", *format),
          "a newer patform may be needed");
    }
    if (!reader.Has("workspace")) {
      problems_.Error(top, "`workspace` is missing",
                      "it names this configuration in every token's mark: "
                      "workspace = \"platform\"");
    } else if (const auto workspace = reader.String("workspace")) {
      state_.workspace = *workspace;
      if (!WorkspaceShaped(*workspace)) {
        problems_.Error(
            reader.At("workspace"),
            absl::StrCat("\"", *workspace, "\" cannot be a workspace"),
            "expected 1 to 63 of a-z, 0-9, - _ and .");
      }
    }
    // Optional: tokens may each name theirs.
    if (const auto organization = reader.String("organization")) {
      state_.organization =
          ReadOrganization(problems_, reader.At("organization"), *organization);
    }
  }

  // In the order of dependence: [defaults] needs what is known about scopes,
  // tokens need [defaults].
  void Sections(TableReader& reader, const TomlValue& root) {
    SettingsContext settings = {state_.organization, directory_,
                                input_.environment, input_.fingerprint_key};
    settings.files = &files_;
    settings.read = &state_.files;
    if (const TomlValue* policy = reader.Table("policy")) {
      state_.policy = ReadPolicy(problems_, *policy, input_.sink_types);
      state_.policy.where = problems_.Where(root.Find("policy")->at);
      state_.policy_written = TableText(*policy);
    }
    const TomlValue* sinks = reader.Table("sink");
    if (sinks != nullptr && sinks->members.size() > kMostSinks) {
      problems_.Error(
          sinks->members[kMostSinks].at,
          absl::StrCat("there are ", sinks->members.size(), " sinks"),
          absl::StrCat("at most ", kMostSinks));
    } else if (sinks != nullptr) {
      for (const TomlValue::Member& sink : sinks->members) {
        state_.sinks.push_back(
            ReadSink(problems_, sink, input_.sink_types, settings));
      }
    }
    // After the sinks: a sign-in may be kept in one.
    settings.known = {state_.sinks, input_.sink_types};
    if (const TomlValue* auth = reader.Table("auth")) {
      state_.auth = ReadAuth(problems_, *auth, input_.auth_sources, settings);
    }
    state_.auth.overridden_by = input_.auth_overridden_by;
    Identities(reader, settings);
    context_.organization = state_.organization;
    for (const AuthConfig& identity : state_.identities) {
      context_.identities.push_back(identity.identity);
    }
    context_.allow_unknown_scopes = state_.policy.allow_unknown_scopes;
    context_.now = input_.now;
    context_.defaults_file =
        std::make_shared<const std::string>(problems_.file());
    if (const TomlValue* defaults = reader.Table("defaults")) {
      // Read like a token's own table, but without a token.
      context_.defaults =
          ReadTokenFields(problems_, *defaults, nullptr, context_);
      defaults_bytes_ = BytesOf(context_.defaults);
    }
  }

  // Of each a sign-in, and a list for each organization.
  void Identities(TableReader& reader, const SettingsContext& settings) {
    const TomlValue* identities = reader.Table("identity");
    if (identities == nullptr) return;
    if (identities->members.size() > kMostIdentities) {
      problems_.Error(
          identities->members[kMostIdentities].at,
          absl::StrCat("there are ", identities->members.size(), " identities"),
          absl::StrCat("at most ", kMostIdentities));
      return;
    }
    for (const TomlValue::Member& identity : identities->members) {
      state_.identities.push_back(
          ReadIdentity(problems_, identity, input_.auth_sources, settings));
    }
  }

  // `problems`: of the file at hand, for included files have their own.
  std::vector<DesiredToken> Tokens(Problems& problems,
                                   TableReader& reader) const {
    std::vector<DesiredToken> read;
    const TomlValue* tokens = reader.Table("token");
    if (tokens == nullptr) return read;
    read.reserve(tokens->members.size());
    for (const TomlValue::Member& token : tokens->members) {
      // The same limit as in Take(), before memory is taken.
      if (read.size() * defaults_bytes_ > kMostFilled) {
        TooMuchFilled(problems, problems.Where(token.at));
        break;
      }
      read.push_back(ReadToken(problems, token, context_));
    }
    return read;
  }

  // On any thread: touches only `file`.
  void ReadIncluded(ParsedFile& file, const std::string& main) const {
    Problems& problems = file.problems;
    problems.BeginFile(file.path, &*file.text, file.first_line);
    const TomlValue& root = file.toml.root;
    // Everything but tokens is for whoever owns the main file: a team's own
    // file must not change the policy, or send secrets elsewhere.
    static constexpr const char* kMainOnly[] = {
        "format",   "workspace", "auth",   "identity", "organization",
        "defaults", "sink",      "policy", "include"};
    TableReader reader(problems, root, "an included file");
    file.tokens = Tokens(problems, reader);
    for (const char* key : kMainOnly) {
      const TomlValue::Member* member = root.Find(key);
      if (member == nullptr) continue;
      // Reported below, and not once more as unknown.
      reader.Has(key);
      problems.Error(member->at,
                     absl::StrCat("`", key, "` in an included file"),
                     std::string(key) == "include"
                         ? absl::StrCat("only the main file includes: ", main,
                                        " -> ", file.path)
                         : "an included file may contain only [token.*]");
    }
    reader.Finish();
    problems.EndFile();
    // As in ReadMain(): the tokens have been taken out of it.
    file.toml.root = TomlValue();
  }

  // Of two rules the stricter one holds, and the file under review excepts from
  // none of the rules in here.
  void ReadPolicyFile() {
    const std::unique_ptr<ParsedFile> file = ReadAndParse(input_.policy_path);
    const TomlValue* root = Begin(*file);
    if (root == nullptr) return;
    TableReader reader(problems_, *root, "a policy file");
    if (const TomlValue* policy = reader.Table("policy")) {
      PolicyConfig theirs = ReadPolicy(problems_, *policy, input_.sink_types);
      theirs.where = problems_.Where(root->Find("policy")->at);
      const SourceLocation where = theirs.where;
      // A warning and not an error: the exception was valid before this file
      // came.
      for (const PolicyException& exception : state_.policy.exceptions) {
        if (!Overruled(exception, theirs)) continue;
        problems_.WarningAt(
            exception.where,
            absl::StrCat("this exception from `", exception.rule,
                         "` has no effect: the policy file sets that rule"),
            absl::StrCat("an exception must be in ", input_.policy_path));
      }
      state_.policy = Stricter(state_.policy, theirs);
      state_.policy.where = where;
      // For the comparison of configurations: which of both files says what.
      for (const auto& [key, text] : TableText(*policy)) {
        state_.policy_written["--policy: " + key] = text;
      }
    } else if (root->Find("policy") == nullptr) {
      problems_.FileError(input_.policy_path, "the file has no [policy]");
    }
    // May be in it, as in a configuration.
    reader.Has("format");
    reader.Finish();
    problems_.EndFile();
  }

  Files& files_;
  const ReadInput& input_;
  const bool in_pieces_;  // as long as nothing is odd
  std::set<Realm>& expected_;
  OddLine odd_;
  Problems problems_;
  DesiredState state_;
  TokenContext context_;
  std::string directory_;  // of the main file
  size_t defaults_bytes_ = 0;
  bool too_much_filled_ = false;
  int64_t bytes_ = 0;  // read so far
};

}  // namespace

// Lines of mistakes that were found when their file was no longer in memory.
// Read again; a file that changed meanwhile shows another line, and that is
// all.
void FillSourceLines(Files& files, const std::string& directory,
                     const std::string& policy_path,
                     std::vector<Diagnostic>& diagnostics) {
  Problems lines;
  std::string file, text;
  for (Diagnostic& d : diagnostics) {
    if (d.where.line == 0 || !d.source_line.empty()) continue;
    if (d.where.file != file) {
      file = d.where.file;
      // A policy file is in a folder of its own.
      const std::string folder =
          file == policy_path ? DirectoryOf(file) : directory;
      text =
          files.ReadInside(folder.empty() ? "." : folder, file, kMaxConfigBytes)
              .value_or("");
      lines.BeginFile(file, &text);
    }
    lines.FillLine(d);
  }
}

ReadResult ReadDesired(Files& files, const ReadInput& input) {
  std::set<Realm> expected;
  Reader pieces(files, input, std::nullopt, expected);
  if (std::optional<ReadResult> result = pieces.Run()) {
    return *std::move(result);
  }
  // What is written otherwise than most, or wrong, is for the parser of the
  // whole language, whose messages people are shown.
  return *Reader(files, input, pieces.odd(), expected).Run();
}

}  // namespace patform
