#include "providers/sinks/program/without_secret.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "engine/model/encode.h"

// By parts, not by the whole: a program that prints what it was given seldom
// prints all of it in one piece. base64(1) breaks its lines, curl cuts them.
namespace patform::sinks {
namespace {

constexpr size_t kPart = 8;

// What base64(1) and most libraries write, and RFC 4648's other alphabet.
Secret OtherAlphabet(const Secret& base64) {
  Secret out;
  for (const char c : base64.Reveal()) {
    out.Append(c == '+' ? "-" : c == '/' ? "_" : std::string_view(&c, 1));
  }
  return out;
}

// The bytes that are not letters or digits as %XX, or all of them as XX.
Secret Digits(const Secret& value, bool percent) {
  static constexpr char kUpper[] = "0123456789ABCDEF";
  static constexpr char kLower[] = "0123456789abcdef";
  const char* const digits = percent ? kUpper : kLower;
  Secret out;
  for (const char c : value.Reveal()) {
    const auto byte = static_cast<unsigned char>(c);
    if (percent && absl::ascii_isalnum(byte)) {
      out.Append(std::string_view(&c, 1));
      continue;
    }
    const char pair[] = {digits[byte >> 4], digits[byte & 15]};
    if (percent) out.Append("%");
    out.Append(std::string_view(pair, 2));
  }
  return out;
}

// Each at most four times as long as the value, which is a token's most often:
// looking all of them up costs nothing beside the program that was run.
void AddForms(const Secret& value, std::vector<Secret>& forms) {
  forms.push_back(value.Clone());
  forms.push_back(Digits(value, /*percent=*/true));
  forms.push_back(Digits(value, /*percent=*/false));
  // What is before it, "user:" say, moves it by up to two of three bytes.
  for (const std::string_view before : {"", ":", "::"}) {
    Secret moved(before);
    moved.Append(value.Reveal());
    forms.push_back(EncodeSecret(moved, Encoding::kBase64));
    forms.push_back(OtherAlphabet(forms.back()));
  }
}

}  // namespace

std::string WithoutSecret(std::string_view text, const Secret& value,
                          Encoding encoding) {
  std::vector<Secret> forms;
  AddForms(value, forms);
  const Secret secret = DecodeSecret(value, encoding);
  if (!secret.empty() && encoding != Encoding::kRaw) AddForms(secret, forms);
  const size_t part =
      std::min({kPart, value.size(), secret.empty() ? kPart : secret.size()});
  if (part == 0) return std::string(text);
  absl::flat_hash_set<std::string_view> parts;
  for (const Secret& form : forms) {
    const std::string_view bytes = form.Reveal();
    for (size_t at = 0; at + part <= bytes.size(); ++at) {
      parts.insert(bytes.substr(at, part));
    }
  }
  // Every part that begins here or reaches here is covered; what two of them
  // share is one piece.
  std::string shown;
  size_t hidden_until = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (at + part <= text.size() && parts.contains(text.substr(at, part))) {
      if (at > hidden_until || at == 0) shown += "[redacted]";
      hidden_until = at + part;
    }
    if (at >= hidden_until) shown += text[at];
  }
  return shown;
}

}  // namespace patform::sinks
