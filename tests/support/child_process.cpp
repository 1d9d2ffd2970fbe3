#include "support/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace iggy::test {
namespace {

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

std::vector<std::string> environment_of(const std::map<std::string, std::string>& added) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const std::string name{text.substr(0, text.find('='))};
        if (!name.starts_with("IGGY_") && !added.contains(name)) {
            result.emplace_back(text);
        }
    }
    for (const auto& [name, value] : added) {
        result.emplace_back(name).append("=").append(value);
    }
    return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

/// Everything that the child needs, made before fork(): after it only system calls are allowed.
struct prepared {
    explicit prepared(const child_options& options)
        : program{options.program.string()},
          work_dir{options.work_dir.string()},
          files{options.stdin_file.string(), options.stdout_file.string(),
                options.stderr_file.string()},
          arguments{options.arguments},
          environment{environment_of(options.environment)} {
        arguments.insert(arguments.begin(), program);
        argument_pointers = pointers_to(arguments);
        environment_pointers = pointers_to(environment);
    }

    std::string program;
    std::string work_dir;
    std::string files[3];  // by descriptor
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::vector<char*> argument_pointers;
    std::vector<char*> environment_pointers;
};

bool redirect(int descriptor, const std::string& file) noexcept {
    const bool input = descriptor == STDIN_FILENO;
    const char* path = file.empty() ? "/dev/null" : file.c_str();
    const int fd = ::open(path, input ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND, 0600);
    return fd >= 0 && ::dup2(fd, descriptor) >= 0;
}

[[noreturn]] void become(prepared& child, int failure_pipe) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool ready = (child.work_dir.empty() || ::chdir(child.work_dir.c_str()) == 0) &&
                       redirect(STDIN_FILENO, child.files[STDIN_FILENO]) &&
                       redirect(STDOUT_FILENO, child.files[STDOUT_FILENO]) &&
                       redirect(STDERR_FILENO, child.files[STDERR_FILENO]);
    if (ready) {
        ::execve(child.program.c_str(), child.argument_pointers.data(),
                 child.environment_pointers.data());
    }
    const int failure = errno;
    [[maybe_unused]] const auto told = ::write(failure_pipe, &failure, sizeof failure);
    ::_exit(127);
}

}  // namespace

child_process::child_process(const child_options& options) {
    prepared child{options};
    int failure_pipe[2];
    if (::pipe2(failure_pipe, O_CLOEXEC) != 0) {
        throw_errno("cannot create a pipe");
    }
    pid_ = ::fork();
    if (pid_ == 0) {
        become(child, failure_pipe[1]);
    }
    ::close(failure_pipe[1]);
    int failure = 0;
    const bool failed = ::read(failure_pipe[0], &failure, sizeof failure) == sizeof failure;
    ::close(failure_pipe[0]);
    if (pid_ < 0 || failed) {
        if (pid_ > 0) {
            ::waitpid(pid_, nullptr, 0);
        }
        throw std::system_error{failed ? failure : EAGAIN, std::generic_category(),
                                "cannot start " + options.program.string()};
    }
    pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (pid_fd_ < 0) {
        end();
        throw_errno("cannot watch " + options.program.string());
    }
}

child_process::child_process(child_process&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      pid_fd_{std::exchange(other.pid_fd_, -1)},
      ended_{std::exchange(other.ended_, std::nullopt)} {}

child_process& child_process::operator=(child_process&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = std::exchange(other.pid_, -1);
        pid_fd_ = std::exchange(other.pid_fd_, -1);
        ended_ = std::exchange(other.ended_, std::nullopt);
    }
    return *this;
}

child_process::~child_process() { end(); }

void child_process::end() noexcept {
    if (pid_ > 0 && !ended_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (pid_fd_ >= 0) {
        ::close(pid_fd_);
    }
    pid_ = -1;
    pid_fd_ = -1;
}

void child_process::signal(int number) const noexcept {
    if (pid_ > 0 && !ended_) {
        ::kill(pid_, number);
    }
}

std::optional<exit_state> child_process::wait(std::chrono::milliseconds timeout) {
    if (ended_ || pid_ < 0) {
        return ended_;
    }
    pollfd watched{pid_fd_, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(timeout.count())) <= 0) {
        return std::nullopt;
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ended_.emplace();
    if (WIFEXITED(status)) {
        ended_->code = WEXITSTATUS(status);
    } else {
        ended_->signal = WTERMSIG(status);
    }
    return ended_;
}

run_outcome run_program(child_options options, const std::string& input,
                        std::chrono::milliseconds timeout) {
    const temporary_directory files;
    options.stdin_file = files / "in";
    options.stdout_file = files / "out";
    options.stderr_file = files / "err";
    std::ofstream{options.stdin_file, std::ios::binary} << input;
    child_process program{options};
    const auto ended = program.wait(timeout);
    return {ended ? ended->code : std::nullopt, read_text(options.stdout_file),
            read_text(options.stderr_file)};
}

}  // namespace iggy::test
