#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/secret.h"
#include "engine/base/words.h"
#include "engine/model/record.h"
#include "engine/ports/settings.h"

// Text files with placeholders:
//
//   {{secret}}         the value of the token
//   {{secret:base64}}  the same in base64
//   {{secret:basic}}   base64 of ":" and the value, for Basic authentication
//   {{secret:url}}     percent-encoded, for a part of an address
//   {{name}}           the token's name
//   {{organization}}   its organization
//   {{valid_to}}       when it ends, 2026-12-23T21:36:00Z
//
// What takes their places is escaped as the format of the file wants it, so
// that its readers get exactly that. Nothing else begins with two braces.
namespace patform::sinks {

enum class TextFormat { kPlain, kIni, kJson, kNetrc, kXml };
inline constexpr WordFor<TextFormat> kTextFormatWords[] = {
    {TextFormat::kPlain, "plain"},
    {TextFormat::kIni, "ini"},
    {TextFormat::kJson, "json"},
    {TextFormat::kNetrc, "netrc"},
    {TextFormat::kXml, "xml"}};
constexpr auto& WordsOf(TextFormat) { return kTextFormatWords; }
static_assert(AllInOrder(kTextFormatWords, TextFormat::kXml));

// What is wrong with `text` as a template of such a file: an unknown
// placeholder, one where the format could not escape it, no secret at all.
std::vector<TextFault> TemplateFaults(std::string_view text, TextFormat format);

// `text`, which has no faults, with `value` in it, and what `record` has.
// kFailedPrecondition: the format cannot hold `value`.
absl::StatusOr<Secret> RenderTemplate(std::string_view text, TextFormat format,
                                      const Secret& value,
                                      const SinkRecord& record);

}  // namespace patform::sinks
