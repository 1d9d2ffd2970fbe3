#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <iggy/base/expiry_text.hpp>
#include <iggy/base/topic_size_text.hpp>

/// What a command line asks for, parsed and checked, free of the library that parsed it.
namespace iggy::bench {

enum class bench_kind : std::uint8_t {
    pinned_producer,
    pinned_consumer,
    pinned_producer_and_consumer,
};

/// Both ends included; one number when they are equal.
struct number_range {
    std::uint32_t least = 0;
    std::uint32_t greatest = 0;
    bool is_fixed() const noexcept { return least == greatest; }
};

/// The traffic: who sends and polls how much of what.
struct workload {
    bench_kind kind = bench_kind::pinned_producer;
    std::uint32_t streams = 0;
    std::uint32_t producers = 0;
    std::uint32_t consumers = 0;
    number_range message_bytes{1000, 1000};  ///< of payload
    number_range batch_messages{1000, 1000};
    std::optional<std::uint64_t> batches;     ///< of each producer, or of each consumer
    std::optional<std::uint64_t> user_bytes;  ///< of all actors of a kind, instead of `batches`
    std::optional<std::uint64_t> rate;        ///< payload bytes per second of all actors
    double read_amplification = 1.05;         ///< a consumer's part of the rate is that many times
    std::chrono::nanoseconds warmup{0};
    topic_size topic_bytes_max = topic_size::unlimited();
    expiry message_expiry = expiry::never();
    bool reuse_streams = false;
    std::uint32_t bystanders = 0;  ///< connections that ping each millisecond

    bool produces() const noexcept { return kind != bench_kind::pinned_consumer; }
    bool consumes() const noexcept { return kind != bench_kind::pinned_producer; }
    std::uint32_t actors() const noexcept { return producers + consumers; }
};

/// The least that a server can do, measured beside the server.
struct limit_wish {
    bool wanted = false;
    bool synced = false;      ///< it syncs each batch before it answers
    std::uint32_t turns = 5;  ///< of each, in which the work is done
    std::string place;        ///< where its data are; empty: the temporary directory
};

/// How figures are taken and shown.
struct presentation {
    std::chrono::nanoseconds sampling_time = std::chrono::milliseconds{10};
    std::uint32_t window = 20;
    bool pretty = false;
    bool json = false;
};

/// Where the server is and who logs in.
struct server_access {
    std::string address = "127.0.0.1:8090";
    std::string username = "iggy";
    std::string password = "iggy";
};

/// The `output` words: a directory for the report.
struct output_place {
    std::string directory = "performance_results";
    std::optional<std::string> identifier;  ///< the host name when there is none
    std::optional<std::string> remark;
    std::optional<std::string> extra_info;
    std::optional<std::string> gitref;
    std::optional<std::string> gitref_date;
};

struct bench_command {
    workload work;
    limit_wish limit;
    presentation shown;
    server_access server;
    std::optional<output_place> output;
    std::string words;  ///< the command line itself, without the password
};

/// `limit`: what this machine allows, without a server.
struct limit_command {
    std::uint32_t connections = 8;
    std::uint32_t message_bytes = 1000;
    std::vector<std::uint32_t> batch_messages;
    limit_wish limit;
    bool json = false;
};

/// `bare-server`: the least that a server can do, until it is killed.
struct bare_server_command {
    std::string directory;
    bool syncs = false;
};

}  // namespace iggy::bench
