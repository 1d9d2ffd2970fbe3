#include <iggy/client/client.hpp>

#include <thread>
#include <utility>

#include <fmt/format.h>

#include "session.hpp"
#include "tcp_stream.hpp"

namespace iggy::client {
namespace {

/// How this client introduces itself at login.
constexpr const char* client_version = IGGY_CLIENT_VERSION;
constexpr const char* client_context = "iggy C++ client";

result<std::unique_ptr<byte_stream>> connect_with_retries(const options& options) {
    auto stream = tcp_stream::connect(options);
    for (std::uint32_t retry = 0; !stream && retry < options.connect_retries; ++retry) {
        std::this_thread::sleep_for(options.retry_interval);
        stream = tcp_stream::connect(options);
    }
    if (!stream && options.connect_retries > 0) {
        auto failure = stream.error();
        failure.text += fmt::format(" (tried {} times)", options.connect_retries + 1);
        return failure;
    }
    return stream;
}

result<done_t> log_in(client& connected, const credentials& login) {
    result<user_id> user = protocol::no_user;
    if (const auto* password = std::get_if<password_login>(&login)) {
        user = connected.login_user(password->username, password->password);
    } else if (const auto* token = std::get_if<token_login>(&login)) {
        user = connected.login_with_token(token->token);
    }
    if (!user) {
        return user.error();
    }
    return done;
}

}  // namespace

namespace detail {

turn::turn(session& held) : session_{held}, lock_{held.mutex()} { held.frame().clear(); }

std::vector<std::byte>& turn::frame() noexcept { return session_.frame(); }

result<owned_bytes> turn::exchange(protocol::command_code code) { return session_.exchange(code); }

error turn::refused(protocol::command_code code, protocol::error_code why) const {
    return {errc::invalid_request, why, 0,
            fmt::format("{} was not sent, the server would refuse it: {}", protocol::name(code),
                        protocol::describe(why))};
}

error turn::malformed(protocol::command_code code, protocol::error_code why) {
    session_.close();
    return {errc::malformed_response, why, 0,
            fmt::format("the answer to {} is not one of this protocol ({}); is the server an Iggy "
                        "server of a matching version?",
                        protocol::name(code), protocol::describe(why))};
}

}  // namespace detail

client::client(std::unique_ptr<detail::session> session) noexcept : session_{std::move(session)} {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

result<client> client::connect(const options& options) {
    auto stream = connect_with_retries(options);
    if (!stream) {
        return stream.error();
    }
    client connected{std::make_unique<detail::session>(std::move(*stream), options)};
    if (const auto logged_in = log_in(connected, options.login); !logged_in) {
        return logged_in.error();
    }
    return connected;
}

result<client> client::connect(std::string_view connection_string) {
    const auto options = parse_connection_string(connection_string);
    if (!options) {
        return options.error();
    }
    return connect(*options);
}

result<done_t> client::ping() { return call_without_answer(protocol::ping{}); }

result<user_id> client::login_user(std::string username, std::string password) {
    const auto answer = call(protocol::login_user{std::move(username), std::move(password),
                                                  client_version, client_context});
    if (!answer) {
        return answer.error();
    }
    return answer->user;
}

result<user_id> client::login_with_token(std::string token) {
    const auto answer = call(protocol::login_with_personal_access_token{std::move(token)});
    if (!answer) {
        return answer.error();
    }
    return answer->user;
}

result<done_t> client::logout() { return call_without_answer(protocol::logout_user{}); }

result<protocol::client_details> client::me() { return call(protocol::get_me{}); }

result<std::vector<protocol::client_info>> client::clients() {
    return call(protocol::get_clients{});
}

result<std::optional<protocol::client_details>> client::client_by_id(client_id id) {
    return call(protocol::get_client{id});
}

result<protocol::stats> client::stats() { return call(protocol::get_stats{}); }

result<protocol::cluster_metadata> client::cluster_metadata() {
    return call(protocol::get_cluster_metadata{});
}

result<protocol::stream_info> client::create_stream(std::string name) {
    return call(protocol::create_stream{std::move(name)});
}

result<std::vector<protocol::stream_info>> client::streams() {
    return call(protocol::get_streams{});
}

result<std::optional<protocol::stream_details>> client::stream(protocol::identifier stream) {
    return call(protocol::get_stream{std::move(stream)});
}

result<done_t> client::rename_stream(protocol::identifier stream, std::string name) {
    return call_without_answer(protocol::update_stream{std::move(stream), std::move(name)});
}

result<done_t> client::purge_stream(protocol::identifier stream) {
    return call_without_answer(protocol::purge_stream{std::move(stream)});
}

result<done_t> client::delete_stream(protocol::identifier stream) {
    return call_without_answer(protocol::delete_stream{std::move(stream)});
}

result<protocol::topic_details> client::create_topic(const protocol::create_topic& settings) {
    return call(settings);
}

result<std::vector<protocol::topic_info>> client::topics(protocol::identifier stream) {
    return call(protocol::get_topics{std::move(stream)});
}

result<std::optional<protocol::topic_details>> client::topic(protocol::identifier stream,
                                                             protocol::identifier topic) {
    return call(protocol::get_topic{std::move(stream), std::move(topic)});
}

result<done_t> client::update_topic(const protocol::update_topic& settings) {
    return call_without_answer(settings);
}

result<done_t> client::purge_topic(protocol::identifier stream, protocol::identifier topic) {
    return call_without_answer(protocol::purge_topic{std::move(stream), std::move(topic)});
}

result<done_t> client::delete_topic(protocol::identifier stream, protocol::identifier topic) {
    return call_without_answer(protocol::delete_topic{std::move(stream), std::move(topic)});
}

result<done_t> client::create_partitions(protocol::identifier stream, protocol::identifier topic,
                                         std::uint32_t count) {
    return call_without_answer(
        protocol::create_partitions{std::move(stream), std::move(topic), count});
}

result<done_t> client::delete_partitions(protocol::identifier stream, protocol::identifier topic,
                                         std::uint32_t count) {
    return call_without_answer(
        protocol::delete_partitions{std::move(stream), std::move(topic), count});
}

result<done_t> client::delete_segments(const protocol::delete_segments& which) {
    return call_without_answer(which);
}

result<done_t> client::send(protocol::identifier stream, protocol::identifier topic,
                            protocol::partitioning where,
                            std::span<const protocol::outgoing_message> messages) {
    return call_without_answer(
        protocol::send_messages{std::move(stream), std::move(topic), std::move(where), messages});
}

result<done_t> client::send(protocol::identifier stream, protocol::identifier topic,
                            protocol::partitioning where,
                            std::initializer_list<std::string_view> payloads) {
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::vector<protocol::outgoing_message> messages;
    messages.reserve(payloads.size());
    for (const auto payload : payloads) {
        messages.push_back({{}, as_bytes(payload), {}, to_raw(now)});
    }
    return send(std::move(stream), std::move(topic), std::move(where), messages);
}

result<polled_batch> client::poll(const protocol::poll_messages& request) {
    auto answer = exchange(request);
    if (!answer) {
        return answer.error();
    }
    const auto messages = decoded<protocol::polled_messages>(request.code, answer->view());
    if (!messages) {
        return messages.error();
    }
    return polled_batch{std::move(*answer), *messages};
}

result<done_t> client::flush(const protocol::flush_unsaved_buffer& request) {
    return call_without_answer(request);
}

result<std::optional<protocol::consumer_offset_info>> client::consumer_offset(
    const protocol::get_consumer_offset& which) {
    return call(which);
}

result<done_t> client::store_consumer_offset(const protocol::store_consumer_offset& offset) {
    return call_without_answer(offset);
}

result<done_t> client::delete_consumer_offset(const protocol::delete_consumer_offset& which) {
    return call_without_answer(which);
}

}  // namespace iggy::client
