#include "shard/shard_request.hpp"

namespace iggy::server {

storage::progress shard_request::begin(shard& home, shard& owner, shard_map& shards) {
    shards_ = &shards;
    home_ = &home;
    owner_ = &owner;
    going_home_ = false;
    if (home_ != owner_) {
        owner_->mail().post(*this);
        return storage::progress::pending;
    }
    return try_start().value_or(storage::progress::pending);
}

void shard_request::deliver() noexcept {
    if (going_home_) {
        sleeper_.wake();
    } else if (try_start() == storage::progress::finished) {
        finish();
    }
}

/// Nothing when the log has moved meanwhile, or is still on its way here: the request is posted to
/// where it went, or once more to this shard.
std::optional<storage::progress> shard_request::try_start() {
    storage::engine_log* const log = owner_->engine().find(log_);
    if (log == nullptr) {
        shard& now = shards_->owner_of(log_);
        if (&now != owner_ || shards_->is_on_its_way(log_)) {
            owner_ = &now;
            owner_->mail().post(*this);
            return std::nullopt;
        }
    }
    const storage::progress state = start(log);
    if (state == storage::progress::pending) {
        owner_->disk().submit_soon();
    }
    return state;
}

void shard_request::finish() noexcept {
    if (home_ == owner_) {
        sleeper_.wake();
    } else {
        going_home_ = true;
        home_->mail().post(*this);
    }
}

}  // namespace iggy::server
