#include "bare_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace iggy::bench {
namespace {

failure failed(const std::string& what) {
    return {fmt::format("{}: {}", what, std::strerror(errno))};
}

/// Reads the line that a started server prints; 0 when it ends without one.
std::uint16_t read_port(int from) {
    std::string line;
    char c = 0;
    while (line.size() < 6 && ::read(from, &c, 1) == 1 && c != '\n') {
        line += c;
    }
    std::uint16_t port = 0;
    std::from_chars(line.data(), line.data() + line.size(), port);
    return port;
}

}  // namespace

std::string place_of(const limit_wish& wish) {
    return wish.place.empty() ? std::filesystem::temp_directory_path().string() : wish.place;
}

result<bare_process> bare_process::start(const limit_wish& wish) {
    std::string directory = place_of(wish) + "/iggy-bench-limit-XXXXXX";
    if (::mkdtemp(directory.data()) == nullptr) {
        return failed("cannot make a directory in " + place_of(wish));
    }
    std::array<int, 2> lines{};
    if (::pipe2(lines.data(), O_CLOEXEC) != 0) {
        return failed("cannot make a pipe");
    }
    const char* const program = "/proc/self/exe";
    const char* const sync = wish.synced ? bare_server_sync_word : nullptr;
    std::array<char*, 5> words{const_cast<char*>("iggy-bench"), const_cast<char*>(bare_server_word),
                               directory.data(), const_cast<char*>(sync), nullptr};
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        // Ctrl-C in a terminal goes to both; the figures until then need the server.
        ::signal(SIGINT, SIG_IGN);
        if (::getppid() == parent && ::dup2(lines[1], STDOUT_FILENO) >= 0) {
            ::execv(program, words.data());
        }
        ::_exit(127);
    }
    ::close(lines[1]);
    bare_process started{std::move(directory), pid};
    started.port_ = pid > 0 ? read_port(lines[0]) : std::uint16_t{0};
    ::close(lines[0]);
    if (started.port_ == 0) {
        return failure{"cannot start the bare server, with which the limit is measured"};
    }
    return started;
}

bare_process::bare_process(bare_process&& other) noexcept
    : directory_{std::exchange(other.directory_, {})},
      pid_{std::exchange(other.pid_, -1)},
      port_{other.port_} {}

bare_process::~bare_process() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (!directory_.empty()) {
        std::error_code ignored;  // what cannot be removed is in the temporary directory
        std::filesystem::remove_all(directory_, ignored);
    }
}

}  // namespace iggy::bench
