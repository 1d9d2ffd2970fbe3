#include "dispatch/execution.hpp"

#include <utility>

#include <iggy/protocol/command_code.hpp>

#include "dispatch/command_table.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::command_code;
using storage::progress;

progress execution::begin(session& who, std::uint32_t code, byte_span payload) {
    if (code == static_cast<std::uint32_t>(command_code::send_messages)) {
        const progress state = send_.emplace(service_, who, answer_).begin(payload);
        if (state == progress::finished) {
            send_.reset();
        }
        return state;
    }
    if (code == static_cast<std::uint32_t>(command_code::poll_messages)) {
        const progress state = poll_.emplace(service_, who, answer_).begin(payload);
        if (state == progress::finished) {
            poll_.reset();
        }
        return state;
    }
    const command_row* const row = find_command(code);
    if (row == nullptr) {
        answer_.fail(protocol::error_code::invalid_command);
        return progress::finished;
    }
    other_.emplace(row->run(service_, who, payload, answer_));
    return progress::pending;
}

asio::awaitable<void> execution::finish() {
    if (send_) {
        co_await send_->finish();
        send_.reset();
    } else if (poll_) {
        co_await poll_->finish();
        poll_.reset();
    } else {
        co_await *std::exchange(other_, std::nullopt);
    }
}

}  // namespace iggy::server
