#include "engine/desired/starter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/desired/schemas.h"
#include "engine/desired/toml_writer.h"

namespace patform {
namespace {

// What of the starter is replaced.
constexpr char kOwnSink[] =
    "[sink.files]\ntype = \"file\"\npath = \"secrets\"\n";
constexpr char kOwnDelivery[] = "{ to = \"files\", at = \"{name}\" }";
constexpr char kBeforeDefaults[] = "# For every token, unless";

// `place`: of a sign-in that is kept in the sink.
void AppendKey(const SettingKey& key, const std::string& place,
               std::string& out) {
  absl::StrAppend(&out, "# ", key.doc, "\n", key.name, " = ");
  if (key.kind == SettingKey::Kind::kPlace) {
    absl::StrAppend(&out, TomlString(place), "\n");
  } else if (!key.example.empty()) {
    absl::StrAppend(&out, key.example, "\n");
  } else if (!key.choices.empty()) {
    absl::StrAppend(&out, TomlString(key.choices.front()), "\n");
  } else {
    absl::StrAppend(&out, key.kind == SettingKey::Kind::kList
                              ? "[\"./program\"]\n"
                              : "\"secrets\"\n");
  }
}

void AppendKeys(const SettingsType& type, const std::string& place,
                std::string& out) {
  for (const SettingKey& key : type.keys) {
    if (key.required || !key.example.empty()) AppendKey(key, place, out);
  }
}

// A file of one's own, which no starter can write.
bool NeedsFile(const SettingsType& type) {
  return std::any_of(
      type.keys.begin(), type.keys.end(), [](const SettingKey& key) {
        return key.required && key.kind == SettingKey::Kind::kFile;
      });
}

bool KeepsInSink(const SettingsType& source) {
  for (const SettingKey& key : source.keys) {
    if (key.required && key.kind == SettingKey::Kind::kPlace) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> StarterWith(const SinkType* sink,
                                        const SettingsType* source) {
  std::string starter(StarterFile());
  std::string name = "files";
  bool variable = false;
  if (sink != nullptr) {
    if (!sink->can.keeps_record) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a ", sink->name,
          " sink keeps no record and cannot be a token's first place: start "
          "with another one"));
    }
    if (NeedsFile(*sink)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a ", sink->name,
          " sink needs a file of yours: start with another one, and see "
          "examples/sinks/",
          sink->name));
    }
    name = sink->name == "file" ? name : sink->name;
    variable = sink->place.key == PlaceRules::Key::kVariable;
    std::string table =
        absl::StrCat("[sink.", name, "]\ntype = \"", sink->name, "\"\n");
    AppendKeys(*sink, "", table);
    std::string delivery = absl::StrCat("{ to = \"", name, "\"");
    if (sink->place.default_at == "{name}") {
      absl::StrAppend(&delivery, ", at = \"{name}\"");
    }
    if (variable) absl::StrAppend(&delivery, ", key = \"NUGET_PAT\"");
    starter = absl::StrReplaceAll(
        starter, {{kOwnSink, table}, {kOwnDelivery, delivery + " }"}});
  }
  if (source == nullptr) return starter;
  if (KeepsInSink(*source) && sink != nullptr && !sink->can.gives_back) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the sign-in \"", source->name, "\" is kept in a sink, and a ",
        sink->name, " sink does not give back what is written to it"));
  }
  const std::string place =
      absl::StrCat(name, variable ? ":.env#SIGN_IN" : ":sign-in");
  std::string table = absl::StrCat(
      "# How patform signs in: `patform help sign-in`\n[auth]\n"
      "source = \"",
      source->name, "\"\n");
  AppendKeys(*source, place, table);
  return absl::StrReplaceAll(
      starter, {{kBeforeDefaults, absl::StrCat(table, "\n", kBeforeDefaults)}});
}

}  // namespace patform
