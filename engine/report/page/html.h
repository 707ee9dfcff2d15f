#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

// HTML, and the SVG inside of it, written so that text from outside cannot be
// anything but text: whatever is put in is made visible (strings.h) and escaped
// here, and nowhere is there a way around. Names of elements and attributes are
// ours. Pure.
namespace patform {

// Fit for text and for an attribute in double quotes.
std::string HtmlText(std::string_view text);

class Html {
 public:
  // A name and its value; of an empty value the name alone is written.
  using Attributes =
      std::initializer_list<std::pair<const char*, std::string_view>>;

  // Begins an element; End() ends the one that was begun last.
  Html& Begin(const char* element, Attributes attributes = {});
  Html& End();
  // One that has no end tag: <meta …>, <input …>.
  Html& Void(const char* element, Attributes attributes = {});
  // One of SVG without anything inside: <rect …/>.
  Html& Shape(const char* element, Attributes attributes = {});
  // All of one that holds text alone.
  Html& Element(const char* element, std::string_view text,
                Attributes attributes = {});
  Html& Text(std::string_view text);
  // A name from outside within a sentence: whatever direction its letters are
  // written in, it moves nothing around it.
  Html& Name(std::string_view name, Attributes attributes = {});
  // Words of ours alone: what is between backquotes is set as code. Of a name
  // with backquotes in it they would be missing.
  Html& Prose(std::string_view text);
  // "2027-01-18 09:05 UTC", and for programs the whole instant.
  Html& Minute(absl::Time time);
  Html& Day(absl::Time time);
  // " · ", between things of a row.
  Html& Dot();
  // A line end of the source, so that a person can read that, too.
  Html& Line();

  // Of our own files alone (page.h): as it is.
  Html& Trusted(const char* element, std::string_view text,
                Attributes attributes = {});

  // The document. All that was begun has to be ended.
  std::string Take() &&;

 private:
  void Tag(const char* element, Attributes attributes, const char* close);

  std::string text_ = "<!DOCTYPE html>\n";
  std::vector<const char*> open_;
};

}  // namespace patform
