#include "engine/report/progress.h"

#include <algorithm>
#include <mutex>
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

  const std::vector<Entry>& entries() const { return entries_; }

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

// The wait that began last, as long as it lasts.
class LastWait {
 public:
  void Begin(const Waiting& waiting, Deadline now) {
    waiting_ = waiting;
    until_ = now + absl::ToChronoNanoseconds(waiting.span);
  }

  // In words, with what is left of it; "": nobody waits.
  std::string At(Deadline now) const {
    if (now >= until_) return "";
    Waiting left = waiting_;
    left.span = absl::FromChrono(until_ - now);
    return left.ToString();
  }

  // The same, if it was not reported within a heartbeat; now it is.
  std::optional<Waiting> Unreported(Deadline now) {
    if (now >= until_ ||
        (reported_ && absl::FromChrono(now - *reported_) < kHeartbeat)) {
      return std::nullopt;
    }
    reported_ = now;
    Waiting left = waiting_;
    left.span = absl::FromChrono(until_ - now);
    return left;
  }

 private:
  Waiting waiting_;
  Deadline until_{};
  std::optional<Deadline> reported_;
};

class Progress : public ApplyProgress {
 public:
  Progress(std::ostream& out, Clock& clock, const ProgressOptions& options)
      : out_(out), clock_(clock), options_(options) {}

  ~Progress() override {
    Clear();
    Show();
  }

  void Started(const Change& change) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.Start(change, clock_.Monotonic());
    Print(absl::StrCat(Label(change), ": ",
                       Capitalized(RowOf(change.action).doing), "..."));
  }

  void Doing(const Change& change, const Effect& effect) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.Step(change, Describe(change, effect), options_.terminal,
                  clock_.Monotonic());
    Clear();
    Draw();
    Show();
  }

  void Ended(const Change& change, const Outcome& outcome) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++ended_;
    const auto took = running_.End(change, clock_.Monotonic());
    // One that was not begun; the result lists it.
    if (!took && outcome.kind == Outcome::Kind::kInterrupted) return;
    Print(absl::StrCat(
        Label(change), ": ", Ending(change, outcome),
        took ? absl::StrCat(" after ", FormatSpan(*took)) : "",
        options_.changes > 1
            ? absl::StrCat(" (", ended_, "/", options_.changes, ")")
            : ""));
  }

  void Tick() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Deadline now = clock_.Monotonic();
    Clear();
    if (options_.terminal) {
      Draw();
      return Show();
    }
    if (const std::optional<Waiting> waiting = wait_.Unreported(now)) {
      Print(waiting->ToString());
    }
    for (const Running::Entry& entry : running_.Silent(now)) {
      Print(absl::StrCat(
          Label(*entry.change), ": Still ", RowOf(entry.change->action).doing,
          "... (", entry.step, entry.step.empty() ? "" : ", ",
          FormatSpan(absl::FromChrono(now - entry.began)), " elapsed)"));
    }
  }

  void Waits(const Waiting& waiting) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    wait_.Begin(waiting, clock_.Monotonic());
  }

 private:
  // More than that are counted: they have to fit on the screen.
  static constexpr size_t kMostLines = 8;

  static std::string Label(const Change& change) {
    return Visible(change.address);
  }

  std::string Ending(const Change& change, const Outcome& outcome) const {
    const Style& style = options_.style;
    switch (outcome.kind) {
      case Outcome::Kind::kDone:
        return style.Green(Capitalized(RowOf(change.action).past));
      case Outcome::Kind::kNothing:
        return "nothing to do any more";
      case Outcome::Kind::kInterrupted:
        return style.Yellow("interrupted");
      case Outcome::Kind::kIncomplete:
        return style.Yellow("stopped half-way");
      case Outcome::Kind::kFailed:
        return style.Red("failed");
    }
    return "";
  }

  // The changes in hand, and how many there are in all.
  void Draw() {
    if (!options_.terminal) return;
    const Deadline now = clock_.Monotonic();
    const std::vector<Running::Entry>& entries = running_.entries();
    for (size_t i = 0; i < std::min(entries.size(), kMostLines); ++i) {
      const Running::Entry& entry = entries[i];
      DrawLine(absl::StrCat("  ", Label(*entry.change), ": ", entry.step,
                            " ... ",
                            FormatSpan(absl::FromChrono(now - entry.began))));
    }
    const std::string wait = wait_.At(now);
    if (options_.changes > 1 || !wait.empty()) {
      DrawLine(absl::StrCat("  ", ended_, "/", options_.changes,
                            wait.empty() ? "" : "; ", wait));
    }
  }
  void DrawLine(const std::string& line) {
    absl::StrAppend(&pending_,
                    FirstCodePoints(line, std::max(options_.columns - 1, 0)),
                    "\n");
    ++drawn_;
  }
  // Back to the first of the lines that were drawn, and all of them gone.
  void Clear() {
    if (drawn_ > 0) absl::StrAppend(&pending_, "\x1b[", drawn_, "A\x1b[J");
    drawn_ = 0;
  }
  void Print(const std::string& line) {
    Clear();
    absl::StrAppend(&pending_, line, "\n");
    Draw();
    Show();
  }
  // In one piece: standard error is not buffered, and what others write there
  // at the same time must not come between a line and its end.
  void Show() {
    if (pending_.empty()) return;
    out_ << pending_ << std::flush;
    pending_.clear();
  }

  std::mutex mutex_;  // over all below
  std::ostream& out_;
  Clock& clock_;
  const ProgressOptions options_;
  std::string pending_;  // not written yet
  int drawn_ = 0;
  int ended_ = 0;
  Running running_;
  LastWait wait_;
};

class EventStream : public ApplyProgress {
 public:
  EventStream(std::ostream& out, Clock& clock) : out_(out), clock_(clock) {}

  void Started(const Change& change) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.Start(change, clock_.Monotonic());
    out_ << RenderStarted(change, clock_.Now()) << std::flush;
  }
  void Doing(const Change& change, const Effect& effect) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.Step(change, Describe(change, effect), true, clock_.Monotonic());
    out_ << RenderStep(change, effect, clock_.Now()) << std::flush;
  }
  void Ended(const Change& change, const Outcome& outcome) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.End(change, clock_.Monotonic());
    out_ << RenderEnded(change, outcome, clock_.Now()) << std::flush;
  }
  void Tick() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Deadline now = clock_.Monotonic();
    if (const std::optional<Waiting> waiting = wait_.Unreported(now)) {
      out_ << RenderWaitingEvent(*waiting, clock_.Now()) << std::flush;
    }
    for (const Running::Entry& entry : running_.Silent(now)) {
      out_ << RenderProgressEvent(*entry.change, entry.step,
                                  absl::FromChrono(now - entry.began),
                                  clock_.Now())
           << std::flush;
    }
  }
  void Waits(const Waiting& waiting) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    wait_.Begin(waiting, clock_.Monotonic());
  }

 private:
  std::mutex mutex_;  // over all below
  std::ostream& out_;
  Clock& clock_;
  Running running_;
  LastWait wait_;
};

}  // namespace

std::unique_ptr<ApplyProgress> MakeProgress(std::ostream& out, Clock& clock,
                                            const ProgressOptions& options) {
  return std::make_unique<Progress>(out, clock, options);
}

std::unique_ptr<ApplyProgress> MakeEventStream(std::ostream& out,
                                               Clock& clock) {
  return std::make_unique<EventStream>(out, clock);
}

}  // namespace patform
