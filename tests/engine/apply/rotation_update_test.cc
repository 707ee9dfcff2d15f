// Updates as tables, in the words of rotation_player.h: what becomes of the one
// request, of an answer that was lost, and of a secret in the answer.
#include <gtest/gtest.h>

#include "absl/types/span.h"
#include "tests/engine/apply/rotation_player.h"

namespace patform {
namespace {

using Row = testing::PlayRow;

// What the tables name. The whole text is compared.
const testing::Sayings kSayings = {
    {"{shortened}",
     "the service shortened the token's life: asked for 2027-02-14 08:00 UTC, "
     "granted 2027-02-04 08:00 UTC. A tenant policy limits it, counted from "
     "the token's creation; only a rotation extends it further"},
    {"{renewed}",
     "updated in place; got a new secret from the service, and the old one "
     "works no longer"},
    {"{renewed to other}", "deliver 1 to other:ci over v1*"},
    {"{renewed to main}", "deliver 1 to main:ci over v1*"},
    {"{perhaps dead}",
     "connection broke. If this service gives an updated token a new secret, "
     "its places hold a dead one: apply --rotate ci"},
    {"{unknown}",
     "whether other:ci took the secret is not known: connection broke"},
    {"{everywhere}", "delivered to other:ci; delivered to main:ci"},
};

void Check(absl::Span<const Row> rows) {
  testing::ExpectPlays("", rows, kSayings);
}

// One call, and nothing that could be undone.
TEST(RotationUpdate, Alone) {
  const Row rows[] = {
      {"updated", "update", "updated", "update, end => done: updated in place"},
      {"updated!", "update", "updated!",
       "update, end => done: updated in place"},
      {"as asked", "update / until:30d", "updated",
       "update, end => done: updated in place"},
      {"shortened", "update / until:30d", "short-updated",
       "update, end => incomplete ({shortened}): updated in place"},
      {"shortened!", "update / until:30d", "short-updated!",
       "update, end => incomplete ({shortened}): updated in place"},
      {"no end asked for", "update", "short-updated",
       "update, end => done: updated in place"},
      {"failed", "update", "failed", "update, end => failed (refused)"},
      {"failed!", "update", "failed!", "update, end => failed (refused)"},
      {"lost", "update", "lost",
       "update, end => incomplete (connection broke)"},
      {"gone", "update", "gone",
       "update, end => failed (the token is gone: somebody revoked it since "
       "the plan; plan again)"},
      {"conflict", "update", "conflict", "update, end => failed (moved)"},
      {"released", "release", "updated",
       "update, end => done: took the mark off"},
      {"release failed", "release", "failed",
       "update, end => failed (refused)"},
      {"release lost", "release", "lost",
       "update, end => incomplete (connection broke)"},
      {"release gone", "release", "gone",
       "update, end => failed (the token is gone: somebody revoked it since "
       "the plan; plan again)"},
  };
  Check(rows);
}

// Whatever the answer may have held, it is held against the places.
TEST(RotationUpdate, OfWhatIsServed) {
  const Row rows[] = {
      {"lost, then done", "update 1,1/1@10d", "lost updated",
       "update, update, end => done: updated in place"},
      {"lost, then renewed", "update 1,1/1@10d",
       "lost renewed delivered delivered",
       "update, update, {renewed to other}, {renewed to main}, end => done: "
       "{renewed}; {everywhere}"},
      {"lost twice", "update 1,1/1@10d", "lost lost",
       "update, update, end => incomplete ({perhaps dead})"},
      {"lost!", "update 1,1/1@10d", "lost!",
       "update, end => incomplete ({perhaps dead})"},
      {"lost, then gone", "update 1,1/1@10d", "lost gone",
       "update, update, end => failed (the token is gone: somebody revoked it "
       "since the plan; plan again)"},
      {"renewed", "update 1,1/1@10d", "renewed delivered delivered",
       "update, {renewed to other}, {renewed to main}, end => done: {renewed}; "
       "{everywhere}"},
      {"renewed, and late", "update 1,1/1@10d",
       "renewed +20m delivered delivered",
       "update, {renewed to other}, {renewed to main}, end => done: {renewed}; "
       "{everywhere}"},
      {"renewed, and the first place refuses", "update 1,1/1@10d",
       "renewed failed ok",
       "update, {renewed to other}, revoke 1#1 orphan if marked*, end => "
       "failed (refused): {renewed}; revoked generation 1 (00000001), which "
       "could not be delivered"},
      {"renewed, and the second place refuses", "update 1,1/1@10d",
       "renewed delivered failed",
       "update, {renewed to other}, {renewed to main}, end => incomplete "
       "(refused): {renewed}; delivered to other:ci | left: rotate ci: not "
       "every place has the secret that the service gave it"},
      {"renewed, and the first place does not tell", "update 1,1/1@10d",
       "renewed lost back:?",
       "update, {renewed to other}, read back other:ci*, end => incomplete "
       "({unknown}): {renewed} | left: rotate ci with --rotate: not every "
       "place "
       "has the secret that the service gave it"},
      {"renewed, and no place", "update", "renewed",
       "update, end => incomplete (the service gives a token that it changes a "
       "new secret, and this one has no place here: whoever uses the token "
       "needs another one): {renewed}"},
  };
  Check(rows);
}

}  // namespace
}  // namespace patform
