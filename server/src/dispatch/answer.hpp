#pragma once

#include <cstddef>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/protocol/codec.hpp>
#include <iggy/protocol/messages.hpp>
#include <iggy/storage/memory.hpp>

namespace iggy::server {

/// One response on its way to a client. A connection keeps one and uses it again, so that answering
/// does not allocate once warm.
class answer {
public:
    void reset() {
        constexpr std::size_t kept_bytes_max = std::size_t{64} * 1024;
        if (frame_.capacity() > kept_bytes_max) {
            frame_ = {};
        }
        frame_.clear();
        messages_ = {};
        storage_ = {};
        closes_ = false;
        is_far_behind_ = false;
    }

    /// A failure; two of them also end the connection where the transport has one.
    void fail(protocol::error_code code) {
        reset();
        protocol::encode_error(code, frame_);
        closes_ = code == protocol::error_code::stale_client ||
                  code == protocol::error_code::client_not_found;
    }
    template <class Response>
    void succeed(const Response& response) {
        reset();
        protocol::encode_response(response, frame_);
    }
    /// Polled messages; they lie in `storage` and are sent from there.
    void succeed(const protocol::polled_head& head, byte_view messages, storage::buffer storage) {
        reset();
        const auto opening =
            protocol::encode_polled_head(head, static_cast<std::uint32_t>(messages.size()));
        frame_.assign(opening.begin(), opening.end());
        messages_ = messages;
        storage_ = std::move(storage);
    }

    /// To a consumer that is far from the end of its log.
    void mark_far_behind() noexcept { is_far_behind_ = true; }

    /// The frame, or its beginning where `messages` is not empty.
    byte_view frame() const noexcept { return frame_; }
    byte_view messages() const noexcept { return messages_; }
    bool closes_connection() const noexcept { return closes_; }
    bool is_far_behind() const noexcept { return is_far_behind_; }

private:
    std::vector<std::byte> frame_;
    byte_view messages_;
    storage::buffer storage_;
    bool closes_ = false;
    bool is_far_behind_ = false;
};

}  // namespace iggy::server
