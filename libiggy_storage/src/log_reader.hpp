#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include <iggy/base/message.hpp>

#include "log_state.hpp"

namespace iggy::storage {

/// One read on its way. Runs as far as it can; what is not in the page cache or in memory is asked
/// for, and `run` goes on when it is there.
class log_reader {
public:
    enum class need : std::uint8_t { nothing, index, bytes };

    log_reader(engine_log::state& log, read_operation& op)
        : log_{&log}, op_{&op}, bytes_max_{std::clamp(op.bytes_max, least_bytes, most_bytes)} {}

    /// Goes on until the operation has its outcome (`nothing`) or something must be fetched first.
    need run();

    /// For need::index: whose. Set its index, then run again.
    const std::shared_ptr<segment>& at() const noexcept { return at_; }
    /// For need::bytes: read this, report how much came, then run again.
    result<file*> source() { return at_->messages.get(open_mode::read_write); }
    std::uint64_t missing_position() const noexcept { return from_ + filled_; }
    byte_span missing_bytes() const noexcept;
    void fetched(std::size_t bytes) noexcept {
        filled_ += bytes;
        at_file_end_ = bytes == 0 || at_file_end_;
    }
    void fail(const error& why);
    /// Messages were taken away since it looked: what was fetched meanwhile may be anything, and
    /// run() begins anew.
    bool is_outdated() const noexcept { return located_ && removals_ != log_->removals; }

private:
    /// Free in front of what is read. Kernels copy to a socket four times slower on some processors
    /// (AMD Zen) when the bytes lie up to 32 before their destination, modulo a page: messages at
    /// the beginning of a page would do so, behind the few bytes that begin a reply.
    static constexpr std::size_t lead_bytes = 64;

    /// At least one message comes in any case; more than a segment holds is never read at once.
    static constexpr std::uint64_t least_bytes = 1;
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 32;

    enum class seek : std::uint8_t { offset, timestamp, ordinal, found };

    bool locate();
    void start_anew() noexcept;
    bool next_segment();
    void plan();
    bool plan_from_last_read();
    std::uint64_t end_of(std::uint64_t messages) const noexcept;
    void note_end() noexcept;
    bool make_room();
    need fill();
    bool walk();
    void copy_unwritten();
    bool matches(const message_view& message, std::uint64_t ordinal) const noexcept;
    std::uint64_t file_bytes() const noexcept;
    need finished() noexcept;

    engine_log::state* log_;
    read_operation* op_;
    std::uint64_t bytes_max_;
    std::shared_ptr<segment> at_;
    seek seeking_ = seek::offset;
    std::uint64_t wanted_ = 0;  // offset, timestamp or ordinal in the segment
    bool planned_ = false;
    bool located_ = false;
    std::uint64_t removals_ = 0;  // of the log, when it looked
    bool at_file_end_ = false;
    bool failed_ = false;
    std::uint64_t from_ = 0;  // byte range of the segment that is being read
    std::uint64_t to_ = 0;
    std::uint64_t limit_ = 0;          // committed bytes of the segment
    std::uint64_t ordinal_ = 0;        // in the segment, of the message at position_
    std::uint64_t position_ = 0;       // of the first message that was not walked over
    std::uint64_t message_bytes_ = 0;  // of the messages that were collected; 0 when they differ
    std::size_t filled_ = 0;           // bytes of the range that are there
    std::size_t begin_ = lead_bytes;   // of what was collected, in the buffer
    std::size_t end_ = lead_bytes;
};

}  // namespace iggy::storage
