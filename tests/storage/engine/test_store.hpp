#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/message.hpp>
#include <iggy/storage/engine.hpp>

/// A message as a test sees it.
struct seen_message {
    std::uint64_t offset = 0;
    std::string text;
    friend bool operator==(const seen_message&, const seen_message&) = default;
};
std::ostream& operator<<(std::ostream& out, const seen_message& message);

/// Messages back to back as a client sends them: no offset, no timestamp, no id.
std::vector<std::byte> make_batch(const std::vector<std::string>& texts);

/// `count` texts of 100 bytes, numbered from `from` on.
std::vector<std::string> hundred_bytes(int from, int count);
/// What a message with one of them takes.
inline constexpr std::uint64_t hundred_bytes_on_disk = 164;

/// How the engine reaches the disk.
enum class test_queue { step, io_uring, threads };

/// A data directory with one engine and an open log, driven by the test's own thread.
class test_store {
public:
    explicit test_store(const std::string& path, iggy::storage::store_options options = {},
                        iggy::storage::log_options log = {}, test_queue queue = test_queue::step);
    /// On any disk, with the step queue.
    test_store(std::unique_ptr<iggy::storage::disk> disk, iggy::storage::store_options options,
               iggy::storage::log_options log);
    ~test_store();

    /// Opens another log, which is made when it is not there; what follows is about that one.
    void turn_to(const std::string& name, iggy::storage::log_options log);
    /// Moves the log to a new engine, which is the one from then on; false when it may not move.
    bool move_log();
    iggy::storage::engine_log& log() { return *log_; }
    iggy::storage::engine& engine() { return *engine_; }
    iggy::storage::data_directory& directory() { return *directory_; }

    /// Appends in one batch; the first offset.
    iggy::storage::result<iggy::message_offset> append(const std::vector<std::string>& texts);
    /// Appends a message at each of these offsets in one batch, as a replica would.
    iggy::storage::result<iggy::message_offset> append_at(const std::vector<std::uint64_t>& offsets,
                                                          const std::string& text);
    iggy::storage::result<std::vector<seen_message>> read(iggy::storage::read_start start,
                                                          std::uint64_t value, std::uint32_t count,
                                                          std::uint64_t bytes_max = 1 << 24);
    std::vector<seen_message> read_all();
    /// Starts all batches at once; the first offset of each.
    std::vector<iggy::storage::result<iggy::message_offset>> append_together(
        const std::vector<std::vector<std::string>>& batches);

    iggy::storage::result<iggy::done_t> purge();
    iggy::storage::result<iggy::done_t> flush(bool sync);
    iggy::storage::result<iggy::done_t> truncate_before(std::uint64_t at);
    iggy::storage::result<iggy::done_t> truncate_after(std::uint64_t next);
    iggy::storage::result<iggy::done_t> delete_oldest_segments(std::uint32_t count);
    iggy::storage::result<iggy::done_t> store_offset(std::uint64_t key, std::uint64_t at);
    iggy::storage::result<iggy::done_t> close();
    /// Until nothing is on its way any more, as after a roll.
    void settle();
    /// Until its descriptor is not readable, as a loop does in which nobody starts anything.
    void run_while_readable();

private:
    void open(iggy::storage::log_options log);

    std::shared_ptr<iggy::storage::data_directory> directory_;
    std::vector<std::unique_ptr<iggy::storage::engine>> former_engines_;
    std::unique_ptr<iggy::storage::engine> engine_;
    iggy::storage::engine_log* log_ = nullptr;
    iggy::log_uid uid_;
};
