#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <iggy/base/bytes.hpp>

#include "seeded_random.hpp"

/// The bytes of one file as the page cache shows them, and what a power cut may make of them. Until
/// a sync each sector may be found in any state it was in since the last one, whatever its
/// neighbours do. The size takes its changes in order, but a power cut may stop it anywhere among
/// them: a file may be longer than its data, and holds zeros there.
class pending_content {
public:
    static constexpr std::size_t sector_bytes = 512;
    /// The unit in which a file gets and loses room. What is written into a block that a pending
    /// truncation freed cannot be found before the truncation itself.
    static constexpr std::size_t block_bytes = 4096;

    std::uint64_t size() const noexcept { return visible_.size(); }
    /// Bytes read: fewer than asked for only at the end.
    std::size_t read(std::uint64_t position, iggy::byte_span into) const;
    void write(std::uint64_t position, iggy::byte_view bytes);
    void resize(std::uint64_t size);

    void sync();
    /// What is pending stays visible, but no later sync makes it durable: only another write of the
    /// sector and a sync after that do.
    void fail_sync();
    /// Settles on one of the states that may be found; all of it is durable then.
    void cut_power(seeded_random& random);

private:
    struct version {
        std::uint32_t sector;
        std::uint32_t sizes_before;  ///< entries of sizes_ when it was written
        bool stuck;                  ///< a sync of it failed
    };

    iggy::byte_view image(std::size_t number) const;
    bool is_possible(const version& at, std::size_t sizes_kept) const;
    std::uint64_t choose_size(seeded_random& random, std::size_t sizes_kept) const;
    void forget_versions();
    void sync_around_stuck();

    std::vector<std::byte> visible_;
    std::vector<std::byte> durable_;
    std::vector<std::uint64_t> sizes_{0};  // the durable one, then every change since
    std::vector<version> versions_;        // since the last sync, in order
    std::vector<std::byte> images_;        // a sector for each of versions_
    bool any_stuck_ = false;
};
