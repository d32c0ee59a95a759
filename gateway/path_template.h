// The path patterns of google.api.http: `/v1/{name=shelves/*}/books:list`.
//
//   Template  = "/" [ Segments ] [ Verb ]
//   Segments  = Segment { "/" Segment }
//   Segment   = "*" | "**" | LITERAL | "{" FieldPath [ "=" Segments ] "}"
//   FieldPath = IDENT { "." IDENT }
//   Verb      = ":" LITERAL
//
// One `**` at most, and only literals after it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::gateway {

struct PathSegment {
  enum class Kind { kLiteral, kOne, kRest };
  Kind kind = Kind::kLiteral;
  // For kLiteral, as NormalizeLiteral spells it.
  std::string literal;
};

struct PathVariable {
  // `a.b.c`.
  std::string field_path;
  // The template's segments [begin, end) that it takes.
  size_t begin = 0;
  size_t end = 0;
  // Takes one segment whatever the request: `{x}` and `{x=*}` and `{x=literal}`.
  bool single = true;
};

struct PathTemplate {
  std::vector<PathSegment> segments;
  std::vector<PathVariable> variables;
  // Without its colon; may hold colons itself.
  std::string verb;
};

// INVALID_ARGUMENT, saying what is wrong where.
absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text);

}  // namespace sluice::gateway
