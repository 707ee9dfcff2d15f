#include "providers/sinks/remote/yaml.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace patform::sinks {
namespace {

// One line: maps in {}, lists in [], null as ~.
std::string Dump(const YamlNode& node) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < node.items.size(); ++i) {
    const std::string name =
        node.kind == YamlNode::Kind::kMap ? node.names[i] + "=" : "";
    parts.push_back(name + Dump(node.items[i]));
  }
  switch (node.kind) {
    case YamlNode::Kind::kText:
      return node.null ? "~" : std::string(node.text.Reveal());
    case YamlNode::Kind::kList:
      return absl::StrCat("[", absl::StrJoin(parts, " "), "]");
    case YamlNode::Kind::kMap:
      return absl::StrCat("{", absl::StrJoin(parts, " "), "}");
  }
  return "?";
}

std::string Got(const std::string& text) {
  const auto node = ReadYaml(Secret(text));
  return node.ok() ? Dump(*node)
                   : absl::StrCat("! ", std::string(node.status().message()));
}

TEST(ReadYamlTest, Documents) {
  const struct {
    const char* text;
    const char* want;
  } rows[] = {
      {"a: b\nc: [1, two]\n", "{a=b c=[1 two]}"},
      {"{\"a\":\"b\",\"c\":[1,{\"d\":true}],\n\t\"e\":null}",
       "{a=b c=[1 {d=true}] e=~}"},
      {"---\na: 'null'\nb: ~\nc:\nd: \"\"\n", "{a=null b=~ c=~ d=}"},
      {"a: |\n  one\n  two\n", "{a=one\ntwo\n}"},
      {"- name: x\n  user: {token: t}\n", "[{name=x user={token=t}}]"},
      {"", "! it is empty"},
      {"# nothing\n", "! it is empty"},
      {"a: b\n---\nc: d\n", "! line 2: a second document begins"},
      {"a: b\na: c\n", "! line 2: a name is there twice"},
      {"a: &x b\n", "! line 1: anchors, aliases and tags are not supported"},
      {"a: *x\n", "! line 1: anchors, aliases and tags are not supported"},
      {"a: !!binary eA==\n",
       "! line 1: anchors, aliases and tags are not supported"},
      {"<<: {a: b}\n", "! line 1: not the name of a member, or one too many"},
      {"? [a]\n: b\n", "! line 1: not the name of a member, or one too many"},
      {"a: b\n c: d\n",
       "! line 2: mapping values are not allowed in this context"},
      {"a: \"b\n", "! line 2: found unexpected end of stream"},
      {"a: \x01\n", "! line 1: control characters are not allowed"},
  };
  for (const auto& row : rows) EXPECT_EQ(Got(row.text), row.want) << row.text;
}

TEST(ReadYamlTest, IsBounded) {
  std::string deep, wide, many;
  for (int i = 0; i < 100; ++i) deep += "[";
  EXPECT_EQ(Got(deep), "! line 1: more than patform accepts");
  for (int i = 0; i < 1001; ++i) absl::StrAppend(&wide, "k", i, ": 1\n");
  EXPECT_EQ(Got(wide),
            "! line 1001: not the name of a member, or one too many");
  for (int i = 0; i < 100001; ++i) many += "- 1\n";
  EXPECT_EQ(Got(many), "! line 100000: more than patform accepts");
}

TEST(YamlNodeTest, MembersByName) {
  const auto node = ReadYaml(Secret("a: b\nc: ~\nd: 'true'\ne: [x]\n"));
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(node->Text("a"), "b");
  EXPECT_EQ(node->Hidden("a").Reveal(), "b");
  EXPECT_EQ(node->Find("c"), nullptr);
  EXPECT_EQ(node->Find("x"), nullptr);
  EXPECT_EQ(node->Text("x"), "");
  EXPECT_TRUE(node->Flag("d"));
  EXPECT_EQ(node->Find("e")->items.size(), 1u);
  EXPECT_EQ(node->Find("e")->line, 4);
}

}  // namespace
}  // namespace patform::sinks
