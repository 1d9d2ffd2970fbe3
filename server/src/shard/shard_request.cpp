#include "shard/shard_request.hpp"

namespace iggy::server {

storage::progress shard_request::begin(shard& home, shard& owner) {
    home_ = &home;
    owner_ = &owner;
    going_home_ = false;
    if (home_ != owner_) {
        owner_->mail().post(*this);
        return storage::progress::pending;
    }
    const storage::progress state = start();
    if (state == storage::progress::pending) {
        owner_->disk().submit_soon();
    }
    return state;
}

void shard_request::deliver() noexcept {
    if (going_home_) {
        sleeper_.wake();
        return;
    }
    if (start() == storage::progress::finished) {
        finish();
    } else {
        owner_->disk().submit_soon();
    }
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
