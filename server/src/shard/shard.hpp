#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <iggy/storage/engine.hpp>
#include <iggy/storage_asio.hpp>

#include "catalog/published_catalog.hpp"
#include "shard/mailbox.hpp"
#include "shard/poll_spacing.hpp"

namespace iggy::server {

/// One thread with its event loop, its storage engine and the logs that it owns. Made and ended by
/// `shard_map`; everything but `number`, `context`, `mail` and `core` is for the shard's own
/// thread.
class shard {
public:
    explicit shard(std::size_t number)
        : number_{number}, work_{context_.get_executor()}, mail_{context_}, ticks_{context_} {}

    std::size_t number() const noexcept { return number_; }
    boost::asio::io_context& context() noexcept { return context_; }
    mailbox& mail() noexcept { return mail_; }

    storage::engine& engine() noexcept { return *engine_; }
    storage::engine_runner& disk() noexcept { return *disk_; }
    /// This shard's view of streams, topics, partitions and users.
    catalog_view& catalog() noexcept { return *catalog_; }
    /// Gives it; before the first request.
    void show(const published_catalog& catalog) { catalog_.emplace(catalog); }
    storage::buffer_pool& buffers() noexcept { return engine_->buffers(); }
    /// Bytes of all batches that were to be appended here, messages with their headers; those
    /// refused too.
    std::uint64_t sent_bytes() const noexcept { return sent_bytes_; }
    void note_send(std::size_t bytes) noexcept { sent_bytes_ += bytes; }
    /// The core that its thread ran on when it last looked; -1 before. Any thread may ask.
    int core() const noexcept { return core_.load(std::memory_order_relaxed); }
    int look_at_core() noexcept;
    /// When consumers that are far behind may poll here.
    poll_spacing& spacing() noexcept { return spacing_; }

private:
    friend class shard_map;

    void tick_every_second();

    std::size_t number_;
    std::uint64_t sent_bytes_ = 0;
    std::atomic<int> core_{-1};
    poll_spacing spacing_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    mailbox mail_;
    boost::asio::steady_timer ticks_;
    std::optional<catalog_view> catalog_;
    std::unique_ptr<storage::engine> engine_;
    std::unique_ptr<storage::engine_runner> disk_;
};

}  // namespace iggy::server
