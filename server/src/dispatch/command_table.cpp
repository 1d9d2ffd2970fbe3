#include "dispatch/command_table.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>

#include <iggy/protocol/codec.hpp>
#include <iggy/protocol/consumer_groups.hpp>

#include "service/call.hpp"
#include "service/flush_command.hpp"
#include "service/offset_commands.hpp"
#include "service/session_commands.hpp"
#include "service/stream_commands.hpp"
#include "service/system_commands.hpp"
#include "service/topic_commands.hpp"
#include "service/user_commands.hpp"

namespace iggy::server {

namespace asio = boost::asio;

namespace {

enum class login : std::uint8_t { needed, not_needed };

/// Rights that are about no stream or topic are checked before anything is looked up.
constexpr bool needs_no_place(rule right) noexcept {
    return right == rule::server_info || right == rule::list_streams ||
           right == rule::create_stream;
}

template <class T>
inline constexpr bool is_awaitable = false;
template <class T>
inline constexpr bool is_awaitable<asio::awaitable<T>> = true;

template <class Response>
void put(const protocol::result<Response>& outcome, answer& out) {
    if (outcome) {
        out.succeed(*outcome);
    } else {
        out.fail(outcome.error());
    }
}

/// Decodes, then checks the login, then what the rule says without looking at a place; the rest of
/// the checks is the function's, since places are looked up before rights.
template <class Request, login Login>
asio::awaitable<void> execute(service& server, session& who, byte_view payload, answer& out) {
    const auto request = protocol::decode_request<Request>(payload);
    if (!request) {
        out.fail(request.error());
        co_return;
    }
    if (Login == login::needed && !who.logged_in()) {
        out.fail(protocol::error_code::unauthenticated);
        co_return;
    }
    const call made{server, who, rule_of(Request::code), *who.home};
    if (needs_no_place(made.permission) && !made.is_allowed(*made.state())) {
        out.fail(protocol::error_code::unauthorized);
        co_return;
    }
    if constexpr (is_awaitable<decltype(run(made, *request))>) {
        const auto outcome = co_await run(made, *request);
        put(outcome, out);
    } else {
        put(run(made, *request), out);
    }
}

/// Understands the request and answers that this server does not do that yet.
template <class Request, login Login>
asio::awaitable<void> decline(service&, session& who, byte_view payload, answer& out) {
    const auto request = protocol::decode_request<Request>(payload);
    if (!request) {
        out.fail(request.error());
    } else if (Login == login::needed && !who.logged_in()) {
        out.fail(protocol::error_code::unauthenticated);
    } else {
        out.fail(protocol::error_code::feature_unavailable);
    }
    co_return;
}

template <class Request, login Login = login::needed>
constexpr command_row row() {
    return {Request::code, &execute<Request, Login>};
}

template <class Request, login Login = login::needed>
constexpr command_row not_yet() {
    return {Request::code, &decline<Request, Login>};
}

// Ascending by code.
constexpr auto commands = std::array{
    row<protocol::ping, login::not_needed>(),
    row<protocol::get_stats>(),
    not_yet<protocol::get_snapshot>(),
    row<protocol::get_cluster_metadata>(),
    row<protocol::get_me>(),
    row<protocol::get_client>(),
    row<protocol::get_clients>(),
    row<protocol::get_user>(),
    row<protocol::get_users>(),
    row<protocol::create_user>(),
    row<protocol::delete_user>(),
    row<protocol::update_user>(),
    row<protocol::update_permissions>(),
    row<protocol::change_password>(),
    row<protocol::login_user, login::not_needed>(),
    row<protocol::logout_user>(),
    not_yet<protocol::get_personal_access_tokens>(),
    not_yet<protocol::create_personal_access_token>(),
    not_yet<protocol::delete_personal_access_token>(),
    not_yet<protocol::login_with_personal_access_token, login::not_needed>(),
    row<protocol::flush_unsaved_buffer>(),
    row<protocol::get_consumer_offset>(),
    row<protocol::store_consumer_offset>(),
    row<protocol::delete_consumer_offset>(),
    row<protocol::get_stream>(),
    row<protocol::get_streams>(),
    row<protocol::create_stream>(),
    row<protocol::delete_stream>(),
    row<protocol::update_stream>(),
    row<protocol::purge_stream>(),
    row<protocol::get_topic>(),
    row<protocol::get_topics>(),
    row<protocol::create_topic>(),
    row<protocol::delete_topic>(),
    row<protocol::update_topic>(),
    row<protocol::purge_topic>(),
    row<protocol::create_partitions>(),
    row<protocol::delete_partitions>(),
    row<protocol::delete_segments>(),
    not_yet<protocol::get_consumer_group>(),
    not_yet<protocol::get_consumer_groups>(),
    not_yet<protocol::create_consumer_group>(),
    not_yet<protocol::delete_consumer_group>(),
    not_yet<protocol::join_consumer_group>(),
    not_yet<protocol::leave_consumer_group>(),
};

static_assert(commands.size() == protocol::command_count - 2,
              "all but SendMessages and PollMessages");
static_assert(std::ranges::is_sorted(commands, {}, &command_row::code));

}  // namespace

const command_row* find_command(std::uint32_t code) noexcept {
    const auto wanted = static_cast<protocol::command_code>(code);
    const auto* const found = std::ranges::lower_bound(commands, wanted, {}, &command_row::code);
    return found != commands.end() && found->code == wanted ? found : nullptr;
}

}  // namespace iggy::server
