#include "pending_content.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

using iggy::byte_span;
using iggy::byte_view;

namespace {

void zero_from(std::vector<std::byte>& bytes, std::uint64_t position) {
    if (position < bytes.size()) {
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(position), bytes.end(), std::byte{0});
    }
}

/// Copies a sector's image into `bytes`, as far as they reach.
void put_sector(std::vector<std::byte>& bytes, std::uint64_t sector, byte_view image) {
    const std::uint64_t at = sector * pending_content::sector_bytes;
    if (at < bytes.size()) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(image.size(), bytes.size() - at));
        std::memcpy(bytes.data() + at, image.data(), count);
    }
}

}  // namespace

std::size_t pending_content::read(std::uint64_t position, byte_span into) const {
    if (position >= visible_.size() || into.empty()) {
        return 0;
    }
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), visible_.size() - position));
    std::memcpy(into.data(), visible_.data() + position, count);
    return count;
}

void pending_content::write(std::uint64_t position, byte_view bytes) {
    if (bytes.empty()) {
        return;
    }
    const std::uint64_t end = position + bytes.size();
    if (end > visible_.size()) {
        resize(end);
    }
    std::memcpy(visible_.data() + position, bytes.data(), bytes.size());
    const std::uint64_t last = (end - 1) / sector_bytes;
    for (std::uint64_t sector = position / sector_bytes; sector <= last; ++sector) {
        const std::uint64_t at = sector * sector_bytes;
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(sector_bytes, visible_.size() - at));
        const std::size_t image_at = images_.size();
        images_.resize(image_at + sector_bytes);
        std::memcpy(images_.data() + image_at, visible_.data() + at, count);
        versions_.push_back(
            {static_cast<std::uint32_t>(sector), static_cast<std::uint32_t>(sizes_.size()), false});
    }
}

void pending_content::resize(std::uint64_t size) {
    if (size != visible_.size()) {
        visible_.resize(static_cast<std::size_t>(size));
        sizes_.push_back(size);
    }
}

void pending_content::sync() {
    zero_from(durable_, *std::ranges::min_element(sizes_));
    durable_.resize(visible_.size());
    if (any_stuck_) {
        sync_around_stuck();
    } else {
        for (const version& at : versions_) {
            const std::uint64_t from = at.sector * std::uint64_t{sector_bytes};
            if (from < visible_.size()) {
                put_sector(
                    durable_, at.sector,
                    byte_view{visible_}.subspan(
                        static_cast<std::size_t>(from),
                        std::min(sector_bytes, visible_.size() - static_cast<std::size_t>(from))));
            }
        }
        forget_versions();
    }
    sizes_ = {visible_.size()};
}

/// Sectors written after the failed sync are durable now, the others as uncertain as before.
void pending_content::sync_around_stuck() {
    std::set<std::uint32_t> rewritten;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
        if (!versions_[i].stuck) {
            rewritten.insert(versions_[i].sector);
            put_sector(durable_, versions_[i].sector, image(i));
        }
    }
    std::vector<version> kept;
    std::vector<std::byte> kept_images;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
        const bool is_gone = versions_[i].sector * std::uint64_t{sector_bytes} >= visible_.size();
        if (!rewritten.contains(versions_[i].sector) && !is_gone) {
            const byte_view bytes = image(i);
            kept.push_back({versions_[i].sector, 1, true});
            kept_images.insert(kept_images.end(), bytes.begin(), bytes.end());
        }
    }
    versions_ = std::move(kept);
    images_ = std::move(kept_images);
    any_stuck_ = !versions_.empty();
}

void pending_content::fail_sync() {
    for (version& at : versions_) {
        at.stuck = true;
    }
    any_stuck_ = !versions_.empty();
}

void pending_content::cut_power(seeded_random& random) {
    // Whole files often come or stay together; the mixtures are what this is about.
    constexpr std::uint64_t percents[] = {0, 100, 20, 50, 50, 80};
    const std::uint64_t data_percent = percents[random.below(std::size(percents))];
    const std::size_t sizes_kept = random.below(sizes_.size());
    const std::uint64_t size = choose_size(random, sizes_kept);

    std::map<std::uint32_t, std::vector<std::size_t>> by_sector;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
        if (is_possible(versions_[i], sizes_kept)) {
            by_sector[versions_[i].sector].push_back(i);
        }
    }
    // Each survivor replaces its sector; truncations that came after it and are there cut it.
    std::vector<std::byte> found = durable_;
    found.resize(std::max<std::size_t>(durable_.size(), visible_.size()));
    const auto kept_end = sizes_.begin() + static_cast<std::ptrdiff_t>(sizes_kept) + 1;
    zero_from(found, *std::min_element(sizes_.begin(), kept_end));
    for (const auto& [sector, candidates] : by_sector) {
        if (!random.chance(data_percent)) {
            continue;
        }
        const bool newest = random.chance(60);
        const std::size_t chosen =
            newest ? candidates.back() : candidates[random.below(candidates.size())];
        std::vector<std::byte> bytes{image(chosen).begin(), image(chosen).end()};
        const std::uint64_t at = sector * std::uint64_t{sector_bytes};
        for (std::size_t i = versions_[chosen].sizes_before; i <= sizes_kept; ++i) {
            zero_from(bytes, sizes_[i] <= at ? 0 : sizes_[i] - at);
        }
        put_sector(found, sector, bytes);
    }
    found.resize(static_cast<std::size_t>(size));
    visible_ = std::move(found);
    durable_ = visible_;
    sizes_ = {size};
    forget_versions();
}

/// A growth may have been caught half way.
std::uint64_t pending_content::choose_size(seeded_random& random, std::size_t sizes_kept) const {
    const std::uint64_t size = sizes_[sizes_kept];
    if (sizes_kept + 1 < sizes_.size() && sizes_[sizes_kept + 1] > size && random.chance(25)) {
        const std::uint64_t between = random.between(size, sizes_[sizes_kept + 1]);
        return std::max(size, between / sector_bytes * sector_bytes);
    }
    return size;
}

bool pending_content::is_possible(const version& at, std::size_t sizes_kept) const {
    const std::uint64_t from = at.sector * std::uint64_t{sector_bytes};
    for (std::size_t i = sizes_kept + 1; i < at.sizes_before; ++i) {
        const std::uint64_t blocks_end = (sizes_[i] + block_bytes - 1) / block_bytes * block_bytes;
        if (sizes_[i] < sizes_[i - 1] && from >= blocks_end) {
            return false;
        }
    }
    return true;
}

byte_view pending_content::image(std::size_t number) const {
    return byte_view{images_}.subspan(number * sector_bytes, sector_bytes);
}

void pending_content::forget_versions() {
    versions_.clear();
    images_.clear();
    any_stuck_ = false;
}
