#include "providers/sinks/outputs/job_output.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/encode.h"

// A CI covers what it was told to cover, letter by letter. So a mask is worth
// something only before its text can appear, and a form that nobody masked is
// shown. What is printed here is printed in one piece: the masks and, where the
// log is the way, the variable behind them.
namespace patform::sinks {
namespace {

constexpr char kPlace[] = "job";

// The primary's record speaks for it.
HeldRecord Silent() {
  HeldRecord held;
  held.state = HeldRecord::State::kSilent;
  return held;
}

// An agent's list of masks is walked for every line of the log.
void AddOnce(Secret form, std::vector<Secret>& masks) {
  if (form.empty()) return;
  for (const Secret& other : masks) {
    if (other.Reveal() == form.Reveal()) return;
  }
  masks.push_back(std::move(form));
}

// The value, and what later steps may print of the secret in it: a URL with
// it, the header of curl -v.
std::vector<Secret> MasksOf(const Secret& value, Encoding encoding) {
  std::vector<Secret> masks;
  AddOnce(value.Clone(), masks);
  const Secret secret = DecodeSecret(value, encoding);
  for (const Encoding form :
       {Encoding::kRaw, Encoding::kBase64, Encoding::kBasic}) {
    if (!secret.empty()) AddOnce(EncodeSecret(secret, form), masks);
  }
  return masks;
}

// A job has no places of its own; the text is there for records and messages.
std::string PlaceFault(std::string_view at) {
  return at == kPlace ? "" : "\"job\", or no `at`: `key` is the variable";
}

absl::StatusOr<std::string> Canonical(const SinkConfig& config) {
  // Every sink of that type sets variables of the same job.
  return config.type;
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(const Opening&) {
  return std::make_unique<SilentReader>();
}

}  // namespace

HeldRecord SilentReader::Read(const Delivery&, Deadline) { return Silent(); }

HeldRecord JobOutput::Read(const Delivery&, Deadline) { return Silent(); }

// The CI first: its absence is the usual mistake, and the better words.
absl::Status JobOutput::Check(const Delivery& place, Deadline) {
  PATFORM_RETURN_IF_ERROR(Ready(place));
  // Nothing is printed; whether something could be is answered.
  const absl::Status may = machine_.print(Secret());
  return may.ok() ? may : Refused(StdView(may.message()));
}

absl::StatusOr<std::string> JobOutput::Put(const Delivery& place,
                                           const Secret& value,
                                           const SinkRecord&,
                                           const std::string&, Deadline) {
  // Again: a saved plan may be applied where nothing was checked.
  PATFORM_RETURN_IF_ERROR(Ready(place));
  // A second line would be the log's own, and nobody would cover it.
  const std::string_view text = value.Reveal();
  if (value.empty() || std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
      })) {
    return Refused(
        "the secret is not one line of text; encoding = \"base64\" makes it "
        "one");
  }
  PATFORM_RETURN_IF_ERROR(Set(place, value, MasksOf(value, place.encoding)));
  return "set";
}

// Nobody has to tidy up after a job.
absl::Status JobOutput::Remove(const Delivery&, const std::string&, Deadline) {
  return absl::NotFoundError("a job's variable ends with the job");
}

std::string JobOutput::Variable(const char* name) const {
  return machine_.environment(name).value_or("");
}

absl::Status JobOutput::Refused(std::string_view why) const {
  return absl::FailedPreconditionError(
      absl::StrCat("sink \"", Visible(name_), "\": ", AbslView(why)));
}

// Not compare-and-set, and yet never late: who prints is this process alone.
Row JobOutputRow() {
  Row row;
  row.type.can.keeps_record = false;
  row.type.can.compare_and_set = false;
  row.type.place.default_at = kPlace;
  row.type.place.at_fault = PlaceFault;
  row.type.place.key = PlaceRules::Key::kVariable;
  row.canonical = Canonical;
  row.open_reader = OpenReader;
  return row;
}

}  // namespace patform::sinks
