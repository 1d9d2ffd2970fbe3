#include <iggy/storage/memory.hpp>

#include <array>
#include <bit>
#include <cstdlib>
#include <new>
#include <thread>

#include <sys/mman.h>

#include <iggy/base/assert.hpp>

namespace iggy::storage {

namespace {

constexpr std::size_t block_bytes_min = 4096;
constexpr std::size_t block_bytes_max = std::size_t{1} << 32;
constexpr std::size_t classes = 21;  // 4 KiB to 4 GiB
static_assert(block_bytes_min << (classes - 1) == block_bytes_max);

/// Larger blocks are mapped, so that freeing one gives its memory back to the system.
constexpr std::size_t malloc_bytes_max = std::size_t{64} << 10;

std::size_t class_of(std::size_t block_bytes) noexcept {
    return static_cast<std::size_t>(std::countr_zero(block_bytes) -
                                    std::countr_zero(block_bytes_min));
}

/// Null when the system has no memory.
std::byte* allocate_block(std::size_t bytes) noexcept {
    if (bytes <= malloc_bytes_max) {
        return static_cast<std::byte*>(std::aligned_alloc(block_bytes_min, bytes));
    }
    void* const mapped =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mapped == MAP_FAILED ? nullptr : static_cast<std::byte*>(mapped);
}

void free_block(std::byte* block, std::size_t bytes) noexcept {
    if (bytes <= malloc_bytes_max) {
        std::free(block);
    } else {
        ::munmap(block, bytes);
    }
}

/// What stands at the front of an unused block.
struct unused_block {
    unused_block* next;
};

}  // namespace

bool memory_budget::try_take(std::uint64_t bytes) noexcept {
    auto used = used_.load(std::memory_order_relaxed);
    do {
        if (bytes > limit_ || used > limit_ - bytes) {
            return false;
        }
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
}

/// Unused blocks of one size. The owner takes the one that it released last, which the processor's
/// caches still hold. `returned` is a stack that the other threads push to; the owner takes all of
/// it at once, so that the same block never seems to be on top twice.
struct buffer_class {
    unused_block* kept = nullptr;  // the owner's
    std::atomic<unused_block*> returned{nullptr};

    void push(std::byte* block) noexcept { kept = new (block) unused_block{kept}; }
    void give_back(std::byte* block) noexcept {
        auto* const node = new (block) unused_block{returned.load(std::memory_order_relaxed)};
        while (!returned.compare_exchange_weak(node->next, node, std::memory_order_release,
                                               std::memory_order_relaxed)) {
        }
    }
    std::byte* pop() noexcept {
        if (kept == nullptr) {
            kept = returned.exchange(nullptr, std::memory_order_acquire);
        }
        unused_block* const top = kept;
        if (top != nullptr) {
            kept = top->next;
        }
        return reinterpret_cast<std::byte*>(top);
    }
};

struct buffer_pool::state {
    state(memory_budget& limit, std::uint64_t kept_max) noexcept
        : budget{limit}, kept_bytes_max{kept_max} {}

    memory_budget& budget;
    const std::uint64_t kept_bytes_max;
    std::atomic<std::uint64_t> kept_bytes{0};
    std::atomic<std::uint64_t> lent_blocks{0};
    std::atomic<std::thread::id> owner;  // the thread that takes
    std::array<buffer_class, classes> by_class;

    /// An unused block of that size, or null.
    std::byte* reuse(std::size_t bytes) noexcept {
        std::byte* const block = by_class[class_of(bytes)].pop();
        if (block != nullptr) {
            kept_bytes.fetch_sub(bytes, std::memory_order_relaxed);
        }
        return block;
    }

    /// Frees unused blocks, the largest first, until no more than `bytes` of them are left.
    void shrink_kept(std::uint64_t bytes) noexcept {
        for (std::size_t at = classes; at-- > 0;) {
            const std::size_t block_bytes = block_bytes_min << at;
            while (kept_bytes.load(std::memory_order_relaxed) > bytes) {
                std::byte* const block = reuse(block_bytes);
                if (block == nullptr) {
                    break;
                }
                free_block(block, block_bytes);
                budget.give_back(block_bytes);
            }
        }
    }

    /// Makes room among the unused blocks for one more of that size: sizes that are asked for push
    /// out those that are not.
    void prepare_to_keep(std::size_t bytes) noexcept {
        if (bytes <= kept_bytes_max) {
            shrink_kept(kept_bytes_max - bytes);
        }
    }
};

buffer::~buffer() {
    if (pool_ != nullptr) {
        pool_->release(bytes_);
    }
}

buffer_pool::buffer_pool(memory_budget& budget, std::uint64_t kept_bytes_max)
    : state_{std::make_unique<state>(budget, kept_bytes_max)} {}

buffer_pool::~buffer_pool() {
    IGGY_ASSERT(state_->lent_blocks.load(std::memory_order_acquire) == 0,
                "a pool outlives its buffers");
    state_->shrink_kept(0);
}

buffer buffer_pool::try_take(std::size_t bytes) {
    IGGY_ASSERT(bytes > 0 && bytes <= block_bytes_max, "sizes were bounded by the caller");
    const std::size_t block_bytes = std::max(std::bit_ceil(bytes), block_bytes_min);
    state_->owner.store(std::this_thread::get_id(), std::memory_order_relaxed);
    std::byte* block = state_->reuse(block_bytes);
    if (block == nullptr) {
        state_->prepare_to_keep(block_bytes);
        if (!state_->budget.try_take(block_bytes)) {
            state_->shrink_kept(0);
            if (!state_->budget.try_take(block_bytes)) {
                return {};
            }
        }
        block = allocate_block(block_bytes);
        if (block == nullptr) {
            state_->budget.give_back(block_bytes);
            return {};
        }
    }
    state_->lent_blocks.fetch_add(1, std::memory_order_relaxed);
    return buffer{*this, {block, block_bytes}};
}

buffer buffer_pool::take(std::size_t bytes) {
    if (buffer within_budget = try_take(bytes)) {
        return within_budget;
    }
    const std::size_t block_bytes = std::max(std::bit_ceil(bytes), block_bytes_min);
    std::byte* const block = allocate_block(block_bytes);
    if (block == nullptr) {
        throw std::bad_alloc{};
    }
    state_->budget.take(block_bytes);
    state_->lent_blocks.fetch_add(1, std::memory_order_relaxed);
    return buffer{*this, {block, block_bytes}};
}

void buffer_pool::release(byte_span block) noexcept {
    state& all = *state_;
    const auto kept = all.kept_bytes.fetch_add(block.size(), std::memory_order_relaxed);
    if (kept + block.size() <= all.kept_bytes_max) {
        buffer_class& unused = all.by_class[class_of(block.size())];
        const bool is_owner =
            all.owner.load(std::memory_order_relaxed) == std::this_thread::get_id();
        is_owner ? unused.push(block.data()) : unused.give_back(block.data());
    } else {
        all.kept_bytes.fetch_sub(block.size(), std::memory_order_relaxed);
        free_block(block.data(), block.size());
        all.budget.give_back(block.size());
    }
    // Last, as the pool may end when the count is zero.
    all.lent_blocks.fetch_sub(1, std::memory_order_release);
}

}  // namespace iggy::storage
