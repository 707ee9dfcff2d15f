#include "engine/base/json_text.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/string_view.hpp>

#include "absl/strings/str_cat.h"

namespace patform {

void AppendQuoted(std::string_view text, std::string& out) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  // How everything else is escaped is the library's matter.
  out += boost::json::serialize(
      boost::json::string_view(text.data(), text.size()));
}

JsonText& JsonText::Key(std::string_view key) {
  Separate();
  out_ += '"';
  out_ += key;
  out_ += "\":";
  return *this;
}

JsonText& JsonText::Label(std::string_view key) {
  Separate();
  AppendQuoted(key, out_);
  out_ += ':';
  return *this;
}

void JsonText::Number(int64_t number) {
  Separate();
  absl::StrAppend(&out_, number);
}

}  // namespace patform
