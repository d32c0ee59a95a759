// A server in a process of its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace sluice::bench {

class Process {
 public:
  // Starts the program and waits for its line `"serving" grpc=ADDRESS`. Ends this process when that
  // does not come.
  explicit Process(const std::vector<std::string>& command);
  // SIGTERM, and waits.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& address() const { return address_; }
  // Empty for a program that has none.
  const std::string& http_address() const { return http_address_; }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int log_ = -1;
  std::string address_;
  std::string http_address_;
};

}  // namespace sluice::bench
