#include "server/wire/page_extras.h"

#include "absl/strings/str_cat.h"
#include "server/wire/catalog_messages.h"
#include "server/wire/json_text.h"
#include "server/wire/utf8.h"
#include "server/wire/values.h"
#include "sluice/v1/row.pb.h"

namespace sluice::wire {
namespace {

void FillFacet(const engine::Facet& facet, v1::Facet* message) {
  message->set_name(ReplaceInvalidUtf8(facet.name));
  message->set_truncated(facet.truncated);
  message->set_timed_out(facet.timed_out);
  for (const engine::FacetValue& value : facet.values) {
    v1::FacetValue* const filled = message->add_values();
    FillValue(value.value.view(), filled->mutable_value());
    filled->set_count(value.count);
    if (!value.label.view().is_null()) FillValue(value.label.view(), filled->mutable_label());
  }
}

absl::string_view JsonBool(bool value) { return value ? "true" : "false"; }

void PutFacet(Buffer& out, const engine::Facet& facet, bool int64_as_string) {
  out.Append("{\"name\":");
  PutJsonString(out, facet.name);
  out.Append(",\"values\":[");
  for (const engine::FacetValue& value : facet.values) {
    out.Append(&value == facet.values.data() ? "\n{\"value\":" : ",\n{\"value\":");
    PutNaturalJson(out, value.value.view(), int64_as_string);
    if (!value.label.view().is_null()) {
      out.Append(",\"label\":");
      PutNaturalJson(out, value.label.view(), int64_as_string);
    }
    out.Append(absl::StrCat(",\"count\":", value.count, "}"));
  }
  out.Append(absl::StrCat("],\"truncated\":", JsonBool(facet.truncated),
                          ",\"timedOut\":", JsonBool(facet.timed_out), "}"));
}

absl::string_view KindName(engine::RowCount::Kind kind) {
  switch (kind) {
    case engine::RowCount::Kind::kExact:
      return "EXACT";
    case engine::RowCount::Kind::kCapped:
      return "CAPPED";
    case engine::RowCount::Kind::kTimedOut:
      return "TIMED_OUT";
    case engine::RowCount::Kind::kUnknown:
      break;
  }
  return "UNKNOWN";
}

}  // namespace

void PutPageExtras(const engine::PageOutcome& outcome, Buffer& response) {
  v1::ListRowsResponse message;
  if (outcome.count.has_value()) FillRowCount(*outcome.count, message.mutable_count());
  for (const engine::Facet& facet : outcome.facets) FillFacet(facet, message.add_facets());
  for (const std::string& name : outcome.suggested_facets)
    message.add_suggested_facets(ReplaceInvalidUtf8(name));
  response.Append(message.SerializeAsString());
}

std::string PageMembers(const engine::PageOutcome& outcome, absl::string_view next_page_token,
                        bool suggestions_made, bool int64_as_string) {
  Buffer out;
  out.Append(absl::StrCat("\"nextPageToken\":\"", next_page_token, "\""));
  if (outcome.count.has_value()) {
    out.Append(absl::StrCat(",\"count\":{\"value\":", outcome.count->value, ",\"kind\":\"",
                            KindName(outcome.count->kind), "\"}"));
  }
  if (!outcome.facets.empty()) {
    out.Append(",\"facets\":[");
    for (const engine::Facet& facet : outcome.facets) {
      if (&facet != outcome.facets.data()) out.Append(",\n");
      PutFacet(out, facet, int64_as_string);
    }
    out.Append(']');
  }
  if (suggestions_made) {
    out.Append(",\"suggestedFacets\":[");
    for (const std::string& name : outcome.suggested_facets) {
      if (&name != outcome.suggested_facets.data()) out.Append(',');
      PutJsonString(out, name);
    }
    out.Append(']');
  }
  return std::string(out.view());
}

void PutReferences(const std::vector<engine::Reference>& references, Buffer& response) {
  v1::GetRowResponse message;
  for (const engine::Reference& reference : references) {
    v1::Reference* const filled = message.add_references();
    filled->set_table(ReplaceInvalidUtf8(reference.table));
    for (const std::string& column : reference.columns) {
      filled->add_columns(ReplaceInvalidUtf8(column));
    }
    FillRowCount(reference.count, filled->mutable_count());
  }
  response.Append(message.SerializeAsString());
}

}  // namespace sluice::wire
