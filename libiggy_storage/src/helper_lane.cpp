#include "helper_lane.hpp"

#include <utility>

namespace iggy::storage {

void helper_lane::write(file& target, std::uint64_t position, std::span<const byte_view> parts,
                        io_request& request) {
    file_call& call = start(request);
    call.write(target, position, parts);
    queue(call);
}

void helper_lane::read(file& source, std::uint64_t position, byte_span into, io_request& request) {
    file_call& call = start(request);
    call.read(source, position, into);
    queue(call);
}

void helper_lane::run(std::function<result<done_t>()> work, io_request& request) {
    file_call& call = start(request);
    call.run(std::move(work));
    queue(call);
}

void helper_lane::queue(file_call& call) noexcept {
    started_.push_back(call);
    ++started_count_;
}

void helper_lane::submit() {
    if (started_count_ != 0) {
        pool_.submit(started_, std::exchange(started_count_, 0));
    }
}

std::size_t helper_lane::reap() {
    job_list finished = finished_.take_all();
    std::size_t count = 0;
    while (job* const call = finished.pop_front()) {
        calls_.finish(static_cast<file_call&>(*call));
        ++count;
    }
    return count;
}

}  // namespace iggy::storage
