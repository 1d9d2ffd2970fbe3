#include "bare_server.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <iggy/protocol/protocol.hpp>

#include "machine.hpp"
#include "socket_calls.hpp"

namespace iggy::bench {
namespace {

using protocol::command_code;

constexpr std::size_t frame_bytes_max = std::size_t{64} << 20;

/// Where the messages of a stream are.
std::string file_of(const std::string& directory, protocol::identifier_view stream) {
    std::string name = protocol::to_string(stream);
    std::ranges::replace(name, '/', '_');
    return directory + "/stream-" + name;
}

/// All messages of a stream have the size of the first one.
struct stream_content {
    off_t end = 0;
    std::size_t message_bytes = 0;  ///< 0 while there is no message
    std::uint64_t messages() const noexcept {
        return message_bytes == 0 ? 0 : static_cast<std::uint64_t>(end) / message_bytes;
    }
};

stream_content look_at(int file) {
    std::array<std::byte, message_layout::header_bytes> header{};
    stream_content found{std::max<off_t>(::lseek(file, 0, SEEK_END), 0), 0};
    if (::pread(file, header.data(), header.size(), 0) == ssize_t{header.size()}) {
        found.message_bytes = announced_message_bytes(header).value_or(0);
    }
    return found;
}

/// One connection. It appends to or reads from one stream.
class bare_connection {
public:
    bare_connection(int socket, const std::string& directory, bare_server::durability level)
        : socket_{socket}, directory_{directory}, level_{level} {}
    ~bare_connection() {
        ::close(file_);
        ::close(socket_);
    }
    bare_connection(const bare_connection&) = delete;
    bare_connection& operator=(const bare_connection&) = delete;

    /// Answers requests until the peer ends or one is not understood.
    void serve() {
        std::array<std::byte, protocol::frame_header_bytes> header;
        while (receive_all(socket_, header)) {
            const std::size_t size = load_le<std::uint32_t>(header, 0) - sizeof(std::uint32_t);
            if (size > frame_bytes_max) {
                return;
            }
            const byte_span payload = space(size);
            if (!receive_all(socket_, payload) ||
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
        if (code == command_code::send_messages) {
            return append(payload) && send_all(socket_, empty);
        }
        return prepare(code, payload);
    }

    /// What comes before the measured traffic: just enough for it to begin.
    bool prepare(command_code code, byte_view payload) {
        if (code == protocol::create_stream::code) {
            return on<protocol::create_stream>(payload, [](const auto& request) {
                protocol::stream_info made;
                made.name = request.name;
                return made;
            });
        }
        if (code == protocol::create_topic::code) {
            return on<protocol::create_topic>(payload, [](const auto& request) {
                protocol::topic_details made;
                made.info.name = request.name;
                return made;
            });
        }
        if (code == protocol::get_stream::code) {
            return on<protocol::get_stream>(payload, [this](const auto& request) {
                std::optional<protocol::stream_details> found;
                if (::access(file_of(directory_, request.stream).c_str(), F_OK) == 0) {
                    found.emplace().info.name = protocol::to_string(request.stream);
                }
                return found;
            });
        }
        if (code == protocol::get_topic::code) {
            return on<protocol::get_topic>(payload, [this](const auto& request) {
                return std::optional{describe_topic(request)};
            });
        }
        if (code == protocol::delete_stream::code) {
            return on<protocol::delete_stream>(payload, [this](const auto& request) {
                ::unlink(file_of(directory_, request.stream).c_str());
                return protocol::empty_response{};
            });
        }
        if (code == protocol::get_stats::code) {
            return on<protocol::get_stats>(payload, [](const auto&) {
                protocol::stats figures;
                figures.process_id = static_cast<std::uint32_t>(::getpid());
                figures.hostname = host_name();
                return figures;
            });
        }
        if (code == protocol::login_user::code) {
            return on<protocol::login_user>(payload,
                                            [](const auto&) { return protocol::login_response{}; });
        }
        return send(protocol::empty_response{});  // a ping
    }

    template <class Request, class Answer>
    bool on(byte_view payload, Answer make_answer) {
        const auto request = protocol::decode_request<Request>(payload);
        return request && send(typename Request::response_type{make_answer(*request)});
    }

    template <class Response>
    bool send(const Response& response) {
        std::vector<std::byte> frame;
        protocol::encode_response(response, frame);
        return send_all(socket_, frame);
    }

    protocol::topic_details describe_topic(const protocol::get_topic& request) const {
        const int file = ::open(file_of(directory_, request.stream).c_str(), O_RDONLY | O_CLOEXEC);
        const std::uint64_t count = file < 0 ? 0 : look_at(file).messages();
        ::close(file);
        protocol::topic_details found;
        found.info.name = protocol::to_string(request.topic);
        found.info.partitions_count = 1;
        auto& partition = found.partitions.emplace_back();
        partition.messages_count = count;
        partition.current_offset = message_offset{count == 0 ? 0 : count - 1};
        return found;
    }

    bool open(protocol::identifier_view stream) {
        if (file_ < 0) {
            file_ = ::open(file_of(directory_, stream).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
            content_ = look_at(file_);
            next_ = content_.messages();
        }
        return file_ >= 0;
    }

    bool append(byte_span payload) {
        const auto request = protocol::decode_send_messages(payload);
        if (!request || !open(request->stream)) {
            return false;
        }
        for (byte_span rest = request->messages; !rest.empty();) {
            store_le<std::uint64_t>(rest, message_layout::offset_at, next_++);
            rest = rest.subspan(announced_message_bytes(rest).value_or(rest.size()));
        }
        const auto size = static_cast<ssize_t>(request->messages.size());
        const bool written = ::pwrite(file_, request->messages.data(), request->messages.size(),
                                      content_.end) == size;
        content_.end += size;
        return written && (level_ == bare_server::durability::written || ::fdatasync(file_) == 0);
    }

    bool poll(byte_view payload) {
        const auto request = protocol::decode_request<protocol::poll_messages>(payload);
        if (!request || !open(request->stream)) {
            return false;
        }
        if (content_.message_bytes == 0) {
            content_ = look_at(file_);
        }
        const std::size_t message_bytes = content_.message_bytes;
        const std::size_t wanted = message_bytes * request->count;
        if (wanted > frame_bytes_max) {
            return false;
        }
        const byte_span into = space(wanted);
        const auto from = static_cast<off_t>(request->strategy.value * message_bytes);
        const ssize_t moved = ::pread(file_, into.data(), into.size(), from);
        if (moved < 0) {
            return false;
        }
        const std::size_t count =
            message_bytes == 0 ? 0 : static_cast<std::size_t>(moved) / message_bytes;
        const byte_view messages = into.first(count * message_bytes);
        const auto head = protocol::encode_polled_head({.count = static_cast<std::uint32_t>(count)},
                                                       static_cast<std::uint32_t>(messages.size()));
        return send_all(socket_, head, messages);
    }

    int socket_;
    int file_ = -1;
    const std::string& directory_;
    const bare_server::durability level_;
    stream_content content_;
    std::uint64_t next_ = 0;  ///< offset
    std::vector<std::byte> space_;
};

failure failed(const char* what) {
    return {fmt::format("bare-server: {}: {}", what, std::strerror(errno))};
}

}  // namespace

result<bare_server> bare_server::listen(std::string directory, durability level) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener, 1024) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return failed("cannot listen on the loopback interface");
    }
    return bare_server{listener, ntohs(address.sin_port), std::move(directory), level};
}

failure bare_server::serve() const {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0 && errno == EINTR) {
            continue;
        }
        if (socket < 0) {
            return failed("accept");
        }
        send_at_once(socket);
        std::thread{[socket, this] {
            bare_connection{socket, directory_, level_}.serve();
        }}.detach();
    }
}

}  // namespace iggy::bench
