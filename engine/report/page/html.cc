#include "engine/report/page/html.h"

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

// Everything that gets into a page goes through here, and all of it is escaped
// but for what Trusted() is given, which is ours.
namespace patform {

// Visible() first: what acts on a reader without being markup (a direction, a
// control character) is shown as what it is. Quotes as well, so that one
// function serves texts and attributes.
std::string HtmlText(std::string_view text) {
  std::string escaped;
  for (const char c : Visible(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

void Html::Tag(const char* element, Attributes attributes, const char* close) {
  absl::StrAppend(&text_, "<", element);
  for (const auto& [name, value] : attributes) {
    // One without a value is a flag: hidden, open.
    absl::StrAppend(&text_, " ", name);
    if (!value.empty()) absl::StrAppend(&text_, "=\"", HtmlText(value), "\"");
  }
  text_ += close;
}

Html& Html::Begin(const char* element, Attributes attributes) {
  Tag(element, attributes, ">");
  open_.push_back(element);
  return *this;
}

Html& Html::End() {
  absl::StrAppend(&text_, "</", open_.back(), ">");
  open_.pop_back();
  return *this;
}

Html& Html::Void(const char* element, Attributes attributes) {
  Tag(element, attributes, ">");
  return *this;
}

Html& Html::Shape(const char* element, Attributes attributes) {
  Tag(element, attributes, "/>");
  return *this;
}

Html& Html::Element(const char* element, std::string_view text,
                    Attributes attributes) {
  return Begin(element, attributes).Text(text).End();
}

Html& Html::Text(std::string_view text) {
  text_ += HtmlText(text);
  return *this;
}

// A name in a script that runs from right to left must not turn the words
// beside it around.
Html& Html::Name(std::string_view name, Attributes attributes) {
  return Element("bdi", name, attributes);
}

// Our own sentences have keys and commands between backquotes, as in Markdown.
Html& Html::Prose(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (size_t at; (at = text.find('`')) != text.npos;) {
    pieces.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  pieces.push_back(text);
  // Every second one stood between two of them.
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i % 2 == 0) {
      Text(pieces[i]);
    } else if (i + 1 < pieces.size()) {
      Element("code", pieces[i]);
    } else {
      // One that is never closed is a backquote.
      Text("`").Text(pieces[i]);
    }
  }
  return *this;
}

// For people to the minute, for programs to the second.
Html& Html::Minute(absl::Time time) {
  return Element("time", FormatMinute(time),
                 {{"datetime", FormatInstant(time)}});
}

Html& Html::Day(absl::Time time) {
  return Element("time", FormatDay(time), {{"datetime", FormatInstant(time)}});
}

Html& Html::Dot() {
  text_ += " · ";
  return *this;
}

Html& Html::Line() {
  text_ += '\n';
  return *this;
}

Html& Html::Trusted(const char* element, std::string_view text,
                    Attributes attributes) {
  Begin(element, attributes);
  absl::StrAppend(&text_, AbslView(text));
  return End();
}

std::string Html::Take() && { return std::move(text_); }

}  // namespace patform
