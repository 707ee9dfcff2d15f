#include "engine/report/progress.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/report/events.h"
#include "engine/report/text.h"

namespace patform {
namespace {

// "created", as it begins a sentence.
std::string Capitalized(std::string word) {
  word[0] = absl::ascii_toupper(static_cast<unsigned char>(word[0]));
  return word;
}

// The changes that are being made, in the order of their start.
class Running {
 public:
  struct Entry {
    const Change* change;
    Deadline began;
    Deadline shown;  // when something was last shown of it
    std::string step;
  };

  void Start(const Change& change, Deadline now) {
    entries_.push_back({&change, now, now, ""});
  }

  // `shown`: a person sees this step.
  void Step(const Change& change, std::string step, bool shown, Deadline now) {
    for (Entry& entry : entries_) {
      if (entry.change != &change) continue;
      entry.step = std::move(step);
      if (shown) entry.shown = now;
      return;
    }
  }

  // How long it took; nullopt: it had not begun.
  std::optional<absl::Duration> End(const Change& change, Deadline now) {
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->change != &change) continue;
      const absl::Duration took = absl::FromChrono(now - entry->began);
      entries_.erase(entry);
      return took;
    }
    return std::nullopt;
  }

  // Those of which nothing was shown for a heartbeat; now it is.
  std::vector<Entry> Silent(Deadline now) {
    std::vector<Entry> silent;
    for (Entry& entry : entries_) {
      if (absl::FromChrono(now - entry.shown) < kHeartbeat) continue;
      entry.shown = now;
      silent.push_back(entry);
    }
    return silent;
  }

 private:
  std::vector<Entry> entries_;
};

class Progress : public ApplyListener {
 public:
  Progress(std::ostream& out, Clock& clock, const Style& style, bool terminal,
           int columns)
      : out_(out),
        clock_(clock),
        style_(style),
        terminal_(terminal),
        columns_(columns) {}

  ~Progress() override { Clear(); }

  void Started(const Change& change) override {
    running_.Start(change, clock_.Monotonic());
    Print(absl::StrCat(Label(change), ": ",
                       Capitalized(RowOf(change.action).doing), "..."));
  }

  void Doing(const Change& change, const Effect& effect) override {
    std::string line = Describe(change, effect);
    running_.Step(change, line, terminal_, clock_.Monotonic());
    if (!terminal_) return;
    line = absl::StrCat("  ", Label(change), ": ", line, " ...");
    line = FirstCodePoints(line, std::max(columns_ - 1, 0));
    out_ << "\r\x1b[K" << line << std::flush;
    shown_ = true;
  }

  void Ended(const Change& change, const Outcome& outcome) override {
    std::string after;
    if (const auto took = running_.End(change, clock_.Monotonic())) {
      after = absl::StrCat(" after ", FormatSpan(*took));
    }
    const std::string message(outcome.status.message());
    switch (outcome.kind) {
      case Outcome::Kind::kDone:
        return Print(absl::StrCat(
            Label(change), ": ",
            style_.Green(Capitalized(RowOf(change.action).past)), after));
      case Outcome::Kind::kNothing:
        return Print(absl::StrCat(Label(change), ": nothing to do any more"));
      case Outcome::Kind::kInterrupted:
        return Print(absl::StrCat(Label(change), ": ", Visible(message)));
      case Outcome::Kind::kIncomplete:
        return Print(absl::StrCat(Label(change), ": ",
                                  style_.Yellow("stopped half-way"), after,
                                  ": ", Visible(message)));
      case Outcome::Kind::kFailed:
        return Print(absl::StrCat(Label(change), ": ", style_.Red("failed"),
                                  after, ": ", Visible(message)));
    }
  }

  void Tick() override {
    const Deadline now = clock_.Monotonic();
    for (const Running::Entry& entry : running_.Silent(now)) {
      Print(absl::StrCat(
          Label(*entry.change), ": Still ", RowOf(entry.change->action).doing,
          "... (", entry.step, entry.step.empty() ? "" : ", ",
          FormatSpan(absl::FromChrono(now - entry.began)), " elapsed)"));
    }
  }

 private:
  static std::string Label(const Change& change) {
    return Visible(change.address);
  }
  void Clear() {
    if (shown_) out_ << "\r\x1b[K" << std::flush;
    shown_ = false;
  }
  void Print(const std::string& line) {
    Clear();
    out_ << line << "\n" << std::flush;
  }

  std::ostream& out_;
  Clock& clock_;
  const Style style_;
  const bool terminal_;
  const int columns_;
  bool shown_ = false;
  Running running_;
};

class EventStream : public ApplyListener {
 public:
  EventStream(std::ostream& out, Clock& clock) : out_(out), clock_(clock) {}

  void Started(const Change& change) override {
    running_.Start(change, clock_.Monotonic());
    out_ << RenderStarted(change, clock_.Now()) << std::flush;
  }
  void Doing(const Change& change, const Effect& effect) override {
    running_.Step(change, Describe(change, effect), true, clock_.Monotonic());
    out_ << RenderStep(change, effect, clock_.Now()) << std::flush;
  }
  void Ended(const Change& change, const Outcome& outcome) override {
    running_.End(change, clock_.Monotonic());
    out_ << RenderEnded(change, outcome, clock_.Now()) << std::flush;
  }
  void Tick() override {
    const Deadline now = clock_.Monotonic();
    for (const Running::Entry& entry : running_.Silent(now)) {
      out_ << RenderProgressEvent(*entry.change, entry.step,
                                  absl::FromChrono(now - entry.began),
                                  clock_.Now())
           << std::flush;
    }
  }

 private:
  std::ostream& out_;
  Clock& clock_;
  Running running_;
};

}  // namespace

std::unique_ptr<ApplyListener> MakeProgress(std::ostream& out, Clock& clock,
                                            const Style& style, bool terminal,
                                            int columns) {
  return std::make_unique<Progress>(out, clock, style, terminal, columns);
}

std::unique_ptr<ApplyListener> MakeEventStream(std::ostream& out,
                                               Clock& clock) {
  return std::make_unique<EventStream>(out, clock);
}

}  // namespace patform
