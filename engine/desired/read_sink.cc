#include "engine/desired/read_sink.h"

#include <algorithm>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/digest.h"
#include "engine/desired/interpolate.h"
#include "engine/desired/table_reader.h"
#include "engine/desired/text_file.h"

namespace patform {
namespace {

using Kind = SettingKey::Kind;

// A path is part of every place below it: a long one in a file of many places
// would fill the memory. Linux takes 4,096 bytes with what comes behind it.
constexpr size_t kLongestPath = 1024;

template <typename Type>
std::vector<std::string> NamesOf(absl::Span<const Type> types) {
  std::vector<std::string> names;
  for (const Type& type : types) names.push_back(type.name);
  return names;
}

class SettingsReader {
 public:
  SettingsReader(Problems& problems, TableReader& reader,
                 const std::string& what, const Position& header,
                 const SettingsContext& context)
      : problems_(problems),
        reader_(reader),
        what_(what),
        header_(header),
        context_(context),
        values_({{"organization", context.organization}}),
        // Counted here rather than by looking for "${": $${ is none.
        environment_([this](const std::string& name) {
          used_ = true;
          return context_.variables(name);
        }) {}
  SettingsReader(const SettingsReader&) = delete;
  SettingsReader& operator=(const SettingsReader&) = delete;

  // Config: a SinkConfig or an AuthConfig.
  template <typename Config>
  void Read(const std::vector<SettingKey>& keys, Config& config) {
    std::map<std::string, SettingValue>& settings = config.settings;
    std::map<std::string, SettingValue>& written = config.written;
    for (const SettingKey& key : keys) {
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
            // What the file says is what every output shows.
            written[key.name] = *text;
            settings[key.name] = Text(key, *text);
          }
          break;
        case Kind::kPlace:
          if (const auto text = reader_.String(key.name)) {
            settings[key.name] = written[key.name] = *text;
            if constexpr (std::is_same_v<Config, AuthConfig>) {
              config.kept_at = ReadPlace(reader_.At(key.name), *text);
            }
          }
          break;
        case Kind::kFile:
          if (const auto name = reader_.String(key.name)) {
            ReadFile(key, *name, config);
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
  // A text or path as it is used.
  std::string Text(const SettingKey& key, const std::string& text) {
    const Position at = reader_.At(key.name);
    std::string filled = Fill(key.name, text, at);
    // After filling in: an empty variable is as bad as an empty text.
    if (filled.empty()) {
      problems_.Error(at, absl::StrCat("`", key.name, "` is empty"));
    }
    CheckChoice(key, text, filled);
    CheckShape(key, text, filled);
    if (key.kind != Kind::kPath) return filled;
    if (filled.size() > kLongestPath) {
      problems_.Error(at, absl::StrCat("`", key.name, "` is longer than ",
                                       kLongestPath, " bytes"));
      filled.resize(kLongestPath);
    }
    // Of the file, not of whoever runs the program: a plan and its apply may
    // begin in different folders.
    const std::string& from = context_.directory;
    if (absl::StartsWith(filled, "/")) return filled;
    return absl::StrCat(from, from.empty() ? "" : "/", filled);
  }

  template <typename Config>
  void ReadFile(const SettingKey& key, const std::string& name,
                Config& config) {
    config.written[key.name] = name;
    std::optional<TextFile> file =
        ReadTextFile(problems_, *context_.files, context_.directory, key.name,
                     reader_.At(key.name), name);
    if (!file) return;
    context_.read->push_back(file->path);
    if (key.text_faults != nullptr) {
      ReportFaults(problems_, *file,
                   key.text_faults(file->text, config.settings));
    }
    // Another text is another plan.
    config.written[key.name] = std::move(file->written);
    config.settings[key.name] = std::move(file->text);
  }

  // With what the file says: what was filled in is shown to nobody.
  void CheckChoice(const SettingKey& key, const std::string& written,
                   const std::string& filled) {
    const std::vector<std::string>& choices = key.choices;
    if (filled.empty() || choices.empty() ||
        std::find(choices.begin(), choices.end(), filled) != choices.end()) {
      return;
    }
    problems_.Error(
        reader_.At(key.name),
        absl::StrCat("`", key.name, "` cannot be \"", written, "\""),
        absl::StrCat("expected \"", absl::StrJoin(choices, "\" or \""), "\""));
  }

  // Without variables of the environment: messages and plans name the place.
  std::optional<KeptPlace> ReadPlace(const Position& at,
                                     const std::string& text) {
    if (text.find("${") != std::string::npos) {
      problems_.Error(at, "a place cannot contain ${…}",
                      "write the sink and the place as they are: plans and "
                      "messages name them");
      return std::nullopt;
    }
    const absl::StatusOr<std::string> filled = Interpolate(text, values_);
    if (filled.ok()) {
      return ReadKeptPlace(problems_, at, *filled, context_.known);
    }
    problems_.Error(at, std::string(filled.status().message()));
    return std::nullopt;
  }

  void CheckShape(const SettingKey& key, const std::string& written,
                  const std::string& filled) {
    if (key.fault == nullptr || filled.empty()) return;
    const std::string expected = key.fault(filled);
    if (expected.empty()) return;
    problems_.Error(
        reader_.At(key.name),
        absl::StrCat("`", key.name, "` cannot be \"", written, "\""),
        absl::StrCat("expected ", expected));
  }

  std::string Fill(const std::string& key, const std::string& text,
                   const Position& at) {
    absl::StatusOr<std::string> filled =
        Interpolate(text, values_, environment_);
    if (filled.ok()) {
      // With lengths: no two lists of texts come to the same bytes.
      absl::StrAppend(&filled_, key, ":", filled->size(), ":", *filled, ";");
      return *std::move(filled);
    }
    // The text takes its place, so that what else is wrong is found, too.
    problems_.Error(at, std::string(filled.status().message()));
    return text;
  }

  std::string Fingerprint() const {
    // Without a key whoever sees the digest could try likely values against it.
    const Secret* key = context_.fingerprint_key;
    return key == nullptr || key->empty() ? Sha256(filled_)
                                          : HmacSha256(key->Reveal(), filled_);
  }

  Problems& problems_;
  TableReader& reader_;
  const std::string what_;
  const Position header_;
  const SettingsContext& context_;
  const std::map<std::string, std::string> values_;
  const EnvironmentLookup environment_;
  bool used_ = false;   // some text names a variable
  std::string filled_;  // all texts, filled in
};

constexpr size_t kLongestIdentity = 63;

// It is a part of addresses, of flags and of the names of files.
bool IdentityShaped(const std::string& name) {
  return !name.empty() && name.size() <= kLongestIdentity &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

// A table of a sign-in, as messages name it and where it begins.
struct Header {
  std::string name;
  Position at;
};

// What is wrong with the keys of a table together.
void ReportFault(Problems& problems, const Header& header,
                 const SettingsType& type,
                 const std::map<std::string, SettingValue>& settings) {
  if (type.fault == nullptr) return;
  const std::string fault = type.fault(settings);
  if (fault.empty()) return;
  problems.Error(header.at, absl::StrCat(header.name, ": ", fault));
}

// What `source` has in the table of `reader`, and what is wrong with its keys
// together.
void ReadSource(Problems& problems, TableReader& reader, const Header& header,
                const SettingsType& source, const SettingsContext& context,
                AuthConfig& auth) {
  SettingsReader(problems, reader, header.name, header.at, context)
      .Read(source.keys, auth);
  ReportFault(problems, header, source, auth.settings);
  reader.Finish();
}

}  // namespace

SinkConfig ReadSink(Problems& problems, const TomlValue::Member& member,
                    absl::Span<const SinkType> types,
                    const SettingsContext& context) {
  SinkConfig sink;
  sink.name = member.key;
  sink.where = problems.Where(member.at);
  const std::string what = absl::StrCat("[sink.", member.key, "]");
  if (!IsTable(problems, member, "sink")) return sink;
  TableReader reader(problems, member.value, what);
  const std::vector<std::string> names = NamesOf(types);
  if (!reader.Has("type")) {
    problems.Error(
        member.at, absl::StrCat(what, " has no `type`"),
        absl::StrCat("expected one of: ", absl::StrJoin(names, ", ")));
    return sink;
  }
  const std::optional<int> type = reader.Choice("type", names);
  // Without a type its keys mean nothing: none of them is reported.
  if (!type) return sink;
  sink.type = names[*type];
  sink.reach = types[*type].reach;
  SettingsReader(problems, reader, what, member.at, context)
      .Read(types[*type].keys, sink);
  ReportFault(problems, {what, member.at}, types[*type], sink.settings);
  reader.Finish();
  return sink;
}

AuthConfig ReadIdentity(Problems& problems, const TomlValue::Member& member,
                        absl::Span<const SettingsType> sources,
                        const SettingsContext& context) {
  AuthConfig auth;
  auth.identity = member.key;
  auth.where = problems.Where(member.at);
  const std::string what = absl::StrCat("[identity.", member.key, "]");
  if (!IdentityShaped(member.key)) {
    problems.Error(
        member.at,
        absl::StrCat("\"", member.key, "\" cannot be an identity's name"),
        "expected 1 to 63 of a-z, 0-9, - and _");
  }
  if (!IsTable(problems, member, "identity")) return auth;
  TableReader reader(problems, member.value, what);
  const std::vector<std::string> names = NamesOf(sources);
  if (!reader.Has("source")) {
    problems.Error(member.at, absl::StrCat(what, " has no `source`"),
                   "only [auth] has a default: how does this user sign in?");
    return auth;
  }
  const std::optional<int> choice = reader.Choice("source", names);
  if (!choice) return auth;
  auth.source = names[*choice];
  if (sources[*choice].one_user) {
    problems.Error(
        reader.At("source"),
        absl::StrCat("\"", auth.source, "\" cannot be an identity's source"),
        "it signs in one user alone, the one of [auth]");
  }
  ReadSource(problems, reader, {what, member.at}, sources[*choice], context,
             auth);
  return auth;
}

AuthConfig ReadAuth(Problems& problems, const TomlValue& table,
                    absl::Span<const SettingsType> sources,
                    const SettingsContext& context) {
  AuthConfig auth;
  auth.where = problems.Where(table.at);
  TableReader reader(problems, table, "[auth]");
  // A program without any source has no default either.
  if (reader.Has("source") || sources.empty()) {
    const std::optional<int> choice = reader.Choice("source", NamesOf(sources));
    if (!choice) return auth;
    sources.remove_prefix(*choice);
  }
  auth.source = sources.front().name;
  ReadSource(problems, reader, {"[auth]", table.at}, sources.front(), context,
             auth);
  return auth;
}

}  // namespace patform
