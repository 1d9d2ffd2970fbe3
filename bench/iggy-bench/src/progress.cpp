#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace iggy::bench {
namespace {

using seconds = std::chrono::duration<double>;

}  // namespace

progress_line::progress_line(const totals& wanted)
    : wanted_{wanted},
      is_terminal_{::isatty(STDERR_FILENO) == 1},
      begin_{clock::now()},
      shown_at_{begin_} {}

std::chrono::milliseconds progress_line::period() const noexcept {
    return std::chrono::milliseconds{is_terminal_ ? 500 : 5000};
}

void progress_line::begin_turn(std::string server) {
    server_ = std::move(server);
    shown_at_ = clock::now();
    shown_ = {};
}

void progress_line::show(clock::time_point at, const totals& done) {
    constexpr double megabyte = 1e6;
    constexpr double percent = 100;
    const double passed = seconds{at - shown_at_}.count();
    const bool has_before = shown_.batches > 0 && passed > 0;
    const double rate =
        has_before ? static_cast<double>(done.user_bytes - shown_.user_bytes) / passed : 0;
    std::string text = fmt::format("{}: {:.0f} s", server_, seconds{at - begin_}.count());
    if (const auto share = share_of(done)) {
        text += fmt::format(", {:.0f} %", *share * percent);
    }
    text += fmt::format(", {} messages, {} batches", done.messages, done.batches);
    if (has_before) {
        text += fmt::format(", {:.1f} MB/s now", rate / megabyte);
    }
    fmt::print(stderr, "{}{}{}", is_terminal_ ? "\r\x1b[K" : "", text, is_terminal_ ? "" : "\n");
    std::fflush(stderr);
    shown_at_ = at;
    shown_ = done;
}

void progress_line::clear() {
    if (is_terminal_) {
        fmt::print(stderr, "\r\x1b[K");
        std::fflush(stderr);
    }
}

std::optional<double> progress_line::share_of(const totals& done) const noexcept {
    const auto share = [](std::uint64_t part, std::uint64_t whole) {
        return std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
    };
    if (wanted_.batches > 0) {
        return share(done.batches, wanted_.batches);
    }
    if (wanted_.user_bytes > 0) {
        return share(done.user_bytes, wanted_.user_bytes);
    }
    return std::nullopt;
}

}  // namespace iggy::bench
