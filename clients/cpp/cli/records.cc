#include "clients/cpp/cli/records.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace sluice::cli {
namespace {

constexpr int kEnd = InputBytes::kEnd;

absl::Status WrongAt(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

// The mark that some programs put before UTF-8.
void SkipByteOrderMark(InputBytes* input) {
  if (input->Peek() != 0xEF) return;
  for (int i = 0; i < 3; ++i) input->Get();
}

}  // namespace

CsvReader::CsvReader(InputBytes* input, char delimiter)
    : input_(input), delimiter_(static_cast<unsigned char>(delimiter)) {
  SkipByteOrderMark(input);
}

absl::StatusOr<bool> CsvReader::Next(std::vector<CsvField>* record) {
  record->clear();
  while (!keep_empty_lines_ && (input_->Peek() == '\n' || input_->Peek() == '\r')) input_->Get();
  line_ = input_->line();
  if (input_->Peek() == kEnd) {
    if (auto status = input_->status(); !status.ok()) return status;
    return false;
  }
  while (true) {
    if (auto status = ReadField(&record->emplace_back()); !status.ok()) return status;
    const int next = input_->Get();
    if (next == delimiter_) continue;
    if (next == '\r' && input_->Peek() == '\n') input_->Get();
    if (auto status = input_->status(); !status.ok()) return status;
    return true;
  }
}

// Up to the delimiter, the end of the line or of the input, which is not taken.
absl::Status CsvReader::ReadField(CsvField* field) {
  if (input_->Peek() == '"') return ReadQuoted(field);
  while (true) {
    const int next = input_->Peek();
    if (next == delimiter_ || next == '\n' || next == '\r' || next == kEnd) return absl::OkStatus();
    field->text.push_back(static_cast<char>(input_->Get()));
  }
}

absl::Status CsvReader::ReadQuoted(CsvField* field) {
  field->quoted = true;
  input_->Get();
  while (true) {
    const int next = input_->Get();
    if (next == kEnd) return WrongAt(line_, "a quoted field has no end");
    if (next != '"') {
      field->text.push_back(static_cast<char>(next));
    } else if (input_->Peek() == '"') {
      field->text.push_back(static_cast<char>(input_->Get()));
    } else {
      break;
    }
  }
  const int after = input_->Peek();
  if (after == delimiter_ || after == '\n' || after == '\r' || after == kEnd) {
    return absl::OkStatus();
  }
  return WrongAt(input_->line(), "text follows behind a quoted field");
}

JsonSplitter::JsonSplitter(InputBytes* input) : input_(input) { SkipByteOrderMark(input); }

void JsonSplitter::SkipSpace() {
  while (input_->Peek() != kEnd &&
         absl::ascii_isspace(static_cast<unsigned char>(input_->Peek()))) {
    input_->Get();
  }
}

absl::Status JsonSplitter::Wrong(const char* what) const { return WrongAt(input_->line(), what); }

absl::StatusOr<bool> JsonSplitter::Next(std::string* object) {
  SkipSpace();
  if (!begun_ && input_->Peek() == '[') {
    in_array_ = true;
    input_->Get();
    SkipSpace();
  }
  begun_ = true;
  if (in_array_ && after_object_ && input_->Peek() == ',') {
    input_->Get();
    SkipSpace();
  } else if (in_array_ && input_->Peek() == ']') {
    input_->Get();
    SkipSpace();
    if (input_->Peek() != kEnd) return Wrong("text follows behind the array");
    in_array_ = false;
  } else if (in_array_ && after_object_ && input_->Peek() != kEnd) {
    return Wrong("a comma or the end of the array is missing");
  }
  if (input_->Peek() == kEnd) {
    if (auto status = input_->status(); !status.ok()) return status;
    if (in_array_) return Wrong("the array has no end");
    return false;
  }
  line_ = input_->line();
  if (input_->Peek() != '{') return Wrong("a row is a JSON object");
  if (auto status = ReadObject(object); !status.ok()) return status;
  after_object_ = true;
  return true;
}

absl::Status JsonSplitter::ReadObject(std::string* object) {
  object->clear();
  int depth = 0;
  bool in_text = false;
  do {
    const int next = input_->Get();
    if (next == kEnd) return WrongAt(line_, "an object has no end");
    object->push_back(static_cast<char>(next));
    if (in_text) {
      if (next == '"') in_text = false;
      if (next == '\\' && input_->Peek() != kEnd) {
        object->push_back(static_cast<char>(input_->Get()));
      }
    } else if (next == '"') {
      in_text = true;
    } else if (next == '{' || next == '[') {
      ++depth;
    } else if (next == '}' || next == ']') {
      --depth;
    }
  } while (depth > 0);
  return absl::OkStatus();
}

}  // namespace sluice::cli
