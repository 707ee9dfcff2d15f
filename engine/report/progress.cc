#include "engine/report/progress.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/report/json.h"
#include "engine/report/text.h"

namespace patform {
namespace {

const char* Doing(Action action) {
  switch (action) {
    case Action::kCreate:
      return "Creating";
    case Action::kUpdate:
      return "Updating";
    case Action::kRotate:
      return "Rotating";
    case Action::kRevoke:
      return "Revoking";
    case Action::kFinish:
      return "Finishing";
    case Action::kRelease:
      return "Releasing";
    case Action::kNoOp:
      break;
  }
  return "Looking at";
}

const char* Done(Action action) {
  switch (action) {
    case Action::kCreate:
      return "Created";
    case Action::kUpdate:
      return "Updated";
    case Action::kRotate:
      return "Rotated";
    case Action::kRevoke:
      return "Revoked";
    case Action::kFinish:
      return "Finished";
    case Action::kRelease:
      return "Released";
    case Action::kNoOp:
      break;
  }
  return "Done";
}

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
    began_[&change] = clock_.Monotonic();
    Print(absl::StrCat(Label(change), ": ", patform::Doing(change.action),
                       "..."));
  }

  void Doing(const Change& change, const Effect& effect) override {
    if (!terminal_) return;
    std::string line = absl::StrCat("  ", Label(change), ": ",
                                    Describe(change, effect), " ...");
    if (static_cast<int>(line.size()) >= columns_) {
      line.resize(columns_ > 1 ? columns_ - 1 : 0);
    }
    out_ << "\r\x1b[K" << line << std::flush;
    shown_ = true;
  }

  void Ended(const Change& change, const Outcome& outcome) override {
    const auto began = began_.find(&change);
    std::string after;
    if (began != began_.end()) {
      after = absl::StrCat(
          " after ",
          FormatSpan(absl::FromChrono(clock_.Monotonic() - began->second)));
      began_.erase(began);
    }
    const std::string message(outcome.status.message());
    switch (outcome.kind) {
      case Outcome::Kind::kDone:
        return Print(absl::StrCat(Label(change), ": ",
                                  style_.Green(patform::Done(change.action)),
                                  after));
      case Outcome::Kind::kNothing:
        return Print(absl::StrCat(Label(change), ": nothing to do any more"));
      case Outcome::Kind::kInterrupted:
        return Print(absl::StrCat(Label(change), ": ", Visible(message)));
      case Outcome::Kind::kFailed:
      case Outcome::Kind::kIncomplete:
        return Print(absl::StrCat(Label(change), ": ", style_.Red("failed"),
                                  after, ": ", Visible(message)));
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
  std::map<const Change*, Deadline> began_;
};

class EventStream : public ApplyListener {
 public:
  EventStream(std::ostream& out, Clock& clock) : out_(out), clock_(clock) {}

  void Started(const Change& change) override {
    out_ << RenderStarted(change, clock_.Now()) << std::flush;
  }
  void Doing(const Change& change, const Effect& effect) override {
    out_ << RenderStep(change, effect, clock_.Now()) << std::flush;
  }
  void Ended(const Change& change, const Outcome& outcome) override {
    out_ << RenderEnded(change, outcome, clock_.Now()) << std::flush;
  }

 private:
  std::ostream& out_;
  Clock& clock_;
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
