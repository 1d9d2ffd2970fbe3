#include "credentials.hpp"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace iggy::cli {
namespace {

/// Switches the terminal's echo off, and back on at the end.
class silent_terminal {
public:
    silent_terminal() noexcept {
        if (::tcgetattr(STDIN_FILENO, &before_) == 0) {
            termios silent = before_;
            silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
        }
    }
    ~silent_terminal() {
        if (changed_) {
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        }
    }
    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;

private:
    termios before_{};
    bool changed_ = false;
};

std::string read_password() {
    std::string line;
    if (::isatty(STDIN_FILENO) == 0) {
        std::getline(std::cin, line);
    } else {
        std::fputs("Password: ", stderr);
        const silent_terminal silent;
        std::getline(std::cin, line);
        std::fputc('\n', stderr);
    }
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

}  // namespace

result<client::credentials> resolve_credentials(const connection_arguments& given) {
    if (given.token) {
        return client::credentials{client::token_login{*given.token}};
    }
    if (given.username) {
        return client::credentials{client::password_login{
            *given.username, given.password ? *given.password : read_password()}};
    }
    const char* username = std::getenv("IGGY_USERNAME");
    const char* password = std::getenv("IGGY_PASSWORD");
    if (username != nullptr && password != nullptr) {
        return client::credentials{client::password_login{username, password}};
    }
    return tool_error("Missing iggy server credentials");
}

}  // namespace iggy::cli
