#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "providers/emulator/tokens/token_row.h"

struct sqlite3;
struct sqlite3_stmt;

namespace patform::emulator {

// The tokens in a SQLite file, so that a rehearsal can go on another day.
// Secrets are in it only as hashes. Errors are kUnavailable.
class SqliteLog {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteLog>> Open(
      const std::string& path);
  ~SqliteLog();
  SqliteLog(const SqliteLog&) = delete;
  SqliteLog& operator=(const SqliteLog&) = delete;

  // Adds or replaces.
  absl::Status Write(const TokenRow& row);
  // All or none.
  absl::Status WriteAll(const std::vector<TokenRow>& rows);
  // Oldest first.
  absl::Status ReadAll(const std::function<void(TokenRow)>& each);
  absl::Status Clear();

  // The key that bearers are signed with: made once, kept with the file.
  absl::StatusOr<std::string> SigningKey();

 private:
  explicit SqliteLog(sqlite3* database) : database_(database) {}
  absl::Status Run(const char* sql);
  absl::Status Failed(const char* what) const;

  sqlite3* database_;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace patform::emulator
