#include "server/engine/parameters.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::engine {

absl::Status BindParameters(const QuerySpec& spec, sqlite::Statement& statement) {
  const int count = statement.parameter_count();
  const bool named =
      spec.source != nullptr || (!spec.parameters.empty() && !spec.parameters[0].name.empty());
  if (!named) {
    if (static_cast<size_t>(count) != spec.parameters.size()) {
      return BadField("params", absl::StrCat("the statement has ", count, " parameters and ",
                                             spec.parameters.size(), " were given"));
    }
    for (int i = 0; i < count; ++i)
      statement.Bind(i + 1, spec.parameters[static_cast<size_t>(i)].value);
    return absl::OkStatus();
  }
  const absl::string_view field = spec.names_field;
  size_t used = 0;
  for (int i = 1; i <= count; ++i) {
    const absl::string_view name = statement.parameter_name(i);
    if (name.empty()) return BadField(field, "the statement has a parameter without a name");
    const absl::string_view bare = name.substr(1);
    const auto given =
        std::find_if(spec.parameters.begin(), spec.parameters.end(),
                     [&](const QuerySpec::Parameter& parameter) { return parameter.name == bare; });
    if (given != spec.parameters.end()) {
      statement.Bind(i, given->value);
      ++used;
      continue;
    }
    std::optional<sqlite::ValueView> value;
    if (spec.source != nullptr) {
      ASSIGN_OR_RETURN(value, spec.source->Find(bare));
    }
    if (!value.has_value()) {
      return BadField(field, absl::StrCat("the parameter ", name, " was not given"));
    }
    statement.Bind(i, *value);
  }
  if (used < spec.parameters.size()) {
    return BadField(field, "a parameter was given that the statement does not have");
  }
  return absl::OkStatus();
}

}  // namespace sluice::engine
