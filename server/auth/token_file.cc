#include "server/auth/token_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/status.h"

namespace sluice::auth {
namespace {

constexpr size_t kTokenBytesMin = 16;
constexpr size_t kTokenFileBytesMax = 4096;

absl::Status SystemError(absl::string_view what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

// NotFound when there is no such file.
absl::StatusOr<std::string> Load(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return errno == ENOENT ? absl::NotFoundError(path)
                           : SystemError("cannot read the token file", path);
  }
  const absl::Cleanup closer = [file] { close(file); };
  struct stat status;
  if (fstat(file, &status) != 0) return SystemError("cannot read the token file", path);
  if ((status.st_mode & 0077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("others may read the token file ", path, "; make it mode 0600"));
  }
  char buffer[kTokenFileBytesMax];
  const ssize_t size = read(file, buffer, sizeof(buffer));
  if (size < 0) return SystemError("cannot read the token file", path);
  const std::string token(
      absl::StripAsciiWhitespace(absl::string_view(buffer, static_cast<size_t>(size))));
  if (token.size() < kTokenBytesMin) {
    return absl::FailedPreconditionError(
        absl::StrCat("the token file ", path, " holds no token of at least 16 characters"));
  }
  return token;
}

// Writes beside and links, so that the file never exists without its content and never replaces
// another's.
absl::Status Make(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (std::filesystem::create_directories(folder, ignored)) chmod(folder.c_str(), 0700);
  std::string scratch = path + ".XXXXXX";
  const int file = mkostemp(scratch.data(), O_CLOEXEC);
  if (file < 0) return SystemError("cannot make the token file", path);
  const std::string content = MakeToken() + "\n";
  const bool written =
      write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(file) == 0;
  close(file);
  const bool linked = written && (link(scratch.c_str(), path.c_str()) == 0 || errno == EEXIST);
  unlink(scratch.c_str());
  return linked ? absl::OkStatus() : SystemError("cannot make the token file", path);
}

}  // namespace

std::string DefaultTokenPath() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return absl::StrCat(state, "/sluice/admin-token");
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return "";
  return absl::StrCat(home, "/.local/state/sluice/admin-token");
}

std::string MakeToken() {
  unsigned char bits[32];
  CHECK(RAND_bytes(bits, sizeof(bits)) == 1);
  return absl::StrCat("sluice_", absl::WebSafeBase64Escape(absl::string_view(
                                     reinterpret_cast<const char*>(bits), sizeof(bits))));
}

absl::StatusOr<std::string> LoadOrMakeToken(const std::string& path) {
  absl::StatusOr<std::string> token = Load(path);
  if (token.ok() || !absl::IsNotFound(token.status())) return token;
  RETURN_IF_ERROR(Make(path));
  return Load(path);
}

std::string DeriveKey(absl::string_view token, absl::string_view purpose) {
  unsigned char key[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
             reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(), key,
             &size) != nullptr);
  return std::string(reinterpret_cast<const char*>(key), size);
}

}  // namespace sluice::auth
