#include "store_thread.hpp"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

namespace iggy::storage {

namespace {

constexpr auto tick_interval = std::chrono::seconds{1};

// Ids of threads are given again after a join, so they tell nothing.
thread_local const store_thread* current = nullptr;

/// Signals are for the program's own threads.
class signals_blocked {
public:
    signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

result<std::unique_ptr<store_thread>> store_thread::start(
    std::shared_ptr<data_directory> directory) {
    auto mail = event_fd::create();
    if (!mail) {
        return mail.error();
    }
    auto made = std::unique_ptr<store_thread>{new store_thread{std::move(*mail)}};
    std::promise<result<done_t>> promise;
    auto started = promise.get_future();
    {
        const signals_blocked inherited;
        made->thread_ =
            std::thread{&store_thread::serve, made.get(), std::move(directory), std::move(promise)};
    }
    if (const auto outcome = started.get(); !outcome) {
        made->thread_.join();
        return outcome.error();
    }
    return made;
}

void store_thread::post(store_task& task) {
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        posted_.push_back(&task);
        wake = std::exchange(asleep_, false);
    }
    if (wake) {
        mail_.notify();
    }
}

bool store_thread::is_current() const noexcept { return current == this; }

void store_thread::stop() {
    stopping_ = true;
    mail_.notify();
    thread_.join();
}

void store_thread::serve(std::shared_ptr<data_directory> directory,
                         std::promise<result<done_t>> started) {
    current = this;
    // The engine lives and dies on this thread, and gives up the directory before `stop` returns.
    auto made = engine::create(std::move(directory));
    if (!made) {
        started.set_value(made.error());
        return;
    }
    started.set_value(done);
    loop(**made);
}

void store_thread::loop(engine& on) {
    auto next_tick = std::chrono::steady_clock::now() + tick_interval;
    while (!stopping_ || on.in_flight() > 0) {
        const bool had_mail = run_mail(on);
        on.run_ready();
        const auto now = std::chrono::steady_clock::now();
        if (now >= next_tick) {
            on.tick();
            next_tick = now + tick_interval;
        }
        if (!had_mail) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(std::max(next_tick - now, {}));
            sleep(on, static_cast<int>(left.count()));
        }
    }
}

/// False when there was none.
bool store_thread::run_mail(engine& on) {
    {
        const std::lock_guard lock{mutex_};
        running_.swap(posted_);
    }
    for (store_task* const task : running_) {
        task->run(on);
    }
    const bool any = !running_.empty();
    running_.clear();
    return any;
}

void store_thread::sleep(engine& on, int timeout_ms) {
    {
        const std::lock_guard lock{mutex_};
        if (!posted_.empty()) {
            return;
        }
        asleep_ = true;
    }
    std::array<pollfd, 2> watched{pollfd{mail_.get(), POLLIN, 0},
                                  pollfd{on.event_descriptor(), POLLIN, 0}};
    ::poll(watched.data(), watched.size(), timeout_ms);
    {
        const std::lock_guard lock{mutex_};
        asleep_ = false;
    }
    if (watched[0].revents != 0) {
        mail_.drain();
    }
}

}  // namespace iggy::storage
