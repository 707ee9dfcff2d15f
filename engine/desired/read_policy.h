#pragma once

#include "absl/types/span.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"

namespace patform {

// [policy]. `types`: the sinks that its rules may speak of.
PolicyConfig ReadPolicy(Problems& problems, const TomlValue& table,
                        absl::Span<const SinkType> types);

// Both at once: of two rules the stricter one. `a` is the configuration's own,
// `b` a policy file: where `b` sets a rule, `a` can neither lower
// its severity nor except a token from it.
PolicyConfig Stricter(const PolicyConfig& a, const PolicyConfig& b);

// Does `policy`, a policy file, keep this exception of the configuration's own
// from having an effect?
bool Overruled(const PolicyException& exception, const PolicyConfig& policy);

}  // namespace patform
