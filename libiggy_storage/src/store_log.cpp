// The handle of a log: every call is run on the log's thread and awaited here.

#include <algorithm>

#include "store_core.hpp"

namespace iggy::storage {

namespace {

// Waiting for longer is waiting for ever.
constexpr std::chrono::nanoseconds timeout_max = std::chrono::hours{24 * 365};

/// `start(log, op)` with the log that the engine has open under `uid`.
template <class Start>
auto with_log(log_uid uid, Start start) {
    return [uid, start](engine& on, auto& op) {
        engine_log* const open = on.find(uid);
        if (open == nullptr) {
            op.outcome = errc::closed;
            return progress::finished;
        }
        return start(*open, op);
    };
}

/// Runs `start(log, op)` on the log's thread, waits, and returns `finish(op)`.
template <class Operation, class Start, class Finish>
auto call(const log_core& core, Start start, Finish finish)
    -> store_result<std::invoke_result_t<Finish, Operation&>> {
    core.owner->assert_may_wait();
    const call_pass pass{core.owner->gate};
    if (!pass) {
        return core.located(errc::closed);
    }
    auto begin = with_log(core.uid, start);
    store_call<Operation, decltype(begin)> under_way{begin};
    if (const auto outcome = under_way.run_on(core.owner->thread_of(core.uid)); !outcome) {
        return core.located(outcome.error());
    }
    return finish(static_cast<Operation&>(under_way));
}

template <class Start>
store_result<done_t> call(const log_core& core, Start start) {
    return call<operation>(core, start, [](operation&) { return done; });
}

store_result<message_batch> read(const log_core& core, read_start start, std::uint64_t value,
                                 read_limits limits) {
    const auto begin = [=](engine_log& on, read_operation& op) {
        op.start = start;
        op.value = value;
        op.count = limits.count;
        op.bytes_max = limits.bytes_max;
        return on.read(op);
    };
    // Copied on the caller's thread, so that a batch may outlive the store and does not count
    // against its memory.
    const auto finish = [=](read_operation& op) {
        const message_offset asked{start == read_start::offset ? value : 0};
        const message_offset next =
            op.messages_count > 0 ? op.last.next() : std::max(asked, op.committed_next);
        message_batch batch{op.messages, op.messages_count, next};
        op.storage = {};
        return batch;
    };
    return call<read_operation>(core, begin, finish);
}

/// Owns itself from the hand-over to the callback.
class asynchronous_append final : public store_task, public append_operation {
public:
    asynchronous_append(std::shared_ptr<log_core> core, message_batch_builder batch,
                        commit_callback on_commit)
        : core_{std::move(core)}, batch_{std::move(batch)}, on_commit_{std::move(on_commit)} {}

    void run(engine& on) noexcept override {
        const auto begin = with_log(
            core_->uid, [](engine_log& to, append_operation& op) { return to.append(op); });
        messages = batch_.bytes().value();
        if (begin(on, static_cast<append_operation&>(*this)) == progress::finished) {
            on_finished();
        }
    }

    void on_finished() noexcept override {
        if (on_commit_) {
            on_commit_(outcome ? store_result<appended_range>{appended_range{first, count}}
                               : core_->located(outcome.error()));
        }
        // The store may be gone once the gate is left, so everything else goes first.
        store_core& owner = *core_->owner;
        owner.directory->memory().give_back(batch_.size_bytes());
        delete this;
        owner.gate.leave();
    }

private:
    std::shared_ptr<log_core> core_;
    message_batch_builder batch_;
    commit_callback on_commit_;
};

}  // namespace

store_result<appended_range> message_log::append(std::initializer_list<std::string_view> payloads) {
    message_batch_builder batch;
    for (const std::string_view payload : payloads) {
        batch.add(payload);
    }
    return append(std::move(batch));
}

store_result<appended_range> message_log::append(message_batch_builder batch) {
    const auto bytes = batch.bytes();
    if (!bytes) {
        return core_->located(bytes.error());
    }
    const auto start = [&bytes](engine_log& to, append_operation& op) {
        op.messages = *bytes;
        return to.append(op);
    };
    return call<append_operation>(
        *core_, start, [](append_operation& op) { return appended_range{op.first, op.count}; });
}

store_result<done_t> message_log::append_async(message_batch_builder batch,
                                               commit_callback on_commit) {
    const auto bytes = batch.bytes();
    if (!bytes) {
        return core_->located(bytes.error());
    }
    const std::size_t size = bytes->size();
    auto handed_over =
        std::make_unique<asynchronous_append>(core_, std::move(batch), std::move(on_commit));
    store_core& owner = *core_->owner;
    if (!owner.gate.enter()) {
        return core_->located(errc::closed);
    }
    if (!owner.directory->memory().try_take(size)) {
        owner.gate.leave();
        return core_->located(errc::memory_limit);
    }
    owner.thread_of(core_->uid).post(*handed_over.release());  // from here on it owns itself
    return done;
}

store_result<message_batch> message_log::read(read_request request) {
    return storage::read(*core_, read_start::offset, request.from.raw(),
                         {.count = request.count, .bytes_max = request.bytes_max});
}

store_result<message_batch> message_log::read_first(read_limits limits) {
    return storage::read(*core_, read_start::first, 0, limits);
}

store_result<message_batch> message_log::read_last(read_limits limits) {
    return storage::read(*core_, read_start::last, 0, limits);
}

store_result<message_batch> message_log::read_since(timestamp at, read_limits limits) {
    return storage::read(*core_, read_start::timestamp, to_raw(std::max(at, timestamp{})), limits);
}

store_result<done_t> message_log::wait(message_offset from, std::chrono::nanoseconds timeout) {
    store_core& owner = *core_->owner;
    owner.assert_may_wait();
    const call_pass pass{owner.gate};
    if (!pass) {
        return core_->located(errc::closed);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::min(timeout, timeout_max);
    store_thread& thread = owner.thread_of(core_->uid);
    const auto begin = with_log(
        core_->uid, [from](engine_log& on, operation& op) { return on.wait_committed(from, op); });
    store_call<operation, decltype(begin)> waiting{begin};
    thread.post(waiting);
    if (!waiting.ended.wait_until(deadline)) {
        const auto cancel = [this, &waiting](engine& on, operation& op) {
            engine_log* const open = on.find(core_->uid);
            if (open != nullptr && open->cancel_wait(waiting)) {
                waiting.ended.set();
            }
            op.outcome = done;
            return progress::finished;
        };
        store_call<operation, decltype(cancel)> cancelling{cancel};
        (void)cancelling.run_on(thread);  // what came of it, `waiting` tells
        waiting.ended.wait();
    }
    return waiting.outcome ? store_result<done_t>{done} : core_->located(waiting.outcome.error());
}

store_result<done_t> message_log::store_offset(offset_key key, message_offset at) {
    return call(*core_,
                [=](engine_log& on, operation& op) { return on.store_offset(key, at, op); });
}

store_result<std::optional<message_offset>> message_log::stored_offset(offset_key key) {
    std::optional<message_offset> found;
    const auto start = [&](engine_log& on, operation& op) {
        found = on.stored_offset(key);
        op.outcome = done;
        return progress::finished;
    };
    return call<operation>(*core_, start, [&](operation&) { return found; });
}

store_result<done_t> message_log::delete_offset(offset_key key) {
    return call(*core_, [=](engine_log& on, operation& op) { return on.delete_offset(key, op); });
}

store_result<done_t> message_log::sync() {
    return call(*core_, [](engine_log& on, operation& op) { return on.flush(true, op); });
}

store_result<done_t> message_log::purge() {
    return call(*core_, [](engine_log& on, operation& op) { return on.purge(op); });
}

store_result<done_t> message_log::truncate_before(message_offset at) {
    return call(*core_, [=](engine_log& on, operation& op) { return on.truncate_before(at, op); });
}

store_result<done_t> message_log::truncate_after(message_offset next) {
    return call(*core_, [=](engine_log& on, operation& op) { return on.truncate_after(next, op); });
}

store_result<log_status> message_log::status() {
    log_status seen;
    const auto start = [&](engine_log& on, operation& op) {
        seen = {on.start(), on.committed_next(), on.messages_count(), on.size_bytes()};
        op.outcome = done;
        return progress::finished;
    };
    return call<operation>(*core_, start, [&](operation&) { return seen; });
}

const std::string& message_log::path() const noexcept { return core_->path; }
log_uid message_log::uid() const noexcept { return core_->uid; }

}  // namespace iggy::storage
