#include "providers/sinks/local/template_text.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/encode.h"

// A template is read twice: with the configuration, to report all that is
// wrong with it, and at each delivery, with the secret in hand, when nothing
// may be wrong any more. Both go over the same placeholders.
//
// Escapes are few because the files are: each has one way to write a text that
// every reader of that format takes for the same bytes. What that way cannot
// write is refused, before the file is touched.
namespace patform::sinks {
namespace {

enum class Filler { kSecret, kBase64, kBasic, kUrl, kName, kOrg, kValidTo };
constexpr WordFor<Filler> kFillers[] = {
    {Filler::kSecret, "secret"},      {Filler::kBase64, "secret:base64"},
    {Filler::kBasic, "secret:basic"}, {Filler::kUrl, "secret:url"},
    {Filler::kName, "name"},          {Filler::kOrg, "organization"},
    {Filler::kValidTo, "valid_to"}};

// The enum has them first.
bool IsSecret(Filler filler) { return filler <= Filler::kUrl; }

// Two braces and what is between them, or what is wrong with it.
struct Placeholder {
  size_t begin = 0;
  size_t size = 0;
  std::optional<Filler> filler;
  TextFault fault;  // without a filler
};

// As a person wrote it, for messages.
std::string Braced(std::string_view word) {
  return absl::StrCat("{{", AbslView(word), "}}");
}

// Most are typing errors; for any other the list is short enough to show.
TextFault UnknownWord(size_t begin, size_t size, std::string_view word) {
  std::vector<std::string> known;
  for (const auto& each : kFillers) known.push_back(each.word);
  const std::optional<std::string> near = Nearest(word, known);
  for (std::string& each : known) each = Braced(each);
  return {begin, size, absl::StrCat("unknown placeholder ", Braced(word)),
          near ? absl::StrCat("did you mean ", Braced(*near), "?")
               : absl::StrCat("expected one of: ", absl::StrJoin(known, ", "))};
}

// In their order. A line ends each, so that one that is not closed does not
// take the rest of the file for its name.
std::vector<Placeholder> PlaceholdersIn(std::string_view text) {
  std::vector<Placeholder> found;
  for (size_t at = text.find("{{"); at != text.npos;) {
    Placeholder next;
    next.begin = at;
    const size_t line = std::min(text.find('\n', at), text.size());
    const size_t close = text.find("}}", at);
    if (close == text.npos || close > line) {
      next.size = 2;
      next.fault = {at, 2, "`{{` is not followed by `}}` in this line",
                    "two braces begin a placeholder, such as {{secret}}"};
    } else {
      next.size = close + 2 - at;
      const std::string_view word = StdView(absl::StripAsciiWhitespace(
          AbslView(text.substr(at + 2, close - at - 2))));
      for (const auto& each : kFillers) {
        if (word == each.word) next.filler = each.value;
      }
      if (!next.filler) next.fault = UnknownWord(at, next.size, word);
    }
    at = text.find("{{", next.begin + next.size);
    found.push_back(std::move(next));
  }
  return found;
}

// A placeholder is filled in as a text between quotes; a sample of the file
// shows whether it is one.
std::optional<TextFault> JsonFault(
    std::string_view text, const std::vector<Placeholder>& placeholders) {
  std::string sample;
  size_t end = 0;
  for (const Placeholder& each : placeholders) {
    absl::StrAppend(&sample, AbslView(text.substr(end, each.begin - end)));
    // As many bytes as it has: places in the sample are places in the file.
    sample.append(each.size, 'x');
    end = each.begin + each.size;
  }
  absl::StrAppend(&sample, AbslView(text.substr(end)));
  boost::json::stream_parser parser;
  boost::json::error_code error;
  const size_t read = parser.write_some(sample.data(), sample.size(), error);
  if (!error) parser.finish(error);
  const bool blank = StdView(absl::StripAsciiWhitespace(AbslView(
                                 text.substr(std::min(read, text.size())))))
                         .empty();
  if (!error && blank) return std::nullopt;
  for (const Placeholder& each : placeholders) {
    if (each.begin <= read && read <= each.begin + each.size) {
      return TextFault{each.begin, each.size,
                       "a placeholder outside of a JSON text",
                       "write it between quotes"};
    }
  }
  return TextFault{std::min(read, text.size()), 1, "not JSON"};
}

// Does `open` begin something that `close` has not ended yet?
bool Within(std::string_view before, std::string_view open,
            std::string_view close) {
  const size_t opened = before.rfind(open);
  if (opened == before.npos) return false;
  const size_t closed = before.rfind(close);
  return closed == before.npos || closed < opened;
}

// Where entities mean nothing they would be read as they are.
std::string XmlFault(std::string_view before) {
  if (Within(before, "<!--", "-->")) return "a placeholder in a comment";
  if (Within(before, "<![CDATA[", "]]>")) return "a placeholder in CDATA";
  const size_t tag = before.rfind('<');
  if (tag == before.npos || before.find('>', tag) != before.npos) return "";
  // An attribute's value is the one place in a tag where entities are read.
  const std::string_view inside = before.substr(tag);
  const auto open = [&](char quote) {
    return std::count(inside.begin(), inside.end(), quote) % 2 != 0;
  };
  return open('"') || open('\'') ? "" : "a placeholder in a tag";
}

// JSON's escapes of what a text may not have.
void AppendJson(char c, Secret& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out.Append("\\");
  } else if (byte < 0x20) {
    const char code[] = {
        '\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
    out.Append(std::string_view(code, sizeof(code)));
    return;
  }
  out.Append(std::string_view(&c, 1));
}

// Quotes, too: it may be in the value of an attribute.
void AppendXml(char c, Secret& out) {
  switch (c) {
    case '&':
      return out.Append("&amp;");
    case '<':
      return out.Append("&lt;");
    case '>':
      return out.Append("&gt;");
    case '"':
      return out.Append("&quot;");
    case '\'':
      return out.Append("&apos;");
    default:
      return out.Append(std::string_view(&c, 1));
  }
}

// Could a reader of such a file take it for anything but itself?
bool Fits(char c, TextFormat format) {
  const auto byte = static_cast<unsigned char>(c);
  const bool control = byte < 0x20 || byte == 0x7f;
  switch (format) {
    case TextFormat::kPlain:
    case TextFormat::kJson:
      return true;
    case TextFormat::kXml:
      return !control;
    case TextFormat::kIni:
      // Quotes, comments, and ${…} of npm.
      return !control &&
             std::string_view("\"'`\\;#$").find(c) == std::string_view::npos;
    case TextFormat::kNetrc:
      return !control && byte < 0x7f &&
             std::string_view(" \"'\\#").find(c) == std::string_view::npos;
  }
  return false;
}

// Byte by byte: none of the escapes depends on its neighbours, and bytes of
// UTF-8 beyond ASCII stay as they are in every format.
void AppendEscaped(std::string_view bytes, TextFormat format, Secret& out) {
  for (const char c : bytes) {
    if (format == TextFormat::kJson) {
      AppendJson(c, out);
    } else if (format == TextFormat::kXml) {
      AppendXml(c, out);
    } else {
      out.Append(std::string_view(&c, 1));
    }
  }
}

// As PercentEncode() of base, which makes a text that nobody wipes.
Secret PercentEncoded(const Secret& value) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  Secret out;
  for (const char c : value.Reveal()) {
    const auto byte = static_cast<unsigned char>(c);
    const char code[] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    const bool plain =
        absl::ascii_isalnum(byte) ||
        std::string_view("-._~").find(c) != std::string_view::npos;
    out.Append(plain ? std::string_view(&c, 1) : std::string_view(code, 3));
  }
  return out;
}

// From the value as the delivery has it, which a template always gets raw.
Secret SecretFor(Filler filler, const Secret& value) {
  switch (filler) {
    case Filler::kBase64:
      return EncodeSecret(value, Encoding::kBase64);
    case Filler::kBasic:
      return EncodeSecret(value, Encoding::kBasic);
    case Filler::kUrl:
      return PercentEncoded(value);
    default:
      return value.Clone();
  }
}

// A label for people, which must not cost a token: what does not fit is drawn
// as an underscore.
// Dates and organizations fit every format; names are people's.
std::string LabelFor(Filler filler, const SinkRecord& record,
                     TextFormat format) {
  std::string label = filler == Filler::kName  ? record.token
                      : filler == Filler::kOrg ? record.organization
                                               : FormatInstant(record.valid_to);
  for (char& c : label) {
    if (!Fits(c, format)) c = '_';
  }
  return label;
}

}  // namespace

// All at once, so that a person fixes a template in one go.
std::vector<TextFault> TemplateFaults(std::string_view text,
                                      TextFormat format) {
  std::vector<TextFault> faults;
  const std::vector<Placeholder> placeholders = PlaceholdersIn(text);
  bool any_secret = false;
  for (const Placeholder& each : placeholders) {
    if (!each.filler) {
      faults.push_back(each.fault);
      continue;
    }
    // A label alone would be a file that no consumer needs.
    any_secret = any_secret || IsSecret(*each.filler);
    if (format != TextFormat::kXml) continue;
    const std::string why = XmlFault(text.substr(0, each.begin));
    if (!why.empty()) {
      faults.push_back({each.begin, each.size, why,
                        "it can be in the text of an element or in the value "
                        "of an attribute"});
    }
  }
  // Of a placeholder that is not one the sample would say nothing.
  if (faults.empty() && format == TextFormat::kJson) {
    if (auto fault = JsonFault(text, placeholders)) {
      faults.push_back(*std::move(fault));
    }
  }
  if (faults.empty() && !any_secret) {
    faults.push_back({0, std::min(text.find('\n'), text.size()),
                      "the template has no secret",
                      "write {{secret}}, {{secret:base64}}, {{secret:basic}} "
                      "or {{secret:url}} where it goes"});
  }
  return faults;
}

// The text between two placeholders is copied as it is, line ends included: a
// file with CRLF keeps them, and none is added at the end.
absl::StatusOr<Secret> RenderTemplate(std::string_view text, TextFormat format,
                                      const Secret& value,
                                      const SinkRecord& record) {
  Secret out;
  size_t end = 0;
  for (const Placeholder& each : PlaceholdersIn(text)) {
    if (!each.filler) {
      return absl::InvalidArgumentError(
          absl::StrCat("the template has an ", each.fault.summary));
    }
    out.Append(text.substr(end, each.begin - end));
    end = each.begin + each.size;
    if (!IsSecret(*each.filler)) {
      AppendEscaped(LabelFor(*each.filler, record, format), format, out);
      continue;
    }
    const Secret filling = SecretFor(*each.filler, value);
    const std::string_view bytes = filling.Reveal();
    const bool fits = std::all_of(bytes.begin(), bytes.end(),
                                  [&](char c) { return Fits(c, format); }) &&
                      (format == TextFormat::kPlain || IsValidUtf8(bytes));
    if (!fits) {
      return absl::FailedPreconditionError(
          absl::StrCat("the secret has a character that a file of format \"",
                       Word(format), "\" cannot hold at ",
                       Braced(text.substr(each.begin + 2, each.size - 4)),
                       "; {{secret:base64}} always fits"));
    }
    AppendEscaped(bytes, format, out);
  }
  out.Append(text.substr(end));
  return out;
}

}  // namespace patform::sinks
