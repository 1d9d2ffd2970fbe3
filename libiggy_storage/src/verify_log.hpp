#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/verify.hpp>

#include "log_files.hpp"
#include "manifest.hpp"
#include "segment_walk.hpp"

namespace iggy::storage {

/// Checks one log: its identity, segments, indexes and stored offsets. Used once.
class log_check {
public:
    struct callbacks {
        std::function<void(message_offset)> on_begin;  ///< with the start of the log
        std::function<void(const message_view&)> on_message;
        std::function<void(std::uint64_t)> on_read;  ///< bytes of segments since the last call
    };
    /// What is passed by reference must outlive it.
    log_check(disk& files, const log_entry& entry, const verify_options& options, callbacks calls);

    log_report run();

private:
    /// A segment that the directory has or should have.
    struct segment_file {
        message_offset base;
        std::uint64_t size = 0;
        bool missing = true;
        const segment_summary* sealed = nullptr;  ///< what the manifest says of it
        const segment_summary* point = nullptr;   ///< it has the recovery point
    };
    /// The index of a segment, and how it should be.
    struct index_check {
        std::string path;
        index_reading present;
        std::optional<error> unreadable;
        sparse_index renewed;
    };

    // verify_log.cpp
    bool take_names();
    bool check_identity();
    bool identity_holds(const log_identity& found);
    bool identity_absent(bool is_damaged, bool has_content);
    void note_names(const std::vector<segment_file>& segments);
    std::vector<segment_file> segment_files() const;
    void check_segments(const std::vector<segment_file>& segments);
    bool goes_at_next_start(const segment_file& at);
    void check_offsets();
    void check_slots(file& source, const std::string& path);
    void tell_unreadable(std::string file, std::string_view what, const error& failure);
    void add(finding what);

    // verify_segment.cpp
    void check_segment(const segment_file& at, message_offset below);
    void check_sealed(const segment_file& at, file& source, message_offset below);
    void check_open(const segment_file& at, file& source, message_offset below);
    void check_believed(const segment_file& at, file& source, const segment_summary& believed,
                        segment_walk::settings how, index_check& index, bool is_sealed);
    void check_tail(const segment_file& at, file& source, segment_summary from,
                    segment_walk::settings how, const index_check& index);
    void tell_tail(const segment_file& at, file& source, const segment_summary& end,
                   segment_walk::settings how, const segment_walk::fault& why);
    void tell_missing(const segment_file& at);
    segment_walk::settings settings_for(const segment_file& at, message_offset below,
                                        index_check& index);
    void compare_summary(const segment_file& at, const segment_summary& expected,
                         const segment_summary& found);
    void count(const segment_walk& walk);
    index_check begin_index(const segment_file& at, std::uint64_t bytes);
    void end_index(const segment_file& at, index_check& index,
                   std::optional<std::uint64_t> disagrees_at, const segment_summary* whole);
    finding judge_index(const segment_file& at, const index_check& index,
                        std::optional<std::uint64_t> disagrees_at,
                        const segment_summary* whole) const;
    void renew_index(finding& what, const segment_file& at, index_check& index,
                     const segment_summary* whole);
    finding in_segment(const segment_file& at, finding_weight weight, finding_kind kind,
                       std::uint64_t from, std::uint64_t to, std::string text) const;

    /// Behind all that the manifest knows to be complete.
    bool is_last(const segment_file& at) const noexcept {
        return entry_.sealed.empty() || at.base > entry_.sealed.back().base;
    }
    log_identity identity() const noexcept { return {entry_.uid, entry_.generation}; }

    disk& files_;
    const log_entry& entry_;
    const verify_options& options_;
    callbacks calls_;
    log_report report_;
    std::vector<directory_entry> names_;
    std::optional<message_offset> follows_;  ///< the offset that comes next, where that is known
    bool ended_ = false;                     ///< the log ends before the segments that follow
};

}  // namespace iggy::storage
