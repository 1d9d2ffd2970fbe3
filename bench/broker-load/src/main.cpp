#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "broker.hpp"
#include "bystander.hpp"
#include "process_meter.hpp"
#include "progress.hpp"
#include "summary.hpp"
#include "turn.hpp"

namespace iggy::bench {
namespace {

struct load_command {
    std::string broker_name;
    std::string kind;
    broker_traffic traffic;
    std::uint64_t batches = 1;  ///< of each producer; consumers read what is there
    double seconds = 0;         ///< at most, when positive
    std::int64_t server_pid = 0;

    bool produces() const { return kind == "produce"; }
};

struct loaded {
    group_summary group;
    turn_outcome outcome;
    std::optional<process_meter> server;
};

turn_plan plan_of(const load_command& command) {
    turn_plan plan;
    plan.each_producer.batches = command.batches;
    if (command.seconds > 0) {
        plan.each_producer.time = std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>{command.seconds});
    }
    plan.each_consumer.time = plan.each_producer.time;
    return plan;
}

result<loaded> load(const broker& on, const load_command& command) {
    // Figures over time are not shown, so one point holds any run.
    constexpr std::chrono::hours sampling_time{1};
    const auto kind = command.produces() ? actor_kind::producer : actor_kind::consumer;
    actor_slots actors;
    for (std::uint32_t number = 1; number <= command.traffic.connections; ++number) {
        auto who = command.produces() ? on.producer(command.traffic, number)
                                      : on.consumer(command.traffic, number);
        if (!who) {
            return who.error();
        }
        actors.emplace_back(kind, number, std::move(*who), sampling_time);
    }
    loaded made;
    if (command.server_pid > 0) {
        made.server = process_meter::of(static_cast<pid_t>(command.server_pid));
    }
    bystanders nobody;
    std::atomic<bool> stop{false};
    progress_line progress{totals{}};
    progress.begin_turn(command.broker_name);
    auto outcome = run_turn(actors, nobody, plan_of(command), made.server, progress, stop);
    progress.clear();
    if (!outcome) {
        return outcome.error();
    }
    made.outcome = *outcome;
    std::vector<const recorder*> records;
    for (const auto& slot : actors) {
        records.push_back(&slot.records);
    }
    made.group = summarize(
        command.produces() ? group_kind::producers : group_kind::consumers, records,
        command.produces() ? made.outcome.producers_took : made.outcome.consumers_took, 1);
    return made;
}

std::string to_json(const loaded& done, const broker& on) {
    const auto& [group, outcome, server] = done;
    nlohmann::ordered_json figures{
        {"seconds", group.seconds},
        {"messages", group.done.messages},
        {"messages_per_second", group.throughput.messages_per_second},
        {"p50_ms", group.latency.p50},
        {"p99_ms", group.latency.p99},
        {"p999_ms", group.latency.p999},
        {"max_ms", group.latency.greatest},
        {"client_cpu_seconds", outcome.client_cpu_seconds},
        {"client", on.client_version()},
    };
    if (server) {
        figures["cpu_seconds"] = outcome.server_cpu_seconds.value_or(0);
        figures["peak_bytes"] = server->peak_memory_bytes();
    }
    return figures.dump();
}

int execute(const load_command& command) {
    const auto on = command.broker_name == "kafka" ? kafka_broker() : nats_broker();
    const auto say = [&](const failure& why) {
        fmt::print(stderr, "Error: {}: {}\n", command.broker_name, why.text);
        return 1;
    };
    if (command.kind == "prepare") {
        const auto made = on->make_logs(command.traffic);
        return made ? 0 : say(made.error());
    }
    const auto done = load(*on, command);
    if (!done) {
        return say(done.error());
    }
    fmt::print("{}\n", to_json(*done, *on));
    return 0;
}

int run(int argc, char** argv) {
    load_command command;
    CLI::App app{
        "The traffic of iggy-bench's pinned producers and pinned consumers for Kafka and for NATS "
        "JetStream."};
    app.add_option("broker", command.broker_name)
        ->required()
        ->check(CLI::IsMember({"kafka", "nats"}));
    app.add_option("kind", command.kind,
                   "prepare makes empty logs, produce fills them, poll reads what is there")
        ->required()
        ->check(CLI::IsMember({"prepare", "produce", "poll"}));
    app.add_option("--server", command.traffic.address, "HOST:PORT")->required();
    app.add_option("--server-pid", command.server_pid, "whose processor time and memory to tell");
    app.add_option("--prefix", command.traffic.prefix, "of the names of the logs")
        ->capture_default_str();
    app.add_option("--connections", command.traffic.connections)
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--batch", command.traffic.batch_messages, "messages")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--message-bytes", command.traffic.message_bytes)
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--batches", command.batches, "of each producer")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--seconds", command.seconds, "end after so many, whatever was done by then");
    app.add_flag("--synced", command.traffic.synced, "Kafka's logs are flushed before each answer");
    CLI11_PARSE(app, argc, argv);
    return execute(command);
}

}  // namespace
}  // namespace iggy::bench

int main(int argc, char** argv) {
    try {
        return iggy::bench::run(argc, argv);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "Error: %s\n", failure.what());
        return 1;
    }
}
