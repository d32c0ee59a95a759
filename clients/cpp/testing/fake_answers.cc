#include "clients/cpp/testing/fake_answers.h"

#include <openssl/sha.h>

#include <algorithm>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/conversion.h"
#include "clients/cpp/crc32c.h"

namespace sluice::testing {
namespace {

std::string Sha256(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace

v1::Column MakeColumn(const std::string& name, const std::string& declared_type) {
  v1::Column column;
  column.set_name(name);
  column.set_declared_type(declared_type);
  return column;
}

v1::Row MakeRow(const std::vector<Value>& values, const std::string& key) {
  v1::Row row;
  for (const Value& value : values) client::ToProto(value, row.add_values());
  row.set_key(key);
  return row;
}

void FillEveryClass(google::protobuf::RepeatedPtrField<v1::Column>* columns,
                    google::protobuf::RepeatedPtrField<v1::Row>* rows) {
  for (const char* name : {"null", "integer", "real", "text", "blob", "raw"}) {
    *columns->Add() = MakeColumn(name, "ANY");
  }
  *rows->Add() = MakeRow({Null(), std::numeric_limits<int64_t>::max(), 5.0, "a\"b,c\nd",
                          Blob{std::string("\0\xFF", 2)}, RawText{"\xC3("}},
                         "1");
  *rows->Add() = MakeRow(
      {Null(), -1, -std::numeric_limits<double>::infinity(), "", Blob{""}, RawText{"\x80"}}, "2");
}

Stream<v1::StreamQueryRequest, v1::StreamQueryResponse> CountingStream(int count, int rows_each,
                                                                       bool cut) {
  return [=](grpc::ServerContext*, const v1::StreamQueryRequest&,
             grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = MakeColumn("n", "INTEGER");
    *message.add_columns() = MakeColumn("name", "TEXT");
    for (int n = 0; n < count;) {
      for (int i = 0; i < rows_each && n < count; ++i, ++n) {
        *message.add_rows() = MakeRow({n, absl::StrCat("row ", n)});
      }
      if (!writer->Write(message)) return grpc::Status::CANCELLED;
      message.Clear();
    }
    if (cut) return grpc::Status::OK;
    message.mutable_stats()->set_row_count(count);
    message.mutable_stats()->set_elapsed_us(1);
    writer->Write(message);
    return grpc::Status::OK;
  };
}

namespace {

// Each page of one letter.
std::string Letters(int page_size, int page_count) {
  std::string bytes;
  for (int page = 0; page < page_count; ++page) {
    bytes.append(static_cast<size_t>(page_size), static_cast<char>('a' + page % 26));
  }
  return bytes;
}

}  // namespace

FakeSnapshot::FakeSnapshot(int page_size, int page_count)
    : FakeSnapshot(page_size, Letters(page_size, page_count)) {}

FakeSnapshot::FakeSnapshot(int page_size, std::string bytes) : bytes_(std::move(bytes)) {
  const int page_count = static_cast<int>(bytes_.size()) / page_size;
  v1::DownloadDatabaseResponse part;
  part.mutable_manifest()->set_page_size_bytes(page_size);
  part.mutable_manifest()->set_page_count(page_count);
  part.mutable_manifest()->set_size_bytes(int64_t{page_size} * page_count);
  part.mutable_manifest()->set_commit_token("token-7");
  parts.push_back(part);
  for (int page = 0; page < page_count; ++page) {
    const std::string content = bytes_.substr(
        static_cast<size_t>(page_size) * static_cast<size_t>(page), static_cast<size_t>(page_size));
    part.mutable_chunk()->set_offset(int64_t{page_size} * page);
    part.mutable_chunk()->set_crc32c(client::Crc32c(content));
    part.mutable_chunk()->set_data(content);
    parts.push_back(part);
  }
  part.mutable_digest()->set_sha256(Sha256(bytes_));
  parts.push_back(part);
}

std::string FakeSnapshot::sha256_hex() const { return absl::BytesToHexString(Sha256(bytes_)); }

Stream<v1::DownloadDatabaseRequest, v1::DownloadDatabaseResponse> FakeSnapshot::Answer() const {
  return [sent = parts, end = status](grpc::ServerContext*, const v1::DownloadDatabaseRequest&,
                                      grpc::ServerWriter<v1::DownloadDatabaseResponse>* writer) {
    for (const auto& part : sent) {
      if (!writer->Write(part)) return grpc::Status::CANCELLED;
    }
    return end;
  };
}

}  // namespace sluice::testing
