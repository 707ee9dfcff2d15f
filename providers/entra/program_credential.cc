#include "providers/entra/program_credential.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "providers/entra/printed_token.h"

namespace patform::entra {
namespace {

// az takes a second or three, and longer where it asks the network.
constexpr absl::Duration kMost = absl::Seconds(60);
// A request may be on its way for that long; az renews its own at this time.
constexpr absl::Duration kBeforeEnd = absl::Minutes(5);
// Not a program for each request, however short its tokens live.
constexpr absl::Duration kLeast = absl::Seconds(30);

}  // namespace

ProgramCredential::ProgramCredential(TokenProgram program,
                                     const Machine& machine)
    : program_(std::move(program)), machine_(machine) {}

absl::StatusOr<Secret> ProgramCredential::Bearer(Deadline deadline) {
  return Get("", deadline);
}

absl::StatusOr<Secret> ProgramCredential::BearerFor(const std::string& resource,
                                                    Deadline deadline) {
  if (!program_.call_for) {
    return CredentialSource::BearerFor(resource, deadline);
  }
  return Get(resource, deadline);
}

absl::StatusOr<Secret> ProgramCredential::Get(const std::string& resource,
                                              Deadline deadline) {
  // One thread asks, the others wait for what it got.
  const std::lock_guard<std::mutex> lock(mutex_);
  Kept& kept = kept_[resource];
  if (!kept.bearer.empty() && machine_.clock->Now() < kept.until) {
    return kept.bearer.Clone();
  }
  return Ask(resource, kept, deadline);
}

absl::StatusOr<Secret> ProgramCredential::Ask(const std::string& resource,
                                              Kept& kept, Deadline deadline) {
  const absl::StatusOr<ProgramResult> result = machine_.programs->Run(
      resource.empty() ? program_.call : program_.call_for(resource),
      std::min(deadline, After(*machine_.clock, kMost)));
  if (absl::IsCancelled(result.status())) return result.status();
  if (absl::IsDeadlineExceeded(result.status())) {
    return absl::DeadlineExceededError(absl::StrCat(
        program_.name, " printed no access token in time (at most ",
        FormatSpan(kMost), ") and was ended"));
  }
  if (!result.ok()) return program_.not_run(result.status());
  if (result->exit_code != 0) return program_.failed(*result, resource);
  const absl::Time now = machine_.clock->Now();
  PATFORM_ASSIGN_OR_RETURN(
      PrintedToken token,
      ReadPrintedToken(result->out, program_.name, now, absl::LocalTimeZone()));
  if (token.bearer.Reveal() == challenged_.Reveal()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "the service wants this sign-in to be renewed (continuous access "
        "evaluation), and ",
        program_.name, " printed the same access token again. ",
        program_.renew));
  }
  kept.bearer = token.bearer.Clone();
  kept.until = std::max(token.expires - kBeforeEnd,
                        std::min(token.expires, now + kLeast));
  return std::move(token.bearer);
}

void ProgramCredential::Refused(const Secret& bearer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Another thread may have been here, and the new one is good.
  for (auto& [resource, kept] : kept_) {
    if (kept.bearer.Reveal() == bearer.Reveal()) kept.bearer = Secret();
  }
}

void ProgramCredential::Challenged(const Secret& bearer, const std::string&) {
  Refused(bearer);
  const std::lock_guard<std::mutex> lock(mutex_);
  challenged_ = bearer.Clone();
}

}  // namespace patform::entra
