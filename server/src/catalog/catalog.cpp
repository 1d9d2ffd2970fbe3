#include "catalog/catalog.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>

#include <fmt/format.h>
#include <iggy/base/assert.hpp>
#include <iggy/base/message.hpp>

#include "catalog/catalog_codec.hpp"
#include "partition/storage_errors.hpp"

namespace iggy::server {

using protocol::error_code;

namespace {

/// Bounds of what one sync carries.
constexpr std::size_t requests_per_round_max = 64;
constexpr std::size_t new_logs_per_round_max = 4096;

std::vector<log_uid>* new_logs_of(catalog_command& command) {
    if (auto* topic = std::get_if<catalog_record::create_topic>(&command)) {
        return &topic->partitions.uids;
    }
    if (auto* partitions = std::get_if<catalog_record::create_partitions>(&command)) {
        return &partitions->partitions.uids;
    }
    return nullptr;
}

/// Adds the paths of the logs that the command needs.
void add_paths(std::vector<std::string>& paths, const partition_paths& names,
               const catalog_state& before, const catalog_command& command) {
    const auto add = [&](stream_id stream, topic_id topic, std::size_t first, std::size_t count) {
        for (std::size_t number = first; number < first + count; ++number) {
            const partition_id partition{static_cast<std::uint32_t>(number)};
            paths.push_back(names.of(stream, topic, partition));
        }
    };
    if (const auto* topic = std::get_if<catalog_record::create_topic>(&command)) {
        add(topic->stream, topic->id, 0, topic->partitions.uids.size());
    }
    if (const auto* more = std::get_if<catalog_record::create_partitions>(&command)) {
        const topic_entry* topic = before.streams.find(more->stream)->topics.find(more->topic);
        add(more->stream, more->topic, topic->partitions.size(), more->partitions.uids.size());
    }
}

/// Creates logs after removing what a failure left behind, also what lies where they go: no
/// partition refers to it, since their numbers are free.
storage::result<std::vector<log_uid>> create_in_free_places(storage::data_directory& directory,
                                                            std::span<const std::string> paths,
                                                            std::span<const log_uid> gone) {
    if (!gone.empty()) {
        if (const auto removed = directory.remove_logs(gone); !removed) {
            return removed.error();
        }
    }
    auto created = directory.create_logs(paths);
    if (created || created.error().code != storage::errc::already_exists) {
        return created;
    }
    std::vector<log_uid> left_behind;
    for (const std::string& path : paths) {
        if (const auto found = directory.find(path)) {
            left_behind.push_back(*found);
        }
    }
    if (const auto removed = directory.remove_logs(left_behind); !removed) {
        return removed.error();
    }
    return directory.create_logs(paths);
}

}  // namespace

std::string partition_paths::of(stream_id stream, topic_id topic, partition_id partition) const {
    return fmt::format("{}/{}/{}/{}/{}/{}", streams, stream.raw(), topics, topic.raw(), partitions,
                       partition.raw());
}

std::string describe(const catalog_refusal& refusal) {
    return refusal.storage ? storage::describe(*refusal.storage) : protocol::describe(refusal.code);
}

catalog::catalog(storage::engine& engine, partition_owner& owner, catalog_settings settings)
    : engine_{engine},
      owner_{owner},
      settings_{std::move(settings)},
      state_{published_.current()},
      snapshot_due_at_{settings_.snapshot_after} {}

catalog::~catalog() = default;

void catalog::execute(catalog_caller caller, catalog_request request, completion done) {
    if (closing_) {
        done(catalog_refusal{error_code::disconnected, std::nullopt});
        return;
    }
    queue_.push_back({caller, std::move(request), std::move(done)});
    pump();
}

void catalog::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    pump();
}

/// Runs rounds as long as there are requests; rounds that end at once do not nest.
void catalog::pump() {
    if (pumping_) {
        return;
    }
    pumping_ = true;
    while (!round_runs_ && !queue_.empty()) {
        start_round();
    }
    pumping_ = false;
    close_when_idle();
}

void catalog::close_when_idle() {
    if (!closing_ || round_runs_ || !closed_) {
        return;
    }
    if (log_ == nullptr) {
        std::exchange(closed_, nullptr)();
        return;
    }
    step_.then = [this, closed = std::exchange(closed_, nullptr)](const outcome& ended) {
        log_ = nullptr;
        if (!ended) {
            tell("The catalog's log was closed with an error: " +
                 engine_.directory().describe(ended.error()));
        }
        closed();
    };
    const log_uid uid = log_->uid();
    if (engine_.close_log(uid, step_) == storage::progress::finished) {
        step_.on_finished();
    } else {
        engine_.submit();
    }
}

void catalog::start_round() {
    round_runs_ = true;
    take_requests();
    const auto is_command = [](const entry& each) { return each.decided.has_value(); };
    if (std::ranges::none_of(round_, is_command)) {
        answer_round();
        return;
    }
    create_logs();
}

/// Decides requests, each on the state after those before it. A command that removes logs ends the
/// round: the places of its logs are free for others only when they are gone.
void catalog::take_requests() {
    round_.clear();
    new_paths_.clear();
    new_logs_.clear();
    std::size_t requests_max = requests_per_round_max;
    if (alone_ > 0) {
        --alone_;
        requests_max = 1;
    }
    auto working = state_;
    while (!queue_.empty() && round_.size() < requests_max &&
           new_paths_.size() < new_logs_per_round_max) {
        request_in_turn asked = std::move(queue_.front());
        queue_.pop_front();
        auto decided = decide(*working, asked.caller, asked.request, settings_.topics, now());
        if (decided && read_only_) {
            asked.done(catalog_refusal{error_code::error, read_only_});
            continue;
        }
        if (decided && !frees_room(*decided) && !engine_.directory().has_room()) {
            asked.done(catalog_refusal{to_error_code(storage::errc::no_space),
                                       storage::error{storage::errc::no_space}});
            continue;
        }
        bool removes_logs = false;
        if (decided) {
            add_paths(new_paths_, settings_.paths, *working, *decided);
            removes_logs = !logs_removed_by(*working, *decided).empty();
            const auto no_counters = [](log_uid) { return nullptr; };
            auto next = apply(*working, *decided, no_counters);
            IGGY_ASSERT(next.has_value(), "a command fits the state it was decided on");
            working = std::move(*next);
        }
        round_.push_back({std::move(asked), std::move(decided), nullptr});
        if (removes_logs) {
            return;
        }
    }
}

void catalog::create_logs() {
    if (new_paths_.empty()) {
        append_commands();
        return;
    }
    const auto work = [this]() -> outcome {
        auto created = create_in_free_places(engine_.directory(), new_paths_, gone_logs_);
        if (!created) {
            return created.error();
        }
        new_logs_ = std::move(*created);
        return done;
    };
    run_blocking(work, [this](const outcome& created) { logs_created(created); });
}

void catalog::logs_created(const outcome& created) {
    if (!created) {
        fail_round(created.error());
        return;
    }
    gone_logs_.clear();
    auto next = new_logs_.begin();
    for (entry& each : round_) {
        if (auto* uids = each.decided ? new_logs_of(*each.decided) : nullptr) {
            const auto end = next + static_cast<std::ptrdiff_t>(uids->size());
            uids->assign(next, end);
            next = end;
        }
    }
    owner_.open_logs(new_logs_, [this](const outcome& opened) {
        if (opened) {
            append_commands();
        } else {
            undo_creation(opened.error());
        }
    });
}

void catalog::append_commands() {
    std::vector<std::byte> messages;
    std::uint64_t sequence = state_->sequence;
    for (const entry& each : round_) {
        if (each.decided) {
            add_message(messages, encode(numbered_command{++sequence, *each.decided}));
        }
    }
    append_messages(std::move(messages),
                    [this](const outcome& appended) { commands_appended(appended); });
}

void catalog::commands_appended(const outcome& appended) {
    if (!appended) {
        if (appended.error().code == storage::errc::read_only) {
            read_only_ = appended.error();
        }
        if (new_logs_.empty() || read_only_) {
            fail_round(appended.error());
        } else {
            undo_creation(appended.error());
        }
        return;
    }
    std::vector<log_uid> gone;
    const counters_source figures = counters();
    for (entry& each : round_) {
        if (each.decided) {
            std::ranges::copy(logs_removed_by(*state_, *each.decided), std::back_inserter(gone));
            auto next = apply(*state_, *each.decided, figures);
            IGGY_ASSERT(next.has_value(), "a command fits the state it was decided on");
            state_ = std::move(*next);
            each.state = state_;
            ++commands_since_snapshot_;
        }
    }
    published_.publish(state_);
    if (gone.empty()) {
        answer_round();
    } else {
        remove_logs(std::move(gone));
    }
}

/// A removal that fails is tried again with the next one, and at the next start: nobody can see
/// these logs any more, so the request has succeeded all the same.
void catalog::remove_logs(std::vector<log_uid> gone) {
    gone_logs_.insert(gone_logs_.end(), gone.begin(), gone.end());
    owner_.drop_logs(std::move(gone), [this] {
        const auto work = [this] { return engine_.directory().remove_logs(gone_logs_); };
        run_blocking(work, [this](const outcome& removed) {
            if (removed) {
                gone_logs_.clear();
            } else {
                tell("Logs of deleted partitions are still there and will be removed later: " +
                     engine_.directory().describe(removed.error()));
            }
            answer_round();
        });
    });
}

void catalog::answer_round() {
    for (entry& each : std::exchange(round_, {})) {
        if (each.decided) {
            each.asked.done(catalog_change{std::move(*each.decided), std::move(each.state)});
        } else {
            each.asked.done(catalog_refusal{each.decided.error(), std::nullopt});
        }
    }
    if (commands_since_snapshot_ < snapshot_due_at_) {
        finish_round();
        return;
    }
    write_snapshot([this](const outcome& written) {
        if (!written) {
            snapshot_due_at_ = commands_since_snapshot_ + settings_.snapshot_after;
            tell("A snapshot of the catalog could not be written, its log grows on: " +
                 engine_.directory().describe(written.error()));
        }
        finish_round();
    });
}

void catalog::undo_creation(const storage::error& cause) {
    gone_logs_.insert(gone_logs_.end(), new_logs_.begin(), new_logs_.end());
    owner_.drop_logs(new_logs_, [this, cause] {
        const auto work = [this] { return engine_.directory().remove_logs(gone_logs_); };
        run_blocking(work, [this, cause](const outcome& removed) {
            if (removed) {
                gone_logs_.clear();
            }
            fail_round(cause);
        });
    });
}

/// A request that failed alone is answered; several try again one by one, so that none fails for
/// another.
void catalog::fail_round(const storage::error& cause) {
    std::vector<entry> failed = std::exchange(round_, {});
    if (failed.size() == 1) {
        const bool is_full = cause.code == storage::errc::no_space;
        failed.front().asked.done(
            catalog_refusal{is_full ? to_error_code(cause) : error_code::error, cause});
    } else {
        alone_ = failed.size();
        for (auto each = failed.rbegin(); each != failed.rend(); ++each) {
            queue_.push_front(std::move(each->asked));
        }
    }
    finish_round();
}

void catalog::finish_round() {
    round_runs_ = false;
    pump();
}

void catalog::write_snapshot(const continuation& written) {
    snapshot_ = {};
    snapshot_.sequence = state_->sequence;
    snapshot_.content = encode_snapshot(*state_);
    snapshot_.parts =
        static_cast<std::uint32_t>((snapshot_.content.size() + settings_.snapshot_part_bytes - 1) /
                                   settings_.snapshot_part_bytes);
    append_next_part(written);
}

void catalog::append_next_part(const continuation& written) {
    std::vector<std::byte> messages;
    if (snapshot_.next_part == 0) {
        add_message(messages, encode(snapshot_begin{snapshot_.sequence, snapshot_.parts}));
    }
    const std::size_t at = snapshot_.next_part * settings_.snapshot_part_bytes;
    const std::size_t size = std::min(settings_.snapshot_part_bytes, snapshot_.content.size() - at);
    const byte_view piece = byte_view{snapshot_.content}.subspan(at, size);
    add_message(messages, encode(snapshot_part{snapshot_.sequence, snapshot_.next_part,
                                               snapshot_.parts, piece}));
    append_messages(std::move(messages), [this, written](const outcome& appended) {
        if (!appended) {
            snapshot_ = {};
            written(appended);
            return;
        }
        if (snapshot_.next_part == 0) {
            snapshot_.begins = append_.first;
        }
        if (++snapshot_.next_part < snapshot_.parts) {
            append_next_part(written);
        } else {
            truncate_before_last_snapshot(written);
        }
    });
}

/// The snapshot before the new one stays, with the commands after it: should the new one be damaged
/// one day, they still make up the state.
void catalog::truncate_before_last_snapshot(const continuation& written) {
    const auto previous = std::exchange(snapshot_at_, snapshot_.begins);
    snapshot_ = {};
    commands_since_snapshot_ = 0;
    snapshot_due_at_ = settings_.snapshot_after;
    if (!previous) {
        written(done);
        return;
    }
    step_.then = written;
    if (log_->truncate_before(*previous, step_) == storage::progress::finished) {
        step_.on_finished();
    } else {
        engine_.submit();
    }
}

void catalog::append_messages(std::vector<std::byte> messages, continuation then) {
    append_.bytes = std::move(messages);
    append_.messages = append_.bytes;
    append_.then = std::move(then);
    if (log_->append(append_) == storage::progress::finished) {
        append_.on_finished();
    } else {
        engine_.submit();
    }
}

void catalog::add_message(std::vector<std::byte>& messages, byte_view payload) const {
    const std::size_t at = messages.size();
    messages.resize(at + message_layout::header_bytes);
    const byte_span header = byte_span{messages}.subspan(at);
    store_le(header, message_layout::origin_timestamp_at, to_raw(now()));
    store_le(header, message_layout::payload_length_at, static_cast<std::uint32_t>(payload.size()));
    messages.insert(messages.end(), payload.begin(), payload.end());
}

void catalog::run_blocking(std::function<outcome()> work, continuation then) {
    step_.then = std::move(then);
    engine_.run(std::move(work), step_);
    engine_.submit();
}

timestamp catalog::now() const {
    return settings_.now ? settings_.now()
                         : std::chrono::time_point_cast<std::chrono::microseconds>(
                               std::chrono::system_clock::now());
}

void catalog::tell(const std::string& sentence) const {
    if (settings_.notice) {
        settings_.notice(sentence);
    }
}

counters_source catalog::counters() const {
    return [&directory = engine_.directory()](log_uid log) { return directory.counters(log); };
}

}  // namespace iggy::server
