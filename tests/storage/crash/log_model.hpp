#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <iggy/storage/options.hpp>

/// The worst that happened to a log since it was last looked at.
enum class crash_kind : std::uint8_t { clean, killed, power_cut };

/// A message as the model knows it: `number` counts what was ever sent to the log, in order.
struct model_message {
    std::uint64_t offset = 0;
    std::uint64_t number = 0;
    friend bool operator==(const model_message&, const model_message&) = default;
};

/// What a restart found of a log.
struct recovered_log {
    std::uint64_t start = 0;
    std::uint64_t next = 0;
    std::vector<model_message> messages;
    std::map<std::uint64_t, std::uint64_t> stored;
};

/// Thrown when the store broke a promise.
struct broken_promise {
    std::string text;
};

/// What one log must hold, by what it promised: plain lists. Every call that ends in a check throws
/// broken_promise.
class log_model {
public:
    /// With `offsets_never_given_twice` an offset that was acknowledged or seen never comes again
    /// with another message, even where the message itself may be lost: needs offset reservations.
    log_model(iggy::durability level, bool offsets_never_given_twice)
        : level_{level}, offsets_never_given_twice_{offsets_never_given_twice} {}

    iggy::durability level() const noexcept { return level_; }
    const std::deque<model_message>& committed() const noexcept { return committed_; }
    /// Offset after the last message that is known to be committed.
    std::uint64_t known_next() const noexcept { return known_next_; }

    // Appends. The number of the first message names the batch.
    std::uint64_t send(std::uint32_t count, bool may_be_refused = false);
    void acknowledge(const std::vector<model_message>& placed);
    /// Never seen while this process lives; a restart may find it.
    void fail(std::uint64_t first_number);

    /// Checks what a read returned that nothing was removed under; what it showed counts as
    /// committed from then on. `known_next` and `from` are of when it was started.
    void see(const std::vector<model_message>& shown);
    void see_nothing(std::uint64_t from, std::uint64_t known_next_then) const;
    /// The first committed message at or after `offset`.
    std::optional<model_message> first_from(std::uint64_t offset) const;

    /// Everything committed before `next` was flushed.
    void flushed(std::uint64_t next, bool synced);

    // Removals: recorded when they start, applied when they succeed, uncertain in between.
    void start_purge();
    void start_truncate_after(std::uint64_t next);
    void start_truncate_before(std::uint64_t at);
    void finish_removal();
    void finish_truncate_before(std::uint64_t at, std::uint64_t new_start);

    // Stored offsets; none stands for a removed one.
    void send_stored(std::uint64_t key, std::optional<std::uint64_t> at);
    void acknowledge_stored(std::uint64_t key);
    void check_stored(std::uint64_t key, std::optional<std::uint64_t> found) const;
    std::optional<std::uint64_t> lowest_stored() const;

    /// Compares what a restart found with what may be there, and goes on from it. `crash` is the
    /// worst since the last time; `settled` when a power cut came last, so that all that was found
    /// is on the disk.
    void recover(const recovered_log& found, crash_kind crash, bool settled);

private:
    struct batch {
        std::uint64_t first_number = 0;
        std::uint32_t count = 0;
        std::uint32_t shown = 0;  ///< messages already committed by having been read
        bool may_be_refused = false;
        bool failed = false;
        bool before_removal = false;  ///< sent before the removal that is on its way
    };
    struct stored_value {
        using value = std::optional<std::uint64_t>;
        value acknowledged;
        std::vector<value> sent;      ///< since the acknowledged one
        std::vector<value> possible;  ///< after a crash that the level does not survive
    };
    /// One of the states a restart may find.
    struct possibility {
        std::deque<model_message> committed;
        std::deque<batch> sent;
        std::map<std::uint64_t, stored_value> stored;
        std::uint64_t given_end = 0;
    };

    bool keeps_all(crash_kind crash) const noexcept;
    void take(const model_message& message);
    void lower_stored(std::map<std::uint64_t, stored_value>& stored, std::uint64_t next) const;
    possibility without_removal() const;
    possibility with_removal() const;
    std::string compare(const possibility& expected, const recovered_log& found,
                        crash_kind crash) const;
    std::string compare_sent(const possibility& expected, const recovered_log& found,
                             std::size_t from) const;
    std::string compare_stored(const possibility& expected, const recovered_log& found,
                               crash_kind crash) const;
    void adopt(const possibility& was, const recovered_log& found, crash_kind crash, bool settled);

    iggy::durability level_;
    bool offsets_never_given_twice_;
    std::deque<model_message> committed_;  // acknowledged or seen, and not removed
    std::deque<batch> sent_;               // neither
    std::uint64_t next_number_ = 1;
    std::uint64_t known_next_ = 0;
    std::uint64_t given_end_ = 0;      // every offset before it was given, or skipped
    std::uint64_t synced_end_ = 0;     // messages before it survive a power cut at any level
    std::uint64_t written_end_ = 0;    // and these a kill
    std::uint64_t start_reaches_ = 0;  // messages before it may have been removed
    std::map<std::uint64_t, stored_value> stored_;
    std::optional<std::uint64_t> removing_from_;  // a truncation, or from 0 a purge, on its way
};
