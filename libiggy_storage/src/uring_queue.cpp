#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <liburing.h>

#include <iggy/base/assert.hpp>
#include "event_fd.hpp"
#include "helper_lane.hpp"
#include "io_queues.hpp"
#include "posix_file.hpp"
#include "write_parts.hpp"

// The kernel hands a request from the submitting to the reaping thread where TSan cannot see it.
#if defined(__SANITIZE_THREAD__)
#define IGGY_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IGGY_TSAN 1
#endif
#endif
#ifdef IGGY_TSAN
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace iggy::storage {

namespace {

void annotate_submitted([[maybe_unused]] void* request) noexcept {
#ifdef IGGY_TSAN
    __tsan_release(request);
#endif
}
void annotate_reaped([[maybe_unused]] void* request) noexcept {
#ifdef IGGY_TSAN
    __tsan_acquire(request);
#endif
}

constexpr unsigned ring_entries = 256;
/// Kernel threads that may block for one ring.
constexpr unsigned kernel_workers_max = 4;
/// What one submission moves at most; the rest follows when it is done.
constexpr std::size_t transfer_bytes_max = std::size_t{1} << 30;
/// How often the kernel may ask to try again before that counts as a failure.
constexpr int retries_max = 1000;

/// One request in the kernel's hands. Recycled, so that a warm queue allocates nothing.
struct ring_request {
    enum class kind : std::uint8_t { write, read };

    kind what = kind::write;
    int fd = -1;
    std::uint64_t position = 0;  // where the next submission starts
    write_parts rest;
    byte_span into;
    std::size_t moved = 0;
    int retries = 0;
    std::vector<iovec> vectors;  // what the kernel reads a write's parts from
    result<std::size_t> outcome;
    io_request* request = nullptr;
    ring_request* next = nullptr;
};

/// Requests in the order they came, chained through themselves.
class request_list {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    ring_request* front() const noexcept { return first_; }
    void push_back(ring_request& added) noexcept {
        added.next = nullptr;
        (first_ == nullptr ? first_ : last_->next) = &added;
        last_ = &added;
    }
    ring_request* pop_front() noexcept {
        ring_request* const front = first_;
        if (front != nullptr) {
            first_ = front->next;
        }
        return front;
    }

private:
    ring_request* first_ = nullptr;
    ring_request* last_ = nullptr;  // meaningless while empty
};

void prepare(io_uring_sqe& sqe, ring_request& request) {
    switch (request.what) {
        case ring_request::kind::write: {
            const std::size_t count = request.rest.next(request.vectors);
            ::io_uring_prep_writev(&sqe, request.fd, request.vectors.data(),
                                   static_cast<unsigned>(count), request.position);
            break;
        }
        case ring_request::kind::read: {
            const byte_span rest = request.into.subspan(request.moved);
            const auto bytes = static_cast<unsigned>(std::min(rest.size(), transfer_bytes_max));
            ::io_uring_prep_read(&sqe, request.fd, rest.data(), bytes, request.position);
            break;
        }
    }
    ::io_uring_sqe_set_data(&sqe, &request);
}

/// Takes note of what the kernel answered. True when the request has ended, false when it has to be
/// submitted once more.
bool take_answer(ring_request& request, int answer) {
    if (answer == -EINTR || answer == -EAGAIN) {
        if (++request.retries <= retries_max) {
            return false;
        }
    }
    if (answer < 0) {
        const bool is_write = request.what == ring_request::kind::write;
        request.outcome = is_write ? error_from_errno(-answer, request.position)
                                   : error{errc::io, -answer, request.position};
        return true;
    }
    const auto bytes = static_cast<std::size_t>(answer);
    request.position += bytes;
    request.moved += bytes;
    request.outcome = request.moved;
    switch (request.what) {
        case ring_request::kind::read:
            return bytes == 0 || request.moved == request.into.size();
        case ring_request::kind::write:
            if (bytes == 0) {
                request.outcome = error{errc::no_progress, 0, request.position};
                return true;
            }
            request.rest.advance(bytes);
            return request.rest.empty();
    }
    return true;
}

/// One io_uring whose completions are announced by an eventfd, which helper threads share.
class uring_queue final : public io_queue {
public:
    uring_queue(worker_pool& pool, event_fd wake) noexcept
        : wake_{std::move(wake)}, lane_{pool, wake_} {}
    ~uring_queue() override {
        // The kernel would go on reading and writing buffers that are gone.
        IGGY_ASSERT(in_flight() == 0, "a queue outlives its requests");
        if (has_ring_) {
            ::io_uring_queue_exit(&ring_);
        }
    }

    /// Errors: io, with what the kernel said.
    result<done_t> start_ring();

    void write(file& target, std::uint64_t position, std::span<const byte_view> parts,
               io_request& request) override;
    void read(file& source, std::uint64_t position, byte_span into, io_request& request) override;
    void run(std::function<result<done_t>()> work, io_request& request) override {
        lane_.run(std::move(work), request);
    }

    void submit() override;
    std::size_t reap() override;
    int event_descriptor() const noexcept override { return wake_.get(); }
    void wake() noexcept override { wake_.notify(); }
    std::size_t in_flight() const noexcept override {
        return all_.size() - unused_.size() + lane_.in_flight();
    }
    const char* engine_name() const noexcept override { return "io_uring"; }

private:
    ring_request& start(ring_request::kind what, int fd, std::uint64_t position,
                        io_request& request);
    bool enter_kernel();
    std::size_t end(request_list& ended);

    event_fd wake_;
    helper_lane lane_;
    io_uring ring_{};
    bool has_ring_ = false;
    std::vector<std::unique_ptr<ring_request>> all_;
    std::vector<ring_request*> unused_;
    request_list started_;
    std::size_t in_kernel_ = 0;  // at most the completion queue's size, so that it never overflows
};

result<done_t> uring_queue::start_ring() {
    // Completions of cooperative rings wait for our next system call instead of interrupting us;
    // kernels before 5.19 do not know them. (DEFER_TASKRUN would need a call to reap.)
    constexpr std::array<unsigned, 2> flags{IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
                                            0};
    int outcome = -EINVAL;
    for (std::size_t at = 0; at < flags.size() && outcome == -EINVAL; ++at) {
        io_uring ring{};
        outcome = ::io_uring_queue_init(ring_entries, &ring, flags[at] | IORING_SETUP_CLAMP);
        if (outcome == 0) {
            ring_ = ring;
            has_ring_ = true;
        }
    }
    if (outcome < 0) {
        return error{errc::io, -outcome};
    }
    outcome = ::io_uring_register_eventfd(&ring_, wake_.get());
    if (outcome < 0) {
        return error{errc::io, -outcome};
    }
    // A bound on kernel threads is welcome, not needed: kernels before 5.15 have none.
    std::array<unsigned, 2> workers{kernel_workers_max, kernel_workers_max};
    static_cast<void>(::io_uring_register_iowq_max_workers(&ring_, workers.data()));
    return done;
}

ring_request& uring_queue::start(ring_request::kind what, int fd, std::uint64_t position,
                                 io_request& request) {
    if (unused_.empty()) {
        unused_.reserve(all_.size() + 1);  // so that ending never allocates
        all_.push_back(std::make_unique<ring_request>());
        unused_.push_back(all_.back().get());
    }
    ring_request& started = *unused_.back();
    unused_.pop_back();
    started.what = what;
    started.fd = fd;
    started.position = position;
    started.moved = 0;
    started.retries = 0;
    started.outcome = std::size_t{0};
    started.request = &request;
    started_.push_back(started);
    return started;
}

void uring_queue::write(file& target, std::uint64_t position, std::span<const byte_view> parts,
                        io_request& request) {
    const write_parts rest{parts};
    if (target.descriptor() < 0 || rest.empty()) {
        lane_.write(target, position, parts, request);
        return;
    }
    ring_request& started =
        start(ring_request::kind::write, target.descriptor(), position, request);
    started.rest = rest;
    started.vectors.resize(std::min(parts.size(), write_parts::vectors_max));
}

void uring_queue::read(file& source, std::uint64_t position, byte_span into, io_request& request) {
    if (source.descriptor() < 0 || into.empty()) {
        lane_.read(source, position, into, request);
        return;
    }
    start(ring_request::kind::read, source.descriptor(), position, request).into = into;
}

/// False when the kernel takes nothing at the moment.
bool uring_queue::enter_kernel() {
    int outcome = 0;
    do {
        outcome = ::io_uring_submit(&ring_);
    } while (outcome == -EINTR);
    return outcome > 0;
}

void uring_queue::submit() {
    lane_.submit();
    bool accepted = true;
    while (accepted && !started_.empty() && in_kernel_ < *ring_.cq.kring_entries) {
        io_uring_sqe* const sqe = ::io_uring_get_sqe(&ring_);
        if (sqe == nullptr) {
            accepted = enter_kernel();
            continue;
        }
        ring_request& next = *started_.pop_front();
        prepare(*sqe, next);
        annotate_submitted(&next);
        ++in_kernel_;
    }
    if (::io_uring_sq_ready(&ring_) != 0 && accepted) {
        accepted = enter_kernel();
    }
    if (!accepted) {
        wake_.notify();  // short of memory: the owner's next turn tries again
    }
}

std::size_t uring_queue::reap() {
    wake_.drain();  // before looking, so that what ends from here on wakes us again
    request_list ended;
    io_uring_cqe* cqe = nullptr;
    while (::io_uring_peek_cqe(&ring_, &cqe) == 0 && cqe != nullptr) {
        auto& request = *static_cast<ring_request*>(::io_uring_cqe_get_data(cqe));
        const int answer = cqe->res;
        ::io_uring_cqe_seen(&ring_, cqe);
        annotate_reaped(&request);
        --in_kernel_;
        (take_answer(request, answer) ? ended : started_).push_back(request);
    }
    if (!started_.empty() || ::io_uring_sq_ready(&ring_) != 0) {
        submit();
    }
    return end(ended) + lane_.reap();
}

/// Last of a turn, as those who are called may start or submit more.
std::size_t uring_queue::end(request_list& ended) {
    std::size_t count = 0;
    while (ring_request* const request = ended.pop_front()) {
        io_request& owner = *request->request;
        const result<std::size_t> outcome = request->outcome;
        unused_.push_back(request);
        owner.on_done(outcome);
        ++count;
    }
    return count;
}

}  // namespace

result<std::unique_ptr<io_queue>> make_uring_queue(worker_pool& pool) {
    auto wake = event_fd::create();
    if (!wake) {
        return wake.error();
    }
    auto queue = std::make_unique<uring_queue>(pool, std::move(*wake));
    if (auto started = queue->start_ring(); !started) {
        return started.error();
    }
    return queue;
}

}  // namespace iggy::storage
