#include "providers/emulator/tokens/token_secret.h"

#include <string.h>

#include "absl/time/civil_time.h"

// The layout is that of Azure DevOps, published in Microsoft's own secret
// scanner (security-utilities). The checksum at the end is random here.
namespace patform::emulator {
namespace {

// No - and _: a token is one word to whoever double-clicks it.
constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Each letter is as likely as any other: bytes of 248 and more are dropped.
void AppendRandom(Secret& secret, int count) {
  while (count > 0) {
    std::string bytes = RandomBytes(static_cast<size_t>(count) + 8);
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      // 248 is the largest multiple of 62 in a byte.
      if (count == 0 || byte >= 248) continue;
      secret.Append(kBase62.substr(byte % 62, 1));
      --count;
    }
    explicit_bzero(bytes.data(), bytes.size());
  }
}

}  // namespace

Secret MakeTokenSecret(Ticks now) {
  const absl::CivilMonth month(
      absl::ToCivilMonth(FromTicks(now), absl::UTCTimeZone()));
  // A stands for 2024, and for January.
  const auto letter = [](int64_t n) {
    return std::string(1, static_cast<char>('A' + n % 26));
  };
  Secret secret;
  // The random part, 310 bits.
  AppendRandom(secret, 52);
  secret.Append("JQQJ99");
  secret.Append(letter(month.year() >= 2024 ? month.year() - 2024 : 0));
  secret.Append(letter(month.month() - 1));
  AppendRandom(secret, 12);
  // Provider data: this is Azure DevOps.
  secret.Append("AAAA");
  secret.Append("EMUL");
  AppendRandom(secret, 4);
  return secret;
}

}  // namespace patform::emulator
