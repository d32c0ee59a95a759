#include "tests/bench/process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "server/base/check.h"

namespace sluice::bench {
namespace {

// What follows `name` behind `from`, up to a space or the line's end.
std::string Field(const std::string& log, const std::string& name, size_t from) {
  const size_t at = log.find(name, from);
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size();
  return log.substr(begin, log.find_first_of(" \n", begin) - begin);
}

}  // namespace

Process::Process(const std::vector<std::string>& command) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  pid_ = fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) {
    dup2(ends[1], STDERR_FILENO);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execv(words[0], words.data());
    _exit(127);
  }
  close(ends[1]);
  log_ = ends[0];
  std::string log;
  char buffer[512];
  while (address_.empty()) {
    const ssize_t size = read(log_, buffer, sizeof(buffer));
    if (size <= 0) {
      std::fprintf(stderr, "%s did not start:\n%s", command[0].c_str(), log.c_str());
      std::exit(1);
    }
    log.append(buffer, static_cast<size_t>(size));
    const size_t line = log.find("\"serving\" grpc=");
    if (line == std::string::npos || log.find('\n', line) == std::string::npos) continue;
    address_ = Field(log, " grpc=", line);
    http_address_ = Field(log, " http=", line);
  }
}

Process::~Process() {
  kill(pid_, SIGTERM);
  // It must not block on a log that nobody reads.
  char buffer[4096];
  while (read(log_, buffer, sizeof(buffer)) > 0) {
  }
  waitpid(pid_, nullptr, 0);
  close(log_);
}

}  // namespace sluice::bench
