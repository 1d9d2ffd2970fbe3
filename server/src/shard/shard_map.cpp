#include "shard/shard_map.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <sched.h>

#include "log/log.hpp"
#include "shard/log_swap.hpp"

namespace iggy::server {

void shard::tick_every_second() {
    ticks_.expires_after(std::chrono::seconds{1});
    ticks_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec) {
            engine_->tick();
            engine_->submit();
            tick_every_second();
        }
    });
}

int shard::look_at_core() noexcept {
    const int core = ::sched_getcpu();
    core_.store(core, std::memory_order_relaxed);
    return core;
}

shard_map::shard_map(std::size_t count, failure_function on_failure)
    : on_failure_{std::move(on_failure)} {
    shards_.reserve(count);
    for (std::size_t number = 0; number < count; ++number) {
        shards_.push_back(std::make_unique<shard>(number));
    }
}

shard_map::~shard_map() { stop(); }

storage::result<done_t> shard_map::start(
    const std::shared_ptr<storage::data_directory>& directory) {
    for (auto& each : shards_) {
        threads_.emplace_back([this, on = each.get()] { run(*on); });
    }
    for (auto& each : shards_) {
        auto made = post(*each, [on = each.get(), directory]() -> storage::result<done_t> {
            auto engine = storage::engine::create(directory);
            if (!engine) {
                return engine.error();
            }
            on->engine_ = std::move(*engine);
            on->disk_ = std::make_unique<storage::engine_runner>(on->context(), *on->engine_);
            on->disk_->start();
            on->tick_every_second();
            return done;
        });
        if (const auto outcome = made.get(); !outcome) {
            return outcome;
        }
    }
    return done;
}

void shard_map::stop() {
    for (std::size_t number = 0; number < threads_.size(); ++number) {
        shard& each = *shards_[number];
        post(each, [&each] {
            each.ticks_.cancel();
            if (each.disk_) {
                each.disk_->stop();
            }
            each.work_.reset();
        }).wait();
    }
    for (auto& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void shard_map::prefer_core(shard& here, log_uid log, int core) {
    const auto there =
        std::ranges::find_if(shards_, [core](const auto& each) { return each->core() == core; });
    if (there == shards_.end() || there->get() == &here) {
        return;
    }
    const std::size_t to = (*there)->number();
    const auto in_return = exchange_.wish(log, here.number(), to, log_exchange::clock::now());
    if (in_return) {
        log_swap::begin(*this, here, log, **there, *in_return);
    }
}

void shard_map::settle() {
    while (swaps_ > 0) {
        for (auto& each : shards_) {
            post(*each, [] {}).wait();
        }
    }
}

void shard_map::run(shard& on) {
    try {
        log::set_thread_name("shard-" + std::to_string(on.number()));
        on.context().run();
        on.disk_.reset();
        on.engine_.reset();
    } catch (const std::exception& failure) {
        on_failure_(on.number(), failure.what());
    }
}

}  // namespace iggy::server
