#include "partition/append_request.hpp"

namespace iggy::server {

storage::progress append_request::start() {
    storage::engine_log* const log = owner().engine().find(log_);
    if (log == nullptr) {
        outcome = storage::error{storage::errc::not_found};
        return storage::progress::finished;
    }
    return log->append(*this);
}

}  // namespace iggy::server
