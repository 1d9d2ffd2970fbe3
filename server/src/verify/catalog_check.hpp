#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <iggy/base/message.hpp>
#include <iggy/storage/verify.hpp>

#include "catalog/catalog_replay.hpp"
#include "catalog/catalog_state.hpp"

namespace iggy::server {

/// What the catalog says, and whether a server can start with it.
struct catalog_verdict {
    enum class condition : std::uint8_t {
        none,  ///< no catalog, and no partition that would need one
        complete,
        incomplete,  ///< the server will not start
    };
    condition is = condition::none;
    std::string text;
    std::uint64_t streams = 0;
    std::uint64_t topics = 0;
    std::uint64_t partitions = 0;
    std::uint64_t users = 0;
    /// Partitions whose log the data directory does not have.
    std::vector<std::string> without_log;

    bool intact() const noexcept { return is != condition::incomplete && without_log.empty(); }
};

/// Replays the catalog from the messages of its log that hold, names logs by it, and compares it
/// with the logs that are there.
class catalog_check {
public:
    void begin(message_offset start);
    void take(const message_view& record);
    /// The catalog's log was checked.
    void end(const storage::log_report& log);
    /// Another log was checked. What the catalog calls it, `stream "orders", topic "placed",
    /// partition 0`; nothing where it does not know it.
    std::optional<std::string> name(const storage::log_report& log);
    /// Whether the next start takes the log for the rest of an unfinished change, and removes it.
    bool is_orphan(const storage::log_report& log) const;
    /// After the last log.
    catalog_verdict verdict() const;

private:
    std::optional<catalog_replay> replay_;
    message_offset expected_;
    std::string fault_;  // a record that this version does not understand
    bool has_log_ = false;
    std::shared_ptr<const catalog_state> state_;  // null unless complete
    std::unordered_map<log_uid, std::string> names_;
    std::unordered_set<log_uid> seen_;
    std::uint64_t partition_logs_ = 0;
};

}  // namespace iggy::server
