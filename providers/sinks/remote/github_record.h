#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/record.h"
#include "providers/sinks/remote/github_wire.h"

// The record of a secret of GitHub Actions: a variable beside it, with the
// moment at which that secret was updated. Anybody who may read variables can
// see it.
namespace patform::sinks {

inline constexpr std::string_view kGithubRecordSuffix = "_PATFORM";

// "ADO_PAT_PATFORM".
std::string GithubRecordName(const std::string& name);

// What the variable holds, one line of JSON. `updated_at`: of the secret that
// is described; "": of none yet.
std::string GithubRecordText(const std::string& updated_at,
                             const SinkRecord& record);

// What a secret and the variable beside it come to. nullopt: it is not there.
HeldRecord HeldByGithub(const std::string& name,
                        const std::optional<GithubSecret>& secret,
                        const std::optional<std::string>& variable);

}  // namespace patform::sinks
