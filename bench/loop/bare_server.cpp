// The least a server can do for the traffic of iggy-load: a thread per connection that receives a
// frame, stamps offsets, writes and answers, and answers a poll by one read and one send. No
// checksums, no index, no rights, no memory limit, nothing found again after a restart: it measures
// the machine and is no server to use.

#include <fcntl.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <iggy/protocol/codec.hpp>
#include <iggy/protocol/messages.hpp>

#include "../iggy-bench/src/socket_calls.hpp"

namespace {

using namespace iggy;
using protocol::command_code;

constexpr std::size_t frame_bytes_max = std::size_t{64} << 20;

/// One connection. It appends to and reads from one partition, a file of that number.
class bare_connection {
public:
    bare_connection(int socket, const std::string& directory, bool syncs)
        : socket_{socket}, directory_{directory}, syncs_{syncs} {}
    ~bare_connection() {
        ::close(file_);
        ::close(socket_);
    }
    bare_connection(const bare_connection&) = delete;
    bare_connection& operator=(const bare_connection&) = delete;

    /// Answers requests until the peer ends or one is not understood.
    void serve() {
        std::array<std::byte, protocol::frame_header_bytes> header;
        while (bench::receive_all(socket_, header)) {
            const std::size_t size = load_le<std::uint32_t>(header, 0) - sizeof(std::uint32_t);
            if (size > frame_bytes_max) {
                return;
            }
            const byte_span payload = space(size);
            if (!bench::receive_all(socket_, payload) ||
                !answer(static_cast<command_code>(load_le<std::uint32_t>(header, 4)), payload)) {
                return;
            }
        }
    }

private:
    byte_span space(std::size_t size) {
        if (space_.size() < size) {
            space_.resize(size);
        }
        return byte_span{space_}.first(size);
    }

    bool answer(command_code code, byte_span payload) {
        constexpr std::array<std::byte, protocol::frame_header_bytes> empty{};
        if (code == command_code::poll_messages) {
            return poll(payload);
        }
        if (code == command_code::send_messages && !append(payload)) {
            return false;
        }
        return bench::send_all(socket_, empty);
    }

    bool open(partition_id partition) {
        if (file_ < 0) {
            const std::string path = directory_ + '/' + std::to_string(partition.raw());
            file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        }
        return file_ >= 0;
    }

    bool append(byte_span payload) {
        const auto request = protocol::decode_send_messages(payload);
        if (!request || !open(request->partitioning.partition)) {
            return false;
        }
        for (byte_span rest = request->messages; !rest.empty();) {
            store_le<std::uint64_t>(rest, message_layout::offset_at, next_++);
            rest = rest.subspan(announced_message_bytes(rest).value_or(rest.size()));
        }
        const auto size = static_cast<ssize_t>(request->messages.size());
        const bool written =
            ::pwrite(file_, request->messages.data(), request->messages.size(), end_) == size;
        end_ += size;
        return written && (!syncs_ || ::fdatasync(file_) == 0);
    }

    /// All messages have the size of the first one.
    bool poll(byte_view payload) {
        const auto request = protocol::decode_request<protocol::poll_messages>(payload);
        if (!request || !open(request->partition.value_or(partition_id{0})) ||
            !find_message_bytes()) {
            return false;
        }
        const std::size_t wanted = message_bytes_ * request->count;
        if (wanted > frame_bytes_max) {
            return false;
        }
        const byte_span into = space(wanted);
        const auto from = static_cast<off_t>(request->strategy.value * message_bytes_);
        const ssize_t moved = ::pread(file_, into.data(), into.size(), from);
        if (moved < 0) {
            return false;
        }
        const byte_view messages = into.first(static_cast<std::size_t>(moved));
        const auto head = protocol::encode_polled_head(
            {.count = static_cast<std::uint32_t>(messages.size() / message_bytes_)},
            static_cast<std::uint32_t>(messages.size()));
        return bench::send_all(socket_, head, messages);
    }

    bool find_message_bytes() {
        std::array<std::byte, message_layout::header_bytes> header{};
        if (message_bytes_ == 0 &&
            ::pread(file_, header.data(), header.size(), 0) == ssize_t{header.size()}) {
            message_bytes_ = announced_message_bytes(header).value_or(0);
        }
        return message_bytes_ != 0;
    }

    int socket_;
    int file_ = -1;
    const std::string& directory_;
    const bool syncs_;
    off_t end_ = 0;
    std::uint64_t next_ = 0;
    std::size_t message_bytes_ = 0;
    std::vector<std::byte> space_;
};

int fail(const char* what) {
    std::fprintf(stderr, "iggy-bare-server: %s: ", what);
    std::perror(nullptr);
    return 1;
}

}  // namespace

int main(int count, char** arguments) {
    const bool syncs = count == 3 && std::string_view{arguments[2]} == "--sync";
    if (count != 2 && !syncs) {
        std::fputs(
            "usage: iggy-bare-server DIRECTORY [--sync]\n"
            "Prints its port on the loopback interface, then serves iggy-load until it is killed.\n"
            "With --sync each batch is on stable storage before it is answered: a sync per file.\n",
            stderr);
        return 2;
    }
    const std::string directory = arguments[1];
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = bench::loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener, 1024) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return fail("cannot listen on the loopback interface");
    }
    std::printf("%u\n", unsigned{ntohs(address.sin_port)});
    std::fflush(stdout);
    for (;;) {
        const int socket = ::accept(listener, nullptr, nullptr);
        if (socket < 0) {
            return fail("accept");
        }
        bench::send_at_once(socket);
        std::thread{[socket, &directory, syncs] {
            bare_connection{socket, directory, syncs}.serve();
        }}.detach();
    }
}
