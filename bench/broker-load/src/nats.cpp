#include <nats/nats.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "broker.hpp"
#include "c_object.hpp"

namespace iggy::bench {
namespace {

using options_handle = c_object<natsOptions, natsOptions_Destroy>;
using connection_handle = c_object<natsConnection, natsConnection_Destroy>;
using context_handle = c_object<jsCtx, jsCtx_Destroy>;
using subscription_handle = c_object<natsSubscription, natsSubscription_Destroy>;
using answer_handle = c_object<jsPubAck, jsPubAck_Destroy>;
using info_handle = c_object<jsStreamInfo, jsStreamInfo_Destroy>;
using metadata_handle = c_object<jsMsgMetaData, jsMsgMetaData_Destroy>;

failure failed(const char* what, natsStatus why) {
    const char* details = nats_GetLastError(nullptr);
    return failure{fmt::format("{}: {} ({})", what, natsStatus_GetText(why),
                               details == nullptr ? "no details" : details)};
}

/// What becomes of what is sent: `gathered` until the buffer is full, an answer is waited for or a
/// millisecond has passed, or written `at_once`.
enum class sending : std::uint8_t { gathered, at_once };

/// A connection with what it needs for JetStream. Made for one actor and not moved.
struct nats_link {
    connection_handle connection;
    context_handle context;
    std::atomic<std::uint64_t> refused{0};  ///< messages sent without waiting that were not kept

    result<done_t> open(const broker_traffic& traffic, sending way) {
        natsOptions* raw_options = nullptr;
        if (const auto made = natsOptions_Create(&raw_options); made != NATS_OK) {
            return failed("options", made);
        }
        const options_handle options{raw_options};
        const std::string url = "nats://" + traffic.address;
        // The client's own is 32 KiB; with more, a large batch takes few writes.
        constexpr int buffer_bytes = 256 * 1024;
        auto outcome = natsOptions_SetURL(options.get(), url.c_str());
        if (outcome == NATS_OK) {
            outcome = natsOptions_SetIOBufSize(options.get(), buffer_bytes);
        }
        if (outcome == NATS_OK) {
            outcome = natsOptions_SetSendAsap(options.get(), way == sending::at_once);
        }
        natsConnection* raw_connection = nullptr;
        if (outcome == NATS_OK) {
            outcome = natsConnection_Connect(&raw_connection, options.get());
        }
        if (outcome != NATS_OK) {
            return failed("connect", outcome);
        }
        connection.reset(raw_connection);

        jsOptions js_options;
        jsOptions_Init(&js_options);
        js_options.Wait = answer_ms_max;
        js_options.PublishAsync.MaxPending = traffic.batch_messages;
        js_options.PublishAsync.ErrHandler = [](jsCtx*, jsPubAckErr*, void* self) {
            ++static_cast<nats_link*>(self)->refused;
        };
        js_options.PublishAsync.ErrHandlerClosure = this;
        jsCtx* raw_context = nullptr;
        outcome = natsConnection_JetStream(&raw_context, connection.get(), &js_options);
        if (outcome != NATS_OK) {
            return failed("JetStream", outcome);
        }
        context.reset(raw_context);
        return done;
    }
};

class nats_producer final : public actor {
public:
    static result<std::unique_ptr<actor>> make(const broker_traffic& traffic,
                                               std::uint32_t number) {
        auto made = std::unique_ptr<nats_producer>{new nats_producer{traffic, number}};
        if (const auto opened = made->over_.open(traffic, sending::gathered); !opened) {
            return opened.error();
        }
        return std::unique_ptr<actor>{std::move(made)};
    }

    /// All but the last message are sent without waiting. The last one is waited for, which sends
    /// at once what has gathered. In a batch written message by message each would be a system
    /// call.
    result<std::optional<step_outcome>> step(clock::time_point) override {
        jsCtx* const context = over_.context.get();
        const auto bytes = static_cast<int>(payload_.size());
        for (std::uint32_t sent = 1; sent < batch_messages_; ++sent) {
            const auto outcome =
                js_PublishAsync(context, subject_.c_str(), payload_.data(), bytes, nullptr);
            if (outcome != NATS_OK) {
                return failed("publish", outcome);
            }
        }
        jsPubAck* raw_answer = nullptr;
        auto outcome = js_Publish(&raw_answer, context, subject_.c_str(), payload_.data(), bytes,
                                  nullptr, nullptr);
        if (outcome != NATS_OK) {
            return failed("publish", outcome);
        }
        const answer_handle answer{raw_answer};
        if (batch_messages_ > 1) {
            jsPubOptions wait;
            jsPubOptions_Init(&wait);
            wait.MaxWait = answer_ms_max;
            outcome = js_PublishAsyncComplete(context, &wait);
            if (outcome != NATS_OK) {
                return failed("publish", outcome);
            }
        }
        sent_ += batch_messages_;
        if (over_.refused > 0 || answer->Sequence != sent_) {
            return failure{fmt::format("publish: {} messages were refused, the last of {} is {}",
                                       over_.refused.load(), sent_, answer->Sequence)};
        }
        return step_outcome{size_of(batch_messages_, static_cast<std::uint32_t>(payload_.size())),
                            std::nullopt};
    }

private:
    nats_producer(const broker_traffic& traffic, std::uint32_t number)
        : subject_{traffic.log_name(number)},
          batch_messages_{traffic.batch_messages},
          payload_{traffic.payload(number)} {}

    std::string subject_;
    std::uint32_t batch_messages_;
    std::string payload_;
    std::uint64_t sent_ = 0;
    nats_link over_;
};

class nats_consumer final : public actor {
public:
    static result<std::unique_ptr<actor>> make(const broker_traffic& traffic,
                                               std::uint32_t number) {
        auto made = std::unique_ptr<nats_consumer>{new nats_consumer{traffic}};
        if (const auto opened = made->open(traffic, traffic.log_name(number)); !opened) {
            return opened.error();
        }
        return std::unique_ptr<actor>{std::move(made)};
    }

    result<std::optional<step_outcome>> step(clock::time_point) override {
        const auto wanted = std::min<std::uint64_t>(batch_messages_, end_ - read_);
        natsMsgList messages{};
        const auto outcome = natsSubscription_Fetch(
            &messages, subscription_.get(), static_cast<int>(wanted), answer_ms_max, nullptr);
        if (outcome != NATS_OK) {
            return failed("fetch", outcome);
        }
        const auto checked = check(messages);
        const auto count = static_cast<std::uint64_t>(messages.Count);
        natsMsgList_Destroy(&messages);
        if (!checked) {
            return checked.error();
        }
        return step_outcome{size_of(count, message_bytes_), std::nullopt};
    }

    bool at_end() const override { return read_ >= end_; }

private:
    explicit nats_consumer(const broker_traffic& traffic)
        : batch_messages_{traffic.batch_messages}, message_bytes_{traffic.message_bytes} {}

    result<done_t> open(const broker_traffic& traffic, const std::string& name) {
        // A fetch is one request; gathered, it would leave a millisecond later.
        if (const auto opened = over_.open(traffic, sending::at_once); !opened) {
            return opened;
        }
        jsStreamInfo* raw_info = nullptr;
        auto outcome =
            js_GetStreamInfo(&raw_info, over_.context.get(), name.c_str(), nullptr, nullptr);
        if (outcome != NATS_OK) {
            return failed("stream", outcome);
        }
        end_ = info_handle { raw_info } -> State.Msgs;

        // Nothing is acknowledged and nothing is kept about who reads, as with the others.
        jsSubOptions wanted;
        jsSubOptions_Init(&wanted);
        wanted.Config.AckPolicy = js_AckNone;
        wanted.Config.DeliverPolicy = js_DeliverAll;
        wanted.Config.MemoryStorage = true;
        natsSubscription* raw_subscription = nullptr;
        outcome = js_PullSubscribe(&raw_subscription, over_.context.get(), name.c_str(), nullptr,
                                   nullptr, &wanted, nullptr);
        if (outcome != NATS_OK) {
            return failed("subscribe", outcome);
        }
        subscription_.reset(raw_subscription);
        return done;
    }

    /// That these are the next ones of the log: sizes, and where the last one stands.
    result<done_t> check(const natsMsgList& messages) {
        const std::span all{messages.Msgs, static_cast<std::size_t>(messages.Count)};
        if (all.empty()) {
            return failure{fmt::format("fetch: nothing at {} of {}", read_, end_)};
        }
        for (natsMsg* message : all) {
            if (natsMsg_GetDataLength(message) != static_cast<int>(message_bytes_)) {
                return failure{fmt::format("fetch: a message of {} bytes behind {}",
                                           natsMsg_GetDataLength(message), read_)};
            }
        }
        read_ += all.size();
        jsMsgMetaData* raw_metadata = nullptr;
        if (const auto outcome = natsMsg_GetMetaData(&raw_metadata, all.back());
            outcome != NATS_OK) {
            return failed("fetch", outcome);
        }
        const metadata_handle metadata{raw_metadata};
        if (metadata->Sequence.Stream != read_) {
            return failure{fmt::format("fetch: message {} where {} was due",
                                       metadata->Sequence.Stream, read_)};
        }
        return done;
    }

    std::uint32_t batch_messages_;
    std::uint32_t message_bytes_;
    std::uint64_t read_ = 0;
    std::uint64_t end_ = 0;
    nats_link over_;
    subscription_handle subscription_;
};

class nats final : public broker {
public:
    std::string client_version() const override {
        return fmt::format("cnats {}", nats_GetVersion());
    }

    result<done_t> make_logs(const broker_traffic& traffic) const override {
        nats_link over;
        if (const auto opened = over.open(traffic, sending::at_once); !opened) {
            return opened;
        }
        for (std::uint32_t number = 1; number <= traffic.connections; ++number) {
            const std::string name = traffic.log_name(number);
            const char* subject = name.c_str();
            jsStreamConfig wanted;
            jsStreamConfig_Init(&wanted);
            wanted.Name = name.c_str();
            wanted.Subjects = &subject;
            wanted.SubjectsLen = 1;
            wanted.Storage = js_FileStorage;
            const auto outcome =
                js_AddStream(nullptr, over.context.get(), &wanted, nullptr, nullptr);
            if (outcome != NATS_OK) {
                return failed("add stream", outcome);
            }
        }
        return done;
    }

    result<std::unique_ptr<actor>> producer(const broker_traffic& traffic,
                                            std::uint32_t number) const override {
        return nats_producer::make(traffic, number);
    }
    result<std::unique_ptr<actor>> consumer(const broker_traffic& traffic,
                                            std::uint32_t number) const override {
        return nats_consumer::make(traffic, number);
    }
};

}  // namespace

std::unique_ptr<broker> nats_broker() { return std::make_unique<nats>(); }

}  // namespace iggy::bench
