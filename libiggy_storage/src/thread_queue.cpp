#include <memory>
#include <utility>

#include <iggy/base/assert.hpp>
#include "event_fd.hpp"
#include "helper_lane.hpp"
#include "io_queues.hpp"

namespace iggy::storage {

namespace {

/// The portable queue: one helper lane and its wake-up.
class thread_queue final : public io_queue {
public:
    thread_queue(worker_pool& pool, event_fd wake) noexcept
        : wake_{std::move(wake)}, lane_{pool, wake_} {}
    ~thread_queue() override {
        IGGY_ASSERT(lane_.in_flight() == 0, "a queue outlives its requests");
    }

    void write(file& target, std::uint64_t position, std::span<const byte_view> parts,
               io_request& request) override {
        lane_.write(target, position, parts, request);
    }
    void read(file& source, std::uint64_t position, byte_span into, io_request& request) override {
        lane_.read(source, position, into, request);
    }
    void run(std::function<result<done_t>()> work, io_request& request) override {
        lane_.run(std::move(work), request);
    }

    void submit() override { lane_.submit(); }
    std::size_t reap() override {
        wake_.drain();
        return lane_.reap();
    }
    int event_descriptor() const noexcept override { return wake_.get(); }
    void wake() noexcept override { wake_.notify(); }
    std::size_t in_flight() const noexcept override { return lane_.in_flight(); }
    const char* engine_name() const noexcept override { return "portable"; }

private:
    event_fd wake_;
    helper_lane lane_;
};

}  // namespace

result<std::unique_ptr<io_queue>> make_thread_queue(worker_pool& pool) {
    auto wake = event_fd::create();
    if (!wake) {
        return wake.error();
    }
    return std::make_unique<thread_queue>(pool, std::move(*wake));
}

}  // namespace iggy::storage
