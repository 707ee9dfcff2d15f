#include "providers/sinks/program/exec_sink.h"

#include <memory>

#include "engine/ports/grants.h"
#include "providers/sinks/record_json.h"
#include "providers/system/program.h"
#include "providers/system/system_clock.h"
#include "tests/providers/sinks/testing.h"
#include "tests/source_dir.h"

namespace patform::sinks {
namespace {

// A store without versions, as short as one can be: $1 is its folder.
constexpr char kPlainStore[] = R"SH(
data=$1/$PATFORM_AT
record=$data.json
case $2 in
  read) [ -e "$data" ] || exit 3
    [ -e "$record" ] || { echo "{}"; exit; }
    printf '{"record":%s}' "$(cat "$record")" ;;
  put) cat > "$data"; printf %s "$PATFORM_RECORD" > "$record" ;;
  remove) [ -e "$data" ] || exit 3
    rm "$data" "$record" ;;
esac)SH";

std::string Example() {
  return absl::StrCat(kSourceDir, "/examples/sinks/exec/store.sh");
}

// A sink, and what it stands on.
class ExecTest : public TempDirTest {
 protected:
  // `script` may run the store of the examples as "$0" "$@".
  SinkConfig Script(const std::string& script, bool compare_and_set) const {
    return Command({"sh", "-c", script, Example(), root_}, compare_and_set);
  }
  static SinkConfig Command(std::vector<std::string> words,
                            bool compare_and_set) {
    SinkConfig config;
    config.name = "store";
    config.type = "exec";
    config.settings["command"] = config.written["command"] = std::move(words);
    config.settings["compare_and_set"] = compare_and_set;
    return config;
  }
  SinkConfig Good() const { return Command({Example(), root_}, true); }

  std::unique_ptr<SecretSink> Open(const SinkConfig& config) {
    auto sink = ExecRow().open({config, &auth_, machine_});
    EXPECT_TRUE(sink.ok()) << sink.status();
    return sink.ok() ? *std::move(sink) : nullptr;
  }
  std::string Show(const SinkConfig& config) {
    return sinks::Show(Open(config)->Read(place_, Soon()));
  }
  absl::StatusOr<std::string> Put(const SinkConfig& config, int n,
                                  const std::string& expected,
                                  Deadline deadline = Soon()) {
    return Open(config)->Put(place_, Secret(FakeToken(n)), RecordOf(n, place_),
                             expected, deadline);
  }
  // What a consumer reads; "": nothing.
  std::string Served() const {
    const fs::path at = fs::path(root_) / "ci";
    return ReadFileText(fs::is_directory(at) ? at / "secret" : at);
  }

  const Delivery place_ = At("ci");
  AuthConfig auth_;
  Grants grants_ = [] {
    Grants grants;
    grants.programs = true;
    return grants;
  }();
  system::SystemClock clock_{[] { return false; }};
  system::SystemPrograms programs_{[] { return false; }};
  Machine machine_ = [this] {
    Machine machine;
    machine.clock = &clock_;
    machine.grants = &grants_;
    machine.programs = &programs_;
    return machine;
  }();
};

TEST_F(ExecTest, TheExampleIsAStore) {
  const auto sink = Open(Good());
  EXPECT_EQ(sinks::Show(sink->Read(place_, Soon())), "absent");
  EXPECT_EQ(sink->Check(place_, Soon()), absl::OkStatus());
  EXPECT_EQ(Tree(), "");
  std::string version;
  for (const int n : {1, 2, 3}) {
    const auto put = Put(Good(), n, version);
    ASSERT_TRUE(put.ok()) << put.status();
    const HeldRecord held = sink->Read(place_, Soon());
    ASSERT_EQ(held.state, HeldRecord::State::kPresent) << held.why;
    EXPECT_EQ(*held.record, RecordOf(n, place_));
    EXPECT_EQ(held.version, *put);
    EXPECT_TRUE(held.compare_and_set);
    EXPECT_NE(*put, version);
    EXPECT_EQ(Served(), FakeToken(n));
    // Another run that knows less.
    EXPECT_EQ(Put(Good(), 9, version).status().code(),
              absl::StatusCode::kAborted);
    EXPECT_EQ(Served(), FakeToken(n));
    version = *put;
  }
  EXPECT_EQ(sink->Remove(place_, "another", Soon()).code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(sink->Remove(place_, version, Soon()), absl::OkStatus());
  EXPECT_EQ(sink->Remove(place_, version, Soon()).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Tree(), "");
}

// The last writer wins there, and its record is the version.
TEST_F(ExecTest, AStoreWithoutVersions) {
  const SinkConfig plain = Script(kPlainStore, false);
  WriteFileText(root_ + "/ci", "somebody's");
  EXPECT_EQ(Show(plain), "foreign");
  std::string version = Open(plain)->Read(place_, Soon()).version;
  EXPECT_EQ(version, "foreign");
  for (const int n : {1, 2}) {
    const auto put = Put(plain, n, version);
    ASSERT_TRUE(put.ok()) << put.status();
    const HeldRecord held = Open(plain)->Read(place_, Soon());
    ASSERT_EQ(held.state, HeldRecord::State::kPresent) << held.why;
    EXPECT_EQ(*held.record, RecordOf(n, place_));
    EXPECT_EQ(held.version, *put);
    EXPECT_FALSE(held.compare_and_set);
    EXPECT_NE(*put, version);
    version = *put;
  }
  EXPECT_EQ(Served(), FakeToken(2));
  EXPECT_EQ(Open(plain)->Remove(place_, version, Soon()), absl::OkStatus());
  EXPECT_EQ(Show(plain), "absent");
  EXPECT_FALSE(Open(plain)->Read(place_, Soon()).compare_and_set);
}

// What a program may do to a put, and what is then said of it. Whatever was
// said is true, a record names what is served, and the next put succeeds.
TEST_F(ExecTest, WhateverAPutComesTo) {
  using Code = absl::StatusCode;
  const struct {
    const char* name;
    const char* script;  // of put
    Code want;
    bool written;
  } rows[] = {
      {"lost answer", R"("$0" "$@"; kill -9 $$)", Code::kUnknown, true},
      {"killed before", R"(kill -9 $$)", Code::kUnknown, false},
      {"slow", R"(exec tail -f /dev/null)", Code::kUnknown, false},
      {"slow at its end", R"("$0" "$@"; exec tail -f /dev/null)",
       Code::kUnknown, true},
      {"failed", R"(exit 1)", Code::kUnknown, false},
      {"failed after it", R"("$0" "$@"; exit 7)", Code::kUnknown, true},
      {"refused", R"(exit 5)", Code::kFailedPrecondition, false},
      {"moved", R"(exit 4)", Code::kAborted, false},
      {"nonsense", R"(exit 3)", Code::kUnknown, false},
      {"malformed", R"("$0" "$@"; echo '{')", Code::kUnknown, true},
      {"no version", R"("$0" "$@" > /dev/null)", Code::kUnknown, true},
      {"no object", R"("$0" "$@" > /dev/null; echo '"v1"')", Code::kUnknown,
       true},
      {"version of a number", R"("$0" "$@" > /dev/null; echo '{"version":1}')",
       Code::kUnknown, true},
      {"endless", R"("$0" "$@" > /dev/null; cat /dev/zero)", Code::kUnknown,
       true},
      {"reads nothing", R"(exec <&-; exit 5)", Code::kFailedPrecondition,
       false},
  };
  for (const auto& row : rows) {
    std::string version;
    const auto first = Put(Good(), 1, "");
    ASSERT_TRUE(first.ok()) << first.status();
    const SinkConfig bad = Script(
        absl::StrCat("[ $2 = put ] || exec \"$0\" \"$@\"\n", row.script), true);
    const bool slow = std::string_view(row.name).starts_with("slow");
    const auto put = Put(
        bad, 2, *first,
        slow ? std::chrono::steady_clock::now() + std::chrono::milliseconds(300)
             : Soon());
    EXPECT_EQ(put.status().code(), row.want) << row.name << put.status();
    EXPECT_EQ(Served(), FakeToken(row.written ? 2 : 1)) << row.name;
    const HeldRecord held = Open(bad)->Read(place_, Soon());
    ASSERT_EQ(held.state, HeldRecord::State::kPresent) << row.name << held.why;
    EXPECT_EQ(held.record->generation, row.written ? 2 : 1) << row.name;
    // What was late comes now: another put with what that one expected.
    const auto healed = Put(Good(), 3, held.version);
    EXPECT_TRUE(healed.ok()) << row.name << healed.status();
    EXPECT_EQ(Put(Good(), 2, *first).status().code(), Code::kAborted);
    EXPECT_EQ(Served(), FakeToken(3)) << row.name;
    ASSERT_TRUE(Open(Good())->Remove(place_, *healed, Soon()).ok());
  }
}

TEST_F(ExecTest, ARemovalIsAsUncertain) {
  using Code = absl::StatusCode;
  const struct {
    const char* script;
    Code want;
  } rows[] = {
      {"exit 0", Code::kOk},          {"exit 1", Code::kUnknown},
      {"exit 3", Code::kNotFound},    {"exit 4", Code::kAborted},
      {"kill -9 $$", Code::kUnknown}, {"exit 5", Code::kFailedPrecondition}};
  for (const auto& row : rows) {
    EXPECT_EQ(Open(Script(row.script, true))
                  ->Remove(place_, "version", Soon())
                  .code(),
              row.want)
        << row.script;
  }
}

TEST_F(ExecTest, AnErrorIsNeverAbsence) {
  const std::string begins =
      "unknown: sink \"store\": reading the record of s:ci: sh";
  const std::string record = RecordToJson(RecordOf(1, place_));
  const struct {
    std::string script;
    bool compare_and_set;
    std::string want;  // behind `begins`, or all of it
  } rows[] = {
      {"exit 1", false, " ended with exit code 1"},
      {"echo 'no route to it' >&2; exit 7", false,
       " ended with exit code 7: no route to it"},
      {"kill -9 $$", false, " ended with exit code 137"},
      {"exit 4", false, " ended with exit code 4"},
      {"exit 0", false,
       ": what it printed is not a JSON object (it is not shown)"},
      {"echo '[]'", false,
       ": what it printed is not a JSON object (it is not shown)"},
      {"echo '{\"record\":'", false,
       ": what it printed is not a JSON object (it is not shown)"},
      {"echo '{\"record\":\"{}\"}'", false,
       ": its \"record\" is not an object (it is not shown)"},
      {"echo '{\"version\":\"a b\"}'", false,
       ": its \"version\" is not 1 to 256 printable characters of ASCII "
       "without spaces (it is not shown)"},
      {"echo '{\"version\":\"\"}'", false,
       ": its \"version\" is not 1 to 256 printable characters of ASCII "
       "without spaces (it is not shown)"},
      {"echo '{}'", true,
       ": it printed no \"version\", which compare_and_set needs"},
      {"cat /dev/zero", false, ": it printed more than 65536 bytes"},
      // What people edited, or a later version wrote.
      {"echo '{\"record\":{\"format\":2}}'", false, "foreign"},
      {"echo '{\"record\":null,\"version\":\"7\"}'", true, "foreign"},
      {absl::StrCat("echo '{\"record\":", record, ",\"more\":1}'"), false,
       "present 1"},
      {"exit 3", false, "absent"},
  };
  for (const auto& row : rows) {
    // RecordOf's name has a quote and a line feed, which echo would eat.
    const std::string script =
        row.want == "present 1"
            ? absl::StrCat("cat <<'END'\n{\"record\":", record,
                           ",\"more\":1}\nEND")
            : row.script;
    const std::string shown = Show(Script(script, row.compare_and_set));
    EXPECT_EQ(shown, row.want.find(' ') == 0 || row.want.find(':') == 0
                         ? begins + row.want
                         : row.want);
  }
  EXPECT_EQ(Show(Command({"/nowhere/store"}, false)),
            "unknown: sink \"store\": reading the record of s:ci: there is no "
            "program /nowhere/store");
  EXPECT_EQ(Show(Command({root_}, false)),
            absl::StrCat(
                "unknown: sink \"store\": reading the record of s:ci: ", root_,
                " may not be run"));
}

TEST_F(ExecTest, ChecksBeforeAnythingIsMinted) {
  EXPECT_EQ(
      Open(Good())->Check(At("../ci"), Soon()).ToString(),
      absl::StrCat("FAILED_PRECONDITION: sink \"store\": checking "
                   "s:../ci: ",
                   Example(), " ended with exit code 5: not a name: ../ci"));
  for (const char* script : {"exit 1", "exit 3", "exit 4", "exit 5"}) {
    EXPECT_EQ(Open(Script(script, true))->Check(place_, Soon()).code(),
              absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(Open(Good())->Check(place_, Past()).ToString(),
            "DEADLINE_EXCEEDED: sink \"store\": checking s:ci: the time was up "
            "before the program was started");
  EXPECT_EQ(Tree(), "");
}

// On standard input alone: not in its words, not in its environment.
TEST_F(ExecTest, GivesTheSecretOnStandardInputAlone) {
  const SinkConfig config = Script(
      "env > $1/env; tr '\\0' '\\n' < /proc/$$/cmdline > $1/words; "
      "cat > $1/input",
      false);
  const auto put = Open(config)->Put(At("a b", "K'EY"), Secret(FakeToken(1)),
                                     RecordOf(1, place_), "v-1", Soon());
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(FilesWith(FakeToken(1)), "input");
  EXPECT_EQ(ReadFileText(root_ + "/input"), FakeToken(1));
  std::string ours;
  for (const std::string_view name :
       {"PATFORM_AT=", "PATFORM_EXPECTED=", "PATFORM_KEY=", "PATFORM_RECORD=",
        "PATFORM_VALID_TO="}) {
    const std::string env = ReadFileText(root_ + "/env");
    const size_t at = env.find(name);
    ASSERT_NE(at, env.npos) << name;
    absl::StrAppend(&ours, env.substr(at, env.find('\n', at) - at), "\n");
  }
  EXPECT_EQ(ours, absl::StrCat("PATFORM_AT=a b\nPATFORM_EXPECTED=v-1\n"
                               "PATFORM_KEY=K'EY\nPATFORM_RECORD=",
                               RecordToJson(RecordOf(1, place_)),
                               "\nPATFORM_VALID_TO=2027-01-15T08:00:00."
                               "1033333Z\n"));
  const std::string words = ReadFileText(root_ + "/words");
  EXPECT_TRUE(std::string_view(words).ends_with("\nput\n")) << words;
}

TEST_F(ExecTest, TakesValuesOfEverySize) {
  for (const size_t size : {size_t{1}, size_t{32} << 10}) {
    const std::string value(size, 'v');
    const auto put = Open(Good())->Put(place_, Secret(value),
                                       RecordOf(1, place_), "", Soon());
    ASSERT_TRUE(put.ok()) << put.status();
    EXPECT_EQ(Served(), value);
    EXPECT_EQ(Open(Good())->Remove(place_, *put, Soon()), absl::OkStatus());
  }
}

// A shell with -x, curl -v and the like print what they are given.
TEST_F(ExecTest, NoMessageShowsTheSecret) {
  const std::string token = FakeToken(1);
  for (const char* print :
       {"cat >&2", "base64 >&2", "base64 -w 0 >&2", "base64 -w 20 >&2",
        "{ printf :; cat; } | base64 >&2", "{ printf me:; cat; } | base64 >&2",
        "v=$(cat); printf 'Basic %s' \"$(printf %s \":$v\" | base64)\" >&2",
        "head -c 40 >&2", "od -An -tx1 | tr -d ' \\n' >&2", "set -x; v=$(cat)",
        "v=$(cat); printf '{\"version\":\"%s\"}' \"$v\""}) {
    const auto put = Put(Script(absl::StrCat(print, "; exit 5"), true), 1, "");
    const std::string message = put.status().ToString();
    for (size_t at = 0; at + 10 <= token.size(); at += 5) {
      EXPECT_EQ(message.find(token.substr(at, 10)), message.npos)
          << print << ": " << message;
    }
    EXPECT_EQ(message.find("bm90LWEtcGF0"), message.npos) << message;
    EXPECT_NE(message.find("exit code 5"), message.npos) << message;
  }
  EXPECT_EQ(Put(Script("echo before $(cat) after >&2; exit 5", true), 1, "")
                .status()
                .message(),
            "sink \"store\": writing to s:ci: sh ended with exit code 5: "
            "before [redacted] after");
}

TEST_F(ExecTest, RunsOnlyWhatTheOperatorAllows) {
  grants_.programs = false;
  const std::string want =
      "sink \"store\" runs a program, which a configuration alone may not. "
      "Where you trust it: --allow-programs, or PATFORM_ALLOW_PROGRAMS=1";
  const SinkConfig config = Script("touch $1/ran", false);
  const Opening opening{config, &auth_, machine_};
  EXPECT_EQ(ExecRow().open(opening).status(),
            absl::PermissionDeniedError(want));
  EXPECT_EQ(ExecRow().open_reader(opening).status(),
            absl::PermissionDeniedError(want));
  EXPECT_EQ(Tree(), "");
}

TEST_F(ExecTest, SettingsThatCannotBe) {
  SinkConfig config = Command({""}, false);
  const Opening opening{config, &auth_, machine_};
  EXPECT_EQ(ExecRow().open(opening).status().message(),
            "sink \"store\": command is empty: its first item is the program");
  config = Command({"true"}, false);
  config.settings["timeout"] = std::string("2m");
  EXPECT_EQ(ExecRow().open(opening).status().message(),
            "sink \"store\": timeout \"2m\": expected a span from \"1s\" to "
            "\"1m\"");
  for (const char* good : {"1s", "30s", "1m"}) {
    EXPECT_EQ(TimeoutFault(good), "") << good;
  }
  for (const char* bad : {"", "0s", "61s", "30", "1h", "soon"}) {
    EXPECT_NE(TimeoutFault(bad), "") << bad;
  }
}

// Two sinks with one command are one store; nothing of it is shown.
TEST_F(ExecTest, ACommandIsAStore) {
  const auto name = [](std::vector<std::string> words) {
    return *ExecRow().canonical(Command(std::move(words), false));
  };
  EXPECT_EQ(name({"a", "b"}), name({"a", "b"}));
  EXPECT_NE(name({"a", "b"}), name({"a b"}));
  EXPECT_NE(name({"a", "b"}), name({"ab"}));
  EXPECT_EQ(name({"hunter2"}).find("hunter2"), std::string::npos);
}

TEST_F(ExecTest, ReadsManyPlacesInTheirOrder) {
  std::vector<Delivery> places;
  for (int n = 0; n < 20; ++n) places.push_back(At(absl::StrCat("ci", n)));
  for (int n = 0; n < 20; n += 3) {
    ASSERT_TRUE(
        Open(Good())
            ->Put(places[n], Secret("v"), RecordOf(n, places[n]), "", Soon())
            .ok());
  }
  std::vector<const Delivery*> all;
  for (const Delivery& place : places) all.push_back(&place);
  const SinkConfig config = Good();
  const auto reader = ExecRow().open_reader({config, &auth_, machine_});
  ASSERT_TRUE(reader.ok());
  const std::vector<HeldRecord> held = (*reader)->ReadAll(all, Soon());
  ASSERT_EQ(held.size(), places.size());
  for (int n = 0; n < 20; ++n) {
    EXPECT_EQ(sinks::Show(held[n]),
              n % 3 == 0 ? absl::StrCat("present ", n) : "absent");
  }
}

TEST_F(ExecTest, ListsWhatItHolds) {
  const auto listed = [&](const SinkConfig& config) {
    const auto reader = ExecRow().open_reader({config, &auth_, machine_});
    EXPECT_TRUE(reader.ok());
    std::string dump;
    for (const StrayPlace& stray : (*reader)->Recorded({}, Soon())) {
      absl::StrAppend(&dump, stray.place.at, "#", stray.place.key, " ",
                      sinks::Show(stray.held), " ",
                      stray.held.compare_and_set ? "cas" : "", ";");
    }
    return dump;
  };
  EXPECT_EQ(listed(Good()), "");
  for (const int n : {1, 2}) {
    const Delivery place = At(absl::StrCat("ci", n));
    ASSERT_TRUE(Open(Good())
                    ->Put(place, Secret("v"), RecordOf(n, place), "", Soon())
                    .ok());
  }
  EXPECT_EQ(listed(Good()), "ci1# present 1 cas;ci2# present 2 cas;");
  // What cannot be understood is left out.
  const std::string record = RecordToJson(RecordOf(3, At("c", "K")));
  WriteFileText(
      root_ + "/list",
      absl::StrCat("nonsense\n\n{\"at\":\"a\"}\n"
                   "{\"record\":",
                   record, "}\n{\"at\":\"b\",", "\"record\":{}}\n",
                   "{\"at\":\"c\",\"key\":\"K\",", "\"record\":", record, "}"));
  EXPECT_EQ(listed(Script("cat $1/list", false)), "c#K present 3 ;");
  EXPECT_EQ(listed(Script("cat $1/list; exit 64", false)), "");
}

}  // namespace
}  // namespace patform::sinks
