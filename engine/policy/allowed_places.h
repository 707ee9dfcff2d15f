#pragma once

#include <string>
#include <string_view>

#include "engine/model/desired_state.h"
#include "engine/model/policy.h"
#include "engine/model/token.h"

namespace patform {

// What `place` is, whatever the configuration calls its sink: the store, as the
// sink's type writes it in one form, and the place in it,
// "https://vault.contoso.example/kv/ado/ci#token" or "/srv/secrets/ci". "": of
// a sink that does not exist, or whose settings name no store.
std::string WhatItIs(const DesiredState& desired, const Delivery& place);

// Do all lists of the policy let a secret with `scope` go to `place`, which is
// `address`? Full access has to be named as such, or by "*".
bool IsAllowedPlace(const PolicyConfig& policy, std::string_view scope,
                    const std::string& type, const std::string& address);

// The addresses that the policy names for `scope`, for people; "none" where it
// names none.
std::string AllowedPlacesFor(const PolicyConfig& policy,
                             std::string_view scope);

}  // namespace patform
