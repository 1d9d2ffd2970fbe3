#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <iggy/base/expected.hpp>
#include <iggy/base/text_error.hpp>
#include <iggy/storage/engine.hpp>

#include "catalog/catalog_command.hpp"
#include "catalog/catalog_request.hpp"
#include "catalog/partition_owner.hpp"
#include "catalog/published_catalog.hpp"
#include "root_credentials.hpp"

namespace iggy::server {

/// The catalog's log in the data directory.
inline constexpr const char* catalog_log_path = "state/catalog";

/// Where the logs of partitions lie in the data directory: names of single directories.
struct partition_paths {
    std::string streams = "streams";
    std::string topics = "topics";
    std::string partitions = "partitions";

    std::string of(stream_id stream, topic_id topic, partition_id partition) const;
};

struct catalog_settings {
    partition_paths paths;
    topic_rules topics;
    /// Commands after which a new snapshot is due.
    std::uint64_t snapshot_after = 10'000;
    /// Most bytes of a snapshot in one message.
    std::size_t snapshot_part_bytes = std::size_t{8} << 20;
    /// Asked at the very first start, never again.
    std::function<text_result<root_credentials>()> first_root;
    /// Told about repairs, one sentence each.
    std::function<void(const std::string&)> notice;
    storage::clock_function now;  ///< the system's when empty
};

/// A request that was carried out: durable, and in `state`.
struct catalog_change {
    catalog_command command;  ///< with the numbers that were given out
    std::shared_ptr<const catalog_state> state;
};

/// Why a request was not carried out.
struct catalog_refusal {
    protocol::error_code code = protocol::error_code::error;
    /// What the store said, where it is to blame; `code` is then only a stand-in.
    std::optional<storage::error> storage;
};
std::string describe(const catalog_refusal& refusal);

using catalog_answer = expected<catalog_change, catalog_refusal>;

/// The one writer of the catalog: checks requests in order, makes them durable in the log
/// `state/catalog`, applies, publishes and answers them. Requests that wait together share one
/// sync. Made, used and destroyed on the thread of `engine`; the published state is for every
/// thread.
class catalog {
public:
    using completion = std::function<void(catalog_answer)>;

    /// Rebuilds the catalog from its log, which it makes at the first start together with the root
    /// user; then removes logs of partitions that a crash left behind. *Blocks*, running the
    /// engine. `engine` and `owner` must outlive the catalog. Errors: whatever keeps the catalog
    /// from being what it last was; nothing is changed then.
    static text_result<std::unique_ptr<catalog>> open(storage::engine& engine,
                                                      partition_owner& owner,
                                                      catalog_settings settings);
    ~catalog();

    /// Calls `done` when the request was carried out or refused, perhaps before it returns.
    void execute(catalog_caller caller, catalog_request request, completion done);
    /// Refuses new requests with `disconnected`, carries out those that wait, then closes the
    /// catalog's log.
    void close(std::function<void()> closed);

    const published_catalog& published() const noexcept { return published_; }
    /// Logs that the catalog names and the data directory does not have: a damaged directory.
    const std::vector<log_uid>& missing_logs() const noexcept { return missing_logs_; }

private:
    struct request_in_turn {
        catalog_caller caller;
        catalog_request request;
        completion done;
    };
    /// A request of the round that is under way.
    struct entry {
        request_in_turn asked;
        protocol::result<catalog_command> decided;   ///< what it became, or why it is refused
        std::shared_ptr<const catalog_state> state;  ///< after it, once it is durable
    };
    using outcome = storage::result<done_t>;
    using continuation = std::function<void(outcome)>;

    /// What the store is doing for the catalog; one at a time. Calls back when it is finished.
    class step final : public storage::operation {
    public:
        void on_finished() noexcept override {
            std::exchange(then, nullptr)(storage::operation::outcome);
        }
        continuation then;
    };
    class append_step final : public storage::append_operation {
    public:
        void on_finished() noexcept override {
            std::exchange(then, nullptr)(storage::operation::outcome);
        }
        std::vector<std::byte> bytes;
        continuation then;
    };

    catalog(storage::engine& engine, partition_owner& owner, catalog_settings settings);

    // Opening; blocking.
    text_result<done_t> open_log();
    text_result<done_t> restore();
    text_result<done_t> replay();
    text_result<done_t> create_root();
    text_result<done_t> remove_orphans();
    outcome wait_for(const std::function<void(continuation)>& start);
    void run_engine();
    bool is_partition_log(const storage::log_name& log) const;

    // A round: one call after the other, each when what the one before it started has ended.
    void pump();
    void start_round();
    void take_requests();
    void create_logs();
    void logs_created(const outcome& created);
    void append_commands();
    void commands_appended(const outcome& appended);
    void remove_logs(std::vector<log_uid> gone);
    void answer_round();
    void undo_creation(const storage::error& cause);
    void fail_round(const storage::error& cause);
    void finish_round();
    void close_when_idle();

    // Snapshots.
    void write_snapshot(const continuation& written);
    void append_next_part(const continuation& written);
    void truncate_before_last_snapshot(const continuation& written);

    void append_messages(std::vector<std::byte> messages, continuation then);
    void add_message(std::vector<std::byte>& messages, byte_view payload) const;
    void run_blocking(std::function<outcome()> work, continuation then);
    timestamp now() const;
    void tell(const std::string& sentence) const;
    counters_source counters() const;

    storage::engine& engine_;
    partition_owner& owner_;
    catalog_settings settings_;
    storage::engine_log* log_ = nullptr;
    published_catalog published_;
    std::shared_ptr<const catalog_state> state_;  // the newest that is durable
    std::vector<log_uid> missing_logs_;
    // Set when nobody knows whether the last commands are durable: the next start tells, and finds
    // the logs that they speak of, or removes them. Until then there are no more changes.
    std::optional<storage::error> read_only_;

    std::deque<request_in_turn> queue_;
    std::vector<entry> round_;
    std::vector<std::string> new_paths_;
    std::vector<log_uid> new_logs_;
    std::vector<log_uid> gone_logs_;  // their removal is due or failed so far
    std::size_t alone_ = 0;  // requests that are to get a round of their own, after a failure
    bool round_runs_ = false;
    bool pumping_ = false;
    bool closing_ = false;
    std::function<void()> closed_;

    struct snapshot_in_turn {
        std::uint64_t sequence = 0;
        std::vector<std::byte> content;
        std::uint32_t parts = 0;
        std::uint32_t next_part = 0;
        message_offset begins;
    };
    snapshot_in_turn snapshot_;
    std::optional<message_offset> snapshot_at_;  // where the last one in the log begins
    std::uint64_t commands_since_snapshot_ = 0;
    std::uint64_t snapshot_due_at_;  // commands since the last one

    step step_;
    append_step append_;
};

}  // namespace iggy::server
