// What a caller may do.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace sluice::auth {

// The values of sluice.v1.Permission.
enum class Permission : uint8_t {
  kCatalogRead = 1,
  kQuery = 2,
  kRowRead = 3,
  kRowInsert = 4,
  kSnapshotDownload = 5,
  kRowUpdate = 10,
  kRowDelete = 11,
  kExecute = 12,
  kSnapshotManage = 20,
  kDatabaseRestore = 21,
  kStoredQuery = 50,
  kStoredQueryWrite = 51,
  kTableChange = 60,
};

// A set of permissions. A value.
class Grants {
 public:
  constexpr Grants() = default;
  constexpr Grants(std::initializer_list<Permission> permissions) {
    for (const Permission permission : permissions) bits_ |= Bit(permission);
  }
  static constexpr Grants Everything() {
    Grants all;
    all.bits_ = ~uint64_t{0};
    return all;
  }

  constexpr bool allows(Permission permission) const { return (bits_ & Bit(permission)) != 0; }
  constexpr Grants Plus(Grants other) const {
    Grants sum;
    sum.bits_ = bits_ | other.bits_;
    return sum;
  }

 private:
  static constexpr uint64_t Bit(Permission permission) {
    return uint64_t{1} << static_cast<unsigned>(permission);
  }
  uint64_t bits_ = 0;
};

}  // namespace sluice::auth
