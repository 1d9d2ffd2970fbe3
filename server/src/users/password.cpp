#include "users/password.hpp"

#include <argon2.h>
#include <sys/random.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <span>

#include <fmt/format.h>

namespace iggy::server {

namespace {

constexpr std::uint32_t memory_kib = 19456;
constexpr std::uint32_t passes = 2;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
constexpr std::uint32_t verified_memory_kib_max = std::uint32_t{1} << 20;
constexpr std::uint32_t verified_passes_max = 1000;

bool fill_random(std::span<unsigned char> into) {
    // Up to 256 bytes come whole once the kernel's pool is ready.
    return ::getrandom(into.data(), into.size(), 0) == static_cast<ssize_t>(into.size());
}

std::uint32_t parameter(std::string_view phc, std::string_view key) {
    const auto at = phc.find(key);
    std::uint32_t value = 0;
    if (at != std::string_view::npos) {
        const char* begin = phc.data() + at + key.size();
        std::from_chars(begin, phc.data() + phc.size(), value);
    }
    return value;
}

text_error no_random() {
    return text_error{"The kernel gave no random bytes; without them no password can be hashed"};
}

}  // namespace

text_result<std::string> hash_password(std::string_view password) {
    std::array<unsigned char, salt_bytes> salt{};
    if (!fill_random(salt)) {
        return no_random();
    }
    std::string encoded(
        argon2_encodedlen(passes, memory_kib, lanes, salt_bytes, hash_bytes, Argon2_id), '\0');
    const int failed =
        argon2id_hash_encoded(passes, memory_kib, lanes, password.data(), password.size(),
                              salt.data(), salt.size(), hash_bytes, encoded.data(), encoded.size());
    if (failed != ARGON2_OK) {
        return text_error{std::string{"The password cannot be hashed: "} +
                          argon2_error_message(failed)};
    }
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool verify_password(std::string_view password, const std::string& phc) {
    argon2_type kind = Argon2_id;
    if (phc.starts_with("$argon2i$")) {
        kind = Argon2_i;
    } else if (phc.starts_with("$argon2d$")) {
        kind = Argon2_d;
    } else if (!phc.starts_with("$argon2id$")) {
        return false;
    }
    if (parameter(phc, "m=") > verified_memory_kib_max ||
        parameter(phc, "t=") > verified_passes_max) {
        return false;
    }
    return argon2_verify(phc.c_str(), password.data(), password.size(), kind) == ARGON2_OK;
}

std::string hash_of_nobody() {
    // In base64: 16 and 32 bytes.
    return fmt::format("$argon2id$v=19$m={},t={},p={}${:A<22}${:A<43}", memory_kib, passes, lanes,
                       "", "");
}

}  // namespace iggy::server
