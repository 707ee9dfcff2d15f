#include "engine/base/json_text.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "engine/base/canonical_json.h"

namespace patform {
namespace {

TEST(JsonText, IsCanonical) {
  std::string out;
  JsonText json(out);
  json.Open('{');
  json.Key("a").Open('[');
  json.Close(']');
  json.Key("b").Open('[');
  json.Text("x");
  json.Text("");
  json.Number(-7);
  json.Flag(false);
  json.Null();
  json.Open('{');
  json.Close('}');
  json.Raw("{\"k\":1}");
  json.Close(']');
  json.Key("c").Open('{');
  json.Label("a \"b\"\n").Text("[");
  json.Label("{").Text("{");
  json.Label("~").Flag(true);
  json.Close('}');
  json.Close('}');
  EXPECT_EQ(out,
            "{\"a\":[],\"b\":[\"x\",\"\",-7,false,null,{},{\"k\":1}],"
            "\"c\":{\"a \\\"b\\\"\\n\":\"[\",\"{\":\"{\",\"~\":true}}");
  EXPECT_EQ(Canonical(boost::json::parse(out)), out);
}

// Each byte alone and between others, as the library writes it.
TEST(AppendQuoted, EscapesAsTheLibraryDoes) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::string& text :
         {std::string(1, static_cast<char>(byte)),
          "a" + std::string(1, static_cast<char>(byte)) + "z"}) {
      std::string out = "before ";
      AppendQuoted(text, out);
      EXPECT_EQ(out,
                "before " + boost::json::serialize(boost::json::string(text)))
          << byte;
    }
  }
}

TEST(AppendQuoted, LeavesWhatIsPlain) {
  std::string out;
  AppendQuoted("vso.code_write ~pf:w#1.ab", out);
  EXPECT_EQ(out, "\"vso.code_write ~pf:w#1.ab\"");
}

}  // namespace
}  // namespace patform
