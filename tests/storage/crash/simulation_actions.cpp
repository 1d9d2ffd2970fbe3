// What the simulation asks of the store while it runs.

#include <algorithm>

#include <fmt/format.h>

#include "simulation.hpp"
#include "test_message.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr std::size_t logs_max = 5;
constexpr int appends_max = 8;

}  // namespace

void simulation::act() {
    if (logs_.size() < 3 || (logs_.size() < logs_max && random_.chance(2))) {
        create_log();
        return;
    }
    log* const at = pick_log();
    if (at == nullptr) {
        turn();
        return;
    }
    const std::uint64_t what = random_.below(100);
    if (what < 50) {
        append(*at);
    } else if (what < 65) {
        read(*at);
    } else if (what < 67) {
        wait(*at);
    } else if (what < 68) {
        if (!waits_.empty()) {
            cancel_wait(waits_[random_.below(waits_.size())]);
        }
    } else if (what < 78) {
        store_offset(*at);
    } else if (what < 80) {
        delete_offset(*at);
    } else if (what < 85) {
        flush(*at);
    } else if (what < 88) {
        truncate_before(*at);
    } else if (what < 91) {
        delete_oldest(*at);
    } else if (what < 94) {
        truncate_after(*at);
    } else if (what < 95) {
        purge(*at);
    } else if (what < 96) {
        remove_log(*at);
    } else if (what < 97) {
        disk_.limit_bytes(std::nullopt);
    } else if (what < 98) {
        move(*at);
    } else {
        engines_[at->engine]->tick();
        collect();
    }
}

/// One that can be used, or null.
simulation::log* simulation::pick_log() {
    if (logs_.empty()) {
        return nullptr;
    }
    log& at = *logs_[random_.below(logs_.size())];
    const bool usable = at.is == presence::present && at.handle != nullptr && !at.spoiled;
    return usable ? &at : nullptr;
}

void simulation::create_log() {
    constexpr durability levels[] = {durability::synced, durability::written, durability::memory};
    std::string path;
    do {
        path = fmt::format("logs/{}", random_.below(8));
    } while (std::ranges::any_of(logs_, [&](const auto& at) { return at->path == path; }));
    ++serials_;
    logs_.push_back(std::make_unique<log>(path, serials_, levels[serials_ % 3],
                                          options_.offsets_never_given_twice));
    log* const at = logs_.back().get();
    trace(at, "create");
    at->engine = random_.below(engines_.size());
    auto uids = std::make_shared<std::vector<log_uid>>();
    auto& op = make<operation>([this, at, uids](operation& ended) {
        if (!ended.outcome) {
            expect(is_troubled(), at, "creating", ended.outcome);
            return;  // a restart tells
        }
        at->uid = uids->front();
        at->is = presence::present;
        expect(uids_.insert(at->uid.raw()).second, at, "a uid came twice", errc::already_exists);
        const auto opened =
            engines_[at->engine]->open_log(at->uid, {.durability = at->model.level()});
        expect(opened || is_troubled(), at, "opening",
               opened ? result<done_t>{done} : opened.error());
        at->handle = opened ? *opened : nullptr;
    });
    engines_[at->engine]->run(
        [directory = directory_.get(), path, uids]() -> result<done_t> {
            auto made = directory->create_logs({&path, 1});
            if (!made) {
                return made.error();
            }
            *uids = std::move(*made);
            return done;
        },
        op);
    begin(at->engine, op, progress::pending);
}

void simulation::remove_log(log& at) {
    if (at.removal) {
        return;
    }
    at.is = presence::removing;
    trace(&at, "remove");
    at.handle = nullptr;
    auto& dropped = make<operation>([this, of = &at](operation&) {
        auto& op = make<operation>([this, of](operation& ended) {
            if (!ended.outcome) {
                expect(is_troubled(), of, "removing", ended.outcome);
                return;
            }
            std::erase_if(logs_, [of](const auto& one) { return one.get() == of; });
        });
        engines_[of->engine]->run([directory = directory_.get(),
                                   uid = of->uid] { return directory->remove_logs({&uid, 1}); },
                                  op);
        begin(of->engine, op, progress::pending);
    });
    begin(at.engine, dropped, engines_[at.engine]->drop_log(at.uid, dropped));
}

void simulation::move(log& at) {
    const std::size_t to = random_.below(engines_.size());
    auto taken_out = to == at.engine ? nullptr : engines_[at.engine]->detach_log(at.uid);
    if (taken_out != nullptr) {
        trace(&at, fmt::format("move from engine {} to {}", at.engine, to));
        at.engine = to;
        at.handle = &engines_[to]->attach_log(std::move(taken_out));
    }
}

void simulation::append(log& to) {
    if (to.appends >= appends_max || to.holds) {
        return;
    }
    const auto count = static_cast<std::uint32_t>(random_.chance(50) ? 1 : random_.between(2, 12));
    // Held back behind a removal nobody could tell it from one that was removed.
    const bool stamped = to.appends == 0 && !to.removal && random_.chance(10);
    const std::uint64_t first = to.model.send(count, stamped);
    auto& op = make<append_operation>([this, of = &to, first, count](append_operation& ended) {
        --of->appends;
        if (ended.outcome) {
            trace(of, fmt::format("acknowledged {} +{} at {}", first, count, ended.first.raw()));
            const auto placed = identify(*of, ended.messages);
            expect(placed.size() == ended.count && placed.front().offset == ended.first.raw(), of,
                   "an append said that it is elsewhere", ended.outcome);
            check(*of, [&] { of->model.acknowledge(placed); });
            return;
        }
        const bool was_refused =
            ended.stamped && ended.outcome.error().code == errc::invalid_argument;
        expect(is_troubled() || was_refused || of->is == presence::removing, of, "appending",
               ended.outcome);
        trace(of, fmt::format("failed {} +{}: {}", first, count, name(ended.outcome.error().code)));
        check(*of, [&] { of->model.fail(first); });
    });
    ++to.appends;
    trace(&to, fmt::format("append {} +{}{}", first, count, stamped ? ", stamped" : ""));
    std::vector<std::byte>& bytes = asked_[&op].bytes;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint64_t size = random_.below(random_.chance(20) ? 3'000 : 300);
        if (i == 0 && random_.chance(3)) {
            // Past the border of the journal; in some runs, as they take long, of inline writes.
            size = options_.seed % 16 == 0 && !options_.cut_step ? random_.between(260'000, 290'000)
                                                                 : random_.between(66'000, 100'000);
        }
        append_message(bytes, {to.serial, first + i,
                               test_message::least_bytes + static_cast<std::uint32_t>(size)});
    }
    if (stamped) {
        stamp(to, bytes);
    }
    op.messages = bytes;
    op.stamped = stamped;
    begin(to.engine, op, to.handle->append(op));
}

/// Offsets and times as a leader may have given them: with gaps, and at times ones that the log is
/// past already, which it has to refuse.
void simulation::stamp(const log& to, byte_span messages) {
    std::uint64_t offset = to.handle->committed_next().raw() + random_.below(3);
    if (random_.chance(30)) {
        offset += std::uint64_t{1} << 20;  // past what a start without goodbye skips
    }
    now_ += 1'000;
    const std::uint64_t time = random_.chance(10) ? now_ - 1'000'000 : now_;
    while (!messages.empty()) {
        const std::size_t size = *announced_message_bytes(messages);
        stamp_message(messages.first(size), offset, time);
        offset += random_.between(1, 2);
        messages = messages.subspan(size);
    }
}

void simulation::store_offset(log& in) {
    const std::uint64_t next = in.handle->committed_next().raw();
    const std::uint64_t start = in.handle->start().raw();
    if (in.removal || next == 0 || in.stores >= 4) {
        return;
    }
    const std::uint64_t key = random_.below(stored_keys);
    const std::uint64_t at = random_.between(std::min(start, next - 1), next - 1);
    in.model.send_stored(key, at);
    trace(&in, fmt::format("store {} for {}", at, key));
    send_stored(in, key, [&](operation& op) {
        return in.handle->store_offset(offset_key{key}, message_offset{at}, op);
    });
}

void simulation::delete_offset(log& in) {
    const std::uint64_t key = random_.below(stored_keys);
    if (in.removal || in.stores > 0 || !in.handle->stored_offset(offset_key{key})) {
        return;
    }
    in.model.send_stored(key, std::nullopt);
    trace(&in, fmt::format("delete the offset of {}", key));
    send_stored(in, key,
                [&](operation& op) { return in.handle->delete_offset(offset_key{key}, op); });
}

void simulation::send_stored(log& in, std::uint64_t key,
                             const std::function<progress(operation&)>& start) {
    ++in.stores;
    auto& op = make<operation>([this, of = &in, key](operation& ended) {
        --of->stores;
        if (ended.outcome) {
            of->model.acknowledge_stored(key);
            trace(of, fmt::format("stored for {}", key));
            return;
        }
        expect(is_troubled() || of->is == presence::removing, of, "storing an offset",
               ended.outcome);
        of->spoiled = true;  // a restart tells which one counts
    });
    begin(in.engine, op, start(op));
}

void simulation::flush(log& at) {
    const bool sync = random_.chance(50);
    trace(&at, sync ? "flush and sync" : "flush");
    const std::uint64_t removals = at.removals;
    const std::uint64_t next = at.model.known_next();
    const bool undisturbed = !at.removal;
    auto& op = make<operation>([=, this, of = &at](operation& ended) {
        expect(ended.outcome || is_troubled() || of->is == presence::removing, of, "flushing",
               ended.outcome);
        if (ended.outcome && undisturbed && of->removals == removals) {
            of->model.flushed(next, sync);
        }
    });
    begin(at.engine, op, at.handle->flush(sync, op));
}

/// What every removal does when it ends.
void simulation::finish_removal(log& at, const char* what, const result<done_t>& outcome,
                                const std::function<void()>& apply) {
    at.removal = at.holds = false;
    ++at.removals;
    trace(&at, fmt::format("{}: {}", what, outcome ? "done" : name(outcome.error().code)));
    expect(outcome || is_troubled(), &at, what, outcome);
    if (outcome) {
        check(at, apply);
    } else {
        at.spoiled = true;
    }
}

void simulation::purge(log& at) {
    if (at.removal || at.stores > 0) {
        return;
    }
    at.removal = true;
    ++at.removals;
    at.holds = at.model.known_next() == 0;
    at.model.start_purge();
    trace(&at, "purge");
    auto& op = make<operation>([this, of = &at](operation& ended) {
        finish_removal(*of, "purging", ended.outcome, [&] { of->model.finish_removal(); });
    });
    begin(at.engine, op, at.handle->purge(op));
}

void simulation::truncate_after(log& at) {
    const std::uint64_t start = at.handle->start().raw();
    const std::uint64_t next = at.handle->committed_next().raw();
    if (at.removal || at.stores > 0 || start > next) {
        return;
    }
    const std::uint64_t to = random_.between(
        random_.chance(50) ? std::max(start, next - std::min<std::uint64_t>(next, 5)) : start,
        next);
    at.removal = true;
    ++at.removals;
    at.holds = at.model.known_next() <= to;
    at.model.start_truncate_after(to);
    trace(&at, fmt::format("truncate after {}", to));
    auto& op = make<operation>([this, of = &at](operation& ended) {
        finish_removal(*of, "truncating", ended.outcome, [&] { of->model.finish_removal(); });
    });
    begin(at.engine, op, at.handle->truncate_after(message_offset{to}, op));
}

void simulation::truncate_before(log& at) {
    const std::uint64_t start = at.handle->start().raw();
    const std::uint64_t next = at.handle->committed_next().raw();
    if (at.removal || start > next) {
        return;
    }
    const std::uint64_t to = random_.between(start, next);
    remove_before(
        at, to, [&](operation& op) { return at.handle->truncate_before(message_offset{to}, op); });
}

void simulation::delete_oldest(log& at) {
    if (at.removal || at.stores > 0) {
        return;
    }
    const auto barrier = at.model.lowest_stored();
    const std::uint64_t next = at.handle->committed_next().raw();
    const auto count = static_cast<std::uint32_t>(random_.between(1, 3));
    remove_before(at, barrier ? *barrier + 1 : next,
                  [&](operation& op) { return at.handle->delete_oldest_segments(count, op); });
}

void simulation::remove_before(log& at, std::uint64_t to,
                               const std::function<progress(operation&)>& start) {
    at.removal = true;
    ++at.removals;
    at.model.start_truncate_before(to);
    trace(&at, fmt::format("remove before {}", to));
    auto& op = make<operation>([this, of = &at, to](operation& ended) {
        finish_removal(*of, "removing the oldest messages", ended.outcome,
                       [&] { of->model.finish_truncate_before(to, of->handle->start().raw()); });
    });
    begin(at.engine, op, start(op));
}
