#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <iggy/base/assert.hpp>
#include <iggy/protocol/primitives.hpp>

namespace iggy::server {

/// Entries by number and by name. Numbers are slots: a freed one is given out again, the one freed
/// last first; without a freed one the next number never used. A value: a copy shares all entries,
/// so that a changed table costs a pointer per entry. `Entry` has `id` and `name`.
template <class Id, class Entry>
class slot_table {
public:
    class iterator {
    public:
        using value_type = Entry;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(const slot_table& table) : table_{&table} { skip_free(); }
        const Entry& operator*() const noexcept { return *table_->slots_[at_]; }
        const Entry* operator->() const noexcept { return table_->slots_[at_].get(); }
        iterator& operator++() noexcept {
            ++at_;
            skip_free();
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept = default;
        friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept {
            return it.at_end();
        }

    private:
        bool at_end() const noexcept { return at_ == table_->slots_.size(); }
        void skip_free() noexcept {
            while (!at_end() && !table_->slots_[at_]) {
                ++at_;
            }
        }
        const slot_table* table_ = nullptr;
        std::size_t at_ = 0;
    };

    /// Ascending by number.
    iterator begin() const { return iterator{*this}; }
    std::default_sentinel_t end() const noexcept { return {}; }
    std::size_t size() const noexcept { return by_name_.size(); }
    bool empty() const noexcept { return by_name_.empty(); }

    const Entry* find(Id id) const noexcept {
        return id.raw() < slots_.size() ? slots_[id.raw()].get() : nullptr;
    }
    const Entry* find(std::string_view name) const noexcept {
        const auto at = place_of(name);
        return at != by_name_.end() && slots_[*at]->name == name ? slots_[*at].get() : nullptr;
    }
    const Entry* find(protocol::identifier_view which) const noexcept {
        return which.is_number() ? find(Id{which.number()}) : find(which.name());
    }

    /// The number that the next entry gets.
    Id next_id() const noexcept {
        return freed_.empty() ? Id{static_cast<std::uint32_t>(slots_.size())} : freed_.back();
    }
    /// Numbers that were used and are free, the next one to be given out last.
    const std::vector<Id>& freed() const noexcept { return freed_; }

    /// Adds an entry whose number is `next_id()` and whose name is free.
    void insert(Entry entry) {
        IGGY_ASSERT(entry.id == next_id(), "a new entry takes the number that is next");
        const std::uint32_t slot = entry.id.raw();
        if (freed_.empty()) {
            slots_.emplace_back();
        } else {
            freed_.pop_back();
        }
        by_name_.insert(place_of(entry.name), slot);
        slots_[slot] = std::make_shared<const Entry>(std::move(entry));
    }
    /// Puts another entry in the place of the one with its number; its name is free or unchanged.
    void replace(Entry entry) {
        const std::uint32_t slot = entry.id.raw();
        IGGY_ASSERT(find(entry.id) != nullptr, "only an entry that is there is replaced");
        if (slots_[slot]->name != entry.name) {
            by_name_.erase(place_of(slots_[slot]->name));
            by_name_.insert(place_of(entry.name), slot);
        }
        slots_[slot] = std::make_shared<const Entry>(std::move(entry));
    }
    void erase(Id id) {
        IGGY_ASSERT(find(id) != nullptr, "only an entry that is there is erased");
        by_name_.erase(place_of(slots_[id.raw()]->name));
        slots_[id.raw()].reset();
        freed_.push_back(id);
    }

    /// The table of these entries and freed numbers, or nothing when numbers or names clash or a
    /// number is missing.
    static std::optional<slot_table> restore(std::vector<Entry> entries, std::vector<Id> freed) {
        slot_table table;
        table.slots_.resize(entries.size() + freed.size());
        std::vector<bool> taken(table.slots_.size());
        const auto take = [&](Id id) {
            const bool fits = id.raw() < taken.size() && !taken[id.raw()];
            if (fits) {
                taken[id.raw()] = true;
            }
            return fits;
        };
        for (const Id id : freed) {
            if (!take(id)) {
                return std::nullopt;
            }
        }
        for (Entry& entry : entries) {
            if (!take(entry.id)) {
                return std::nullopt;
            }
            const std::uint32_t slot = entry.id.raw();
            table.by_name_.push_back(slot);
            table.slots_[slot] = std::make_shared<const Entry>(std::move(entry));
        }
        const auto name_of = [&](std::uint32_t slot) -> std::string_view {
            return table.slots_[slot]->name;
        };
        std::ranges::sort(table.by_name_, {}, name_of);
        if (std::ranges::adjacent_find(table.by_name_, {}, name_of) != table.by_name_.end()) {
            return std::nullopt;
        }
        table.freed_ = std::move(freed);
        return table;
    }

    /// u32 count and freed numbers, the next one to be given out last; u32 count and entries.
    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        if constexpr (Wire::reading) {
            std::vector<Id> freed;
            std::vector<Entry> entries;
            wire.template counted<std::uint32_t>(freed);
            wire.template counted<std::uint32_t>(entries);
            auto restored = restore(std::move(entries), std::move(freed));
            if (restored) {
                self = std::move(*restored);
            } else {
                wire.fail(protocol::error_code::invalid_format);
            }
        } else {
            wire.template counted<std::uint32_t>(self.freed_);
            wire.template counted<std::uint32_t>(self);
        }
    }

private:
    std::vector<std::uint32_t>::const_iterator place_of(std::string_view name) const noexcept {
        return std::ranges::lower_bound(
            by_name_, name, {},
            [this](std::uint32_t slot) -> std::string_view { return slots_[slot]->name; });
    }

    std::vector<std::shared_ptr<const Entry>> slots_;
    std::vector<std::uint32_t> by_name_;  // numbers in the order of their names
    std::vector<Id> freed_;
};

}  // namespace iggy::server
