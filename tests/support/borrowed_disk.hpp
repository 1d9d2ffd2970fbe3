#pragma once

#include <string>
#include <utility>

#include "forwarding_disk.hpp"

namespace iggy::storage {

/// Passes everything on, so that a test keeps hold of the disk that a store owns, and
/// says which boot of the machine it is.
class borrowed_disk : public forwarding_disk {
public:
    explicit borrowed_disk(disk& below, std::string boot = "one")
        : forwarding_disk{below}, boot_{std::move(boot)} {}
    std::string boot_id() const override { return boot_; }

private:
    std::string boot_;
};

}  // namespace iggy::storage
