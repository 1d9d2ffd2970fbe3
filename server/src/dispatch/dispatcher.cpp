#include "dispatch/dispatcher.hpp"

#include <iggy/protocol/command_code.hpp>

#include "dispatch/command_table.hpp"
#include "service/message_commands.hpp"

namespace iggy::server {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> refuse_unknown(answer& out) {
    out.fail(protocol::error_code::invalid_command);
    co_return;
}

}  // namespace

asio::awaitable<void> dispatcher::dispatch(session& who, std::uint32_t code, byte_span payload,
                                           answer& out) {
    if (code == static_cast<std::uint32_t>(protocol::command_code::send_messages)) {
        return send_messages(service_, who, payload, out);
    }
    if (const command_row* row = find_command(code)) {
        return row->run(service_, who, payload, out);
    }
    return refuse_unknown(out);
}

}  // namespace iggy::server
