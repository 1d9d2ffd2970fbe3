#include "target.hpp"

#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "consumer.hpp"
#include "machine.hpp"
#include "names.hpp"
#include "producer.hpp"
#include "server_setup.hpp"

namespace iggy::bench {
namespace {

/// How much of `whole` is done after turn `index` of `count`.
std::optional<std::uint64_t> part(std::optional<std::uint64_t> whole, std::uint32_t index,
                                  std::uint32_t count) {
    if (!whole) {
        return std::nullopt;
    }
    return *whole * (index + 1) / count;
}

/// What one of `actors` is to do over all turns.
goal whole_goal(const workload& work, std::uint32_t actors) {
    goal each;
    each.batches = work.batches;
    if (work.user_bytes && actors > 0) {
        each.user_bytes = *work.user_bytes / actors;
    }
    return each;
}

goal part_of(const goal& whole, std::uint32_t index, std::uint32_t count) {
    return {part(whole.batches, index, count), part(whole.user_bytes, index, count), std::nullopt};
}

}  // namespace

totals target_figures::done() const {
    totals all;
    for (const auto& turn : turns) {
        all += turn.produced;
        all += turn.consumed;
    }
    return all;
}

std::optional<double> target_figures::server_cpu_seconds() const {
    double sum = 0;
    for (const auto& turn : turns) {
        if (!turn.server_cpu_seconds) {
            return std::nullopt;
        }
        sum += *turn.server_cpu_seconds;
    }
    return sum;
}

double target_figures::client_cpu_seconds() const {
    return std::accumulate(
        turns.begin(), turns.end(), 0.0,
        [](double sum, const turn_outcome& turn) { return sum + turn.client_cpu_seconds; });
}

std::vector<double> target_figures::turn_rates() const {
    std::vector<double> rates;
    for (const auto& turn : turns) {
        totals moved = turn.produced;
        moved += turn.consumed;
        rates.push_back(rate_of(moved, turn.took).messages_per_second);
    }
    return rates;
}

result<target> target::open(const workload& work, const server_access& at,
                            std::chrono::nanoseconds sampling_time, const warn_function& warn) {
    client::options to;
    if (const auto read = client::parse_address(at.address, to); !read) {
        return failure{client::describe(read.error())};
    }
    to.login = client::password_login{at.username, at.password};
    auto control = client::client::connect(to);
    if (!control) {
        return failure{client::describe(control.error())};
    }
    target made{work, std::move(*control)};
    const auto begins = set_up_streams(made.control_, work, warn);
    if (!begins) {
        return begins.error();
    }
    if (const auto found = made.find_process(); !found) {
        return found.error();
    }
    if (const auto connected = made.connect_actors(to, *begins, sampling_time); !connected) {
        return connected.error();
    }
    auto idle = bystanders::connect(to, work.bystanders);
    if (!idle) {
        return idle.error();
    }
    made.idle_ = std::move(*idle);
    return made;
}

result<done_t> target::find_process() {
    const auto stats = control_.stats();
    if (!stats) {
        return failure{client::describe(stats.error())};
    }
    if (stats->hostname == host_name()) {
        process_ = process_meter::of(static_cast<pid_t>(stats->process_id));
    }
    return done;
}

result<done_t> target::connect_actors(const client::options& to,
                                      const std::vector<message_offset>& begins,
                                      std::chrono::nanoseconds sampling_time) {
    for (std::uint32_t number = 0; number < work_.streams; ++number) {
        streams_->emplace_back();
    }
    std::optional<double> rate;
    if (work_.rate) {
        rate = static_cast<double>(*work_.rate) / work_.actors();
    }
    for (std::uint32_t number = 1; number <= work_.producers; ++number) {
        auto over = connection::open(to);
        if (!over) {
            return over.error();
        }
        auto who = std::make_unique<producer>(std::move(*over),
                                              batch_source{work_, stream_name(number), number},
                                              (*streams_)[number - 1]);
        auto& slot =
            actors_->emplace_back(actor_kind::producer, number, std::move(who), sampling_time);
        slot.bytes_per_second = rate;
    }
    for (std::uint32_t number = 1; number <= work_.consumers; ++number) {
        auto over = connection::open(to);
        if (!over) {
            return over.error();
        }
        const consumer::source from{number, begins[number - 1],
                                    work_.produces() ? &(*streams_)[number - 1] : nullptr};
        auto who = std::make_unique<consumer>(std::move(*over), work_, from);
        auto& slot =
            actors_->emplace_back(actor_kind::consumer, number, std::move(who), sampling_time);
        if (rate) {
            slot.bytes_per_second = *rate * (work_.produces() ? work_.read_amplification : 1);
        }
    }
    return done;
}

result<done_t> target::run_turn(std::uint32_t index, std::uint32_t count, progress_line& progress,
                                std::atomic<bool>& stop) {
    turn_plan plan;
    plan.warmup = work_.warmup;
    plan.each_producer = part_of(whole_goal(work_, work_.producers), index, count);
    if (!work_.produces()) {  // else a consumer has to read what its stream gets
        plan.each_consumer = part_of(whole_goal(work_, work_.consumers), index, count);
    }
    return run(plan, progress, stop);
}

result<done_t> target::run_for(std::chrono::nanoseconds time, progress_line& progress,
                               std::atomic<bool>& stop) {
    turn_plan plan;
    plan.each_producer.time = time;
    plan.each_consumer.time = time;
    return run(plan, progress, stop);
}

result<done_t> target::run(turn_plan plan, progress_line& progress, std::atomic<bool>& stop) {
    for (const auto& turn : turns_) {
        plan.before += turn.took;
    }
    const auto outcome = bench::run_turn(*actors_, idle_, plan, process_, progress, stop);
    if (!outcome) {
        return outcome.error();
    }
    turns_.push_back(*outcome);
    return done;
}

result<target_figures> target::figures(std::size_t window) {
    target_figures made;
    made.turns = turns_;
    std::vector<const recorder*> producers;
    std::vector<const recorder*> consumers;
    std::vector<const recorder*> all;
    for (const auto& slot : *actors_) {
        made.actors.push_back(summarize(slot.kind, slot.number, slot.records, window));
        (slot.kind == actor_kind::producer ? producers : consumers).push_back(&slot.records);
        all.push_back(&slot.records);
    }
    turn_outcome sum;
    for (const auto& turn : turns_) {
        sum.took += turn.took;
        sum.producers_took += turn.producers_took;
        sum.consumers_took += turn.consumers_took;
    }
    const auto add = [&](group_kind kind, const std::vector<const recorder*>& group, auto took) {
        if (!group.empty()) {
            made.groups.push_back(summarize(kind, group, took, window));
        }
    };
    add(group_kind::producers, producers, sum.producers_took);
    add(group_kind::consumers, consumers, sum.consumers_took);
    if (!producers.empty() && !consumers.empty()) {
        add(group_kind::producers_and_consumers, all, sum.took);
    }
    auto stats = control_.stats();
    if (!stats) {
        return failure{client::describe(stats.error())};
    }
    made.stats = std::move(*stats);
    if (process_) {
        made.peak_memory_bytes = process_->peak_memory_bytes();
    }
    if (idle_.count() > 0) {
        made.bystanders = summarize(idle_.latencies());
    }
    return made;
}

}  // namespace iggy::bench
