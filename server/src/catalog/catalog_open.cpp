#include <poll.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include <fmt/format.h>
#include <iggy/base/message.hpp>

#include "catalog/catalog.hpp"
#include "catalog/catalog_replay.hpp"
#include "users/password.hpp"

/// How the catalog comes back at a start.
namespace iggy::server {

namespace {

constexpr const char* log_path = catalog_log_path;
/// Small, so that a new snapshot lets go of what lies before the last one: whole segments.
constexpr std::uint64_t log_segment_bytes = std::uint64_t{1} << 20;
constexpr std::uint32_t records_per_read = 1000;
constexpr std::uint64_t bytes_per_read = std::uint64_t{16} << 20;

protocol::permissions all_rights() {
    protocol::permissions rights;
    rights.global = {true, true, true, true, true, true, true, true, true, true};
    return rights;
}

class blocking_read final : public storage::read_operation {
public:
    void on_finished() noexcept override { finished = true; }
    bool finished = false;
};

}  // namespace

text_result<std::unique_ptr<catalog>> catalog::open(storage::engine& engine, partition_owner& owner,
                                                    catalog_settings settings) {
    std::unique_ptr<catalog> opened{new catalog{engine, owner, std::move(settings)}};
    if (const auto log = opened->open_log(); !log) {
        return log.error();
    }
    if (const auto restored = opened->restore(); !restored) {
        // The engine wants its logs closed; that this one cannot be says nothing new.
        static_cast<void>(opened->wait_for([&](continuation then) {
            opened->closing_ = true;
            opened->closed_ = [then = std::move(then)] { then(done); };
            opened->close_when_idle();
        }));
        return restored.error();
    }
    opened->published_.publish(opened->state_);
    return opened;
}

text_result<done_t> catalog::open_log() {
    storage::data_directory& directory = engine_.directory();
    auto uid = directory.find(log_path);
    if (!uid) {
        const auto logs = directory.logs();
        const auto orphans = std::ranges::count_if(
            logs, [this](const storage::log_name& log) { return is_partition_log(log); });
        if (orphans > 0) {
            return text_error{fmt::format(
                "The catalog ({}) is missing in a data directory with the logs of {} partition(s). "
                "Without it nobody knows which streams and topics they belong to. Restore {} from "
                "a backup; nothing was changed.",
                log_path, orphans, log_path)};
        }
        const std::array<std::string, 1> paths{log_path};
        const auto created = directory.create_logs(paths);
        if (!created) {
            return text_error{fmt::format("The catalog's log {} cannot be created: {}", log_path,
                                          directory.describe(created.error()))};
        }
        uid = created->front();
    }
    const auto opened = engine_.open_log(*uid, {.durability = durability::synced,
                                                .segment_bytes = log_segment_bytes,
                                                .draws_on_reserve = true});
    if (!opened) {
        return text_error{fmt::format("The catalog's log {} cannot be opened: {}", log_path,
                                      directory.describe(opened.error()))};
    }
    log_ = *opened;
    return done;
}

text_result<done_t> catalog::restore() {
    const bool is_new = log_->committed_next().raw() == 0;
    if (const auto ready = is_new ? create_root() : replay(); !ready) {
        return ready;
    }
    if (const auto removed = remove_orphans(); !removed) {
        return removed;
    }
    if (commands_since_snapshot_ >= snapshot_due_at_) {
        const outcome written =
            wait_for([this](const continuation& then) { write_snapshot(then); });
        if (!written) {
            tell("A snapshot of the catalog could not be written, its log grows on: " +
                 engine_.directory().describe(written.error()));
            snapshot_due_at_ = commands_since_snapshot_ + settings_.snapshot_after;
        }
    }
    return done;
}

/// Reads the log from its oldest record to its newest. Where that fails, it looks for the next
/// record that can be read, offset by offset.
text_result<done_t> catalog::replay() {
    catalog_replay records{counters(), log_->start().raw() == 0};
    const message_offset end = log_->committed_next();
    std::optional<message_offset> unreadable_from;
    storage::error first_failure;
    message_offset from = log_->start();
    while (from < end) {
        blocking_read read;
        read.start = storage::read_start::offset;
        read.value = from.raw();
        read.count = unreadable_from ? 1 : records_per_read;
        read.bytes_max = unreadable_from ? 1 : bytes_per_read;
        read.finished = log_->read(read) == storage::progress::finished;
        while (!read.finished) {
            run_engine();
        }
        const outcome& ended = read.outcome;
        using storage::errc;
        if (!ended && ended.error().code != errc::corrupt &&
            ended.error().code != errc::missing_segment) {
            return text_error{fmt::format("The catalog's log {} cannot be read: {}", log_path,
                                          engine_.directory().describe(ended.error()))};
        }
        if (!ended || read.messages_count == 0) {
            if (!unreadable_from) {
                unreadable_from = from;
                first_failure = ended ? storage::error{errc::corrupt} : ended.error();
            }
            from = from.next();
            continue;
        }
        for (const message_view record : message_range{read.messages}) {
            const message_offset expected = unreadable_from.value_or(from);
            if (record.offset() > expected) {
                records.skip_unreadable(expected, record.offset().raw() - expected.raw());
            }
            unreadable_from.reset();
            if (const auto taken = records.take(record.offset(), record.payload()); !taken) {
                return text_error{fmt::format(
                    "The catalog's log {} cannot be understood at offset {}: {}. Start the version "
                    "of the server that wrote it; nothing was changed.",
                    log_path, record.offset().raw(), describe(taken.error()))};
            }
            from = record.offset().next();
        }
    }
    if (unreadable_from) {
        records.skip_unreadable(*unreadable_from, end.raw() - unreadable_from->raw());
    }
    if (!records.complete()) {
        return text_error{fmt::format(
            "The catalog cannot be restored: changes of it are missing from offset {} of its log "
            "{} on, and no later snapshot makes up for them{}. Restore {} from a backup; nothing "
            "was changed.",
            records.first_missing().raw(), log_path,
            first_failure.code == storage::errc::unknown
                ? std::string{}
                : " (" + engine_.directory().describe(first_failure) + ")",
            log_path)};
    }
    state_ = records.state();
    snapshot_at_ = records.snapshot_at();
    commands_since_snapshot_ = records.commands_since_snapshot();
    if (records.damaged()) {
        tell(
            fmt::format("The catalog's log {} is damaged. Nothing is lost: the catalog was "
                        "restored from what can be read, and is written anew.",
                        log_path));
        snapshot_due_at_ = 0;
    }
    return done;
}

text_result<done_t> catalog::create_root() {
    const auto logs = engine_.directory().logs();
    if (std::ranges::any_of(logs, [this](const auto& log) { return is_partition_log(log); })) {
        return text_error{fmt::format(
            "The catalog's log {} is empty in a data directory with logs of partitions. Without it "
            "nobody knows which streams and topics they belong to. Restore {} from a backup; "
            "nothing was changed.",
            log_path, log_path)};
    }
    const auto credentials = settings_.first_root();
    if (!credentials) {
        return credentials.error();
    }
    if (!is_valid_username(credentials->username) || !is_valid_password(credentials->password)) {
        return text_error{fmt::format(
            "The root user needs a name of {} to {} bytes and a password of {} to {} bytes",
            username_bytes_min, username_bytes_max, password_bytes_min, password_bytes_max)};
    }
    auto hash = hash_password(credentials->password);
    if (!hash) {
        return hash.error();
    }
    const catalog_record::create_user root{protocol::root_user, credentials->username,
                                           std::move(*hash),    protocol::user_status::active,
                                           all_rights(),        now()};
    std::vector<std::byte> message;
    add_message(message, encode(numbered_command{state_->sequence + 1, root}));
    const outcome appended =
        wait_for([&](continuation then) { append_messages(std::move(message), std::move(then)); });
    if (!appended) {
        return text_error{fmt::format("The root user cannot be stored: {}",
                                      engine_.directory().describe(appended.error()))};
    }
    auto created = apply(*state_, root, counters());
    IGGY_ASSERT(created.has_value(), "the root user is the first of an empty catalog");
    state_ = std::move(*created);
    ++commands_since_snapshot_;
    return done;
}

/// Removes what a crash left between the creation of logs and their command, or between a command
/// and the removal of logs.
text_result<done_t> catalog::remove_orphans() {
    const std::vector<log_uid> named = logs_of(*state_);
    std::unordered_set<log_uid> missing{named.begin(), named.end()};
    std::vector<log_uid> orphans;
    for (const storage::log_name& log : engine_.directory().logs()) {
        if (missing.erase(log.uid) == 0 && is_partition_log(log)) {
            orphans.push_back(log.uid);
        }
    }
    missing_logs_.assign(missing.begin(), missing.end());
    if (orphans.empty()) {
        return done;
    }
    if (const auto removed = engine_.directory().remove_logs(orphans); !removed) {
        return text_error{fmt::format("Logs that no partition refers to cannot be removed: {}",
                                      engine_.directory().describe(removed.error()))};
    }
    tell(fmt::format("Removed {} log(s) that a crash had left without a partition.",
                     orphans.size()));
    return done;
}

bool catalog::is_partition_log(const storage::log_name& log) const {
    return log.path.starts_with(settings_.paths.streams + "/");
}

catalog::outcome catalog::wait_for(const std::function<void(continuation)>& start) {
    bool finished = false;
    outcome ended;
    start([&](const outcome& how) {
        ended = how;
        finished = true;
    });
    while (!finished) {
        run_engine();
    }
    return ended;
}

void catalog::run_engine() {
    constexpr int look_again_ms = 100;
    engine_.submit();
    pollfd ready{engine_.event_descriptor(), POLLIN, 0};
    ::poll(&ready, 1, look_again_ms);
    engine_.run_ready();
}

}  // namespace iggy::server
