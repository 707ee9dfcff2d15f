#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/diff/change.h"

namespace patform {

// " retires 1 revokes 2": what ends, by generation (0: unmarked).
inline std::string DumpEnds(const std::vector<Collect>& ends) {
  std::string text;
  for (const Collect& end : ends) {
    absl::StrAppend(&text, end.retire_at ? " retires " : " revokes ",
                    end.generation);
  }
  return text;
}

// One line a change, for golden tests:
// "+/- token.ci rotate in_rotation_window gen 2 retires 1".
inline std::string Dump(const Change& change) {
  std::string text =
      absl::StrCat(Sign(change.action), " ", change.address, " ",
                   Word(change.action), " ", Word(change.reason));
  if (change.decision->kind == Decision::Kind::kMake) {
    absl::StrAppend(&text, " gen ", change.decision->generation);
  }
  if (!change.decision->collect_first.empty()) {
    absl::StrAppend(&text, " first", DumpEnds(change.decision->collect_first));
  }
  absl::StrAppend(&text, DumpEnds(change.decision->collect),
                  DumpEnds(change.revoke));
  if (change.InPlace()) {
    absl::StrAppend(
        &text, " {",
        absl::StrJoin(FieldChangesOf(change), ", ",
                      [](std::string* out, const FieldChange& field) {
                        absl::StrAppend(out, field.field, ": ", field.before,
                                        " → ", field.after);
                      }),
        "}");
  }
  return text;
}

inline std::string Dump(const ChangeSet& changes) {
  std::string text;
  for (const Change& change : changes.changes) {
    absl::StrAppend(&text, Dump(change), "\n");
  }
  for (const Deferred& deferred : changes.deferred) {
    absl::StrAppend(&text, "? ", deferred.address,
                    deferred.contention ? " waits: " : ": ",
                    deferred.explanation, "\n");
  }
  for (const Note& note : changes.notes) {
    absl::StrAppend(&text, "note ", note.address, ": ", note.text, "\n");
  }
  return text;
}

}  // namespace patform
