// A start of the simulated store, and the comparison of what it finds with the models.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io_queues.hpp"
#include "simulation.hpp"
#include "test_message.hpp"

using namespace iggy;
using namespace iggy::storage;

/// False when something went wrong that was planned; then the process is gone again.
bool simulation::start() {
    auto mounted = disk_.mount();
    plan_trouble();
    if (open_directory(std::move(mounted)) && find_logs() && open_logs() && compare_logs()) {
        return true;
    }
    stop(pick_stop(0));
    return false;
}

bool simulation::open_directory(std::unique_ptr<disk> mounted) {
    const std::uint64_t journal_bytes = 4096 * random_.between(2, 8);
    store_options options{
        .segment_bytes = random_.between(1'000, 40'000),
        .flush_messages = 20,
        .flush_bytes = 16 << 10,
        .inline_write_bytes_max = random_.chance(50) ? 1 << 20 : random_.between(0, 4'000),
        .unsynced_log_bytes = random_.between(2'000, 60'000),
        .unsynced_total_bytes = 200'000,
        .journal_batch_bytes_max = random_.between(100, journal_bytes - 104),
        .journal_file_bytes = journal_bytes,
        .journal_files_max = random_.between(1, 3),
        .reserve_bytes = random_.chance(50) ? 16'384U : 0U,
        .index_interval_bytes = random_.chance(50) ? 512U : 4096U,  // an index of several sectors
        .open_files_max = 16,
        .clock = [this] { return timestamp_from_raw(now_ += 1'000); }};
    auto opened = data_directory::open(
        std::move(mounted), [this] { return make_step_queue(random_.next() | 1); },
        std::move(options));
    if (!opened) {
        expect(is_troubled(), nullptr, "starting", opened.error());
        return false;
    }
    directory_ = std::move(*opened);
    for (std::uint64_t count = random_.between(1, 3); count > 0; --count) {
        engines_.push_back(engine::create(directory_).value());
    }
    return true;
}

/// Which logs are there: those that were, and those whose creation or removal was on its way.
bool simulation::find_logs() {
    for (const auto& at : logs_) {
        const auto uid = directory_->find(at->path);
        if (at->is == presence::creating && uid) {
            expect(uids_.insert(uid->raw()).second, at.get(), "a uid came twice",
                   errc::already_exists);
            at->uid = *uid;
        } else if (at->is != presence::creating && uid) {
            expect(*uid == at->uid, at.get(), "has another uid", errc::unknown);
        }
        expect(uid.has_value() || at->is != presence::present, at.get(), "is gone",
               errc::not_found);
        at->is = uid ? presence::present : presence::removing;
    }
    std::erase_if(logs_, [](const auto& at) { return at->is == presence::removing; });
    for (const log_name& name : directory_->logs()) {
        expect(std::ranges::any_of(logs_, [&](const auto& at) { return at->uid == name.uid; }),
               nullptr, "there is a log that nobody made", errc::already_exists);
    }
    return true;
}

bool simulation::open_logs() {
    for (const auto& at : logs_) {
        at->engine = random_.below(engines_.size());
        at->appends = at->stores = 0;
        at->removal = at->holds = at->spoiled = false;
        at->handle = nullptr;
        const auto opened =
            engines_[at->engine]->open_log(at->uid, {.durability = at->model.level()});
        if (!opened) {
            expect(is_troubled(), at.get(), "opening", opened.error());
            return false;
        }
        at->handle = *opened;
    }
    return true;
}

bool simulation::compare_logs() {
    for (const auto& at : logs_) {
        const auto found = read_all(*at);
        if (!found) {
            return false;
        }
        at->last_crash = std::exchange(at->crash, crash_kind::clean);
        trace(at.get(), fmt::format("recovered {} messages from {} to {}", found->messages.size(),
                                    found->start, found->next));
        check(*at, [&] { at->model.recover(*found, at->last_crash, at->settled); });
    }
    return true;
}

/// Nothing when planned trouble came between.
std::optional<recovered_log> simulation::read_all(log& of) {
    recovered_log found;
    found.start = of.handle->start().raw();
    found.next = of.handle->committed_next().raw();
    for (std::uint64_t from = found.start; from < found.next;) {
        bool ended = false;
        auto& op = make<read_operation>([&](read_operation&) { ended = true; });
        op.start = read_start::offset;
        op.value = from;
        op.count = 100'000;
        std::vector<model_message> messages;
        result<done_t> outcome{done};
        asked_[&op].then = [&] {
            ended = true;
            outcome = op.outcome;
            if (op.outcome) {
                messages = identify(of, op.messages);
            }
        };
        begin(of.engine, op, of.handle->read(op));
        pump([&] { return ended || disk_.is_stopped(); });
        if (disk_.is_stopped() || !outcome) {
            expect(is_troubled(), &of, "reading after a restart", outcome);
            return std::nullopt;
        }
        if (messages.empty()) {
            break;
        }
        from = messages.back().offset + 1;
        found.messages.insert(found.messages.end(), messages.begin(), messages.end());
    }
    for (std::uint64_t key = 0; key < stored_keys; ++key) {
        if (const auto at = of.handle->stored_offset(offset_key{key})) {
            found.stored[key] = at->raw();
        }
    }
    return found;
}

/// Who the messages are; each must be as it was sent, to this log.
std::vector<model_message> simulation::identify(log& of, byte_view messages) const {
    std::vector<model_message> found;
    std::size_t bytes = 0;
    std::uint64_t newest = 0;
    for (const message_view message : message_range{messages}) {
        const auto known = read_message(message);
        if (!known || known->log != of.serial) {
            throw broken_promise{
                fmt::format("{}: a read returned a message at offset {} that was "
                            "never sent to it",
                            of.path, message.offset().raw())};
        }
        const std::uint64_t time = to_raw(message.timestamp());
        expect(of.times.emplace(known->number, time).first->second == time, &of,
               "a message has another time now", errc::corrupt);
        expect(time >= newest, &of, "a message is older than the one before it", errc::corrupt);
        newest = time;
        found.push_back({message.offset().raw(), known->number});
        bytes += message.bytes().size();
    }
    expect(bytes == messages.size(), &of, "a read returned half a message", errc::corrupt);
    return found;
}
