#include "protocol/golden_frame.hpp"

#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

json load(const std::string& file) {
    const std::string path = std::string{IGGY_GOLDEN_DIR} + "/wire/" + file + ".json";
    std::ifstream stream{path};
    if (!stream) {
        throw std::runtime_error{"golden file is missing: " + path};
    }
    return json::parse(stream);
}

std::vector<std::byte> from_hex(const std::string& hex) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::byte>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

golden_frame frame_of(const json& entry) {
    golden_frame frame;
    frame.name = entry.at("name");
    frame.is_request = entry.at("direction") == "request";
    frame.code = entry.at("command").at("code");
    frame.bytes = from_hex(entry.at("frame_hex"));
    frame.trailing_bytes = entry.value("trailing_ignored_bytes", std::size_t{0});
    frame.expected_status = entry.value("expected_status", std::uint32_t{0});
    for (const json& field : entry.at("fields")) {
        if (field.at("offset") >= 8) {
            frame.fields[field.at("name")] = text_of(field.at("value"));
        }
    }
    return frame;
}

std::vector<golden_frame> load_frames(const std::vector<std::string>& files) {
    std::vector<golden_frame> frames;
    for (const std::string& file : files) {
        for (const json& entry : load(file)) {
            frames.push_back(frame_of(entry));
        }
    }
    return frames;
}

}  // namespace

const std::vector<golden_frame>& golden_frames() {
    static const auto frames =
        load_frames({"system", "session", "personal_access_tokens", "users", "streams", "topics",
                     "messages", "consumer_offsets", "consumer_groups"});
    return frames;
}

const std::vector<golden_frame>& rejected_frames() {
    static const auto frames = load_frames({"rejected"});
    return frames;
}

std::vector<golden_hash> golden_hashes() {
    std::vector<golden_hash> hashes;
    for (const json& entry : load("algorithms")) {
        hashes.push_back({entry.at("name"), entry.at("algorithm"), from_hex(entry.at("input_hex")),
                          std::stoull(entry.at("output").get<std::string>())});
    }
    return hashes;
}
