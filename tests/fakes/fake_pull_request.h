#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/ports/pull_request.h"

namespace patform {

// A conversation in memory. `log` has a word for every call. A misfortune is
// for the next call of that kind: what it returns, and whether it is done all
// the same.
class FakePullRequest : public PullRequest {
 public:
  struct Misfortune {
    std::string call;  // list, post, edit, remove, status
    absl::Status status;
    bool done = false;
  };

  std::vector<PullRequestComment> comments;
  std::optional<PullRequestStatus> status;
  std::deque<Misfortune> misfortunes;
  std::vector<std::string> log;
  // Comments that somebody posts just before our next post is carried out.
  std::vector<PullRequestComment> sneak_in;

  absl::StatusOr<std::vector<PullRequestComment>> Comments(Deadline) override {
    log.push_back("list");
    if (const auto bad = Next("list")) return bad->status;
    return comments;
  }
  absl::StatusOr<std::string> Post(const std::string& body, Deadline) override {
    log.push_back("post");
    const auto bad = Next("post");
    if (bad && !bad->done) return bad->status;
    comments.insert(comments.end(), sneak_in.begin(), sneak_in.end());
    sneak_in.clear();
    const std::string id = absl::StrCat(++last_id_);
    comments.push_back({id, body, true});
    if (bad) return bad->status;
    return id;
  }
  absl::Status Edit(const std::string& id, const std::string& body,
                    Deadline) override {
    log.push_back("edit " + id);
    if (const auto bad = Next("edit")) return bad->status;
    for (PullRequestComment& comment : comments) {
      if (comment.id == id) comment.body = body;
    }
    return absl::OkStatus();
  }
  absl::Status Remove(const std::string& id, Deadline) override {
    log.push_back("remove " + id);
    if (const auto bad = Next("remove")) return bad->status;
    std::vector<PullRequestComment> kept;
    for (const PullRequestComment& comment : comments) {
      if (comment.id != id) kept.push_back(comment);
    }
    comments = kept;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> SetStatus(const PullRequestStatus& wanted,
                                 Deadline) override {
    log.push_back("status " + wanted.description);
    if (const auto bad = Next("status")) return bad->status;
    const bool changed = !status || status->description != wanted.description;
    status = wanted;
    return changed;
  }

 private:
  std::optional<Misfortune> Next(const std::string& call) {
    if (misfortunes.empty() || misfortunes.front().call != call) {
      return std::nullopt;
    }
    const Misfortune found = misfortunes.front();
    misfortunes.pop_front();
    return found;
  }

  int last_id_ = 100;
};

}  // namespace patform
