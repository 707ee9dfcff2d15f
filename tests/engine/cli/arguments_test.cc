#include "engine/cli/arguments.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/hints.h"

namespace patform::cli {
namespace {

constexpr char kDigest[] =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr char kId[] = "27e59f42-1a7c-4e0b-9d6e-0f4a3b2c1d00";

// What differs from Arguments that nobody has filled in: "plan format=json
// rotate=[a b] quiet". @d and @i in a line are a digest and an id.
class Dump {
 public:
  explicit Dump(const Arguments& a) : a_(a) {
    Add("directory", &Arguments::directory);
    Add("config", &Arguments::config);
    Add("policy", &Arguments::policy);
    Text("url", a.service.url, "");
    Text("api_version", a.service.api_version, "");
    Add("no_color", &Arguments::no_color);
    Add("quiet", &Arguments::quiet);
    Add("format", &Arguments::format);
    for (const View& view : a.into) {
      Line(absl::StrCat("into=", view.format, ":", view.path));
    }
    Add("detailed_exitcode", &Arguments::detailed_exitcode);
    Add("within", &Arguments::within);
    Add("rotate", &Arguments::rotate);
    Add("targets", &Arguments::targets);
    if (a.now) {
      Line(absl::StrCat("now=", absl::FormatTime("%Y-%m-%dT%H:%M", *a.now,
                                                 absl::UTCTimeZone())));
    }
    Add("auto_approve", &Arguments::auto_approve);
    Add("maintenance", &Arguments::maintenance);
    Add("parallelism", &Arguments::parallelism);
    Add("allow_revocations", &Arguments::allow_revocations);
    Add("json", &Arguments::json);
    Add("out", &Arguments::out);
    Add("snapshot", &Arguments::snapshot);
    Add("baseline", &Arguments::baseline);
    Add("plan_file", &Arguments::plan_file);
    Add("approve", &Arguments::approve);
    Add("metrics", &Arguments::metrics);
    Add("metrics_per_token", &Arguments::metrics_per_token);
    Add("allow_empty_list", &Arguments::allow_empty_list);
    for (const AuthorizationId& id : a.ids) {
      Line(absl::StrCat("id=", id.ToString()));
    }
    Add("organizations", &Arguments::organizations);
    Add("identities", &Arguments::identities);
    Add("force", &Arguments::force);
    Add("sink_type", &Arguments::sink_type);
    Add("sign_in", &Arguments::sign_in);
    Add("deliver_to", &Arguments::deliver_to);
    Add("deliver_at", &Arguments::deliver_at);
    Add("deliver_key", &Arguments::deliver_key);
    Add("allow_hosts", &Arguments::allow_hosts);
    Add("allow_programs", &Arguments::allow_programs);
    Add("access_token_stdin", &Arguments::access_token_stdin);
    Add("browser", &Arguments::browser);
    Add("no_browser", &Arguments::no_browser);
    Add("device_code", &Arguments::device_code);
    Add("seed", &Arguments::seed);
    Add("dry_run", &Arguments::dry_run);
    Add("post_no_changes", &Arguments::post_no_changes);
    Add("no_status", &Arguments::no_status);
    Add("word", &Arguments::word);
  }

  std::string ToString() const {
    std::string text =
        absl::StrCat(a_.command == nullptr ? "(none)" : a_.command->name,
                     lines_.empty() ? "" : " ", absl::StrJoin(lines_, " "));
    return absl::StrReplaceAll(text, {{kDigest, "@d"}, {kId, "@i"}});
  }

 private:
  void Line(std::string line) { lines_.push_back(std::move(line)); }
  void Text(const char* name, const std::string& is, const std::string& was) {
    if (is != was) Line(absl::StrCat(name, "=", is));
  }
  void Add(const char* name, std::string Arguments::*m) {
    Text(name, a_.*m, default_.*m);
  }
  void Add(const char* name, int Arguments::*m) {
    Text(name, absl::StrCat(a_.*m), absl::StrCat(default_.*m));
  }
  void Add(const char* name, bool Arguments::*m) {
    if (a_.*m) Line(name);
  }
  void Add(const char* name, std::vector<std::string> Arguments::*m) {
    if ((a_.*m).empty()) return;
    Line(absl::StrCat(name, "=[", absl::StrJoin(a_.*m, " "), "]"));
  }

  const Arguments& a_;
  const Arguments default_;
  std::vector<std::string> lines_;
};

std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  for (std::string& word : words) {
    word = absl::StrReplaceAll(word, {{"@d", kDigest}, {"@i", kId}});
  }
  return words;
}

using Variables = std::map<std::string, std::string>;

absl::StatusOr<Arguments> Parse(const std::vector<std::string>& words,
                                const Variables& variables = {}) {
  return ParseArguments(
      words, [&](const std::string& name) -> std::optional<std::string> {
        const auto at = variables.find(name);
        if (at == variables.end()) return std::nullopt;
        return at->second;
      });
}

// The dump, or the whole message.
std::string Try(const std::string& line, const Variables& variables = {}) {
  const absl::StatusOr<Arguments> parsed = Parse(Words(line), variables);
  if (parsed.ok()) return Dump(*parsed).ToString();
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status())) << line;
  return absl::StrCat("! ", parsed.status().message());
}

struct Row {
  const char* line;
  const char* want;
};

TEST(Arguments, OfEachCommand) {
  const Row rows[] = {
      {"", "(none)"},
      {"-q", "(none) quiet"},
      {"init", "init"},
      {"init tokens.toml", "init word=tokens.toml"},
      {"init --sink exec --sign-in stdin", "init sink_type=exec sign_in=stdin"},
      {"validate --policy p.toml --format github",
       "validate policy=p.toml format=github"},
      {"validate --format azure", "validate format=azure"},
      {"plan", "plan"},
      {"plan --policy p --service-url https://a --api-version 7.2-preview.1",
       "plan policy=p url=https://a api_version=7.2-preview.1"},
      {"plan --api-version=7.1-preview.1", "plan api_version=7.1-preview.1"},
      {"plan --rotate a --rotate b --replace c", "plan rotate=[a b c]"},
      {"plan --target a* --target=b", "plan targets=[a* b]"},
      {"plan --identity a --identity=b", "plan identities=[a b]"},
      {"apply --identity a", "apply identities=[a]"},
      {"status --identity a", "status identities=[a]"},
      {"audit --identity a", "audit identities=[a]"},
      {"verify @d --identity a", "verify approve=@d identities=[a]"},
      {"snapshot --out w --identity a", "snapshot out=w identities=[a]"},
      {"import --deliver vault --at ado/{name} --key K",
       "import deliver_to=vault deliver_at=ado/{name} deliver_key=K"},
      {"import --identity a --organization c",
       "import organizations=[c] identities=[a]"},
      {"plan --allow-revocations 0", "plan allow_revocations=0"},
      {"plan --allow-revocations 2147483647",
       "plan allow_revocations=2147483647"},
      {"plan --allow-empty-list --baseline old.json",
       "plan baseline=old.json allow_empty_list"},
      {"plan --snapshot w.json --out p.json --now 2026-11-23T08:00:00Z",
       "plan now=2026-11-23T08:00 out=p.json snapshot=w.json"},
      {"plan --now 2026-11-23T08:00:00+01:00", "plan now=2026-11-23T07:00"},
      {"plan --format text", "plan"},
      {"plan --format json --detailed-exitcode",
       "plan format=json detailed_exitcode"},
      {"plan --format markdown", "plan format=markdown"},
      {"plan --format sarif", "plan format=sarif"},
      {"plan --format junit", "plan format=junit"},
      {"plan --format github", "plan format=github"},
      {"plan --format azure", "plan format=azure"},
      {"plan --sarif-into s --json-into j --markdown-into m --junit-into u "
       "--html-into h",
       "plan into=json:j into=markdown:m into=html:h into=sarif:s "
       "into=junit:u"},
      {"show p.json --format markdown --json-into j --markdown-into m "
       "--html-into h --sarif-into s --junit-into u --detailed-exitcode",
       "show format=markdown into=json:j into=markdown:m into=html:h "
       "into=sarif:s into=junit:u detailed_exitcode plan_file=p.json"},
      {"plan --format html", "plan format=html"},
      {"comment p.json --dry-run --post-no-changes --no-status",
       "comment plan_file=p.json dry_run post_no_changes no_status"},
      {"comment p --allow-host a,b:8443 --allow-host c",
       "comment plan_file=p allow_hosts=[a b:8443 c]"},
      {"comment p --allow-host ,a,,b,",
       "comment plan_file=p allow_hosts=[a b]"},
      {"apply", "apply"},
      {"apply p.json", "apply plan_file=p.json"},
      {"apply -y --parallelism 1 --json",
       "apply auto_approve parallelism=1 json"},
      {"apply --auto-approve --parallelism 64",
       "apply auto_approve parallelism=64"},
      {"apply --auto-approve=false", "apply"},
      {"apply --approve @d p.json --allow-revocations 3 --allow-empty-list "
       "--baseline b.json",
       "apply allow_revocations=3 baseline=b.json plan_file=p.json approve=@d "
       "allow_empty_list"},
      {"apply --policy p --service-url u --api-version 7.1-preview.1 --rotate "
       "r "
       "--replace s --target t",
       "apply policy=p url=u api_version=7.1-preview.1 rotate=[r s] "
       "targets=[t]"},
      {"status --policy p --service-url u --api-version 7.1-preview.1 --format "
       "json --now 2026-01-01T00:00:00Z",
       "status policy=p url=u api_version=7.1-preview.1 format=json "
       "now=2026-01-01T00:00"},
      {"status --metrics a.prom --metrics-per-token",
       "status metrics=a.prom metrics_per_token"},
      {"plan --metrics ./a.prom --metrics-per-token",
       "plan metrics=./a.prom metrics_per_token"},
      {"apply --metrics /a/b.prom", "apply metrics=/a/b.prom"},
      {"status --within 2w --detailed-exitcode",
       "status detailed_exitcode within=2w"},
      {"status a b --target c", "status targets=[a b c]"},
      {"status a --format text", "status targets=[a]"},
      {"status --format ics", "status format=ics"},
      {"report --policy p --service-url u --api-version 7.1-preview.1 --format "
       "json --now 2026-01-01T00:00:00Z --snapshot w --out r.html",
       "report policy=p url=u api_version=7.1-preview.1 format=json "
       "now=2026-01-01T00:00 out=r.html snapshot=w"},
      {"report a --target b --within 2w --detailed-exitcode",
       "report detailed_exitcode within=2w targets=[a b]"},
      {"report --identity a --allow-host a --allow-programs "
       "--access-token-stdin",
       "report identities=[a] allow_hosts=[a] allow_programs "
       "access_token_stdin"},
      {"audit --policy p --service-url u --api-version 7.1-preview.1 "
       "--snapshot "
       "w --organization a --organization b --format sarif --detailed-exitcode "
       "--now 2026-01-01T00:00:00Z",
       "audit policy=p url=u api_version=7.1-preview.1 format=sarif "
       "detailed_exitcode now=2026-01-01T00:00 snapshot=w "
       "organizations=[a b]"},
      {"audit --format json", "audit format=json"},
      {"apply --maintenance --target t", "apply targets=[t] maintenance"},
      {"verify @d", "verify approve=@d"},
      {"verify @d p.json --policy p --service-url u --api-version "
       "7.1-preview.1 --allow-revocations 3 --allow-empty-list --baseline b",
       "verify policy=p url=u api_version=7.1-preview.1 allow_revocations=3 "
       "baseline=b plan_file=p.json approve=@d allow_empty_list"},
      {"verify @d --rotate r --replace s --target t --snapshot w",
       "verify rotate=[r s] targets=[t] snapshot=w approve=@d"},
      {"snapshot --out w.json --policy p --service-url u --api-version "
       "7.1-preview.1",
       "snapshot policy=p url=u api_version=7.1-preview.1 out=w.json"},
      {"import a* b --policy p --service-url u --api-version 7.1-preview.1",
       "import policy=p url=u api_version=7.1-preview.1 targets=[a* b]"},
      {"import --id @i --organization c --out o --force --now "
       "2026-01-01T00:00:00Z",
       "import now=2026-01-01T00:00 out=o id=@i organizations=[c] force"},
      {"plan --allow-host a --allow-programs --access-token-stdin",
       "plan allow_hosts=[a] allow_programs access_token_stdin"},
      {"apply --allow-host a --allow-programs --access-token-stdin",
       "apply allow_hosts=[a] allow_programs access_token_stdin"},
      {"status --allow-host a --allow-programs --access-token-stdin",
       "status allow_hosts=[a] allow_programs access_token_stdin"},
      {"audit --allow-host a --allow-programs --access-token-stdin",
       "audit allow_hosts=[a] allow_programs access_token_stdin"},
      {"verify @d --allow-host a --allow-programs --access-token-stdin",
       "verify approve=@d allow_hosts=[a] allow_programs access_token_stdin"},
      {"snapshot --out w --allow-host a --allow-programs --access-token-stdin",
       "snapshot out=w allow_hosts=[a] allow_programs access_token_stdin"},
      {"import --allow-host a --allow-programs --access-token-stdin",
       "import allow_hosts=[a] allow_programs access_token_stdin"},
      {"plan --allow-programs=0", "plan"},
      {"plan --allow-programs=1", "plan allow_programs"},
      {"scopes", "scopes"},
      {"scopes packaging", "scopes word=packaging"},
      {"schema", "schema"},
      {"schema configuration", "schema word=configuration"},
      {"schema plan", "schema word=plan"},
      {"schema events", "schema word=events"},
      {"schema status", "schema word=status"},
      {"schema saved-plan", "schema word=saved-plan"},
      {"schema snapshot", "schema word=snapshot"},
      {"schema audit", "schema word=audit"},
      {"login", "login"},
      {"login --identity a", "login identities=[a]"},
      {"logout --identity a", "logout identities=[a]"},
      {"whoami --identity a", "whoami identities=[a]"},
      {"login --browser", "login browser"},
      {"login --no-browser --allow-host a", "login allow_hosts=[a] no_browser"},
      {"login --device-code --seed a:b", "login device_code seed=a:b"},
      {"login --identity a", "login identities=[a]"},
      {"logout --identity a", "logout identities=[a]"},
      {"whoami --identity a --identity b", "whoami identities=[a b]"},
      {"logout", "logout"},
      {"logout --allow-host a", "logout allow_hosts=[a]"},
      {"whoami", "whoami"},
      {"whoami --allow-host a --allow-programs --access-token-stdin",
       "whoami allow_hosts=[a] allow_programs access_token_stdin"},
      {"schema doctor", "schema word=doctor"},
      {"doctor --policy p --service-url u --api-version 7.1-preview.1",
       "doctor policy=p url=u api_version=7.1-preview.1"},
      {"doctor --allow-host a --allow-programs --access-token-stdin",
       "doctor allow_hosts=[a] allow_programs access_token_stdin"},
      {"version", "version"},
      {"help", "help"},
      {"help apply", "help word=apply"},
  };
  // What each command was seen to take, to find what no row tries.
  std::set<std::string> seen;
  for (const Row& row : rows) {
    EXPECT_EQ(Try(row.line), row.want) << row.line;
    const std::vector<std::string> words = Words(row.line);
    for (const std::string& word : words) {
      seen.insert(absl::StrCat(words[0], " ", word.substr(0, word.find('='))));
    }
  }
  for (const Command& command : Commands()) {
    EXPECT_EQ(seen.count(absl::StrCat(command.name, " ", command.name)), 1u)
        << command.name;
    for (const Flag& flag : command.flags) {
      EXPECT_EQ(seen.count(absl::StrCat(command.name, " ", flag.Name())), 1u)
          << "no row tries: " << command.name << " " << flag.Name();
    }
  }
}

TEST(Arguments, GlobalFlagsGoAnywhere) {
  const Row rows[] = {
      {"-c a plan", "plan config=a"},
      {"plan -c a", "plan config=a"},
      {"plan -ca", "plan config=a"},
      {"plan --config=a", "plan config=a"},
      {"-C d -c a plan --no-color -q",
       "plan directory=d config=a no_color quiet"},
      {"--chdir d plan --quiet", "plan directory=d quiet"},
      {"plan -qC d", "plan directory=d quiet"},
      {"plan --quiet=false", "plan"},
      {"plan -q -q", "plan quiet"},
      // A word behind `--` is not a flag.
      {"scopes -- --help", "scopes word=--help"},
      // A flag takes the next word, whatever it looks like.
      {"plan --out --format", "plan out=--format"},
      // The name of a command is a word like others behind one.
      {"status plan apply", "status targets=[plan apply]"},
      {"help help", "help word=help"},
  };
  for (const Row& row : rows) EXPECT_EQ(Try(row.line), row.want) << row.line;
}

TEST(Arguments, HelpAndVersionAreCommands) {
  const Row rows[] = {
      {"--help", "help"},
      {"-h", "help"},
      {"apply --help", "help word=apply"},
      {"apply -h", "help word=apply"},
      {"--help apply", "help word=apply"},
      {"help --help", "help word=help"},
      // Whoever asks for help gets it, whatever else is wrong or missing.
      {"show --help", "help word=show"},
      {"plan --help --formta x", "help word=plan"},
      {"plan --help --format", "help word=plan"},
      {"plan --help --format yaml", "help word=plan"},
      {"--help plna", "help"},
      {"-C nowhere --help", "help"},
      {"--version", "version"},
      {"plan --version", "version"},
      {"--version --help", "help"},
  };
  for (const Row& row : rows) EXPECT_EQ(Try(row.line), row.want) << row.line;
}

TEST(Arguments, WhatIsWrongIsSaidWithWhatIsNear) {
  const Row rows[] = {
      // Commands.
      {"plna", "! there is no command \"plna\"; did you mean `plan`?"},
      {"Plan", "! there is no command \"Plan\"; did you mean `plan`?"},
      {"xyzzy", "! there is no command \"xyzzy\""},
      {"plna --out x", "! there is no command \"plna\"; did you mean `plan`?"},
      {"-q plna", "! there is no command \"plna\"; did you mean `plan`?"},
      {"\x1b[31m", "! there is no command \"\\x1b[31m\""},
      // Flags.
      {"plan --formta json",
       "! there is no flag --formta for `plan`; did you mean --format?"},
      {"plan --formta=json",
       "! there is no flag --formta for `plan`; did you mean --format?"},
      {"plan --detailed-exit",
       "! there is no flag --detailed-exit for `plan`; did you mean "
       "--detailed-exitcode?"},
      {"plan --qiuet",
       "! there is no flag --qiuet for `plan`; did you mean --quiet?"},
      {"apply --format json",
       "! there is no flag --format for `apply`; it goes with `validate`, "
       "`plan`, `show`, `status`, `report`, `audit`"},
      {"apply --out=x",
       "! there is no flag --out for `apply`; it goes with `plan`, `report`, "
       "`snapshot`, `import`"},
      {"plan -y", "! there is no flag -y for `plan`; it goes with `apply`"},
      {"--format json",
       "! there is no flag --format; it goes with `validate`, `plan`, `show`, "
       "`status`, `report`, `audit`"},
      {"--formta plan",
       "! there is no flag --formta for `plan`; did you mean --format?"},
      {"--xyzzy", "! there is no flag --xyzzy"},
      {"plan -z", "! there is no flag -z for `plan`"},
      {"plan --\x1b[31m", "! there is no flag --\\x1b[31m for `plan`"},
      {"--format json plan",
       "! --format goes behind the command: patform plan --format"},
      {"-y apply", "! -y goes behind the command: patform apply -y"},
      // One dash, as Terraform has it.
      {"-chdir=x plan", "! there is no flag -chdir; did you mean --chdir?"},
      {"plan -config x", "! there is no flag -config; did you mean --config?"},
      {"plan -out=x", "! there is no flag -out; did you mean --out?"},
      {"apply -auto-approve",
       "! there is no flag -auto-approve; did you mean --auto-approve?"},
      {"plan -help", "! there is no flag -help; did you mean --help?"},
      // Words too many.
      {"plan x", "! unexpected argument \"x\""},
      {"plan x --formta", "! unexpected argument \"x\""},
      {"show a b", "! unexpected argument \"b\""},
      {"verify @d a b", "! unexpected argument \"b\""},
      {"version x", "! unexpected argument \"x\""},
      {"help a b", "! unexpected argument \"b\""},
      {"show a \x1b[31m", "! unexpected argument \"\\x1b[31m\""},
      // Words that are missing.
      {"show", "! `show` needs PLAN: patform show PLAN"},
      {"comment", "! `comment` needs PLAN: patform comment PLAN"},
      {"verify", "! `verify` needs DIGEST: patform verify DIGEST"},
      {"snapshot", "! `snapshot` needs --out: patform snapshot --out FILE"},
      {"plan --format", "! --format needs a value: --format FORMAT"},
      {"plan --format=", "! --format needs a value: --format FORMAT"},
      {"-C", "! -C needs a value: -C DIR"},
      {"plan -qC", "! -C needs a value: -C DIR"},
      {"apply --replace", "! --replace needs a value: --replace NAME"},
      // Once is enough.
      {"plan --format json --format text",
       "! --format is given 2 times; it takes one value"},
      {"plan -c a --config b -c c",
       "! --config is given 3 times; it takes one value"},
      {"plan --json-into a --json-into b",
       "! --json-into is given 2 times; it takes one value"},
      // Values.
      {"plan --quiet=maybe",
       "! --quiet cannot be \"maybe\": expected true or false, or no value"},
      {"apply --parallelism 0",
       "! --parallelism cannot be \"0\": expected a number from 1 to 64"},
      {"apply --parallelism 65",
       "! --parallelism cannot be \"65\": expected a number from 1 to 64"},
      {"apply --parallelism eight",
       "! --parallelism cannot be \"eight\": expected a number from 1 to 64"},
      {"apply --parallelism 8x",
       "! --parallelism cannot be \"8x\": expected a number from 1 to 64"},
      {"plan --allow-revocations -1",
       "! --allow-revocations cannot be \"-1\": expected a number of at least "
       "0"},
      {"plan --allow-revocations 2147483648",
       "! --allow-revocations cannot be \"2147483648\": expected a number of "
       "at least 0"},
      {"plan --now tomorrow",
       "! --now cannot be \"tomorrow\": expected an instant such as "
       "2026-11-23T08:00:00Z"},
      {"plan --now 2026-11-23",
       "! --now cannot be \"2026-11-23\": expected an instant such as "
       "2026-11-23T08:00:00Z"},
      {"import --id 27e59f42",
       "! --id cannot be \"27e59f42\": expected a token's id such as @i"},
      {"verify sha256:12",
       "! DIGEST cannot be \"sha256:12\": expected a digest as printed by "
       "`patform plan`: sha256: and 64 hexadecimal digits"},
      {"apply --approve plan.json",
       "! --approve cannot be \"plan.json\": expected a digest as printed by "
       "`patform plan`: sha256: and 64 hexadecimal digits"},
      {"help plna", "help word=plna"},  // the command says it
      // Where the calendar ends.
      {"plan --now infinite-future",
       "! --now cannot be \"infinite-future\": expected an instant between the "
       "years 2000 and 9000"},
      {"plan --now 9999-12-31T23:59:59Z",
       "! --now cannot be \"9999-12-31T23:59:59Z\": expected an instant "
       "between "
       "the years 2000 and 9000"},
      {"plan --now 0001-01-01T00:00:00Z",
       "! --now cannot be \"0001-01-01T00:00:00Z\": expected an instant "
       "between "
       "the years 2000 and 9000"},
      // JSON, whatever prints.
      {"plan --json", "plan format=json"},
      {"--json version", "version format=json"},
      {"apply --json", "apply json"},
      {"plan --json --format json", "plan format=json"},
      {"plan --json --format sarif",
       "! --json does not go with --format sarif: choose one"},
      // Choices.
      {"plan --format jsno",
       "! --format cannot be \"jsno\"; did you mean json? It takes one of "
       "text, json, markdown, html, sarif, junit, github, azure."},
      {"plan --format yaml",
       "! --format cannot be \"yaml\". It takes one of text, json, "
       "markdown, html, sarif, junit, github, azure."},
      {"show p --format JSON",
       "! --format cannot be \"JSON\"; did you mean json? It takes one of "
       "text, json, markdown, html, sarif, junit, github, azure."},
      {"validate --format json", "validate format=json"},
      {"validate --format sarif",
       "! --format cannot be \"sarif\". It takes one of text, json, github, "
       "azure."},
      {"status --within soon",
       "! --within cannot be \"soon\": expected a duration such as 14d"},
      {"status --metrics a.txt",
       "! --metrics cannot be \"a.txt\": expected a file named *.prom: node "
       "exporter reads no others"},
      {"apply --metrics a/.prom",
       "! --metrics cannot be \"a/.prom\": expected a file named *.prom: node "
       "exporter reads no others"},
      {"status --format sarif",
       "! --format cannot be \"sarif\". It takes one of text, json, html, "
       "ics."},
      {"audit --format jason",
       "! --format cannot be \"jason\"; did you mean json? It takes one of "
       "text, json, sarif."},
      {"plan --api-version 7.1",
       "! --api-version cannot be \"7.1\". It takes one of 7.1-preview.1, "
       "7.2-preview.1."},
      {"schema plans",
       "! NAME cannot be \"plans\"; did you mean plan? It takes one of "
       "configuration, plan, events, status, saved-plan, snapshot, audit, "
       "whoami, doctor."},
      {"plan --format \x1b[31m",
       "! --format cannot be \"\\x1b[31m\". It takes one of text, json, "
       "markdown, html, sarif, junit, github, azure."},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(absl::StrReplaceAll(Try(row.line), {{kId, "@i"}}), row.want)
        << row.line;
  }
}

TEST(Arguments, WhatDoesNotGoTogether) {
  constexpr char kRotate[] =
      "! --rotate does not go with a saved plan, which already names what to "
      "rotate";
  constexpr char kTarget[] =
      "! --target does not go with a saved plan: it is limited already, or "
      "meant as a whole";
  constexpr char kBaseline[] =
      "! --baseline does not go with --snapshot: a snapshot is what it would "
      "be compared with";
  const Row rows[] = {
      {"apply p.json --rotate a", kRotate},
      {"verify @d p.json --replace a", kRotate},
      {"apply --target a p.json", kTarget},
      {"verify @d p.json --target a", kTarget},
      {"apply --identity a p.json",
       "! --identity does not go with a saved plan: it is limited already, or "
       "meant as a whole"},
      {"status --identity a ci",
       "! --identity does not go with names of tokens: name them by their "
       "addresses, as in identity.NAME/token.NAME"},
      {"status --metrics a.prom ci",
       "! --metrics does not go with names of tokens: its file is about all "
       "tokens of the workspace, and what is left out would look renewed"},
      {"apply --metrics a.prom --identity b",
       "! --metrics does not go with --identity: its file is about all tokens "
       "of the workspace, and what is left out would look renewed"},
      {"plan --metrics a.prom --now 2026-01-01T00:00:00Z",
       "! --metrics does not go with --now: an alarm is about what is, not "
       "about what would be"},
      {"apply --maintenance --rotate a",
       "! --rotate does not go with --maintenance: what somebody asks for is "
       "not maintenance. Leave --maintenance out"},
      {"apply p.json --maintenance",
       "! --maintenance does not go with a saved plan: it does what is due "
       "now, and not what was planned then"},
      {"apply --maintenance --approve @d",
       "! --maintenance does not go with --approve, which does what was "
       "approved and maintenance. Leave one of them out"},
      {"apply --allow-revocations 0 --maintenance",
       "! --allow-revocations does not go with --maintenance, which revokes no "
       "token of its own accord"},
      {"plan --snapshot w --baseline b", kBaseline},
      {"login --browser --device-code",
       "! --device-code does not go with --browser: they are two ways to sign "
       "in"},
      {"login --no-browser --device-code",
       "! --device-code does not go with --no-browser: it needs no browser on "
       "this machine in any case"},
      {"login --no-browser --browser",
       "! --browser does not go with --no-browser"},
      {"verify @d --snapshot w --baseline b", kBaseline},
  };
  std::set<std::string> seen;
  for (const Row& row : rows) {
    EXPECT_EQ(Try(row.line), row.want) << row.line;
    seen.insert(row.want);
  }
  EXPECT_EQ(seen.size(), Conflicts().size());
}

TEST(Arguments, OneFileForTwoThings) {
  const Row rows[] = {
      {"plan --out p --json-into ./p",
       "! --out and --json-into are both p, which can hold only one of them"},
      {"plan --json-into a --markdown-into b/../a",
       "! --json-into and --markdown-into are both a, which can hold only one "
       "of them"},
      {"plan --snapshot w --out w",
       "! --snapshot and --out are both w, which can hold only one of them"},
      {"plan --policy w --out w",
       "! --policy and --out are both w, which can hold only one of them"},
      {"show p --junit-into p",
       "! PLAN and --junit-into are both p, which can hold only one of them"},
  };
  for (const Row& row : rows) EXPECT_EQ(Try(row.line), row.want) << row.line;
  // Neither is replaced: an earlier plan's successor, and what is not a file.
  for (const char* line :
       {"plan --baseline p --out p",
        "plan --json-into /dev/null --markdown-into /dev/null"}) {
    EXPECT_NE(Try(line)[0], '!') << line;
  }
}

TEST(Arguments, VariablesFillInWhatIsNotGiven) {
  struct {
    Variables variables;
    const char* line;
    const char* want;
  } rows[] = {
      {{{"PATFORM_CONFIG", "a.toml"}}, "plan", "plan config=a.toml"},
      {{{"PATFORM_CONFIG", "a.toml"}}, "plan -c b", "plan config=b"},
      {{{"PATFORM_CONFIG", ""}}, "plan", "plan"},
      {{{"PATFORM_POLICY", "p"}}, "validate", "validate policy=p"},
      {{{"PATFORM_SERVICE_URL", "u"}, {"PATFORM_API_VERSION", "7.2-preview.1"}},
       "plan",
       "plan url=u api_version=7.2-preview.1"},
      {{{"PATFORM_PARALLELISM", "3"}}, "apply", "apply parallelism=3"},
      {{{"PATFORM_PARALLELISM", "3"}},
       "apply --parallelism 4",
       "apply parallelism=4"},
      {{{"PATFORM_ALLOW_HOSTS", "a,b"}},
       "comment p",
       "comment plan_file=p allow_hosts=[a b]"},
      {{{"PATFORM_ALLOW_HOSTS", "a,b"}},
       "comment p --allow-host c",
       "comment plan_file=p allow_hosts=[c]"},
      {{{"PATFORM_ALLOW_HOSTS", " a, b:8443\tc"},
        {"PATFORM_ALLOW_PROGRAMS", "1"}},
       "plan",
       "! PATFORM_ALLOW_HOSTS cannot be \" a, b:8443\\tc\": expected a host "
       "such as git.contoso.example or git.contoso.example:8443, without "
       "https://"},
      {{{"PATFORM_ALLOW_HOSTS", " a, b:8443"}, {"PATFORM_ALLOW_PROGRAMS", "1"}},
       "plan",
       "plan allow_hosts=[a b:8443] allow_programs"},
      {{{"PATFORM_ALLOW_PROGRAMS", "0"}}, "plan", "plan"},
      {{{"PATFORM_ALLOW_HOSTS", "https://a"}},
       "plan",
       "! PATFORM_ALLOW_HOSTS cannot be \"https://a\": expected a host such as "
       "git.contoso.example or git.contoso.example:8443, without https://"},
      // Not one of this command's: not even looked at.
      {{{"PATFORM_PARALLELISM", "x"}, {"PATFORM_API_VERSION", "x"}},
       "version",
       "version"},
      {{{"PATFORM_PARALLELISM", "x"}}, "plan", "plan"},
      {{{"PATFORM_PARALLELISM", "x"}}, "apply --help", "help word=apply"},
      // The message names what has to be changed.
      {{{"PATFORM_PARALLELISM", "x"}},
       "apply",
       "! PATFORM_PARALLELISM cannot be \"x\": expected a number from 1 to "
       "64"},
      {{{"PATFORM_API_VERSION", "7.2-preview.2"}},
       "plan",
       "! PATFORM_API_VERSION cannot be \"7.2-preview.2\"; did you mean "
       "7.2-preview.1? It takes one of 7.1-preview.1, 7.2-preview.1."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Try(row.line, row.variables), row.want) << row.line;
  }
}

// A value that the flag takes.
std::string SampleOf(const Flag& flag) {
  if (!flag.choices.empty()) return flag.choices.back();
  if (flag.valid != nullptr) {
    for (const char* sample : {"14d", "a.prom"}) {
      if (flag.valid(sample)) return sample;
    }
    return kDigest;
  }
  if (std::holds_alternative<int Arguments::*>(flag.target)) return "7";
  if (std::holds_alternative<std::optional<absl::Time> Arguments::*>(
          flag.target)) {
    return "2026-11-23T08:00:00Z";
  }
  if (std::holds_alternative<std::vector<AuthorizationId> Arguments::*>(
          flag.target)) {
    return kId;
  }
  // Another one for each: two flags may not name one file.
  return absl::StrCat("sample-of-", flag.Name());
}

// A line with all that the command cannot do without.
std::vector<std::string> LeastOf(const Command& command) {
  std::vector<std::string> words = {command.name};
  for (const Flag& argument : command.arguments) {
    if (argument.required) words.push_back(SampleOf(argument));
  }
  for (const Flag& flag : command.flags) {
    if (!flag.required) continue;
    words.push_back(absl::StrCat(flag.Name(), "=", SampleOf(flag)));
  }
  return words;
}

std::string TryWith(std::vector<std::string> words,
                    const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  const absl::StatusOr<Arguments> parsed = Parse(words);
  return parsed.ok() ? Dump(*parsed).ToString()
                     : absl::StrCat("! ", parsed.status().message());
}

// What holds for every flag of the table, the next one as well.
TEST(Arguments, EachNameOfEachFlag) {
  int tried = 0;
  for (const Command& command : Commands()) {
    const std::vector<std::string> least = LeastOf(command);
    const std::string without = TryWith(least, {});
    ASSERT_EQ(without[0], command.name[0]) << without;
    std::vector<Flag> flags = GlobalFlags();
    flags.erase(flags.begin(), flags.begin() + 2);  // --help and --version
    for (const Flag& flag : Join({flags, command.flags})) {
      if (flag.required) continue;
      std::set<std::string> dumps;
      for (const std::string& name : flag.Names()) {
        SCOPED_TRACE(absl::StrCat(command.name, " ", name));
        ++tried;
        if (flag.IsSwitch()) {
          dumps.insert(TryWith(least, {name}));
          dumps.insert(TryWith(least, {name + "=true"}));
          continue;
        }
        const std::string value = SampleOf(flag);
        dumps.insert(TryWith(least, {name, value}));
        EXPECT_EQ(TryWith(least, {name}),
                  absl::StrCat("! ", name, " needs a value: ", name, " ",
                               flag.value));
        const std::string twice = TryWith(least, {name, value, name, value});
        if (flag.IsRepeatable()) {
          EXPECT_EQ(twice[0], command.name[0]) << twice;
        } else {
          EXPECT_EQ(twice, absl::StrCat("! ", flag.Name(),
                                        " is given 2 times; it takes one "
                                        "value"));
        }
        if (!flag.choices.empty()) {
          EXPECT_EQ(
              TryWith(least, {name, "xyzzy"}),
              absl::StrCat("! ", name, " cannot be \"xyzzy\". It takes one of ",
                           absl::StrJoin(flag.choices, ", "), "."));
        }
        for (const std::string& choice : flag.choices) {
          EXPECT_EQ(TryWith(least, {name, choice})[0], command.name[0]);
        }
      }
      // All names do the same, and something.
      if (flag.IsSwitch() && flag.Name()[1] != '-') continue;
      std::erase_if(dumps, [](const std::string& d) { return d[0] == '!'; });
      EXPECT_EQ(dumps.size(), 1u) << command.name << " " << flag.names;
      EXPECT_EQ(dumps.count(without), 0u) << command.name << " " << flag.names;
    }
  }
  EXPECT_GE(tried, 150);
}

TEST(Arguments, TheAdviceNamesTheCommand) {
  const auto advice = [](const std::string& line) {
    return std::string(
        *Parse(Words(line)).status().GetPayload("patform/advice"));
  };
  EXPECT_EQ(advice("plna"),
            "Run `patform help` for the commands, `patform COMMAND --help` for "
            "one.");
  EXPECT_EQ(advice("plan --formta"),
            "Run `patform plan --help` for its flags and examples.");
  EXPECT_EQ(advice("show"),
            "Run `patform show --help` for its flags and examples.");
}

}  // namespace
}  // namespace patform::cli
