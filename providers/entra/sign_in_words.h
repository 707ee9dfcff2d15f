#pragma once

#include <string_view>

// What people are told of a refusal by the sign-in service: two tables, one by
// its numbers (AADSTS…) and one by `error` and `suberror`, for numbers that are
// not in the first.
namespace patform::entra {

// In both texts $app stands for the application, $tenant for its tenant,
// $login for the command to sign in again, $admin for the address where an
// administrator approves the application.
struct SignInWords {
  const char* cause;    // a clause
  const char* fix;      // a sentence
  bool quotes = false;  // the service's own words say more
};

// Null: nothing is known of it.
const SignInWords* FindNumber(int number);

// Never null. `suberror` counts if it is known.
const SignInWords* FindError(std::string_view error, std::string_view suberror);

}  // namespace patform::entra
