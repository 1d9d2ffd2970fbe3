#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <iggy/base/bytes.hpp>
#include <iggy/base/checksum.hpp>
#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/error_code.hpp>

/// The building blocks of requests and responses.
/// Source: Iggy 0.8, core/binary_protocol/src/primitives/.
namespace iggy::protocol {

enum class compression_algorithm : std::uint8_t { none = 1, gzip = 2 };
enum class user_status : std::uint8_t { active = 1, inactive = 2 };
enum class transport_kind : std::uint8_t { tcp = 1, quic = 2, http = 3, websocket = 4 };
enum class cluster_role : std::uint8_t { leader = 0, follower = 1 };
enum class node_status : std::uint8_t {
    healthy = 0,
    starting = 1,
    stopping = 2,
    unreachable = 3,
    maintenance = 4,
};

/// Requests decode with any byte in these two fields; the server then refuses an unknown one with
/// invalid_command, in its own order of checks.
constexpr bool is_known(compression_algorithm algorithm) noexcept {
    return algorithm == compression_algorithm::none || algorithm == compression_algorithm::gzip;
}
constexpr bool is_known(user_status status) noexcept {
    return status == user_status::active || status == user_status::inactive;
}

/// How long messages are kept, in microseconds, and the two values that mean something else.
class message_expiry : public strong_id<struct message_expiry_tag, std::uint64_t> {
public:
    using strong_id::strong_id;
    static constexpr message_expiry server_default() noexcept { return message_expiry{0}; }
    static constexpr message_expiry never() noexcept {
        return message_expiry{std::numeric_limits<std::uint64_t>::max()};
    }
};

/// How large a topic may grow, in bytes, and the two values that mean something else.
class max_topic_size : public strong_id<struct max_topic_size_tag, std::uint64_t> {
public:
    using strong_id::strong_id;
    static constexpr max_topic_size server_default() noexcept { return max_topic_size{0}; }
    static constexpr max_topic_size unlimited() noexcept {
        return max_topic_size{std::numeric_limits<std::uint64_t>::max()};
    }
};

/// How long a new access token is good for, in microseconds; both 0 and the greatest number mean
/// for ever.
class token_expiry : public strong_id<struct token_expiry_tag, std::uint64_t> {
public:
    using strong_id::strong_id;
    static constexpr token_expiry never() noexcept { return token_expiry{0}; }
    constexpr bool is_never() const noexcept {
        return raw() == 0 || raw() == std::numeric_limits<std::uint64_t>::max();
    }
};

/// Shown as the user of a connection that has not logged in. 0 is the root user.
inline constexpr user_id no_user{0xFFFF'FFFF};
inline constexpr user_id root_user{0};

/// A stream, topic, group or user by number or by name, borrowed. Names are bytes: they match
/// exactly.
class identifier_view {
public:
    constexpr explicit identifier_view(std::uint32_t number) noexcept : number_{number} {}
    /// An empty name matches nothing.
    constexpr explicit identifier_view(std::string_view name) noexcept
        : name_{name}, is_number_{false} {}

    constexpr bool is_number() const noexcept { return is_number_; }
    /// Meant only when `is_number()`; else 0.
    constexpr std::uint32_t number() const noexcept { return number_; }
    /// Empty when `is_number()`.
    constexpr std::string_view name() const noexcept { return name_; }

    friend bool operator==(identifier_view, identifier_view) = default;

private:
    std::string_view name_;
    std::uint32_t number_ = 0;
    bool is_number_ = true;
};

/// The same, owning its name. Converts from strong ids and from text, and to `identifier_view`.
/// On the wire: u8 kind (1 number, 2 name), u8 length, value.
class identifier {
public:
    /// Number 0.
    identifier() = default;
    template <class Tag>
    identifier(strong_id<Tag, std::uint32_t> id) noexcept : number_{id.raw()} {}  // NOLINT
    identifier(std::string_view name) : kind_{kind::name}, name_{name} {}         // NOLINT
    identifier(const std::string& name) : identifier{std::string_view{name}} {}   // NOLINT
    identifier(const char* name) : identifier{std::string_view{name}} {}          // NOLINT
    static identifier from_number(std::uint32_t number) noexcept {
        identifier made;
        made.number_ = number;
        return made;
    }

    bool is_number() const noexcept { return kind_ == kind::number; }
    /// Meant only when `is_number()`; else 0.
    std::uint32_t number() const noexcept { return number_; }
    /// Empty when `is_number()`.
    std::string_view name() const noexcept { return name_; }
    /// Borrows from this; must not outlive it.
    operator identifier_view() const noexcept {  // NOLINT
        return is_number() ? identifier_view{number()} : identifier_view{name()};
    }

    friend bool operator==(const identifier&, const identifier&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.choice(self.kind_, kind::number, kind::name);
        if (self.kind_ == kind::number) {
            constexpr std::uint8_t number_bytes = 4;
            wire.fixed(number_bytes, error_code::invalid_format);
            wire.value(self.number_);
        } else {
            wire.name(self.name_);
        }
    }

private:
    enum class kind : std::uint8_t { number = 1, name = 2 };

    kind kind_ = kind::number;
    std::uint32_t number_ = 0;
    std::string name_;
};

/// For messages to people: the name, or the number in digits.
std::string to_string(identifier_view id);

enum class consumer_kind : std::uint8_t { consumer = 1, group = 2 };

/// Who polls or stores an offset: a consumer of its own, or a group.
struct consumer {
    consumer_kind kind = consumer_kind::consumer;
    identifier id{};

    friend bool operator==(const consumer&, const consumer&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.choice(self.kind, consumer_kind::consumer, consumer_kind::group);
        wire.value(self.id);
    }
};

/// The number that stands for a consumer: itself, or the XXH32 of its name. Both share one space.
inline std::uint32_t consumer_number(identifier_view id) noexcept {
    return id.is_number() ? id.number() : xxh32(as_bytes(id.name()));
}

enum class partitioning_kind : std::uint8_t { balanced = 1, partition = 2, key = 3 };

/// Where sent messages go: round-robin, to one partition, or to the partition of a key.
struct partitioning {
    partitioning_kind kind = partitioning_kind::balanced;
    partition_id partition{};  ///< for kind partition
    std::string key{};         ///< for kind key: up to 255 bytes of any content

    static partitioning balanced() { return {}; }
    static partitioning to(partition_id partition) {
        return {partitioning_kind::partition, partition, {}};
    }
    static partitioning by_key(std::string_view key) {
        return {partitioning_kind::key, {}, std::string{key}};
    }

    friend bool operator==(const partitioning&, const partitioning&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.choice(self.kind, partitioning_kind::balanced, partitioning_kind::key);
        switch (self.kind) {
            case partitioning_kind::balanced:
                wire.fixed(0, error_code::invalid_command);
                break;
            case partitioning_kind::partition:
                wire.fixed(sizeof(std::uint32_t), error_code::invalid_command);
                wire.value(self.partition);
                break;
            case partitioning_kind::key:
                wire.short_bytes(self.key);
                break;
        }
    }
};

enum class polling_kind : std::uint8_t { offset = 1, timestamp = 2, first = 3, last = 4, next = 5 };

/// Where a poll starts.
struct polling_strategy {
    polling_kind kind = polling_kind::next;
    std::uint64_t value = 0;  ///< an offset, or microseconds since the Unix epoch; else ignored

    static polling_strategy from_offset(message_offset offset) {
        return {polling_kind::offset, offset.raw()};
    }
    static polling_strategy from_timestamp(timestamp at) {
        return {polling_kind::timestamp, to_raw(at)};
    }
    static polling_strategy first() { return {polling_kind::first, 0}; }
    static polling_strategy last() { return {polling_kind::last, 0}; }
    static polling_strategy next() { return {polling_kind::next, 0}; }

    friend bool operator==(const polling_strategy&, const polling_strategy&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.choice(self.kind, polling_kind::offset, polling_kind::next);
        wire.value(self.value);
    }
};

/// The answer of every command that has nothing to say.
struct empty_response {
    friend bool operator==(empty_response, empty_response) { return true; }

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

}  // namespace iggy::protocol
