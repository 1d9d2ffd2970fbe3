#include "file_call.hpp"

#include <new>
#include <utility>

#include "helper_lane.hpp"

namespace iggy::storage {

namespace {

std::size_t bytes_of(std::span<const byte_view> parts) noexcept {
    std::size_t bytes = 0;
    for (const byte_view part : parts) {
        bytes += part.size();
    }
    return bytes;
}

/// An outcome that moved `bytes`, or the error.
result<std::size_t> with_bytes(const result<done_t>& outcome, std::size_t bytes) {
    if (!outcome) {
        return outcome.error();
    }
    return bytes;
}

}  // namespace

void file_call::write(file& target, std::uint64_t position,
                      std::span<const byte_view> parts) noexcept {
    kind_ = kind::write;
    file_ = &target;
    position_ = position;
    parts_ = parts;
}

void file_call::read(file& source, std::uint64_t position, byte_span into) noexcept {
    kind_ = kind::read;
    file_ = &source;
    position_ = position;
    into_ = into;
}

void file_call::run(std::function<result<done_t>()> work) noexcept {
    kind_ = kind::run;
    work_ = std::move(work);
}

void file_call::perform() noexcept {
    try {
        outcome_ = outcome_of_call();
    } catch (const std::bad_alloc&) {
        outcome_ = error{errc::memory_limit};
    } catch (...) {
        // Nobody is above a helper thread to hear of it but the request.
        outcome_ = error{errc::unknown};
    }
    work_ = nullptr;  // frees what it captured, here where that may take long
}

void file_call::execute() noexcept {
    perform();
    finished_->push(*this);
}

result<std::size_t> file_call::outcome_of_call() {
    switch (kind_) {
        case kind::write:
            return with_bytes(file_->write_at(position_, parts_), bytes_of(parts_));
        case kind::read:
            return file_->read_at(position_, into_);
        case kind::run:
            return with_bytes(work_(), 0);
    }
    return error{errc::unknown};
}

file_call& file_calls::start(io_request& request, finished_calls* finished) {
    if (unused_.empty()) {
        // Room for all of them, so that finish() never allocates.
        unused_.reserve(all_.size() + 1);
        all_.push_back(std::make_unique<file_call>());
        unused_.push_back(all_.back().get());
    }
    file_call& call = *unused_.back();
    unused_.pop_back();
    call.request_ = &request;
    call.finished_ = finished;
    return call;
}

void file_calls::finish(file_call& call) {
    io_request& request = *call.request_;
    const result<std::size_t> outcome = call.outcome_;
    unused_.push_back(&call);
    request.on_done(outcome);
}

}  // namespace iggy::storage
