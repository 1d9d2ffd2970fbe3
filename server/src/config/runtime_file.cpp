#include "config/runtime_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "config/render.hpp"

namespace iggy::server {
namespace {

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_{fd} {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

text_error failed(std::string_view step, const std::filesystem::path& path) {
    return {"cannot " + std::string{step} + " " + path.string() + ": " +
            std::generic_category().message(errno) +
            "; check system.path and system.runtime.path and their permissions"};
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

text_result<done_t> write_file(const std::filesystem::path& path, std::string_view text) {
    const descriptor file{
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (file.get() < 0) {
        return failed("create", path);
    }
    // A left-over file keeps the mode it had.
    if (::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0 || !write_all(file.get(), text) ||
        ::fsync(file.get()) != 0) {
        return failed("write", path);
    }
    return done;
}

}  // namespace

std::filesystem::path runtime_config_path(const server_config& config) {
    return std::filesystem::path{config.system.path} / config.system.runtime.path /
           "current_config.toml";
}

text_result<done_t> write_runtime_config(const std::filesystem::path& path, server_config config,
                                         const bound_addresses& bound) {
    config.tcp.address = bound.tcp.value_or(config.tcp.address);
    config.quic.address = bound.quic.value_or(config.quic.address);
    config.http.address = bound.http.value_or(config.http.address);
    config.websocket.address = bound.websocket.value_or(config.websocket.address);
    std::filesystem::path unfinished = path;
    unfinished += ".tmp";
    if (auto written = write_file(unfinished, render_config(config)); !written) {
        return written;
    }
    if (::rename(unfinished.c_str(), path.c_str()) != 0) {
        return failed("rename to", path);
    }
    return done;
}

}  // namespace iggy::server
