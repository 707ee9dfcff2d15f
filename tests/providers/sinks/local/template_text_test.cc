#include "providers/sinks/local/template_text.h"

#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

// "BEGIN+SIZE summary (detail)", one line for each.
std::string Dump(std::string_view text, TextFormat format) {
  std::string dump;
  for (const TextFault& fault : TemplateFaults(text, format)) {
    absl::StrAppend(&dump, fault.begin, "+", fault.size, " ", fault.summary,
                    fault.detail.empty() ? "" : " (", fault.detail,
                    fault.detail.empty() ? "" : ")", "\n");
  }
  return dump;
}

std::string Rendered(std::string_view text, TextFormat format,
                     const std::string& value) {
  SinkRecord record = RecordOf(1, At("a"));
  record.token = "ci \"pack;aging\"";
  const auto rendered = RenderTemplate(text, format, Secret(value), record);
  return rendered.ok() ? std::string(rendered->Reveal())
                       : rendered.status().ToString();
}

TEST(TemplateText, Faults) {
  const struct {
    TextFormat format;
    const char* text;
    const char* want;
  } rows[] = {
      {TextFormat::kPlain, "a {{secret}}", ""},
      {TextFormat::kPlain, "{{ secret:basic }}{{name}}", ""},
      {TextFormat::kPlain, "a { {b} } {{secret:url}}", ""},
      {TextFormat::kPlain, "line\n{{secrte}}",
       "5+10 unknown placeholder {{secrte}} (did you mean {{secret}}?)\n"},
      {TextFormat::kPlain, "{{secret}} {{}}",
       "11+4 unknown placeholder {{}} (expected one of: {{secret}}, "
       "{{secret:base64}}, {{secret:basic}}, {{secret:url}}, {{name}}, "
       "{{organization}}, {{valid_to}})\n"},
      {TextFormat::kPlain, "{{secret}} {{secret\n}}",
       "11+2 `{{` is not followed by `}}` in this line (two braces begin a "
       "placeholder, such as {{secret}})\n"},
      {TextFormat::kPlain, "{{name}}\nno secret",
       "0+8 the template has no secret (write {{secret}}, {{secret:base64}}, "
       "{{secret:basic}} or {{secret:url}} where it goes)\n"},
      {TextFormat::kPlain, "",
       "0+0 the template has no secret (write {{secret}}, {{secret:base64}}, "
       "{{secret:basic}} or {{secret:url}} where it goes)\n"},
      {TextFormat::kJson, R"({"a":{"b":"{{secret:basic}}"}})", ""},
      {TextFormat::kJson, R"({"{{name}}":"x {{secret}} y"})", ""},
      {TextFormat::kJson, R"({"a":{{secret}}})",
       "5+10 a placeholder outside of a JSON text (write it between "
       "quotes)\n"},
      {TextFormat::kJson, R"({"a":"{{secret}}",})", "18+1 not JSON\n"},
      {TextFormat::kJson, R"({"a":"{{secret}}")", "17+1 not JSON\n"},
      {TextFormat::kJson, "{\"a\":\"{{secret}}\"} x", "19+1 not JSON\n"},
      {TextFormat::kXml, "<a b=\"{{name}}\">{{secret}}</a>", ""},
      {TextFormat::kXml, "<!-- c --><a>{{secret}}</a>", ""},
      {TextFormat::kXml, "<!-- {{secret}} --><a>{{secret}}</a>",
       "5+10 a placeholder in a comment (it can be in the text of an element "
       "or in the value of an attribute)\n"},
      {TextFormat::kXml, "<a><![CDATA[{{secret}}]]></a>",
       "12+10 a placeholder in CDATA (it can be in the text of an element or "
       "in the value of an attribute)\n"},
      {TextFormat::kXml, "<a {{name}}='{{secret}}'/>",
       "3+8 a placeholder in a tag (it can be in the text of an element or in "
       "the value of an attribute)\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Dump(row.text, row.format), row.want) << row.text;
  }
}

TEST(TemplateText, Fillings) {
  EXPECT_EQ(Rendered("{{secret}} {{secret:base64}} {{secret:basic}} "
                     "{{secret:url}} {{ valid_to }} {{organization}}.",
                     TextFormat::kPlain, "a+b"),
            "a+b YSti OmErYg== a%2Bb 2027-01-15T08:00:00.1033333Z contoso.");
}

// A reader of the file gets the value; where it could not, nothing is written.
TEST(TemplateText, Escapes) {
  const struct {
    TextFormat format;
    std::string value, want;
  } rows[] = {
      {TextFormat::kPlain, "a\n\"'\x01\xff", "<a\n\"'\x01\xff>"},
      {TextFormat::kJson, "a\"b\\c\n\x01/", "<a\\\"b\\\\c\\u000a\\u0001/>"},
      {TextFormat::kJson, "\xff", ""},
      {TextFormat::kXml, "a&b<c>\"'", "<a&amp;b&lt;c&gt;&quot;&apos;>"},
      {TextFormat::kXml, "a\nb", ""},
      {TextFormat::kXml, "\xc3(", ""},
      {TextFormat::kIni, "a=b+c/d%20 e", "<a=b+c/d%20 e>"},
      {TextFormat::kIni, "a;b", ""},
      {TextFormat::kIni, "a#b", ""},
      {TextFormat::kIni, "a\nb", ""},
      {TextFormat::kIni, "${HOME}", ""},
      {TextFormat::kIni, "\"a\"", ""},
      {TextFormat::kNetrc, "a=b;c", "<a=b;c>"},
      {TextFormat::kNetrc, "a b", ""},
      {TextFormat::kNetrc, "a#b", ""},
      {TextFormat::kNetrc, "a\\b", ""},
      {TextFormat::kNetrc, "\xc3\xa4", ""},
  };
  for (const auto& row : rows) {
    const std::string want =
        row.want.empty()
            ? absl::StrCat(
                  "FAILED_PRECONDITION: the secret has a character "
                  "that a file of format \"",
                  Word(row.format),
                  "\" cannot hold at {{secret}}; {{secret:base64}} "
                  "always fits")
            : row.want;
    EXPECT_EQ(Rendered("<{{secret}}>", row.format, row.value), want);
  }
}

// They are for people: none of them may cost a token.
TEST(TemplateText, NamesAlwaysFit) {
  const struct {
    TextFormat format;
    const char* want;
  } rows[] = {
      {TextFormat::kPlain, "ci \"pack;aging\" v"},
      {TextFormat::kIni, "ci _pack_aging_ v"},
      {TextFormat::kJson, "ci \\\"pack;aging\\\" v"},
      {TextFormat::kNetrc, "ci__pack;aging_ v"},
      {TextFormat::kXml, "ci &quot;pack;aging&quot; v"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Rendered("{{name}} {{secret}}", row.format, "v"), row.want);
  }
}

}  // namespace
}  // namespace patform::sinks
