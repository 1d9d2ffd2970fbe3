#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <iggy/base/message.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/verify.hpp>

#include "manifest.hpp"
#include "segment_scanner.hpp"
#include "sparse_index.hpp"

namespace iggy::storage {

/// Bytes of a segment that do not hold.
struct bad_range {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    finding_kind why = finding_kind::bad_checksum;
    int sys_errno = 0;
    std::string text;
    message_offset first;               ///< the offset after the last message before it
    std::optional<message_offset> end;  ///< of the message after it, where there is one
};

/// Checks the messages of a part of a segment and goes on after those that do not hold, where their
/// own lengths or the index lead to the next one that does.
class segment_walk {
public:
    struct settings {
        std::uint64_t to = 0;                           ///< where the part ends
        message_offset below{message_offset::raw_end};  ///< above every offset of the segment
        std::uint32_t interval = 8192;                  ///< between entries of the new index
        const sparse_index* known = nullptr;            ///< the present index; may lie
        sparse_index* renewed = nullptr;                ///< gets entries of the messages that hold
        std::function<void(const message_view&)> on_message;
        std::function<void(bad_range)> on_bad;
        std::function<void(std::uint64_t)> on_read;  ///< bytes since the last call
    };
    /// `at` summarises what lies before the part. `source` and what `how` points to must outlive
    /// the walk.
    segment_walk(file& source, const segment_summary& at, settings how);

    /// Up to the end.
    void all();
    /// Why a message does not hold.
    struct fault {
        finding_kind why = finding_kind::bad_checksum;
        int sys_errno = 0;
        std::uint64_t position = 0;  ///< that could not be read
        std::string text;
    };
    /// Up to the end or the first message that does not hold; nothing at the end.
    std::optional<fault> to_first_bad();

    /// What lies before the place that was reached. Its messages include bad ones.
    const segment_summary& reached() const noexcept { return at_; }
    std::uint64_t sound_messages() const noexcept { return sound_; }
    std::uint64_t bad_ranges() const noexcept { return bad_ranges_; }
    std::optional<message_offset> first_sound() const noexcept { return first_sound_; }
    /// Position of the first entry of the present index that disagrees with the messages.
    std::optional<std::uint64_t> index_disagrees_at() const noexcept { return disagrees_at_; }

private:
    struct place {
        std::uint64_t position = 0;
        std::uint64_t messages = 0;
        std::optional<message_offset> offset;
    };
    std::optional<fault> step();
    std::optional<fault> check(const message_view& message) const;
    void accept(const message_view& message);
    void compare_index(const message_view& message);
    void renew_index(message_offset offset);
    void skip(const fault& why);
    place next_sound(const fault& why);
    std::optional<place> along_lengths(std::uint64_t limit);
    place along_index(std::uint64_t after);
    result<std::optional<message_offset>> sound_offset_at(std::uint64_t position);
    void compare_from_here();
    std::uint64_t next_entry_after(std::uint64_t position) const;
    void tell_progress(bool at_end);

    settings how_;
    segment_scanner scanner_;
    segment_summary at_;
    std::uint64_t sound_ = 0;
    std::uint64_t bad_ranges_ = 0;
    std::optional<message_offset> first_sound_;
    std::optional<std::uint64_t> disagrees_at_;
    std::size_t next_entry_ = 0;    // of the present index, to be compared
    bool count_is_sure_ = true;     // else a bad range was passed since the last entry
    bool after_bad_range_ = false;  // the next message is the first one that holds
    std::uint64_t told_ = 0;
    std::optional<fault> unreadable_;  // why the scanner ends early
};

}  // namespace iggy::storage
