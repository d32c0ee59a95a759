// Runs a program to its end and gives what it wrote. Threads: any.
#pragma once

#include <string>
#include <vector>

namespace sluice::testing {

struct ProcessResult {
  // The exit code, or minus the signal that ended it.
  int exit_code = 0;
  std::string out;
  std::string err;
};

struct ProcessOptions {
  // `NAME=value`; nothing else of this process's environment is passed on.
  std::vector<std::string> environment;
  std::string input;
  // The standard output is a terminal so wide.
  int terminal_width = 0;
  // Close the standard output's reader after so many bytes.
  size_t read_at_most = static_cast<size_t>(-1);
  // A signal to send once the program has written something; 0 for none.
  int signal_after_output = 0;
};

// The program is ended after 30 seconds.
ProcessResult RunProcess(const std::vector<std::string>& command,
                         const ProcessOptions& options = {});

// A new folder under the tests' own, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Empty when there is no such file.
std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& content);
bool FileExists(const std::string& path);

}  // namespace sluice::testing
