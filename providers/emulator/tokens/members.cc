#include "providers/emulator/tokens/members.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// The service reads bodies with Json.NET, and clients were written against what
// it takes, not against RFC 8259: PowerShell and JavaScript among them.
namespace patform::emulator {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool IsSpace(char c) {
  return absl::ascii_isspace(static_cast<unsigned char>(c));
}
// Of a name without quotes.
bool IsNamed(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '$';
}

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr unsigned char kLeads[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(kLeads[more] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) {
    out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      text_.remove_prefix(kByteOrderMark.size());
    }
  }

  absl::StatusOr<std::vector<Member>> Object() {
    std::vector<Member> members;
    if (!Takes('{')) return Wrong();
    while (!Takes('}')) {
      Member member;
      PATFORM_ASSIGN_OR_RETURN(member.name, Name());
      if (!Takes(':')) return Wrong();
      PATFORM_RETURN_IF_ERROR(Value(member));
      members.push_back(std::move(member));
      // A comma may stand before the end as well.
      if (!Takes(',') && !Sees('}')) return Wrong();
    }
    SkipSpace();
    if (at_ < text_.size()) return Wrong();
    return members;
  }

 private:
  static absl::Status Wrong() {
    return absl::InvalidArgumentError("the body is not a JSON object");
  }

  // And comments of both kinds.
  void SkipSpace() {
    while (at_ < text_.size()) {
      const std::string_view two = text_.substr(at_, 2);
      if (IsSpace(text_[at_])) {
        ++at_;
      } else if (two == "//") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (two == "/*" &&
                 text_.find("*/", at_ + 2) != std::string_view::npos) {
        at_ = text_.find("*/", at_ + 2) + 2;
      } else {
        return;
      }
    }
  }
  bool Sees(char c) {
    SkipSpace();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool Takes(char c) {
    const bool there = Sees(c);
    at_ += there ? 1 : 0;
    return there;
  }
  std::string_view Word() {
    const size_t begin = at_;
    while (at_ < text_.size() && IsNamed(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  absl::StatusOr<std::string> Name() {
    if (Sees('"') || Sees('\'')) return Text();
    const std::string_view word = Word();
    if (word.empty()) return Wrong();
    return std::string(word);
  }

  // In either quote, up to the same one.
  absl::StatusOr<std::string> Text() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] != '\\') {
        out += text_[at_++];
      } else if (!Escape(out)) {
        return Wrong();
      }
    }
    if (at_ == text_.size() || !IsValidUtf8(out)) return Wrong();
    ++at_;
    return out;
  }

  bool Escape(std::string& out) {
    if (at_ + 1 >= text_.size()) return false;
    const char c = text_[at_ + 1];
    at_ += 2;
    constexpr std::string_view kLetters = "bfnrt", kMeant = "\b\f\n\r\t";
    if (c == 'u') return CodePoint(out);
    if (const size_t letter = kLetters.find(c);
        letter != std::string_view::npos) {
      out += kMeant[letter];
    } else if (c == '"' || c == '\'' || c == '\\' || c == '/') {
      out += c;
    } else {
      return false;
    }
    return true;
  }

  std::optional<uint32_t> FourDigits() {
    uint32_t code = 0;
    const absl::string_view digits = AbslView(text_.substr(at_, 4));
    if (digits.size() != 4 || !absl::SimpleHexAtoi(digits, &code)) {
      return std::nullopt;
    }
    at_ += 4;
    return code;
  }

  // Behind \u: one unit, or the pair that a character beyond the first plane
  // takes.
  bool CodePoint(std::string& out) {
    const std::optional<uint32_t> unit = FourDigits();
    if (!unit) return false;
    uint32_t code = *unit;
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const std::optional<uint32_t> low = FourDigits();
      if (!low || *low < 0xdc00 || *low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (*low - 0xdc00);
    }
    // Half a pair is not a character.
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    AppendUtf8(out, code);
    return true;
  }

  absl::Status Value(Member& member) {
    if (Sees('"') || Sees('\'')) {
      member.kind = Member::Kind::kText;
      PATFORM_ASSIGN_OR_RETURN(member.text, Text());
      return absl::OkStatus();
    }
    if (Sees('{') || Sees('[')) {
      member.kind = Member::Kind::kNested;
      return Nested(1);
    }
    const size_t begin = at_;
    while (at_ < text_.size() && (IsNamed(text_[at_]) || text_[at_] == '-' ||
                                  text_[at_] == '+' || text_[at_] == '.')) {
      ++at_;
    }
    member.text = std::string(text_.substr(begin, at_ - begin));
    return Literal(member);
  }

  // In lower case only, as Json.NET wants them.
  static absl::Status Literal(Member& member) {
    double number = 0;
    if (member.text == "true") {
      member.kind = Member::Kind::kTrue;
    } else if (member.text == "false") {
      member.kind = Member::Kind::kFalse;
    } else if (member.text == "null" || member.text == "undefined") {
      member.kind = Member::Kind::kNull;
    } else if (absl::SimpleAtod(member.text, &number)) {
      member.kind = Member::Kind::kNumber;
    } else {
      return Wrong();
    }
    return absl::OkStatus();
  }

  // Read to its end, because what is in it is nobody's member.
  absl::Status Nested(int depth) {
    if (depth > kMaxDepth) return Wrong();
    const bool object = Sees('{');
    const char end = object ? '}' : ']';
    ++at_;
    while (!Takes(end)) {
      if (object) {
        PATFORM_RETURN_IF_ERROR(Name().status());
        if (!Takes(':')) return Wrong();
      }
      if (Sees('{') || Sees('[')) {
        PATFORM_RETURN_IF_ERROR(Nested(depth + 1));
      } else {
        Member ignored;
        PATFORM_RETURN_IF_ERROR(Value(ignored));
      }
      if (!Takes(',') && !Sees(end)) return Wrong();
    }
    return absl::OkStatus();
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Member>> ReadMembers(std::string_view body) {
  return Reader(body).Object();
}

}  // namespace patform::emulator
