#include "server/engine/inspection.h"

#include <openssl/evp.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/status.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

absl::StatusOr<std::string> Sha256OfPages(sqlite::Connection& connection) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  ASSIGN_OR_RETURN(sqlite::Statement pages, connection.Prepare("SELECT data FROM sqlite_dbpage"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, pages.Step());
    if (!row) break;
    const absl::string_view page = pages.column(0).bytes;
    CHECK(EVP_DigestUpdate(context.get(), page.data(), page.size()) == 1);
  }
  std::string digest(32, '\0');
  CHECK(EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                           nullptr) == 1);
  return absl::BytesToHexString(digest);
}

}  // namespace

absl::StatusOr<Inspection> Inspect(sqlite::Connection& connection, const Schema& schema) {
  Inspection inspection;
  ASSIGN_OR_RETURN(inspection.sha256, Sha256OfPages(connection));
  for (const Table& table : schema.tables()) {
    if (table.hidden || table.is_view() || !table.unavailable_reason.empty()) continue;
    ASSIGN_OR_RETURN(inspection.row_counts[table.name],
                     connection.QueryInteger(absl::StrCat("SELECT count(*) FROM ",
                                                          sqlite::QuoteIdentifier(table.name))));
  }
  return inspection;
}

}  // namespace sluice::engine
