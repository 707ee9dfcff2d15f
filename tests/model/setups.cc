#include "tests/model/setups.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace patform::model {
namespace {

bool AddPlaces(const std::string& kinds, Setup& setup) {
  for (const std::string& kind :
       std::vector<std::string>(absl::StrSplit(kinds, ','))) {
    PlaceKind place;
    place.compare_and_set = kind.compare(0, 3, "cas") == 0;
    place.one_write = kind != "cas2" && kind != "lww2";
    place.record = kind != "silent";
    place.stale = kind == "stale" || kind == "cas-stale";
    if (kind != "cas" && kind != "cas2" && kind != "cas-stale" &&
        kind != "lww" && kind != "lww2" && kind != "silent" &&
        kind != "stale") {
      return false;
    }
    setup.places.push_back(place);
  }
  return true;
}

bool Numbers(const std::string& text, std::vector<int>& numbers) {
  for (const std::string& word :
       std::vector<std::string>(absl::StrSplit(text, ','))) {
    if (!absl::SimpleAtoi(word, &numbers.emplace_back())) return false;
  }
  return true;
}

const std::map<std::string, Mutant>& Mutants() {
  static const auto* const mutants = new std::map<std::string, Mutant>{
      {"revoke-first", Mutant::kRevokeFirst},
      {"blind-retry", Mutant::kBlindRetry},
      {"no-mark", Mutant::kNoMark},
      {"no-age-fence", Mutant::kNoAgeFence},
      {"record-first", Mutant::kRecordFirst},
      {"revoke-unclear", Mutant::kRevokeUnclear},
      {"no-history", Mutant::kNoHistory},
      {"no-deadline", Mutant::kNoDeadline},
      {"no-cap", Mutant::kNoCap},
      {"no-collect", Mutant::kNoCollect},
      {"no-second-look", Mutant::kNoSecondLook},
      {"all-places-ours", Mutant::kAllPlacesOurs},
      {"own-clock", Mutant::kOwnClock},
      {"updates-anyway", Mutant::kUpdatesAnyway},
      {"forgets-renewal", Mutant::kForgetsRenewal},
  };
  return *mutants;
}

}  // namespace

Setup ParseSetup(const std::string& name, const std::string& words,
                 std::string* error) {
  Setup setup;
  const std::map<std::string, int*> numbers = {
      {"overlaps", &setup.overlaps},
      {"runs", &setup.runs},
      {"pauses", &setup.pauses},
      {"crashes", &setup.crashes},
      {"losses", &setup.losses},
      {"refusals", &setup.refusals},
      {"requests", &setup.requests},
      {"omissions", &setup.omissions},
      {"lags", &setup.lags},
      {"wrong", &setup.wrong},
      {"hollow", &setup.hollow},
      {"late", &setup.late},
      {"user", &setup.user},
      {"expiries", &setup.expiries},
      {"old-starts", &setup.old_starts},
      {"skew", &setup.skew},
      {"most-live", &setup.most_live}};
  for (const std::string& word : std::vector<std::string>(
           absl::StrSplit(words, ' ', absl::SkipEmpty()))) {
    const std::vector<std::string> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    const std::string value = parts.size() > 1 ? parts[1] : "";
    const auto number = numbers.find(parts[0]);
    const auto mutant = Mutants().find(value);
    bool known = true;
    if (parts[0] == "places") {
      known = AddPlaces(value, setup);
    } else if (parts[0] == "old" || parts[0] == "new") {
      known = Numbers(value,
                      parts[0] == "old" ? setup.old_places : setup.new_places);
    } else if (word == "old-name") {
      setup.old_name = true;
    } else if (word == "fresh") {
      setup.in_service = false;
    } else if (word == "spelled") {
      setup.spelled = true;
    } else if (word == "renews") {
      setup.renews = true;
    } else if (word == "proves") {
      setup.proves = true;
    } else if (word == "known") {
      setup.known = true;
    } else if (word == "renamed") {
      setup.renamed = true;
    } else if (word == "strict") {
      setup.strict = true;
    } else if (word == "no-grace") {
      setup.grace = absl::ZeroDuration();
    } else if (parts[0] == "mutant" && mutant != Mutants().end()) {
      setup.mutant = mutant->second;
    } else {
      known =
          number != numbers.end() && absl::SimpleAtoi(value, number->second);
    }
    if (!known) {
      *error = absl::StrCat("not known: ", word);
      return setup;
    }
  }
  if (setup.new_places.empty()) {
    setup.new_places.resize(setup.places.size());
    std::iota(setup.new_places.begin(), setup.new_places.end(), 0);
  }
  setup.name = name;
  return setup;
}

const std::vector<Trial>& Trials() {
  static const auto* const trials = [] {
    struct Line {
      const char* name;
      const char* words;
      const char* breaks;
      bool deep;
    };
    static constexpr Line kLines[] = {
#include "tests/model/trials.inc"
    };
    auto* made = new std::vector<Trial>;
    for (const Line& line : kLines) {
      std::string error;
      Trial trial;
      trial.setup = ParseSetup(line.name, line.words, &error);
      if (!error.empty()) {
        std::fprintf(stderr, "trials.inc: %s: %s\n", line.name, error.c_str());
        std::abort();
      }
      trial.breaks = line.breaks;
      trial.deep = line.deep;
      made->push_back(std::move(trial));
    }
    return made;
  }();
  return *trials;
}

}  // namespace patform::model
