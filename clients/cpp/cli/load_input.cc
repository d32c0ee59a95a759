#include "clients/cpp/cli/load_input.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cpp/cli/json.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/records.h"
#include "clients/cpp/cli/value_syntax.h"
#include "clients/cpp/utf8.h"

namespace sluice::cli {
namespace {

// Rows that say columns and types.
constexpr size_t kSampleRows = 1'000;

absl::Status WrongAt(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

absl::Status CheckNames(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty()) return absl::InvalidArgumentError("a column has no name; give --columns");
    if (!client::IsValidUtf8(name))
      return absl::InvalidArgumentError("a column's name is no UTF-8");
    if (!seen.insert(absl::AsciiStrToLower(name)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("the column ", name, " comes twice; give --columns"));
    }
  }
  return absl::OkStatus();
}

// As JSON writes them, so that nothing is lost: no leading zero, no sign but a minus.
bool LooksLikeNumber(absl::string_view text, bool* integer) {
  absl::ConsumePrefix(&text, "-");
  if (text.empty() || !absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) return false;
  if (text.size() > 1 && text[0] == '0' && absl::ascii_isdigit(static_cast<unsigned char>(text[1])))
    return false;
  *integer = std::all_of(text.begin(), text.end(),
                         [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  if (*integer) return true;
  double real = 0;
  return text.find_first_not_of("0123456789.eE+-") == absl::string_view::npos &&
         absl::SimpleAtod(text, &real) && real - real == 0;
}

Value Text(std::string text) {
  if (client::IsValidUtf8(text)) return Value(std::move(text));
  return Value(RawText{std::move(text)});
}

class CsvInput : public LoadInput {
 public:
  CsvInput(InputBytes* bytes, InputOptions options)
      : LoadInput(std::move(options)), reader_(bytes, options_.delimiter) {}

  absl::StatusOr<bool> Next(std::vector<Value>* row) override {
    Record record;
    if (!sample_.empty()) {
      record = std::move(sample_.front());
      sample_.pop_front();
    } else {
      const auto more = Read(&record);
      if (!more.ok() || !*more) return more;
    }
    line_ = record.line;
    row->clear();
    for (size_t i = 0; i < columns_.size(); ++i) {
      CsvField& field = record.fields[i];
      row->push_back(IsNull(field) ? Value() : TextAs(types_[i], std::move(field.text)));
    }
    return true;
  }
  int64_t line() const override { return line_; }

 protected:
  absl::Status Begin() override {
    if (auto status = NameColumns(); !status.ok()) return status;
    while (sample_.size() < kSampleRows) {
      Record record;
      const auto more = Read(&record);
      if (!more.ok()) return more.status();
      if (!*more) break;
      sample_.push_back(std::move(record));
    }
    for (size_t i = 0; i < columns_.size(); ++i) types_.push_back(TypeOf(i));
    return absl::OkStatus();
  }

 private:
  struct Record {
    std::vector<CsvField> fields;
    int64_t line = 0;
  };

  absl::Status NameColumns() {
    auto status = FindColumns();
    // What the command writes of NULL in the one column.
    if (columns_.size() == 1) reader_.KeepEmptyLines();
    return status;
  }

  absl::Status FindColumns() {
    columns_ = options_.columns;
    if (!options_.header && !columns_.empty()) return absl::OkStatus();
    std::vector<CsvField> first;
    const auto more = reader_.Next(&first);
    if (!more.ok()) return more.status();
    if (!options_.header && *more) sample_.push_back({first, reader_.line()});
    if (!columns_.empty()) return absl::OkStatus();
    for (size_t i = 0; i < first.size(); ++i) {
      columns_.push_back(options_.header ? first[i].text : absl::StrCat("c", i + 1));
    }
    return columns_.empty() ? absl::InvalidArgumentError("the input is empty") : absl::OkStatus();
  }

  absl::StatusOr<bool> Read(Record* record) {
    const auto more = reader_.Next(&record->fields);
    if (!more.ok() || !*more) return more;
    record->line = reader_.line();
    if (record->fields.size() != columns_.size()) {
      return WrongAt(record->line, absl::StrCat("has ", record->fields.size(), " fields for ",
                                                columns_.size(), " columns"));
    }
    return true;
  }

  bool IsNull(const CsvField& field) const {
    return !field.quoted && field.text == options_.null_text;
  }

  ColumnType TypeOf(size_t column) const {
    const auto given = options_.types.find(columns_[column]);
    if (given != options_.types.end()) return given->second;
    std::vector<std::string> texts;
    for (const Record& record : sample_) {
      if (!IsNull(record.fields[column])) texts.push_back(record.fields[column].text);
    }
    return GuessType(texts);
  }

  CsvReader reader_;
  std::deque<Record> sample_;
  int64_t line_ = 0;
};

class JsonInput : public LoadInput {
 public:
  JsonInput(InputBytes* bytes, InputOptions options)
      : LoadInput(std::move(options)), splitter_(bytes) {}

  absl::StatusOr<bool> Next(std::vector<Value>* row) override {
    Record record;
    if (!sample_.empty()) {
      record = std::move(sample_.front());
      sample_.pop_front();
    } else {
      const auto more = Read(&record);
      if (!more.ok() || !*more) return more;
    }
    line_ = record.line;
    row->assign(columns_.size(), Value());
    for (auto& [name, value] : record.values) {
      const auto place = places_.find(name);
      if (place == places_.end()) {
        return WrongAt(line_, absl::StrCat("has a column ", name, " that the first ", kSampleRows,
                                           " rows have not; give --columns"));
      }
      if (place->second == kLeftOut) continue;
      const auto text = value.text();
      (*row)[place->second] = text != nullptr && types_[place->second] != ColumnType::kAny
                                  ? TextAs(types_[place->second], *text)
                                  : std::move(value);
    }
    return true;
  }
  int64_t line() const override { return line_; }

 protected:
  absl::Status Begin() override {
    columns_ = options_.columns;
    while (sample_.size() < kSampleRows) {
      Record record;
      const auto more = Read(&record);
      if (!more.ok()) return more.status();
      if (!*more) break;
      for (const auto& [name, value] : record.values) AddColumn(name);
      sample_.push_back(std::move(record));
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      places_[columns_[i]] = i;
      types_.push_back(TypeOf(columns_[i]));
    }
    return columns_.empty() ? absl::InvalidArgumentError("the input has no row") : absl::OkStatus();
  }

 private:
  static constexpr size_t kLeftOut = SIZE_MAX;
  struct Record {
    // In the order of the file.
    std::vector<std::pair<std::string, Value>> values;
    int64_t line = 0;
  };

  void AddColumn(const std::string& name) {
    if (std::find(columns_.begin(), columns_.end(), name) != columns_.end()) return;
    // With --columns the others are left out.
    if (options_.columns.empty()) {
      columns_.push_back(name);
    } else {
      places_[name] = kLeftOut;
    }
  }

  absl::StatusOr<bool> Read(Record* record) {
    std::string text;
    const auto more = splitter_.Next(&text);
    if (!more.ok() || !*more) return more;
    record->line = splitter_.line();
    const auto json = ParseJson(text);
    if (!json.ok()) return WrongAt(record->line, json.status().message());
    for (const JsonMember& member : json->members) {
      auto value = ToValue(member.value);
      if (!value.ok()) return WrongAt(record->line, value.status().message());
      record->values.emplace_back(member.name, *std::move(value));
    }
    return true;
  }

  // Arrays, and objects that are no tagged values, are kept as their JSON.
  static absl::StatusOr<Value> ToValue(const Json& json) {
    const bool tagged = json.kind == Json::Kind::kObject && !json.members.empty() &&
                        absl::StartsWith(json.members[0].name, "$");
    if (json.kind != Json::Kind::kArray && (json.kind != Json::Kind::kObject || tagged)) {
      return ValueFromJson(json);
    }
    std::string text;
    AppendJson(json, &text);
    return Value(std::move(text));
  }

  static void AppendJson(const Json& json, std::string* out) {
    switch (json.kind) {
      case Json::Kind::kNull:
        out->append("null");
        return;
      case Json::Kind::kBool:
        out->append(json.boolean ? "true" : "false");
        return;
      case Json::Kind::kNumber:
        out->append(json.text);
        return;
      case Json::Kind::kString:
        AppendJsonText(json.text, out);
        return;
      case Json::Kind::kArray:
        out->push_back('[');
        for (const Json& item : json.items) {
          if (&item != &json.items[0]) out->push_back(',');
          AppendJson(item, out);
        }
        out->push_back(']');
        return;
      case Json::Kind::kObject:
        out->push_back('{');
        for (const JsonMember& member : json.members) {
          if (&member != &json.members[0]) out->push_back(',');
          AppendJsonText(member.name, out);
          out->push_back(':');
          AppendJson(member.value, out);
        }
        out->push_back('}');
        return;
    }
  }

  ColumnType TypeOf(const std::string& column) const {
    const auto given = options_.types.find(column);
    return given != options_.types.end() ? given->second : ColumnType::kAny;
  }

  JsonSplitter splitter_;
  std::map<std::string, size_t> places_;
  std::deque<Record> sample_;
  int64_t line_ = 0;
};

}  // namespace

std::string TypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return "INTEGER";
    case ColumnType::kReal:
      return "REAL";
    case ColumnType::kText:
      return "TEXT";
    case ColumnType::kBlob:
      return "BLOB";
    case ColumnType::kAny:
      return "";
  }
  return "";
}

ColumnType GuessType(const std::vector<std::string>& texts) {
  if (texts.empty()) return ColumnType::kText;
  bool all_integers = true;
  for (const std::string& text : texts) {
    bool integer = false;
    if (!LooksLikeNumber(text, &integer)) return ColumnType::kText;
    int64_t value = 0;
    // Beyond 64 bits it would lose digits.
    if (integer && !absl::SimpleAtoi(text, &value)) return ColumnType::kText;
    all_integers = all_integers && integer;
  }
  return all_integers ? ColumnType::kInteger : ColumnType::kReal;
}

Value TextAs(ColumnType type, std::string text) {
  bool integer = false;
  int64_t whole = 0;
  double real = 0;
  switch (type) {
    case ColumnType::kInteger:
      if (LooksLikeNumber(text, &integer) && integer && absl::SimpleAtoi(text, &whole))
        return whole;
      break;
    case ColumnType::kReal:
      if (LooksLikeNumber(text, &integer) && absl::SimpleAtod(text, &real)) return real;
      break;
    case ColumnType::kBlob: {
      auto blob = ParseValue(absl::StrCat("blob:", text));
      if (blob.ok()) return *std::move(blob);
      break;
    }
    case ColumnType::kText:
    case ColumnType::kAny:
      break;
  }
  return Text(std::move(text));
}

absl::StatusOr<std::unique_ptr<LoadInput>> LoadInput::Open(InputBytes* bytes,
                                                           InputOptions options) {
  std::unique_ptr<LoadInput> input;
  if (options.format == "csv" || options.format == "tsv") {
    input = std::make_unique<CsvInput>(bytes, std::move(options));
  } else {
    input = std::make_unique<JsonInput>(bytes, std::move(options));
  }
  if (auto status = input->Begin(); !status.ok()) return status;
  if (auto status = CheckNames(input->columns_); !status.ok()) return status;
  for (const auto& [name, type] : input->options_.types) {
    if (std::find(input->columns_.begin(), input->columns_.end(), name) == input->columns_.end()) {
      return absl::InvalidArgumentError(absl::StrCat("--types: there is no column ", name));
    }
  }
  return input;
}

void LoadInput::SuggestType(size_t column, ColumnType type) {
  if (!options_.types.contains(columns_[column])) types_[column] = type;
}

}  // namespace sluice::cli
