#include "users/password.hpp"

#include <string>

#include <argon2.h>

#include "support/catch.hpp"

using namespace iggy::server;

TEST_CASE("password: a hash names its parameters and verifies its password alone",
          "[server][users]") {
    const auto hash = hash_password("secret");
    REQUIRE(hash);
    REQUIRE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    REQUIRE(hash->size() < 255);
    REQUIRE(verify_password("secret", *hash));
    REQUIRE_FALSE(verify_password("Secret", *hash));
    REQUIRE_FALSE(verify_password("", *hash));
}

TEST_CASE("password: the same password is hashed with another salt each time", "[server][users]") {
    REQUIRE(hash_password("secret").value() != hash_password("secret").value());
}

TEST_CASE("password: hashes with other parameters are accepted", "[server][users]") {
    // Source: test vectors of the reference implementation, phc-winner-argon2, src/test.c.
    REQUIRE(verify_password("password",
                            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                            "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
    REQUIRE(verify_password("password",
                            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                            "iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"));
    REQUIRE_FALSE(verify_password("secret", "$argon2id$v=19$m=256,t=1,p=1$c29tZXNhbHQ$AAAA"));
}

TEST_CASE("password: what is no hash, or asks for too much, verifies nothing", "[server][users]") {
    REQUIRE_FALSE(verify_password("secret", ""));
    REQUIRE_FALSE(verify_password("secret", "secret"));
    REQUIRE_FALSE(verify_password("secret", "$argon2id$"));
    REQUIRE_FALSE(verify_password("secret", "$2b$12$abcdefghijklmnopqrstuv"));
    REQUIRE_FALSE(verify_password(
        "secret",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaA"));
}

TEST_CASE("password: lengths are those of the protocol", "[server][users]") {
    REQUIRE_FALSE(is_valid_password("ab"));
    REQUIRE(is_valid_password("abc"));
    REQUIRE(is_valid_password(std::string(100, 'x')));
    REQUIRE_FALSE(is_valid_password(std::string(101, 'x')));
    REQUIRE_FALSE(is_valid_username("ab"));
    REQUIRE(is_valid_username(std::string(50, 'x')));
    REQUIRE_FALSE(is_valid_username(std::string(51, 'x')));
}

TEST_CASE("password: nobody's is verified like another, and is never right", "[server][users]") {
    const std::string hash = hash_of_nobody();
    const std::string real = hash_password("secret").value();
    const auto salt_at = real.rfind('$', real.rfind('$') - 1);
    CHECK(hash.substr(0, salt_at) == real.substr(0, salt_at));
    CHECK(hash.size() == real.size());
    for (const std::string password : {"secret", "iggy", ""}) {
        CHECK(argon2id_verify(hash.c_str(), password.data(), password.size()) ==
              ARGON2_VERIFY_MISMATCH);
    }
}
