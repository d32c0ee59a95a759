#include "clients/cpp/testing/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace sluice::testing {
namespace {

constexpr std::chrono::seconds kTimeMax{30};

// A pipe, or for the output of a terminal a pseudo-terminal.
struct Channel {
  int read = -1;
  int write = -1;
};

Channel MakePipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  return {ends[0], ends[1]};
}

Channel MakeTerminal(int width) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(width);
  size.ws_row = 24;
  Channel channel;
  EXPECT_EQ(openpty(&channel.read, &channel.write, nullptr, nullptr, &size), 0);
  fcntl(channel.read, F_SETFD, FD_CLOEXEC);
  return channel;
}

std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  for (std::string& text : *texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t Spawn(std::vector<std::string> command, std::vector<std::string> environment,
            const Channel& in, const Channel& out, const Channel& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  pid_t pid = -1;
  EXPECT_EQ(posix_spawn(&pid, command[0].c_str(), &actions, nullptr, Pointers(&command).data(),
                        Pointers(&environment).data()),
            0)
      << command[0];
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

void CloseEnd(int* descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

// Reads what is there; closes at the end. A terminal whose other side is gone gives EIO.
void ReadSome(int* descriptor, std::string* text) {
  char buffer[65536];
  const ssize_t size = read(*descriptor, buffer, sizeof(buffer));
  if (size > 0) {
    text->append(buffer, static_cast<size_t>(size));
  } else {
    CloseEnd(descriptor);
  }
}

class Conversation {
 public:
  Conversation(pid_t pid, const ProcessOptions& options, Channel in, Channel out, Channel err)
      : pid_(pid), options_(options), in_(in.write), out_(out.read), err_(err.read) {}

  ProcessResult Run() {
    const auto end = std::chrono::steady_clock::now() + kTimeMax;
    while ((out_ >= 0 || err_ >= 0) && std::chrono::steady_clock::now() < end) Step();
    CloseEnd(&in_);
    CloseEnd(&out_);
    CloseEnd(&err_);
    if (std::chrono::steady_clock::now() >= end) {
      ADD_FAILURE() << "the program did not end";
      kill(pid_, SIGKILL);
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return std::move(result_);
  }

 private:
  void Step() {
    pollfd polled[3] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}, {in_, POLLOUT, 0}};
    poll(polled, 3, 100);
    if (polled[0].revents != 0) {
      ReadSome(&out_, &result_.out);
      if (result_.out.size() >= options_.read_at_most) CloseEnd(&out_);
      if (options_.signal_after_output != 0 && !signalled_)
        kill(pid_, options_.signal_after_output);
      signalled_ = true;
    }
    if (polled[1].revents != 0) ReadSome(&err_, &result_.err);
    if (polled[2].revents != 0) Feed();
  }

  void Feed() {
    const size_t left = options_.input.size() - fed_;
    const ssize_t size = left == 0 ? 0 : write(in_, options_.input.data() + fed_, left);
    if (size <= 0) return CloseEnd(&in_);
    fed_ += static_cast<size_t>(size);
  }

  const pid_t pid_;
  const ProcessOptions& options_;
  int in_;
  int out_;
  int err_;
  size_t fed_ = 0;
  bool signalled_ = false;
  ProcessResult result_;
};

}  // namespace

ProcessResult RunProcess(const std::vector<std::string>& command, const ProcessOptions& options) {
  signal(SIGPIPE, SIG_IGN);
  Channel in = MakePipe();
  Channel out = options.terminal_width == 0 ? MakePipe() : MakeTerminal(options.terminal_width);
  Channel err = MakePipe();
  fcntl(in.write, F_SETFL, O_NONBLOCK);
  const pid_t pid = Spawn(command, options.environment, in, out, err);
  CloseEnd(&in.read);
  CloseEnd(&out.write);
  CloseEnd(&err.write);
  return Conversation(pid, options, in, out, err).Run();
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = ::testing::TempDir() + "sluice-client-XXXXXX";
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

bool FileExists(const std::string& path) { return std::filesystem::exists(path); }

}  // namespace sluice::testing
