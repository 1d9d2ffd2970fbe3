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
    void take_some(std::vector<file_call*>& calls, std::vector<file_call*>& later);
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
    std::vector<file_call*> performed_;
};

/// Leaves some of `calls`, in any order, and puts the others off.
void step_queue::take_some(std::vector<file_call*>& calls, std::vector<file_call*>& later) {
    if (!shuffles_ || calls.empty()) {
        return;
    }
    // Written out, as std::shuffle differs between standard libraries.
    for (std::size_t left = calls.size(); left > 1; --left) {
        std::swap(calls[left - 1], calls[random_() % left]);
    }
    const std::size_t taken = 1 + random_() % calls.size();
    later.assign(calls.begin() + static_cast<std::ptrdiff_t>(taken), calls.end());
    calls.resize(taken);
}

std::size_t step_queue::reap() {
    wake_.drain();
    std::vector<file_call*> turn = std::exchange(submitted_, {});
    take_some(turn, submitted_);
    for (file_call* const call : turn) {
        call->perform();
    }
    // Others may go on between a call and the news of it.
    performed_.insert(performed_.end(), turn.begin(), turn.end());
    turn = std::exchange(performed_, {});
    take_some(turn, performed_);
    for (file_call* const call : turn) {
        calls_.finish(*call);
    }
    if (!submitted_.empty() || !performed_.empty()) {
        wake_.notify();
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
