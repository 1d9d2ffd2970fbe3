#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <iggy/base/text_error.hpp>

namespace iggy {

/// What `parse_byte_size` accepts, for error messages.
inline constexpr std::string_view byte_size_form =
    "a size such as \"1000\", \"64 KiB\", \"1.5 MB\" or \"1 GiB\" (KB is 1000 bytes, KiB 1024, a "
    "lower-case b means bits)";

/// Reads a byte size: a number, then a unit of bytes (`B`, `KB`, `MiB`, `G`) or of bits (`Kb`,
/// `Mbit`), rounded up to whole bytes. No word is accepted. Errors: sign, exponent, unknown unit,
/// more than 64 bits. Source: Iggy 0.8, core/common/src/utils/byte_size.rs, and byte-unit 5.2.
text_result<std::uint64_t> parse_byte_size(std::string_view text);

/// The same, and `0`, `unlimited` or `none` (also capitalised) for zero: how command lines and a
/// few settings say "no limit".
text_result<std::uint64_t> parse_byte_size_or_unlimited(std::string_view text);

/// For people: `999 B`, `568.00 MB`, `1.07 GB`; decimal units, rounded.
std::string format_byte_size(std::uint64_t bytes);

/// For files: the largest unit that shows the value exactly with at most three decimals: `1 GiB`,
/// `100 KB`, `62.5 KiB`, `512 B`. `parse_byte_size` reads the same number back.
std::string format_byte_size_exactly(std::uint64_t bytes);

}  // namespace iggy
