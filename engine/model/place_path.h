#pragma once

#include <string>
#include <string_view>

namespace patform {

// What patform's own files beside a place are called: the record of NAME is
// .NAME.patform.json, its new content .NAME.patform-tmp-RANDOM for a moment.
inline constexpr std::string_view kRecordSuffix = ".patform.json";
inline constexpr std::string_view kTemporaryInfix = ".patform-tmp-";

// What is wrong with `path` as a place below a sink's folder, behind "it": "has
// a part of more than 200 bytes". Empty: such a file can exist beside its
// record, on any file system, and there is one spelling of it.
std::string WhyNotAPlace(std::string_view path);

}  // namespace patform
