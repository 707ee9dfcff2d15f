#include "providers/sinks/remote/rest_store.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/base/pat_shape.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/allowed_hosts.h"

namespace patform::sinks {
namespace {

// What a store says is shown to its end in most cases; a page of HTML is not.
constexpr size_t kLongestTold = 300;

// Some stores repeat what they were sent, and errors are shown.
bool MayHoldSecret(std::string_view text) {
  const auto outside = [](char c) {
    return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z');
  };
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && !outside(text[i])) continue;
    // Base64 of one is longer.
    if (i - begin >= kShortestPat) return true;
    begin = i + 1;
  }
  return false;
}

std::string Named(const std::string& sink) {
  return absl::StrCat("sink \"", Visible(sink), "\": ");
}

constexpr char kHidden[] = "${…}";

// What the environment filled in is shown to nobody, and the host may be it.
std::string ShownHost(const SinkConfig& config, const std::string& authority) {
  return config.filled_in.empty() ? Visible(authority) : kHidden;
}

absl::StatusCode CodeOf(int status, bool writes) {
  switch (status) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
    case 410:
      return absl::StatusCode::kNotFound;
    case 409:
    case 412:
      return absl::StatusCode::kAborted;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    default:
      break;
  }
  if (status < 500) return absl::StatusCode::kFailedPrecondition;
  return writes ? absl::StatusCode::kUnknown : absl::StatusCode::kUnavailable;
}

absl::StatusOr<http::Url> ParseAddress(const std::string& sink,
                                       const std::string& address) {
  absl::StatusOr<http::Url> url = http::ParseUrl(address);
  if (!url.ok())
    return Annotate(url.status(), absl::StrCat("sink \"", Visible(sink), "\""));
  if (url->target.find('?') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(Named(sink), "its address has a query; write it without"));
  }
  while (url->target.ends_with('/')) url->target.pop_back();
  return url;
}

}  // namespace

RestStore::RestStore(const SinkConfig& config, http::Url base,
                     const Machine& machine)
    : name_(config.name),
      shown_(ShownHost(config, base.Authority())),
      base_(std::move(base)),
      machine_(machine),
      retry_(machine.random) {}

absl::StatusOr<std::unique_ptr<RestStore>> RestStore::Make(
    const SinkConfig& config, const std::string& address,
    const std::vector<std::string>& well_known, const Machine& machine) {
  PATFORM_ASSIGN_OR_RETURN(http::Url base, ParseAddress(config.name, address));
  // A file that anybody can propose a change to must not decide who gets a
  // credential of the store, and a secret after it.
  if (!http::AllowedHosts{well_known, machine.grants->hosts}.Contains(base)) {
    const std::string shown = ShownHost(config, base.Authority());
    return absl::PermissionDeniedError(absl::StrCat(
        Named(config.name), "nothing was sent to ", shown,
        ", which the configuration names. If it is yours, allow it: "
        "--allow-host ",
        shown, " or PATFORM_ALLOW_HOSTS"));
  }
  return std::unique_ptr<RestStore>(
      new RestStore(config, std::move(base), machine));
}

http::Url RestStore::At(std::string_view path) const {
  http::Url url = base_;
  absl::StrAppend(&url.target, AbslView(path));
  return url;
}

absl::StatusOr<http::Response> RestStore::Send(const http::Request& request,
                                               const Purpose& purpose,
                                               Deadline deadline) {
  // One connection for each thread that is in a call. The mutex is not held
  // while a request is under way.
  std::unique_ptr<http::Transport> transport;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      transport = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (transport == nullptr) transport = machine_.new_transport();
  absl::StatusOr<http::Response> answer = http::SendWithRetry(
      *transport, *machine_.clock, retry_, request, deadline);
  // Kept after a failure, too: it opens itself again.
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(transport));
  }
  if (answer.ok()) return answer;
  const absl::Status& why = answer.status();
  absl::StatusCode code = why.code();
  if (!purpose.writes) {
    // A lost answer to a question changed nothing.
    if (absl::IsUnknown(why)) code = absl::StatusCode::kUnavailable;
  } else if (http::MayHaveBeenDone(why)) {
    code = absl::StatusCode::kUnknown;
  }
  return Failed(code, purpose,
                std::string_view(why.message().data(), why.message().size()));
}

absl::Status RestStore::Failed(absl::StatusCode code, const Purpose& purpose,
                               std::string_view why) const {
  // The transport names the host, too.
  return absl::Status(
      code, absl::StrCat(
                Named(name_), Visible(purpose.doing), ": ",
                absl::StrReplaceAll(
                    AbslView(why),
                    {{base_.host, shown_ == kHidden ? kHidden : base_.host}})));
}

absl::Status RestStore::Refused(const http::Response& answer,
                                const Purpose& purpose,
                                std::string_view told) const {
  std::string why = absl::StrCat(shown_, " answered ", answer.status);
  if (MayHoldSecret(told)) {
    why += " with words that may hold a secret and are not shown";
  } else if (!told.empty()) {
    absl::StrAppend(&why, ": ",
                    Visible(std::string(told.substr(0, kLongestTold))));
  }
  return Failed(CodeOf(answer.status, purpose.writes), purpose, why);
}

absl::Status RestStore::Malformed(const Purpose& purpose,
                                  const std::string& why) const {
  // Of what writes nobody knows what such an answer means.
  return Failed(
      purpose.writes ? absl::StatusCode::kUnknown : absl::StatusCode::kDataLoss,
      purpose,
      absl::StrCat(shown_,
                   " answered with something else than expected: ", why));
}

absl::StatusOr<std::string> CanonicalAddress(const SinkConfig& config,
                                             const std::string& setting) {
  PATFORM_ASSIGN_OR_RETURN(const http::Url url,
                           ParseAddress(config.name, config.Text(setting)));
  return absl::StrCat(url.tls ? "https://" : "http://", url.Authority(),
                      url.target);
}

void SideBySide(size_t count, int at_once,
                const std::function<void(size_t)>& each) {
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) each(i);
  };
  std::vector<std::thread> helpers;
  const int wanted = std::min<int>(at_once, static_cast<int>(count));
  try {
    for (int i = 1; i < wanted; ++i) helpers.emplace_back(work);
  } catch (const std::exception&) {
    // No more threads to be had: those that there are do everything.
  }
  work();
  for (std::thread& helper : helpers) helper.join();
}

std::vector<HeldRecord> ReadSideBySide(RecordReader& reader,
                                       absl::Span<const Delivery* const> places,
                                       int at_once, Deadline deadline) {
  std::vector<HeldRecord> held(places.size());
  SideBySide(places.size(), at_once,
             [&](size_t i) { held[i] = reader.Read(*places[i], deadline); });
  return held;
}

absl::Status MovedMeanwhile(const std::string& place) {
  return absl::AbortedError(absl::StrCat(
      "\"", Visible(place),
      "\" has changed since it was read. Nothing was written; patform reads it "
      "again and decides again."));
}

HeldRecord SinkOverReader::Read(const Delivery& place, Deadline deadline) {
  return reader_->Read(place, deadline);
}

std::vector<HeldRecord> SinkOverReader::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  return reader_->ReadAll(places, deadline);
}

std::vector<StrayPlace> SinkOverReader::Recorded(
    const std::set<std::string>& ats, Deadline deadline) {
  return reader_->Recorded(ats, deadline);
}

HeldRecord RecordBehind(absl::Time changed, absl::Time now,
                        const std::string& version, const std::string& place) {
  HeldRecord held;
  if (now - changed >= kAgeFence) {
    held.state = HeldRecord::State::kTorn;
    held.version = version;
    return held;
  }
  held = HeldRecord::Unknown(absl::UnavailableError(absl::StrCat(
      "\"", Visible(place), "\" was written ", FormatRelative(changed, now),
      ", and its record is not of that version yet. If no other run is under "
      "way, somebody else wrote it; patform decides ",
      FormatSpan(kAgeFence), " after that write.")));
  held.version = version;
  return held;
}

}  // namespace patform::sinks
