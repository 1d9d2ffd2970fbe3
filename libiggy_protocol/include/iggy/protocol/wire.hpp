#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/error_code.hpp>
#include <iggy/protocol/utf8.hpp>

/// How a value is laid out on the wire is written once, as a static member of its type:
///
///     template <class Wire, class Self>
///     static void layout(Wire& wire, Self& self) { wire.values(self.stream, self.count); }
///
/// A `reader` fills `self` from bytes, a `writer` turns a const `self` into bytes; both run the
/// same layout. A third one in the tests fills it with random values.
namespace iggy::protocol {

/// A strong id, or anything else that is made from one number and gives it back.
template <class T>
concept raw_value = requires(const T& value) {
    typename T::rep;
    { value.raw() } -> std::same_as<typename T::rep>;
};

/// What readers and writers have in common; `Derived` supplies the primitive steps `number`,
/// `name`, `short_text`, `text`, `choice`, `fixed`, `presence`, `padding`, `sized`, `rest`.
template <class Derived>
class wire_base {
public:
    /// The fields one after the other.
    template <class... Fields>
    void values(Fields&... fields) {
        (value(fields), ...);
    }

    /// One field: a number, bool, enumeration, strong id, timestamp, or a type with a layout.
    template <class Field>
    void value(Field& field) {
        using field_type = std::remove_const_t<Field>;
        if constexpr (std::is_same_v<field_type, bool>) {
            through<std::uint8_t>(
                field, [](bool on) { return std::uint8_t{on}; },
                [](std::uint8_t byte) { return byte != 0; });
        } else if constexpr (std::is_enum_v<field_type>) {
            using number = std::underlying_type_t<field_type>;
            through<number>(
                field, [](auto from) { return static_cast<number>(from); },
                [](number from) { return static_cast<field_type>(from); });
        } else if constexpr (raw_value<field_type>) {
            using number = typename field_type::rep;
            through<number>(
                field, [](auto from) { return from.raw(); },
                [](number from) { return field_type{from}; });
        } else if constexpr (std::is_same_v<field_type, timestamp>) {
            through<std::uint64_t>(field, to_raw, timestamp_from_raw);
        } else if constexpr (std::is_arithmetic_v<field_type>) {
            self().number(field);
        } else {
            field_type::layout(self(), field);
        }
    }

    /// One byte that is 1 when there is a value, then the value as `layout_of_value(value)` lays it
    /// out.
    template <class Optional, class Layout>
    void flagged(Optional& field, Layout layout_of_value) {
        bool present = field.has_value();
        self().presence(present);
        if constexpr (Derived::reading) {
            field.reset();
            if (present) {
                field.emplace();
            }
        }
        if (present) {
            layout_of_value(*field);
        }
    }

    /// One byte that is 1 when there is a number, then the number's bytes, also when there is none.
    template <class Optional>
    void always_sized(Optional& field) {
        using value_type = typename std::remove_const_t<Optional>::value_type;
        bool present = field.has_value();
        self().presence(present);
        value_type inner = field.value_or(value_type{});
        value(inner);
        if constexpr (Derived::reading) {
            field = present ? std::optional{inner} : std::nullopt;
        }
    }

    /// Items chained by a byte that says whether another one follows; one such byte comes before
    /// the first item.
    template <class List>
    void chain(List& list) {
        if constexpr (Derived::reading) {
            list.clear();
            bool more = false;
            value(more);
            while (more) {
                value(list.emplace_back());
                value(more);
            }
        } else {
            bool more = true;
            for (const auto& item : list) {
                value(more);
                value(item);
            }
            more = false;
            value(more);
        }
    }

    /// A count, then that many items.
    template <class Count, class List>
    void counted(List& list) {
        auto count = static_cast<Count>(list.size());
        if constexpr (!Derived::reading) {
            self().require(list.size() <= std::numeric_limits<Count>::max());
        }
        self().number(count);
        exactly(count, list);
    }

    /// As many items as `count`, a field before them, says. Nothing is reserved: every item costs
    /// bytes of the payload, so the list cannot outgrow it.
    template <class Count, class List>
    void exactly(Count& count, List& list) {
        if constexpr (Derived::reading) {
            list.clear();
            for (std::size_t i = 0; i < count && !self().failed(); ++i) {
                value(list.emplace_back());
            }
        } else {
            self().require(list.size() == count);
            for (const auto& item : list) {
                value(item);
            }
        }
    }

    /// Items back to back up to the end of the payload.
    template <class List>
    void until_end(List& list) {
        if constexpr (Derived::reading) {
            list.clear();
            while (self().remaining() > 0) {
                value(list.emplace_back());
            }
        } else {
            for (const auto& item : list) {
                value(item);
            }
        }
    }

private:
    friend Derived;
    wire_base() = default;

    Derived& self() noexcept { return static_cast<Derived&>(*this); }

    template <class Number, class Field, class ToNumber, class FromNumber>
    void through(Field& field, ToNumber to_number, FromNumber from_number) {
        Number number = to_number(field);
        self().number(number);
        if constexpr (Derived::reading) {
            field = from_number(number);
        }
    }
};

/// Reads a payload from front to back. The first fault is kept; after it nothing is left to read
/// and every further field reads as zero or empty, so a layout needs no checks of its own.
class reader : public wire_base<reader> {
public:
    static constexpr bool reading = true;

    explicit reader(byte_view payload) noexcept : rest_{payload} {}

    bool failed() const noexcept { return failed_; }
    error_code error() const noexcept { return error_; }
    std::size_t remaining() const noexcept { return rest_.size(); }

    void fail(error_code code) noexcept {
        if (!failed_) {
            failed_ = true;
            error_ = code;
            rest_ = {};
        }
    }

    template <class Number>
    void number(Number& field) noexcept {
        const byte_view bytes = take(sizeof(Number));
        field = bytes.empty() ? Number{} : load_le<Number>(bytes, 0);
    }
    /// u8 length and 1 to 255 bytes of UTF-8.
    void name(std::string& field);
    /// u8 length and up to 255 bytes of UTF-8.
    void short_text(std::string& field);
    /// u32 length and that many bytes of UTF-8.
    void text(std::string& field);
    /// u8 length and up to 255 bytes of any content.
    void short_bytes(std::string& field);
    /// A one-byte enumeration that must lie between `first` and `last`.
    template <class Kind>
    void choice(Kind& field, Kind first, Kind last) noexcept {
        std::uint8_t byte = 0;
        number(byte);
        field = static_cast<Kind>(byte);
        if (field < first || field > last) {
            fail(error_code::invalid_command);
            field = first;
        }
    }
    /// A byte that must be `expected`, else `fault`.
    void fixed(std::uint8_t expected, error_code fault) noexcept;
    /// A flag that only 1 sets.
    void presence(bool& present) noexcept;
    /// Bytes that are there and mean nothing.
    void padding(std::size_t size) noexcept { take(size); }
    /// u32 length, then a value that takes exactly that many bytes.
    template <class Field>
    void sized(Field& field) {
        std::uint32_t length = 0;
        number(length);
        const std::size_t before = remaining();
        value(field);
        if (!failed() && before - remaining() != length) {
            fail(error_code::invalid_format);
        }
    }
    /// All that is left, copied or borrowed as the field's type does.
    void rest(std::vector<std::byte>& field) {
        field.assign(rest_.begin(), rest_.end());
        rest_ = {};
    }
    void rest(byte_view& field) noexcept {
        field = rest_;
        rest_ = {};
    }
    /// Fails as malformed when `holds` is false.
    void require(bool holds) noexcept {
        if (!holds) {
            fail(error_code::invalid_command);
        }
    }

private:
    byte_view take(std::size_t size) noexcept;
    void utf8(std::string& field, std::size_t size);

    byte_view rest_;
    bool failed_ = false;
    error_code error_{};
};

/// Appends to a byte vector. A value that has no wire form (an empty or too long name, a count that
/// is not that of its list) is kept as a fault; the bytes are then of no use.
class writer : public wire_base<writer> {
public:
    static constexpr bool reading = false;

    explicit writer(std::vector<std::byte>& out) noexcept : out_{out} {}

    bool failed() const noexcept { return failed_; }
    /// Fails when `holds` is false.
    void require(bool holds) noexcept { failed_ = failed_ || !holds; }

    template <class Number>
    void number(Number field) {
        const std::size_t at = grow(sizeof field);
        store_le(out_, at, field);
    }
    void name(const std::string& field) {
        require(!field.empty());
        short_bytes(field);
    }
    void short_text(const std::string& field) { short_bytes(field); }
    void text(const std::string& field);
    void short_bytes(const std::string& field);
    template <class Kind>
    void choice(Kind field, Kind first, Kind last) {
        require(field >= first && field <= last);
        number(static_cast<std::uint8_t>(field));
    }
    void fixed(std::uint8_t expected, error_code) { number(expected); }
    void presence(bool present) { number(std::uint8_t{present}); }
    void padding(std::size_t size) { grow(size); }
    template <class Field>
    void sized(const Field& field) {
        const std::size_t at = grow(sizeof(std::uint32_t));
        value(field);
        store_le(out_, at, static_cast<std::uint32_t>(out_.size() - at - sizeof(std::uint32_t)));
    }
    void rest(byte_view field) { out_.insert(out_.end(), field.begin(), field.end()); }

private:
    /// Makes room for `size` zero bytes and returns where they start.
    std::size_t grow(std::size_t size) {
        const std::size_t at = out_.size();
        out_.resize(at + size);
        return at;
    }

    std::vector<std::byte>& out_;
    bool failed_ = false;
};

}  // namespace iggy::protocol
