#pragma once

#include <cstdio>
#include <string_view>

#include <fmt/format.h>

namespace iggy::cli {

/// Standard output of a command. Flushed after each text, so that it stays in order with standard
/// error.
class output {
public:
    explicit output(bool quiet, std::FILE* to = stdout) noexcept : quiet_{quiet}, to_{to} {}

    /// A formatted line; nothing in quiet mode.
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        text(fmt::format(format, std::forward<Args>(args)...));
    }
    /// One or several lines; nothing in quiet mode.
    void text(std::string_view lines) {
        if (!quiet_) {
            always(lines);
        }
    }
    /// Also in quiet mode.
    void always(std::string_view lines) {
        std::fwrite(lines.data(), 1, lines.size(), to_);
        std::fputc('\n', to_);
        std::fflush(to_);
    }

private:
    bool quiet_;
    std::FILE* to_;
};

}  // namespace iggy::cli
