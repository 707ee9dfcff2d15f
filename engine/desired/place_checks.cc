#include "engine/desired/place_checks.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/desired/git_ignore.h"

// Two secrets in one place overwrite each other, run after run, and a file
// where a folder is needed fails with a secret in hand. Homes are compared as
// texts, so each store has one text for each of its places: a local one the
// path without links and dots, another one what its type says.
namespace patform {
namespace {

constexpr char kGitDetail[] =
    "no .gitignore above it, nor .git/info/exclude, names it. Add it to "
    "one; rules of your own outside of the repository are not looked at";

std::string At(const SourceLocation& where) {
  return absl::StrCat(where.file, ":", where.line);
}

std::string Folded(const SinkType& type, const std::string& text) {
  return type.place.ignores_case ? absl::AsciiStrToLower(text) : text;
}

}  // namespace

PlaceChecks::PlaceChecks(Problems& problems, Files& files,
                         const ReadInput& input, const DesiredState& state)
    : problems_(problems), files_(files), input_(input), state_(state) {}

// Asked once for each sink: a file may have a hundred thousand places.
const std::string& PlaceChecks::StoreOf(const SinkConfig& sink) {
  const auto [entry, is_new] = stores_.try_emplace(sink.name);
  if (!is_new) return entry->second;
  absl::StatusOr<std::string> store =
      input_.canonical ? input_.canonical(sink)
                       : absl::StatusOr<std::string>(sink.name);
  // Whoever opens it explains why it cannot be had.
  if (store.ok()) entry->second = *std::move(store);
  return entry->second;
}

std::string PlaceChecks::HomeOf(const SinkConfig& sink, const SinkType& type,
                                const Delivery& place) {
  std::string home = StoreOf(sink);
  if (home.empty()) home = sink.name;
  // The line feeds keep the parts apart: none of them can have one.
  if (!type.place.at_is_path) home += '\n';
  if (type.place.at_is_path && !home.ends_with('/')) home += '/';
  home += Folded(type, place.at);
  return home;
}

void PlaceChecks::Add(const DesiredToken& token, const SinkConfig& sink,
                      const SinkType& type, const Delivery& place) {
  const std::string home = HomeOf(sink, type, place);
  const Taken taken = {&token, &place, &type};
  const auto [there, first] = homes_.emplace(home, taken);
  // Several sinks of one type may keep entries in one file; one that writes
  // the file as a whole shares it with nobody.
  if (!first && (there->second.type != &type || type.place.one_per_at ||
                 place.key.empty() || there->second.place->key.empty())) {
    return Clash(there->second, token, place);
  }
  const auto [entry, alone] = entries_.emplace(
      absl::StrCat(home, "\n", Folded(type, place.key)), taken);
  if (!alone) Clash(entry->second, token, place);
}

void PlaceChecks::Keep(const KeptPlace& kept, const SinkType& type) {
  const Delivery& place = kept.place;
  const std::string home = HomeOf(kept.sink, type, place);
  const auto there = homes_.find(home);
  // As in Add(): entries share a home, what is written as a whole does not.
  const bool whole =
      there != homes_.end() && (type.place.one_per_at || place.key.empty() ||
                                there->second.place->key.empty());
  const auto entry =
      entries_.find(absl::StrCat(home, "\n", Folded(type, place.key)));
  if (whole || entry != entries_.end()) {
    const Taken& taken = whole ? there->second : entry->second;
    problems_.ErrorAt(
        place.where,
        absl::StrCat("the sign-in is kept at ", place.Address(), ", and \"",
                     taken.token->name, "\" is delivered there"),
        absl::StrCat("the other one is at ", At(taken.place->where)));
  }
  if (!type.place.at_is_path || type.reach != Reach::kThisMachine) return;
  if (!GitIgnore(files_).WouldAdd(home)) return;
  problems_.WarningAt(place.where,
                      absl::StrCat("git would add ", place.Address(),
                                   ", where a sign-in is kept"),
                      kGitDetail);
}

// By place and not by token: two tokens in one place are the common mistake,
// one token twice in one place the other.
void PlaceChecks::Clash(const Taken& first, const DesiredToken& token,
                        const Delivery& place) {
  const std::string address = place.Address();
  const std::string other = first.place->Address();
  const std::string also =
      other == address ? "" : absl::StrCat(": ", other, " is the same place");
  problems_.ErrorAt(
      place.where,
      first.token == &token
          ? absl::StrCat("token \"", token.name, "\" is delivered twice to ",
                         address)
          : absl::StrCat("\"", token.name, "\" and \"", first.token->name,
                         "\" are both delivered to ", address),
      absl::StrCat("the other one is at ", At(first.place->where), also));
}

void PlaceChecks::Finish() {
  // In the order of the text, for a map by hash has none.
  std::map<std::string, const Taken*> sorted;
  for (const auto& [home, taken] : homes_) {
    if (taken.type->place.at_is_path) sorted.emplace(home, &taken);
  }
  // Folders without a file above them: many places share one.
  absl::flat_hash_set<std::string> clear;
  for (const auto& [home, taken] : sorted) CheckAbove(home, *taken, clear);
  CheckConfiguration();
  WarnOfGit();
}

// A file cannot be the folder of another one.
void PlaceChecks::CheckAbove(const std::string& home, const Taken& taken,
                             absl::flat_hash_set<std::string>& clear) {
  std::vector<std::string> passed;
  for (size_t slash = home.rfind('/'); slash != std::string::npos && slash > 0;
       slash = home.rfind('/', slash - 1)) {
    std::string folder = home.substr(0, slash);
    if (clear.contains(folder)) break;
    const auto above = homes_.find(folder);
    if (above == homes_.end()) {
      passed.push_back(std::move(folder));
      continue;
    }
    const Delivery& file = *above->second.place;
    problems_.ErrorAt(
        taken.place->where,
        absl::StrCat(taken.place->Address(), " needs a folder where ",
                     file.Address(), " is a file"),
        absl::StrCat("the other one is at ", At(file.where)));
    return;
  }
  clear.insert(passed.begin(), passed.end());
}

void PlaceChecks::CheckConfiguration() {
  for (const std::string& file : state_.files) {
    const absl::StatusOr<std::string> path = files_.Canonical(file);
    if (!path.ok()) continue;
    const auto found = homes_.find(*path);
    if (found == homes_.end()) continue;
    problems_.ErrorAt(found->second.place->where,
                      absl::StrCat(found->second.place->Address(),
                                   " is a file of the configuration itself"),
                      "a secret is never written where it would be committed");
  }
}

// Once for each folder: a hundred tokens in one are one oversight.
void PlaceChecks::WarnOfGit() {
  GitIgnore git(files_);
  std::map<std::string, const Taken*> sorted;
  for (const auto& [home, taken] : homes_) {
    if (taken.type->place.at_is_path &&
        taken.type->reach == Reach::kThisMachine &&
        taken.token->ensure == Ensure::kPresent) {
      sorted.emplace(home, &taken);
    }
  }
  std::string last;
  for (const auto& [home, taken] : sorted) {
    const std::string folder = home.substr(0, home.rfind('/'));
    if (folder == last || !git.WouldAdd(home)) continue;
    last = folder;
    problems_.WarningAt(taken->place->where,
                        absl::StrCat("git would add ", taken->place->Address(),
                                     ", which gets a secret"),
                        kGitDetail);
  }
}

}  // namespace patform
