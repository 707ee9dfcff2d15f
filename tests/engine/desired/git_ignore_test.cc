#include "engine/desired/git_ignore.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_files.h"

namespace patform {
namespace {

// As `git check-ignore` answers.
TEST(IgnoreRules, Match) {
  const struct {
    const char *rule, *path;
    bool folder, want;
  } rows[] = {
      {"a", "a", false, true},
      {"a", "x/a", false, true},
      {"/a", "x/a", false, false},
      {"/a", "a", false, true},
      {"a/", "a", false, false},
      {"a/", "a", true, true},
      {"x/a", "x/a", false, true},
      {"x/a", "y/x/a", false, false},
      {"*.env", "app.env", false, true},
      {"*.env", "x/.env", false, true},
      {".env*", ".env.local", false, true},
      {"*", "anything", false, true},
      {"x/*", "x/a", false, true},
      {"x/*", "x/y/a", false, false},
      {"x/**", "x/y/a", false, true},
      {"**/a", "a", false, true},
      {"**/a", "x/y/a", false, true},
      {"x/**/a", "x/a", false, true},
      {"x/**/a", "x/y/z/a", false, true},
      {"a?c", "abc", false, true},
      {"a?c", "ac", false, false},
      {"[a-c]x", "bx", false, true},
      {"[!a-c]x", "bx", false, false},
      {"[]]x", "]x", false, true},
      {"\\#a", "#a", false, true},
      {"\\*a", "*a", false, true},
      {"\\*a", "ba", false, false},
      {"A", "a", false, false},
  };
  for (const auto& row : rows) {
    const auto rules = ParseIgnoreRules(row.rule);
    ASSERT_EQ(rules.size(), 1u) << row.rule;
    EXPECT_EQ(RuleMatches(rules[0], row.path, row.folder), row.want)
        << row.rule << " " << row.path;
  }
  EXPECT_TRUE(ParseIgnoreRules("# a\n\n   \n/\n").empty());
  EXPECT_EQ(ParseIgnoreRules("a  \r\nb\\ \n")[0].pattern, "a");
}

TEST(GitIgnore, WhatGitWouldAdd) {
  FakeFiles files;
  files.files = {{"/r/.git/config", ""},
                 {"/r/.git/info/exclude", "local.env\n"},
                 {"/r/.gitignore", "*.env\n!keep.env\nout/\n/top\n"},
                 {"/r/a/x", ""},
                 {"/r/out/.gitignore", "!*\n"},
                 {"/r/sub/.gitignore", "!app.env\n"},
                 {"/r/made/.gitignore", "*\n"},
                 {"/r/linked/.git", "gitdir: elsewhere\n"},
                 {"/outside/x", ""}};
  const struct {
    const char* path;
    bool want;
  } rows[] = {
      {"/r/app.env", false},
      {"/r/keep.env", true},
      {"/r/local.env", false},
      {"/r/secret", true},
      {"/r/a/app.env", false},
      {"/r/a/secret", true},
      {"/r/a/top", true},
      {"/r/top", false},
      // Nothing in an ignored folder can be taken back.
      {"/r/out/secret", false},
      {"/r/sub/app.env", true},
      {"/r/made/secret", false},
      // Each work tree has rules of its own.
      {"/r/linked/app.env", true},
      // patform will make that folder, and its rules.
      {"/r/new/secret", false},
      {"/r/.git/secret", false},
      {"/outside/secret", false},
      {"relative", false},
  };
  GitIgnore git(files);
  for (const auto& row : rows) {
    EXPECT_EQ(git.WouldAdd(row.path), row.want) << row.path;
  }
}

}  // namespace
}  // namespace patform
