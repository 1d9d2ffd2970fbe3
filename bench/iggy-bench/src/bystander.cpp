#include "bystander.hpp"

#include <sys/prctl.h>

#include <chrono>
#include <memory>
#include <utility>

#include <iggy/protocol/protocol.hpp>

namespace iggy::bench {

result<bystanders> bystanders::connect(const client::options& to, std::uint32_t count) {
    bystanders made;
    for (std::uint32_t number = 0; number < count; ++number) {
        auto over = connection::open(to);
        if (!over) {
            return over.error();
        }
        made.idle_.push_back(std::make_unique<one>(std::move(*over)));
    }
    return made;
}

void bystanders::begin(clock::time_point at) {
    *end_ = false;
    for (auto& who : idle_) {
        who->thread = std::thread{[this, at, &who] { ping_until(*end_, at, *who); }};
    }
}

std::optional<failure> bystanders::end() {
    *end_ = true;
    std::optional<failure> first;
    for (auto& who : idle_) {
        who->thread.join();
        if (who->failed && !first) {
            first = failure{"bystander: " + who->failed->text};
        }
    }
    return first;
}

latency_histogram bystanders::latencies() const {
    latency_histogram all;
    for (const auto& who : idle_) {
        all.merge(who->latencies);
    }
    return all;
}

void bystanders::ping_until(const std::atomic<bool>& end, clock::time_point due, one& who) {
    constexpr std::chrono::milliseconds period{1};
    ::prctl(PR_SET_TIMERSLACK, 1);
    std::vector<std::byte> frame;
    if (!protocol::encode_request(protocol::ping{}, frame)) {
        who.failed = failure{"a ping cannot be encoded"};
        return;
    }
    for (; !end; due += period) {
        std::this_thread::sleep_until(due);  // the schedule is what is measured
        if (const auto answer = who.over.exchange(frame); !answer) {
            who.failed = answer.error();
            return;
        }
        who.latencies.add(clock::now() - due);
    }
}

}  // namespace iggy::bench
