#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/ports/sign_in.h"
#include "providers/entra/client_proof.h"
#include "providers/entra/sources.h"
#include "providers/entra/token_endpoint.h"

namespace patform::entra {

struct BrowserRequest {
  bool start = true;   // the browser; else its address is only shown
  std::string claims;  // JSON that the service asks for, or ""
  // Of a confidential client, whose redirect URI is one of the web; null: the
  // client is public. Not owned.
  ClientProof* proof = nullptr;
};

// Signs in by a page in a browser on this machine that sends its answer to a
// port of this process: authorization code with PKCE (RFC 8252, RFC 7636). The
// answer counts only with the state, and its id_token only with the nonce, of
// this call. Errors: those of TokenEndpoint::Redeem; kUnauthenticated also when
// nobody finished in time; kCancelled as soon as a signal comes; kUnavailable:
// no port.
absl::StatusOr<TokenAnswer> SignInByBrowser(TokenEndpoint& endpoint,
                                            const BrowserRequest& request,
                                            LoginListener& listener,
                                            const Machine& machine,
                                            Deadline deadline);

}  // namespace patform::entra
