#include "file_cache.hpp"

#include <iterator>

namespace iggy::storage {

result<file*> cached_file::get(open_mode mode) {
    if (file_) {
        cache_->open_.splice(cache_->open_.begin(), cache_->open_, place_);
        return file_.get();
    }
    cache_->make_room();
    auto opened = cache_->disk_.open(path_, mode);
    if (!opened) {
        return opened.error();
    }
    file_ = std::move(*opened);
    cache_->add(*this);
    return file_.get();
}

void cached_file::close() {
    if (file_) {
        if (cache_ != nullptr) {
            cache_->open_.erase(place_);
        }
        file_.reset();
    }
}

void cached_file::leave_cache() {
    if (file_) {
        cache_->open_.erase(place_);
    }
    cache_ = nullptr;
}

void cached_file::enter_cache(file_cache& other) {
    cache_ = &other;
    if (file_) {
        other.make_room();
        other.add(*this);
    }
}

void file_cache::add(cached_file& opened) {
    open_.push_front(&opened);
    opened.place_ = open_.begin();
}

void file_cache::make_room() {
    auto candidate = open_.end();
    while (open_.size() >= open_max_ && candidate != open_.begin()) {
        --candidate;
        if ((*candidate)->pins_ == 0) {
            cached_file* idle = *candidate;
            candidate = std::next(candidate);
            idle->close();
        }
    }
}

}  // namespace iggy::storage
