#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/model/desired_state.h"
#include "engine/model/token.h"

namespace patform {

// What a credential claims of itself. Nothing here is verified: a hint, never
// a decision. Empty where it is opaque or does not say.
struct SignedIn {
  std::string oid;   // the user's, or the application's
  std::string name;  // of the user, an address most often
  std::optional<ScopeSet> scopes;
  absl::Time expires = absl::InfiniteFuture();
  bool app_only = false;    // an application without a user
  std::string tenant;       // a GUID
  std::string audience;     // for people: "Azure DevOps"
  std::string application;  // that signed in: its name, or its id
  // The sign-in itself, which access tokens come from: when a person must sign
  // in again unless it is used before then, and why; InfiniteFuture(): nothing
  // is known of that.
  absl::Time rests_until = absl::InfiniteFuture();
  std::string rests_why;  // "a refresh token is good for 90 days without use"
  std::string kept_in;    // a path, a place, or the name of a service
  // What went wrong with keeping the sign-in, although it works today: a person
  // must see to it. "": nothing.
  std::string trouble;
};

// How a person signs in.
struct LoginRequest {
  enum class Way {
    kAny,           // a browser, if there is one, else a code
    kBrowser,       // on this machine
    kShownAddress,  // likewise, and the person opens it
    kDeviceCode,    // on any device
  };
  Way way = Way::kAny;
  // Where the refresh token goes instead of the cache of this machine; nullopt:
  // there.
  std::optional<KeptPlace> seed;
};

// Is told what a person has to do while a login waits for them. Called on the
// thread of the login.
class LoginListener {
 public:
  virtual ~LoginListener() = default;
  // A browser was started with `url`; false: none could be.
  virtual void OnBrowser(const std::string& url, bool started) = 0;
  // `code` is to be typed at `url` before `ends`; `message` says so in the
  // service's own words.
  virtual void OnCode(const std::string& url, const std::string& code,
                      const std::string& message, absl::Time ends) = 0;
};

// Port: sign-ins that a person makes and that are kept.
class SignIns {
 public:
  virtual ~SignIns() = default;
  // kInvalidArgument: `auth` is of a source that nobody signs in to.
  // kUnauthenticated: it was declined, nobody did it in time, or something is
  // in the way; the message says what. kCancelled.
  virtual absl::StatusOr<SignedIn> Login(const AuthConfig& auth,
                                         const LoginRequest& request,
                                         LoginListener& listener,
                                         Deadline deadline) = 0;
  // Forgets what this machine keeps. kNotFound: nothing was kept.
  virtual absl::Status Logout(const AuthConfig& auth, Deadline deadline) = 0;
};

}  // namespace patform
