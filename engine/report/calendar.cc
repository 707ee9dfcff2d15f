#include "engine/report/calendar.h"

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/clock.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/inquiry/duty.h"
#include "engine/inquiry/served_until.h"

namespace patform {
namespace {

// Octets of a line, the line's end not counted (RFC 5545, 3.1).
constexpr size_t kLongest = 75;

std::string Instant(absl::Time time) {
  return absl::FormatTime("%Y%m%dT%H%M%SZ", time, absl::UTCTimeZone());
}

// A value of type TEXT. What was a line end is spelled as one by Visible(),
// and stays so.
std::string Escaped(std::string_view text) {
  return absl::StrReplaceAll(
      AbslView(text),
      {{"\\", "\\\\"}, {";", "\\;"}, {",", "\\,"}, {"\n", "\\n"}});
}

// What tells one thing from all others. With lengths: no name runs into the
// next one.
std::string Uid(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) {
    absl::StrAppend(&all, part.size(), ":", part);
  }
  return absl::StrCat(Sha256(all).substr(0, 32), "@patform");
}

struct Event {
  std::vector<std::string> identity;
  std::optional<absl::Time> by;
  std::string summary, description;
};

class Calendar {
 public:
  explicit Calendar(const StatusReport& report) : report_(report) {}

  std::string Render() {
    Line("BEGIN", "VCALENDAR");
    Line("VERSION", "2.0");
    Line("PRODID", Escaped(absl::StrCat("-//patform//", kVersion, "//EN")));
    Line("METHOD", "PUBLISH");
    Line("X-WR-CALNAME", Text(absl::StrCat("patform ", report_.workspace)));
    for (const Duty& duty : DutiesOf(report_)) Add(EventOf(duty));
    if (const std::optional<Event> release = Release()) Add(*release);
    Line("END", "VCALENDAR");
    return std::move(text_);
  }

 private:
  // Folded, and no character is cut in two.
  void Line(std::string_view name, std::string_view value) {
    std::string line = absl::StrCat(AbslView(name), ":", AbslView(value));
    size_t used = 0;
    for (size_t at = 0; at < line.size();) {
      size_t next = at + 1;
      while (next < line.size() && (line[next] & '\xc0') == '\x80') ++next;
      if (used + next - at > kLongest) {
        text_ += "\r\n ";
        used = 1;
      }
      text_.append(line, at, next - at);
      used += next - at;
      at = next;
    }
    text_ += "\r\n";
  }

  // A folded line may begin anywhere, and two colons there are a command to
  // GitHub's logs.
  static std::string Text(std::string_view text) {
    return Escaped(absl::StrReplaceAll(Visible(text), {{"::", ":\\x3a"}}));
  }

  Event EventOf(const Duty& duty) const {
    Event event;
    event.identity = {Word(duty.kind), duty.organization, duty.identity,
                      duty.address};
    event.by = duty.by;
    event.summary =
        duty.address.empty() ? duty.what : duty.address + " " + duty.what;
    event.description = duty.fix;
    if (!duty.owner.empty()) {
      absl::StrAppend(&event.description, event.description.empty() ? "" : ". ",
                      "Owner: ", duty.owner);
    }
    return event;
  }

  // Before the first of those ends that an apply renews.
  std::optional<Event> Release() const {
    const TokenStatus* first = nullptr;
    for (const TokenStatus& token : report_.tokens) {
      if (!token.declared || token.unrenewed || !token.due_at) continue;
      const std::optional<absl::Time> end = ServedUntil(token);
      if (end && (first == nullptr || *end < *ServedUntil(*first))) {
        first = &token;
      }
    }
    if (first == nullptr) return std::nullopt;
    Event event;
    event.identity = {"release"};
    event.by = ServedUntil(*first);
    event.summary = absl::StrCat("a release must have run: ", first->address,
                                 " ends, and the next apply after ",
                                 FormatDay(*first->due_at), " renews it");
    event.description =
        "Runs of `patform apply` move this event. If it comes near, they do "
        "not run, or fail";
    return event;
  }

  void Add(Event event) {
    event.identity.insert(event.identity.begin(), report_.workspace);
    // Of several things of one kind without an address, each in its turn.
    const int turn = ++turns_[event.identity];
    if (turn > 1) event.identity.push_back(absl::StrCat(turn));
    Line("BEGIN", "VEVENT");
    Line("UID", Uid(event.identity));
    Line("DTSTAMP", Instant(report_.as_of));
    const bool to_come = event.by && *event.by > report_.as_of &&
                         *event.by != absl::InfiniteFuture();
    if (to_come) {
      Line("DTSTART", Instant(*event.by));
    } else {
      Line("DTSTART;VALUE=DATE",
           absl::FormatTime("%Y%m%d", report_.as_of, absl::UTCTimeZone()));
    }
    Line("SUMMARY", Text(absl::StrCat("patform ", report_.workspace, ": ",
                                      event.summary)));
    if (!event.description.empty()) {
      Line("DESCRIPTION", Text(event.description));
    }
    // Nobody is busy meanwhile.
    Line("TRANSP", "TRANSPARENT");
    if (to_come) {
      for (const char* before : {"-P7D", "-P1D"}) {
        Line("BEGIN", "VALARM");
        Line("ACTION", "DISPLAY");
        Line("TRIGGER", before);
        Line("DESCRIPTION", Text(event.summary));
        Line("END", "VALARM");
      }
    }
    Line("END", "VEVENT");
  }

  const StatusReport& report_;
  std::map<std::vector<std::string>, int> turns_;
  std::string text_;
};

}  // namespace

std::string RenderCalendar(const StatusReport& report) {
  return Calendar(report).Render();
}

}  // namespace patform
