// A manifest file with anything in it: opening neither crashes nor trusts a length, what opens can
// be committed to, and a reopening finds the same.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <iggy/base/assert.hpp>
#include <iggy/base/bytes.hpp>
#include <iggy/storage/disk.hpp>

#include "manifest.hpp"
#include "manifest_format.hpp"

using namespace iggy::storage;
using iggy::as_bytes;
using iggy::as_text;
using iggy::byte_view;

namespace {

/// The bytes as they are, or, as no fuzzer finds checksums, framed: one group whose records they
/// are, between two sound ones.
std::string file_from(byte_view input) {
    if (input.empty() || input[0] == std::byte{0}) {
        return std::string{as_text(input.subspan(input.empty() ? 0 : 1))};
    }
    std::string file{as_text(manifest_format::encode_header())};
    std::string record;
    manifest_format::append_record(record, manifest_record::create{iggy::log_uid{1}, "a"}).value();
    manifest_format::append_group(file, record, 1);
    manifest_format::append_group(file, as_text(input.subspan(1)),
                                  std::to_integer<std::uint32_t>(input[0]));
    manifest_format::append_group(file, record, 1);
    return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes = file_from(std::as_bytes(std::span{data, size}));
    const auto disk = make_memory_disk();
    {
        const byte_view part = as_bytes(bytes);
        const auto file = disk->open("manifest", open_mode::create).value();
        file->write_at(0, {&part, 1}).value();
    }
    const auto opened = manifest::open(*disk);
    if (!opened) {
        return 0;
    }
    manifest& file = *opened->file;
    const iggy::log_uid uid = file.reserve_uids(1).front();
    const std::vector<manifest_change> change{manifest_record::create{uid, "fuzz/added"}};
    file.commit(change).value();
    const auto again = manifest::open(*disk).value();
    IGGY_ASSERT(again.complete, "the first commit completes a manifest");
    IGGY_ASSERT(again.file->entries() == file.entries(), "a reopening finds what was committed");
    return 0;
}
