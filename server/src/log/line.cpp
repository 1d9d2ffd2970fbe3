#include "log/line.hpp"

#include <algorithm>
#include <ctime>
#include <iterator>

#include <fmt/format.h>

namespace iggy::server::log {
namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

void append_escaped(std::string& line, std::string_view text) {
    if (std::ranges::none_of(text, is_control)) {
        line += text;
        return;
    }
    for (const char c : text) {
        if (c == '\n') {
            line += "\\n";
        } else if (is_control(c)) {
            fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            line += c;
        }
    }
}

}  // namespace

std::string format_line(const line_head& head, std::string_view text) {
    using namespace std::chrono;
    const auto second = floor<seconds>(head.at);
    const std::time_t unix_seconds = system_clock::to_time_t(second);
    std::tm utc{};
    ::gmtime_r(&unix_seconds, &utc);
    std::string line;
    line.reserve(80 + text.size());
    fmt::format_to(std::back_inserter(line),
                   "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z {:>5} {:>{}} {}: ",
                   utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                   utc.tm_sec, duration_cast<microseconds>(head.at - second).count(),
                   name_of(head.severity), head.thread, head.thread_columns, head.target);
    append_escaped(line, text);
    return line;
}

}  // namespace iggy::server::log
