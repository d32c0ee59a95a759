// The rows of loads' messages, as the engine takes them. See requests.h for what holds of all
// parsers.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/load.h"
#include "server/engine/staging_file.h"
#include "sluice/v1/load.pb.h"

namespace sluice::wire {

// Whether the message's rows are whole and fit `columns` columns; single values are looked at when
// they are read.
absl::Status CheckLoadRows(const v1::LoadRowsRequest& message, int columns);
int64_t LoadRowCount(const v1::LoadRowsRequest& message);

// Reads the rows of one message, which has been checked and outlives this.
class LoadRowsReader {
 public:
  // Leaves out the first `skip` rows.
  LoadRowsReader(const v1::LoadRowsRequest& message, int64_t skip);
  absl::StatusOr<bool> Next(std::vector<sqlite::ValueView>* values);

 private:
  // How far the exceptions of one packed column have been read.
  struct Column {
    int next_null = 0;
    int next_other = 0;
  };
  absl::Status ReadRow(std::vector<sqlite::ValueView>* values) const;
  absl::Status ReadPacked(std::vector<sqlite::ValueView>* values);
  absl::StatusOr<sqlite::ValueView> ReadPacked(const v1::PackedColumn& column, Column* read) const;

  const v1::LoadRowsRequest& message_;
  const int64_t count_;
  int64_t next_ = 0;
  std::vector<Column> columns_;
};

// Rows that are held in memory.
class LoadBatch : public engine::RowFeed {
 public:
  // `skip` of the message's rows are left out. `place` goes with the message.
  void Add(std::unique_ptr<v1::LoadRowsRequest> message, int64_t skip,
           std::shared_ptr<const void> place = nullptr);
  int64_t row_count() const { return row_count_; }

  absl::Status Rewind() override;
  absl::StatusOr<bool> Next(std::vector<sqlite::ValueView>* values) override;
  size_t bytes() const override { return bytes_; }

 private:
  struct Part {
    std::unique_ptr<v1::LoadRowsRequest> message;
    int64_t skip;
    std::shared_ptr<const void> place;
  };
  std::vector<Part> parts_;
  size_t bytes_ = 0;
  int64_t row_count_ = 0;
  // Where Next stands.
  size_t part_ = 0;
  std::unique_ptr<LoadRowsReader> reader_;
};

// Rows that wait on the disk, as the bytes of their messages.
class StagedLoad : public engine::RowFeed {
 public:
  // RESOURCE_EXHAUSTED (LIMIT) beyond kAtomicLoadBytesMax.
  absl::Status Add(const std::string& folder, absl::string_view message, int64_t rows);
  int64_t row_count() const { return row_count_; }

  absl::Status Rewind() override;
  absl::StatusOr<bool> Next(std::vector<sqlite::ValueView>* values) override;
  size_t bytes() const override { return message_bytes_max_; }

 private:
  // What it holds in memory: one message.
  size_t message_bytes_max_ = 0;
  int64_t row_count_ = 0;
  // Made with the first message.
  std::unique_ptr<engine::StagingFile> file_;
  std::string record_;
  v1::LoadRowsRequest message_;
  std::unique_ptr<LoadRowsReader> reader_;
};

}  // namespace sluice::wire
