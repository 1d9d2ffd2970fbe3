#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/text_file.hpp"

namespace iggy::test {

/// How a program is started.
struct child_options {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    /// Added to this process's environment, from which every IGGY_* variable is taken first.
    std::map<std::string, std::string> environment;
    std::filesystem::path work_dir;
    std::filesystem::path stdout_file;
    std::filesystem::path stderr_file;
    /// What the program reads on its standard input; no file means end of file at once.
    std::filesystem::path stdin_file;
};

/// How a program ended.
struct exit_state {
    std::optional<int> code;    ///< of exit()
    std::optional<int> signal;  ///< that ended it
};

/// A started program. Whoever holds it ends it: the destructor sends SIGKILL and waits. The program
/// also dies with the thread that started it, so that an aborted test leaves nothing behind.
/// Not thread-safe.
class child_process {
public:
    /// Throws std::system_error when the program cannot be started.
    explicit child_process(const child_options& options);
    ~child_process();
    child_process(child_process&& other) noexcept;
    child_process& operator=(child_process&& other) noexcept;

    pid_t pid() const noexcept { return pid_; }
    void signal(int number) const noexcept;
    /// The end of the program, or nothing when it still runs after `timeout`.
    std::optional<exit_state> wait(std::chrono::milliseconds timeout);

private:
    void end() noexcept;

    pid_t pid_ = -1;
    int pid_fd_ = -1;
    std::optional<exit_state> ended_;
};

/// What a finished program left.
struct run_outcome {
    std::optional<int> exit_code;  ///< nothing when a signal ended it or it ran into the timeout
    std::string out;
    std::string err;
};

/// Runs a program to its end, feeding it `input`. It is killed after `timeout`. The three files of
/// `options` are set here.
run_outcome run_program(child_options options, const std::string& input = {},
                        std::chrono::milliseconds timeout = std::chrono::seconds{30});

}  // namespace iggy::test
