#include "server/wire/message_encoder.h"

#include <string>

#include "server/wire/columns_encoder.h"
#include "server/wire/proto_writer.h"
#include "server/wire/rows_encoder.h"
#include "server/wire/utf8.h"

namespace sluice::wire {

absl::Status MessageEncoder::OnColumns(const std::vector<engine::ColumnView>& columns) {
  for (const engine::ColumnView& column : columns) {
    // Names come from the schema or from the statement, and neither promises UTF-8.
    const std::string name = ReplaceInvalidUtf8(column.name);
    const std::string type = ReplaceInvalidUtf8(column.declared_type);
    const std::string label_of = ReplaceInvalidUtf8(column.label_of);
    Buffer message;
    if (!name.empty()) PutBytes(message, v1::Column::kNameFieldNumber, name);
    if (!type.empty()) PutBytes(message, v1::Column::kDeclaredTypeFieldNumber, type);
    if (!label_of.empty()) PutBytes(message, v1::Column::kLabelOfFieldNumber, label_of);
    PutBytes(buffer_, columns_field_, message.view());
  }
  return absl::OkStatus();
}

std::unique_ptr<MessageEncoder> MakeEncoder(v1::RowLayout layout, const RowFields& fields) {
  if (layout == v1::ROW_LAYOUT_COLUMNS) {
    return std::make_unique<ColumnsEncoder>(fields.columns, fields.packed);
  }
  return std::make_unique<RowsEncoder>(fields.columns, fields.rows);
}

}  // namespace sluice::wire
