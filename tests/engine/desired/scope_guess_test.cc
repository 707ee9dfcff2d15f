#include "engine/desired/scope_guess.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "engine/base/strings.h"
#include "engine/desired/scope_catalog.h"

namespace patform {
namespace {

TEST(ScopeGuess, WhatPeopleWrite) {
  const struct {
    const char* written;
    const char* want;  // "": nothing
  } kCases[] = {
      // By a word.
      {"packaging", "vso.packaging"},
      {"Packaging", "vso.packaging"},
      {"code", "vso.code"},
      {"git", "vso.code"},
      {"nuget", "vso.packaging"},
      {"workitems", "vso.work"},
      {"serviceconnections", "vso.serviceendpoint"},
      {"security", ""},  // only vso.security_manage
      {"threads", ""},   // only vso.threads_full
      {"auditstreams", ""},
      // Reading has no suffix.
      {"packaging_read", "vso.packaging"},
      {"vso.code_read", "vso.code"},
      {"vso.test_read", "vso.test"},
      {"securefiles", "vso.securefiles_read"},
      // With the right suffix, and a wrong one.
      {"code_write", "vso.code_write"},
      {"vso.code-write", "vso.code_write"},
      {"vso.code.write", "vso.code_write"},
      {"vso.codewrite", "vso.code_write"},
      {"code_rw", "vso.code_write"},
      {"code_admin", "vso.code_manage"},
      {"build_write", "vso.build"},
      {"vso.release_write", "vso.release"},
      {"code_execute", "vso.code"},
      {"code_status", "vso.code_status"},
      {"vso.test_full", "vso.test_write"},
      {"vso.test_manage", "vso.test_write"},
      {"vso.work_manage", "vso.work_write"},
      {"vso.drop_full", "vso.drop_manage"},
      {"VSO.CODE_WRITE", "vso.code_write"},
      // The portal's words.
      {"Code (read)", "vso.code"},
      {"Code (Read & write)", "vso.code_write"},
      {"Code (Read, write, & manage)", "vso.code_manage"},
      {"Code (Full)", "vso.code_full"},
      {"Code (Status)", "vso.code_status"},
      {"Build (Read & execute)", "vso.build_execute"},
      {"Release (Read, write & execute)", "vso.release_execute"},
      {"Work Items (Read & write)", "vso.work_write"},
      {"Variable Groups (Read, create, & manage)", "vso.variablegroups_manage"},
      {"Service Connections (Read & query)", "vso.serviceendpoint_query"},
      {"Marketplace (Publish)", "vso.gallery_publish"},
      {"Audit Streams (read)", ""},  // manages, whatever it is called
      {"PR threads", "vso.threads_full"},
      // Everything.
      {"full", "app_token"},
      {"full_access", "app_token"},
      {"vso.full_access", "app_token"},
      {"Full access", "app_token"},
      {"all", "app_token"},
      {"*", "app_token"},
      {"app-token", "app_token"},
      {"app_tokn", "app_token"},
      // Typos.
      {"vso.cod", "vso.code"},
      {"vso.cod_read", "vso.code"},
      {"vso.packagin_write", "vso.packaging_write"},
      {"vso.code_wrte", "vso.code_write"},
      {"vso.code_red", "vso.code"},
      {"vso.build_execut", "vso.build_execute"},
      // Nothing of this service's.
      {"vso.newthing", ""},
      {"read", ""},
      {"", ""},
      {"vso.", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(GuessScope(c.written, Nearest).scope, c.want) << c.written;
  }
}

// "X_read" of a known X may be a typo of anything, but never asks for more than
// reading.
TEST(ScopeGuess, NeverMoreThanReadingForRead) {
  for (const ScopeInfo& scope : ScopeCatalog()) {
    const std::string name(scope.name);
    const std::string stem = name.substr(0, name.find('_'));
    for (const char* suffix : {"_read", "_readonly", "_view", "_reed"}) {
      const std::string written = stem + suffix;
      if (FindScope(written) != nullptr) continue;
      const std::string guess = GuessScope(written, Nearest).scope;
      EXPECT_TRUE(guess.find("_write") == std::string::npos &&
                  guess.find("_manage") == std::string::npos &&
                  guess.find("_full") == std::string::npos &&
                  guess.find("_execute") == std::string::npos &&
                  guess != "app_token")
          << written << ": " << guess;
    }
  }
}

TEST(SeveralScopes, TakesTextsApart) {
  const struct {
    const char* text;
    const char* want;
  } kCases[] = {
      {"vso.code vso.build", "vso.code+vso.build"},
      {"vso.code,vso.build", "vso.code+vso.build"},
      {"vso.code_write|vso.packaging", "vso.code_write+vso.packaging"},
      {"vso.code; vso.new", "vso.code+vso.new"},
      {"code, packaging", "code+packaging"},
      {"vso.code", ""},
      {"vso.code ", ""},
      {"Work Items", ""},
      {"Code (read, write, & manage)", ""},
      {"", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(absl::StrJoin(SeveralScopes(c.text), "+"), c.want) << c.text;
  }
}

}  // namespace
}  // namespace patform
