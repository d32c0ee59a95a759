// Ready-made answers for the fake server.
#pragma once

#include <string>
#include <vector>

#include "clients/cpp/testing/fake_server.h"
#include "clients/cpp/value.h"

namespace sluice::testing {

v1::Column MakeColumn(const std::string& name, const std::string& declared_type = "");
v1::Row MakeRow(const std::vector<Value>& values, const std::string& key = "");

// A result with one value of every storage class and its edges, in two rows.
void FillEveryClass(google::protobuf::RepeatedPtrField<v1::Column>* columns,
                    google::protobuf::RepeatedPtrField<v1::Row>* rows);

// Streams `count` rows (n INTEGER, name TEXT) in messages of `rows_each`, then the statistics
// unless `cut`.
Stream<v1::StreamQueryRequest, v1::StreamQueryResponse> CountingStream(int count, int rows_each,
                                                                       bool cut = false);

// A snapshot of one-page chunks that a test can spoil before it is sent.
class FakeSnapshot {
 public:
  FakeSnapshot(int page_size, int page_count);
  // Of these bytes, which are whole pages.
  FakeSnapshot(int page_size, std::string bytes);

  // What a whole download must give.
  const std::string& bytes() const { return bytes_; }
  std::string sha256_hex() const;

  std::vector<v1::DownloadDatabaseResponse> parts;
  // How the stream ends.
  grpc::Status status;

  Stream<v1::DownloadDatabaseRequest, v1::DownloadDatabaseResponse> Answer() const;

 private:
  std::string bytes_;
};

}  // namespace sluice::testing
