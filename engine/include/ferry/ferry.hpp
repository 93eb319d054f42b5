// All of Ferry's public face.
#pragma once

#include <ferry/context.hpp>
#include <ferry/error.hpp>
#include <ferry/log.hpp>
#include <ferry/message.hpp>
#include <ferry/monitor.hpp>
#include <ferry/options.hpp>
#include <ferry/poll_events.hpp>
#include <ferry/poller.hpp>
#include <ferry/proxy.hpp>
#include <ferry/socket.hpp>
#include <ferry/socket_type.hpp>
#include <ferry/stats.hpp>
#include <ferry/version.hpp>
#include <ferry/zmtp_version.hpp>
