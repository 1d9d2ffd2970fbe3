#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include <iggy/protocol/wire.hpp>

/// Runs a layout like a reader does, but makes its values up: all that a decoder could return.
class random_filler : public iggy::protocol::wire_base<random_filler> {
public:
    static constexpr bool reading = true;

    explicit random_filler(std::uint64_t seed) : random_{seed} {}

    static bool failed() { return false; }

    template <class Number>
    void number(Number& field) {
        if constexpr (std::is_floating_point_v<Number>) {
            field = static_cast<Number>(up_to(1'000'000)) / 64;
        } else {
            const std::uint64_t any = random_();
            // Extremes turn up about as often as everything between.
            const std::uint64_t drawn[] = {0, UINT64_MAX, any, any % 256};
            field = static_cast<Number>(drawn[up_to(3)]);
        }
    }
    void name(std::string& field) { field = utf8(1); }
    void short_text(std::string& field) { field = utf8(0); }
    void text(std::string& field) { field = utf8(0); }
    void short_bytes(std::string& field) {
        field.resize(up_to(255));
        for (char& c : field) {
            c = static_cast<char>(up_to(255));
        }
    }
    template <class Kind>
    void choice(Kind& field, Kind first, Kind last) {
        const auto low = static_cast<std::uint64_t>(first);
        field = static_cast<Kind>(low + up_to(static_cast<std::uint64_t>(last) - low));
    }
    void fixed(std::uint8_t, iggy::protocol::error_code) {}
    void presence(bool& present) { present = up_to(1) == 1; }
    void padding(std::size_t) {}
    template <class Field>
    void sized(Field& field) {
        value(field);
    }
    void rest(std::vector<std::byte>& field) {
        field.resize(up_to(100));
        for (std::byte& byte : field) {
            byte = static_cast<std::byte>(up_to(255));
        }
    }
    void require(bool) {}

    template <class List>
    void chain(List& list) {
        fill(list);
    }
    template <class Count, class List>
    void counted(List& list) {
        fill(list);
    }
    template <class Count, class List>
    void exactly(Count& count, List& list) {
        fill(list);
        count = static_cast<Count>(list.size());
    }
    template <class List>
    void until_end(List& list) {
        fill(list);
    }

    std::uint64_t up_to(std::uint64_t last) {
        return std::uniform_int_distribution<std::uint64_t>{0, last}(random_);
    }

private:
    template <class List>
    void fill(List& list) {
        list.clear();
        for (std::uint64_t left = up_to(4); left > 0; --left) {
            value(list.emplace_back());
        }
    }

    // Characters of one to four bytes, up to 255 bytes in all.
    std::string utf8(std::size_t size_min) {
        const std::string characters[] = {"a", "\x7f", "é", "€", "😀"};
        const std::size_t wanted = size_min + up_to(up_to(1) == 0 ? 8 : 255 - size_min);
        std::string text;
        while (text.size() < wanted) {
            const std::string& next = characters[up_to(4)];
            text += text.size() + next.size() <= 255 ? next : "z";
        }
        return text;
    }

    std::mt19937_64 random_;
};
