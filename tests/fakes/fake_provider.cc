#include "tests/fakes/fake_provider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/mark.h"

namespace patform {

absl::Time ServiceInstant(absl::Time time) {
  const absl::Duration tick = absl::Seconds(1) / 300;
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  const int64_t ticks =
      (time - second + tick / 2) / tick;  // to the nearest, as the service does
  return second + absl::Nanoseconds((ticks * 1'000'000'000 + 150) / 300);
}

std::string ShortName(const std::string& display_name) {
  const auto marked = ParseDisplayName(display_name);
  if (!marked) return display_name;
  return absl::StrCat(AbslView(marked->name), " gen ", marked->generation);
}

FakeService::Row& FakeService::Add(const std::string& display_name,
                                   const std::string& scopes) {
  // Ids come in no order of time.
  const uint32_t n = static_cast<uint32_t>(rows.size() + 1);
  Row row;
  row.token.id = *AuthorizationId::Parse(
      absl::StrCat(prefix_, absl::StrFormat("%06x", n * 7919 % 0x1000000),
                   "-0000-4000-8000-", absl::StrFormat("%012x", n)));
  row.token.display_name = display_name;
  row.token.scopes = ScopeSet::Parse(scopes);
  row.token.valid_from = ServiceInstant(ServiceNow());
  row.scopes = scopes;
  row.secret = absl::StrCat("not-a-pat-", n);
  row.hidden_lists = list_lag;
  rows.push_back(std::move(row));
  return rows.back();
}

AuthorizationId FakeService::AddStranger(const std::string& display_name,
                                         const std::string& scopes,
                                         absl::Duration age,
                                         absl::Duration life) {
  Row& row = Add(display_name, scopes);
  row.token.valid_from = ServiceInstant(ServiceNow() - age);
  row.token.valid_to = ServiceInstant(row.token.valid_from + life);
  row.stranger = true;
  row.hidden_lists = 0;
  return row.token.id;
}

FakeService::Row* FakeService::Find(const AuthorizationId& id) {
  for (Row& row : rows) {
    if (row.token.id == id) return &row;
  }
  return nullptr;
}

TokenState FakeService::StateOf(const Row& row) {
  if (row.revoked) return TokenState::kRevoked;
  return row.token.valid_to <= ServiceNow() ? TokenState::kExpired
                                            : TokenState::kActive;
}

int FakeService::LiveMinted() {
  return static_cast<int>(
      std::count_if(rows.begin(), rows.end(), [this](const Row& row) {
        return !row.stranger && StateOf(row) == TokenState::kActive;
      }));
}

absl::StatusOr<TokenPage> FakeService::List(TokenFilter filter,
                                            const std::string& continuation) {
  size_t at = continuation.empty() ? 0 : std::stoul(continuation);
  TokenPage page;
  if (tells_time) page.clock_ahead = skew;
  for (; at < rows.size(); ++at) {
    Row& row = rows[at];
    if (static_cast<int>(StateOf(row)) != static_cast<int>(filter)) continue;
    if (row.hidden_lists > 0) {
      --row.hidden_lists;
      continue;
    }
    if (page.tokens.size() == page_size) break;
    page.tokens.push_back(row.token);
    page.tokens.back().state = StateOf(row);
  }
  if (at < rows.size()) page.continuation = absl::StrCat(at);
  return page;
}

absl::StatusOr<ActualToken> FakeService::Get(const AuthorizationId& id) {
  Row* row = Find(id);
  if (row == nullptr) return absl::NotFoundError("no such token");
  ActualToken token = row->token;
  token.state = token.valid_to <= ServiceNow() ? TokenState::kExpired
                                               : TokenState::kActive;
  return token;
}

absl::StatusOr<Minted> FakeService::Create(const CreateRequest& request) {
  if (request.scopes.empty()) {
    return absl::InternalError("empty scopes would mean full access");
  }
  if (CodePoints(request.display_name) > kMaxDisplayName) {
    return absl::InvalidArgumentError("the display name is too long");
  }
  if (request.valid_to <= ServiceNow()) {
    return absl::FailedPreconditionError("validTo is in the past");
  }
  // Sent back in another order than ours: a set is a set.
  std::vector<std::string_view> items = request.scopes.items();
  std::string scopes;
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    absl::StrAppend(&scopes, scopes.empty() ? "" : " ", AbslView(*item));
  }
  Row& row = Add(request.display_name, scopes);
  const absl::Duration longest =
      std::min(absl::Hours(365 * 24), max_life.value_or(absl::Hours(365 * 24)));
  row.token.valid_to = ServiceInstant(
      std::min(request.valid_to, row.token.valid_from + longest));
  row.token.all_organizations = request.all_organizations;
  Minted minted;
  minted.token = row.token;
  minted.secret = Secret(row.secret);
  if (answer_create) PATFORM_RETURN_IF_ERROR(answer_create(minted));
  return minted;
}

absl::StatusOr<Minted> FakeService::Update(const UpdateRequest& request) {
  Row* row = Find(request.id);
  if (row == nullptr || StateOf(*row) != TokenState::kActive) {
    return absl::NotFoundError("no such token");
  }
  ++row->writes;
  if (request.display_name) row->token.display_name = *request.display_name;
  if (request.scopes) {
    row->scopes = request.scopes->text();
    row->token.scopes = *request.scopes;
  }
  if (request.all_organizations) {
    row->token.all_organizations = *request.all_organizations;
  }
  if (request.valid_to) {
    const absl::Duration longest = std::min(
        absl::Hours(365 * 24), max_life.value_or(absl::Hours(365 * 24)));
    row->token.valid_to = ServiceInstant(
        std::min(*request.valid_to, row->token.valid_from + longest));
  }
  Minted updated;
  updated.token = row->token;
  if (renews) {
    row->secret += "-again";
    updated.secret = Secret(row->secret);
  }
  return updated;
}

absl::Status FakeService::Prove(const Secret& secret) {
  for (const Row& row : rows) {
    if (row.secret == secret.Reveal() && !row.revoked) {
      return absl::OkStatus();
    }
  }
  return absl::UnauthenticatedError("the service refuses the new secret");
}

absl::Status FakeService::Revoke(const AuthorizationId& id) {
  Row* row = Find(id);
  if (row == nullptr || row->revoked) {
    return absl::NotFoundError("no such token");
  }
  ++row->writes;
  row->revoked = true;
  return absl::OkStatus();
}

std::string FakeProvider::Called(const AuthorizationId& id) {
  std::lock_guard<std::mutex> lock(misfortune_.mutex());
  const FakeService::Row* row = service_.Find(id);
  return row == nullptr ? id.Short() : ShortName(row->token.display_name);
}

absl::StatusOr<TokenPage> FakeProvider::List(TokenFilter filter,
                                             const std::string& continuation,
                                             Deadline) {
  const char* words[] = {"active", "expired", "revoked"};
  return misfortune_.Perform<absl::StatusOr<TokenPage>>(
      absl::StrCat("list ", words[static_cast<int>(filter)],
                   continuation.empty() ? "" : " more"),
      absl::UnavailableError("no answer"),
      [&] { return service_.List(filter, continuation); });
}

absl::StatusOr<ActualToken> FakeProvider::Get(const AuthorizationId& id,
                                              Deadline) {
  return misfortune_.Perform<absl::StatusOr<ActualToken>>(
      absl::StrCat("GET ", Called(id)), absl::UnavailableError("no answer"),
      [&] { return service_.Get(id); });
}

absl::StatusOr<Minted> FakeProvider::Create(const CreateRequest& request,
                                            Deadline) {
  return misfortune_.Perform<absl::StatusOr<Minted>>(
      absl::StrCat("POST ", ShortName(request.display_name)),
      absl::UnknownError("the connection broke"),
      [&] { return service_.Create(request); });
}

absl::StatusOr<Minted> FakeProvider::Update(const UpdateRequest& request,
                                            Deadline) {
  return misfortune_.Perform<absl::StatusOr<Minted>>(
      absl::StrCat("PUT ", Called(request.id)),
      absl::UnknownError("the connection broke"),
      [&] { return service_.Update(request); });
}

absl::Status FakeProvider::Prove(const Secret& secret, Deadline) {
  return misfortune_.Perform<absl::Status>(
      "prove", absl::UnavailableError("no answer"),
      [&] { return service_.Prove(secret); });
}

absl::Status FakeProvider::Revoke(const AuthorizationId& id, Deadline) {
  return misfortune_.Perform<absl::Status>(
      absl::StrCat("DELETE ", Called(id)),
      absl::UnknownError("the connection broke"),
      [&] { return service_.Revoke(id); });
}

}  // namespace patform
