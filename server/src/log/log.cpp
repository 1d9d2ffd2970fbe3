#include "log/log.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "log/filter.hpp"
#include "log/line.hpp"
#include "log/writer.hpp"

namespace iggy::server::log {
namespace {

constexpr std::size_t kept_lines_max = 10'000;
constexpr std::string_view own_target = "server::log";

struct kept_line {
    level severity;
    std::string target;
    std::string line;
};

/// What all threads share. Changed by `start`, `stop` and while lines are kept; read by the rest.
struct shared_state {
    std::shared_mutex mutex;
    filter passing;
    std::unique_ptr<writer> out;  // nothing before `start`
    std::vector<kept_line> kept;
};

std::atomic<level> lowest_level{level::info};
std::atomic<std::size_t> thread_columns{0};

/// The name of a thread that was not named by us.
std::string system_thread_name() {
    std::array<char, 16> name{};
    if (::gettid() == ::getpid() ||
        ::pthread_getname_np(::pthread_self(), name.data(), name.size()) != 0) {
        return "main";
    }
    return name.data();
}

thread_local std::string thread_name = system_thread_name();

void set_filter(shared_state& state, filter made) {
    state.passing = std::move(made);
    lowest_level.store(state.passing.lowest(), std::memory_order_relaxed);
}

shared_state& state() {
    // Never destroyed: threads may log until the process ends.
    static shared_state& all = *[] {
        std::vector<std::string> none;
        auto* made = new shared_state;
        made->passing = filter::parse("info", none);
        return made;
    }();
    return all;
}

std::size_t widened(std::size_t columns) {
    std::size_t widest = thread_columns.load(std::memory_order_relaxed);
    while (widest < columns &&
           !thread_columns.compare_exchange_weak(widest, columns, std::memory_order_relaxed)) {
    }
    return std::max(widest, columns);
}

std::string finished_line(level severity, std::string_view target, std::string_view text) {
    const line_head head{std::chrono::system_clock::now(), severity, thread_name,
                         widened(thread_name.size()), target};
    return format_line(head, text);
}

void keep(shared_state& all, level severity, std::string_view target, std::string line) {
    if (all.kept.size() < kept_lines_max) {
        all.kept.push_back({severity, std::string{target}, std::move(line)});
    }
}

}  // namespace

text_result<done_t> start(const options& wanted) {
    std::vector<std::string> complaints;
    filter made = filter::parse(wanted.filter, complaints);
    auto out = writer::make(wanted);
    if (!out) {
        return out.error();
    }
    {
        shared_state& all = state();
        const std::unique_lock lock{all.mutex};
        set_filter(all, std::move(made));
        all.out = std::move(*out);
        for (const kept_line& line : all.kept) {
            if (all.passing.passes(line.severity, line.target)) {
                all.out->write(line.severity, line.line);
            }
        }
        all.kept.clear();
    }
    for (const std::string& complaint : complaints) {
        warn(own_target, "{}", complaint);
    }
    return done;
}

void stop() {
    shared_state& all = state();
    std::unique_ptr<writer> out;
    std::vector<kept_line> kept;
    {
        const std::unique_lock lock{all.mutex};
        out = std::move(all.out);
        kept = std::move(all.kept);
        all.kept.clear();
    }
    // Outside of the lock: the threads of the writer may still log.
    out.reset();
    for (const kept_line& line : kept) {
        if (line.severity >= level::warn) {
            std::fprintf(stderr, "%s\n", line.line.c_str());
        }
    }
}

void set_early_filter(std::string_view text) {
    std::vector<std::string> complaints;
    shared_state& all = state();
    const std::unique_lock lock{all.mutex};
    set_filter(all, filter::parse(text, complaints));
}

void set_thread_name(std::string_view name) {
    constexpr std::size_t system_name_max = 15;
    thread_name = name;
    ::pthread_setname_np(::pthread_self(), std::string{name.substr(0, system_name_max)}.c_str());
}

bool enabled(level severity, std::string_view target) noexcept {
    if (severity < lowest_level.load(std::memory_order_relaxed) || severity == level::off) {
        return false;
    }
    shared_state& all = state();
    const std::shared_lock lock{all.mutex};
    return all.passing.passes(severity, target);
}

void write(level severity, std::string_view target, std::string_view text) {
    if (!enabled(severity, target)) {
        return;
    }
    std::string line = finished_line(severity, target, text);
    shared_state& all = state();
    {
        const std::shared_lock lock{all.mutex};
        if (all.out) {
            all.out->write(severity, line);
            return;
        }
    }
    const std::unique_lock lock{all.mutex};
    if (all.out) {
        all.out->write(severity, line);  // started in between
    } else {
        keep(all, severity, target, std::move(line));
    }
}

}  // namespace iggy::server::log
