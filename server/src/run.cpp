#include "run.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "arguments.hpp"
#include "config/environment.hpp"
#include "config/host_facts.hpp"
#include "config/load.hpp"
#include "config/render.hpp"
#include "data_path.hpp"
#include "log/log.hpp"
#include "log/setup.hpp"
#include "root_credentials.hpp"
#include "server.hpp"
#include "verify/verify_command.hpp"

namespace iggy::server {

namespace {

constexpr const char* target = "server";

void print(std::FILE* to, const std::string& line) {
    std::fputs((line + "\n").c_str(), to);
    std::fflush(to);
}

/// Every connection and every segment in use is a descriptor.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/// Left to itself, the allocator keeps the 19 MiB of a password hash for the next one, once for
/// each thread that made one.
void let_large_memory_go() {
    ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

/// Environment with the dotenv file and what the arguments add.
environment variables_of(const server_arguments& arguments) {
    environment variables = process_environment();
    if (const auto line = load_dotenv(variables, std::filesystem::current_path())) {
        print(stdout, *line);
    }
    if (arguments.with_default_root_credentials) {
        if (const auto warning = add_default_root_credentials(variables)) {
            log::warn(target, "{}", *warning);
        }
    }
    return variables;
}

server::ask_root root_from(const environment& variables) {
    return [&variables]() -> text_result<root_credentials> {
        auto credentials = resolve_root_credentials(variables);
        if (credentials && credentials->password_is_random) {
            print(stdout, generated_password_line(*credentials));
        }
        return credentials;
    };
}

text_result<done_t> serve(const server_arguments& arguments, const environment& variables,
                          server_config config) {
    if (arguments.fresh) {
        if (auto removed = remove_data(config); !removed) {
            return removed;
        }
    }
    auto data = open_data(config);  // locks it: only then may anything else in it be touched
    if (!data) {
        return data.error();
    }
    if (auto started = log::start(log::options_of(config, variables)); !started) {
        return started;
    }
    if (auto made = recreate_runtime_directory(config); !made) {
        return made;
    }
    server serving{std::move(config), std::move(*data), root_from(variables)};
    auto outcome = serving.start();
    if (outcome) {
        log::info(target, "Iggy server is running. Press Ctrl+C or send SIGTERM to shutdown.");
        outcome = serving.wait();
        if (!outcome) {  // a shard is gone, and with it whatever waits for it
            log::error(target, "{}", outcome.error().reason);
            log::stop();
            print(stderr, "Error: ShardFailure: " + outcome.error().reason);
            std::_Exit(EXIT_FAILURE);
        }
    }
    serving.stop();
    return outcome;
}

int run_with(const server_arguments& arguments) {
    raise_descriptor_limit();
    let_large_memory_go();
    const environment variables = variables_of(arguments);
    auto loaded = load_config(variables, this_host(), std::filesystem::current_path());
    if (!loaded) {
        print(stderr, describe(loaded.error()));
        return EXIT_FAILURE;
    }
    for (const config_notice& notice : loaded->notices) {
        if (notice.warning) {
            log::warn("configs", "{}", notice.text);
        } else {
            log::info("configs", "{}", notice.text);
        }
    }
    if (arguments.follower) {
        log::warn("configs", "--follower has no effect yet in this version");
    }
    if (config_is_displayed(variables)) {
        log::info("configs", "{}", describe_config(loaded->config));
    }
    const auto outcome = serve(arguments, variables, std::move(loaded->config));
    if (!outcome) {
        print(stderr, "Error: " + outcome.error().reason);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace

int run(int argc, const char* const* argv) {
    const auto arguments = parse_arguments(argc, argv);
    if (!arguments) {
        print(arguments.error().code == 0 ? stdout : stderr, arguments.error().text);
        return arguments.error().code;
    }
    if (arguments->verify) {
        return run_verify(*arguments->verify);
    }
    int code = EXIT_FAILURE;
    try {
        log::set_thread_name("main");
        code = run_with(*arguments);
    } catch (const std::exception& failure) {
        print(stderr, fmt::format("Error: {}", failure.what()));
    }
    log::stop();
    return code;
}

}  // namespace iggy::server
