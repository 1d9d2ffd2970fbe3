#include "log/writer.hpp"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <iggy/base/size_text.hpp>

#include "log/line.hpp"

namespace iggy::server::log {
namespace {

constexpr std::size_t queued_lines_max = 8192;
constexpr std::uintmax_t free_bytes_warned = 10'000'000;
constexpr std::string_view own_target = "server::log";

spdlog::level::level_enum to_spdlog(level severity) {
    switch (severity) {
        case level::trace:
            return spdlog::level::trace;
        case level::debug:
            return spdlog::level::debug;
        case level::info:
            return spdlog::level::info;
        case level::warn:
            return spdlog::level::warn;
        case level::error:
            return spdlog::level::err;
        case level::off:
            break;
    }
    return spdlog::level::off;
}

class file_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit file_sink(rotating_file file) : file_{std::move(file)} {}

    removed_files clean() {
        const std::lock_guard lock{mutex_};
        return file_.clean(std::chrono::system_clock::now());
    }
    std::filesystem::path directory() const { return file_.path().parent_path(); }

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        file_.write({message.payload.data(), message.payload.size()}, message.time);
    }
    void flush_() override {}

    rotating_file file_;
};

spdlog::sink_ptr stdout_sink() {
    // Colours only for a terminal, and only where something is wrong or chatty.
    auto sink = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
    sink->set_pattern("%^%v%$");
    sink->set_color(spdlog::level::info, "\033[0m");
    sink->set_color(spdlog::level::debug, sink->dark);
    sink->set_color(spdlog::level::trace, sink->dark);
    return sink;
}

class spdlog_writer final : public writer {
public:
    spdlog_writer(std::vector<spdlog::sink_ptr> sinks, std::shared_ptr<file_sink> file,
                  std::chrono::nanoseconds clean_every)
        : pool_{std::make_shared<spdlog::details::thread_pool>(
              queued_lines_max, 1, [] { ::pthread_setname_np(::pthread_self(), "log-writer"); })},
          logger_{std::make_shared<spdlog::async_logger>(
              "iggy", sinks.begin(), sinks.end(), pool_,
              spdlog::async_overflow_policy::overrun_oldest)},
          file_{std::move(file)} {
        logger_->set_level(spdlog::level::trace);
        if (file_) {
            cleaner_ = std::thread{[this, clean_every] { clean_periodically(clean_every); }};
        }
    }

    ~spdlog_writer() override {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        stopped_.notify_all();
        if (cleaner_.joinable()) {
            cleaner_.join();
        }
        report_dropped_lines();
        logger_.reset();
        pool_.reset();  // writes what is queued
    }

    void write(level severity, std::string_view line) override {
        logger_->log(to_spdlog(severity), spdlog::string_view_t{line.data(), line.size()});
    }

private:
    void clean_periodically(std::chrono::nanoseconds every) {
        set_thread_name("log-rotation");
        std::unique_lock lock{mutex_};
        // A wait of centuries would overflow the clock.
        const auto pause = std::min<std::chrono::nanoseconds>(every, std::chrono::hours{24 * 365});
        while (!stopped_.wait_for(lock, pause, [this] { return stopping_; })) {
            lock.unlock();
            clean_once();
            lock.lock();
        }
    }

    void clean_once() {
        const removed_files removed = file_->clean();
        if (removed.count > 0) {
            info(own_target, "Removed {} rotated log file(s), {}.", removed.count,
                 format_byte_size(removed.bytes));
        }
        std::error_code failed;
        const auto space = std::filesystem::space(file_->directory(), failed);
        if (!failed && space.available < free_bytes_warned) {
            warn(own_target, "Only {} are free in the log directory {}.",
                 format_byte_size(space.available), file_->directory().string());
        }
        report_dropped_lines();
    }

    void report_dropped_lines() {
        const std::size_t dropped = pool_->overrun_counter() - reported_drops_;
        if (dropped == 0) {
            return;
        }
        reported_drops_ += dropped;
        const line_head head{std::chrono::system_clock::now(), level::warn, "log", 0, own_target};
        write(
            level::warn,
            format_line(head, fmt::format("{} lines were dropped: the queue was full.", dropped)));
    }

    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<spdlog::async_logger> logger_;
    std::shared_ptr<file_sink> file_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::size_t reported_drops_ = 0;  // of the cleaner, and of the destructor once that ended
    std::thread cleaner_;
};

}  // namespace

text_result<std::unique_ptr<writer>> writer::make(const options& wanted) {
    std::vector<spdlog::sink_ptr> sinks;
    std::shared_ptr<file_sink> file;
    if (wanted.to_stdout) {
        sinks.push_back(stdout_sink());
    }
    if (wanted.to_file) {
        auto opened =
            rotating_file::open(wanted.file, wanted.rotation, std::chrono::system_clock::now());
        if (!opened) {
            return opened.error();
        }
        file = std::make_shared<file_sink>(std::move(*opened));
        sinks.push_back(file);
    }
    return std::unique_ptr<writer>{
        std::make_unique<spdlog_writer>(std::move(sinks), std::move(file), wanted.clean_every)};
}

}  // namespace iggy::server::log
