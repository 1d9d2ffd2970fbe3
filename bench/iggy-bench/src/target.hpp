#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <iggy/client/client.hpp>

#include "bystander.hpp"
#include "failure.hpp"
#include "process_meter.hpp"
#include "progress.hpp"
#include "summary.hpp"
#include "turn.hpp"
#include "workload.hpp"

namespace iggy::bench {

/// What one server did with the workload.
struct target_figures {
    std::vector<group_summary> groups;  ///< producers, consumers, both together
    std::vector<actor_summary> actors;
    std::vector<turn_outcome> turns;
    protocol::stats stats;                           ///< of the server, after the last turn
    std::optional<std::uint64_t> peak_memory_bytes;  ///< of a server on this machine
    std::optional<latency_figures> bystanders;

    /// Messages sent and received, over all turns.
    totals done() const;
    /// Processor time over all turns; nothing when the server is not on this machine.
    std::optional<double> server_cpu_seconds() const;
    double client_cpu_seconds() const;
    /// Messages per second of each turn, sent and received together.
    std::vector<double> turn_rates() const;
};

/// A server with the actors that work on it.
class target {
public:
    using warn_function = std::function<void(const std::string&)>;

    /// Connects, makes streams and topics, and connects all actors. Errors: the server's, no
    /// connection.
    static result<target> open(
        const workload& work, const server_access& at, std::chrono::nanoseconds sampling_time,
        const warn_function& warn = [](const std::string&) {});

    /// The work is done in `count` turns of equal size; this is number `index`, from 0.
    result<done_t> run_turn(std::uint32_t index, std::uint32_t count, progress_line& progress,
                            std::atomic<bool>& stop);
    /// A turn that ends after `time`, whatever was done by then.
    result<done_t> run_for(std::chrono::nanoseconds time, progress_line& progress,
                           std::atomic<bool>& stop);
    result<target_figures> figures(std::size_t window);

private:
    explicit target(const workload& work, client::client control)
        : work_{work}, control_{std::move(control)} {}

    result<done_t> connect_actors(const client::options& to,
                                  const std::vector<message_offset>& begins,
                                  std::chrono::nanoseconds sampling_time);
    result<done_t> find_process();
    result<done_t> run(turn_plan plan, progress_line& progress, std::atomic<bool>& stop);

    workload work_;
    client::client control_;
    std::optional<process_meter> process_;  ///< of a server on this machine
    std::unique_ptr<std::deque<stream_progress>> streams_ =
        std::make_unique<std::deque<stream_progress>>();
    std::unique_ptr<actor_slots> actors_ = std::make_unique<actor_slots>();
    bystanders idle_;
    std::vector<turn_outcome> turns_;
};

}  // namespace iggy::bench
