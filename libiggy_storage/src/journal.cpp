#include "journal.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

namespace iggy::storage {

namespace format = journal_format;

namespace {

// Then the helper thread may turn to something else.
constexpr int commits_per_duty = 256;
constexpr std::chrono::milliseconds gather_time_max{1};  // also where a sync takes longer
constexpr unsigned gather_misses_max = 6;                // a pause of 63 groups
constexpr std::size_t fill_bytes = std::size_t{1} << 20;

std::uint64_t random_number() {
    std::random_device seed;
    return (std::uint64_t{seed()} << 32) | seed();
}

error as_final(error why) {
    why.code = errc::read_only;
    return why;
}

}  // namespace

journal::journal(disk& files, const directory_id& directory, const store_options& options,
                 std::vector<journal_file> empty)
    : files_{files},
      directory_{directory},
      session_{random_number()},
      file_bytes_{options.journal_file_bytes},
      files_max_{options.journal_files_max},
      group_(static_cast<std::size_t>(
          std::min<std::uint64_t>(format::group_bytes_max, options.journal_file_bytes))) {
    for (journal_file& at : empty) {
        if (at.bytes == file_bytes_ && paths_.size() < files_max_) {
            paths_.insert(at.path);
            free_.push_back(std::make_unique<ring_file>(ring_file{std::move(at), {}}));
        } else {
            // Cut short, or of another size.
            (void)files_.remove(at.path);
        }
    }
}

bool journal::fits(const store_options& options) noexcept {
    const std::uint64_t group =
        std::min<std::uint64_t>(format::group_bytes_max, options.journal_file_bytes);
    return options.journal_files_max > 0 && options.journal_file_bytes > 0 &&
           options.journal_file_bytes % format::block_bytes == 0 &&
           options.journal_batch_bytes_max + format::header_bytes + format::entry_header_bytes <=
               group;
}

void journal::add(std::vector<journal_request>& requests) {
    const std::lock_guard lock{mutex_};
    waiting_.insert(waiting_.end(), requests.begin(), requests.end());
    requests.clear();
    if (waiting_.size() >= likely_) {
        gathered_.notify_one();
    }
}

bool journal::take_duty() {
    const std::lock_guard lock{mutex_};
    if (busy_ || waiting_.empty()) {
        return false;
    }
    busy_ = true;
    return true;
}

void journal::commit_waiting() {
    for (int round = 0;; ++round) {
        std::optional<error> failure;
        {
            std::unique_lock lock{mutex_};
            if (waiting_.empty() || round == commits_per_duty) {
                busy_ = false;
                idle_.notify_all();
                return;
            }
            failure = failed_;
            if (!failure) {
                gather(lock);
            }
            committing_.swap(waiting_);
        }
        const auto outcome = failure ? result<done_t>{*failure} : write_all();
        {
            const std::lock_guard lock{mutex_};
            likely_ = waiting_.size() + committing_.size();
            gather_until_ =
                clock::now() + std::min<clock::duration>(2 * sync_took_, gather_time_max);
        }
        deliver(outcome);
        committing_.clear();
    }
}

/// Gives those whom the last group answered the time to ask again: else they and those who came
/// meanwhile take turns for ever, and each sync serves half of them. When they do not, it is not
/// tried for a while: whoever sends at his own pace would only wait.
void journal::gather(std::unique_lock<std::mutex>& lock) {
    const auto all_came = [this] { return waiting_.size() >= likely_; };
    if (all_came() || clock::now() >= gather_until_) {
        return;
    }
    if (gather_pause_ > 0) {
        --gather_pause_;
        return;
    }
    const bool paid = gathered_.wait_until(lock, gather_until_, all_came);
    gather_misses_ = paid ? 0 : std::min(gather_misses_ + 1, gather_misses_max);
    gather_pause_ = (1U << gather_misses_) - 1;
}

/// Once for each client, which is woken for it.
void journal::deliver(const result<done_t>& outcome) {
    for (const journal_request& request : committing_) {
        const auto known = std::ranges::find(delivering_, request.client, &delivery::first);
        if (known == delivering_.end()) {
            delivering_.emplace_back(request.client, 1);
        } else {
            ++known->second;
        }
    }
    for (const auto& [client, count] : delivering_) {
        client->deliver(count, outcome);
    }
    delivering_.clear();
}

result<done_t> journal::write_all() {
    group_used_ = format::header_bytes;
    group_requests_.clear();
    for (const journal_request& request : committing_) {
        if (const auto added = fill_in(request); !added) {
            return added;
        }
    }
    if (const auto written = write_group(); !written) {
        return written;
    }
    const auto began = clock::now();
    const auto synced = current_->at.open->sync();
    sync_took_ = clock::now() - began;
    return synced ? synced : fail(synced.error());
}

result<done_t> journal::fill_in(const journal_request& request) {
    const std::size_t bytes = format::entry_bytes(request.entry);
    if (bytes > group_.size() - group_used_) {
        if (const auto written = write_group(); !written) {
            return written;
        }
    }
    format::encode_entry(request.entry, byte_span{group_}.subspan(group_used_, bytes));
    group_used_ += bytes;
    group_requests_.push_back(&request);
    return done;
}

/// Writes the group that was filled to the end of the current file, or to the next one.
result<done_t> journal::write_group() {
    const std::size_t bytes = format::padded(group_used_);
    if (current_ != nullptr && position_ + bytes > file_bytes_) {
        if (const auto retired = retire_current(); !retired) {
            return retired;
        }
    }
    if (current_ == nullptr) {
        if (const auto found = next_file(); !found) {
            return found;
        }
    }
    const byte_span group = byte_span{group_}.first(bytes);
    std::ranges::fill(group.subspan(group_used_), std::byte{0});
    format::encode_header({.directory = directory_,
                           .session = session_,
                           .sequence = sequence_,
                           .bytes = static_cast<std::uint32_t>(group_used_),
                           .entries = static_cast<std::uint32_t>(group_requests_.size())},
                          group.first(group_used_));
    const byte_view part{group};
    if (const auto written = current_->at.open->write_at(position_, {&part, 1}); !written) {
        // Where even space that was reserved runs out, the next group is written over this one.
        return written.error().code == errc::no_space ? written : fail(written.error());
    }
    for (const journal_request* const request : group_requests_) {
        cover(*request);
    }
    ++sequence_;
    position_ += bytes;
    group_used_ = format::header_bytes;
    group_requests_.clear();
    return done;
}

/// Names stay durable as long as the log's generation lasts: no file of it is made twice.
void journal::cover(const journal_request& request) {
    const log_identity& log = request.entry.log;
    covered_file& at = current_->covers[*request.file];
    if (at.log == log) {
        return;
    }
    const std::lock_guard lock{mutex_};
    logs_.insert(log.uid);
    const auto before = named_.find(*request.file);
    const bool named = request.named || (before != named_.end() && before->second == log);
    at = {log, *request.directory, named};
}

/// The current file is full: what is in it becomes durable before anything stands in the next one.
result<done_t> journal::retire_current() {
    if (const auto synced = current_->at.open->sync(); !synced) {
        return fail(synced.error());
    }
    const std::lock_guard lock{mutex_};
    full_.push_back(std::move(current_));
    recycling_due_ = true;
    return done;
}

result<done_t> journal::next_file() {
    position_ = 0;
    for (;;) {
        {
            const std::lock_guard lock{mutex_};
            if (!free_.empty()) {
                current_ = std::move(free_.front());
                free_.pop_front();
                return done;
            }
        }
        if (paths_.size() < files_max_) {
            auto made = make_file();
            if (!made) {
                return made.error();
            }
            current_ = std::move(*made);
            return done;
        }
        // Nobody has freed one in time.
        if (const auto recycled = recycle(); !recycled) {
            return fail(recycled.error());
        }
    }
}

/// Writes zeros, as overwriting what is there is synced twice as fast as writing what is new.
result<std::unique_ptr<journal::ring_file>> journal::make_file() {
    if (const auto made = files_.create_directories(journal_directory); !made) {
        return made.error();
    }
    std::string path;
    for (std::size_t number = 1; path.empty() || paths_.contains(path); ++number) {
        path = fmt::format("{}/{}{}", journal_directory, number, journal_extension);
    }
    auto opened = files_.open(path, open_mode::create);
    if (!opened) {
        return opened.error();
    }
    file& fresh = **opened;
    const std::vector<std::byte> zeros(
        static_cast<std::size_t>(std::min<std::uint64_t>(file_bytes_, fill_bytes)));
    result<done_t> outcome = done;
    for (std::uint64_t at = 0; at < file_bytes_ && outcome; at += zeros.size()) {
        const auto left = static_cast<std::size_t>(file_bytes_ - at);
        const byte_view part = byte_view{zeros}.first(std::min(left, zeros.size()));
        outcome = fresh.write_at(at, {&part, 1});
    }
    if (outcome) {
        outcome = fresh.sync();
    }
    if (outcome) {
        outcome = files_.sync_directory(journal_directory);
    }
    if (outcome) {
        outcome = files_.sync_directory("");
    }
    if (!outcome) {
        (void)files_.remove(path);
        return outcome.error();
    }
    paths_.insert(path);
    return std::make_unique<ring_file>(
        ring_file{{std::move(path), std::move(*opened), file_bytes_}, {}});
}

result<done_t> journal::recycle() {
    const std::lock_guard one_at_a_time{recycling_};
    for (;;) {
        const ring_file* oldest = nullptr;
        {
            const std::lock_guard lock{mutex_};
            if (full_.empty()) {
                return done;
            }
            oldest = full_.front().get();
        }
        auto freed = sync_covered(*oldest);
        // Whoever syncs one of these files meanwhile may be the one that hears of a failure.
        if (const auto frozen = await_watched()) {
            return *frozen;
        }
        if (freed) {
            // Or a group that is torn in its place leaves some of the old ones to the next start.
            freed = clear_journal_file(*oldest->at.open);
        }
        if (!freed) {
            freeze(freed.error());
            return as_final(freed.error());
        }
        const std::lock_guard lock{mutex_};
        if (frozen_) {
            return *frozen_;  // a sync of what it covers failed meanwhile, and told another caller
        }
        named_.clear();
        for (auto& [path, at] : std::exchange(full_.front()->covers, {})) {
            named_.emplace(path, at.log);
        }
        free_.push_back(std::move(full_.front()));
        full_.pop_front();
    }
}

result<done_t> journal::sync_covered(const ring_file& of) {
    std::set<std::string, std::less<>> unnamed;
    for (const auto& [path, at] : of.covers) {
        // One that is not there was removed with its log, or truncated.
        if (const auto synced = sync_file(files_, path); !synced) {
            return lose(at.log.uid, synced.error());
        }
        if (!at.named) {
            unnamed.insert(at.directory);
        }
    }
    const auto named = sync_log_directories(files_, unnamed);
    if (!named) {
        for (const auto& [path, at] : of.covers) {
            if (!at.named) {
                lose(at.log.uid, named.error());
            }
        }
    }
    return named;
}

error journal::lose(log_uid uid, error why) {
    why.log = uid;
    freeze(why);
    const std::lock_guard lock{mutex_};
    lost_.emplace(uid, why);
    has_lost_ = true;
    return why;
}

std::optional<error> journal::loss_of(log_uid uid) {
    if (!has_lost_) {
        return std::nullopt;
    }
    const std::lock_guard lock{mutex_};
    const auto found = lost_.find(uid);
    return found == lost_.end() ? std::nullopt : std::optional{found->second};
}

void journal::freeze(const error& why) {
    const std::lock_guard lock{mutex_};
    if (!frozen_) {
        frozen_ = as_final(why);
    }
}

/// One that is on its way counts among `watched_`, also where it ends by an exception.
class journal::watched_sync {
public:
    explicit watched_sync(journal& by) : by_{by} {
        const std::lock_guard lock{by_.mutex_};
        under_way_ = &by_.watched_[by_.watched_now_];
        ++*under_way_;
    }
    watched_sync(const watched_sync&) = delete;
    watched_sync& operator=(const watched_sync&) = delete;
    ~watched_sync() {
        const std::lock_guard lock{by_.mutex_};
        if (--*under_way_ == 0) {
            by_.watched_ended_.notify_all();
        }
    }

private:
    journal& by_;
    std::size_t* under_way_ = nullptr;
};

result<done_t> journal::watch(const std::function<result<done_t>()>& sync) {
    const watched_sync counted{*this};
    const auto synced = sync();
    if (!synced) {
        freeze(synced.error());
    }
    return synced;
}

/// Waits for the watched syncs that have begun, not for those that begin meanwhile; then says
/// whether anything may be forgotten. One caller at a time: under recycling_.
std::optional<error> journal::await_watched() {
    std::unique_lock lock{mutex_};
    const std::size_t& under_way = watched_[watched_now_];
    watched_now_ = 1 - watched_now_;
    watched_ended_.wait(lock, [&under_way] { return under_way == 0; });
    return frozen_;
}

result<done_t> journal::settle(log_uid uid) {
    std::unique_lock lock{mutex_};
    if (!logs_.contains(uid)) {
        return done;
    }
    idle_.wait(lock, [this] { return !busy_; });
    busy_ = true;
    lock.unlock();
    result<done_t> outcome = current_ == nullptr ? done : retire_current();
    if (outcome) {
        outcome = recycle();
    }
    lock.lock();
    busy_ = false;
    if (outcome) {
        logs_.clear();
    }
    idle_.notify_all();
    lock.unlock();
    return outcome ? outcome : fail(outcome.error());
}

/// Nothing is kept any more: what was written last may be there or not.
error journal::fail(const error& why) {
    const std::lock_guard lock{mutex_};
    if (!failed_) {
        failed_ = as_final(why);
    }
    return *failed_;
}

}  // namespace iggy::storage
