#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <iggy/base/text_error.hpp>
#include <iggy/storage/data_directory.hpp>

#include "catalog/catalog.hpp"
#include "config/server_config.hpp"
#include "partition/partition_logs.hpp"
#include "service/service.hpp"
#include "session/client_registry.hpp"
#include "shard/shard_map.hpp"
#include "stats/process_stats.hpp"
#include "tcp/overdraft.hpp"
#include "tcp/tcp_connections.hpp"
#include "tcp/tcp_listener.hpp"

namespace iggy::server {

/// The server from start to stop, seen from the main thread: `start`, `wait`, `stop`, in this
/// order, each blocking.
class server {
public:
    /// Names and password of the root user; asked at the very first start only.
    using ask_root = std::function<text_result<root_credentials>()>;

    /// `data` was opened as `config` says.
    server(server_config config, std::shared_ptr<storage::data_directory> data, ask_root root);
    ~server();  // stopped before

    /// Recovers the data, then listens. Errors: whatever keeps the server from serving, told so
    /// that it can be mended. `stop` is due all the same.
    text_result<done_t> start();
    /// Returns at SIGINT, SIGTERM or SIGHUP. Errors: a shard failed.
    text_result<done_t> wait();
    /// Stops listening, lets requests end, says good-bye to idle connections, makes the logs
    /// durable.
    void stop();

private:
    text_result<done_t> start_shards();
    text_result<done_t> open_catalog();
    text_result<done_t> open_logs();
    text_result<done_t> listen();
    text_result<done_t> write_runtime_file();
    void note_absent_transports() const;
    void stop_connections();
    std::size_t open_connections();
    void close_logs();
    text_error told(const char* what, const storage::error& failure) const;

    server_config config_;
    std::shared_ptr<storage::data_directory> data_;
    ask_root root_;
    boost::asio::io_context main_;  // signals, and failures of shards
    boost::asio::signal_set signals_{main_};
    std::string failure_;
    shard_map shards_;
    partition_logs logs_;
    std::unique_ptr<catalog> catalog_;  // the first shard's
    client_registry clients_;
    process_stats process_;
    service service_;
    overdraft overdraft_;
    tcp_limits tcp_limits_;
    tcp_connections::all tcp_;
    std::unique_ptr<tcp_listener> tcp_listener_;
};

}  // namespace iggy::server
