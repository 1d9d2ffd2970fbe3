#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <iggy/base/bytes.hpp>

namespace iggy::storage {

/// The one limit of a process for everything that grows. Thread-safe.
class memory_budget {
public:
    explicit memory_budget(std::uint64_t limit_bytes) noexcept : limit_{limit_bytes} {}

    /// False when the limit leaves no room; the caller pushes back and tries again later.
    [[nodiscard]] bool try_take(std::uint64_t bytes) noexcept;
    /// Takes without asking; for what is bounded elsewhere and must not fail half way.
    void take(std::uint64_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }
    void give_back(std::uint64_t bytes) noexcept {
        used_.fetch_sub(bytes, std::memory_order_relaxed);
    }

    std::uint64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
    std::uint64_t limit() const noexcept { return limit_; }

private:
    std::uint64_t limit_;
    std::atomic<std::uint64_t> used_{0};
};

class buffer_pool;

/// Owns one block of a buffer_pool, 4 KiB aligned, contents undefined. Move-only. May be released
/// on any thread; the pool must outlive it.
class buffer {
public:
    buffer() = default;
    buffer(buffer&& other) noexcept
        : pool_{std::exchange(other.pool_, nullptr)}, bytes_{std::exchange(other.bytes_, {})} {}
    buffer& operator=(buffer&& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~buffer();

    /// All of the block; at least as large as was asked for.
    byte_span bytes() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return bytes_.size(); }
    explicit operator bool() const noexcept { return pool_ != nullptr; }

private:
    friend class buffer_pool;
    buffer(buffer_pool& pool, byte_span bytes) noexcept : pool_{&pool}, bytes_{bytes} {}

    buffer_pool* pool_ = nullptr;
    byte_span bytes_;
};

/// Blocks in sizes of powers of two from 4 KiB up, charged to a budget while they exist, kept for
/// the next taker up to a bound. One pool per shard: taking is for its thread, releasing for any.
class buffer_pool {
public:
    /// `kept_bytes_max`: unused blocks kept at most; they count as used memory.
    buffer_pool(memory_budget& budget, std::uint64_t kept_bytes_max);
    ~buffer_pool();  // every buffer is back

    /// A block of at least `bytes` (1 .. 4 GiB); empty when the budget leaves no room even after
    /// unused blocks were freed.
    buffer try_take(std::size_t bytes);
    /// The same without asking the budget, for a taker that must finish what it began; the caller
    /// bounds how many do.
    buffer take(std::size_t bytes);

private:
    friend class buffer;
    void release(byte_span block) noexcept;

    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace iggy::storage
