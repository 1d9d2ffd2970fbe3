#include "verify/progress_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <iggy/base/size_text.hpp>

namespace iggy::server {

namespace {
constexpr auto terminal_every = std::chrono::milliseconds{200};
constexpr auto line_every = std::chrono::seconds{10};
constexpr const char* erase_line = "\r\033[K";
}  // namespace

std::string progress_text(std::uint64_t bytes, std::uint64_t of_bytes,
                          std::chrono::duration<double> elapsed) {
    const double seconds = std::max(elapsed.count(), 0.001);
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds);
    const double part =
        of_bytes == 0 ? 1.0 : static_cast<double>(bytes) / static_cast<double>(of_bytes);
    return fmt::format("{} of {} read, {:.0f}%, {}/s", format_byte_size(bytes),
                       format_byte_size(of_bytes), part * 100, format_byte_size(rate));
}

progress_line::progress_line() : on_terminal_{::isatty(STDERR_FILENO) == 1} {}

void progress_line::tell(std::uint64_t bytes, std::uint64_t of_bytes) {
    const auto now = clock::now();
    if (on_terminal_ ? now - told_ < terminal_every : now - told_ < line_every) {
        return;
    }
    told_ = now;
    const std::string text = progress_text(bytes, of_bytes, now - began_);
    if (on_terminal_) {
        fmt::print(stderr, "{}{}", erase_line, text);
        shown_ = true;
    } else {
        fmt::print(stderr, "{}\n", text);
    }
}

void progress_line::clear() {
    if (shown_) {
        fmt::print(stderr, "{}", erase_line);
        shown_ = false;
    }
}

}  // namespace iggy::server
