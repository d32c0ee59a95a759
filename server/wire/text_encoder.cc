#include "server/wire/text_encoder.h"

#include <charconv>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/wire/byte_scan.h"
#include "server/wire/json_text.h"
#include "server/wire/row_limit.h"
#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;
using sqlite::ValueView;

// Whether a CSV field with one of these characters stands in quotes.
bool NeedsQuotes(ByteWord word) {
  return word.Any('"') || word.Any(',') || word.Any('\r') || word.Any('\n');
}

// What JSON and NDJSON share: a row as an object or an array.
class JsonRows : public TextEncoder {
 public:
  explicit JsonRows(const TextFormat& format) : format_(format) {}

 protected:
  absl::Status RememberColumns(const std::vector<engine::ColumnView>& columns) {
    absl::flat_hash_set<std::string> seen;
    before_.clear();
    for (const engine::ColumnView& column : columns) {
      Buffer before;
      before.Append(before_.empty() ? (format_.arrays ? '[' : '{') : ',');
      if (!format_.arrays && !seen.insert(std::string(column.name)).second) {
        return BadField("shape", absl::StrCat("the result has two columns called ", column.name,
                                              ": give them aliases, or ask for shape=arrays"));
      }
      if (!format_.arrays) {
        PutJsonString(before, column.name);
        before.Append(':');
      }
      before_.emplace_back(before.view());
    }
    return absl::OkStatus();
  }

  absl::Status PutRow(const engine::RowView& row) {
    RowLimit limit;
    for (int i = 0; i < row.count(); ++i) {
      const ValueView value = row.value(i);
      RETURN_IF_ERROR(limit.Add(value));
      buffer_.Append(before_[static_cast<size_t>(i)]);
      PutNaturalJson(buffer_, value, format_.int64_as_string);
    }
    buffer_.Append(format_.arrays ? ']' : '}');
    return absl::OkStatus();
  }

  const TextFormat format_;

 private:
  // What stands before the value of each column: `{"name":`, `,"name":`, `[` or `,`.
  std::vector<std::string> before_;
};

class JsonEncoder : public JsonRows {
 public:
  using JsonRows::JsonRows;

  absl::string_view content_type() const override { return "application/json"; }

  absl::Status OnColumns(const std::vector<engine::ColumnView>& columns) override {
    first_row_ = true;
    buffer_.Append("{\"columns\":[");
    for (size_t i = 0; i < columns.size(); ++i) {
      buffer_.Append(i == 0 ? "{\"name\":" : ",{\"name\":");
      PutJsonString(buffer_, columns[i].name);
      buffer_.Append(",\"type\":");
      PutJsonString(buffer_, columns[i].declared_type);
      if (!columns[i].label_of.empty()) {
        buffer_.Append(",\"labelOf\":");
        PutJsonString(buffer_, columns[i].label_of);
      }
      buffer_.Append('}');
    }
    buffer_.Append("],\"rows\":[");
    return RememberColumns(columns);
  }

  absl::Status OnRow(const engine::RowView& row) override {
    buffer_.Append(first_row_ ? "\n" : ",\n");
    first_row_ = false;
    return PutRow(row);
  }

  void Finish(absl::string_view members) override {
    buffer_.Append("\n],");
    buffer_.Append(members);
    buffer_.Append("}\n");
  }

 private:
  bool first_row_ = true;
};

class NdjsonEncoder : public JsonRows {
 public:
  using JsonRows::JsonRows;

  absl::string_view content_type() const override { return "application/x-ndjson"; }
  absl::Status OnColumns(const std::vector<engine::ColumnView>& columns) override {
    return RememberColumns(columns);
  }
  absl::Status OnRow(const engine::RowView& row) override {
    RETURN_IF_ERROR(PutRow(row));
    buffer_.Append('\n');
    return absl::OkStatus();
  }
  void Finish(absl::string_view) override {}
};

// RFC 4180, with a header line. NULL and the empty text are both empty; a blob is base64.
class CsvEncoder : public TextEncoder {
 public:
  absl::string_view content_type() const override { return "text/csv; charset=utf-8"; }

  absl::Status OnColumns(const std::vector<engine::ColumnView>& columns) override {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) buffer_.Append(',');
      PutText(columns[i].name);
    }
    buffer_.Append("\r\n");
    return absl::OkStatus();
  }

  absl::Status OnRow(const engine::RowView& row) override {
    RowLimit limit;
    for (int i = 0; i < row.count(); ++i) {
      const ValueView value = row.value(i);
      RETURN_IF_ERROR(limit.Add(value));
      if (i > 0) buffer_.Append(',');
      PutValue(value);
    }
    buffer_.Append("\r\n");
    return absl::OkStatus();
  }

  void Finish(absl::string_view) override {}

 private:
  void PutValue(const ValueView& value) {
    switch (value.type) {
      case StorageClass::kNull:
        return;
      case StorageClass::kInteger:
        return PutNaturalJson(buffer_, value, /*int64_as_string=*/false);
      case StorageClass::kReal:
        return PutReal(buffer_, value.real);
      case StorageClass::kText:
        return PutText(value.bytes);
      case StorageClass::kBlob:
        return buffer_.Append(absl::Base64Escape(value.bytes));
    }
  }

  void PutText(absl::string_view text) {
    const bool plain =
        !AnyHolds(text, [](ByteWord word) { return word.AnyNotAscii() || NeedsQuotes(word); });
    if (plain) return buffer_.Append(text);
    if (!IsValidUtf8(text)) return PutText(ReplaceInvalidUtf8(text));
    if (!AnyHolds(text, NeedsQuotes)) return buffer_.Append(text);
    buffer_.Append('"');
    for (const char c : text) {
      if (c == '"') buffer_.Append('"');
      buffer_.Append(c);
    }
    buffer_.Append('"');
  }
};

}  // namespace

absl::StatusOr<TextFormat> ParseTextFormat(absl::string_view format, absl::string_view int64,
                                           absl::string_view shape) {
  TextFormat parsed;
  if (format == "ndjson") {
    parsed.kind = TextFormat::Kind::kNdjson;
  } else if (format == "csv") {
    parsed.kind = TextFormat::Kind::kCsv;
  } else if (!format.empty() && format != "json") {
    return BadField("format", "must be json, ndjson or csv");
  }
  if (!int64.empty() && int64 != "number" && int64 != "string") {
    return BadField("int64", "must be number or string");
  }
  if (!shape.empty() && shape != "objects" && shape != "arrays") {
    return BadField("shape", "must be objects or arrays");
  }
  parsed.int64_as_string = int64 == "string";
  parsed.arrays = shape == "arrays";
  return parsed;
}

std::unique_ptr<TextEncoder> MakeTextEncoder(const TextFormat& format) {
  switch (format.kind) {
    case TextFormat::Kind::kNdjson:
      return std::make_unique<NdjsonEncoder>(format);
    case TextFormat::Kind::kCsv:
      return std::make_unique<CsvEncoder>();
    case TextFormat::Kind::kJson:
      break;
  }
  return std::make_unique<JsonEncoder>(format);
}

}  // namespace sluice::wire
