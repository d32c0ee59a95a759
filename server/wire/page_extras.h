// What comes with a page besides its rows: counts, facets, suggestions.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/engine/browse.h"
#include "server/engine/references.h"
#include "server/wire/buffer.h"

namespace sluice::wire {

// Adds the fields of ListRowsResponse that are not rows, but for the token.
void PutPageExtras(const engine::PageOutcome& outcome, Buffer& response);

// The same as members of a natural page, the token first; suggestions where they were asked for.
std::string PageMembers(const engine::PageOutcome& outcome, absl::string_view next_page_token,
                        bool suggestions_made, bool int64_as_string);

// Adds them to a GetRowResponse.
void PutReferences(const std::vector<engine::Reference>& references, Buffer& response);

}  // namespace sluice::wire
