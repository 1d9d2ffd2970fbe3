#include "service/call.hpp"

#include "log/log.hpp"
#include "partition/storage_errors.hpp"
#include "shard/shard.hpp"

namespace iggy::server {

std::shared_ptr<const catalog_state> call::state() const { return here.catalog().current(); }

bool call::is_allowed(const catalog_state& state, std::optional<stream_id> stream,
                      std::optional<topic_id> topic) const {
    if (permission == rule::none) {
        return true;
    }
    const user_entry* const user = who.user ? state.find(*who.user) : nullptr;
    return user != nullptr && allowed(permission, user->rights(), stream, topic);
}

protocol::result<protocol::empty_response> answer_to(const service& server,
                                                     const storage::result<done_t>& outcome) {
    if (outcome) {
        return protocol::empty_response{};
    }
    report(server, outcome.error());
    return to_error_code(outcome.error());
}

void report(const service& server, const storage::error& failure) {
    using storage::errc;
    switch (failure.code) {
        case errc::not_found:  // a partition that goes away while it is used
        case errc::closed:
        case errc::invalid_argument:
        case errc::timeout:
            return;
        case errc::unknown:
        case errc::io:
        case errc::no_space:
        case errc::no_progress:
        case errc::would_block:
        case errc::corrupt:
        case errc::missing_segment:
        case errc::already_exists:
        case errc::locked:
        case errc::foreign_directory:
        case errc::unsupported_version:
        case errc::too_large:
        case errc::read_only:
        case errc::memory_limit:
        case errc::no_io_uring:
            break;
    }
    log::error("server::storage", "{}", server.data.describe(failure));
}

}  // namespace iggy::server
