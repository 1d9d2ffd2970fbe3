#include "partition/append_request.hpp"

#include "shard/shard.hpp"

namespace iggy::server {

storage::progress append_request::start() {
    owner().note_send(messages.size());
    storage::engine_log* const log = owner().engine().find(log_);
    if (log == nullptr) {
        outcome = storage::error{storage::errc::not_found};
        return storage::progress::finished;
    }
    return log->append(*this);
}

}  // namespace iggy::server
