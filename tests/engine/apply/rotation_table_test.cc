// The protocol as tables: what happens, in words, and what the machine wants
// then, to the end that it reports. rotation_test.cc tells the stories; the
// words are those of rotation_player.h.
#include <gtest/gtest.h>

#include "absl/types/span.h"
#include "tests/engine/apply/rotation_player.h"

namespace patform {
namespace {

using Row = testing::PlayRow;

// What is told so often that the tables name it. The whole text is compared.
const testing::Sayings kSayings = {
    {"{minted}", "minted generation 2 (00000021)"},
    {"{again}", "minted generation 2 (00000022)"},
    {"{undone}",
     "revoked generation 2 (00000021), which could not be delivered"},
    {"{undone again}",
     "revoked generation 2 (00000022), which could not be delivered"},
    {"{everywhere}", "delivered to other:ci; delivered to main:ci"},
    {"{retired}",
     "retired generation 1 (00000001): it ends 2027-01-16 08:00 UTC"},
    {"{make another}",
     "make a new generation: generation 2 (00000021) may be in a sink and "
     "stays alive until then"},
    {"{lost create}",
     "sent a create for generation 2 whose answer was lost; if it lives, its "
     "mark shows it and it is collected"},
    {"{whose id}",
     "end generation 2 if it was made: its mark shows it. The id that the "
     "service answered with (00000021) belongs to another token, which was not "
     "touched"},
    {"{unknown}",
     "whether other:ci took the secret is not known: connection broke"},
    {"{wait}",
     "3 tokens of ci were minted in the last 30m and none was delivered; other "
     "runs may be at work. Wait and apply again; what stays undelivered is "
     "then collected"},
    {"{not named}",
     "other runs have left so many generations that some must end first, which "
     "this plan did not name; apply again"},
    {"{to other}", "deliver 2 to other:ci over v1*"},
    {"{to third}", "deliver 2 to third:ci over v1*"},
    {"{to main}", "deliver 2 to main:ci over v1*"},
    {"{undo}", "revoke 2#21 orphan if marked*"},
    {"{retire}", "retire 1#1 in 1d superseded"},
};

void Check(const char* from, absl::Span<const Row> rows) {
  testing::ExpectPlays(from, rows, kSayings);
}

// What each action begins with, and that none does once interrupted.
TEST(RotationTable, Start) {
  const Row rows[] = {
      {"no-op", "no-op 1,1", "", "end => nothing"},
      {"no-op!", "no-op 1,1", "start!", "end => interrupted (interrupted)"},
      {"create", "create -,-/", "", "check"},
      {"create!", "create -,-/", "start!", "end => interrupted (interrupted)"},
      {"rotate", "rotate 1,1", "", "check"},
      {"rotate!", "rotate 1,1", "start!", "end => interrupted (interrupted)"},
      {"finish", "finish 2,2/1@10d,2@1d,3@1d", "", "read"},
      {"finish!", "finish 2,2/1@10d,2@1d,3@1d", "start!",
       "end => interrupted (interrupted)"},
      {"update", "update", "", "update"},
      {"update!", "update", "start!", "end => interrupted (interrupted)"},
      {"release", "release", "", "update"},
      {"release!", "release", "start!", "end => interrupted (interrupted)"},
      {"revoke", "revoke /1@1d", "", "revoke 1#1 undeclared"},
      {"revoke!", "revoke /1@1d", "start!", "end => interrupted (interrupted)"},
      {"nothing to revoke", "revoke /", "", "end => nothing"},
  };
  Check("", rows);
}

// Nothing is made when a place cannot be written.
TEST(RotationTable, Check) {
  const Row rows[] = {
      {"ok", "rotate 1,1", "ok", "check, read"},
      {"ok!", "rotate 1,1", "ok!", "check, end => interrupted (interrupted)"},
      {"failed", "rotate 1,1", "failed", "check, end => failed (refused)"},
      {"failed!", "rotate 1,1", "failed!", "check, end => failed (refused)"},
      {"lost", "create -,-/", "lost",
       "check, end => failed (connection broke)"},
      {"conflict", "create -,-/", "conflict", "check, end => failed (moved)"},
      {"gone", "rotate 1", "gone", "check, end => failed (no such token)"},
  };
  Check("", rows);
}

// The decision holds only for the records that it was made from.
TEST(RotationTable, Reread) {
  const Row rows[] = {
      {"one place", "rotate 1", "records:1", "read, mint 2"},
      {"as planned", "rotate 1,1", "records:1,1", "read, mint 2"},
      {"as planned!", "rotate 1,1", "records:1,1!",
       "read, end => interrupted (interrupted)"},
      {"three places", "rotate 1,1,1", "records:1,1,1", "read, mint 2"},
      {"silent, as before", "rotate 1,~", "records:1,~", "read, mint 2"},
      {"a create", "create -,-/", "records:-,-", "read, mint 1"},
      {"somebody delivered", "create -,-/", "records:-,1", "read, look"},
      {"the primary moved", "rotate 1,1", "records:2,1", "read, look"},
      {"the secondary moved!", "rotate 1,1", "records:1,2!", "read, look"},
      {"the third moved", "rotate 1,1,1", "records:1,1,2", "read, look"},
      {"another version of the same", "rotate 1,1", "records:1',1",
       "read, look"},
      {"unreadable now", "rotate 1,1", "records:1,?", "read, look"},
      {"silent now", "rotate 1,1", "records:1,~", "read, look"},
      {"absent now", "rotate 1,1", "records:-,1", "read, look"},
      {"of fewer places", "rotate 1,1", "records:1", "read, look"},
      {"failed", "rotate 1,1", "failed", "read, end => failed (refused)"},
      {"failed!", "rotate 1,1", "failed!", "read, end => failed (refused)"},
      {"lost", "rotate 1,1", "lost", "read, end => failed (connection broke)"},
  };
  Check("ok", rows);
}

// A secret that cannot be proven goes nowhere: what is in service stays.
TEST(RotationTable, Prove) {
  const Row rows[] = {
      {"works", "rotate 1,1 prove", "minted ok",
       "mint 2, prove*, {to other} => so far: {minted}; proved that the new "
       "secret works"},
      {"works!", "rotate 1,1 prove", "minted ok!",
       "mint 2, prove*, {to other} => so far: {minted}; proved that the new "
       "secret works"},
      {"refused", "rotate 1,1 prove", "minted failed gone",
       "mint 2, prove*, {undo}, end => failed (refused): {minted}; {undone}"},
      {"refused, not undone", "rotate 1,1 prove", "minted failed failed",
       "mint 2, prove*, {undo}, end => incomplete (refused): {minted} | left: "
       "revoke generation 2 (00000021), which was not delivered: refused"},
      {"lost", "rotate 1,1 prove", "minted lost",
       "mint 2, prove*, {undo} => so far: {minted}"},
      {"what is unfit is not tried", "rotate 1,1 prove", "unfit",
       "mint 2, {undo}"},
      {"a renewed secret is the only one there is", "update 1,1 prove",
       "renewed",
       "update, deliver 1 to other:ci over v1* => so far: updated in place; "
       "got a new secret from the service, and the old one works no longer"},
  };
  Check("ok records:1,1", absl::MakeConstSpan(rows, 6));
  Check("", absl::MakeConstSpan(rows + 6, 1));
}

// Records moved: the same decision, on what is there now.
TEST(RotationTable, Look) {
  const Row rows[] = {
      {"settled, nothing to end", "rotate 1,1", "view:2,2/2@1m",
       "look, end => done: found it done by another run"},
      {"settled, the old one ends", "rotate 1,1", "view:2,2/1@10d,2@1m",
       "look, {retire} => so far: found it done by another run"},
      {"settled!", "rotate 1,1", "view:2,2/1@10d,2@1m!",
       "look, end => interrupted (interrupted)"},
      {"back as it was", "rotate 1,1", "view:1,1", "look, read"},
      {"make!", "rotate 1,1", "view:1,1!",
       "look, end => interrupted (interrupted)"},
      {"half delivered", "rotate 1,1", "view:1,2/1@10d,2@1m", "look, read"},
      {"both empty", "rotate 1,1", "view:-,-", "look, read"},
      {"torn primary", "rotate 1,1", "view:%,1", "look, read"},
      {"wait", "rotate 1,1", "view:1,1/1@10d,2@1m,3@1m,4@1m",
       "look, end => failed ({wait})"},
      {"wait!", "rotate 1,1", "view:1,1/1@10d,2@1m,3@1m,4@1m!",
       "look, end => interrupted (interrupted)"},
      {"wait for a silent place", "rotate 1,1", "view:1,~/1@10d,2@1m",
       "look, end => failed (a token of ci was minted in the last 30m and not "
       "delivered everywhere, and one of its places keeps no record: another "
       "run may still write there. Wait and apply again)"},
      {"silent and quiet", "rotate 1,1", "view:1,~", "look, read"},
      {"blocked, unknown", "rotate 1,1", "view:?,1",
       "look, end => failed (what main:ci holds could not be read: no answer)"},
      {"blocked, foreign", "rotate 1,1", "view:1,x",
       "look, end => failed (other:ci holds a value that patform did not "
       "write; move it away, or set `adopt = true` in its `deliver` entry to "
       "let patform replace it)"},
      {"blocked!", "rotate 1,1", "view:1,x!",
       "look, end => interrupted (interrupted)"},
      {"a silent primary", "rotate 1,1", "view:~,1",
       "look, end => failed (main:ci keeps no record of what it holds, so it "
       "cannot be the first place in `deliver`)"},
      {"failed", "rotate 1,1", "failed", "look, end => failed (refused)"},
      {"failed!", "rotate 1,1", "failed!", "look, end => failed (refused)"},
      {"lost", "rotate 1,1", "lost", "look, end => failed (connection broke)"},
      {"no view", "rotate 1,1", "noview", "look, end => failed (half a list)"},
  };
  Check("ok records:1,2", rows);
}

// A look's rotate is the plan's only where nobody has moved on since.
TEST(RotationTable, LookOfOtherPlans) {
  const Row rows[] = {
      {"asked for, moved on", "rotate 1,1", "view:2,2/2@1m",
       "look, end => done: found it done by another run"},
      {"asked for, not moved on", "rotate 1,1 before:2", "view:2,2/2@1m",
       "look, read"},
      {"due, not moved on", "rotate 1,1 before:2 reason:in_rotation_window",
       "view:2,2/2@1m", "look, read"},
      {"scopes, not moved on", "rotate 1,1 before:2 reason:scope_changed",
       "view:2,2/2@1m", "look, read"},
      {"not_found", "rotate 1,1 before:2 reason:not_found", "view:2,2/2@1m",
       "look, end => done: found it done by another run"},
      {"expired", "rotate 1,1 before:2 reason:expired", "view:2,2/2@1m",
       "look, end => done: found it done by another run"},
      {"gone", "rotate 1,1 before:2 reason:gone", "view:2,2/2@1m",
       "look, end => done: found it done by another run"},
      {"record_not_ours", "rotate 1,1 before:2 reason:record_not_ours",
       "view:2,2/2@1m", "look, end => done: found it done by another run"},
      {"secret_not_in_sink", "rotate 1,1 before:2 reason:secret_not_in_sink",
       "view:2,2/2@1m", "look, end => done: found it done by another run"},
      {"sink_out_of_date", "rotate 1,1 before:2 reason:sink_out_of_date",
       "view:2,2/2@1m", "look, end => done: found it done by another run"},
      {"still gone", "rotate 1,1 before:2 reason:gone", "view:2,2/",
       "look, read"},
      {"create, made by another", "create -,-/", "view:2,2/2@1m",
       "look, end => done: found it done by another run"},
      {"create, made and lost again", "create -,-/", "view:-,-/2@1m",
       "look, read"},
      {"create, half made", "create -,-/", "view:-,2/2@1m", "look, read"},
  };
  Check("ok records:2,2", rows);
}

// Four looks, then others have the way.
TEST(RotationTable, LookAgain) {
  const Row rows[] = {
      {"second", "rotate 1,1", "view:1,1 records:2,1", "look, read, look"},
      {"third", "rotate 1,1", "view:1,1 records:2,1 view:1,1 records:2,1",
       "look, read, look, read, look"},
      {"fourth", "rotate 1,1",
       "view:1,1 records:2,1 view:1,1 records:2,1 view:1,1 records:2,1 "
       "view:1,1 records:1,1",
       "look, read, look, read, look, read, look, read, mint 2"},
      {"fifth", "rotate 1,1",
       "view:1,1 records:2,1 view:1,1 records:2,1 view:1,1 records:2,1 "
       "view:1,1 records:2,1",
       "look, read, look, read, look, read, look, read, end => failed (the "
       "sink records kept changing: another run is working on this token. Let "
       "it finish, then apply again)"},
      {"the last view counts", "rotate 1,1",
       "view:-,-/ records:1,1 view:2,1/2@1m records:2,1",
       "look, read, look, read, mint 3"},
  };
  Check("ok records:2,1", rows);
}

// Too many live: the surplus ends before the mint, one refusal ends the run.
TEST(RotationTable, CollectFirst) {
  const Row rows[] = {
      {"first", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "", "revoke 3#3 orphan"},
      {"both, then the mint", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "ok ok",
       "revoke 3#3 orphan, revoke 4#4 orphan, mint 5 => so far: revoked "
       "generation 3 (00000003); revoked generation 4 (00000004)"},
      {"gone", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "gone gone",
       "revoke 3#3 orphan, revoke 4#4 orphan, mint 5 => so far: found "
       "generation 3 (00000003) gone already; found generation 4 (00000004) "
       "gone already"},
      {"ok!", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "ok!",
       "revoke 3#3 orphan, end => incomplete (interrupted): revoked generation "
       "3 (00000003)"
       " | left: end generation 4 (00000004)"},
      {"gone!", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "gone!",
       "revoke 3#3 orphan, end => incomplete (interrupted): found generation 3 "
       "(00000003) gone already"
       " | left: end generation 4 (00000004)"},
      {"second ok!", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "ok ok!",
       "revoke 3#3 orphan, revoke 4#4 orphan, end => incomplete (interrupted): "
       "revoked generation 3 (00000003); revoked generation 4 (00000004)"},
      {"failed", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "failed",
       "revoke 3#3 orphan, end => failed (refused) | left: end generation 3 "
       "(00000003)"
       "; end generation 4 (00000004)"},
      {"failed!", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "failed!",
       "revoke 3#3 orphan, end => failed (refused) | left: end generation 3 "
       "(00000003)"
       "; end generation 4 (00000004)"},
      {"lost", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "lost",
       "revoke 3#3 orphan, end => failed (connection broke) | left: end "
       "generation 3 (00000003)"
       "; end generation 4 (00000004)"},
      {"conflict", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "conflict",
       "revoke 3#3 orphan, end => failed (moved) | left: end generation 3 "
       "(00000003)"
       "; end generation 4 (00000004)"},
      {"second failed", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "ok failed",
       "revoke 3#3 orphan, revoke 4#4 orphan, end => incomplete (refused): "
       "revoked generation 3 (00000003) | left: end generation 4 (00000004)"},
      {"second lost!", "rotate 1,1/1@10d,2@1d,3@1d,4@1d", "gone lost!",
       "revoke 3#3 orphan, revoke 4#4 orphan, end => incomplete (connection "
       "broke): found generation 3 (00000003) gone already | left: end "
       "generation 4 (00000004)"},
      {"to the end", "rotate 1,1/1@10d,2@1d,3@1d,4@1d",
       "ok ok minted delivered delivered ok ok",
       "revoke 3#3 orphan, revoke 4#4 orphan, mint 5, deliver 5 to other:ci "
       "over v1*, deliver 5 to main:ci over v1*, {retire}, revoke 2#2 orphan, "
       "end => done: revoked generation 3 (00000003); revoked generation 4 "
       "(00000004); minted generation 5 (00000051); {everywhere}; {retired}; "
       "revoked generation 2 (00000002)"},
  };
  Check("ok records:1,1", rows);
}

// What must go first and is in no plan ends the run.
TEST(RotationTable, CollectFirstNotApproved) {
  const Row rows[] = {
      {"the first is not named", "rotate 1,1",
       "view:4,5/2@1d,3@1d,4@1d,5@1d,6@1d records:4,5",
       "look, read, end => failed ({not named})"},
      {"the second is not named", "rotate 1,1",
       "view:4,5/1@10d,2@1d,3@1d,4@1d,5@1d records:4,5 ok",
       "look, read, {retire}, end => incomplete ({not named}): {retired}"},
      {"the second is not named, first gone", "rotate 1,1",
       "view:4,5/1@10d,2@1d,3@1d,4@1d,5@1d records:4,5 gone",
       "look, read, {retire}, end => incomplete ({not named}): found "
       "generation 1 (00000001) gone already"},
      {"the first fails", "rotate 1,1",
       "view:4,5/1@10d,2@1d,3@1d,4@1d,5@1d records:4,5 failed",
       "look, read, {retire}, end => failed (refused) | left: end generation 1 "
       "(00000001)"
       "; end generation 2 (00000002), which this plan did not name; end "
       "generation 3 (00000003), which this plan did not name"},
      {"the first ok!", "rotate 1,1",
       "view:4,5/1@10d,2@1d,3@1d,4@1d,5@1d records:4,5 ok!",
       "look, read, {retire}, end => incomplete (interrupted): {retired}"
       " | left: end generation 2 (00000002), which this plan did not name; "
       "end generation 3 (00000003), which this plan did not name"},
      {"all are named", "rotate 1,1/1@10d,2@1d,3@1d,4@1d",
       "view:4,5/1@10d,2@1d,3@1d,4@1d,5@1d records:4,5 ok ok ok",
       "look, read, {retire}, retire 2#2 in 1d superseded, retire 3#3 in 1d "
       "superseded, mint 6 => so far: {retired}; retired generation 2 "
       "(00000002): it ends 2027-01-16 08:00 UTC; retired generation 3 "
       "(00000003): it ends 2027-01-16 08:00 UTC"},
      {"no grace", "rotate 1,1 nograce",
       "view:4,5/1@10d,2@1d,3@1d,4@1d,5@1d records:4,5 ok",
       "look, read, revoke 1#1 superseded, end => incomplete ({not named}): "
       "revoked generation 1 (00000001)"},
      {"all are named, no grace", "rotate 1,1/1@10d,2@1d,3@1d,4@1d nograce",
       "view:4,5/1@10d,2@1d,3@1d,4@1d,5@1d records:4,5 ok ok ok",
       "look, read, revoke 1#1 superseded, revoke 2#2 superseded, revoke 3#3 "
       "superseded, mint 6 => so far: revoked generation 1 (00000001); revoked "
       "generation 2 (00000002); revoked generation 3 (00000003)"},
  };
  Check("ok records:1,2", rows);
}

// The one call that is never sent twice unseen.
TEST(RotationTable, Mint) {
  const Row rows[] = {
      {"minted", "rotate 1,1", "minted",
       "mint 2, {to other} => so far: {minted}"},
      {"minted!", "rotate 1,1", "minted!",
       "mint 2, {to other} => so far: {minted}"},
      {"short", "rotate 1,1", "short-minted",
       "mint 2, {to other} => so far: {minted}; got a shorter life than asked "
       "for: until 2027-02-04 08:00 UTC instead of 2027-02-14 08:00 UTC, as a "
       "policy of the tenant demands"},
      {"short!", "rotate 1,1", "short-minted!",
       "mint 2, {to other} => so far: {minted}; got a shorter life than asked "
       "for: until 2027-02-04 08:00 UTC instead of 2027-02-14 08:00 UTC, as a "
       "policy of the tenant demands"},
      {"unfit", "rotate 1,1", "unfit", "mint 2, {undo}"},
      {"unfit!", "rotate 1,1", "unfit!", "mint 2, {undo}"},
      {"failed", "rotate 1,1", "failed", "mint 2, end => failed (refused)"},
      {"failed!", "rotate 1,1", "failed!", "mint 2, end => failed (refused)"},
      {"conflict", "rotate 1,1", "conflict", "mint 2, end => failed (moved)"},
      {"gone", "rotate 1,1", "gone", "mint 2, end => failed (no such token)"},
      {"too late to deliver", "rotate 1,1", "+11m minted ok",
       "mint 2, {undo}, end => failed (delivering took longer than 10m): "
       "{minted}; {undone}"},
      {"put off, its deadline begins again", "rotate 1,1",
       "putoff +11m view:1,1 records:1,1 minted",
       "mint 2, look, read, mint 2, {to other} => so far: {minted}"},
      {"put off", "rotate 1,1", "putoff", "mint 2, look"},
      {"put off!", "rotate 1,1", "putoff!", "mint 2, end => failed (too many)"},
      {"put off, carried out nevertheless", "rotate 1,1",
       "putoff view:1,1/1@10d,2@0s records:1,1", "mint 2, look, read, mint 3"},
      {"put off, interrupted at the look", "rotate 1,1", "putoff view:1,1!",
       "mint 2, look, end => interrupted (interrupted)"},
      {"put off six times", "rotate 1,1",
       "putoff view:1,1 records:1,1 putoff view:1,1 records:1,1 putoff "
       "view:1,1 records:1,1 putoff view:1,1 records:1,1 putoff view:1,1 "
       "records:1,1 putoff",
       "mint 2, look, read, mint 2, look, read, mint 2, look, read, mint 2, "
       "look, read, mint 2, look, read, mint 2, end => failed (too many)"},
      {"put off five times, then made", "rotate 1,1",
       "putoff view:1,1 records:1,1 putoff view:1,1 records:1,1 putoff "
       "view:1,1 records:1,1 putoff view:1,1 records:1,1 putoff view:1,1 "
       "records:1,1 minted",
       "mint 2, look, read, mint 2, look, read, mint 2, look, read, mint 2, "
       "look, read, mint 2, look, read, mint 2, {to other} => so far: "
       "{minted}"},
      {"put off, delivered by another", "rotate 1,1", "putoff view:2,2/2@1m",
       "mint 2, look, end => done: found it done by another run"},
      {"lost", "rotate 1,1", "lost", "mint 2, look => so far: {lost create}"},
      {"lost!", "rotate 1,1", "lost! view:1,1!",
       "mint 2, look, end => incomplete (interrupted): {lost create}"},
      {"lost, not made", "rotate 1,1", "lost view:1,1 records:1,1",
       "mint 2, look, read, mint 2 => so far: {lost create}"},
      {"lost, made", "rotate 1,1", "lost view:1,1/1@10d,2@0s records:1,1",
       "mint 2, look, read, mint 3 => so far: {lost create}"},
      {"lost, delivered by another", "rotate 1,1",
       "lost view:2,2/1@10d,2@1m ok",
       "mint 2, look, {retire}, end => done: {lost create}; {retired}"},
      {"lost, look failed", "rotate 1,1", "lost failed",
       "mint 2, look, end => incomplete (refused): {lost create}"},
      {"lost, wait", "rotate 1,1", "lost view:1,1/1@10d,2@1m,3@1m,4@1m",
       "mint 2, look, end => incomplete ({wait}): {lost create}"},
      {"lost, blocked", "rotate 1,1", "lost view:?,1",
       "mint 2, look, end => incomplete (what main:ci holds could not be read: "
       "no answer): {lost create}"},
      {"lost, made, and not in the plan", "rotate 1,1",
       "lost view:1,1/1@10d,2@0s records:1,1 minted delivered delivered ok",
       "mint 2, look, read, mint 3, deliver 3 to other:ci over v1*, deliver 3 "
       "to main:ci over v1*, {retire}, end => done: {lost create}; minted "
       "generation 3 (00000031); {everywhere}; {retired} | left: end "
       "generation 2 (00000002), which this plan did not name"},
      {"lost, made, and not in the plan!", "rotate 1,1",
       "lost view:1,1/1@10d,2@0s records:1,1 minted delivered delivered!",
       "mint 2, look, read, mint 3, deliver 3 to other:ci over v1*, deliver 3 "
       "to main:ci over v1*, end => incomplete (interrupted): {lost create}; "
       "minted generation 3 (00000031); {everywhere} | left: end generation 1 "
       "(00000001); end generation 2 (00000002), which this plan did not name"},
      {"lost, put off", "rotate 1,1", "lost view:1,1 records:1,1 putoff",
       "mint 2, look, read, mint 2, look => so far: {lost create}"},
      {"lost, failed", "rotate 1,1", "lost view:1,1 records:1,1 failed",
       "mint 2, look, read, mint 2, end => incomplete (refused): {lost "
       "create}"},
      {"lost twice, a third refused", "rotate 1,1",
       "lost view:1,1 records:1,1 lost view:1,1 records:1,1",
       "mint 2, look, read, mint 2, look, read, end => incomplete (connection "
       "broke): {lost create}; {lost create}"},
      {"lost, then made", "rotate 1,1", "lost view:1,1 records:1,1 minted",
       "mint 2, look, read, mint 2, {to other} => so far: {lost create}; "
       "{minted}"},
  };
  Check("ok records:1,1", rows);
}

// The primary alone: what it took is in service.
TEST(RotationTable, DeliverOnePlace) {
  const Row rows[] = {
      {"delivered", "rotate 1", "delivered",
       "{to main}, {retire} => so far: {minted}; delivered to main:ci"},
      {"delivered!", "rotate 1", "delivered!",
       "{to main}, end => incomplete (interrupted): {minted}; delivered to "
       "main:ci | left: end generation 1 (00000001)"},
      {"delivered, retired", "rotate 1", "delivered ok",
       "{to main}, {retire}, end => done: {minted}; delivered to main:ci; "
       "{retired}"},
      {"failed", "rotate 1", "failed", "{to main}, {undo} => so far: {minted}"},
      {"failed!", "rotate 1", "failed! ok!",
       "{to main}, {undo}, end => failed (refused): {minted}; {undone}"},
      {"gone counts as failed", "rotate 1", "gone ok",
       "{to main}, {undo}, end => failed (no such token): {minted}; {undone}"},
      {"lost", "rotate 1", "lost",
       "{to main}, read back main:ci* => so far: {minted}"},
      {"lost!", "rotate 1", "lost!",
       "{to main}, read back main:ci* => so far: {minted}"},
      {"conflict", "rotate 1", "conflict",
       "{to main}, {undo} => so far: {minted}"},
      {"conflict!", "rotate 1", "conflict! ok!",
       "{to main}, {undo}, end => failed (main:ci was changed by somebody else "
       "meanwhile): {minted}; {undone}"},
      {"late, written", "rotate 1", "+11m delivered",
       "{to main}, {retire} => so far: {minted}; delivered to main:ci"},
      {"late, lost", "rotate 1", "lost +11m back:1",
       "{to main}, read back main:ci*, end => incomplete (delivering took "
       "longer than 10m): {minted} | left: {make another}"},
      {"late, lost, arrived", "rotate 1", "lost +11m back:own",
       "{to main}, read back main:ci*, {retire} => so far: {minted}; delivered "
       "to main:ci"},
  };
  Check("ok records:1 minted", rows);
}

// Secondaries in their order, the primary last.
TEST(RotationTable, DeliverThreePlaces) {
  const Row rows[] = {
      {"first", "rotate 1,1,1", "", "{to other} => so far: {minted}"},
      {"second", "rotate 1,1,1", "delivered",
       "{to other}, {to third} => so far: {minted}; delivered to other:ci"},
      {"primary", "rotate 1,1,1", "delivered delivered",
       "{to other}, {to third}, {to main} => so far: {minted}; delivered to "
       "other:ci; delivered to third:ci"},
      {"all", "rotate 1,1,1", "delivered delivered delivered ok",
       "{to other}, {to third}, {to main}, {retire}, end => done: {minted}; "
       "delivered to other:ci; delivered to third:ci; delivered to main:ci; "
       "{retired}"},
      {"all!", "rotate 1,1,1", "delivered! delivered! delivered!",
       "{to other}, {to third}, {to main}, end => incomplete (interrupted): "
       "{minted}; delivered to other:ci; delivered to third:ci; delivered to "
       "main:ci | left: end generation 1 (00000001)"},
      {"second failed", "rotate 1,1,1", "delivered failed",
       "{to other}, {to third}, end => incomplete (refused): {minted}; "
       "delivered to other:ci | left: {make another}"},
      {"second failed!", "rotate 1,1,1", "delivered failed!",
       "{to other}, {to third}, end => incomplete (refused): {minted}; "
       "delivered to other:ci | left: {make another}"},
      {"second conflict", "rotate 1,1,1", "delivered conflict",
       "{to other}, {to third}, look => so far: {minted}; delivered to "
       "other:ci"},
      {"second conflict!", "rotate 1,1,1", "delivered conflict!",
       "{to other}, {to third}, end => incomplete (third:ci was changed by "
       "somebody else meanwhile): {minted}; delivered to other:ci | left: "
       "{make another}"},
      {"second conflict, look failed", "rotate 1,1,1",
       "delivered conflict failed",
       "{to other}, {to third}, look, end => incomplete (refused): {minted}; "
       "delivered to other:ci | left: {make another}"},
      {"second conflict, look!", "rotate 1,1,1",
       "delivered conflict view:1,own,1!",
       "{to other}, {to third}, look, end => incomplete (interrupted): "
       "{minted}; delivered to other:ci | left: {make another}"},
      {"second conflict, blocked", "rotate 1,1,1",
       "delivered conflict view:1,own,?",
       "{to other}, {to third}, look, end => incomplete (what third:ci holds "
       "could not be read: no answer): {minted}; delivered to other:ci | left: "
       "{make another}"},
      {"second conflict, a third refused", "rotate 1,1,1",
       "delivered conflict view:1,own,1/1@10d,2@1m records:1,own,1 minted "
       "conflict ok view:1,2,1/1@10d,2@1m records:1,2,1",
       "{to other}, {to third}, look, read, mint 3, deliver 3 to other:ci over "
       "v2*, revoke 3#32 orphan if marked*, look, read, end => incomplete "
       "(other:ci was changed by somebody else meanwhile): {minted}; delivered "
       "to other:ci; minted generation 3 (00000032); revoked generation 3 "
       "(00000032), which could not be delivered | left: {make another}"},
      {"second lost", "rotate 1,1,1", "delivered lost",
       "{to other}, {to third}, read back third:ci* => so far: {minted}; "
       "delivered to other:ci"},
      {"primary failed", "rotate 1,1,1", "delivered delivered failed",
       "{to other}, {to third}, {to main}, end => incomplete (refused): "
       "{minted}; delivered to other:ci; delivered to third:ci | left: {make "
       "another}"},
      {"primary conflict, made again", "rotate 1,1,1",
       "delivered delivered conflict view:2,own,own/1@10d,2@1m "
       "records:2,own,own minted",
       "{to other}, {to third}, {to main}, look, read, mint 3, deliver 3 to "
       "other:ci over v2* => so far: {minted}; delivered to other:ci; "
       "delivered to third:ci; minted generation 3 (00000032)"},
      {"primary lost, arrived", "rotate 1,1,1",
       "delivered delivered lost back:own",
       "{to other}, {to third}, {to main}, read back main:ci*, {retire} => so "
       "far: {minted}; delivered to other:ci; delivered to third:ci; delivered "
       "to main:ci"},
      {"in time", "rotate 1,1,1", "+5m delivered +5m delivered",
       "{to other}, {to third}, {to main} => so far: {minted}; delivered to "
       "other:ci; delivered to third:ci"},
      {"too late for the second", "rotate 1,1,1", "+11m delivered",
       "{to other}, end => incomplete (delivering took longer than 10m): "
       "{minted}; delivered to other:ci | left: {make another}"},
      {"too late for the primary", "rotate 1,1,1",
       "+5m delivered +6m delivered",
       "{to other}, {to third}, end => incomplete (delivering took longer than "
       "10m): {minted}; delivered to other:ci; delivered to third:ci | left: "
       "{make another}"},
      {"late, but everywhere", "rotate 1,1,1",
       "delivered delivered +11m delivered",
       "{to other}, {to third}, {to main}, {retire} => so far: {minted}; "
       "delivered to other:ci; delivered to third:ci; delivered to main:ci"},
  };
  Check("ok records:1,1,1 minted", rows);
}

// A place without a record: nobody can look what is there.
TEST(RotationTable, DeliverToSilentPlace) {
  const Row rows[] = {
      {"delivered", "rotate 1,~", "delivered",
       "deliver 2 to other:ci over -*, {to main} => so far: {minted}; "
       "delivered to other:ci"},
      {"both", "rotate 1,~", "delivered delivered ok",
       "deliver 2 to other:ci over -*, {to main}, {retire}, end => done: "
       "{minted}; {everywhere}; {retired}"},
      {"failed", "rotate 1,~", "failed ok",
       "deliver 2 to other:ci over -*, {undo}, end => failed (refused): "
       "{minted}; {undone}"},
      {"lost, tells nothing", "rotate 1,~", "lost back:~",
       "deliver 2 to other:ci over -*, read back other:ci*, end => incomplete "
       "({unknown}): {minted} | left: {make another}"},
      {"lost, tells nothing!", "rotate 1,~", "lost back:~!",
       "deliver 2 to other:ci over -*, read back other:ci*, end => incomplete "
       "({unknown}): {minted} | left: {make another}"},
      {"conflict", "rotate 1,~", "conflict ok view:1,~ records:1,~",
       "deliver 2 to other:ci over -*, {undo}, look, read, mint 2 => so far: "
       "{minted}; {undone}"},
  };
  Check("ok records:1,~ minted", rows);
}

// The answer of a write was lost: what is there tells, or the token lives on.
TEST(RotationTable, ReadBack) {
  const Row rows[] = {
      {"arrived", "rotate 1,1", "back:own",
       "read back other:ci*, {to main} => so far: {minted}; delivered to "
       "other:ci"},
      {"arrived!", "rotate 1,1", "back:own!",
       "read back other:ci*, {to main} => so far: {minted}; delivered to "
       "other:ci"},
      {"not arrived", "rotate 1,1", "back:1",
       "read back other:ci*, {to other} => so far: {minted}"},
      {"not arrived!", "rotate 1,1", "back:1!",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"the same of another version", "rotate 1,1", "back:1'",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"somebody else's", "rotate 1,1", "back:7",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"somebody else's!", "rotate 1,1", "back:7!",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"emptied", "rotate 1,1", "back:-",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"foreign", "rotate 1,1", "back:x",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"torn", "rotate 1,1", "back:%",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"unknown", "rotate 1,1", "back:?",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"unknown!", "rotate 1,1", "back:?!",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"silent", "rotate 1,1", "back:~",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"failed", "rotate 1,1", "failed",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"lost", "rotate 1,1", "lost",
       "read back other:ci*, end => incomplete ({unknown}): {minted} | left: "
       "{make another}"},
      {"written again", "rotate 1,1", "back:1 delivered",
       "read back other:ci*, {to other}, {to main} => so far: {minted}; "
       "delivered to other:ci"},
      {"refused again", "rotate 1,1", "back:1 failed",
       "read back other:ci*, {to other}, end => incomplete (refused): {minted} "
       "| left: {make another}"},
      {"refused again!", "rotate 1,1", "back:1 failed!",
       "read back other:ci*, {to other}, end => incomplete (refused): {minted} "
       "| left: {make another}"},
      {"lost again, arrived", "rotate 1,1", "back:1 lost back:own",
       "read back other:ci*, {to other}, read back other:ci*, {to main} => so "
       "far: {minted}; delivered to other:ci"},
      {"conflict, ours", "rotate 1,1", "back:1 conflict back:own",
       "read back other:ci*, {to other}, read back other:ci*, {to main} => so "
       "far: {minted}; delivered to other:ci"},
      {"conflict, not ours", "rotate 1,1", "back:1 conflict back:7",
       "read back other:ci*, {to other}, read back other:ci*, end => "
       "incomplete ({unknown}): {minted} | left: {make another}"},
      {"conflict, the old one", "rotate 1,1", "back:1 conflict back:1",
       "read back other:ci*, {to other}, read back other:ci*, {to other} => so "
       "far: {minted}"},
      {"three writes", "rotate 1,1", "back:1 lost back:1 lost back:1",
       "read back other:ci*, {to other}, read back other:ci*, {to other}, read "
       "back other:ci*, end => incomplete ({unknown}): {minted} | left: {make "
       "another}"},
      {"three writes, the last arrived", "rotate 1,1",
       "back:1 lost back:1 lost back:own",
       "read back other:ci*, {to other}, read back other:ci*, {to other}, read "
       "back other:ci*, {to main} => so far: {minted}; delivered to other:ci"},
      {"arrived, then the primary's conflict", "rotate 1,1",
       "back:own conflict",
       "read back other:ci*, {to main}, look => so far: {minted}; delivered to "
       "other:ci"},
      {"arrived, then the primary's failure", "rotate 1,1", "back:own failed",
       "read back other:ci*, {to main}, end => incomplete (refused): {minted}; "
       "delivered to other:ci | left: {make another}"},
  };
  Check("ok records:1,1 minted lost", rows);
}

// What no place can hold is revoked, by its mark.
TEST(RotationTable, Undo) {
  const Row rows[] = {
      {"failed, ok", "rotate 1,1", "failed ok",
       "{to other}, {undo}, end => failed (refused): {minted}; {undone}"},
      {"failed, ok!", "rotate 1,1", "failed ok!",
       "{to other}, {undo}, end => failed (refused): {minted}; {undone}"},
      {"failed, gone", "rotate 1,1", "failed gone",
       "{to other}, {undo}, end => failed (refused): {minted}; {undone}"},
      {"failed, failed", "rotate 1,1", "failed failed",
       "{to other}, {undo}, end => incomplete (refused): {minted} | left: "
       "revoke generation 2 (00000021), which was not delivered: refused"},
      {"failed, failed!", "rotate 1,1", "failed failed!",
       "{to other}, {undo}, end => incomplete (refused): {minted} | left: "
       "revoke generation 2 (00000021), which was not delivered: refused"},
      {"failed, lost", "rotate 1,1", "failed lost",
       "{to other}, {undo}, end => incomplete (refused): {minted} | left: "
       "revoke generation 2 (00000021), which was not delivered: connection "
       "broke"},
      {"failed, conflict", "rotate 1,1", "failed conflict",
       "{to other}, {undo}, end => incomplete (refused): {minted} | left: "
       "{whose id}"},
      {"conflict, ok", "rotate 1,1", "conflict ok",
       "{to other}, {undo}, look => so far: {minted}; {undone}"},
      {"conflict, ok!", "rotate 1,1", "conflict ok!",
       "{to other}, {undo}, end => failed (other:ci was changed by somebody "
       "else meanwhile): {minted}; {undone}"},
      {"conflict, gone", "rotate 1,1", "conflict gone",
       "{to other}, {undo}, look => so far: {minted}; {undone}"},
      {"conflict, failed", "rotate 1,1", "conflict failed",
       "{to other}, {undo}, end => incomplete (other:ci was changed by "
       "somebody else meanwhile): {minted} | left: revoke generation 2 "
       "(00000021), which was not delivered: refused"},
      {"conflict, conflict", "rotate 1,1", "conflict conflict",
       "{to other}, {undo}, end => incomplete (other:ci was changed by "
       "somebody else meanwhile): {minted} | left: {whose id}"},
      {"conflict, settled by another", "rotate 1,1",
       "conflict ok view:2,2/2@1m",
       "{to other}, {undo}, look, end => done: {minted}; {undone}"},
      {"conflict, wait", "rotate 1,1",
       "conflict ok view:1,1/1@10d,2@1m,3@1m,4@1m",
       "{to other}, {undo}, look, end => incomplete ({wait}): {minted}; "
       "{undone}"},
      {"conflict, blocked", "rotate 1,1", "conflict ok view:?,1",
       "{to other}, {undo}, look, end => incomplete (what main:ci holds could "
       "not be read: no answer): {minted}; {undone}"},
      {"conflict, look!", "rotate 1,1", "conflict ok view:1,1!",
       "{to other}, {undo}, look, end => incomplete (interrupted): {minted}; "
       "{undone}"},
  };
  Check("ok records:1,1 minted", rows);
}

// The service made another token than was asked for.
TEST(RotationTable, UndoUnfit) {
  const Row rows[] = {
      {"ok", "rotate 1,1", "ok",
       "{undo}, end => failed (more scopes than asked for): {undone}"},
      {"ok!", "rotate 1,1", "ok!",
       "{undo}, end => failed (more scopes than asked for): {undone}"},
      {"gone", "rotate 1,1", "gone",
       "{undo}, end => failed (more scopes than asked for): {undone}"},
      {"failed", "rotate 1,1", "failed",
       "{undo}, end => incomplete (more scopes than asked for) | left: revoke "
       "generation 2 (00000021), which was not delivered: refused"},
      {"lost", "rotate 1,1", "lost",
       "{undo}, end => incomplete (more scopes than asked for) | left: revoke "
       "generation 2 (00000021), which was not delivered: connection broke"},
      {"conflict", "rotate 1,1", "conflict",
       "{undo}, end => incomplete (more scopes than asked for) | left: {whose "
       "id}"},
  };
  Check("ok records:1,1 unfit", rows);
}

// A place moved before the first was delivered.
TEST(RotationTable, SecondMint) {
  const Row rows[] = {
      {"begun", "rotate 1,1", "", "mint 2 => so far: {minted}; {undone}"},
      {"made", "rotate 1,1", "minted",
       "mint 2, {to other} => so far: {minted}; {undone}; {again}"},
      {"to the end", "rotate 1,1", "minted delivered delivered ok",
       "mint 2, {to other}, {to main}, {retire}, end => done: {minted}; "
       "{undone}; {again}; {everywhere}; {retired}"},
      {"failed", "rotate 1,1", "failed",
       "mint 2, end => incomplete (refused): {minted}; {undone}"},
      {"put off", "rotate 1,1", "putoff",
       "mint 2, look => so far: {minted}; {undone}"},
      {"unfit", "rotate 1,1", "unfit ok",
       "mint 2, revoke 2#22 orphan if marked*, end => failed (more scopes than "
       "asked for): {minted}; {undone}; {undone again}"},
      {"lost", "rotate 1,1", "lost view:1,1 records:1,1",
       "mint 2, look, read, end => incomplete (connection broke): {minted}; "
       "{undone}; {lost create}"},
      {"undone", "rotate 1,1", "minted failed ok",
       "mint 2, {to other}, revoke 2#22 orphan if marked*, end => failed "
       "(refused): {minted}; {undone}; {again}; {undone again}"},
      {"a third refused", "rotate 1,1",
       "minted conflict ok view:1,1 records:1,1",
       "mint 2, {to other}, revoke 2#22 orphan if marked*, look, read, end => "
       "incomplete (other:ci was changed by somebody else meanwhile): "
       "{minted}; {undone}; {again}; {undone again}"},
      {"settled after the second", "rotate 1,1",
       "minted conflict ok view:2,2/1@10d,2@1m ok",
       "mint 2, {to other}, revoke 2#22 orphan if marked*, look, {retire}, end "
       "=> done: {minted}; {undone}; {again}; {undone again}; {retired}"},
      {"primary conflict, no third", "rotate 1,1", "minted delivered conflict",
       "mint 2, {to other}, {to main}, end => incomplete (main:ci was changed "
       "by somebody else meanwhile): {minted}; {undone}; {again}; delivered to "
       "other:ci | left: make a new generation: generation 2 (00000022) may be "
       "in a sink and stays alive until then"},
      {"primary lost", "rotate 1,1", "minted delivered lost back:7",
       "mint 2, {to other}, {to main}, read back main:ci*, end => incomplete "
       "(whether main:ci took the secret is not known: connection broke): "
       "{minted}; {undone}; {again}; delivered to other:ci | left: make a new "
       "generation: generation 2 (00000022) may be in a sink and stays alive "
       "until then"},
  };
  Check("ok records:1,1 minted conflict ok view:1,1 records:1,1", rows);
}

// The old one ends last.
TEST(RotationTable, Collect) {
  const Row rows[] = {
      {"retired", "rotate 1,1", "ok",
       "{retire}, end => done: {minted}; {everywhere}; {retired}"},
      {"retired!", "rotate 1,1", "ok!",
       "{retire}, end => done: {minted}; {everywhere}; {retired}"},
      {"gone", "rotate 1,1", "gone",
       "{retire}, end => done: {minted}; {everywhere}; found generation 1 "
       "(00000001) gone already"},
      {"gone!", "rotate 1,1", "gone!",
       "{retire}, end => done: {minted}; {everywhere}; found generation 1 "
       "(00000001) gone already"},
      {"failed", "rotate 1,1", "failed",
       "{retire}, end => incomplete (refused): {minted}; {everywhere} | left: "
       "end generation 1 (00000001)"},
      {"failed!", "rotate 1,1", "failed!",
       "{retire}, end => incomplete (refused): {minted}; {everywhere} | left: "
       "end generation 1 (00000001)"},
      {"lost", "rotate 1,1", "lost",
       "{retire}, end => incomplete (connection broke): {minted}; {everywhere} "
       "| left: end generation 1 (00000001)"},
      {"conflict", "rotate 1,1", "conflict",
       "{retire}, end => incomplete (moved): {minted}; {everywhere} | left: "
       "end generation 1 (00000001)"},
      {"no grace", "rotate 1,1 nograce", "ok",
       "revoke 1#1 superseded, end => done: {minted}; {everywhere}; revoked "
       "generation 1 (00000001)"},
      {"no grace, lost", "rotate 1,1 nograce", "lost",
       "revoke 1#1 superseded, end => incomplete (connection broke): {minted}; "
       "{everywhere} | left: end generation 1 (00000001)"},
      {"two ends", "rotate 1,1/1@10d,2@1d", "ok ok",
       "{retire}, revoke 2#2 orphan, end => done: minted generation 3 "
       "(00000031); {everywhere}; {retired}; revoked generation 2 (00000002)"},
      {"two ends, first ok!", "rotate 1,1/1@10d,2@1d", "ok!",
       "{retire}, end => incomplete (interrupted): minted generation 3 "
       "(00000031); {everywhere}; {retired} | left: end generation 2 "
       "(00000002)"},
      {"two ends, first gone", "rotate 1,1/1@10d,2@1d", "gone ok",
       "{retire}, revoke 2#2 orphan, end => done: minted generation 3 "
       "(00000031); {everywhere}; found generation 1 (00000001) gone already; "
       "revoked generation 2 (00000002)"},
      {"two ends, second failed", "rotate 1,1/1@10d,2@1d", "ok failed",
       "{retire}, revoke 2#2 orphan, end => incomplete (refused): minted "
       "generation 3 (00000031); {everywhere}; {retired} | left: end "
       "generation 2 (00000002)"},
      {"two ends, first failed", "rotate 1,1/1@10d,2@1d", "failed",
       "{retire}, end => incomplete (refused): minted generation 3 (00000031); "
       "{everywhere} | left: end generation 1 (00000001)"
       "; end generation 2 (00000002)"},
  };
  Check("ok records:1,1 minted delivered delivered", rows);
}

// Only ends, and only those that the plan named.
TEST(RotationTable, Finish) {
  const Row rows[] = {
      {"as planned", "finish 2,2/1@10d,2@1d,3@1d", "records:2,2 ok ok",
       "read, {retire}, revoke 3#3 orphan, end => done: {retired}; revoked "
       "generation 3 (00000003)"},
      {"as planned!", "finish 2,2/1@10d,2@1d,3@1d", "records:2,2!",
       "read, end => interrupted (interrupted)"},
      {"first ok!", "finish 2,2/1@10d,2@1d,3@1d", "records:2,2 ok!",
       "read, {retire}, end => incomplete (interrupted): {retired} | left: end "
       "generation 3 (00000003)"},
      {"second conflict", "finish 2,2/1@10d,2@1d,3@1d",
       "records:2,2 ok conflict",
       "read, {retire}, revoke 3#3 orphan, end => incomplete (moved): "
       "{retired} | left: end generation 3 (00000003)"},
      {"second gone!", "finish 2,2/1@10d,2@1d,3@1d", "records:2,2 gone gone!",
       "read, {retire}, revoke 3#3 orphan, end => done: found generation 1 "
       "(00000001) gone already; found generation 3 (00000003) gone already"},
      {"failed to read", "finish 2,2/1@10d,2@1d,3@1d", "failed",
       "read, end => failed (refused)"},
      {"moved, settled", "finish 2,2/1@10d,2@1d,3@1d",
       "records:3,3 view:3,3/1@10d,2@1d,3@1d ok",
       "read, look, {retire}, end => done: found it done by another run; "
       "{retired} | left: end generation 2 (00000002), which this plan did not "
       "name"},
      {"moved, settled, failed", "finish 2,2/1@10d,2@1d,3@1d",
       "records:3,3 view:3,3/1@10d,2@1d,3@1d failed",
       "read, look, {retire}, end => incomplete (refused): found it done by "
       "another run | left: end generation 1 (00000001)"
       "; end generation 2 (00000002), which this plan did not name"},
      {"moved, settled, alone", "finish 2,2/1@10d,2@1d,3@1d",
       "records:3,3 view:3,3/3@1d",
       "read, look, end => done: found it done by another run"},
      {"moved, make", "finish 2,2/1@10d,2@1d,3@1d",
       "records:2,3 view:2,3/2@1d,3@1m",
       "read, look, end => failed (what the sinks hold has changed since the "
       "plan; plan again)"},
      {"moved, blocked", "finish 2,2/1@10d,2@1d,3@1d", "records:2,3 view:2,?",
       "read, look, end => failed (what other:ci holds could not be read: no "
       "answer)"},
      {"no grace", "finish 2,2/1@10d,2@1d,3@1d nograce", "records:2,2 ok ok",
       "read, revoke 1#1 superseded, revoke 3#3 orphan, end => done: revoked "
       "generation 1 (00000001); revoked generation 3 (00000003)"},
      {"nothing to end", "finish 2,2/2@1d", "records:2,2",
       "read, end => nothing"},
      {"nothing to end!", "finish 2,2/2@1d", "records:2,2!",
       "read, end => interrupted (interrupted)"},
  };
  Check("", rows);
}

// The plan's own list, at once, whatever the grace.
TEST(RotationTable, Revoke) {
  const Row rows[] = {
      {"all", "revoke /1@10d,2@1d,3@1m", "ok ok ok",
       "revoke 1#1 undeclared, revoke 2#2 undeclared, revoke 3#3 undeclared, "
       "end => done: revoked generation 1 (00000001); revoked generation 2 "
       "(00000002); revoked generation 3 (00000003)"},
      {"one", "revoke /7@1d", "ok",
       "revoke 7#7 undeclared, end => done: revoked generation 7 (00000007)"},
      {"one!", "revoke /7@1d", "ok!",
       "revoke 7#7 undeclared, end => done: revoked generation 7 (00000007)"},
      {"gone", "revoke /1@10d,2@1d,3@1m", "gone gone gone",
       "revoke 1#1 undeclared, revoke 2#2 undeclared, revoke 3#3 undeclared, "
       "end => done: found generation 1 (00000001) gone already; found "
       "generation 2 (00000002) gone already; found generation 3 (00000003) "
       "gone already"},
      {"first ok!", "revoke /1@10d,2@1d,3@1m", "ok!",
       "revoke 1#1 undeclared, end => incomplete (interrupted): revoked "
       "generation 1 (00000001) | left: end generation 2 (00000002); end "
       "generation 3 (00000003)"},
      {"second gone!", "revoke /1@10d,2@1d,3@1m", "ok gone!",
       "revoke 1#1 undeclared, revoke 2#2 undeclared, end => incomplete "
       "(interrupted): revoked generation 1 (00000001); found generation 2 "
       "(00000002) gone already | left: end generation 3 (00000003)"},
      {"last ok!", "revoke /1@10d,2@1d,3@1m", "ok ok ok!",
       "revoke 1#1 undeclared, revoke 2#2 undeclared, revoke 3#3 undeclared, "
       "end => done: revoked generation 1 (00000001); revoked generation 2 "
       "(00000002); revoked generation 3 (00000003)"},
      {"first failed", "revoke /1@10d,2@1d,3@1m", "failed",
       "revoke 1#1 undeclared, end => failed (refused) | left: end generation "
       "1 (00000001)"
       "; end generation 2 (00000002); end generation 3 (00000003)"},
      {"second failed", "revoke /1@10d,2@1d,3@1m", "ok failed",
       "revoke 1#1 undeclared, revoke 2#2 undeclared, end => incomplete "
       "(refused): revoked generation 1 (00000001) | left: end generation 2 "
       "(00000002)"
       "; end generation 3 (00000003)"},
      {"third lost", "revoke /1@10d,2@1d,3@1m", "ok ok lost",
       "revoke 1#1 undeclared, revoke 2#2 undeclared, revoke 3#3 undeclared, "
       "end => incomplete (connection broke): revoked generation 1 (00000001); "
       "revoked generation 2 (00000002) | left: end generation 3 (00000003)"},
      {"first conflict", "revoke /1@10d,2@1d,3@1m", "conflict",
       "revoke 1#1 undeclared, end => failed (moved) | left: end generation 1 "
       "(00000001)"
       "; end generation 2 (00000002); end generation 3 (00000003)"},
      {"first failed!", "revoke /1@10d,2@1d,3@1m", "failed!",
       "revoke 1#1 undeclared, end => failed (refused) | left: end generation "
       "1 (00000001)"
       "; end generation 2 (00000002); end generation 3 (00000003)"},
  };
  Check("", rows);
}

}  // namespace
}  // namespace patform
