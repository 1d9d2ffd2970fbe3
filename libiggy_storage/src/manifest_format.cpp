#include "manifest_format.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include <iggy/base/checksum.hpp>

namespace iggy::storage::manifest_format {

namespace {

constexpr std::string_view magic = "iggy\x9dmf\n";
static_assert(magic.size() == 8);
constexpr std::size_t version_at = 8;
constexpr std::size_t header_checksum_at = 16;

// No path holds these bytes, so a search for groups finds none inside one.
constexpr std::uint32_t group_magic = 0x9d70'729d;
constexpr std::size_t checksum_at = 0;
constexpr std::size_t group_magic_at = 8;
constexpr std::size_t length_at = 12;
constexpr std::size_t count_at = 16;
constexpr std::size_t frame_checksum_at = 20;

enum class record_kind : std::uint8_t {
    create = 1,
    remove = 2,
    purge = 3,
    start = 4,
    seal = 5,
    point = 6,
    truncate = 7,
    truncated = 8,
    uids = 9,
};

constexpr std::size_t aligned(std::size_t bytes) noexcept {
    return (bytes + alignment - 1) / alignment * alignment;
}

std::uint32_t frame_checksum(byte_view group) noexcept {
    return static_cast<std::uint32_t>(
        xxh3_64(group.subspan(group_magic_at, frame_checksum_at - group_magic_at)));
}

/// Appends numbers to a record.
class record_writer {
public:
    record_writer(std::string& into, record_kind kind) : into_{into} {
        number(static_cast<std::uint8_t>(kind));
    }
    template <class Number>
    void number(Number value) {
        into_.append(as_text(std::as_bytes(std::span{&value, 1})));
    }
    void put(log_uid uid) { number(uid.raw()); }
    void put(message_offset at) { number(at.raw()); }
    void put(std::uint32_t value) { number(value); }
    void put(const segment_summary& segment) {
        put(segment.base);
        put(segment.last);
        number(segment.messages);
        number(segment.bytes);
        number(to_raw(segment.first_timestamp));
        number(to_raw(segment.last_timestamp));
    }
    void put(const recovery_point& to) {
        put(to.segment);
        put(to.next);
    }
    void put(const std::string& path) {
        number(static_cast<std::uint16_t>(path.size()));
        into_.append(path);
    }

private:
    std::string& into_;
};

/// Takes numbers off the front of records; once they run out everything reads as zero and `good`
/// says no.
class record_reader {
public:
    explicit record_reader(byte_view records) noexcept : rest_{records} {}

    bool good() const noexcept { return good_; }
    bool at_end() const noexcept { return rest_.empty(); }

    template <class Number>
    Number number() noexcept {
        Number value{};
        const byte_view bytes = take(sizeof value);
        if (!bytes.empty()) {
            std::memcpy(&value, bytes.data(), sizeof value);
        }
        return value;
    }
    void get(log_uid& uid) noexcept { uid = log_uid{number<std::uint64_t>()}; }
    void get(message_offset& at) noexcept { at = message_offset{number<std::uint64_t>()}; }
    void get(std::uint32_t& value) noexcept { value = number<std::uint32_t>(); }
    void get(segment_summary& segment) noexcept {
        get(segment.base);
        get(segment.last);
        segment.messages = number<std::uint64_t>();
        segment.bytes = number<std::uint64_t>();
        segment.first_timestamp = timestamp_from_raw(number<std::uint64_t>());
        segment.last_timestamp = timestamp_from_raw(number<std::uint64_t>());
    }
    void get(recovery_point& to) noexcept {
        get(to.segment);
        get(to.next);
    }
    void get(std::string& path) {
        const std::size_t size = number<std::uint16_t>();
        good_ = good_ && size > 0 && size <= path_bytes_max;
        path = as_text(take(size));
    }

private:
    byte_view take(std::size_t bytes) noexcept {
        if (!good_ || bytes > rest_.size()) {
            good_ = false;
            return {};
        }
        const byte_view taken = rest_.first(bytes);
        rest_ = rest_.subspan(bytes);
        return taken;
    }

    byte_view rest_;
    bool good_ = true;
};

// Each record once: its fields in the order that they have in the file.
template <class Change, class Fields>
void with_fields(Change& change, Fields&& fields) {
    using kind = std::remove_const_t<Change>;
    if constexpr (std::is_same_v<kind, manifest_record::create>) {
        fields(change.uid, change.path);
    } else if constexpr (std::is_same_v<kind, manifest_record::remove>) {
        fields(change.uid);
    } else if constexpr (std::is_same_v<kind, manifest_record::purge>) {
        fields(change.uid, change.generation);
    } else if constexpr (std::is_same_v<kind, manifest_record::start>) {
        fields(change.uid, change.start);
    } else if constexpr (std::is_same_v<kind, manifest_record::seal>) {
        fields(change.uid, change.generation, change.segment);
    } else if constexpr (std::is_same_v<kind, manifest_record::point>) {
        fields(change.uid, change.generation, change.to);
    } else if constexpr (std::is_same_v<kind, manifest_record::truncate>) {
        fields(change.uid, change.generation, change.next);
    } else if constexpr (std::is_same_v<kind, manifest_record::truncated>) {
        fields(change.uid, change.to);
    } else {
        static_assert(std::is_same_v<kind, manifest_record::uids>);
        fields(change.next);
    }
}

template <class Change>
Change read_fields(record_reader& reader) {
    Change change;
    with_fields(change, [&reader](auto&... field) { (reader.get(field), ...); });
    return change;
}

/// Nothing when the kind is unknown; whether the fields were all there, the reader says.
std::optional<manifest_change> read_record(record_reader& reader) {
    switch (static_cast<record_kind>(reader.number<std::uint8_t>())) {
        case record_kind::create:
            return read_fields<manifest_record::create>(reader);
        case record_kind::remove:
            return read_fields<manifest_record::remove>(reader);
        case record_kind::purge:
            return read_fields<manifest_record::purge>(reader);
        case record_kind::start:
            return read_fields<manifest_record::start>(reader);
        case record_kind::seal:
            return read_fields<manifest_record::seal>(reader);
        case record_kind::point:
            return read_fields<manifest_record::point>(reader);
        case record_kind::truncate:
            return read_fields<manifest_record::truncate>(reader);
        case record_kind::truncated:
            return read_fields<manifest_record::truncated>(reader);
        case record_kind::uids:
            return read_fields<manifest_record::uids>(reader);
    }
    return std::nullopt;
}

// Kinds are numbered in the order of the variant.
static_assert(
    std::is_same_v<std::variant_alternative_t<0, manifest_change>, manifest_record::create>);
static_assert(
    std::is_same_v<std::variant_alternative_t<8, manifest_change>, manifest_record::uids>);

record_kind kind_of(const manifest_change& change) noexcept {
    return static_cast<record_kind>(change.index() + 1);
}

bool is_encodable(const manifest_change& change) noexcept {
    const auto* const create = std::get_if<manifest_record::create>(&change);
    return create == nullptr || (!create->path.empty() && create->path.size() <= path_bytes_max);
}

}  // namespace

std::array<std::byte, header_bytes> encode_header() {
    std::array<std::byte, header_bytes> header{};
    std::memcpy(header.data(), magic.data(), magic.size());
    store_le(header, version_at, version);
    store_le(header, header_checksum_at, xxh3_64(byte_view{header}.first(header_checksum_at)));
    return header;
}

header_state check_header(byte_view file) {
    if (file.size() < header_bytes || !as_text(file).starts_with(magic) ||
        load_le<std::uint64_t>(file, header_checksum_at) !=
            xxh3_64(file.first(header_checksum_at))) {
        return header_state::damaged;
    }
    return load_le<std::uint32_t>(file, version_at) == version ? header_state::good
                                                               : header_state::newer;
}

result<done_t> append_record(std::string& records, const manifest_change& change) {
    if (!is_encodable(change)) {
        return error{errc::invalid_argument};
    }
    record_writer writer{records, kind_of(change)};
    std::visit(
        [&writer](const auto& one) {
            with_fields(one, [&writer](const auto&... field) { (writer.put(field), ...); });
        },
        change);
    return done;
}

void append_group(std::string& file, std::string_view records, std::uint32_t count) {
    const std::size_t begin = file.size();
    file.append(group_header_bytes, '\0');
    file.append(records);
    file.append(aligned(records.size()) - records.size(), '\0');
    const byte_span group =
        std::as_writable_bytes(std::span{file.data() + begin, file.size() - begin});
    store_le(group, group_magic_at, group_magic);
    store_le(group, length_at, static_cast<std::uint32_t>(records.size()));
    store_le(group, count_at, count);
    store_le(group, frame_checksum_at, frame_checksum(group));
    store_le(group, checksum_at, xxh3_64(group.subspan(group_magic_at)));
}

std::optional<group> decode_group(byte_view bytes) {
    if (bytes.size() < group_header_bytes ||
        load_le<std::uint32_t>(bytes, group_magic_at) != group_magic ||
        load_le<std::uint32_t>(bytes, frame_checksum_at) != frame_checksum(bytes)) {
        return std::nullopt;
    }
    const std::size_t length = load_le<std::uint32_t>(bytes, length_at);
    if (length > group_records_bytes_max || aligned(length) > bytes.size() - group_header_bytes) {
        return std::nullopt;
    }
    group decoded;
    decoded.bytes = group_header_bytes + aligned(length);
    if (load_le<std::uint64_t>(bytes, checksum_at) !=
        xxh3_64(bytes.first(decoded.bytes).subspan(group_magic_at))) {
        return std::nullopt;
    }
    record_reader reader{bytes.subspan(group_header_bytes, length)};
    while (!reader.at_end()) {
        auto change = read_record(reader);
        if (!change || !reader.good()) {
            return std::nullopt;
        }
        decoded.changes.push_back(std::move(*change));
    }
    if (decoded.changes.size() != load_le<std::uint32_t>(bytes, count_at)) {
        return std::nullopt;
    }
    return decoded;
}

}  // namespace iggy::storage::manifest_format
