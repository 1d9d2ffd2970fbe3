#pragma once

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include <iggy/client/options.hpp>

#include "connection.hpp"
#include "failure.hpp"
#include "latency_histogram.hpp"
#include "recorder.hpp"

namespace iggy::bench {

/// Connections that have nothing to do with the load and ping each millisecond, on a schedule: how
/// long others wait for the server meanwhile.
class bystanders {
public:
    static result<bystanders> connect(const client::options& to, std::uint32_t count);

    /// They ping from `at` until `end`, each in a thread of its own.
    void begin(clock::time_point at);
    /// Returns the first failure, if there was one.
    std::optional<failure> end();

    std::size_t count() const noexcept { return idle_.size(); }
    /// Of all pings of all turns, each from when it was due.
    latency_histogram latencies() const;

private:
    struct one {
        explicit one(connection to) : over{std::move(to)} {}
        connection over;
        latency_histogram latencies;
        std::optional<failure> failed;
        std::thread thread;
    };

    static void ping_until(const std::atomic<bool>& end, clock::time_point due, one& who);

    std::vector<std::unique_ptr<one>> idle_;
    std::unique_ptr<std::atomic<bool>> end_ = std::make_unique<std::atomic<bool>>(false);
};

}  // namespace iggy::bench
