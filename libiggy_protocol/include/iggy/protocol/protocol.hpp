#pragma once

/// The whole library at once.
#include <iggy/protocol/any_request.hpp>
#include <iggy/protocol/codec.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/error_code.hpp>
#include <iggy/protocol/frame.hpp>
#include <iggy/protocol/messages.hpp>
#include <iggy/protocol/user_headers.hpp>
