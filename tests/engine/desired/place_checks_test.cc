#include "engine/desired/place_checks.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/known.h"

namespace patform {
namespace {

// What is reported about deliveries, each to a sink or more: the first lines
// and the hints of all diagnostics.
std::string Read(const std::string& sinks,
                 const std::vector<std::string>& deliveries,
                 FakeFiles files = {}) {
  std::string text =
      "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n" + sinks;
  for (size_t i = 0; i < deliveries.size(); ++i) {
    absl::StrAppend(&text, "[token.t", i,
                    "]\nscopes = [\"vso.code\"]\ndeliver = [", deliveries[i],
                    "]\n");
  }
  files.files["patform.toml"] = text;
  ReadInput input;
  input.path = "patform.toml";
  UseKnown(input);
  // The fake files know no folder but this one.
  input.canonical = [known = input.canonical](const SinkConfig& config) {
    SinkConfig there = config;
    std::string path = config.Text("path");
    if (path[0] != '/') path = "/cwd/" + path;
    there.settings["path"] = path;
    return known(there);
  };
  std::string all;
  for (const Diagnostic& each : ReadDesired(files, input).diagnostics) {
    absl::StrAppend(&all, each.summary, " | ", each.detail, "\n");
  }
  return all;
}

std::string Sink(const char* name, const char* type, const char* path) {
  return absl::StrCat("[sink.", name, "]\ntype = \"", type, "\"\npath = \"",
                      path, "\"\n");
}

std::string To(const char* sink, const std::string& at, const char* key = "") {
  return absl::StrCat("{ to = \"", sink, "\", at = \"", at, "\"",
                      *key == '\0' ? "" : ", key = \"", key,
                      *key == '\0' ? "" : "\"", " }");
}

TEST(PlaceChecks, OnePlaceUnderTwoNames) {
  const std::string f = Sink("f", "file", "s");
  const std::string e = Sink("e", "dotenv", "s");
  for (const char* path :
       {"./s", "s/", "s/.", "x/../s", "/cwd/s", "s//", "/cwd/./x/../s"}) {
    EXPECT_EQ(Read(f + Sink("g", "file", path), {To("f", "a"), To("g", "a")}),
              "\"t1\" and \"t0\" are both delivered to g:a | the other one is "
              "at patform.toml:12: f:a is the same place\n")
        << path;
  }
  // Below another sink's folder.
  EXPECT_EQ(Read(f + Sink("g", "file", "."), {To("f", "a"), To("g", "s/a")}),
            "\"t1\" and \"t0\" are both delivered to g:s/a | the other one is "
            "at patform.toml:12: f:a is the same place\n");
  EXPECT_EQ(Read(f + e, {To("f", "app.env"), To("e", "app.env", "PAT")}),
            "\"t1\" and \"t0\" are both delivered to e:app.env#PAT | the other "
            "one is at patform.toml:12: f:app.env is the same place\n");
  EXPECT_EQ(Read(f + e, {To("e", "app.env", "PAT"), To("f", "app.env")}),
            "\"t1\" and \"t0\" are both delivered to f:app.env | the other one "
            "is at patform.toml:12: e:app.env#PAT is the same place\n");
  EXPECT_EQ(Read(e + Sink("d", "dotenv", "./s"),
                 {To("e", ".env", "PAT"), To("d", ".env", "PAT")}),
            "\"t1\" and \"t0\" are both delivered to d:.env#PAT | the other "
            "one is at patform.toml:12: e:.env#PAT is the same place\n");
  EXPECT_EQ(Read(f, {To("f", "a") + ", " + To("f", "a")}),
            "token \"t0\" is delivered twice to f:a | the other one is at "
            "patform.toml:9\n");
}

TEST(PlaceChecks, PlacesBesideEachOther) {
  const std::string e = Sink("e", "dotenv", "s");
  EXPECT_EQ(Read(e + Sink("d", "dotenv", "./s"),
                 {To("e", ".env", "ONE"), To("d", ".env", "TWO")}),
            "");
  EXPECT_EQ(Read(e + Sink("f", "file", "s"),
                 {To("e", ".env", "ONE"), To("f", "env"), To("f", "x/env"),
                  To("f", "ENV"), To("f", "xx")}),
            "");
}

// A path of such a store has one record, whatever fields it has.
TEST(PlaceChecks, OneDeliveryForWhatHasOneRecord) {
  const std::string v =
      "[sink.v]\ntype = \"vault\"\naddress = \"https://v.example\"\n"
      "[sink.w]\ntype = \"vault\"\naddress = \"https://v.example/\"\n";
  EXPECT_EQ(Read(v, {To("v", "a", "one"), To("w", "a", "two")}),
            "\"t1\" and \"t0\" are both delivered to w:a#two | the other one "
            "is at patform.toml:12: v:a#one is the same place\n");
  EXPECT_EQ(Read(v, {To("v", "a"), To("w", "a/b"), To("v", "b", "one")}), "");
}

TEST(PlaceChecks, AFileWhereAFolderIsNeeded) {
  const std::string f = Sink("f", "file", "s");
  EXPECT_EQ(Read(f, {To("f", "app"), To("f", "app/x/pat")}),
            "f:app/x/pat needs a folder where f:app is a file | the other one "
            "is at patform.toml:9\n");
  EXPECT_EQ(Read(f, {To("f", "app/x"), To("f", "app")}),
            "f:app/x needs a folder where f:app is a file | the other one is "
            "at patform.toml:12\n");
  EXPECT_EQ(Read(f + Sink("g", "dotenv", "s/app"),
                 {To("f", "app"), To("g", ".env", "A")}),
            "g:.env#A needs a folder where f:app is a file | the other one is "
            "at patform.toml:12\n");
}

TEST(PlaceChecks, WhatNoFileCanBeCalled) {
  const std::string f = Sink("f", "file", "s");
  const auto why = [&](const std::string& at) {
    const std::string all = Read(f, {To("f", at)});
    return all.substr(0, all.find(" | "));
  };
  const std::string wide(101, '\xc3');
  const std::string ae = absl::StrReplaceAll(wide, {{"\xc3", "ä"}});
  EXPECT_EQ(why(ae), "`at` (\"" + ae +
                         "\") has a part of 202 bytes (some characters take "
                         "several); at most 200");
  EXPECT_EQ(why(std::string(201, 'a') + "/b"),
            "`at` (\"" + std::string(201, 'a') +
                "/b\") has a part of 201 bytes; at most 200");
  EXPECT_EQ(why(std::string(200, 'a')), "");
  EXPECT_EQ(why(".x.patform-tmp-0123456789abcdef"),
            "`at` (\".x.patform-tmp-0123456789abcdef\") is a name that patform "
            "uses for its own files");
  EXPECT_EQ(why("a/"),
            "`at` (\"a/\") has an empty part between two / or at an end");
  EXPECT_EQ(why(".gitignore"),
            "`at` (\".gitignore\") is a name that git reads");
}

TEST(PlaceChecks, TheConfigurationIsNotAPlace) {
  EXPECT_EQ(Read(Sink("e", "dotenv", "."), {To("e", "patform.toml", "PAT")}),
            "e:patform.toml#PAT is a file of the configuration itself | a "
            "secret is never written where it would be committed\n");
}

TEST(PlaceChecks, WhatGitWouldAdd) {
  FakeFiles files;
  files.files = {{"/cwd/.git/config", ""}, {"/cwd/s/x", ""}};
  const std::string f = Sink("f", "file", "s");
  const std::string warning =
      "git would add f:a, which gets a secret | no .gitignore above it, nor "
      ".git/info/exclude, names it. Add it to one; rules of your own outside "
      "of the repository are not looked at\n";
  EXPECT_EQ(Read(f, {To("f", "b"), To("f", "a")}, files), warning);
  EXPECT_EQ(Read(f, {To("f", "new/a")}, files), "");
  files.files["/cwd/.gitignore"] = "/s/\n";
  EXPECT_EQ(Read(f, {To("f", "a")}, files), "");
}

}  // namespace
}  // namespace patform
