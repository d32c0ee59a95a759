// A prepared statement on loan from its connection's cache.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/sqlite/value.h"

struct sqlite3_stmt;

namespace sluice::sqlite {

class Connection;

// Owned by a connection's cache.
struct CachedStatement {
  CachedStatement() = default;
  ~CachedStatement();
  CachedStatement(const CachedStatement&) = delete;
  CachedStatement& operator=(const CachedStatement&) = delete;

  sqlite3_stmt* handle = nullptr;
  bool in_use = false;
  bool ever_lent = false;
  uint64_t last_used = 0;
};

// Move-only; the destructor resets the statement, drops its bindings and gives it back. Must die
// before the connection (or the lease on it) that it came from. Not thread-safe.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept { *this = std::move(other); }
  Statement& operator=(Statement&& other) noexcept;
  ~Statement() { Release(); }

  // Binds the parameter at `index`, from 1. The bytes must live until the next Reset or Bind of
  // that parameter. A failure (out of range, too large) is remembered and told by the next Step, so
  // that bindings read in one line.
  void Bind(int index, const ValueView& value);

  // Goes to the next row: true when there is one, false at the end. After an error or the end only
  // Reset may follow.
  absl::StatusOr<bool> Step();
  // Steps to the end, for statements whose rows nobody wants.
  absl::Status Run();
  // Back to before the first row, without bindings.
  void Reset();

  int column_count() const;
  absl::string_view column_name(int column) const;
  // Empty for an expression.
  absl::string_view column_declared_type(int column) const;
  // The table and the column of it that a column comes from, as the schema spells them; empty for
  // an expression. A view's column gives the table's below.
  absl::string_view column_table(int column) const;
  // What the connection calls the database of that table.
  absl::string_view column_schema(int column) const;
  absl::string_view column_origin(int column) const;
  // The value in the current row; its bytes are valid until the next Step or Reset.
  ValueView column(int column) const;

  // The statement's text, without what follows its end.
  absl::string_view sql() const;
  int parameter_count() const;
  // With its prefix, such as ":id"; empty for "?".
  absl::string_view parameter_name(int index) const;
  // Whether running it leaves the database as it is. True for ATTACH and some PRAGMAs too: the
  // guard stops those.
  bool read_only() const;
  bool is_explain() const;

  // Steps of SQLite's virtual machine since the last Reset.
  int64_t vm_steps() const;
  // Whether this loan is the statement's first: it was prepared just now.
  bool fresh() const { return fresh_; }
  // Whether SQLite prepared it anew since it came from the cache, because the schema had changed.
  bool reprepared() const;

 private:
  friend class Connection;
  Statement(Connection* connection, CachedStatement* cached,
            std::unique_ptr<CachedStatement> owned);
  void Release();

  Connection* connection_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
  CachedStatement* cached_ = nullptr;
  // Set for a statement that is in no cache.
  std::unique_ptr<CachedStatement> owned_;
  int bind_error_ = 0;
  bool fresh_ = false;
};

}  // namespace sluice::sqlite
