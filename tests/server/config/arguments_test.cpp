#include "arguments.hpp"

#include <set>
#include <string>
#include <vector>

#include "root_credentials.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using Catch::Matchers::Contains;

namespace {

auto parse(std::vector<const char*> words) {
    words.insert(words.begin(), "iggy-server");
    return parse_arguments(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("arguments: every option is read", "[server][arguments]") {
    const auto none = parse({});
    REQUIRE(none);
    CHECK_FALSE(none->fresh);
    CHECK_FALSE(none->follower);
    CHECK_FALSE(none->with_default_root_credentials);
    const auto all = parse(
        {"-f", "--follower", "--with-default-root-credentials", "--config-provider", "anything"});
    REQUIRE(all);
    CHECK(all->fresh);
    CHECK(all->follower);
    CHECK(all->with_default_root_credentials);
    CHECK(parse({"-c", "file"}));
}

TEST_CASE("arguments: help and version end with 0 on the standard output", "[server][arguments]") {
    for (const char* option : {"-h", "--help"}) {
        const auto help = parse({option});
        REQUIRE_FALSE(help);
        CHECK(help.error().code == 0);
        CHECK_THAT(help.error().text,
                   Contains("--with-default-root-credentials") && Contains("Examples:"));
    }
    for (const char* option : {"-V", "--version"}) {
        const auto version = parse({option});
        REQUIRE_FALSE(version);
        CHECK(version.error().code == 0);
        CHECK_THAT(version.error().text,
                   Contains("iggy-server 0.1.0 (Apache Iggy 0.8.0 protocol)"));
    }
}

TEST_CASE("arguments: verify takes a directory and excludes what is for serving",
          "[server][arguments]") {
    CHECK_FALSE(parse({}).value().verify);
    const auto plain = parse({"verify", "data"});
    REQUIRE(plain);
    REQUIRE(plain->verify);
    CHECK(plain->verify->directory == "data");
    CHECK_FALSE(plain->verify->json);
    CHECK_FALSE(plain->verify->repair);
    const auto all = parse({"verify", "--json", "--repair", "data"});
    REQUIRE(all);
    CHECK(all->verify->json);
    CHECK(all->verify->repair);
    for (const char* option : {"--fresh", "--follower", "--with-default-root-credentials"}) {
        const auto refused = parse({option, "verify", "data"});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == 2);
    }
    CHECK(parse({"verify"}).error().code == 2);
    const auto help = parse({"verify", "--help"});
    REQUIRE_FALSE(help);
    CHECK(help.error().code == 0);
    CHECK_THAT(help.error().text,
               Contains("--repair") && Contains("Examples:") && Contains("Ends with 0"));
}

TEST_CASE("arguments: what is not understood ends with 2", "[server][arguments]") {
    for (const auto& words :
         std::vector<std::vector<const char*>>{{"--nonsense"}, {"-c"}, {"stray"}}) {
        const auto refused = parse(words);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == 2);
        CHECK_THAT(refused.error().text, Contains("--help"));
    }
}

TEST_CASE("root credentials: both variables are used as given", "[server][arguments]") {
    const auto given = resolve_root_credentials(
        {{"IGGY_ROOT_USERNAME", "admin"}, {"IGGY_ROOT_PASSWORD", "secret"}});
    REQUIRE(given);
    CHECK(given->username == "admin");
    CHECK(given->password == "secret");
    CHECK_FALSE(given->password_is_random);
}

TEST_CASE("root credentials: with none, the password is random", "[server][arguments]") {
    std::set<std::string> passwords;
    for (int i = 0; i < 50; ++i) {
        const auto made = resolve_root_credentials({});
        REQUIRE(made);
        CHECK(made->username == "iggy");
        CHECK(made->password_is_random);
        CHECK(made->password.size() >= 20);
        CHECK(made->password.size() <= 39);
        CHECK(
            made->password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789") == std::string::npos);
        CHECK(generated_password_line(*made) == "Generated root user password: " + made->password);
        passwords.insert(made->password);
    }
    CHECK(passwords.size() == 50);
}

TEST_CASE("root credentials: one of two, or a wrong length, is refused by its name",
          "[server][arguments]") {
    const auto reason = [](const environment& variables) {
        return resolve_root_credentials(variables).error().reason;
    };
    CHECK(reason({{"IGGY_ROOT_USERNAME", "admin"}}) ==
          "IGGY_ROOT_USERNAME is set and IGGY_ROOT_PASSWORD is not; set both or none of them");
    CHECK(reason({{"IGGY_ROOT_PASSWORD", "secret"}}) ==
          "IGGY_ROOT_PASSWORD is set and IGGY_ROOT_USERNAME is not; set both or none of them");
    CHECK(reason({{"IGGY_ROOT_USERNAME", "ab"}, {"IGGY_ROOT_PASSWORD", "secret"}}) ==
          "IGGY_ROOT_USERNAME has 2 bytes; accepted: 3 to 50");
    CHECK(reason({{"IGGY_ROOT_USERNAME", "abc"}, {"IGGY_ROOT_PASSWORD", std::string(101, 'x')}}) ==
          "IGGY_ROOT_PASSWORD has 101 bytes; accepted: 3 to 100");
    CHECK(reason({{"IGGY_ROOT_USERNAME", "abc"}, {"IGGY_ROOT_PASSWORD", ""}}) ==
          "IGGY_ROOT_PASSWORD has 0 bytes; accepted: 3 to 100");
}

TEST_CASE("root credentials: the option fills what is missing", "[server][arguments]") {
    environment none;
    CHECK_FALSE(add_default_root_credentials(none));
    CHECK(resolve_root_credentials(none).value().password == "iggy");
    environment half{{"IGGY_ROOT_USERNAME", "admin"}};
    CHECK_FALSE(add_default_root_credentials(half));
    CHECK(resolve_root_credentials(half).value().username == "admin");
    environment both{{"IGGY_ROOT_USERNAME", "admin"}, {"IGGY_ROOT_PASSWORD", "secret"}};
    CHECK_THAT(add_default_root_credentials(both).value_or(""), Contains("does nothing"));
    CHECK(resolve_root_credentials(both).value().password == "secret");
}
