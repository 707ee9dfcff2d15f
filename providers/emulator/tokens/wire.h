#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

// How the service writes things down.
namespace patform::emulator {

// The service stores times in steps of 1/300 s, as SQL Server's datetime does.
using Ticks = int64_t;  // since 1970, 1/300 s each
constexpr Ticks kTicksPerSecond = 300;
constexpr Ticks kTicksPerDay = 24 * 60 * 60 * kTicksPerSecond;

// To the nearest step.
Ticks ToTicks(absl::Time time);
absl::Time FromTicks(Ticks ticks);

// The same day and time of the next year; 29 February becomes 1 March.
Ticks AddYear(Ticks ticks);

// 2026-12-24T10:00:00.1033333Z: up to seven digits, no zeros at the end.
std::string FormatTicks(Ticks ticks);

// A date-time as a .NET reader of JSON takes it (read_time.cc): ISO 8601 with
// Z, an offset or neither (UTC then), a fraction of any length, no seconds, or
// only a date; 12/20/2026, month first; the names of months;
// /Date(milliseconds)/.
std::optional<absl::Time> ParseTime(std::string_view text);

// Appends `text` as a JSON string.
void AppendJson(std::string& out, std::string_view text);

std::string HtmlEncode(std::string_view text);

// As the switch `names` has it.
std::string AnsweredName(const std::string& name, std::string_view how);

// UTF-16 units, which is how the service counts characters.
size_t Utf16Length(std::string_view utf8);

// 8-4-4-4-12 hexadecimal digits, braces allowed; lower case comes back.
std::optional<std::string> ParseGuid(std::string_view text);
std::string RandomGuid();
// Always the same one for a kind ("user") and a name, whatever its case.
std::string DerivedGuid(std::string_view kind, std::string_view name);

// The digests of engine/base, as the 32 bytes that go into ids and signatures.
std::string Sha256(std::string_view bytes);
std::string HmacSha256(std::string_view key, std::string_view bytes);
std::string RandomBytes(size_t size);

std::string Base64Url(std::string_view bytes);  // without padding
std::optional<std::string> FromBase64Url(std::string_view text);
// Standard base64, padding optional.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace patform::emulator
