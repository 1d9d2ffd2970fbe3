#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/client/error.hpp>
#include <iggy/client/options.hpp>
#include <iggy/client/polled_batch.hpp>
#include <iggy/protocol/protocol.hpp>

namespace iggy::client {

namespace detail {
class session;

/// The connection, held for one request and its answer.
class turn {
public:
    explicit turn(session& held);
    /// Where the request frame is written; empty at first, its memory is used again.
    std::vector<std::byte>& frame() noexcept;
    /// Sends the frame and waits for the payload of the answer.
    result<owned_bytes> exchange(protocol::command_code code);
    /// The error for a request that could not be encoded.
    error refused(protocol::command_code code, protocol::error_code why) const;
    /// The error for an answer that could not be decoded; ends the connection.
    error malformed(protocol::command_code code, protocol::error_code why);

private:
    session& session_;
    std::unique_lock<std::mutex> lock_;
};

}  // namespace detail

/// A connection to a server. Calls block until the answer is there or its time is over.
///
/// Thread-safe: threads may share one client, whose requests then take turns. Moving and destroying
/// are for one thread alone. A server keeps login and group membership per connection, hence per
/// client.
class client {
public:
    /// Connects, and logs in when `options.login` says who. Errors: cannot_resolve,
    /// cannot_connect, timeout, and those of a login.
    static result<client> connect(const options& options);
    /// The same from `iggy://user:password@host:port`; see parse_connection_string.
    static result<client> connect(std::string_view connection_string);

    client(client&&) noexcept;
    client& operator=(client&&) noexcept;
    ~client();

    /// Any command of the protocol: sends `request`, returns the typed answer.
    template <class Request>
    result<typename Request::response_type> call(const Request& request) {
        static_assert(!std::is_same_v<typename Request::response_type, protocol::polled_messages>,
                      "polled messages borrow from the answer: use poll(), which keeps it");
        auto answer = exchange(request);
        if (!answer) {
            return answer.error();
        }
        return decoded<typename Request::response_type>(Request::code, answer->view());
    }

    // Sessions and the server.
    result<done_t> ping();
    /// Returns who is logged in now.
    result<user_id> login_user(std::string username, std::string password);
    result<user_id> login_with_token(std::string token);
    result<done_t> logout();
    result<protocol::client_details> me();
    result<std::vector<protocol::client_info>> clients();
    result<std::optional<protocol::client_details>> client_by_id(client_id id);
    result<protocol::stats> stats();
    result<protocol::cluster_metadata> cluster_metadata();

    // Streams.
    result<protocol::stream_info> create_stream(std::string name);
    result<std::vector<protocol::stream_info>> streams();
    /// Nothing when there is no such stream.
    result<std::optional<protocol::stream_details>> stream(protocol::identifier stream);
    result<done_t> rename_stream(protocol::identifier stream, std::string name);
    result<done_t> purge_stream(protocol::identifier stream);
    result<done_t> delete_stream(protocol::identifier stream);

    // Topics, partitions, segments.
    result<protocol::topic_details> create_topic(const protocol::create_topic& settings);
    result<std::vector<protocol::topic_info>> topics(protocol::identifier stream);
    /// Nothing when there is no such topic.
    result<std::optional<protocol::topic_details>> topic(protocol::identifier stream,
                                                         protocol::identifier topic);
    result<done_t> update_topic(const protocol::update_topic& settings);
    result<done_t> purge_topic(protocol::identifier stream, protocol::identifier topic);
    result<done_t> delete_topic(protocol::identifier stream, protocol::identifier topic);
    result<done_t> create_partitions(protocol::identifier stream, protocol::identifier topic,
                                     std::uint32_t count);
    result<done_t> delete_partitions(protocol::identifier stream, protocol::identifier topic,
                                     std::uint32_t count);
    result<done_t> delete_segments(const protocol::delete_segments& which);

    // Messages.
    /// Appends all of `messages` to one partition. Returns when the server has acknowledged them.
    result<done_t> send(protocol::identifier stream, protocol::identifier topic,
                        protocol::partitioning where,
                        std::span<const protocol::outgoing_message> messages);
    /// The same for payloads alone; ids are chosen by the server.
    result<done_t> send(protocol::identifier stream, protocol::identifier topic,
                        protocol::partitioning where,
                        std::initializer_list<std::string_view> payloads);
    /// The batch owns its bytes: it may outlive the client, and its messages live as long as it.
    result<polled_batch> poll(const protocol::poll_messages& request);
    result<done_t> flush(const protocol::flush_unsaved_buffer& request);

    // Consumer offsets.
    /// Nothing when no offset is stored.
    result<std::optional<protocol::consumer_offset_info>> consumer_offset(
        const protocol::get_consumer_offset& which);
    result<done_t> store_consumer_offset(const protocol::store_consumer_offset& offset);
    result<done_t> delete_consumer_offset(const protocol::delete_consumer_offset& which);

private:
    explicit client(std::unique_ptr<detail::session> session) noexcept;

    template <class Request>
    result<detail::owned_bytes> exchange(const Request& request) {
        detail::turn turn{*session_};
        const auto encoded = protocol::encode_request(request, turn.frame());
        if (!encoded) {
            return turn.refused(Request::code, encoded.error());
        }
        return turn.exchange(Request::code);
    }

    template <class Response>
    result<Response> decoded(protocol::command_code code, byte_view payload) {
        auto response = protocol::decode_response<Response>(payload);
        if (!response) {
            return detail::turn{*session_}.malformed(code, response.error());
        }
        return std::move(*response);
    }

    template <class Request>
    result<done_t> call_without_answer(const Request& request) {
        const auto answer = call(request);
        if (!answer) {
            return answer.error();
        }
        return done;
    }

    std::unique_ptr<detail::session> session_;
};

}  // namespace iggy::client
