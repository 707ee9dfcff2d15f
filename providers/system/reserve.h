#pragma once

#include <memory>

#include "absl/status/statusor.h"

// What an apply takes from the machine before it mints, so that nothing new
// has to be had once a secret is in hand: descriptors and memory.
namespace patform::system {

// At the start of the program. Raises the limit of open files as far as it may
// be, keeps the allocator from setting address space aside for each thread
// where there is a limit to it, and lets an allocation that fails use the
// reserve of its thread. False: there is too little memory to begin with; the
// TLS library does not survive that.
bool PrepareForLimits();

// How many of `wanted` workers the machine can carry at once, each with a
// connection to every one of `organizations`; at least 1. kResourceExhausted:
// not even one.
absl::StatusOr<int> AffordableWorkers(int wanted, int organizations);

// Descriptors and memory for one delivery, and for a revocation if it fails.
// Given back with the object, which must be destroyed on the thread that took
// it; its memory is given back before, when that thread gets no other.
// kResourceExhausted: the machine does not have it.
absl::StatusOr<std::shared_ptr<void>> TakeReserve();

}  // namespace patform::system
