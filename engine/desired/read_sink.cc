#include "engine/desired/read_sink.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/desired/table_reader.h"

namespace patform {
namespace {

enum class Kind { kText, kPath, kFlag, kList };

struct Key {
  const char* name;
  Kind kind;
  bool required;
};

struct TypeKeys {
  const char* type;
  std::vector<Key> keys;
};

// The language of sinks and credential sources, as data.
const std::vector<TypeKeys>& SinkTypes() {
  static const auto& types = *new std::vector<TypeKeys>{
      {"dotenv", {{"path", Kind::kPath, true}}},
      {"exec", {{"command", Kind::kList, true}}},
      {"file",
       {{"path", Kind::kPath, true},
        {"mode", Kind::kText, false},
        {"newline", Kind::kFlag, false}}},
      {"github",
       {{"repository", Kind::kText, true},
        {"environment", Kind::kText, false}}},
      {"key_vault", {{"vault", Kind::kText, true}}},
      {"kubernetes",
       {{"namespace", Kind::kText, true},
        {"kubeconfig", Kind::kPath, false},
        {"context", Kind::kText, false}}},
      {"pipelines", {{"output", Kind::kFlag, false}}},
      {"variable_group",
       {{"project", Kind::kText, true},
        {"group", Kind::kText, true},
        {"organization", Kind::kText, false}}},
      {"vault",
       {{"address", Kind::kText, true},
        {"mount", Kind::kText, true},
        {"namespace", Kind::kText, false}}},
  };
  return types;
}

const std::vector<TypeKeys>& AuthSources() {
  static const std::vector<Key> tenant = {{"tenant", Kind::kText, false},
                                          {"client_id", Kind::kText, false}};
  static const auto& sources = *new std::vector<TypeKeys>{
      {"environment", tenant},
      {"azure-cli", tenant},
      {"exec",
       {{"tenant", Kind::kText, false},
        {"client_id", Kind::kText, false},
        {"command", Kind::kList, true}}},
      {"sign-in", tenant},
      {"refresh-token",
       {{"tenant", Kind::kText, false},
        {"client_id", Kind::kText, false},
        {"sink", Kind::kText, true},
        {"at", Kind::kText, false}}},
  };
  return sources;
}

std::vector<std::string> TypeNames(const std::vector<TypeKeys>& types) {
  std::vector<std::string> names;
  for (const TypeKeys& type : types) names.push_back(type.type);
  return names;
}

class SettingsReader {
 public:
  SettingsReader(Problems& problems, TableReader& reader,
                 const std::string& what, const Position& header,
                 std::map<std::string, std::string> values,
                 const Variables& variables, const std::string& directory)
      : problems_(problems),
        reader_(reader),
        what_(what),
        header_(header),
        values_(std::move(values)),
        variables_(variables),
        directory_(directory),
        environment_([this](const std::string& name) {
          used_ = true;
          return variables_.lookup(name);
        }) {}
  SettingsReader(const SettingsReader&) = delete;
  SettingsReader& operator=(const SettingsReader&) = delete;

  // Config: a SinkConfig or an AuthConfig.
  template <typename Config>
  void Read(const std::vector<Key>& keys, Config& config) {
    std::map<std::string, SettingValue>& settings = config.settings;
    std::map<std::string, SettingValue>& written = config.written;
    for (const Key& key : keys) {
      if (!reader_.Has(key.name)) {
        if (key.required) {
          problems_.Error(header_,
                          absl::StrCat(what_, " has no `", key.name, "`"));
        }
        continue;
      }
      switch (key.kind) {
        case Kind::kText:
        case Kind::kPath:
          if (const auto text = reader_.String(key.name)) {
            written[key.name] = *text;
            std::string filled = Fill(key.name, *text, reader_.At(key.name));
            if (filled.empty()) {
              problems_.Error(reader_.At(key.name),
                              absl::StrCat("`", key.name, "` is empty"));
            }
            if (key.kind == Kind::kPath && !absl::StartsWith(filled, "/")) {
              filled = absl::StrCat(directory_, directory_.empty() ? "" : "/",
                                    filled);
            }
            settings[key.name] = std::move(filled);
          }
          break;
        case Kind::kFlag:
          if (const auto flag = reader_.Bool(key.name)) {
            settings[key.name] = written[key.name] = *flag;
          }
          break;
        case Kind::kList:
          if (auto list = reader_.Strings(key.name)) {
            written[key.name] = *list;
            for (std::string& item : *list) {
              item = Fill(key.name, item, reader_.At(key.name));
            }
            settings[key.name] = *std::move(list);
          }
          break;
      }
    }
    if (used_) config.filled_in = Fingerprint();
  }

 private:
  std::string Fill(const char* key, const std::string& text,
                   const Position& at) {
    absl::StatusOr<std::string> filled =
        Interpolate(text, values_, environment_);
    if (filled.ok()) {
      // With lengths: no two lists of texts come to the same bytes.
      absl::StrAppend(&filled_, key, ":", filled->size(), ":", *filled, ";");
      return *std::move(filled);
    }
    problems_.Error(at, std::string(filled.status().message()));
    return text;
  }

  std::string Fingerprint() const {
    const Secret* key = variables_.fingerprint_key;
    return key == nullptr || key->empty() ? Sha256(filled_)
                                          : HmacSha256(key->Reveal(), filled_);
  }

  Problems& problems_;
  TableReader& reader_;
  const std::string what_;
  const Position header_;
  const std::map<std::string, std::string> values_;
  const Variables& variables_;
  const std::string& directory_;
  const EnvironmentLookup environment_;
  bool used_ = false;   // some text names a variable
  std::string filled_;  // all texts, filled in
};

}  // namespace

std::vector<std::string> SinkTypeNames() { return TypeNames(SinkTypes()); }

SinkConfig ReadSink(Problems& problems, const TomlValue::Member& member,
                    const std::string& organization,
                    const std::string& directory, const Variables& variables) {
  SinkConfig sink;
  sink.name = member.key;
  sink.where = problems.Where(member.at);
  const std::string what = absl::StrCat("[sink.", member.key, "]");
  if (member.value.type != TomlValue::Type::kTable) {
    problems.Error(
        member.value.at,
        absl::StrCat("`sink.", member.key, "` is ", Word(member.value.type),
                     "; expected a table, [sink.NAME]"));
    return sink;
  }
  TableReader reader(problems, member.value, what);
  const std::vector<std::string> names = SinkTypeNames();
  if (!reader.Has("type")) {
    problems.Error(member.at, absl::StrCat(what, " has no `type`"),
                   "expected type = \"file\", \"dotenv\" or another");
    return sink;
  }
  const std::optional<int> type = reader.Choice("type", names);
  if (!type) return sink;
  sink.type = names[*type];
  SettingsReader(problems, reader, what, member.at,
                 {{"organization", organization}}, variables, directory)
      .Read(SinkTypes()[*type].keys, sink);
  reader.Finish();
  const std::string mode = sink.Text("mode", "0600");
  if (sink.type == "file" && mode != "0600" && mode != "0640") {
    problems.Error(
        reader.At("mode"),
        absl::StrCat("`mode` cannot be \"", sink.Shown("mode"), "\""),
        "expected \"0600\" or \"0640\"");
  }
  return sink;
}

AuthConfig ReadAuth(Problems& problems, const TomlValue& table,
                    const std::string& organization,
                    const Variables& variables) {
  AuthConfig auth;
  auth.where = problems.Where(table.at);
  TableReader reader(problems, table, "[auth]");
  const std::vector<std::string> names = TypeNames(AuthSources());
  int source = 0;
  if (reader.Has("source")) {
    const std::optional<int> choice = reader.Choice("source", names);
    if (!choice) return auth;
    source = *choice;
  }
  auth.source = names[source];
  SettingsReader(problems, reader, "[auth]", table.at,
                 {{"organization", organization}}, variables, "")
      .Read(AuthSources()[source].keys, auth);
  reader.Finish();
  return auth;
}

}  // namespace patform
