// For tests of this room: a database that is being served, and a sink that keeps what it takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/base/check.h"
#include "server/base/metrics.h"
#include "server/base/status.h"
#include "server/engine/browse.h"
#include "server/engine/database.h"
#include "server/engine/mutation.h"
#include "server/engine/row_sink.h"
#include "server/sqlite/test_database.h"

namespace sluice::engine {

// One value with its storage class: `1`, `1.0`, `'a'`, `x'00'`, `null`.
inline std::string TextOf(const sqlite::ValueView& value) {
  switch (value.type) {
    case sqlite::StorageClass::kInteger:
      return absl::StrCat(value.integer);
    case sqlite::StorageClass::kReal:
      return absl::StrFormat("%#.17g", value.real);
    case sqlite::StorageClass::kText:
      return absl::StrCat("'", absl::CHexEscape(value.bytes), "'");
    case sqlite::StorageClass::kBlob:
      return absl::StrCat("x'", absl::BytesToHexString(value.bytes), "'");
    case sqlite::StorageClass::kNull:
      return "null";
  }
  return "";
}

inline std::string TextOf(const std::vector<sqlite::Value>& values) {
  return absl::StrJoin(values, ",", [](std::string* out, const sqlite::Value& value) {
    absl::StrAppend(out, TextOf(value.view()));
  });
}

// Keeps rows as text, and their keys; `-` and an empty key for a row that was not written.
class CollectingSink : public WriteSink {
 public:
  absl::Status OnColumns(const std::vector<ColumnView>& columns) override {
    ++times_begun;
    for (const ColumnView& column : columns) names.emplace_back(column.name);
    return absl::OkStatus();
  }

  absl::Status OnRow(const RowView& row) override {
    etag = std::string(row.etag());
    std::string text;
    for (int i = 0; i < row.count(); ++i) {
      absl::StrAppend(&text, i == 0 ? "" : ",", TextOf(row.value(i)));
    }
    bytes_ += text.size();
    rows.push_back(std::move(text));
    if (row.has_key()) keys.push_back(KeyOf(row));
    return absl::OkStatus();
  }

  void Clear() override {
    names.clear();
    rows.clear();
    keys.clear();
    bytes_ = 0;
  }

  absl::Status OnNoRow(bool keyed) override {
    rows.emplace_back("-");
    if (keyed) keys.emplace_back();
    return absl::OkStatus();
  }
  void ForgetLast() override {
    if (keys.size() == rows.size()) keys.pop_back();
    rows.pop_back();
  }
  size_t entries() const override { return rows.size(); }

  size_t bytes() const override { return bytes_; }

  std::string columns() const { return absl::StrJoin(names, ","); }
  std::string text() const { return absl::StrJoin(rows, ";"); }

  std::vector<std::string> names;
  std::vector<std::string> rows;
  std::vector<RowKey> keys;
  int times_begun = 0;
  // Of the last row.
  std::string etag;

 private:
  static RowKey KeyOf(const RowView& row) {
    RowKey key;
    for (const int part : row.key().parts) {
      key.parts.emplace_back(row.statement_column(part));
      key.by_rowid = key.by_rowid || key.parts.back().view().is_null();
    }
    if (!key.by_rowid || row.key().rowid < 0) return key;
    key.parts.clear();
    key.parts.emplace_back(row.statement_column(row.key().rowid));
    return key;
  }

  size_t bytes_ = 0;
};

// A database file and the Database that serves it.
class ServedDatabase {
 public:
  explicit ServedDatabase(const char* schema = "", bool read_only = false) : file(schema) {
    Reopen(read_only);
  }

  void Reopen(bool read_only = false) {
    served.reset();
    auto opened = Database::Open(
        {.name = "test", .path = file.path(), .read_only = read_only, .read_connections_max = 4},
        &metrics);
    if (!opened.ok()) std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
    CHECK(opened.ok());
    served = *std::move(opened);
  }

  Database& operator*() const { return *served; }
  Database* operator->() const { return served.get(); }

  Metrics metrics;
  const sqlite::TestDatabase file;
  std::shared_ptr<Database> served;
};

// What etags are made with.
inline constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

// Reads one row with a connection of its own.
inline absl::Status ReadRow(Database& database, absl::string_view table, const RowKey& key,
                            CollectingSink& sink, absl::string_view secret = kSecret) {
  ASSIGN_OR_RETURN(sqlite::ReadLease lease, database.Acquire(Interrupt()));
  const OneRowSpec spec{.table = table, .key = key};
  return GetRow(database, std::move(lease), spec, secret, Interrupt(), sink).status();
}

// Every row of a statement as text, through a connection of its own.
inline std::string Ask(const sqlite::TestDatabase& file, absl::string_view sql) {
  const auto connection = file.Open(sqlite::OpenOptions::Mode::kReadOnly);
  auto statement = connection->Prepare(sql);
  if (!statement.ok()) return statement.status().ToString();
  std::string text;
  while (true) {
    const auto row = statement->Step();
    if (!row.ok()) return row.status().ToString();
    if (!*row) return text;
    if (!text.empty()) text += ";";
    for (int i = 0; i < statement->column_count(); ++i) {
      absl::StrAppend(&text, i == 0 ? "" : ",", TextOf(statement->column(i)));
    }
  }
}

}  // namespace sluice::engine
