#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/messages.hpp>

#include "failure.hpp"
#include "time_series.hpp"
#include "workload.hpp"

namespace iggy::bench {

/// A number of the range, each as likely.
std::uint32_t any_of(const number_range& range, std::mt19937_64& random);

/// A payload: letters and digits.
std::string random_text(std::size_t bytes, std::mt19937_64& random);

/// Makes the requests of one producer. Batches of fixed size are built once and sent again with new
/// origin timestamps, so that making them costs next to nothing; those of random size are built
/// each time. Payloads are the beginning of one text of random letters and digits.
class batch_source {
public:
    /// `seed` decides content and sizes.
    batch_source(const workload& work, std::string stream, std::uint64_t seed);

    struct batch {
        byte_view frame;  ///< borrowed until the next call
        batch_size size;
    };
    /// Errors: the batch is larger than a frame can be.
    result<batch> next(timestamp origin);

private:
    result<done_t> build(timestamp origin);
    void stamp(timestamp origin) noexcept;

    number_range message_bytes_;
    number_range batch_messages_;
    protocol::send_messages request_;
    std::mt19937_64 random_;
    std::string payload_;
    std::vector<protocol::outgoing_message> messages_;
    std::vector<std::byte> frame_;
    batch_size size_;
};

}  // namespace iggy::bench
