#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "providers/emulator/sqlite_log.h"
#include "providers/emulator/tokens/token_row.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {

enum class ListFilter { kActive, kRevoked, kExpired, kAll };
enum class ListSort { kDisplayName, kDisplayDate, kStatus };

struct ListQuery {
  std::string user;          // object id
  std::string organization;  // id; empty: of all of them
  ListFilter filter = ListFilter::kActive;
  ListSort sort = ListSort::kDisplayName;
  bool ascending = true;
  int top = 100;
  std::string continuation;
  bool by_offset = false;
  int omit_newest = 0;  // a list that lags: so many of the user's newest
};

struct ListPage {
  std::vector<const TokenRow*> rows;  // until the next change
  std::string continuation;           // empty: the last page
};

// Every token there is. Tokens are never dropped: revoked and expired ones
// stay listed. Not for two threads at once.
class Store {
 public:
  // `log` may be null: nothing outlives the process.
  explicit Store(std::unique_ptr<SqliteLog> log = nullptr);

  // Reads what the log holds.
  absl::Status Load();

  // How rows are written down in an answer; writes all of them again.
  void SetRendering(const std::string& names, bool sorted_scopes);

  // Adds a token, or replaces the one of that id.
  absl::Status Put(TokenRow row);
  // Many new ones in one transaction.
  absl::Status PutAll(std::vector<TokenRow> rows);
  // nullptr: unknown.
  const TokenRow* Find(std::string_view id) const;
  const TokenRow* FindBySecret(std::string_view secret) const;

  // kInvalidArgument for a continuation that is not of this query.
  absl::StatusOr<ListPage> List(const ListQuery& query, Ticks now);

  const std::deque<TokenRow>& all() const { return rows_; }
  absl::Status Clear();

 private:
  // The rows of one query in order, until a change of the user's tokens or
  // the first instant at which one of them expires.
  struct View {
    uint64_t version = 0;
    Ticks good_until = 0;
    std::vector<const TokenRow*> rows;
  };
  struct User {
    uint64_t version = 1;
    std::vector<const TokenRow*> rows;  // oldest first
    std::map<std::tuple<std::string, ListFilter, ListSort, bool>, View> views;
  };

  void Insert(TokenRow row);
  void Render(TokenRow& row) const;
  const View& ViewOf(User& user, const ListQuery& query, Ticks now);

  std::unique_ptr<SqliteLog> log_;
  std::string names_ = "sent";
  bool sorted_scopes_ = false;
  std::deque<TokenRow> rows_;  // addresses stay
  std::unordered_map<std::string, TokenRow*> by_id_;
  std::unordered_map<std::string, const TokenRow*> by_hash_;
  std::unordered_map<std::string, User> users_;
};

}  // namespace patform::emulator
