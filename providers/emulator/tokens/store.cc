#include "providers/emulator/tokens/store.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// Rows in memory, found by id, by hash of the secret, and in any order that a
// list asks for. Lists are what load tests are about: a hundred thousand
// tokens, page by page. So each row keeps its JSON, and each order of a user is
// sorted once and kept until something changes.
namespace patform::emulator {
namespace {

// The position of a row in an order. Ids make it total.
struct Key {
  int64_t number = 0;
  std::string_view text;
  std::string_view id;

  friend auto operator<=>(const Key&, const Key&) = default;
};

// Without case, as the portal sorts names.
Key KeyOf(const TokenRow& row, ListSort sort, Ticks now) {
  switch (sort) {
    case ListSort::kDisplayName:
      return {0, row.sort_name, row.id};
    case ListSort::kDisplayDate:
      // The expiry: what "displayDate" is, is not documented.
      return {row.valid_to, {}, row.id};
    case ListSort::kStatus:
      return {static_cast<int64_t>(StateOf(row, now)), {}, row.id};
  }
  return {};
}

// Revoked wins over expired, see StateOf().
bool Matches(const TokenRow& row, ListFilter filter, Ticks now) {
  switch (filter) {
    case ListFilter::kActive:
      return StateOf(row, now) == RowState::kActive;
    case ListFilter::kRevoked:
      return StateOf(row, now) == RowState::kRevoked;
    case ListFilter::kExpired:
      return StateOf(row, now) == RowState::kExpired;
    case ListFilter::kAll:
      return true;
  }
  return false;
}

// The last row of a page. Opaque to clients, and checked: a token of another
// list, or one that was changed, is refused.
struct Position {
  // Of the order's number, text and id, and the offset for the other way of
  // paging.
  int64_t number = 0;
  size_t offset = 0;
  std::string text;
  std::string id;
};

// Whatever a page depends on. A position of another list must not be taken for
// one of this.
std::string Query(const ListQuery& query) {
  return absl::StrCat(query.user, "/", query.organization, "/",
                      static_cast<int>(query.filter), "/",
                      static_cast<int>(query.sort), "/", query.ascending);
}

// Six bytes: not a signature, only a check against mistakes.
std::string Checksum(const ListQuery& query, std::string_view payload) {
  return Sha256(absl::StrCat(Query(query), "|", AbslView(payload)))
      .substr(0, 6);
}

std::string WritePosition(const ListQuery& query, const Position& position) {
  const std::string payload =
      absl::StrCat(position.offset, "|", position.number, "|", position.id, "|",
                   position.text);
  return Base64Url(absl::StrCat(Checksum(query, payload), payload));
}

// nullopt: not one of ours, or of another query.
std::optional<Position> ReadPosition(const ListQuery& query) {
  const auto bytes = FromBase64Url(query.continuation);
  if (!bytes || bytes->size() < 6) return std::nullopt;
  const std::string payload = bytes->substr(6);
  if (bytes->substr(0, 6) != Checksum(query, payload)) return std::nullopt;
  // Names may have a | in them, so the text comes last.
  const std::vector<std::string> parts =
      absl::StrSplit(payload, absl::MaxSplits('|', 3));
  Position position;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[0], &position.offset) ||
      !absl::SimpleAtoi(parts[1], &position.number)) {
    return std::nullopt;
  }
  position.id = parts[2];
  position.text = parts[3];
  return position;
}

}  // namespace

Store::Store(std::unique_ptr<SqliteLog> log) : log_(std::move(log)) {}

// All rows, once, at the start.
absl::Status Store::Load() {
  if (log_ == nullptr) return absl::OkStatus();
  return log_->ReadAll([this](TokenRow row) { Insert(std::move(row)); });
}

// Everything but the token's secret, ready to be sent.
void Store::Render(TokenRow& row) const {
  row.sort_name = absl::AsciiStrToLower(row.display_name);
  std::string scope = row.scope;
  if (sorted_scopes_) {
    const std::vector<std::string> parts =
        absl::StrSplit(absl::AsciiStrToLower(scope), ' ', absl::SkipEmpty());
    scope =
        absl::StrJoin(std::set<std::string>(parts.begin(), parts.end()), " ");
  }
  std::string& out = row.json_members;
  out = R"({"displayName":)";
  AppendJson(out, AnsweredName(row.display_name, names_));
  absl::StrAppend(&out, R"(,"validTo":")", FormatTicks(row.valid_to),
                  R"(","scope":)");
  AppendJson(out, scope);
  if (row.all_organizations) {
    out += R"(,"targetAccounts":null)";
  } else {
    absl::StrAppend(&out, R"(,"targetAccounts":[")", row.organization, "\"]");
  }
  absl::StrAppend(&out, R"(,"validFrom":")", FormatTicks(row.valid_from),
                  R"(","authorizationId":")", row.id, R"(","token":)");
}

// Switches changed: every row is rendered again.
void Store::SetRendering(const std::string& names, bool sorted_scopes) {
  if (names == names_ && sorted_scopes == sorted_scopes_) return;
  names_ = names;
  sorted_scopes_ = sorted_scopes;
  for (TokenRow& row : rows_) Render(row);
}

void Store::Insert(TokenRow row) {
  Render(row);
  User& user = users_[row.user];
  // Makes every kept order of this user stale.
  ++user.version;
  // Replaced in place: pointers to it stay good.
  if (const auto found = by_id_.find(row.id); found != by_id_.end()) {
    row.sequence = found->second->sequence;
    // Another secret takes the place of the one before.
    if (row.secret_hash != found->second->secret_hash) {
      by_hash_.erase(found->second->secret_hash);
      by_hash_.emplace(row.secret_hash, found->second);
    }
    *found->second = std::move(row);
    return;
  }
  row.sequence = static_cast<int64_t>(rows_.size());
  TokenRow& kept = rows_.emplace_back(std::move(row));
  by_id_.emplace(kept.id, &kept);
  by_hash_.emplace(kept.secret_hash, &kept);
  user.rows.push_back(&kept);
}

// The file first: what could not be written was not done.
absl::Status Store::Put(TokenRow row) {
  if (log_ != nullptr) PATFORM_RETURN_IF_ERROR(log_->Write(row));
  Insert(std::move(row));
  return absl::OkStatus();
}

absl::Status Store::PutAll(std::vector<TokenRow> rows) {
  if (log_ != nullptr) PATFORM_RETURN_IF_ERROR(log_->WriteAll(rows));
  for (TokenRow& row : rows) Insert(std::move(row));
  return absl::OkStatus();
}

const TokenRow* Store::Find(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : found->second;
}

const TokenRow* Store::FindBySecret(std::string_view secret) const {
  const auto found = by_hash_.find(Sha256(secret));
  return found == by_hash_.end() ? nullptr : found->second;
}

// An order is good until a row changes or, since time moves rows from active to
// expired, until the next one ends.
const Store::View& Store::ViewOf(User& user, const ListQuery& query,
                                 Ticks now) {
  View& view = user.views[{query.organization, query.filter, query.sort,
                           query.ascending}];
  if (view.version == user.version && now < view.good_until) return view;
  view.version = user.version;
  view.good_until = std::numeric_limits<Ticks>::max();
  view.rows.clear();
  for (const TokenRow* row : user.rows) {
    // Global tokens are in the lists of all organizations.
    if (!query.organization.empty() && !row->all_organizations &&
        row->organization != query.organization) {
      continue;
    }
    if (StateOf(*row, now) == RowState::kActive) {
      view.good_until = std::min(view.good_until, row->valid_to);
    }
    if (Matches(*row, query.filter, now)) view.rows.push_back(row);
  }
  std::sort(view.rows.begin(), view.rows.end(),
            [&](const TokenRow* a, const TokenRow* b) {
              const Key x = KeyOf(*a, query.sort, now);
              const Key y = KeyOf(*b, query.sort, now);
              return query.ascending ? x < y : y < x;
            });
  return view;
}

absl::StatusOr<ListPage> Store::List(const ListQuery& query, Ticks now) {
  User& user = users_[query.user];
  const View& view = ViewOf(user, query, now);
  auto next = view.rows.begin();
  if (!query.continuation.empty()) {
    const auto position = ReadPosition(query);
    if (!position) {
      return absl::InvalidArgumentError("the continuation token is not valid");
    }
    if (query.by_offset) {
      next +=
          static_cast<ptrdiff_t>(std::min(position->offset, view.rows.size()));
    } else {
      // Keyset paging: the first row behind the last one that was sent. Rows
      // that came or went in between shift nothing.
      const Key last{position->number, position->text, position->id};
      next = std::partition_point(
          view.rows.begin(), view.rows.end(), [&](const TokenRow* row) {
            const Key key = KeyOf(*row, query.sort, now);
            return query.ascending ? key <= last : last <= key;
          });
    }
  }
  // A list that lags behind creates, for tests.
  const size_t hidden =
      std::min(static_cast<size_t>(query.omit_newest), user.rows.size());
  const int64_t first_hidden =
      hidden == 0 ? std::numeric_limits<int64_t>::max()
                  : user.rows[user.rows.size() - hidden]->sequence;
  ListPage page;
  page.rows.reserve(static_cast<size_t>(query.top));
  const auto end = view.rows.end();
  // The page ends when it is full and one more row is there: so an empty
  // continuation is exact.
  for (; next != end; ++next) {
    if ((*next)->sequence >= first_hidden) continue;
    if (page.rows.size() == static_cast<size_t>(query.top)) break;
    page.rows.push_back(*next);
  }
  if (next != end && !page.rows.empty()) {
    const TokenRow& last = *page.rows.back();
    const Key key = KeyOf(last, query.sort, now);
    page.continuation = WritePosition(
        query, {key.number, static_cast<size_t>(next - view.rows.begin()),
                std::string(key.text), last.id});
  }
  return page;
}

// The order matters: by_id_ and by_hash_ point into rows_.
absl::Status Store::Clear() {
  if (log_ != nullptr) PATFORM_RETURN_IF_ERROR(log_->Clear());
  users_.clear();
  by_hash_.clear();
  by_id_.clear();
  rows_.clear();
  return absl::OkStatus();
}

}  // namespace patform::emulator
