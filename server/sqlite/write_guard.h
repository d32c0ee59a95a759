// What statements of callers that write may do besides reading.
#pragma once

#include "absl/strings/string_view.h"
#include "server/sqlite/guard.h"

namespace sluice::sqlite {

// Whether SQLite's authorizer lets this through: changes of rows, and of the definitions of tables,
// indexes, views and triggers, of what the policy lets be written, in the main schema. Never
// transactions, savepoints, attached databases, temporary objects, and settings.
bool MayChange(const AccessPolicy& policy, int action, absl::string_view first,
               absl::string_view second, absl::string_view schema);

// Whether the action changes a definition, and not only rows.
bool IsDefinition(int action);

// What SQLite reads for itself while a definition is changed.
bool IsReadForDefinitions(absl::string_view table);

// What virtual tables do to tables of their own while a statement runs.
bool IsChangeOfVirtualTables(int action);

// Whether a trigger would change what is the server's own: triggers are the schema's, whose
// statements nobody has looked at.
bool IsChangeByTrigger(int action, absl::string_view table);

// Whether a view or a trigger, which are the schema's too, would show what is the server's own,
// even to a statement of ours that reads or writes a table for a caller.
bool IsReadByView(int action, absl::string_view table);

// What SQLite asks by PRAGMA while it changes a definition.
bool IsPragmaOfChanges(absl::string_view name);

// Functions that SQLite calls for itself while it changes a definition. Callers cannot: they exist
// only inside such a change.
bool IsFunctionOfChanges(absl::string_view name);

}  // namespace sluice::sqlite
