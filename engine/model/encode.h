#pragma once

#include "engine/base/secret.h"
#include "engine/model/token.h"

namespace patform {

// `secret` in the form of `encoding`. Every buffer on the way is wiped.
Secret EncodeSecret(const Secret& secret, Encoding encoding);

// What EncodeSecret() made `value` of; empty: it did not.
Secret DecodeSecret(const Secret& value, Encoding encoding);

}  // namespace patform
