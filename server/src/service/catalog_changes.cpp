#include "service/catalog_changes.hpp"

#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "partition/storage_errors.hpp"

namespace iggy::server {

namespace asio = boost::asio;

namespace {

/// On the first shard.
asio::awaitable<catalog_answer> execute_there(service& server, catalog_caller caller,
                                              catalog_request request) {
    std::optional<catalog_answer> answer;
    storage::sleeper waits;
    const auto take = [&](catalog_answer made) {
        answer = std::move(made);
        if (waits.sleeping()) {
            waits.wake();
        }
    };
    server.places->execute(caller, std::move(request), take);
    server.shards.first().disk().submit_soon();
    if (!answer) {
        co_await waits.sleep();
    }
    co_return std::move(*answer);
}

/// From any shard.
asio::awaitable<catalog_answer> execute_on_first(const call& made, catalog_request request) {
    shard& first = made.server.shards.first();
    auto there = execute_there(made.server, *made.who.user, std::move(request));
    if (&made.here == &first) {
        return there;
    }
    return asio::co_spawn(first.context(), std::move(there), asio::use_awaitable);
}

}  // namespace

asio::awaitable<change_outcome> execute(call made, catalog_request request) {
    const catalog_answer answer = co_await execute_on_first(made, std::move(request));
    if (answer) {
        co_return *answer;
    }
    const catalog_refusal& refusal = answer.error();
    if (refusal.storage) {
        report(made.server, *refusal.storage);
        co_return to_error_code(*refusal.storage);
    }
    co_return refusal.code;
}

asio::awaitable<protocol::result<protocol::empty_response>> execute_quietly(
    call made, catalog_request request) {
    const auto outcome = co_await execute(made, std::move(request));
    if (!outcome) {
        co_return outcome.error();
    }
    co_return protocol::empty_response{};
}

}  // namespace iggy::server
