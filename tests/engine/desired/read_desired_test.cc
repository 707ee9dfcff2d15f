#include "engine/desired/read_desired.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "engine/base/digest.h"
#include "engine/base/secret.h"
#include "engine/desired/schemas.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/known.h"
#include "tests/source_dir.h"

namespace patform {
namespace {

namespace fs = std::filesystem;

const absl::Time kNow = absl::FromCivil(
    absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());

ReadResult ReadAll(FakeFiles& files, const std::string& path,
                   const std::string& policy = "") {
  ReadInput input;
  input.path = path;
  input.policy_path = policy;
  UseKnown(input);
  input.now = kNow;
  input.environment =
      [](const std::string& name) -> std::optional<std::string> {
    if (name == "PATFORM_VAR_STORE") return "/store";
    return std::nullopt;
  };
  return ReadDesired(files, input);
}

ReadResult ReadOne(const std::string& text) {
  FakeFiles files;
  files.files["patform.toml"] = text;
  return ReadAll(files, "patform.toml");
}

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// What ${NAME} filled in is told apart and not shown.
TEST(ReadDesired, WhatTheEnvironmentFillsInHasAFingerprint) {
  const auto read = [](const char* path, const char* store, const char* key) {
    FakeFiles files;
    files.files["patform.toml"] = absl::StrCat(
        "format = 1\nworkspace = \"w\"\norganization = \"o\"\n"
        "[sink.x]\ntype = \"file\"\npath = \"",
        path, "\"\n");
    const Secret secret{key};
    ReadInput input;
    input.path = "patform.toml";
    input.now = kNow;
    UseKnown(input);
    input.environment =
        [store](const std::string&) -> std::optional<std::string> {
      return store;
    };
    input.fingerprint_key = &secret;
    const ReadResult result = ReadDesired(files, input);
    EXPECT_TRUE(result.state) << path;
    return result.state->sinks.at(0);
  };
  const SinkConfig plain = read("/srv/a", "a", "");
  EXPECT_EQ(plain.filled_in, "");
  EXPECT_EQ(plain.Shown("path"), "/srv/a");
  const SinkConfig a = read("/srv/${S}", "a", "");
  EXPECT_EQ(a.Text("path"), "/srv/a");
  EXPECT_EQ(a.Shown("path"), "/srv/${S}");
  EXPECT_EQ(a.filled_in, Sha256("path:6:/srv/a;"));
  EXPECT_NE(read("/srv/${S}", "b", "").filled_in, a.filled_in);
  EXPECT_EQ(read("/srv/${S}", "a", "0123456789abcdef").filled_in,
            HmacSha256("0123456789abcdef", "path:6:/srv/a;"));
}

// With another source than the one that this program has by itself.
ReadResult ReadIdentities(const std::string& text, FakeFiles& files,
                          std::vector<std::string>* expected = nullptr) {
  files.files["patform.toml"] = absl::StrCat(
      "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n", text);
  ReadInput input;
  input.path = "patform.toml";
  input.now = kNow;
  UseKnown(input);
  static const auto& sources = *new std::vector<SettingsType>{
      {"environment", "", {}, nullptr, /*one_user=*/true},
      {"azure-cli", "", {{"tenant", SettingKey::Kind::kText, false, ""}}}};
  input.auth_sources = sources;
  input.environment = [](const std::string&) { return std::nullopt; };
  if (expected != nullptr) {
    input.expects = [expected](const AuthConfig& auth, const Realm& realm) {
      expected->push_back(absl::StrCat(realm.ToString(), " by ", auth.source,
                                       " ", auth.identity));
    };
  }
  return ReadDesired(files, input);
}

TEST(ReadDesired, Identities) {
  FakeFiles files;
  files.files["team.toml"] =
      "[token.ci]\nscopes = [\"vso.code\"]\nidentity = \"other\"\n";
  std::vector<std::string> expected;
  const ReadResult result = ReadIdentities(
      "include = [\"team.toml\"]\n"
      "[defaults]\nidentity = \"build-bot\"\n"
      "[identity.build-bot]\nsource = \"azure-cli\"\ntenant = \"bots\"\n"
      "[identity.other]\nsource = \"azure-cli\"\n"
      "[token.ci]\nscopes = [\"vso.code\"]\n"
      "[token.mine]\nscopes = [\"vso.code\"]\nidentity = \"\"\n",
      files, &expected);
  ASSERT_TRUE(result.state) << Render(result.diagnostics);
  const DesiredState& state = *result.state;
  EXPECT_EQ(Render(result.diagnostics), "");
  ASSERT_EQ(state.identities.size(), 2u);
  EXPECT_EQ(state.FindAuth("build-bot")->written.count("tenant"), 1u);
  EXPECT_EQ(state.FindAuth("other")->source, "azure-cli");
  EXPECT_EQ(state.FindAuth("")->source, "environment");
  EXPECT_EQ(state.FindAuth("nobody"), nullptr);
  std::vector<std::string> addresses;
  for (const DesiredToken& token : state.tokens) {
    addresses.push_back(state.AddressOf(token.name, token.realm()));
  }
  EXPECT_EQ(addresses, (std::vector<std::string>{"identity.build-bot/token.ci",
                                                 "token.mine",
                                                 "identity.other/token.ci"}));
  EXPECT_EQ(expected, (std::vector<std::string>{
                          "contoso as build-bot by azure-cli build-bot",
                          "contoso by environment ",
                          "contoso as other by azure-cli other"}));
}

TEST(ReadDesired, WhatIsWrongWithIdentities) {
  FakeFiles files;
  files.files["team.toml"] =
      "[identity.more]\nsource = \"azure-cli\"\n"
      "[token.b]\nscopes = [\"vso.code\"]\nidentity = \"bild-bot\"\n";
  const ReadResult result = ReadIdentities(
      "include = [\"team.toml\"]\n"
      "[identity.build-bot]\nsource = \"azure-cli\"\n"
      "[identity.\"No Bot\"]\nsource = \"azure-cli\"\n"
      "[identity.silent]\n"
      "[identity.same]\nsource = \"environment\"\n"
      "[token.a]\nscopes = [\"vso.code\"]\nidentity = \"nobody\"\n",
      files);
  EXPECT_EQ(Render(result.diagnostics),
            R"(patform.toml:7:11: error: "No Bot" cannot be an identity's name
  7 | [identity."No Bot"]
    |           ^~~~~~~~
    = expected 1 to 63 of a-z, 0-9, - and _

patform.toml:9:11: error: [identity.silent] has no `source`
  9 | [identity.silent]
    |           ^~~~~~
    = only [auth] has a default: how does this user sign in?

patform.toml:11:10: error: "environment" cannot be an identity's source
  11 | source = "environment"
     |          ^~~~~~~~~~~~~
     = it signs in one user alone, the one of [auth]

patform.toml:14:12: error: there is no identity "nobody"
  14 | identity = "nobody"
     |            ^~~~~~~~
     = declare it in the main file: [identity.nobody]

team.toml:1:2: error: `identity` in an included file
  1 | [identity.more]
    |  ^~~~~~~~
    = an included file may contain only [token.*]

team.toml:5:12: error: there is no identity "bild-bot"
  5 | identity = "bild-bot"
    |            ^~~~~~~~~~
    = did you mean `build-bot`?

6 errors
)");
}

// Two tokens of one user that have one name are one too many, whoever else has
// one, too.
TEST(ReadDesired, OneNameOfOneUser) {
  FakeFiles files;
  files.files["team.toml"] =
      "[token.ci]\nscopes = [\"vso.code\"]\nidentity = \"bot\"\n";
  const auto read = [&](const char* identity) {
    return Render(
        ReadIdentities(absl::StrCat("include = [\"team.toml\"]\n"
                                    "[identity.bot]\nsource = \"azure-cli\"\n"
                                    "[token.ci]\nscopes = [\"vso.code\"]\n"
                                    "identity = \"",
                                    identity, "\"\n"),
                       files)
            .diagnostics);
  };
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("bot"),
            "team.toml:1:8: error: token \"ci\" is declared twice\n"
            "  1 | [token.ci]\n"
            "    |        ^~\n"
            "    = the other one is at patform.toml:7\n\n"
            "1 error\n");
}

// Every case of tests/schema/cases: the whole rendered text is as it was
// reviewed (NAME.want beside it; empty: no diagnostics).
TEST(ReadDesired, EveryCaseSaysWhatWasReviewed) {
  const fs::path folder = fs::path(kSourceDir) / "tests" / "schema" / "cases";
  const bool update = std::getenv("PATFORM_UPDATE_GOLDEN") != nullptr;
  int cases = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    ++cases;
    const std::string text = Slurp(entry.path());
    const ReadResult result = ReadOne(text);
    const bool expect_ok = absl::StartsWith(text, "# expect: ok");
    EXPECT_EQ(result.state.has_value(), expect_ok) << entry.path();
    const std::string rendered = Render(result.diagnostics);
    fs::path want = entry.path();
    want.replace_extension(".want");
    if (update) std::ofstream(want, std::ios::binary) << rendered;
    EXPECT_EQ(rendered, Slurp(want)) << entry.path();
  }
  EXPECT_GT(cases, 70);
  EXPECT_FALSE(update) << "golden files were written; review them";
}

TEST(ReadDesired, TheStarterFileIsValidAsItIs) {
  const ReadResult result = ReadOne(StarterFile());
  EXPECT_EQ(Render(result.diagnostics), "");
  ASSERT_TRUE(result.state);
  EXPECT_EQ(result.state->tokens.size(), 1u);
}

TEST(ReadDesired, DefaultsLieUnderWhatATokenSays) {
  const ReadResult result = ReadOne(R"(
format = 1
workspace = "w"
organization = "contoso"
[defaults]
lifetime = "20d"
rotate_before = "50%"
grace = "1h"
owner = "team {name}"
deliver = [{ to = "files", at = "{organization}/{name}" }]
[sink.files]
type = "file"
path = "${STORE}/x"
[token.a]
scopes = ["vso.code"]
[token.b]
scopes = ["vso.build", "vso.wiki"]
expires = 2026-12-31T13:00:00+01:00
owner = "me"
organization = "fabrikam"
)");
  EXPECT_EQ(Render(result.diagnostics), "");
  ASSERT_TRUE(result.state);
  ASSERT_EQ(result.state->tokens.size(), 2u);
  const DesiredToken& a = result.state->tokens[0];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.lifetime, absl::Hours(20 * 24));
  EXPECT_FALSE(a.rotate_before.span);
  EXPECT_EQ(a.rotate_before.share, 0.5);
  EXPECT_EQ(a.grace, absl::Hours(1));
  EXPECT_EQ(a.owner, "team a");
  ASSERT_EQ(a.deliver.size(), 1u);
  EXPECT_EQ(a.deliver[0].at, "contoso/a");
  EXPECT_EQ(a.organization, "contoso");
  const DesiredToken& b = result.state->tokens[1];
  EXPECT_EQ(b.scopes.text(), "vso.build vso.wiki");
  EXPECT_EQ(b.owner, "me");
  EXPECT_EQ(b.deliver[0].at, "fabrikam/b");
  ASSERT_TRUE(b.expires);
  EXPECT_EQ(absl::FormatTime(*b.expires, absl::UTCTimeZone()),
            "2026-12-31T12:00:00+00:00");
  EXPECT_EQ(result.state->sinks[0].Text("path"), "/store/x");
}

constexpr char kHead[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n";

// Of a program with other sinks than this one.
TEST(ReadDesired, ASinkThatKeepsNoRecordIsNotPrimary) {
  SinkType file, silent;
  file.name = "file";
  silent.name = "silent";
  silent.can.keeps_record = false;
  silent.place.key = PlaceRules::Key::kNone;
  silent.place.key_doc = "it has places alone";
  const std::vector<SinkType> types = {file, silent};
  const auto read = [&types](const char* deliver) {
    FakeFiles files;
    files.files["patform.toml"] = absl::StrCat(
        kHead,
        "[sink.f]\ntype = \"file\"\n[sink.s]\ntype = \"silent\"\n[token.a]\n"
        "scopes = [\"vso.code\"]\ndeliver = [",
        deliver, "]\n");
    ReadInput input;
    input.path = "patform.toml";
    input.now = kNow;
    input.sink_types = types;
    return Render(ReadDesired(files, input).diagnostics);
  };
  EXPECT_EQ(read("{ to = \"f\" }, { to = \"s\" }"), "");
  EXPECT_EQ(read("{ to = \"s\" }, { to = \"f\" }"),
            "patform.toml:10:12: error: a silent sink keeps no record and "
            "cannot be a token's first place\n"
            "  10 | deliver = [{ to = \"s\" }, { to = \"f\" }]\n"
            "     |            ^~~~~~~~~~~~\n"
            "     = deliver first to one that does: file\n\n1 error\n");
  EXPECT_EQ(read("{ to = \"f\" }, { to = \"s\", key = \"k\" }"),
            "patform.toml:10:26: error: a silent sink has no `key`\n"
            "  10 | deliver = [{ to = \"f\" }, { to = \"s\", key = \"k\" }]\n"
            "     |                          ^~~~~~~~~~~~~~~~~~~~~~~\n"
            "     = it has places alone\n\n1 error\n");
}

TEST(ReadDesired, ADirectoryAndItsIncludes) {
  FakeFiles files;
  files.files["conf/patform.toml"] =
      absl::StrCat("include = [\"teams/*.toml\"]\n", kHead,
                   "[sink.s]\ntype = \"file\"\npath = \"out\"\n"
                   "[token.main]\nscopes = [\"vso.code\"]\n"
                   "deliver = [{ to = \"s\" }]\n");
  files.files["conf/teams/b.toml"] = "[token.b]\nscopes = [\"vso.code\"]\n";
  files.files["conf/teams/a.toml"] =
      "[token.z]\nscopes = [\"vso.code\"]\n[token.y]\nscopes = "
      "[\"vso.code\"]\n";
  files.files["conf/teams/.hidden.toml"] = "nonsense";
  const ReadResult result = ReadAll(files, "conf");
  EXPECT_EQ(Render(result.diagnostics), "");
  ASSERT_TRUE(result.state);
  std::string order;
  for (const DesiredToken& t : result.state->tokens) order += t.name + " ";
  EXPECT_EQ(order, "main z y b ");
  EXPECT_EQ(result.state->sinks[0].Text("path"), "conf/out");
  EXPECT_EQ(result.state->files,
            (std::vector<std::string>{"conf/patform.toml", "conf/teams/a.toml",
                                      "conf/teams/b.toml"}));
}

// Whatever a pattern matches counts, or is an error.
TEST(ReadDesired, IncludesThatCannotBeRead) {
  FakeFiles files;
  files.files["patform.toml"] = absl::StrCat(
      "include = [\n \"teams/*.toml\",\n \"lost.toml\",\n \"gone.toml\",\n"
      " \"*/own.toml\",\n]\n",
      kHead);
  files.files["teams/a.toml"] = "[token.a]\nscopes = [\"vso.code\"]\n";
  files.files["teams/b.toml"] = "";
  files.files["teams/c.toml"] = "";
  files.files["teams/own.toml"] = "";
  files.files["lost.toml"] = "";
  files.files["lone.toml"] = "";
  files.dangling = {"teams/b.toml", "lost.toml", "teams/own.toml"};
  files.loops = {"teams/c.toml"};
  EXPECT_EQ(
      Render(ReadAll(files, "patform.toml").diagnostics),
      R"(patform.toml:2:2: error: the included teams/b.toml is a link that leads nowhere
  2 |  "teams/*.toml",
    |  ^~~~~~~~~~~~~~
    = the include "teams/*.toml" matches it; repair or remove it

patform.toml:2:2: error: the included teams/c.toml is a link that leads to itself
  2 |  "teams/*.toml",
    |  ^~~~~~~~~~~~~~
    = the include "teams/*.toml" matches it; repair or remove it

patform.toml:2:2: error: the included teams/own.toml is a link that leads nowhere
  2 |  "teams/*.toml",
    |  ^~~~~~~~~~~~~~
    = the include "teams/*.toml" matches it; repair or remove it

patform.toml:3:2: error: the included lost.toml is a link that leads nowhere
  3 |  "lost.toml",
    |  ^~~~~~~~~~~
    = the include "lost.toml" matches it; repair or remove it

patform.toml:4:2: error: the included file "gone.toml" does not exist
  4 |  "gone.toml",
    |  ^~~~~~~~~~~
    = did you mean `lone.toml`?

patform.toml:5:2: error: the included lost.toml is a link that leads nowhere
  5 |  "*/own.toml",
    |  ^~~~~~~~~~~~
    = the include "*/own.toml" matches it; repair or remove it

6 errors
)");
}

TEST(ReadDesired, IncludePatternsOfOtherPrograms) {
  struct Row {
    const char* item;
    const char* want;  // the error and its first detail; "": none
  };
  const Row rows[] = {
      {"\"teams/**/*.toml\"",
       "the include \"teams/**/*.toml\" contains `**`, which is not "
       "supported|* and ? match within one folder; name each depth: "
       "\"teams/*.toml\", \"teams/*/*.toml\""},
      {"\"teams/{a,b}.toml\"",
       "the include \"teams/{a,b}.toml\" contains `{`, which is not "
       "supported|only * (any characters) and ? (one character) are patterns; "
       "`include` can list several"},
      {"\"teams/[ab].toml\"",
       "the include \"teams/[ab].toml\" contains `[`, which is not "
       "supported|only * (any characters) and ? (one character) are patterns; "
       "`include` can list several"},
      {"'teams\\a.toml'",
       "the include \"teams\\a.toml\" contains `\\`, which is not "
       "supported|write / between folders"},
      {"\"!teams/a.toml\"",
       "the include \"!teams/a.toml\" begins with `!`, which excludes nothing "
       "here|name the files that are meant"},
      {"\"\"",
       "the include \"\" names no file|expected a path, such as "
       "\"teams/*.toml\""},
      {"\"./\"",
       "the include \"./\" names no file|expected a path, such as "
       "\"teams/*.toml\""},
      {"\"./teams//a.toml\"", ""},
      {"\"team/*.toml\"",
       "the include \"team/*.toml\" matches no file|did you mean `teams`?"},
      {"\"teams/*.tml\"",
       "the include \"teams/*.tml\" matches no file|if it may match nothing, "
       "write { glob = \"teams/*.tml\", optional = true }"},
      {"{ glob = \"none/*.toml\", optional = true }", ""},
      {"{ glob = \"none.toml\", optional = true }", ""},
      {"{ glob = \"none/*.toml\" }",
       "the include \"none/*.toml\" matches no file|if it may match nothing, "
       "write { glob = \"none/*.toml\", optional = true }"},
      {"{ optional = true }",
       "an item of `include` has no `glob`|expected { glob = "
       "\"teams/*.toml\", optional = true }"},
      {"7", "an item of `include` is an integer; expected a string|"},
  };
  for (const Row& row : rows) {
    FakeFiles files;
    files.files["patform.toml"] =
        absl::StrCat("include = [", row.item, "]\n", kHead);
    files.files["teams/a.toml"] = "[token.a]\nscopes = [\"vso.code\"]\n";
    std::string text;
    for (const Diagnostic& d : ReadAll(files, "patform.toml").diagnostics) {
      absl::StrAppend(&text, d.summary, "|",
                      d.detail.substr(0, d.detail.find('\n')));
    }
    EXPECT_EQ(text, row.want) << row.item;
  }
}

TEST(ReadDesired, IncludesThatMayNotBe) {
  FakeFiles files;
  files.files["patform.toml"] =
      absl::StrCat("include = [\"*.toml\", \"out.toml\", \"t.toml\"]\n", kHead);
  files.files["out.toml"] = "[token.a]\nscopes = [\"vso.code\"]\n";
  files.links["out.toml"] = "/etc/out.toml";
  files.files["t.toml"] =
      "include = [\"patform.toml\"]\n[policy]\n[token.x]\nscopes = "
      "[\"vso.code\"]\n";
  const ReadResult result = ReadAll(files, "patform.toml");
  EXPECT_EQ(
      Render(result.diagnostics),
      R"(patform.toml:1:12: error: the file includes itself: patform.toml -> patform.toml
  1 | include = ["*.toml", "out.toml", "t.toml"]
    |            ^~~~~~~~
    = name the files that it should include

patform.toml:1:12: error: the included file out.toml leads out of the directory
  1 | include = ["*.toml", "out.toml", "t.toml"]
    |            ^~~~~~~~
    = it is a link to /etc/out.toml

t.toml:1:1: error: `include` in an included file
  1 | include = ["patform.toml"]
    | ^~~~~~~
    = only the main file includes: patform.toml -> t.toml

t.toml:2:2: error: `policy` in an included file
  2 | [policy]
    |  ^~~~~~
    = an included file may contain only [token.*]

4 errors
)");
}

TEST(ReadDesired, TheSameNameInTwoFiles) {
  FakeFiles files;
  files.files["patform.toml"] = absl::StrCat(
      "include = [\"t.toml\"]\n", kHead, "[token.a]\nscopes = [\"vso.code\"]");
  files.files["t.toml"] = "\n[token.a]\nscopes = [\"vso.code\"]\n";
  EXPECT_EQ(Render(ReadAll(files, "patform.toml").diagnostics),
            R"(t.toml:2:8: error: token "a" is declared twice
  2 | [token.a]
    |        ^
    = the other one is at patform.toml:5

1 error
)");
}

struct FileCase {
  const char* name;
  const char* path;
  std::string want;
};

TEST(ReadDesired, FilesThatAreNone) {
  FakeFiles files;
  files.files["empty.toml"] = " \n";
  files.files["latin.toml"] = "format = 1\n# caf\xe9\n";
  files.files["nul.toml"] = std::string("format = 1\0\n", 12);
  files.files["dir/other.toml"] = "";
  files.files["secret.toml"] = "x";
  files.unreadable.insert("secret.toml");
  files.files["huge.toml"] = std::string(100 << 20, '#');
  const FileCase cases[] = {
      {"missing", "emty.toml",
       "emty.toml: error: there is no such file\n  = did you mean "
       "`empty.toml`?\n\n1 error\n"},
      {"empty", "empty.toml",
       "empty.toml: error: the file is empty\n  = `patform init` writes a "
       "starter\n\n1 error\n"},
      {"not UTF-8", "latin.toml",
       "latin.toml: error: line 2 is not UTF-8 text\n  = save the file as "
       "UTF-8\n\n1 error\n"},
      {"NUL", "nul.toml",
       "nul.toml: error: line 1 is not UTF-8 text\n  = save the file as "
       "UTF-8\n\n1 error\n"},
      {"directory", "dir",
       "dir: error: the directory has no patform.toml\n"
       "  = `patform init` writes a starter\n"
       "\n"
       "1 error\n"},
      {"unreadable", "secret.toml",
       "secret.toml: error: the file cannot be read\n"
       "  = permission denied\n"
       "\n"
       "1 error\n"},
      {"100 MB", "huge.toml",
       "huge.toml: error: the file is larger than 16 MiB\n  = split it with "
       "`include`\n\n1 error\n"},
  };
  for (const FileCase& c : cases) {
    const ReadResult result = ReadAll(files, c.path);
    EXPECT_EQ(Render(result.diagnostics), c.want) << c.name;
    EXPECT_FALSE(result.state) << c.name;
  }
}

TEST(ReadDesired, BomAndCrlfAreFine) {
  std::string text = absl::StrCat("\xef\xbb\xbf", kHead,
                                  "[token.a]\nscopes = [\"vso.code\"]\n");
  std::string crlf;
  for (char c : text)
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(Render(ReadOne(crlf).diagnostics), "");
}

TEST(ReadDesired, APolicyFileOfItsOwn) {
  FakeFiles files;
  files.files["patform.toml"] =
      absl::StrCat(kHead, "[policy]\nmax_lifetime = \"90d\"\n");
  files.files["policy.toml"] =
      "[policy]\nmax_lifetime = \"30d\"\nforbidden_scopes = [\"app_token\"]\n";
  const ReadResult result = ReadAll(files, "patform.toml", "policy.toml");
  EXPECT_EQ(Render(result.diagnostics), "");
  ASSERT_TRUE(result.state);
  EXPECT_EQ(result.state->policy.max_lifetime, absl::Hours(30 * 24));
  EXPECT_EQ(result.state->policy.forbidden_scopes,
            std::vector<std::string>{"app_token"});
}

// The plan asks for no longer life either (Life::FarthestEnd).
TEST(ReadDesired, NoLongerThanTheServiceGives) {
  const auto read = [](const char* lifetime) {
    return Render(ReadOne(absl::StrCat(kHead,
                                       "[token.a]\nscopes = [\"vso.code\"]\n"
                                       "lifetime = \"",
                                       lifetime, "\"\n"))
                      .diagnostics);
  };
  EXPECT_EQ(read("365d"), "");
  EXPECT_EQ(
      read("365d12h"),
      "patform.toml:6:12: error: `lifetime` is 365d12h, longer than a year\n"
      "  6 | lifetime = \"365d12h\"\n"
      "    |            ^~~~~~~~~\n"
      "    = the service does not let a token live longer; shorter is "
      "better, patform rotates it in time\n\n1 error\n");
}

// Nothing of a file that a link in the folder leads to is shown.
TEST(ReadDesired, LinksThatLeadOut) {
  constexpr char kSecret[] = "first line of the runner's file";
  const char* kMain =
      "d/patform.toml: error: the file is a link that leads out of its folder\n"
      "  = if that file is meant, name it by its own path\n\n1 error\n";
  struct Row {
    const char* name;
    const char* link;  // of this file, or of this folder
    const char* to;
    const char* config;
    const char* policy;
    std::string want;  // the first line
  };
  const Row rows[] = {
      {"the main file", "d/patform.toml", "/etc/x", "d", "", kMain},
      {"named itself", "d/patform.toml", "/etc/x", "d/patform.toml", "", kMain},
      {"beside the folder", "d/patform.toml", "/cwd/dd/x", "d", "", kMain},
      {"within", "d/patform.toml", "/cwd/d/x", "d", "",
       "d/patform.toml:1:7: error: not TOML: "},
      {"the policy", "d/policy.toml", "/etc/x", "", "d/policy.toml",
       "d/policy.toml: error: the file is a link that leads out of its folder"},
      {"an include", "e/a.toml", "/etc/x", "e", "",
       "e/patform.toml:1:12: error: the included file e/a.toml leads out of "
       "the directory"},
      {"a folder", "e/teams", "/etc", "e", "",
       "e/patform.toml:1:12: error: the include \"teams/*.toml\" leads out of "
       "the directory"},
      {"a file in one", "e/teams", "/etc", "e", "",
       "e/patform.toml:1:12: error: the include \"teams/b.toml\" leads out of "
       "the directory"},
      {"none in one", "e/teams", "/etc", "e", "",
       "e/patform.toml:1:12: error: the include \"teams/none.toml\" leads out "
       "of the directory"},
  };
  for (const Row& row : rows) {
    FakeFiles files;
    files.files["d/patform.toml"] = kSecret;
    files.files["d/policy.toml"] = kSecret;
    files.files["e/a.toml"] = kSecret;
    files.files["e/teams/b.toml"] = kSecret;
    const std::string want = row.want;
    std::string include = "a.toml";
    for (const char* each :
         {"teams/*.toml", "teams/b.toml", "teams/none.toml"}) {
      if (want.find(each) != std::string::npos) include = each;
    }
    files.files["e/patform.toml"] =
        absl::StrCat("include = [\"", include, "\"]\n", kHead);
    files.links[row.link] = row.to;
    const ReadResult result = ReadAll(files, row.config, row.policy);
    const std::string text = Render(result.diagnostics);
    EXPECT_EQ(text.substr(0, want.size()), want) << row.name << "\n" << text;
    EXPECT_FALSE(result.state) << row.name;
    if (std::string(row.name) == "within") continue;
    EXPECT_EQ(text.find("first"), std::string::npos) << row.name << text;
  }
}

TEST(ReadDesired, MoreThanAConfigurationMayHold) {
  // "@" is the number of each.
  const auto times = [](int count, const std::string& part) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += absl::StrReplaceAll(part, {{"@", absl::StrCat(i)}});
    }
    return text;
  };
  const std::string head =
      absl::StrCat(kHead, "[defaults]\nscopes = [\"vso.code\"]\n");
  const struct {
    const char* name;
    std::string text;
    const char* want;  // summary and detail of the first error
  } kCases[] = {
      {"scopes",
       absl::StrCat(kHead, "[token.a]\nscopes = [", times(257, "\"vso.x@\",\n"),
                    "]\n"),
       "`scopes` has 257 items|at most 256"},
      {"replaces",
       absl::StrCat(head, "[token.a]\nreplaces = [",
                    times(50000, "\"00000000-@\",\n"), "]\n"),
       "`replaces` has 50000 items|at most 256"},
      {"labels",
       absl::StrCat(head, "[token.a.labels]\n", times(65, "a@ = \"\"\n")),
       "`labels` has 65 labels|at most 64"},
      {"sinks",
       absl::StrCat(head,
                    times(1001, "[sink.s@]\ntype = \"file\"\npath = \"p\"\n")),
       "there are 1001 sinks|at most 1000"},
      {"organizations",
       absl::StrCat(head, times(101, "[token.a@]\norganization = \"o@\"\n")),
       "the tokens are in too many organizations|at most 100 in one "
       "configuration"},
      {"unknown scopes",
       absl::StrCat(kHead,
                    "[policy]\nallow_unknown_scopes = true\n[token.a]\n"
                    "scopes = [",
                    times(101, "\"vso.x@\",\n"), "]\n"),
       "too many unknown scopes|at most 100 in one configuration"},
      {"scope globs",
       absl::StrCat(kHead, "[policy]\nforbidden_scopes = [",
                    times(101, "\"vso.code*@\",\n"), "]\n"),
       "`forbidden_scopes` has 101 items|at most 100"},
      {"a glob",
       absl::StrCat(kHead, "[policy]\nprevent_revoke = [\"",
                    std::string(257, 'x'), "\"]\n"),
       "an item of `prevent_revoke` is longer than 256 bytes|"},
      {"exceptions for patterns",
       absl::StrCat(kHead, "[policy]\nexceptions = [",
                    times(51,
                          "{ rule = \"max_lifetime\", token = \"a*@\", until "
                          "= 2027-01-01T00:00:00Z, reason = \"r\" },\n"),
                    "]\n"),
       "too many exceptions for names with * or ?|at most 50"},
      {"what is filled in",
       absl::StrCat(head, "[token.\"", std::string(150, 'n'), "\"]\nowner = \"",
                    times(28, "{name}@"), "\"\n"),
       "a text is longer than 4096 bytes once it is filled in|"},
      {"copies of the defaults",
       absl::StrCat(head, "purpose = \"", std::string(4000, 'p'), "\"\n",
                    times(17000, "[token.a@]\n")),
       "[defaults] is too large for so many tokens|all copies together would "
       "take more than 64 MiB"},
      {"the includes",
       absl::StrCat("include = [", times(257, "\"t@.toml\",\n"), "]\n", kHead),
       "`include` has 257 items|at most 256"},
  };
  for (const auto& c : kCases) {
    const ReadResult result = ReadOne(c.text);
    EXPECT_FALSE(result.state) << c.name;
    std::string first;
    for (const Diagnostic& d : result.diagnostics) {
      if (d.severity != Diagnostic::Severity::kError || !first.empty())
        continue;
      first = absl::StrCat(d.summary, "|", d.detail);
      EXPECT_GT(d.where.line, 0) << c.name;
    }
    EXPECT_EQ(first, c.want) << c.name;
  }
}

TEST(ReadDesired, MoreFilesThanAConfigurationMayHave) {
  FakeFiles files;
  files.files["patform.toml"] = absl::StrCat("include = [\"t/*\"]\n", kHead);
  for (int i = 0; i <= 10000; ++i) {
    files.files[absl::StrCat("t/", i)] = "";
  }
  EXPECT_EQ(Render(ReadAll(files, "patform.toml").diagnostics),
            "patform.toml:1:12: error: the include \"t/*\" finds too much\n"
            "  1 | include = [\"t/*\"]\n"
            "    |            ^~~~~\n"
            "    = at most 10000 files, in folders of 200000 entries in all\n\n"
            "1 error\n");
  files.files.erase(files.files.upper_bound("t/1001"), files.files.end());
  for (auto& [name, text] : files.files) {
    if (name != "patform.toml") text = std::string(15 << 20, '\n');
  }
  const ReadResult result = ReadAll(files, "patform.toml");
  ASSERT_FALSE(result.diagnostics.empty());
  EXPECT_TRUE(std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                          [](const Diagnostic& d) {
                            return d.summary ==
                                   "all files together are larger than 64 MiB";
                          }));
}

TEST(ReadDesired, AtMostAHundredErrorsOfOneFile) {
  struct Row {
    const char* name;
    int errors, warnings;
    size_t shown;
    const char* last;  // of the diagnostics
  };
  const Row rows[] = {
      {"few", 100, 0, 100, "unknown key `k99` in the main file"},
      {"one more", 101, 0, 101, "and 1 more error in this file"},
      {"many", 5000, 0, 101, "and 4900 more errors in this file"},
      {"warnings", 0, 150, 101, "and 50 more warnings in this file"},
      {"both", 5000, 150, 201,
       "and 4900 more errors and 50 warnings in this file"},
  };
  for (const Row& row : rows) {
    std::string text;
    for (int i = 0; i < row.errors; ++i) absl::StrAppend(&text, "k", i, "=1\n");
    text += kHead;
    for (int i = 0; i < row.warnings; ++i) {
      absl::StrAppend(&text, "[sink.s", i,
                      "]\ntype = \"file\"\npath = \"p\"\n");
    }
    const ReadResult result = ReadOne(text);
    EXPECT_EQ(result.diagnostics.size(), row.shown) << row.name;
    EXPECT_EQ(result.diagnostics.back().summary, row.last) << row.name;
    EXPECT_EQ(result.state.has_value(), row.errors == 0) << row.name;
  }
}

TEST(ReadDesired, AtMostAThousandProblemsOfAllFiles) {
  FakeFiles files;
  files.files["patform.toml"] = absl::StrCat("include = [\"t/*\"]\n", kHead);
  std::string text;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&text, "k", i, " = 1\n");
  for (int i = 0; i < 50; ++i) files.files[absl::StrCat("t/", i)] = text;
  const ReadResult result = ReadAll(files, "patform.toml");
  ASSERT_EQ(result.diagnostics.size(), 1001u);
  EXPECT_EQ(Render(result.diagnostics.back()),
            "error: and 9000 more errors in these files\n");
}

TEST(ReadDesired, LongTextsAreCutInWhatIsShown) {
  // The secret reaches from what is shown to what is cut off.
  const std::string secret = std::string(76, 'a') + "AZDO" + "aaaa";
  const std::string spaces(30000, ' ');
  const ReadResult result = ReadOne(absl::StrCat(
      kHead, "k = [", spaces, "\"", secret, "\"]", std::string(1000, ' '), "#",
      secret, "\n[token.\"", std::string(2000, 'n'), "\"]\n"));
  std::string text = Render(result.diagnostics);
  EXPECT_EQ(text.find("aaaaaa"), std::string::npos) << text;
  EXPECT_LT(text.size(), 8000u) << text;
  EXPECT_NE(text.find("[token." + std::string(393, 'n') + "…"),
            std::string::npos)
      << text;
}

TEST(ReadDesired, SuggestionsForTheFirstFewOnly) {
  std::string text = absl::StrCat(kHead, "[token.a]\nscopes = [\n");
  for (int i = 0; i < 60; ++i)
    absl::StrAppend(&text, "\"vso.packagin", i, "\",\n");
  const ReadResult result = ReadOne(text + "]\n");
  int suggestions = 0;
  for (const Diagnostic& d : result.diagnostics) {
    suggestions += d.detail == "did you mean \"vso.packaging\"?";
  }
  EXPECT_EQ(result.diagnostics.size(), 60u);
  EXPECT_EQ(suggestions, 25);
}

// Whatever the bytes, reading ends, and either there is a state or an error
// that says why.
TEST(ReadDesired, RandomlyBrokenFilesEndInAnErrorOrAState) {
  std::mt19937 random(20261123);
  const std::string good = StarterFile();
  const std::string bits = "[]{}=\"'\n\t#.,0123456789abcz-\\\x80\xff";
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = bits[random() % bits.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        default:
          text.insert(at, 1, bits[random() % bits.size()]);
      }
    }
    const ReadResult result = ReadOne(text);
    EXPECT_EQ(result.state.has_value(), !HasErrors(result.diagnostics));
    Render(result.diagnostics);
  }
}

}  // namespace
}  // namespace patform
