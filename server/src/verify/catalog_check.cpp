#include "verify/catalog_check.hpp"

#include <fmt/format.h>

#include "catalog/catalog.hpp"

namespace iggy::server {

namespace {

/// Figures that nobody reads.
std::shared_ptr<storage::log_counters> no_figures(log_uid) {
    static const auto figures = std::make_shared<storage::log_counters>();
    return figures;
}

bool is_partition_log(const storage::log_report& log) {
    return log.path.starts_with(partition_paths{}.streams + '/');
}

template <class Visitor>
void for_each_partition(const catalog_state& state, Visitor&& visit) {
    for (const auto& stream : state.streams) {
        for (const auto& topic : stream.topics) {
            for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
                visit(stream, topic, number, topic.partitions[number].log);
            }
        }
    }
}

}  // namespace

void catalog_check::begin(message_offset start) {
    has_log_ = true;
    expected_ = start;
    replay_.emplace(no_figures, start.raw() == 0);
}

void catalog_check::take(const message_view& record) {
    if (!fault_.empty()) {
        return;
    }
    if (record.offset() > expected_) {
        replay_->skip_unreadable(expected_, record.offset().raw() - expected_.raw());
    }
    if (const auto taken = replay_->take(record.offset(), record.payload()); !taken) {
        fault_ = fmt::format("cannot be understood at offset {}: {}", record.offset().raw(),
                             describe(taken.error()));
    }
    expected_ = record.offset().next();
}

void catalog_check::end(const storage::log_report& log) {
    if (!replay_ || !fault_.empty()) {
        return;
    }
    if (log.next > expected_) {
        replay_->skip_unreadable(expected_, log.next.raw() - expected_.raw());
        expected_ = log.next;
    }
    if (replay_->complete() && log.next.raw() > 0) {
        state_ = replay_->state();
        for_each_partition(*state_, [this](const stream_entry& stream, const topic_entry& topic,
                                           std::size_t number, log_uid uid) {
            names_[uid] = fmt::format("stream \"{}\", topic \"{}\", partition {}", stream.name,
                                      topic.name, number);
        });
    }
}

std::optional<std::string> catalog_check::name(const storage::log_report& log) {
    seen_.insert(log.uid);
    partition_logs_ += is_partition_log(log) ? 1 : 0;
    const auto found = names_.find(log.uid);
    return found == names_.end() ? std::nullopt : std::optional{found->second};
}

bool catalog_check::is_orphan(const storage::log_report& log) const {
    return state_ && is_partition_log(log) && !names_.contains(log.uid);
}

catalog_verdict catalog_check::verdict() const {
    using condition = catalog_verdict::condition;
    catalog_verdict verdict;
    if (!state_) {
        const bool is_empty = !replay_ || expected_.raw() == 0;
        if (is_empty && partition_logs_ == 0) {
            verdict.text = "there is none yet, or the directory is no server's";
            return verdict;
        }
        verdict.is = condition::incomplete;
        verdict.text = !fault_.empty() ? fault_ + "; check with the version that wrote it"
                       : is_empty
                           ? fmt::format("is {} in a directory with the logs of {} partition(s)",
                                         has_log_ ? "empty" : "missing", partition_logs_)
                           : fmt::format(
                                 "changes are missing from offset {} on, and no later "
                                 "snapshot makes up for them",
                                 replay_->first_missing().raw());
        verdict.text +=
            fmt::format("; the server will not start: restore {} from a backup", catalog_log_path);
        return verdict;
    }
    verdict.is = condition::complete;
    verdict.text = replay_->damaged() ? "is damaged, and nothing of it is lost; the next start "
                                        "writes it anew"
                                      : "is complete";
    verdict.streams = state_->streams.size();
    verdict.users = state_->users.size();
    for (const auto& stream : state_->streams) {
        verdict.topics += stream.topics.size();
    }
    for_each_partition(*state_, [&](const auto&, const auto&, std::size_t, log_uid uid) {
        ++verdict.partitions;
        if (!seen_.contains(uid)) {
            verdict.without_log.push_back(names_.at(uid));
        }
    });
    return verdict;
}

}  // namespace iggy::server
