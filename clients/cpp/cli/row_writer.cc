#include "clients/cpp/cli/row_writer.h"

#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/natural_json.h"

namespace sluice::cli {
namespace {

absl::Status CheckNamesDiffer(const std::vector<Column>& columns) {
  std::set<absl::string_view> names;
  for (const Column& column : columns) {
    if (names.insert(column.name).second) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "two columns are called '", EscapeForTerminal(column.name),
        "', which a JSON object cannot hold; name one with AS, or use -o csv, table or "
        "markdown"));
  }
  return absl::OkStatus();
}

// One JSON object a line.
class NdjsonWriter : public RowWriter {
 public:
  explicit NdjsonWriter(Output* output) : output_(output) {}

  absl::Status Begin(const std::vector<Column>& columns) override {
    for (const Column& column : columns) {
      std::string name = prefixes_.empty() ? "{" : ",";
      AppendJsonText(column.name, &name);
      prefixes_.push_back(name + ":");
    }
    return CheckNamesDiffer(columns);
  }

  void Add(const std::vector<Value>& values) override {
    AppendObject(values);
    output_->Write("\n");
  }

  void End(bool) override {}

 protected:
  void AppendObject(const std::vector<Value>& values) {
    std::string* out = output_->buffer();
    if (values.empty()) out->push_back('{');
    for (size_t i = 0; i < values.size(); ++i) {
      out->append(prefixes_[i]);
      AppendNaturalJson(values[i], out);
    }
    out->push_back('}');
  }

  Output* const output_;

 private:
  std::vector<std::string> prefixes_;
};

// The whole result as one object, with a row to a line.
class JsonWriter : public NdjsonWriter {
 public:
  using NdjsonWriter::NdjsonWriter;

  absl::Status Begin(const std::vector<Column>& columns) override {
    if (auto status = NdjsonWriter::Begin(columns); !status.ok()) return status;
    std::string head = R"({"columns":[)";
    for (size_t i = 0; i < columns.size(); ++i) {
      absl::StrAppend(&head, i == 0 ? "" : ",", R"({"name":)");
      AppendJsonText(columns[i].name, &head);
      head.append(R"(,"type":)");
      AppendJsonText(columns[i].declared_type, &head);
      head.push_back('}');
    }
    output_->Write(head + R"(],"rows":[)");
    return absl::OkStatus();
  }

  void Add(const std::vector<Value>& values) override {
    output_->Write(first_ ? "\n" : ",\n");
    first_ = false;
    AppendObject(values);
  }

  void End(bool truncated) override {
    output_->Write(
        absl::StrCat(first_ ? "" : "\n", R"(],"truncated":)", truncated ? "true" : "false", "}\n"));
  }

 private:
  bool first_ = true;
};

// RFC 4180. NULL is nothing, an empty text is "". On a terminal what moves it is escaped: there it
// is for eyes.
class CsvWriter : public RowWriter {
 public:
  CsvWriter(Output* output, bool on_terminal) : output_(output), on_terminal_(on_terminal) {}

  absl::Status Begin(const std::vector<Column>& columns) override {
    for (const Column& column : columns) AppendText(column.name);
    EndLine();
    return absl::OkStatus();
  }

  void Add(const std::vector<Value>& values) override {
    for (const Value& value : values) AppendValue(value);
    EndLine();
  }

  void End(bool) override {}

 private:
  void AppendValue(const Value& value) {
    if (const auto* text = value.text()) {
      AppendText(*text);
    } else if (const auto* raw = value.raw_text()) {
      AppendText(raw->bytes);
    } else if (const auto* blob = value.blob()) {
      AppendField(absl::Base64Escape(blob->bytes));
    } else if (value.is_null()) {
      AppendField("");
    } else {
      AppendField(DisplayValue(value));
    }
  }

  void AppendText(absl::string_view text) {
    if (on_terminal_) {
      AppendQuoted(EscapeForTerminal(text));
    } else {
      AppendQuoted(text);
    }
  }

  void AppendQuoted(absl::string_view text) {
    const bool plain = !text.empty() && text.find_first_of("\",\r\n") == absl::string_view::npos &&
                       text.front() != ' ' && text.back() != ' ';
    if (plain) {
      AppendField(text);
    } else {
      AppendField(absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\""));
    }
  }

  void AppendField(absl::string_view field) {
    if (!at_line_begin_) output_->buffer()->push_back(',');
    at_line_begin_ = false;
    absl::StrAppend(output_->buffer(), field);
  }

  void EndLine() {
    output_->Write("\r\n");
    at_line_begin_ = true;
  }

  Output* const output_;
  const bool on_terminal_;
  bool at_line_begin_ = true;
};

class MarkdownWriter : public RowWriter {
 public:
  explicit MarkdownWriter(Output* output) : output_(output) {}

  absl::Status Begin(const std::vector<Column>& columns) override {
    for (const Column& column : columns) AppendCell(EscapeForTerminal(column.name));
    output_->Write("|\n");
    for (size_t i = 0; i < columns.size(); ++i) output_->Write("| --- ");
    output_->Write("|\n");
    return absl::OkStatus();
  }

  void Add(const std::vector<Value>& values) override {
    for (const Value& value : values) AppendCell(DisplayValue(value));
    output_->Write("|\n");
  }

  void End(bool truncated) override {
    if (truncated) output_->Write("\n(there are more rows)\n");
  }

 private:
  void AppendCell(absl::string_view text) {
    output_->Write(absl::StrCat("| ",
                                absl::StrReplaceAll(text, {{"\\", "\\\\"},
                                                           {"|", "\\|"},
                                                           {"<", "&lt;"},
                                                           {"&", "&amp;"},
                                                           {"`", "\\`"},
                                                           {"*", "\\*"},
                                                           {"_", "\\_"}}),
                                " "));
  }

  Output* const output_;
};

}  // namespace

std::unique_ptr<RowWriter> MakeRowWriter(Format format, Output* output, size_t terminal_width) {
  switch (format) {
    case Format::kTable:
      return MakeTableWriter(output, terminal_width);
    case Format::kJson:
      return std::make_unique<JsonWriter>(output);
    case Format::kNdjson:
      return std::make_unique<NdjsonWriter>(output);
    case Format::kCsv:
      return std::make_unique<CsvWriter>(output, terminal_width > 0);
    case Format::kMarkdown:
      return std::make_unique<MarkdownWriter>(output);
  }
  return nullptr;
}

}  // namespace sluice::cli
