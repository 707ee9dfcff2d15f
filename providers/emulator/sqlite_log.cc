#include "providers/emulator/sqlite_log.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// Tokens in SQLite, for an emulator that keeps them: a quickstart that is
// continued on the next day. Everything is read at the start; from then on this
// is only written to.
namespace patform::emulator {
namespace {

// WAL and NORMAL: one fsync per checkpoint rather than per token. A power cut
// may lose the last ones, which an emulator can afford.
constexpr char kSchema[] =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS token("
    "  sequence INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL,"
    "  user TEXT NOT NULL, user_name TEXT NOT NULL,"
    "  organization TEXT NOT NULL, display_name TEXT NOT NULL,"
    "  scope TEXT NOT NULL, valid_from INTEGER NOT NULL,"
    "  valid_to INTEGER NOT NULL, all_organizations INTEGER NOT NULL,"
    "  revoked INTEGER NOT NULL, secret_hash BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS signing_key(bytes BLOB NOT NULL);";

// Insert or update by id: the store does not tell which of both it is.
constexpr char kInsert[] =
    "INSERT INTO token(id,user,user_name,organization,display_name,scope,"
    "valid_from,valid_to,all_organizations,revoked,secret_hash)"
    " VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET"
    " display_name=excluded.display_name,scope=excluded.scope,"
    "valid_to=excluded.valid_to,organization=excluded.organization,"
    "all_organizations=excluded.all_organizations,revoked=excluded.revoked";

// In the order of creation, which lists depend on.
constexpr char kSelect[] =
    "SELECT id,user,user_name,organization,display_name,scope,valid_from,"
    "valid_to,all_organizations,revoked,secret_hash FROM token"
    " ORDER BY sequence";

struct Finalize {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

std::string Column(sqlite3_stmt* statement, int i) {
  const auto* bytes =
      static_cast<const char*>(sqlite3_column_blob(statement, i));
  const int size = sqlite3_column_bytes(statement, i);
  return bytes == nullptr ? "" : std::string(bytes, static_cast<size_t>(size));
}

}  // namespace

// What failed, with SQLite's own reason.
absl::Status SqliteLog::Failed(const char* what) const {
  return absl::UnavailableError(absl::StrCat(
      "the data file could not be ", what, ": ", sqlite3_errmsg(database_)));
}

absl::StatusOr<std::unique_ptr<SqliteLog>> SqliteLog::Open(
    const std::string& path) {
  // Only for its owner: the file holds the key that bearers are signed with.
  const mode_t old = umask(077);
  sqlite3* database = nullptr;
  // FULLMUTEX: requests come on several threads.
  const int opened = sqlite3_open_v2(
      path.c_str(), &database,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
      nullptr);
  // Owns the handle before anything can fail; SQLite gives one even then.
  std::unique_ptr<SqliteLog> log(new SqliteLog(database));
  absl::Status status =
      opened == SQLITE_OK ? log->Run(kSchema) : log->Failed("opened");
  umask(old);
  // Prepared once: it is what every change runs.
  if (status.ok() &&
      sqlite3_prepare_v3(database, kInsert, -1, SQLITE_PREPARE_PERSISTENT,
                         &log->insert_, nullptr) != SQLITE_OK) {
    status = log->Failed("prepared");
  }
  if (!status.ok()) return Annotate(status, Visible(path));
  return log;
}

SqliteLog::~SqliteLog() {
  sqlite3_finalize(insert_);
  sqlite3_close(database_);
}

absl::Status SqliteLog::Run(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Failed("changed");
  }
  return absl::OkStatus();
}

absl::Status SqliteLog::Write(const TokenRow& row) {
  int i = 0;
  const auto text = [&](const std::string& value) {
    // STATIC: the row outlives the step below, so nothing is copied.
    sqlite3_bind_text(insert_, ++i, value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  };
  for (const std::string* value :
       {&row.id, &row.user, &row.user_name, &row.organization,
        &row.display_name, &row.scope}) {
    text(*value);
  }
  sqlite3_bind_int64(insert_, ++i, row.valid_from);
  sqlite3_bind_int64(insert_, ++i, row.valid_to);
  sqlite3_bind_int(insert_, ++i, row.all_organizations ? 1 : 0);
  sqlite3_bind_int(insert_, ++i, row.revoked ? 1 : 0);
  sqlite3_bind_blob(insert_, ++i, row.secret_hash.data(),
                    static_cast<int>(row.secret_hash.size()), SQLITE_STATIC);
  const int stepped = sqlite3_step(insert_);
  absl::Status status =
      stepped == SQLITE_DONE ? absl::OkStatus() : Failed("written");
  // Whatever happened, the next row starts afresh.
  sqlite3_reset(insert_);
  sqlite3_clear_bindings(insert_);
  return status;
}

// One transaction: a million rows by themselves would be a million commits.
absl::Status SqliteLog::WriteAll(const std::vector<TokenRow>& rows) {
  PATFORM_RETURN_IF_ERROR(Run("BEGIN"));
  for (const TokenRow& row : rows) {
    if (absl::Status status = Write(row); !status.ok()) {
      Run("ROLLBACK").IgnoreError();
      return status;
    }
  }
  return Run("COMMIT");
}

absl::Status SqliteLog::ReadAll(const std::function<void(TokenRow)>& each) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database_, kSelect, -1, &raw, nullptr) != SQLITE_OK) {
    return Failed("read");
  }
  const Statement select(raw);
  int stepped = SQLITE_ROW;
  while ((stepped = sqlite3_step(raw)) == SQLITE_ROW) {
    TokenRow row;
    int i = 0;
    for (std::string* value :
         {&row.id, &row.user, &row.user_name, &row.organization,
          &row.display_name, &row.scope}) {
      *value = Column(raw, i++);
    }
    row.valid_from = sqlite3_column_int64(raw, i++);
    row.valid_to = sqlite3_column_int64(raw, i++);
    row.all_organizations = sqlite3_column_int(raw, i++) != 0;
    row.revoked = sqlite3_column_int(raw, i++) != 0;
    row.secret_hash = Column(raw, i++);
    each(std::move(row));
  }
  // Anything but DONE is an error, and not the end.
  return stepped == SQLITE_DONE ? absl::OkStatus() : Failed("read");
}

absl::Status SqliteLog::Clear() { return Run("DELETE FROM token"); }

// Kept with the tokens: bearers that were made before a restart stay good.
absl::StatusOr<std::string> SqliteLog::SigningKey() {
  const auto prepare = [this](const char* sql) {
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v2(database_, sql, -1, &raw, nullptr);
    return Statement(raw);
  };
  const Statement select = prepare("SELECT bytes FROM signing_key");
  if (select == nullptr) return Failed("read");
  // The first row is the only one.
  if (sqlite3_step(select.get()) == SQLITE_ROW) return Column(select.get(), 0);
  const std::string key = RandomBytes(32);
  const Statement insert = prepare("INSERT INTO signing_key VALUES(?)");
  if (insert == nullptr) return Failed("changed");
  sqlite3_bind_blob(insert.get(), 1, key.data(), static_cast<int>(key.size()),
                    SQLITE_STATIC);
  if (sqlite3_step(insert.get()) != SQLITE_DONE) return Failed("written");
  return key;
}

}  // namespace patform::emulator
