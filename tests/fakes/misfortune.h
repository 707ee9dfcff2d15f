#pragma once

#include <functional>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace patform {

// Thrown by a fake: the process died here. Tests catch it; with one worker it
// comes out of Apply().
struct Crash {};

// Everything that the fakes of one world are asked, in order, and what goes
// wrong. A call is named by its log line: "POST ci gen 1", "put main:ci".
class Misfortune {
 public:
  enum class Kind {
    kFail,         // not done, `status`
    kLoseRequest,  // not done, and the caller cannot know
    kLoseAnswer,   // done, and the caller cannot know
    kCrashBefore,  // the process dies before the call …
    kCrashAfter,   // … or when the work is done
    kThrowBefore,  // memory runs out before the call …
    kThrowAfter,   // … or when the work is done
  };
  struct Rule {
    std::string call;  // a prefix of the log line; "" fits every call
    int nth = 1;       // of the calls that fit, from 1; 0: all of them
    Kind kind = Kind::kFail;
    absl::Status status;
  };

  std::vector<std::string> log;
  std::vector<Rule> rules;
  // Before every call, outside of the lock that its work is done under.
  std::function<void()> before_call;
  // After every call, whether its answer arrives or not.
  std::function<void()> after_call;

  // Forgets rules and log; the counting starts anew.
  void Clear() {
    log.clear();
    rules.clear();
    seen_.clear();
  }

  // Performs `work` in the light of the rules. `lost` is what the caller gets
  // when it cannot know.
  template <typename T>
  T Perform(const std::string& call, const absl::Status& lost,
            const std::function<T()>& work) {
    if (before_call) before_call();
    std::lock_guard<std::mutex> lock(mutex_);
    log.push_back(call);
    const Rule* rule = Fitting(call);
    if (rule != nullptr) {
      switch (rule->kind) {
        case Kind::kFail:
          return rule->status;
        case Kind::kLoseRequest:
          return lost;
        case Kind::kCrashBefore:
          throw Crash();
        case Kind::kThrowBefore:
          throw std::bad_alloc();
        default:
          break;
      }
    }
    T result = work();
    if (after_call) after_call();
    if (rule == nullptr) return result;
    if (rule->kind == Kind::kCrashAfter) throw Crash();
    if (rule->kind == Kind::kThrowAfter) throw std::bad_alloc();
    return lost;
  }

  // For what is called from inside of work() only.
  std::mutex& mutex() { return mutex_; }

 private:
  const Rule* Fitting(const std::string& call) {
    seen_.resize(rules.size());
    const Rule* found = nullptr;
    for (size_t i = 0; i < rules.size(); ++i) {
      if (call.compare(0, rules[i].call.size(), rules[i].call) != 0) continue;
      ++seen_[i];
      if (found == nullptr && (rules[i].nth == 0 || rules[i].nth == seen_[i])) {
        found = &rules[i];
      }
    }
    return found;
  }

  std::mutex mutex_;
  std::vector<int> seen_;
};

}  // namespace patform
