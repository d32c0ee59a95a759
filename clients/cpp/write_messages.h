// What the messages of writes share.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/run.h"
#include "clients/cpp/write.h"
#include "sluice/v1/write.pb.h"

namespace sluice::client {

// Names that repeat in the message.
template <typename Field>
absl::Status SetNames(const std::vector<std::string>& names, Field* field) {
  for (const std::string& name : names) {
    if (auto status = CheckUtf8({name}); !status.ok()) return status;
    *field->Add() = name;
  }
  return absl::OkStatus();
}

// Of a RowError or a LoadError.
template <typename Message>
RowError RowErrorOf(const Message& error) {
  return {.row = error.row(),
          .status = absl::Status(static_cast<absl::StatusCode>(error.code()), error.message()),
          .reason = error.reason(),
          .metadata = {error.metadata().begin(), error.metadata().end()}};
}

// What becomes of rows that clash.
absl::Status SetConflict(InsertRequest::Conflict conflict, const std::vector<std::string>& target,
                         const std::vector<std::string>& update_columns, v1::OnConflict* message);

}  // namespace sluice::client
