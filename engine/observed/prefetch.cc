#include "engine/observed/prefetch.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "engine/base/status.h"

namespace patform {

Prefetch::Prefetch(Ports& ports, ServiceOptions service)
    : ports_(ports),
      service_(std::move(service)),
      readers_(std::make_unique<Readers>()) {}

Prefetch::~Prefetch() = default;

void Prefetch::Begin(const AuthConfig& auth, const Realm& realm) {
  absl::StatusOr<std::unique_ptr<TokenReader>> reader =
      ports_.tokens->OpenReader({realm.organization, auth, service_});
  // The configuration may yet turn out not to be valid, and then nobody wants
  // to know why the service could not be asked.
  if (!reader.ok()) return;
  const Deadline deadline = After(*ports_.clock, kReadDeadline);
  lists_[realm] = std::make_unique<List>(*std::move(reader), realm, deadline);
}

bool Prefetch::HasSinglePendingList() {
  // With several the last one begins when all files are read, so that parsing
  // is what has to be fast.
  if (lists_.size() > 1) return false;
  return lists_.empty() || !lists_.begin()->second->IsDone();
}

absl::Status Prefetch::OpenTokens(const DesiredState& desired,
                                  const std::vector<Realm>& realms) {
  const bool one_user =
      std::all_of(realms.begin(), realms.end(), [&](const Realm& realm) {
        return realm.identity == realms.front().identity;
      });
  for (const Realm& realm : realms) {
    const auto begun = lists_.find(realm);
    if (begun != lists_.end()) {
      readers_->organizations[realm] = &begun->second->reader();
      // Look() takes the list from there; the reader is for what it asks later.
      readers_->lists[realm] = begun->second.get();
      continue;
    }
    // Every realm is of an identity that is declared.
    const AuthConfig& auth = *desired.FindAuth(realm.identity);
    absl::StatusOr<std::unique_ptr<TokenReader>> reader =
        ports_.tokens->OpenReader({realm.organization, auth, service_});
    if (!reader.ok()) {
      if (one_user || absl::IsCancelled(reader.status())) {
        return reader.status();
      }
      readers_->closed[realm] = reader.status();
      continue;
    }
    readers_->organizations[realm] = reader->get();
    token_readers_.push_back(*std::move(reader));
  }
  if (readers_->organizations.empty() && !readers_->closed.empty()) {
    return readers_->closed.begin()->second;
  }
  return absl::OkStatus();
}

absl::Status Prefetch::OpenRecords(const DesiredState& desired) {
  // A sink that nobody uses need not work.
  for (const auto& [name, config] : desired.UsedSinks()) {
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<RecordReader> reader,
                             ports_.sinks->OpenReader(*config, desired.auth));
    readers_->sinks[name] = reader.get();
    record_readers_.push_back(std::move(reader));
  }
  // One that nobody uses any more may hold what is left of the last token; it
  // need not work.
  for (const SinkConfig& config : desired.sinks) {
    if (readers_->sinks.count(config.name) > 0) continue;
    absl::StatusOr<std::unique_ptr<RecordReader>> reader =
        ports_.sinks->OpenReader(config, desired.auth);
    if (!reader.ok()) continue;
    readers_->sinks[config.name] = reader->get();
    record_readers_.push_back(*std::move(reader));
  }
  return absl::OkStatus();
}

Prefetch::List::List(std::unique_ptr<TokenReader> reader, Realm realm,
                     Deadline deadline)
    : reader_(std::move(reader)),
      realm_(std::move(realm)),
      deadline_(deadline) {
  try {
    thread_ = std::thread([this] { Read(); });
  } catch (const std::exception&) {
    // No thread to be had: Take() reads on the caller's.
  }
}

void Prefetch::List::Read() {
  std::exception_ptr failure;
  absl::StatusOr<TokenList> listed;
  try {
    const ListProgress count = [this](int tokens) {
      const std::lock_guard<std::mutex> lock(mutex_);
      // Only the number: what is shown belongs to the caller's thread.
      tokens_ = tokens;
      changed_.notify_all();
    };
    listed =
        ListTokens(*reader_, realm_, /*with_history=*/false, deadline_, count);
  } catch (const std::exception&) {
    // Out of memory, most likely. It belongs to whoever waits for the list.
    failure = std::current_exception();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = failure;
  listed_ = std::move(listed);
  done_ = true;
  changed_.notify_all();
}

Prefetch::List::~List() {
  if (!thread_.joinable()) return;
  // The thread uses members of this object; a list of a minute must not keep
  // the user waiting for it.
  if (!IsDone()) reader_->Abandon();
  thread_.join();
}

bool Prefetch::List::IsDone() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return done_;
}

absl::StatusOr<TokenList> Prefetch::List::Take(const ListProgress& progress) {
  if (!thread_.joinable()) Read();
  std::unique_lock<std::mutex> lock(mutex_);
  for (int shown = 0; !done_;) {
    if (progress && tokens_ != shown) {
      shown = tokens_;
      // Progress writes to a terminal, which may block: not under the lock.
      lock.unlock();
      progress(shown);
      lock.lock();
      continue;
    }
    changed_.wait(lock);
  }
  if (failure_) std::rethrow_exception(failure_);
  return std::move(listed_);
}

}  // namespace patform
