#include "stored_offsets.hpp"

#include <algorithm>
#include <array>

#include <iggy/base/checksum.hpp>

namespace iggy::storage {

namespace {

constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 32;
constexpr std::uint32_t state_present = 1;

}  // namespace

offset_slot decode_offset_slot(byte_view slot, const log_identity& identity) {
    using meaning = offset_slot::meaning;
    offset_slot decoded;
    if (load_le<std::uint64_t>(slot, 56) != xxh3_64(slot.first(56))) {
        const bool zeros =
            std::ranges::all_of(slot, [](std::byte one) { return one == std::byte{}; });
        decoded.means = zeros ? meaning::zeros : meaning::damaged;
        return decoded;
    }
    decoded.key = offset_key{load_le<std::uint64_t>(slot, 16)};
    decoded.at = message_offset{load_le<std::uint64_t>(slot, 24)};
    if (load_le<std::uint64_t>(slot, 0) != identity.uid.raw() ||
        load_le<std::uint32_t>(slot, 8) > identity.generation) {
        decoded.means = meaning::foreign;
    } else {
        decoded.means =
            load_le<std::uint32_t>(slot, 12) == state_present ? meaning::present : meaning::deleted;
    }
    return decoded;
}

result<done_t> stored_offsets::load(const log_identity& identity, page_cache found) {
    reset(identity);
    auto opened = file_.get(open_mode::read_write);
    if (!opened) {
        return opened.error().code == errc::not_found ? result<done_t>{done} : opened.error();
    }
    const auto size = (*opened)->size();
    if (!size) {
        return size.error();
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(*size, file_bytes_max)));
    const auto got = (*opened)->read_at(0, bytes);
    if (!got) {
        return got.error();
    }
    slot_count_ = static_cast<std::uint32_t>(*got / offset_slot_bytes);
    if (slot_count_ > 0 && found == page_cache::unproven) {
        const byte_view same = byte_view{bytes}.first(*got);
        if (const auto written = (*opened)->write_at(0, {&same, 1}); !written) {
            return written;
        }
    }
    for (std::uint32_t number = 0; number < slot_count_; ++number) {
        const offset_slot at = decode_offset_slot(
            byte_view{bytes}.subspan(number * offset_slot_bytes, offset_slot_bytes), identity);
        if (at.means != offset_slot::meaning::present || slots_.contains(at.key)) {
            free_.push_back(number);
            continue;
        }
        slots_[at.key] = {number, at.at};
    }
    return done;
}

result<done_t> stored_offsets::write(std::uint32_t number, offset_key key, message_offset at,
                                     bool present) {
    auto opened = file_.get(open_mode::create);
    if (!opened) {
        return opened.error();
    }
    std::array<std::byte, offset_slot_bytes> record{};
    store_le<std::uint64_t>(record, 0, identity_.uid.raw());
    store_le<std::uint32_t>(record, 8, identity_.generation);
    store_le<std::uint32_t>(record, 12, present ? state_present : 0);
    store_le<std::uint64_t>(record, 16, key.raw());
    store_le<std::uint64_t>(record, 24, at.raw());
    store_le<std::uint64_t>(record, 56, xxh3_64(byte_view{record}.first(56)));
    const byte_view part{record};
    return (*opened)->write_at(std::uint64_t{number} * offset_slot_bytes, {&part, 1});
}

result<done_t> stored_offsets::store(offset_key key, message_offset at) {
    const auto known = slots_.find(key);
    std::uint32_t number = slot_count_;
    if (known != slots_.end()) {
        number = known->second.number;
    } else if (!free_.empty()) {
        number = free_.back();
    }
    if (const auto written = write(number, key, at, true); !written) {
        return written.error();
    }
    if (known != slots_.end()) {
        known->second.at = at;
        return done;
    }
    if (free_.empty()) {
        ++slot_count_;
    } else {
        free_.pop_back();
    }
    slots_[key] = {number, at};
    return done;
}

result<done_t> stored_offsets::remove(offset_key key) {
    const auto known = slots_.find(key);
    if (known == slots_.end()) {
        return errc::not_found;
    }
    if (const auto written = write(known->second.number, key, {}, false); !written) {
        return written.error();
    }
    free_.push_back(known->second.number);
    slots_.erase(known);
    return done;
}

std::optional<message_offset> stored_offsets::find(offset_key key) const {
    const auto known = slots_.find(key);
    return known == slots_.end() ? std::nullopt : std::optional{known->second.at};
}

result<bool> stored_offsets::lower(message_offset end) {
    std::vector<offset_key> past;
    for (const auto& [key, at] : slots_) {
        if (at.at >= end) {
            past.push_back(key);
        }
    }
    for (const offset_key key : past) {
        const auto lowered =
            end.raw() == 0 ? remove(key) : store(key, message_offset{end.raw() - 1});
        if (!lowered) {
            return lowered.error();
        }
    }
    return !past.empty();
}

std::optional<message_offset> stored_offsets::lowest() const {
    const auto least =
        std::ranges::min_element(slots_, {}, [](const auto& entry) { return entry.second.at; });
    return least == slots_.end() ? std::nullopt : std::optional{least->second.at};
}

result<file*> stored_offsets::opened() {
    if (slot_count_ == 0) {
        return nullptr;
    }
    return file_.get(open_mode::create);
}

void stored_offsets::reset(const log_identity& identity) {
    file_.close();
    identity_ = identity;
    slots_.clear();
    free_.clear();
    slot_count_ = 0;
}

}  // namespace iggy::storage
