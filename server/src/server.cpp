#include "server.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include "config/host_facts.hpp"
#include "config/runtime_file.hpp"
#include "log/log.hpp"
#include "shutdown.hpp"

namespace iggy::server {

namespace {

constexpr const char* target = "server";

using steady_clock = std::chrono::steady_clock;

std::int64_t milliseconds_since(steady_clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began)
        .count();
}

timestamp system_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

/// The configuration was checked, so the allocation fits the machine.
std::size_t shard_count(const server_config& config) {
    const auto cpus = shard_cpus(config.system.sharding.cpu_allocation, this_host());
    return cpus ? std::max<std::size_t>(cpus->size(), 1) : 1;
}

/// What clients are told about the cluster: this node alone, at the ports where it is found.
protocol::cluster_metadata single_node(const server_config& config) {
    protocol::cluster_node node;
    node.name = "iggy-node";
    node.ip = config.tcp.address.host;
    node.endpoints = {config.tcp.address.port, config.quic.address.port, config.http.address.port,
                      config.websocket.address.port};
    return {"single-node", {node}};
}

catalog_settings settings_of(const server_config& config) {
    catalog_settings settings;
    settings.paths = {config.system.stream.path, config.system.topic.path,
                      config.system.partition.path};
    settings.topics = {protocol::message_expiry{config.system.topic.message_expiry.raw()},
                       protocol::max_topic_size{config.system.topic.max_size.raw()},
                       config.system.segment.size};
    settings.notice = [](const std::string& sentence) {
        log::warn("server::catalog", "{}", sentence);
    };
    return settings;
}

}  // namespace

server::server(server_config config, std::shared_ptr<storage::data_directory> data, ask_root root)
    : config_{std::move(config)},
      data_{std::move(data)},
      root_{std::move(root)},
      shards_{shard_count(config_),
              [this](std::size_t number, const std::string& reason) {
                  boost::asio::post(main_, [this, number, reason] {
                      failure_ = fmt::format("Shard {} failed: {}", number, reason);
                      main_.stop();
                  });
              }},
      logs_{shards_, {}},
      process_{config_.system.path},
      service_{config_, system_now, *data_, shards_, clients_, process_, system_now(), nullptr, {}},
      tcp_limits_{static_cast<std::uint32_t>(config_.tcp.request_bytes_max),
                  overdraft_,
                  {},
                  config_.tcp.socket_migration} {}

server::~server() = default;

text_result<done_t> server::start() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        signals_.add(signal);
    }
    for (const auto step : {&server::start_shards, &server::open_catalog, &server::open_logs,
                            &server::listen, &server::write_runtime_file}) {
        if (const auto outcome = (this->*step)(); !outcome) {
            return outcome;
        }
    }
    return done;
}

text_result<done_t> server::start_shards() {
    log::info(target, "Starting {} shard(s), files by {}.", shards_.size(),
              data_->io_engine_description());
    if (const auto started = shards_.start(data_); !started) {
        return told("The shards cannot be started", started.error());
    }
    return done;
}

text_result<done_t> server::open_catalog() {
    shard& first = shards_.first();
    const auto open = [this, &first]() -> text_result<done_t> {
        catalog_settings settings = settings_of(config_);
        settings.first_root = root_;
        auto opened = catalog::open(first.engine(), logs_, std::move(settings));
        if (!opened) {
            return opened.error();
        }
        catalog_ = std::move(*opened);
        return done;
    };
    if (auto opened = shards_.post(first, open).get(); !opened) {
        return opened;
    }
    service_.places = catalog_.get();
    const auto state = catalog_->published().current();
    log::info(target, "Initialized {} user(s), {} stream(s).", state->users.size(),
              state->streams.size());
    return done;
}

/// Each shard recovers its own logs, all shards at the same time.
text_result<done_t> server::open_logs() {
    const auto began = steady_clock::now();
    const std::vector<log_uid> logs = logs_of(*catalog_->published().current());
    std::vector<std::future<storage::result<done_t>>> opened;
    for (std::size_t number = 0; number < shards_.size(); ++number) {
        shard& owner = shards_[number];
        const auto open_own = [this, &owner, &logs]() -> storage::result<done_t> {
            owner.show(catalog_->published());
            for (const log_uid log : logs) {
                if (&shards_.owner_of(log) != &owner) {
                    continue;
                }
                const auto log_opened = owner.engine().open_log(log, logs_.options());
                if (!log_opened && log_opened.error().code == storage::errc::not_found) {
                    log::error(target, "The log {} of a partition is not there any more.",
                               log.raw());
                } else if (!log_opened) {
                    return log_opened.error();
                }
            }
            return done;
        };
        opened.push_back(shards_.post(owner, open_own));
    }
    text_result<done_t> outcome;
    for (auto& each : opened) {
        if (const auto one = each.get(); !one) {
            outcome = told("The log of a partition cannot be opened", one.error());
        }
    }
    log::info(target, "Opened {} partition(s) in {} ms.", logs.size(), milliseconds_since(began));
    return outcome;
}

text_result<done_t> server::listen() {
    for (std::size_t number = 0; number < shards_.size(); ++number) {
        tcp_.push_back(std::make_unique<tcp_connections>(shards_[number], tcp_, service_, clients_,
                                                         tcp_limits_));
    }
    if (config_.tcp.enabled) {
        tcp_listener_ = std::make_unique<tcp_listener>(shards_, tcp_);
        const listen_address wanted = config_.tcp.address;
        const auto bind = [this, &wanted] {
            return tcp_listener_->listen(wanted.host, wanted.port);
        };
        const auto bound = shards_.post(shards_.first(), bind).get();
        if (!bound) {
            return text_error{
                fmt::format("The TCP listener cannot use {}: {}. Set tcp.address "
                            "(IGGY_TCP_ADDRESS) to a free address.",
                            format_address(wanted), bound.error().reason)};
        }
        config_.tcp.address.port = bound->port();
    }
    note_absent_transports();
    service_.cluster = single_node(config_);
    if (tcp_listener_) {
        shards_.post(shards_.first(), [this] { tcp_listener_->start(); }).wait();
        log::info("server::tcp", "Iggy TCP server has started on: {}",
                  format_address(config_.tcp.address));
    }
    return done;
}

void server::note_absent_transports() const {
    const auto note = [](bool enabled, const char* name) {
        if (enabled) {
            log::warn(target, "{} is enabled, but this version does not serve it yet.", name);
        }
    };
    note(config_.tcp.enabled && config_.tcp.tls.enabled, "TLS over TCP (tcp.tls)");
    note(config_.quic.enabled, "QUIC (quic)");
    note(config_.http.enabled, "HTTP (http)");
    note(config_.websocket.enabled, "WebSocket (websocket)");
}

text_result<done_t> server::write_runtime_file() {
    bound_addresses bound;
    if (tcp_listener_) {
        bound.tcp = config_.tcp.address;
    }
    const auto path = runtime_config_path(config_);
    auto written = write_runtime_config(path, config_, bound);
    if (!written && data_->draw_reserve()) {  // the disk may be full
        written = write_runtime_config(path, config_, bound);
    }
    if (!written) {
        return text_error{
            fmt::format("{} cannot be written: {}", path.string(), written.error().reason)};
    }
    return done;
}

text_result<done_t> server::wait() {
    signals_.async_wait([this](const boost::system::error_code& ec, int signal) {
        if (!ec) {
            log::info(target, "Received signal {}, shutting down.", signal);
            main_.stop();
        }
    });
    main_.run();
    if (!failure_.empty()) {
        return text_error{failure_};
    }
    return done;
}

void server::stop() {
    if (!shards_.running()) {
        return;
    }
    const auto began = steady_clock::now();
    service_.stopping = true;
    if (tcp_listener_) {
        shards_.post(shards_.first(), [this] { tcp_listener_->stop(); }).wait();
    }
    stop_connections();
    close_logs();
    shards_.stop();
    log::info(target, "Iggy server has stopped in {} ms.", milliseconds_since(began));
}

void server::stop_connections() {
    constexpr std::chrono::seconds patience{10};
    constexpr std::chrono::seconds patience_after_abort{2};
    for (auto& connections : tcp_) {
        shards_.post(connections->on(), [&connections] { connections->stop(); }).wait();
    }
    if (ends_within(patience, [this] { return open_connections() == 0; })) {
        return;
    }
    log::warn(target, "{} connection(s) did not end in {} s and are cut.", open_connections(),
              patience.count());
    for (auto& connections : tcp_) {
        shards_.post(connections->on(), [&connections] { connections->abort(); }).wait();
    }
    if (!ends_within(patience_after_abort, [this] { return open_connections() == 0; })) {
        log::error(target, "{} request(s) do not end; they are left behind.", open_connections());
    }
}

std::size_t server::open_connections() {
    std::size_t count = 0;
    for (auto& connections : tcp_) {
        const auto size = [&connections] { return connections->size(); };
        count += shards_.post(connections->on(), size).get();
    }
    return count;
}

void server::close_logs() {
    if (!catalog_) {
        return;
    }
    const std::vector<log_uid> logs = logs_of(*catalog_->published().current());
    for (const std::string& failure : close_all(shards_, logs)) {
        log::error(target, "{}", failure);
    }
    std::promise<void> closed;
    shards_
        .post(shards_.first(),
              [&] {
                  catalog_->close([&closed] { closed.set_value(); });
                  shards_.first().disk().submit_soon();
              })
        .wait();
    closed.get_future().wait();
    shards_.post(shards_.first(), [this] { catalog_.reset(); }).wait();
}

text_error server::told(const char* what, const storage::error& failure) const {
    return text_error{fmt::format("{}: {}", what, data_->describe(failure))};
}

}  // namespace iggy::server
