// For tests of restores: files as bytes.
#pragma once

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "server/sqlite/test_raw.h"

namespace sluice::engine {

inline std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string Sha256(const std::string& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<const char*>(digest), 32);
}

// The bytes of a database that plain SQLite makes with these statements.
inline std::string MakeDatabase(const std::string& folder, const std::string& sql) {
  const std::string path = folder + "/made.tmp";
  std::filesystem::remove(path);
  {
    sqlite::RawConnection made(path);
    made.AllowLegacyLiterals();
    made.Run(sql);
  }
  std::string bytes = BytesOf(path);
  std::filesystem::remove(path);
  return bytes;
}

}  // namespace sluice::engine
