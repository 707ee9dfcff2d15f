#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/settings.h"
#include "providers/sinks/row.h"

// What follows a delivery, the same for every type of sink: a program of the
// operator's, or a webhook. Neither is given a secret: consumers read it where
// it was delivered. Each has a minute, and once an apply and store.
namespace patform::sinks {

// The settings, which every type has behind its own: after_exec, after_webhook.
const std::vector<SettingKey>& AfterKeys();

// `sink` with what its settings want done; `sink` itself where they want
// nothing. kPermissionDenied: programs, or the webhook's host, were not
// allowed; found out here, before anything is minted.
absl::StatusOr<std::unique_ptr<SecretSink>> WithAfter(
    const Opening& opening, std::unique_ptr<SecretSink> sink);

}  // namespace patform::sinks
