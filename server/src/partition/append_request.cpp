#include "partition/append_request.hpp"

#include "shard/shard.hpp"

namespace iggy::server {

storage::progress append_request::start(storage::engine_log* log) {
    owner().note_send(messages.size());
    if (log == nullptr) {
        outcome = storage::error{storage::errc::not_found};
        return storage::progress::finished;
    }
    return log->append(*this);
}

}  // namespace iggy::server
