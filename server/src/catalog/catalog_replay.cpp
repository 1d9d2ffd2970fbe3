#include "catalog/catalog_replay.hpp"

#include <algorithm>
#include <utility>

namespace iggy::server {

catalog_replay::catalog_replay(counters_source counters, bool from_the_first)
    : counters_{std::move(counters)} {
    if (!from_the_first) {
        lost_at_ = message_offset{0};
    }
}

expected<done_t, record_fault> catalog_replay::take(message_offset at, byte_view record) {
    const auto decoded = decode_record(record);
    if (!decoded) {
        using reason = record_fault::reason;
        if (decoded.error().why == reason::unsupported_version ||
            decoded.error().why == reason::unknown_kind) {
            return decoded.error();
        }
        skip_unreadable(at, 1);
        return done;
    }
    std::visit([&](const auto& body) { take(at, body); }, *decoded);
    return done;
}

void catalog_replay::take(message_offset at, const numbered_command& record) {
    collected_.reset();
    parts_to_come_ = 0;
    ++commands_since_snapshot_;
    expect_nothing_lost(at, record.sequence - 1);
    newest_sequence_ = std::max(newest_sequence_, record.sequence);
    if (lost_at_ || record.sequence <= state_->sequence) {
        return;
    }
    auto next = apply(*state_, record.command, counters_);
    if (next) {
        state_ = std::move(*next);
    } else {
        damaged_ = true;
        lost_at_ = at;
    }
}

void catalog_replay::take(message_offset at, const snapshot_begin& record) {
    expect_nothing_lost(at, record.sequence);
    newest_sequence_ = std::max(newest_sequence_, record.sequence);
    parts_to_come_ = record.parts;
    collected_.emplace().sequence = record.sequence;
    collected_from_ = at;
}

void catalog_replay::take(message_offset at, const snapshot_part& record) {
    expect_nothing_lost(at, record.sequence);
    newest_sequence_ = std::max(newest_sequence_, record.sequence);
    parts_to_come_ = record.parts - record.index - 1;
    const bool follows = collected_ && collected_->sequence == record.sequence &&
                         collected_->next_index == record.index;
    if (!follows) {
        collected_.reset();
        if (record.index != 0) {
            return;
        }
        collected_.emplace().sequence = record.sequence;
        collected_from_ = at;
    }
    collected_->content.insert(collected_->content.end(), record.content.begin(),
                               record.content.end());
    ++collected_->next_index;
    if (collected_->next_index == record.parts) {
        install_collected();
    }
}

void catalog_replay::skip_unreadable(message_offset at, std::uint64_t records) {
    damaged_ = true;
    collected_.reset();
    if (records <= parts_to_come_) {
        parts_to_come_ -= records;
        return;
    }
    parts_to_come_ = 0;
    if (!unproven_from_) {
        unproven_from_ = at;
    }
}

message_offset catalog_replay::first_missing() const noexcept {
    return lost_at_ ? *lost_at_ : unproven_from_.value_or(message_offset{0});
}

/// Every record tells how many commands came before it: whether they are all in the state settles
/// what an unreadable range may have held.
void catalog_replay::expect_nothing_lost(message_offset at, std::uint64_t commands_before) {
    if (!lost_at_ && commands_before > state_->sequence) {
        lost_at_ = unproven_from_.value_or(at);
        damaged_ = true;
    }
    unproven_from_.reset();
}

void catalog_replay::install_collected() {
    const auto decoded = decode_snapshot(collected_->sequence, collected_->content, counters_);
    const std::uint64_t sequence = collected_->sequence;
    collected_.reset();
    if (!decoded) {
        damaged_ = true;
        return;
    }
    if (sequence < newest_sequence_) {
        return;
    }
    state_ = *decoded;
    lost_at_.reset();
    snapshot_at_ = collected_from_;
    commands_since_snapshot_ = 0;
}

}  // namespace iggy::server
