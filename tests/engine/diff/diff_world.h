#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/diff/diff.h"
#include "tests/engine/diff/testing.h"
#include "tests/fakes/dump.h"

namespace patform::testing {

// All of a diff: what it changes, defers and notes, what of each change
// Dump(Change) leaves out, what it counts, and for how long it reads so.
inline std::string Whole(const ChangeSet& changes, absl::Time now) {
  std::string text;
  for (const Change& change : changes.changes) {
    absl::StrAppend(&text, Dump(change));
    // Of a successor only the names: its dates are reckoned from now.
    const std::vector<FieldChange> fields = FieldChangesOf(change);
    if (!change.InPlace() && !fields.empty()) {
      absl::StrAppend(
          &text, " [",
          absl::StrJoin(fields, " ",
                        [](std::string* out, const FieldChange& field) {
                          out->append(field.field);
                        }),
          "]");
    }
    absl::StrAppend(&text, change.ends_unrenewed ? " unrenewed" : "", "\n");
  }
  ChangeSet rest = changes;
  rest.changes.clear();
  absl::StrAppend(&text, Dump(rest));
  for (const ActualToken& token : changes.unmanaged) {
    absl::StrAppend(&text, "unmanaged ", token.display_name, "\n");
  }
  if (changes.unmanaged_excepted > 0) {
    absl::StrAppend(&text, "excepted ", changes.unmanaged_excepted, "\n");
  }
  if (changes.unchanged > 0) {
    absl::StrAppend(&text, "unchanged ", changes.unchanged, "\n");
  }
  if (changes.stable_until != absl::InfiniteFuture()) {
    absl::StrAppend(&text, "for ", FormatSpan(changes.stable_until - now),
                    "\n");
  }
  return std::string(absl::StripSuffix(text, "\n"));
}

// A world in which token "ci" is settled: generation 1, ten days old, of 30
// days, due seven before its end, delivered to main:ci.
class DiffWorld : public ::testing::Test {
 protected:
  DiffWorld() { Reset(); }

  void Reset() {
    desired_ = DesiredState();
    desired_.workspace = "w";
    desired_.organization = "contoso";
    actual_ = ActualState();
    actual_.user_oid = "oid-1";
    options_ = DiffOptions();
    now_ = kNow;
    Declare("ci", {"main:ci"});
    Exists({Marked(1, "ci", 1, 10 * kDay)});
    actual_.records["main:ci"] = Held(1, 1, PlaceOf("main:ci"));
  }
  DesiredToken& Declare(const std::string& name,
                        const std::vector<std::string>& places) {
    DesiredToken token;
    token.name = name;
    token.organization = "contoso";
    token.scopes = ScopeSet::Of({"vso.code", "vso.build"});
    token.rotate_before.span = 7 * kDay;
    for (const std::string& place : places) {
      token.deliver.push_back(PlaceOf(place));
      actual_.records.emplace(place, HeldRecord::Absent());
    }
    desired_.tokens.push_back(token);
    return desired_.tokens.back();
  }
  DesiredToken& ci() { return desired_.tokens[0]; }
  void Exists(std::vector<ActualToken> tokens,
              const std::string& organization = "contoso") {
    TokenList& snapshot = actual_.organizations[organization];
    snapshot.organization = organization;
    snapshot.has_history = true;
    for (ActualToken& token : tokens) snapshot.tokens.push_back(token);
    std::sort(snapshot.tokens.begin(), snapshot.tokens.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
  }
  void Empty() {
    actual_.organizations["contoso"].tokens.clear();
    for (auto& [address, held] : actual_.records) held = HeldRecord::Absent();
  }
  ActualToken& Existing(int id) {
    for (ActualToken& token : actual_.organizations["contoso"].tokens) {
      if (token.id == Id(id)) return token;
    }
    return actual_.organizations["contoso"].tokens.front();
  }
  ChangeSet Changes() { return Diff(desired_, actual_, options_, now_); }
  std::string Text() { return Dump(Changes()); }

  // An edit of the settled world, and what its diff is in words.
  struct Row {
    const char* name;
    std::function<void()> change;
    const char* want;
  };
  // Compares with Whole(). `before` makes it another world, for all rows.
  void ExpectEach(
      const std::vector<Row>& rows,
      const std::function<void()>& before = [] {}) {
    for (const Row& row : rows) {
      Reset();
      before();
      row.change();
      EXPECT_EQ(Whole(Changes(), now_), row.want) << row.name;
    }
  }

  // What the place "sink:at" holds.
  HeldRecord& Record(const std::string& place) {
    return actual_.records[place];
  }
  void Holds(const std::string& place, int id, int64_t generation,
             const std::string& name = "ci") {
    Record(place) = Held(id, generation, PlaceOf(place), name);
  }
  void Unread(const std::string& place) {
    Record(place) = HeldRecord::Unknown(absl::UnavailableError("no answer"));
  }
  void HoldsAs(const std::string& place, HeldRecord::State state) {
    Record(place) = HeldRecord::Absent();
    Record(place).state = state;
  }
  // The places of "ci", which hold what the first one does.
  void DeliverTo(const std::vector<std::string>& places) {
    const HeldRecord first = Record("main:ci");
    ci().deliver.clear();
    actual_.records.clear();
    for (const std::string& place : places) {
      ci().deliver.push_back(PlaceOf(place));
      Record(place) = first;
      if (first.record) Record(place).record->address = place;
    }
  }

  DesiredState desired_;
  ActualState actual_;
  DiffOptions options_;
  absl::Time now_;
};

}  // namespace patform::testing
