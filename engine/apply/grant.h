#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/model/desired_state.h"
#include "engine/ports/token_service.h"

// What a change was answered with, compared with what was asked for. An answer
// is only the service's word, yet what is delivered, recorded and later ended
// depends on it: one about another token, or another grant, is refused.
namespace patform {

// kDataLoss, naming all that differs; never the secret. A shorter life is
// allowed: tenants limit it; so are scopes that come to the same by
// `desired`. `now`: by this machine's clock.
absl::Status JudgeGrant(const DesiredState& desired, const CreateRequest& asked,
                        const Minted& granted, absl::Time now);

// kUnknown where the token is not as it was asked to be: the change may have
// been done in part. What was not asked for is not compared.
absl::Status JudgeUpdate(const DesiredState& desired,
                         const UpdateRequest& asked,
                         const ActualToken& answered);

// Does the name carry this very mark: workspace, generation and nonce? The
// service may answer the human name before it in another spelling.
bool CarriesMarkOf(std::string_view display_name, std::string_view asked);

// Is the name what a service may make of `asked`: its first part, or with the
// same nonce in it? Where the mark itself is lost, that and the token's age
// tell that it was made by this create.
bool IsRemnantOf(std::string_view display_name, std::string_view asked);

}  // namespace patform
