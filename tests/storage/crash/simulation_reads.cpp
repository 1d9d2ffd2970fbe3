// What the simulation reads, what it waits for, and what it may be shown.

#include <algorithm>
#include <iterator>

#include "simulation.hpp"
#include "test_message.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr std::size_t waits_max = 8;

}  // namespace

void simulation::read(log& from) {
    const auto& committed = from.model.committed();
    constexpr read_start starts[] = {read_start::offset, read_start::offset, read_start::first,
                                     read_start::last, read_start::timestamp};
    asked_read wanted{.start = starts[random_.below(std::size(starts))],
                      .removals = from.removals,
                      .undisturbed = !from.removal,
                      .known_next = from.model.known_next()};
    const auto count = static_cast<std::uint32_t>(random_.between(1, 40));
    wanted.known_last = committed.empty() ? 0 : committed.back().offset;
    wanted.newest_from = newest(from, count);
    wanted.value = random_.below(wanted.known_next + 2);
    if (wanted.start == read_start::timestamp) {
        // Of a message, or right beside it.
        wanted.value = committed.empty()
                           ? now_
                           : from.times.at(committed[random_.below(committed.size())].number) - 1 +
                                 random_.below(3);
    }
    auto& op = make<read_operation>([this, of = &from, wanted](read_operation& ended) {
        if (!ended.outcome) {
            expect(is_troubled() || of->is == presence::removing || !wanted.undisturbed ||
                       of->removals != wanted.removals,
                   of, "reading", ended.outcome);
            return;
        }
        const auto shown = identify(*of, ended.messages);
        if (wanted.undisturbed && of->removals == wanted.removals && !of->spoiled) {
            check_read(*of, ended, wanted, shown);
        }
    });
    op.start = wanted.start;
    op.value = wanted.value;
    op.count = count;
    op.bytes_max = random_.between(1, 100'000);
    begin(from.engine, op, from.handle->read(op));
}

/// The offset with which the newest `count` messages that are known begin.
std::uint64_t simulation::newest(const log& of, std::size_t count) const {
    const auto& committed = of.model.committed();
    return committed.empty()
               ? 0
               : committed[committed.size() - std::min(count, committed.size())].offset;
}

void simulation::check_read(log& of, const read_operation& op, const asked_read& wanted,
                            const std::vector<model_message>& shown) {
    if (!shown.empty()) {
        check(of, [&] { of.model.see(shown); });
    }
    std::uint64_t from = 0;
    if (wanted.start == read_start::offset) {
        from = wanted.value;
    } else if (wanted.start == read_start::timestamp) {
        const auto& committed = of.model.committed();
        const auto first = std::ranges::find_if(committed, [&](const model_message& one) {
            return of.times.at(one.number) >= wanted.value;
        });
        from = first == committed.end() ? of.model.known_next() : first->offset;
    }
    if (shown.empty()) {
        check(of, [&] { of.model.see_nothing(from, wanted.known_next); });
        return;
    }
    if (wanted.start != read_start::last) {
        expect(*of.model.first_from(from) == shown.front(), &of, "a read left out the beginning",
               errc::corrupt);
        return;
    }
    // More may have been committed while it was on its way.
    const std::uint64_t first = shown.front().offset;
    expect(first >= wanted.newest_from && first <= newest(of, op.count), &of,
           "a read of the last ones began elsewhere", errc::corrupt);
    expect(shown.size() < op.count || shown.back().offset >= wanted.known_last, &of,
           "a read of the last ones left out the end", errc::corrupt);
}

void simulation::wait(log& in) {
    if (waits_.size() >= waits_max) {
        return;
    }
    const std::uint64_t next = in.handle->committed_next().raw();
    const std::uint64_t from = random_.between(next - std::min<std::uint64_t>(next, 2), next + 6);
    auto& op = make<operation>([this, of = &in, from, removals = in.removals](operation& ended) {
        std::erase_if(waits_, [&](const waiting& one) { return one.op == &ended; });
        if (!ended.outcome) {
            expect(of->handle == nullptr, of, "waiting", ended.outcome);
            return;
        }
        expect(of->handle == nullptr || of->removal || of->removals != removals ||
                   of->handle->committed_next().raw() > from,
               of, "a wait ended before its message was committed", errc::timeout);
    });
    waits_.push_back({&op, &in, from});
    begin(in.engine, op, in.handle->wait_committed(message_offset{from}, op));
}

void simulation::cancel_wait(waiting one) {
    if (one.of->handle == nullptr || !one.of->handle->cancel_wait(*one.op)) {
        return;  // it has ended, and will be heard of
    }
    expect(one.op->outcome.error().code == errc::timeout, one.of, "cancelling a wait",
           one.op->outcome);
    expect(one.of->handle->committed_next().raw() <= one.from, one.of,
           "a wait went on after its message was committed", errc::timeout);
    std::erase_if(waits_, [&](const waiting& at) { return at.op == one.op; });
    asked_.erase(one.op);
}
