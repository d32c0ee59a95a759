#include "server/engine/watcher.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/log.h"

namespace sluice::engine {
namespace {

constexpr absl::Duration kScanEvery = absl::Seconds(5);
constexpr absl::Duration kScanEveryUnsettled = absl::Milliseconds(200);
constexpr uint32_t kEvents =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB;

std::string FolderOf(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return path;
  return std::filesystem::absolute(path).parent_path();
}

// Empties the queue: one scan sees everything that has happened.
void Drain(int events) {
  char buffer[4096];
  while (read(events, buffer, sizeof(buffer)) > 0) {
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Watcher>> Watcher::Start(const std::vector<std::string>& paths,
                                                        Registry* registry, absl::Duration settle) {
  const int events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  const int stop = eventfd(0, EFD_CLOEXEC);
  if (events < 0 || stop < 0) {
    return absl::UnavailableError(absl::StrCat("cannot watch folders: ", std::strerror(errno)));
  }
  for (const std::string& path : paths) {
    if (inotify_add_watch(events, FolderOf(path).c_str(), kEvents) < 0) {
      Log(LogLevel::kWarning, "cannot watch a folder; looking every 5 s",
          {{"folder", FolderOf(path)}, {"error", std::strerror(errno)}});
    }
  }
  const absl::Time end = absl::Now() + settle;
  registry->Scan(absl::Now());
  while (!registry->settled() && absl::Now() < end) {
    absl::SleepFor(kScanEveryUnsettled);
    registry->Scan(absl::Now());
  }
  auto watcher = std::unique_ptr<Watcher>(new Watcher(registry, events, stop));
  watcher->thread_ = std::thread([raw = watcher.get()] { raw->Run(); });
  return watcher;
}

Watcher::Watcher(Registry* registry, int events, int stop)
    : registry_(registry), events_(events), stop_(stop) {}

Watcher::~Watcher() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof(one));
  if (thread_.joinable()) thread_.join();
  close(events_);
  close(stop_);
}

void Watcher::Run() {
  pthread_setname_np(pthread_self(), "sluice-watch");
  while (true) {
    pollfd waits[] = {{.fd = events_, .events = POLLIN, .revents = 0},
                      {.fd = stop_, .events = POLLIN, .revents = 0}};
    const absl::Duration wait = registry_->settled() ? kScanEvery : kScanEveryUnsettled;
    poll(waits, 2, static_cast<int>(absl::ToInt64Milliseconds(wait)));
    if ((waits[1].revents & POLLIN) != 0) return;
    if ((waits[0].revents & POLLIN) != 0) Drain(events_);
    registry_->Scan(absl::Now());
  }
}

}  // namespace sluice::engine
