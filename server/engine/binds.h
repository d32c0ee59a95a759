// The values of a statement that is put together piece by piece: text is only ever made of the
// schema's names, and everything that a caller gave is bound.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/sqlite/statement.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

// Movable; not thread-safe. Lives as long as the statement is not reset.
class Binds {
 public:
  // The parameter that stands for the value, such as `?3`. The value's bytes must live as long as
  // this object.
  std::string Add(const sqlite::ValueView& value) {
    values_.push_back(value);
    return absl::StrCat("?", values_.size());
  }
  // The same for a text that this object keeps.
  std::string AddText(std::string text) {
    texts_.push_back(std::make_unique<std::string>(std::move(text)));
    return Add(sqlite::ValueView::Text(*texts_.back()));
  }

  // Several statements may be made of some of the values each: what is beyond the last parameter of
  // this one is none of its values.
  void ApplyTo(sqlite::Statement& statement) const {
    const auto count = static_cast<size_t>(statement.parameter_count());
    for (size_t i = 0; i < std::min(values_.size(), count); ++i) {
      statement.Bind(static_cast<int>(i) + 1, values_[i]);
    }
  }

 private:
  std::vector<sqlite::ValueView> values_;
  // Each in its own place, since `values_` looks at them.
  std::vector<std::unique_ptr<std::string>> texts_;
};

}  // namespace sluice::engine
