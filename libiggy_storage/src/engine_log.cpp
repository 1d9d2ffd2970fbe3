// The public face of a log; the work is in log_*.cpp.

#include <algorithm>
#include <utility>

#include "log_reader.hpp"
#include "log_state.hpp"

namespace iggy::storage {

namespace {

/// Turns a continuation into the outcome of an operation that may finish before the call returns.
class once {
public:
    once(engine::state& owner, operation& op)
        : owner_{owner}, op_{op}, shared_{std::make_shared<bool>(true)} {}

    std::function<void(result<done_t>)> continuation() {
        return [owner = &owner_, op = &op_, inside = shared_,
                here = &finished_](result<done_t> outcome) {
            if (*inside) {
                op->outcome = outcome;
                *here = true;
            } else {
                owner->finish(*op, outcome);
            }
        };
    }
    progress leave() {
        *shared_ = false;
        return finished_ ? progress::finished : progress::pending;
    }

private:
    engine::state& owner_;
    operation& op_;
    std::shared_ptr<bool> shared_;
    bool finished_ = false;
};

/// A read that waits for the disk. Deletes itself when it is done.
class pending_read : public io_request {
public:
    pending_read(engine_log::state& log, read_operation& op, log_reader reader)
        : log_{log}, op_{op}, reader_{std::move(reader)} {
        ++log_.uses_in_flight;
    }

    void start(log_reader::need wanted) {
        if (wanted == log_reader::need::index) {
            load_index();
            return;
        }
        const auto source = reader_.source();
        if (!source) {
            resume(source.error());
            return;
        }
        reading_ = reader_.at();
        reading_->messages.pin();
        log_.owner->queue->read(**source, reader_.missing_position(), reader_.missing_bytes(),
                                *this);
    }

    void on_done(result<std::size_t> moved) override {
        std::exchange(reading_, nullptr)->messages.unpin();
        if (moved) {
            reader_.fetched(*moved);
        }
        resume(moved ? result<done_t>{done} : moved.error());
    }

private:
    void load_index() {
        const auto loaded = std::make_shared<result<sparse_index>>();
        auto work = [loaded, disk = log_.shared.files.get(), path = log_.path,
                     identity = log_.identity, summary = reader_.at()->summary,
                     interval = log_.shared.options.index_interval_bytes]() -> result<done_t> {
            *loaded = load_or_rebuild_index(*disk, path, identity, summary, interval);
            return *loaded ? result<done_t>{done} : loaded->error();
        };
        log_.owner->run(std::move(work), [this, loaded](result<done_t> outcome) {
            if (outcome && !reader_.is_outdated() && !reader_.at()->index_loaded) {
                log_.adopt_index(*reader_.at(), std::move(**loaded));
            }
            resume(outcome);
        });
    }

    void resume(result<done_t> fetched) {
        auto wanted = log_reader::need::nothing;
        if (fetched || reader_.is_outdated()) {
            wanted = reader_.run();
        } else {
            const bool gone = fetched.error().code == errc::not_found;
            reader_.fail(gone ? error{errc::missing_segment} : fetched.error());
        }
        if (wanted != log_reader::need::nothing) {
            start(wanted);
            return;
        }
        log_.owner->finish(op_, op_.outcome);
        --log_.uses_in_flight;
        delete this;
    }

    engine_log::state& log_;
    read_operation& op_;
    log_reader reader_;
    std::shared_ptr<segment> reading_;
};

}  // namespace

engine_log::state::state(engine::state& of, const log_entry& entry, const log_options& options)
    : owner{&of},
      shared{of.shared},
      uid{entry.uid},
      path{entry.path},
      level{options.durability.value_or(of.shared.options.durability)},
      segment_bytes{options.segment_bytes.value_or(of.shared.options.segment_bytes)},
      draws_on_reserve{options.draws_on_reserve},
      segment_files{&of.files_of(draws_on_reserve)},
      counters{of.directory->counters(entry.uid)},
      offsets{of.files, path + '/' + std::string{offsets_file_name}},
      write_request{[this](result<std::size_t> moved) {
          items.front().target->messages.unpin();
          on_written(moved);
          start_writes();
      }} {}

engine_log::engine_log(std::unique_ptr<state> inside) : state_{std::move(inside)} {}
engine_log::~engine_log() = default;

log_uid engine_log::uid() const noexcept { return state_->uid; }
const std::string& engine_log::path() const noexcept { return state_->path; }

progress engine_log::append(append_operation& op) { return state_->append(op); }

progress engine_log::read(read_operation& op) {
    if (state_->closing) {
        op.outcome = errc::closed;
        return progress::finished;
    }
    log_reader reader{*state_, op};
    const auto wanted = reader.run();
    if (wanted == log_reader::need::nothing) {
        return progress::finished;
    }
    auto* waiting = new pending_read{*state_, op, std::move(reader)};
    waiting->start(wanted);
    return progress::pending;
}

progress engine_log::wait_committed(message_offset from, operation& op) {
    if (state_->closing) {
        op.outcome = errc::closed;
        return progress::finished;
    }
    if (state_->committed_next > from) {
        op.outcome = done;
        return progress::finished;
    }
    state_->commit_waiters.emplace_back(from, &op);
    return progress::pending;
}

bool engine_log::cancel_wait(operation& op) {
    auto& waiters = state_->commit_waiters;
    const auto found =
        std::ranges::find(waiters, &op, [](const auto& waiter) { return waiter.second; });
    if (found == waiters.end()) {
        return false;
    }
    waiters.erase(found);
    op.outcome = errc::timeout;
    return true;
}

progress engine_log::flush(bool sync, operation& op) {
    once call{*state_->owner, op};
    auto then = call.continuation();
    state_->write_all([log = state_.get(), sync, then](result<done_t> written) {
        if (!written || !sync) {
            then(written);
        } else {
            log->sync_through(log->written_position, then);
        }
    });
    return call.leave();
}

progress engine_log::purge(operation& op) {
    once call{*state_->owner, op};
    state_->purge(call.continuation());
    return call.leave();
}

progress engine_log::truncate_before(message_offset at, operation& op) {
    once call{*state_->owner, op};
    state_->truncate_before(at, call.continuation());
    return call.leave();
}

progress engine_log::truncate_after(message_offset next, operation& op) {
    once call{*state_->owner, op};
    state_->truncate_after(next, call.continuation());
    return call.leave();
}

progress engine_log::delete_oldest_segments(std::uint32_t count, operation& op) {
    once call{*state_->owner, op};
    state_->delete_oldest_segments(count, call.continuation());
    return call.leave();
}

progress engine_log::store_offset(offset_key key, message_offset at, operation& op) {
    if (at >= state_->committed_next) {
        op.outcome = errc::invalid_argument;
        return progress::finished;
    }
    if (state_->offsets_fail(op)) {
        return progress::finished;
    }
    if (!state_->directory_ready) {
        // Only at `memory` level, before anything was written.
        op.outcome = write_identity(*state_->shared.files, state_->path, state_->identity);
        if (!op.outcome) {
            return progress::finished;
        }
        state_->directory_ready = true;
    }
    op.outcome = state_->offsets.store(key, at);
    return state_->finish_offset(op, key, at);
}

progress engine_log::delete_offset(offset_key key, operation& op) {
    if (state_->offsets_fail(op)) {
        return progress::finished;
    }
    op.outcome = state_->offsets.remove(key);
    return state_->finish_offset(op, key, std::nullopt);
}

std::optional<message_offset> engine_log::stored_offset(offset_key key) const {
    return state_->offsets.find(key);
}

message_offset engine_log::start() const noexcept {
    const auto& segments = state_->segments;
    return segments.empty() ? state_->committed_next : segments.front()->base();
}
message_offset engine_log::committed_next() const noexcept { return state_->committed_next; }
std::uint64_t engine_log::messages_count() const noexcept {
    return state_->counters->messages.load();
}
std::uint64_t engine_log::size_bytes() const noexcept { return state_->counters->bytes.load(); }

}  // namespace iggy::storage
