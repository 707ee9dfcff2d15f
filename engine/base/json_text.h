#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patform {

// Appends `text` as JSON: quoted, and escaped as Canonical() does it.
void AppendQuoted(std::string_view text, std::string& out);

// Canonical JSON (canonical_json.h) written as it comes, for what there may be
// a hundred thousand of: a tree costs ten times as much. The keys of an object
// have to come in the order of their bytes, which the tests of each caller
// hold against Canonical().
//
//     JsonText json(out);
//     json.Open('{');
//     json.Key("adopt").Flag(true);
//     json.Key("at").Text("ci");
//     json.Close('}');
class JsonText {
 public:
  // Appends to `out`, which has to live as long.
  explicit JsonText(std::string& out) : out_(out) {}

  void Open(char bracket) {
    Separate();
    out_ += bracket;
  }
  void Close(char bracket) { out_ += bracket; }
  // In ASCII, without quotes and backslashes.
  JsonText& Key(std::string_view key);
  // Any text at all.
  JsonText& Label(std::string_view key);

  void Text(std::string_view text) {
    Separate();
    AppendQuoted(text, out_);
  }
  void Number(int64_t number);
  void Flag(bool flag) { Raw(flag ? "true" : "false"); }
  void Null() { Raw("null"); }
  // What is canonical JSON already.
  void Raw(std::string_view json) {
    Separate();
    out_ += json;
  }

 private:
  // A comma, unless this is the first of its object or list, or follows its
  // key.
  void Separate() {
    if (out_.empty()) return;
    const char last = out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
  }

  std::string& out_;
};

}  // namespace patform
