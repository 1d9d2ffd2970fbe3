#include "consumer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <iggy/protocol/codec.hpp>

#include "batch_source.hpp"
#include "names.hpp"

namespace iggy::bench {
namespace {

std::chrono::nanoseconds age_of(const message_view& message) {
    const auto origin = timestamp_from_raw(message.origin_timestamp());
    const auto age = std::chrono::system_clock::now() - origin;
    return std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(age),
                    std::chrono::nanoseconds{0});
}

}  // namespace

consumer::consumer(connection over, const workload& work, const source& from)
    : over_{std::move(over)},
      batch_messages_{work.batch_messages},
      producer_{from.producer},
      random_{from.number} {
    poll_.consumer.id = protocol::identifier::from_number(from.number);
    poll_.stream = stream_name(from.number);
    poll_.topic = topic_name;
    poll_.partition = the_partition;
    poll_.strategy = protocol::polling_strategy::from_offset(from.begin);
}

result<std::optional<step_outcome>> consumer::step(clock::time_point) {
    poll_.count = any_of(batch_messages_, random_);
    frame_.clear();
    if (!protocol::encode_request(poll_, frame_)) {
        return failure{"a poll cannot be encoded"};
    }
    const auto answer = over_.exchange(frame_);
    if (!answer) {
        return answer.error();
    }
    const auto polled = protocol::decode_response<protocol::polled_messages>(*answer);
    if (!polled) {
        return failure{fmt::format("the answer to a poll is not one of this protocol: {}",
                                   protocol::describe(polled.error()))};
    }
    if (polled->head.count == 0) {
        found_end_ = true;
        return std::optional<step_outcome>{};
    }
    step_outcome outcome{{polled->head.count, 0, polled->bytes.size()}, std::nullopt};
    bool is_first = true;
    message_offset last{};
    for (const message_view message : polled->messages()) {
        if (is_first && producer_ != nullptr) {
            outcome.latency = age_of(message);
        }
        is_first = false;
        outcome.size.user_bytes += message.payload().size();
        last = message.offset();
    }
    poll_.strategy = protocol::polling_strategy::from_offset(last.next());
    received_ += outcome.size.messages;
    return outcome;
}

bool consumer::at_end() const {
    if (producer_ == nullptr) {
        return found_end_;
    }
    return producer_->done && received_ >= producer_->produced;
}

}  // namespace iggy::bench
