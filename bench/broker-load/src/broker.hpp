#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "actor.hpp"
#include "batch_source.hpp"
#include "failure.hpp"

/// The traffic of `iggy-bench pp` and `pc`, for brokers that speak another protocol.
namespace iggy::bench {

/// What is moved, and where. Each producer and each consumer has a client handle and a log of its
/// own: a topic of one partition, or a stream of one subject.
struct broker_traffic {
    std::string address = "127.0.0.1:9092";
    std::string prefix = "bench";  ///< of the names of the logs
    std::uint32_t connections = 1;
    std::uint32_t batch_messages = 1;
    std::uint32_t message_bytes = 1000;
    bool synced = false;  ///< logs are made so that an answered message survives power loss

    /// `number` is from 1.
    std::string log_name(std::uint32_t number) const {
        return prefix + "-" + std::to_string(number);
    }
    /// What each message of a producer holds.
    std::string payload(std::uint32_t number) const {
        std::mt19937_64 random{number};
        return random_text(message_bytes, random);
    }
};

/// How long one answer is waited for.
inline constexpr int answer_ms_max = 30'000;

/// One kind of broker.
class broker {
public:
    broker() = default;
    broker(const broker&) = delete;
    broker& operator=(const broker&) = delete;
    virtual ~broker() = default;

    /// Of the client library.
    virtual std::string client_version() const = 0;
    /// Makes empty logs for all connections. Errors: there is one already, no answer.
    virtual result<done_t> make_logs(const broker_traffic& traffic) const = 0;
    /// Connects; its steps send a batch and wait until all of it is acknowledged.
    virtual result<std::unique_ptr<actor>> producer(const broker_traffic& traffic,
                                                    std::uint32_t number) const = 0;
    /// Connects; its steps wait for a batch, from the beginning of the log, until they have read
    /// what was in it when the consumer was made.
    virtual result<std::unique_ptr<actor>> consumer(const broker_traffic& traffic,
                                                    std::uint32_t number) const = 0;
};

std::unique_ptr<broker> kafka_broker();
std::unique_ptr<broker> nats_broker();

/// What a batch of so many messages moved.
inline batch_size size_of(std::uint64_t messages, std::uint32_t message_bytes) noexcept {
    return {messages, messages * message_bytes, messages * message_bytes};
}

}  // namespace iggy::bench
