#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/protocol/error_code.hpp>

#include "catalog/catalog_codec.hpp"
#include "catalog/catalog_command.hpp"
#include "catalog/catalog_request.hpp"

/// Figures of no particular log.
inline std::shared_ptr<iggy::storage::log_counters> no_counters(iggy::log_uid) {
    return std::make_shared<iggy::storage::log_counters>();
}

inline constexpr iggy::timestamp test_time = iggy::timestamp_from_raw(1'700'000'000'000'000);

/// A state that grows by commands; starts with the root user.
class grown_catalog {
public:
    grown_catalog();

    /// Applies a command that must fit, and remembers it.
    grown_catalog& run(const iggy::server::catalog_command& command);
    /// Decides for root, gives new partitions the next uids, and applies. Errors: the refusal.
    iggy::protocol::result<iggy::server::catalog_command> ask(
        const iggy::server::catalog_request& request);
    iggy::protocol::result<iggy::server::catalog_command> ask_as(
        iggy::user_id user, const iggy::server::catalog_request& request);

    const iggy::server::catalog_state& operator*() const { return *state_; }
    const iggy::server::catalog_state* operator->() const { return state_.get(); }
    const std::vector<iggy::server::catalog_command>& commands() const { return commands_; }

    iggy::server::topic_rules rules;

private:
    std::shared_ptr<const iggy::server::catalog_state> state_ =
        std::make_shared<const iggy::server::catalog_state>();
    std::vector<iggy::server::catalog_command> commands_;
    std::uint64_t next_log_ = 1;
};

/// The error of a request that must be refused; `error_code::error` when it was not.
iggy::protocol::error_code refusal(const iggy::protocol::result<iggy::server::catalog_command>& of);

/// A state as bytes, for comparing.
std::vector<std::byte> picture(const iggy::server::catalog_state& state);

std::string to_hex(iggy::byte_view bytes);

/// Rights over one stream and, of it, one topic.
iggy::protocol::permissions rights_on(iggy::stream_id stream, iggy::topic_id topic);
