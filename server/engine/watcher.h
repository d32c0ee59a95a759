// Calls the registry's Scan when files change.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/registry.h"

namespace sluice::engine {

// Owns the thread that scans: on inotify events of the watched folders, every 5 s (for file systems
// that tell nothing), and more often while a file is about to be opened.
class Watcher {
 public:
  // Scans once before it returns, and goes on until files that were there have been opened or
  // refused, at most `settle`. `registry` must outlive the watcher.
  static absl::StatusOr<std::unique_ptr<Watcher>> Start(const std::vector<std::string>& paths,
                                                        Registry* registry, absl::Duration settle);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  Watcher(Registry* registry, int events, int stop);
  void Run();

  Registry* const registry_;
  const int events_;
  const int stop_;
  std::thread thread_;
};

}  // namespace sluice::engine
