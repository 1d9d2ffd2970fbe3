#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace iggy::server {

/// How far a long job is, on the standard error: on a terminal one line that is written over, else
/// a line every ten seconds.
class progress_line {
public:
    using clock = std::chrono::steady_clock;

    progress_line();
    ~progress_line() { clear(); }
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;

    void tell(std::uint64_t bytes, std::uint64_t of_bytes);
    /// Before anything else is written to the terminal.
    void clear();

    std::chrono::duration<double> elapsed() const { return clock::now() - began_; }

private:
    const bool on_terminal_;
    const clock::time_point began_ = clock::now();
    clock::time_point told_ = began_;
    bool shown_ = false;
};

/// `1.20 GB of 4.00 GB read, 30%, 400.00 MB/s`
std::string progress_text(std::uint64_t bytes, std::uint64_t of_bytes,
                          std::chrono::duration<double> elapsed);

}  // namespace iggy::server
