#include "service/stream_commands.hpp"

#include <utility>
#include <variant>

#include "partition/purge.hpp"
#include "service/catalog_changes.hpp"
#include "service/lookup.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;

namespace {

using empty_outcome = protocol::result<protocol::empty_response>;
using info_outcome = protocol::result<protocol::stream_info>;

}  // namespace

protocol::result<protocol::get_stream::response_type> run(call made,
                                                          const protocol::get_stream& request) {
    using response = protocol::get_stream::response_type;
    const auto found = find_stream(made, request.stream);
    if (!found) {
        if (found.error() == error_code::stream_id_not_found) {
            return response{};
        }
        return found.error();
    }
    protocol::stream_details details{info_of(*found->stream), {}};
    for (const auto& topic : found->stream->topics) {
        details.topics.push_back(info_of(topic));
    }
    return response{std::move(details)};
}

protocol::result<protocol::get_streams::response_type> run(call made,
                                                           const protocol::get_streams&) {
    protocol::get_streams::response_type streams;
    const auto state = made.state();
    for (const auto& stream : state->streams) {
        streams.push_back(info_of(stream));
    }
    return streams;
}

asio::awaitable<info_outcome> run(call made, const protocol::create_stream& request) {
    const auto outcome = co_await execute(made, request);
    if (!outcome) {
        co_return outcome.error();
    }
    const auto& record = std::get<catalog_record::create_stream>(outcome->command);
    co_return info_of(*outcome->state->streams.find(record.id));
}

asio::awaitable<empty_outcome> run(call made, const protocol::delete_stream& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::update_stream& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::purge_stream& request) {
    const auto found = find_stream(made, request.stream);
    if (!found) {
        co_return found.error();
    }
    const auto purged = co_await purge_logs(made.here, made.server.shards, logs_of(*found->stream));
    co_return answer_to(made.server, purged);
}

}  // namespace iggy::server
