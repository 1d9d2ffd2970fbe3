#include <iggy/storage/engine.hpp>

#include <random>
#include <utility>

#include <poll.h>

#include "log_state.hpp"

namespace iggy::storage {

namespace {

constexpr std::uint64_t kept_buffer_bytes_max = std::uint64_t{16} << 20;

/// Work on a helper thread with a continuation. Deletes itself.
class job_request : public io_request {
public:
    explicit job_request(std::function<void(result<done_t>)> then) : then_{std::move(then)} {}
    void on_done(result<std::size_t> moved) override {
        const auto then = std::move(then_);
        delete this;
        then(moved ? result<done_t>{done} : moved.error());
    }

private:
    std::function<void(result<done_t>)> then_;
};

}  // namespace

id_generator::id_generator() {
    std::random_device seed;
    for (std::uint64_t& word : state_) {
        word = (std::uint64_t{seed()} << 32) | seed();
    }
}

engine::state::state(std::shared_ptr<data_directory> owner, std::unique_ptr<io_queue> io)
    : directory{std::move(owner)},
      shared{*directory->state_},
      queue{std::move(io)},
      buffers{*shared.memory, std::min(kept_buffer_bytes_max, shared.options.memory_bytes / 16)},
      files{*shared.files, shared.options.open_files_max},
      drawing_files{*shared.drawing_files, shared.options.open_files_max},
      journal{*this} {}

timestamp engine::state::now() const {
    if (shared.options.clock) {
        return shared.options.clock();
    }
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

void engine::state::run(std::function<result<done_t>()> work,
                        std::function<void(result<done_t>)> then) {
    queue->run(std::move(work), *new job_request{std::move(then)});
    wake();
}

void engine::state::wake() noexcept {
    if (!submitting) {
        queue->wake();
    }
}

void engine::state::call_finished() {
    do {
        while (!finished.empty()) {
            finished.pop().on_finished();
        }
        std::erase_if(ending, [](engine_log::state* log) { return log->ends_when_quiet(); });
    } while (!finished.empty());
    forgotten.clear();
}

void engine::state::forget(log_uid uid) {
    if (const auto found = logs.find(uid); found != logs.end()) {
        forgotten.push_back(std::move(found->second));
        logs.erase(found);
    }
}

engine::engine(std::unique_ptr<state> inside) : state_{std::move(inside)} {}

engine::~engine() {
    // All logs are closed: at most the journal is being tidied up.
    while (state_->queue->in_flight() > 0) {
        state_->queue->submit();
        pollfd ready{state_->queue->event_descriptor(), POLLIN, 0};
        ::poll(&ready, 1, -1);
        state_->queue->reap();
    }
}

result<std::unique_ptr<engine>> engine::create(std::shared_ptr<data_directory> directory) {
    auto queue = directory->state_->make_queue();
    if (!queue) {
        return queue.error();
    }
    auto inside = std::make_unique<state>(std::move(directory), std::move(*queue));
    return std::unique_ptr<engine>{new engine{std::move(inside)}};
}

result<engine_log*> engine::open_log(log_uid uid, log_options options) {
    if (engine_log* open = find(uid)) {
        return open;
    }
    const auto entry = state_->shared.logs->find(uid);
    if (!entry) {
        error failure{errc::not_found};
        failure.log = uid;
        return failure;
    }
    auto inside = std::make_unique<engine_log::state>(*state_, *entry, options);
    // It may go on at another level, and no sync that its recovery does may fail unheard.
    if (const auto settled = state_->shared.journal->settle(uid); !settled) {
        return settled.error();
    }
    if (const auto noted = state_->shared.session->opened(uid, inside->level); !noted) {
        return noted.error();
    }
    if (const auto recovered = inside->recover(*entry); !recovered) {
        error failure = recovered.error();
        failure.log = uid;
        return failure;
    }
    inside->checkpoint_when_due();
    auto log = std::unique_ptr<engine_log>{new engine_log{std::move(inside)}};
    engine_log* const opened = log.get();
    state_->logs[uid] = std::move(log);
    return opened;
}

engine_log* engine::find(log_uid uid) noexcept {
    const auto found = state_->logs.find(uid);
    return found == state_->logs.end() ? nullptr : found->second.get();
}

std::unique_ptr<engine_log> engine::detach_log(log_uid uid) {
    const auto found = state_->logs.find(uid);
    // Whoever is still to hear how an operation ended may look for the log then.
    if (found == state_->logs.end() || !state_->finished.empty() ||
        !found->second->state_->may_move()) {
        return nullptr;
    }
    found->second->state_->leave_engine();
    return std::move(state_->logs.extract(found).mapped());
}

engine_log& engine::attach_log(std::unique_ptr<engine_log> log) {
    log->state_->enter_engine(*state_);
    return *(state_->logs[log->uid()] = std::move(log));
}

progress engine::close_log(log_uid uid, operation& op) {
    engine_log* const log = find(uid);
    if (log == nullptr) {
        op.outcome = errc::not_found;
        return progress::finished;
    }
    log->state_->close([this, log, uid, &op](result<done_t> outcome) {
        log->state_->forget_segments();
        if (outcome) {
            state_->shared.session->settled(uid);
        }
        state_->finish(op, outcome);
        state_->forget(uid);
    });
    return progress::pending;
}

progress engine::drop_log(log_uid uid, operation& op) {
    engine_log* const log = find(uid);
    if (log == nullptr) {
        op.outcome = done;
        return progress::finished;
    }
    log->state_->drop([this, log, uid, &op] {
        log->state_->forget_segments();
        state_->finish(op, done);
        state_->forget(uid);
    });
    return progress::pending;
}

void engine::run(std::function<result<done_t>()> work, operation& op) {
    state_->run(std::move(work),
                [this, &op](result<done_t> outcome) { state_->finish(op, outcome); });
}

int engine::event_descriptor() const noexcept { return state_->queue->event_descriptor(); }

void engine::run_ready() {
    state_->submitting = true;
    state_->queue->reap();
    state_->journal.collect();
    submit();
}

void engine::submit() {
    state_->submitting = true;
    state_->call_finished();
    state_->journal.submit();
    state_->queue->submit();
    state_->submitting = false;
}

void engine::tick() {
    state& inside = *state_;
    ++inside.ticks;
    const bool short_of_memory =
        inside.shared.memory->used() > inside.shared.memory->limit() / 4 * 3;
    const bool too_much_unsynced = inside.shared.unsynced_bytes.load(std::memory_order_relaxed) >
                                   inside.shared.options.unsynced_total_bytes;
    const room_ahead& ahead = inside.shared.ahead;
    const bool too_much_ahead =
        !ahead.is_none() && ahead.exceeds(inside.shared.files->free_bytes());
    for (auto& [uid, log] : inside.logs) {
        engine_log::state& at = *log->state_;
        if (too_much_ahead) {
            at.give_back_next_segment();
        }
        at.note_used_room();
        if (std::exchange(at.next_segment_refused, false)) {
            at.next_segment_asked = false;
        }
        at.forget_cold_indexes(inside.ticks, short_of_memory);
        if (too_much_unsynced && at.unsynced_bytes() > 0) {
            at.request_checkpoint();
        }
    }
    if (!inside.shared.reserve->is_whole() && !inside.refilling) {
        inside.refilling = true;
        inside.run(
            [reserve = inside.shared.reserve.get()]() -> result<done_t> {
                reserve->refill();
                return done;
            },
            [&inside](result<done_t>) { inside.refilling = false; });
    }
    submit();
}

std::size_t engine::in_flight() const noexcept { return state_->queue->in_flight(); }
buffer_pool& engine::buffers() noexcept { return state_->buffers; }
data_directory& engine::directory() noexcept { return *state_->directory; }

}  // namespace iggy::storage
