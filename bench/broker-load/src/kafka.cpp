#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker.hpp"
#include "c_object.hpp"

namespace iggy::bench {
namespace {

using handle = c_object<rd_kafka_t, rd_kafka_destroy>;
using topic_handle = c_object<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using conf_handle = c_object<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using new_topic = c_object<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using queue_handle = c_object<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using event_handle = c_object<rd_kafka_event_t, rd_kafka_event_destroy>;

/// Each topic has this one.
constexpr std::int32_t the_partition_number = 0;
/// A batch is one request, whatever its size: of broker and client alike.
constexpr const char* request_bytes_max = "67108864";

struct setting {
    const char* name;
    std::string value;
};

failure failed(const char* what, rd_kafka_resp_err_t why) {
    return failure{fmt::format("{}: {}", what, rd_kafka_err2str(why))};
}

result<done_t> configure(rd_kafka_conf_t& conf, const std::vector<setting>& settings) {
    std::array<char, 512> why{};
    for (const auto& [name, value] : settings) {
        if (rd_kafka_conf_set(&conf, name, value.c_str(), why.data(), why.size()) !=
            RD_KAFKA_CONF_OK) {
            return failure{why.data()};
        }
    }
    return done;
}

/// What every client is told. A request is sent at once: Nagle's algorithm would hold it back.
std::vector<setting> common_settings(const broker_traffic& traffic) {
    return {{"bootstrap.servers", traffic.address},
            {"client.id", "iggy-broker-load"},
            {"socket.nagle.disable", "true"}};
}

result<handle> open(rd_kafka_type_t type, conf_handle conf) {
    std::array<char, 512> why{};
    handle made{rd_kafka_new(type, conf.get(), why.data(), why.size())};
    if (!made) {
        return failure{why.data()};
    }
    (void)conf.release();  // rd_kafka_new took it
    return made;
}

/// A topic, with a connection to the broker that leads it.
struct open_topic {
    topic_handle topic;
    std::int64_t end = 0;  ///< offset of the next message
};

result<open_topic> connect(rd_kafka_t& client, const std::string& name) {
    open_topic made{topic_handle{rd_kafka_topic_new(&client, name.c_str(), nullptr)}};
    if (!made.topic) {
        return failed("topic", rd_kafka_last_error());
    }
    const rd_kafka_metadata_t* metadata = nullptr;
    auto why = rd_kafka_metadata(&client, 0, made.topic.get(), &metadata, answer_ms_max);
    if (why != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return failed("metadata", why);
    }
    rd_kafka_metadata_destroy(metadata);
    // The leader of a topic that was just made refuses (`NOT_LEADER_OR_FOLLOWER`) until it knows
    // that it leads. Nothing tells when it does, so it is asked again, before anything is measured.
    const auto deadline = clock::now() + std::chrono::milliseconds{answer_ms_max};
    std::int64_t begin = 0;
    do {
        why = rd_kafka_query_watermark_offsets(&client, name.c_str(), the_partition_number, &begin,
                                               &made.end, answer_ms_max);
        if (why == RD_KAFKA_RESP_ERR_NO_ERROR) {
            return made;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    } while (clock::now() < deadline);
    return failed("offsets", why);
}

class kafka_producer final : public actor {
public:
    static result<std::unique_ptr<actor>> make(const broker_traffic& traffic,
                                               std::uint32_t number) {
        auto made = std::unique_ptr<kafka_producer>{new kafka_producer{traffic, number}};
        if (const auto connected = made->connect_to(traffic, number); !connected) {
            return connected.error();
        }
        return std::unique_ptr<actor>{std::move(made)};
    }

    result<std::optional<step_outcome>> step(clock::time_point) override {
        for (auto& message : messages_) {
            message = {};
            // Neither copied nor freed: it outlives the client.
            message.payload = payload_.data();
            message.len = payload_.size();
        }
        const auto count = static_cast<int>(messages_.size());
        acknowledged_ = 0;
        if (rd_kafka_produce_batch(topic_.get(), the_partition_number, 0, messages_.data(),
                                   count) != count) {
            return failed("produce", messages_.back().err);
        }
        while (acknowledged_ < messages_.size()) {
            if (rd_kafka_poll(client_.get(), answer_ms_max) == 0) {
                return failure{"produce: no answer"};
            }
        }
        if (error_ != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return failed("produce", error_);
        }
        return step_outcome{size_of(messages_.size(), static_cast<std::uint32_t>(payload_.size())),
                            std::nullopt};
    }

private:
    kafka_producer(const broker_traffic& traffic, std::uint32_t number)
        : payload_{traffic.payload(number)}, messages_(traffic.batch_messages) {}

    result<done_t> connect_to(const broker_traffic& traffic, std::uint32_t number) {
        conf_handle conf{rd_kafka_conf_new()};
        auto settings = common_settings(traffic);
        // The request goes out when the batch is whole, so it need not linger for more; the limit
        // is there so that a batch of which the client has seen only the beginning is not sent in
        // two. With one node `acks=all` is what `acks=1` is.
        settings.insert(settings.end(),
                        {{"batch.num.messages", std::to_string(traffic.batch_messages)},
                         {"linger.ms", traffic.batch_messages == 1 ? "0" : "100"},
                         {"batch.size", request_bytes_max},
                         {"message.max.bytes", request_bytes_max},
                         {"compression.codec", "none"},
                         {"acks", "all"}});
        if (const auto applied = configure(*conf, settings); !applied) {
            return applied;
        }
        rd_kafka_conf_set_opaque(conf.get(), this);
        rd_kafka_conf_set_dr_msg_cb(conf.get(),
                                    [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
                                        static_cast<kafka_producer*>(self)->on_answer(*message);
                                    });
        auto client = open(RD_KAFKA_PRODUCER, std::move(conf));
        if (!client) {
            return client.error();
        }
        client_ = std::move(*client);
        auto topic = connect(*client_, traffic.log_name(number));
        if (!topic) {
            return topic.error();
        }
        topic_ = std::move(topic->topic);
        return done;
    }

    void on_answer(const rd_kafka_message_t& message) noexcept {
        ++acknowledged_;
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            error_ = message.err;
        }
    }

    std::string payload_;
    std::vector<rd_kafka_message_t> messages_;
    std::size_t acknowledged_ = 0;
    rd_kafka_resp_err_t error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    handle client_;
    topic_handle topic_;
};

class kafka_consumer final : public actor {
public:
    static result<std::unique_ptr<actor>> make(const broker_traffic& traffic,
                                               std::uint32_t number) {
        conf_handle conf{rd_kafka_conf_new()};
        auto settings = common_settings(traffic);
        // The client reads ahead of who uses it, in fetches of up to 8 MiB. It pauses while its
        // queue is full, so the queue is as large as it may be.
        settings.insert(settings.end(), {{"max.partition.fetch.bytes", "8388608"},
                                         {"queued.min.messages", "10000000"},
                                         {"queued.max.messages.kbytes", "2097151"}});
        if (const auto applied = configure(*conf, settings); !applied) {
            return applied.error();
        }
        auto client = open(RD_KAFKA_CONSUMER, std::move(conf));
        if (!client) {
            return client.error();
        }
        auto topic = connect(**client, traffic.log_name(number));
        if (!topic) {
            return topic.error();
        }
        return std::unique_ptr<actor>{
            new kafka_consumer{traffic, std::move(*client), std::move(*topic)}};
    }

    kafka_consumer(const kafka_consumer&) = delete;
    kafka_consumer& operator=(const kafka_consumer&) = delete;
    ~kafka_consumer() override {
        if (started_) {
            rd_kafka_consume_stop(topic_.get(), the_partition_number);
        }
    }

    result<std::optional<step_outcome>> step(clock::time_point) override {
        if (!started_) {  // here, so that nothing is read before the clock runs
            if (rd_kafka_consume_start(topic_.get(), the_partition_number,
                                       RD_KAFKA_OFFSET_BEGINNING) != 0) {
                return failed("consume", rd_kafka_last_error());
            }
            started_ = true;
        }
        const auto left = static_cast<std::size_t>(end_ - next_);
        const auto count =
            rd_kafka_consume_batch(topic_.get(), the_partition_number, answer_ms_max,
                                   messages_.data(), std::min(messages_.size(), left));
        if (count <= 0) {
            return failure{fmt::format("consume: nothing at {} of {}", next_, end_)};
        }
        const auto got = std::span{messages_}.first(static_cast<std::size_t>(count));
        std::optional<failure> wrong;
        for (rd_kafka_message_t* message : got) {
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                wrong = failed("consume", message->err);
            } else if (message->offset != next_ || message->len != message_bytes_) {
                wrong = failure{fmt::format("consume: offset {} with {} bytes, where {} was due",
                                            message->offset, message->len, next_)};
            }
            ++next_;
            rd_kafka_message_destroy(message);
        }
        if (wrong) {
            return *wrong;
        }
        return step_outcome{size_of(got.size(), message_bytes_), std::nullopt};
    }

    bool at_end() const override { return next_ >= end_; }

private:
    kafka_consumer(const broker_traffic& traffic, handle client, open_topic topic)
        : message_bytes_{traffic.message_bytes},
          messages_(traffic.batch_messages),
          end_{topic.end},
          client_{std::move(client)},
          topic_{std::move(topic.topic)} {}

    std::uint32_t message_bytes_;
    std::vector<rd_kafka_message_t*> messages_;
    std::int64_t next_ = 0;
    std::int64_t end_;
    bool started_ = false;
    handle client_;
    topic_handle topic_;
};

class kafka final : public broker {
public:
    std::string client_version() const override {
        return fmt::format("librdkafka {}", rd_kafka_version_str());
    }

    result<done_t> make_logs(const broker_traffic& traffic) const override {
        conf_handle conf{rd_kafka_conf_new()};
        if (const auto applied = configure(*conf, common_settings(traffic)); !applied) {
            return applied;
        }
        const auto client = open(RD_KAFKA_PRODUCER, std::move(conf));
        if (!client) {
            return client.error();
        }
        std::array<char, 512> why{};
        std::vector<new_topic> topics;
        std::vector<rd_kafka_NewTopic_t*> wanted;
        for (std::uint32_t number = 1; number <= traffic.connections; ++number) {
            new_topic topic{rd_kafka_NewTopic_new(traffic.log_name(number).c_str(), 1, 1,
                                                  why.data(), why.size())};
            if (!topic) {
                return failure{why.data()};
            }
            rd_kafka_NewTopic_set_config(topic.get(), "max.message.bytes", request_bytes_max);
            if (traffic.synced) {
                rd_kafka_NewTopic_set_config(topic.get(), "flush.messages", "1");
            }
            wanted.push_back(topic.get());
            topics.push_back(std::move(topic));
        }
        const queue_handle answers{rd_kafka_queue_new(client->get())};
        rd_kafka_CreateTopics(client->get(), wanted.data(), wanted.size(), nullptr, answers.get());
        const event_handle answer{rd_kafka_queue_poll(answers.get(), 2 * answer_ms_max)};
        return check(answer.get());
    }

    result<std::unique_ptr<actor>> producer(const broker_traffic& traffic,
                                            std::uint32_t number) const override {
        return kafka_producer::make(traffic, number);
    }
    result<std::unique_ptr<actor>> consumer(const broker_traffic& traffic,
                                            std::uint32_t number) const override {
        return kafka_consumer::make(traffic, number);
    }

private:
    static result<done_t> check(rd_kafka_event_t* answer) {
        if (answer == nullptr) {
            return failure{"create topics: no answer"};
        }
        if (rd_kafka_event_error(answer) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return failure{fmt::format("create topics: {}", rd_kafka_event_error_string(answer))};
        }
        const auto* created = rd_kafka_event_CreateTopics_result(answer);
        std::size_t count = 0;
        const auto* topics = rd_kafka_CreateTopics_result_topics(created, &count);
        for (const auto* topic : std::span{topics, count}) {
            if (const auto why = rd_kafka_topic_result_error(topic)) {
                return failed("create topics", why);
            }
        }
        return done;
    }
};

}  // namespace

std::unique_ptr<broker> kafka_broker() { return std::make_unique<kafka>(); }

}  // namespace iggy::bench
