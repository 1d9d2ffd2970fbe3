#pragma once

#include <cstddef>
#include <span>

#include <limits.h>
#include <sys/uio.h>

#include <iggy/base/bytes.hpp>

namespace iggy::storage {

/// The parts of one write that the device has not taken yet; a short write moves it on.
class write_parts {
public:
    static constexpr std::size_t vectors_max = IOV_MAX;

    write_parts() = default;
    explicit write_parts(std::span<const byte_view> parts) noexcept : parts_{parts} {
        skip_empty();
    }

    bool empty() const noexcept { return parts_.empty(); }

    /// Fills `vectors` with what stands next and returns how many it used: all that is left, or as
    /// many as fit.
    std::size_t next(std::span<iovec> vectors) const noexcept {
        std::size_t used = 0;
        std::size_t skip = skip_;
        for (const byte_view part : parts_) {
            if (used == vectors.size()) {
                break;
            }
            const byte_view rest = part.subspan(skip);
            skip = 0;
            if (!rest.empty()) {
                // The kernel only reads what a write points at.
                vectors[used++] = {const_cast<std::byte*>(rest.data()), rest.size()};
            }
        }
        return used;
    }

    /// `bytes` more were taken; at most what is left.
    void advance(std::size_t bytes) noexcept {
        skip_ += bytes;
        skip_empty();
    }

private:
    void skip_empty() noexcept {
        while (!parts_.empty() && skip_ >= parts_.front().size()) {
            skip_ -= parts_.front().size();
            parts_ = parts_.subspan(1);
        }
    }

    std::span<const byte_view> parts_;
    std::size_t skip_ = 0;  // bytes of the front part that were taken
};

}  // namespace iggy::storage
