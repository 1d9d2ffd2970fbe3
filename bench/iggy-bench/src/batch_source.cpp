#include "batch_source.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "names.hpp"

namespace iggy::bench {

std::uint32_t any_of(const number_range& range, std::mt19937_64& random) {
    if (range.is_fixed()) {
        return range.least;
    }
    return std::uniform_int_distribution<std::uint32_t>{range.least, range.greatest}(random);
}

std::string random_text(std::size_t bytes, std::mt19937_64& random) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::uniform_int_distribution<std::size_t> place{0, alphabet.size() - 1};
    std::string text(bytes, '\0');
    std::ranges::generate(text, [&] { return alphabet[place(random)]; });
    return text;
}

batch_source::batch_source(const workload& work, std::string stream, std::uint64_t seed)
    : message_bytes_{work.message_bytes},
      batch_messages_{work.batch_messages},
      request_{std::move(stream), topic_name, protocol::partitioning::to(the_partition), {}},
      random_{seed},
      payload_{random_text(work.message_bytes.greatest, random_)} {}

result<batch_source::batch> batch_source::next(timestamp origin) {
    if (!frame_.empty() && message_bytes_.is_fixed() && batch_messages_.is_fixed()) {
        stamp(origin);
    } else if (const auto built = build(origin); !built) {
        return built.error();
    }
    return batch{frame_, size_};
}

result<done_t> batch_source::build(timestamp origin) {
    const byte_view letters = as_bytes(payload_);
    messages_.resize(any_of(batch_messages_, random_));
    size_ = {messages_.size(), 0, 0};
    for (auto& message : messages_) {
        message.payload = letters.first(any_of(message_bytes_, random_));
        message.origin_timestamp = to_raw(origin);
        size_.user_bytes += message.payload.size();
    }
    size_.total_bytes = size_.user_bytes + size_.messages * message_layout::header_bytes;
    request_.messages = messages_;
    frame_.clear();
    if (const auto encoded = protocol::encode_request(request_, frame_); !encoded) {
        return failure{
            fmt::format("a batch of {} messages with {} bytes of payload in all cannot be sent: {}",
                        size_.messages, size_.user_bytes, protocol::describe(encoded.error()))};
    }
    return done;
}

void batch_source::stamp(timestamp origin) noexcept {
    const std::size_t stride = message_layout::header_bytes + message_bytes_.least;
    const byte_span messages = byte_span{frame_}.last(size_.total_bytes);
    for (std::size_t at = 0; at < messages.size(); at += stride) {
        store_le(messages, at + message_layout::origin_timestamp_at, to_raw(origin));
    }
}

}  // namespace iggy::bench
