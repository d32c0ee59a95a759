// The table: aligned columns, or one line to a value where the columns do not fit the terminal.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/row_writer.h"

namespace sluice::cli {
namespace {

// Rows that decide how wide the columns are; later ones are fitted in, so that any number streams.
constexpr size_t kRowsMeasured = 1'000;
// Their bytes: rows may be large.
constexpr size_t kBytesMeasured = size_t{8} << 20;
// A column narrower than this, unless its values are, says nothing.
constexpr size_t kUsefulWidth = 8;
constexpr size_t kGap = 2;

struct Cell {
  std::string text;
  bool is_number = false;
};
using Line = std::vector<Cell>;

class TableWriter : public RowWriter {
 public:
  TableWriter(Output* output, size_t terminal_width) : output_(output), limit_(terminal_width) {}

  absl::Status Begin(const std::vector<Column>& columns) override {
    for (const Column& column : columns) header_.push_back(EscapeForTerminal(column.name));
    numeric_.assign(columns.size(), true);
    for (const std::string& name : header_) widths_.push_back(DisplayWidth(name));
    return absl::OkStatus();
  }

  void Add(const std::vector<Value>& values) override {
    Line line;
    line.reserve(values.size());
    for (const Value& value : values) {
      const bool is_number = value.integer() != nullptr || value.real() != nullptr;
      line.push_back({DisplayValue(value), is_number});
      if (!started_) measured_bytes_ += line.back().text.size();
    }
    ++count_;
    if (started_) return WriteLine(line);
    Measure(line, values);
    waiting_.push_back(std::move(line));
    if (waiting_.size() >= kRowsMeasured || measured_bytes_ >= kBytesMeasured) Start();
  }

  void End(bool truncated) override {
    if (!started_) Start();
    output_->Write(absl::StrCat("(", truncated ? "the first " : "", count_,
                                count_ == 1 ? " row)\n" : " rows)\n"));
  }

 private:
  void Measure(const Line& line, const std::vector<Value>& values) {
    for (size_t i = 0; i < line.size(); ++i) {
      widths_[i] = std::max(widths_[i], DisplayWidth(line[i].text));
      if (!line[i].is_number && !values[i].is_null()) numeric_[i] = false;
    }
  }

  size_t TotalWidth(size_t cap) const {
    size_t total = 0;
    for (const size_t width : widths_) total += std::min(width, cap) + kGap;
    return total - std::min(total, kGap);
  }

  // Decides on the form and writes what waits.
  void Start() {
    started_ = true;
    as_records_ = limit_ != 0 && TotalWidth(kUsefulWidth) > limit_;
    if (as_records_) {
      for (const std::string& name : header_)
        name_width_ = std::max(name_width_, DisplayWidth(name));
    } else {
      Fit();
      WriteHeader();
    }
    for (const Line& line : waiting_) WriteLine(line);
    waiting_.clear();
  }

  // Narrows the widest columns to the widest width at which all fit.
  void Fit() {
    if (limit_ == 0 || TotalWidth(limit_) <= limit_) return;
    size_t cap = limit_;
    while (cap > kUsefulWidth && TotalWidth(cap) > limit_) --cap;
    for (size_t& width : widths_) width = std::min(width, cap);
  }

  void WriteHeader() {
    Line names;
    std::string rule;
    for (size_t i = 0; i < header_.size(); ++i) {
      names.push_back({header_[i], numeric_[i]});
      if (i > 0) rule.append(kGap, ' ');
      for (size_t cell = 0; cell < std::max<size_t>(widths_[i], 1); ++cell) rule.append("─");
    }
    WriteLine(names);
    output_->Write(rule + "\n");
  }

  void WriteLine(const Line& line) {
    if (as_records_) return WriteRecord(line);
    std::string* out = output_->buffer();
    for (size_t i = 0; i < line.size(); ++i) {
      // Without a terminal nothing is cut: a later, wider value shifts its line instead.
      const std::string text = limit_ == 0 ? line[i].text : CutToWidth(line[i].text, widths_[i]);
      const size_t width = DisplayWidth(text);
      const size_t padding = widths_[i] - std::min(widths_[i], width);
      if (i > 0) out->append(kGap, ' ');
      if (line[i].is_number) out->append(padding, ' ');
      out->append(text);
      if (!line[i].is_number && i + 1 < line.size()) out->append(padding, ' ');
    }
    // Empty last cells leave no blanks behind.
    while (!out->empty() && out->back() == ' ') out->pop_back();
    output_->Write("\n");
  }

  void WriteRecord(const Line& line) {
    output_->Write(absl::StrCat("── ", ++records_, "\n"));
    const size_t left = limit_ - std::min(limit_, name_width_ + kGap);
    for (size_t i = 0; i < line.size(); ++i) {
      output_->Write(header_[i]);
      output_->Write(std::string(name_width_ - DisplayWidth(header_[i]) + kGap, ' '));
      output_->Write(CutToWidth(line[i].text, std::max(left, kUsefulWidth)));
      output_->Write("\n");
    }
  }

  Output* const output_;
  const size_t limit_;
  std::vector<std::string> header_;
  std::vector<size_t> widths_;
  // Columns whose values so far are numbers: their names stand on the right too.
  std::vector<bool> numeric_;
  std::vector<Line> waiting_;
  size_t measured_bytes_ = 0;
  size_t name_width_ = 0;
  size_t count_ = 0;
  size_t records_ = 0;
  bool started_ = false;
  bool as_records_ = false;
};

}  // namespace

std::unique_ptr<RowWriter> MakeTableWriter(Output* output, size_t terminal_width) {
  return std::make_unique<TableWriter>(output, terminal_width);
}

}  // namespace sluice::cli
