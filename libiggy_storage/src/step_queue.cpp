#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <iggy/base/assert.hpp>
#include "event_fd.hpp"
#include "file_call.hpp"
#include "io_queues.hpp"

namespace iggy::storage {

namespace {

/// Performs what was submitted inside `reap`, on the caller's thread: the same seed gives the same
/// run.
class step_queue final : public io_queue {
public:
    step_queue(std::uint64_t seed, event_fd wake)
        : shuffles_{seed != 0}, random_{seed}, wake_{std::move(wake)} {}
    ~step_queue() override { IGGY_ASSERT(in_flight() == 0, "a queue outlives its requests"); }

    void write(file& target, std::uint64_t position, std::span<const byte_view> parts,
               io_request& request) override {
        start(request).write(target, position, parts);
    }
    void read(file& source, std::uint64_t position, byte_span into, io_request& request) override {
        start(request).read(source, position, into);
    }
    void sync(file& target, io_request& request) override { start(request).sync(target); }
    void run(std::function<result<done_t>()> work, io_request& request) override {
        start(request).run(std::move(work));
    }

    void submit() override {
        submitted_.insert(submitted_.end(), started_.begin(), started_.end());
        started_.clear();
        if (!submitted_.empty()) {
            wake_.notify();
        }
    }
    std::size_t reap() override;
    int event_descriptor() const noexcept override { return wake_.get(); }
    void wake() noexcept override { wake_.notify(); }
    std::size_t in_flight() const noexcept override { return calls_.in_flight(); }
    const char* engine_name() const noexcept override { return "portable"; }

private:
    file_call& start(io_request& request) {
        file_call& call = calls_.start(request);
        started_.push_back(&call);
        return call;
    }

    bool shuffles_;
    std::mt19937_64 random_;
    event_fd wake_;
    file_calls calls_;
    std::vector<file_call*> started_;
    std::vector<file_call*> submitted_;
};

std::size_t step_queue::reap() {
    wake_.drain();
    std::vector<file_call*> turn = std::exchange(submitted_, {});
    if (shuffles_ && !turn.empty()) {
        // Written out, as std::shuffle differs between standard libraries.
        for (std::size_t left = turn.size(); left > 1; --left) {
            std::swap(turn[left - 1], turn[random_() % left]);
        }
        const std::size_t performed = 1 + random_() % turn.size();
        submitted_.assign(turn.begin() + static_cast<std::ptrdiff_t>(performed), turn.end());
        turn.resize(performed);
        if (!submitted_.empty()) {
            wake_.notify();
        }
    }
    for (file_call* const call : turn) {
        call->perform();
    }
    for (file_call* const call : turn) {
        calls_.finish(*call);
    }
    return turn.size();
}

}  // namespace

result<std::unique_ptr<io_queue>> make_step_queue(std::uint64_t seed) {
    auto wake = event_fd::create();
    if (!wake) {
        return wake.error();
    }
    return std::make_unique<step_queue>(seed, std::move(*wake));
}

}  // namespace iggy::storage
