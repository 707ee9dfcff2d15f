#include "engine/model/organization.h"

#include <gtest/gtest.h>

#include <string>

namespace patform {
namespace {

TEST(Organization, WhatIsMeant) {
  struct Row {
    const char* text;
    const char* meant;
  };
  constexpr Row kRows[] = {
      {"https://dev.azure.com/contoso", "contoso"},
      {"https://dev.azure.com/Contoso/", "contoso"},
      {"https://dev.azure.com/contoso/project/_git/repository", "contoso"},
      {"https://contoso@dev.azure.com/contoso/project", "contoso"},
      {"https://dev.azure.com:443/contoso?x=1", "contoso"},
      {"dev.azure.com/contoso", "contoso"},
      {"https://vssps.dev.azure.com/contoso", "contoso"},
      {"https://Contoso.visualstudio.com", "contoso"},
      {"http://contoso.visualstudio.com/project", "contoso"},
      {"contoso.visualstudio.com", "contoso"},
      {"https://contoso.vsrm.visualstudio.com/", "contoso"},
      {" contoso ", "contoso"},
      {"contoso/", "contoso"},
      {"contoso/project", "contoso"},
      {"https://dev.azure.com", ""},
      {"https://dev.azure.com/", ""},
      {"https://example.com/contoso", ""},
      {"git@ssh.example.com:v3/contoso", ""},
      {"a_b", ""},
      {"-contoso", ""},
      {"", ""},
      {"://", ""},
      {"@", ""},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(OrganizationMeant(row.text), row.meant) << row.text;
    EXPECT_FALSE(OrganizationShaped(row.text)) << row.text;
  }
}

TEST(Organization, Parsed) {
  EXPECT_EQ(ParseOrganization("Contoso-2").value(), "contoso-2");
  EXPECT_EQ(std::string(ParseOrganization("https://dev.azure.com/Contoso")
                            .status()
                            .message()),
            "\"https://dev.azure.com/Contoso\" cannot be an organization's "
            "name; did you mean \"contoso\"?");
  EXPECT_EQ(std::string(ParseOrganization("a b").status().message()),
            "\"a b\" cannot be an organization's name; expected letters, "
            "digits and hyphens, as in https://dev.azure.com/NAME");
  EXPECT_TRUE(OrganizationShaped(std::string(50, 'a')));
  EXPECT_FALSE(OrganizationShaped(std::string(51, 'a')));
}

TEST(Organization, Addresses) {
  struct Row {
    const char* address;
    const char* key;
  };
  constexpr Row kRows[] = {
      {"token.CI", "token.CI"},
      {"CI", "CI"},
      {"Fabrikam/token.CI", "fabrikam/token.CI"},
      {"Fabrikam/token.\"A/token.B\"", "fabrikam/token.\"A/token.B\""},
      {"Fabrikam/*", "fabrikam/*"},
      {"Team/ci", "Team/ci"},
      {"token.\"A/token.B\"", "token.\"A/token.B\""},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(AddressKey(row.address), row.key) << row.address;
  }
}

}  // namespace
}  // namespace patform
