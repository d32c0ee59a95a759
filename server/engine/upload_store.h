// Database files that callers send piece by piece, until they take a database's place.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "server/engine/upload.h"

namespace sluice::engine {

struct CreateUploadSpec {
  int64_t size_bytes = 0;
  std::string sha256 = {};
  absl::Duration ttl = {};
  // The database is to be made; there is none yet.
  bool create = false;
};

// Thread-safe. The bytes lie in a hidden folder beside the database, `.sluice-uploads`, since only
// a file of the same file system can take another's place at once; one server at a time uses such a
// folder. In it each upload has its bytes, ID.db, and a record, ID.info; a database that is being
// replaced has a second name there, SNAPSHOT.old.
class UploadStore {
  struct Entry;

 public:
  // `quota_bytes` is for all uploads together.
  explicit UploadStore(int64_t quota_bytes);
  ~UploadStore();
  UploadStore(const UploadStore&) = delete;
  UploadStore& operator=(const UploadStore&) = delete;

  // A file that was replaced when the server was killed before it could be kept as a snapshot.
  struct Replaced {
    std::string database;
    std::string snapshot;
    std::string path;
  };
  // Before any database of these folders is opened: takes up the uploads that were there, undoes
  // what a swap had begun and removes what nobody can use. Gives the files that are to be kept.
  std::vector<Replaced> Recover(const std::vector<std::string>& folders);

  // Sets room aside on the disk. `path` is the file whose place it is to take. RESOURCE_EXHAUSTED
  // (LIMIT), (DISK_FULL); FAILED_PRECONDITION (UNSUPPORTED) when another server uses the folder.
  absl::StatusOr<Upload> Create(const std::string& database, const std::string& path,
                                const CreateUploadSpec& spec);
  // The piece is on the disk when this returns. See WriteUpload in snapshot.proto for the errors.
  absl::StatusOr<Upload> Write(absl::string_view database, absl::string_view id, int64_t offset,
                               absl::string_view piece);
  // NOT_FOUND (NO_SUCH_UPLOAD).
  absl::StatusOr<Upload> Find(absl::string_view database, absl::string_view id);
  // The newest first.
  std::vector<Upload> List(absl::string_view database);
  // UNAVAILABLE (OVERLOADED) while it is held.
  absl::Status Delete(absl::string_view database, absl::string_view id);

  // An upload that nobody else writes, restores or removes meanwhile. Move-only; the store outlives
  // it.
  class Hold {
   public:
    Hold(UploadStore* store, std::shared_ptr<Entry> entry)
        : store_(store), entry_(std::move(entry)) {}
    Hold(Hold&&) noexcept = default;
    Hold& operator=(Hold&&) = delete;
    ~Hold();

    Upload upload() const;
    // Of its bytes, and of the second name of a file that it replaces.
    std::string path() const;
    std::string old_path(absl::string_view snapshot) const;
    // The file whose place it is to take.
    std::string target() const;
    // Tells and writes down.
    absl::Status Save(const Upload& upload);
    // Only tells.
    void Tell(Upload::State state, int64_t verified_bytes);

   private:
    UploadStore* store_;
    std::shared_ptr<Entry> entry_;
  };
  // UNAVAILABLE (OVERLOADED) while somebody else has it.
  absl::StatusOr<Hold> Take(absl::string_view database, absl::string_view id);

 private:
  struct Entry {
    Upload upload;
    std::string folder;
    bool held = false;
  };
  absl::Status OpenFolder(const std::string& folder) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadFolder(const std::string& folder, std::vector<Replaced>* replaced)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakeUp(const std::string& folder, Upload* upload, std::vector<Replaced>* replaced);
  absl::Status CheckRoom(const std::string& database, const std::string& folder, int64_t size_bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::shared_ptr<Entry>> FindEntry(absl::string_view database, absl::string_view id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False when there is none.
  bool ForgetOldestRestored() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Sweep();

  const int64_t quota_bytes_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Folder -> the descriptor of its lock.
  std::map<std::string, int> folders_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
  std::thread sweeper_;
};

// "/data/a.db" -> "/data/.sluice-uploads"
std::string UploadFolderFor(const std::string& path);

}  // namespace sluice::engine
