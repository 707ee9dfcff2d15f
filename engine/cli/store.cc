#include "engine/cli/store.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/failure.h"

namespace patform::cli {
namespace {

// Far from where dates end, so that every sum of them is a date.
const absl::Time kFirstNow =
    absl::FromCivil(absl::CivilDay(2000, 1, 1), absl::UTCTimeZone());
const absl::Time kLastNow =
    absl::FromCivil(absl::CivilDay(9000, 1, 1), absl::UTCTimeZone());

// One way to be stored for each type of a target.
struct Storage {
  absl::Status operator()(bool Arguments::*to) const {
    // "--quiet" arrives as "true"; "--quiet=false" is how Terraform has it, and
    // 1 how variables are set.
    const bool yes = value == "true" || value == "1";
    if (!yes && value != "false" && value != "0") {
      return Wrong("true or false, or no value");
    }
    arguments.*to = yes;
    return absl::OkStatus();
  }

  // All of the word has to be a number: "8x" is not 8.
  absl::Status operator()(int Arguments::*to) const {
    int number = 0;
    if (!absl::SimpleAtoi(value, &number) || number < flag.least ||
        number > flag.most) {
      return Wrong(
          flag.most == std::numeric_limits<int>::max()
              ? absl::StrCat("a number of at least ", flag.least)
              : absl::StrCat("a number from ", flag.least, " to ", flag.most));
    }
    arguments.*to = number;
    return absl::OkStatus();
  }

  absl::Status operator()(std::string Arguments::*to) const {
    arguments.*to = value;
    return absl::OkStatus();
  }

  absl::Status operator()(std::string ServiceOptions::*to) const {
    arguments.service.*to = value;
    return absl::OkStatus();
  }

  absl::Status operator()(std::optional<absl::Time> Arguments::*to) const {
    absl::Time time;
    std::string why;  // in English of its own; ours has an example
    if (!absl::ParseTime(absl::RFC3339_full, value, &time, &why)) {
      return Wrong("an instant such as 2026-11-23T08:00:00Z");
    }
    // "infinite-future" is an instant to the parser, and the end of the
    // calendar leaves no room for a lifetime.
    if (time < kFirstNow || time > kLastNow) {
      return Wrong("an instant between the years 2000 and 9000");
    }
    arguments.*to = time;
    return absl::OkStatus();
  }

  absl::Status operator()(std::vector<std::string> Arguments::*to) const {
    if (*flag.separators == '\0') {
      (arguments.*to).push_back(value);
      return absl::OkStatus();
    }
    // Lists that a pipeline puts together often end in a comma.
    for (absl::string_view part : absl::StrSplit(
             value, absl::ByAnyChar(flag.separators), absl::SkipEmpty())) {
      (arguments.*to).emplace_back(part);
    }
    return absl::OkStatus();
  }

  absl::Status operator()(std::vector<AuthorizationId> Arguments::*to) const {
    const std::optional<AuthorizationId> id = AuthorizationId::Parse(value);
    if (!id) {
      return Wrong("a token's id such as 27e59f42-1a7c-4e0b-9d6e-0f4a3b2c1d00");
    }
    (arguments.*to).push_back(*id);
    return absl::OkStatus();
  }

  absl::Status operator()(const ViewIn& view) const {
    arguments.into.push_back({view.format, value});
    return absl::OkStatus();
  }

  std::string Expected(const std::string& what) const {
    return absl::StrCat(name, " cannot be \"", Visible(value), "\": expected ",
                        what);
  }
  absl::Status Wrong(const std::string& what) const {
    return UsageError(Expected(what));
  }

  const Flag& flag;
  const std::string& name;
  const std::string& value;
  Arguments& arguments;
};

// Is a value another one than where nothing was given?
struct Differs {
  template <typename T>
  bool operator()(T Arguments::*member) const {
    return arguments.*member != nothing.*member;
  }
  template <typename T>
  bool operator()(T ServiceOptions::*member) const {
    return arguments.service.*member != nothing.service.*member;
  }
  bool operator()(const ViewIn& view) const {
    return std::any_of(
        arguments.into.begin(), arguments.into.end(),
        [&view](const View& one) { return one.format == view.format; });
  }

  const Arguments& arguments;
  const Arguments nothing = {};
};

}  // namespace

absl::Status Store(const Flag& flag, const std::string& name,
                   const std::string& value, Arguments& arguments) {
  const Storage storage{flag, name, value, arguments};
  const std::vector<std::string>& choices = flag.choices;
  if (!choices.empty() &&
      std::find(choices.begin(), choices.end(), value) == choices.end()) {
    // The guess first: a list of ten words is read by nobody who made a typo.
    return UsageError(absl::StrCat(
        WithNearest(absl::StrCat(name, " cannot be \"", Visible(value), "\""),
                    value, choices),
        choices.empty() || !Nearest(value, choices) ? "." : "",
        " It takes one of ", absl::StrJoin(choices, ", "), "."));
  }
  if (flag.valid != nullptr && !flag.valid(value)) {
    return storage.Wrong(flag.expected);
  }
  return std::visit(storage, flag.target);
}

bool IsGiven(const Target& target, const Arguments& arguments) {
  return std::visit(Differs{arguments}, target);
}

}  // namespace patform::cli
