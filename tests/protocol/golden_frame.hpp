#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <iggy/base/bytes.hpp>

/// Names and values of a frame's fields, values as text.
using field_values = std::map<std::string, std::string>;

/// One frame of tests/golden/wire.
struct golden_frame {
    std::string name;
    bool is_request = false;
    std::uint32_t code = 0;
    std::vector<std::byte> bytes;
    std::size_t trailing_bytes = 0;     ///< at the end, ignored by decoders
    std::uint32_t expected_status = 0;  ///< of a rejected request
    field_values fields;                ///< of the payload

    iggy::byte_view payload() const { return iggy::byte_view{bytes}.subspan(8); }
};

/// One hash value of algorithms.json.
struct golden_hash {
    std::string name;
    std::string algorithm;
    std::vector<std::byte> input;
    std::uint64_t output = 0;
};

/// Every valid frame, requests and responses.
const std::vector<golden_frame>& golden_frames();
const std::vector<golden_frame>& rejected_frames();
std::vector<golden_hash> golden_hashes();
