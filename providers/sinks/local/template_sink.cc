#include "providers/sinks/local/template_sink.h"

#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

namespace patform::sinks {
namespace {

// The choices of the setting, in the enum's order.
std::vector<std::string> Formats() {
  std::vector<std::string> words;
  for (const auto& each : WordsOf(TextFormat())) words.push_back(each.word);
  return words;
}

// For the configuration's reader, which knows neither formats nor placeholders.
std::vector<TextFault> FaultsOf(
    std::string_view text,
    const std::map<std::string, SettingValue>& settings) {
  const auto at = settings.find("format");
  const std::string* word =
      at == settings.end() ? nullptr : std::get_if<std::string>(&at->second);
  // Without one that was reported; what is wrong with any file is found.
  const std::optional<TextFormat> format =
      word == nullptr ? std::nullopt : FindWord<TextFormat>(*word);
  return TemplateFaults(text, format.value_or(TextFormat::kPlain));
}

// A plan that apply would refuse is refused while it is made, as for files.
absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  PATFORM_RETURN_IF_ERROR(FileSink::OptionsOf(opening.config).status());
  PATFORM_RETURN_IF_ERROR(TemplateSink::OptionsOf(opening.config).status());
  return std::make_unique<FileReader>(std::move(root));
}

absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  PATFORM_ASSIGN_OR_RETURN(const FileSink::Options file,
                           FileSink::OptionsOf(opening.config));
  PATFORM_ASSIGN_OR_RETURN(TemplateSink::Options options,
                           TemplateSink::OptionsOf(opening.config));
  return std::make_unique<TemplateSink>(std::move(root), file,
                                        std::move(options));
}

}  // namespace

// The configuration's reader has looked already; a test or another version may
// not have.
absl::StatusOr<TemplateSink::Options> TemplateSink::OptionsOf(
    const SinkConfig& config) {
  Options options;
  options.text = config.Text("template");
  const std::string word = config.Text("format");
  const std::optional<TextFormat> format = FindWord<TextFormat>(word);
  const std::string where =
      absl::StrCat("sink \"", Visible(config.name), "\": ");
  if (!format) {
    return absl::InvalidArgumentError(absl::StrCat(
        where, "there is no format \"", Visible(config.Shown("format")), "\""));
  }
  options.format = *format;
  const std::vector<TextFault> faults = TemplateFaults(options.text, *format);
  if (!faults.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, "the template is not one: ", faults[0].summary));
  }
  return options;
}

// From here on the file speaks for itself: its record, its version and its lock
// do not depend on what was rendered into it.
HeldRecord TemplateSink::Read(const Delivery& place, Deadline deadline) {
  return file_.Read(place, deadline);
}

absl::Status TemplateSink::Check(const Delivery& place, Deadline deadline) {
  return file_.Check(place, deadline);
}

absl::StatusOr<std::string> TemplateSink::Put(const Delivery& place,
                                              const Secret& value,
                                              const SinkRecord& record,
                                              const std::string& expected,
                                              Deadline deadline) {
  // First: what cannot be written must not cost the file that is there.
  PATFORM_ASSIGN_OR_RETURN(
      const Secret content,
      RenderTemplate(options_.text, options_.format, value, record));
  return file_.Put(place, content, record, expected, deadline);
}

absl::Status TemplateSink::Remove(const Delivery& place,
                                  const std::string& expected,
                                  Deadline deadline) {
  return file_.Remove(place, expected, deadline);
}

void TemplateSink::Tidy(absl::Span<const Delivery* const> places,
                        Deadline deadline) {
  file_.Tidy(places, deadline);
}

// The file's row, so that its places are those of a file in every rule.
Row TemplateRow() {
  using Kind = SettingKey::Kind;
  Row row = FileRow();
  row.type.name = "template";
  row.type.doc =
      "A file made from a template with {{secret}} in it, below a folder: "
      ".npmrc, settings.xml, pip.conf.";
  // Before the template, whose faults depend on it.
  row.type.keys = {
      {"path", Kind::kPath, true, "The folder; relative to the main file."},
      {"format", Kind::kText, true,
       "How the file is written: decides what is escaped, and how.", Formats()},
      {.name = "template",
       .kind = Kind::kFile,
       .required = true,
       .doc = "The template; a file below the main file's folder.",
       .text_faults = FaultsOf},
      {"mode",
       Kind::kText,
       false,
       "Of new files; others keep theirs. Default 0600.",
       {"0600", "0640"}}};
  row.type.place.key_doc = "the file is made from the template as a whole";
  row.type.place.raw_doc =
      "the template says how it is written: {{secret:base64}}, "
      "{{secret:basic}} or {{secret:url}}";
  row.open_reader = OpenReader;
  row.open = Open;
  // The secret could be found in it again, but a sign-in belongs in a file of
  // its own.
  row.type.can.gives_back = false;
  row.open_keeper = nullptr;
  return row;
}

}  // namespace patform::sinks
