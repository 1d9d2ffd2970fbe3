#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <iggy/base/ids.hpp>

namespace iggy::storage {

/// Where a read ended.
struct read_end {
    message_offset next;                ///< what whoever reads on will ask for
    message_offset base;                ///< of the segment
    std::uint64_t position = 0;         ///< bytes from its start
    std::uint64_t messages_before = 0;  ///< in it
    std::uint64_t message_bytes = 0;    ///< of each that was read, if all were alike; else 0
    std::uint64_t removals = 0;         ///< of the log, then
};

/// The last few of a log. Who reads on from one of them needs no index to find where to start,
/// which is exact to an interval only.
class recent_reads {
public:
    void add(const read_end& end) noexcept {
        for (read_end& known : ends_) {
            if (known.next == end.next && known.base == end.base) {
                known = end;
                return;
            }
        }
        ends_[next_] = end;
        next_ = (next_ + 1) % ends_.size();
    }
    /// Null where none ended there, or messages were taken away since.
    const read_end* find(std::uint64_t next, message_offset base,
                         std::uint64_t removals) const noexcept {
        for (const read_end& end : ends_) {
            if (end.next.raw() == next && end.base == base && end.removals == removals) {
                return &end;
            }
        }
        return nullptr;
    }

private:
    std::array<read_end, 4> ends_{};  // at first the beginning of a log from offset 0 on
    std::size_t next_ = 0;
};

}  // namespace iggy::storage
