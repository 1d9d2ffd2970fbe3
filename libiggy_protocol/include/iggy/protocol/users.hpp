#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/permissions.hpp>
#include <iggy/protocol/primitives.hpp>

/// Commands about users, sessions and access tokens, and their answers.
namespace iggy::protocol {

struct user_info {
    user_id id{};
    timestamp created_at{};
    user_status status = user_status::active;
    std::string username{};

    friend bool operator==(const user_info&, const user_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at, self.status);
        wire.name(self.username);
    }
};

/// A user and its permissions. "None" takes four zero bytes here, and one in a request.
struct user_details {
    user_info info{};
    std::optional<iggy::protocol::permissions> permissions{};

    friend bool operator==(const user_details&, const user_details&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.info);
        wire.flagged(self.permissions, [&wire](auto& inner) { wire.sized(inner); });
        if (!self.permissions) {
            wire.padding(3);
        }
    }
};

struct get_user {
    static constexpr auto code = command_code::get_user;
    using response_type = std::optional<user_details>;

    identifier user{};

    friend bool operator==(const get_user&, const get_user&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.user);
    }
};

/// All users, ascending by id.
struct get_users {
    static constexpr auto code = command_code::get_users;
    using response_type = std::vector<user_info>;

    friend bool operator==(const get_users&, const get_users&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

struct create_user {
    static constexpr auto code = command_code::create_user;
    using response_type = user_details;

    std::string username{};
    std::string password{};
    user_status status = user_status::active;
    std::optional<iggy::protocol::permissions> permissions{};

    friend bool operator==(const create_user&, const create_user&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.username);
        wire.short_text(self.password);
        wire.value(self.status);
        wire.flagged(self.permissions, [&wire](auto& inner) { wire.sized(inner); });
    }
};

struct delete_user {
    static constexpr auto code = command_code::delete_user;
    using response_type = empty_response;

    identifier user{};

    friend bool operator==(const delete_user&, const delete_user&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.user);
    }
};

/// Changes what is given.
struct update_user {
    static constexpr auto code = command_code::update_user;
    using response_type = empty_response;

    identifier user{};
    std::optional<std::string> username{};
    std::optional<user_status> status{};

    friend bool operator==(const update_user&, const update_user&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.user);
        wire.flagged(self.username, [&wire](auto& inner) { wire.name(inner); });
        wire.flagged(self.status, [&wire](auto& inner) { wire.value(inner); });
    }
};

/// Replaces all permissions; without any, takes all away.
struct update_permissions {
    static constexpr auto code = command_code::update_permissions;
    using response_type = empty_response;

    identifier user{};
    std::optional<iggy::protocol::permissions> permissions{};

    friend bool operator==(const update_permissions&, const update_permissions&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.user);
        wire.flagged(self.permissions, [&wire](auto& inner) { wire.sized(inner); });
    }
};

struct change_password {
    static constexpr auto code = command_code::change_password;
    using response_type = empty_response;

    identifier user{};
    std::string current_password{};
    std::string new_password{};

    friend bool operator==(const change_password&, const change_password&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.user);
        wire.short_text(self.current_password);
        wire.short_text(self.new_password);
    }
};

/// Who has logged in.
struct login_response {
    user_id user{};

    friend bool operator==(const login_response&, const login_response&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.user);
    }
};

/// Needs no login. Version and context name the client; servers do not interpret them.
struct login_user {
    static constexpr auto code = command_code::login_user;
    using response_type = login_response;

    std::string username{};
    std::string password{};
    std::string version{};
    std::string context{};

    friend bool operator==(const login_user&, const login_user&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.username);
        wire.short_text(self.password);
        wire.text(self.version);
        wire.text(self.context);
    }
};

struct logout_user {
    static constexpr auto code = command_code::logout_user;
    using response_type = empty_response;

    friend bool operator==(const logout_user&, const logout_user&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

/// An access token of the caller, without its secret.
struct token_info {
    std::string name{};
    timestamp expiry_at{};  ///< the epoch itself: never

    friend bool operator==(const token_info&, const token_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.name);
        wire.value(self.expiry_at);
    }
};

/// The caller's tokens, in any order.
struct get_personal_access_tokens {
    static constexpr auto code = command_code::get_personal_access_tokens;
    using response_type = std::vector<token_info>;

    friend bool operator==(const get_personal_access_tokens&,
                           const get_personal_access_tokens&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

/// A new token's secret, shown this once.
struct raw_token {
    std::string token{};

    friend bool operator==(const raw_token&, const raw_token&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.token);
    }
};

struct create_personal_access_token {
    static constexpr auto code = command_code::create_personal_access_token;
    using response_type = raw_token;

    std::string name{};
    token_expiry expiry = token_expiry::never();

    friend bool operator==(const create_personal_access_token&,
                           const create_personal_access_token&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.name);
        wire.value(self.expiry);
    }
};

struct delete_personal_access_token {
    static constexpr auto code = command_code::delete_personal_access_token;
    using response_type = empty_response;

    std::string name{};

    friend bool operator==(const delete_personal_access_token&,
                           const delete_personal_access_token&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.name);
    }
};

/// Needs no login.
struct login_with_personal_access_token {
    static constexpr auto code = command_code::login_with_personal_access_token;
    using response_type = login_response;

    std::string token{};

    friend bool operator==(const login_with_personal_access_token&,
                           const login_with_personal_access_token&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.token);
    }
};

}  // namespace iggy::protocol
