// Any octets, in any pieces, at any time, to a connection of any type: it comes to an end of what
// it was given, keeps its memory within bounds, and says nothing after the end. Whether it is asked
// for messages, for several at once or for events first makes no difference.
//
// Input: own type, options, then pieces: a length octet, what to do between, and the octets.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ferry/detail/message_access.hpp>

#include "protocol/connection.hpp"
#include "tests/support/received_runs.hpp"

namespace
{

using namespace ferry;
using namespace ferry::protocol;
using detail::message_access;
using detail::message_role;

constexpr std::size_t max_message_size = 64 * 1024;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

connection_options options_of(std::uint8_t type, std::uint8_t choice)
{
    connection_options options;
    options.type = static_cast<socket_type>(type % 11);
    options.routing_id = choice & 1 ? "me" : "";
    options.minor_version = choice & 2 ? 0 : 1;
    options.max_message_size = max_message_size;
    options.max_message_frames = 100;
    if (choice & 4)
        options.heartbeat = {
            .interval = std::chrono::seconds{1}, .timeout = std::chrono::seconds{3}};
    return options;
}

/// What a connection said.
struct heard
{
    event_kind kind;
    message_role role;
    message body;
    std::error_code error;
    friend bool operator==(const heard&, const heard&) = default;
};

/// A connection and a driver without mercy.
class driver
{
public:
    /// `most`: of messages that it takes at once.
    driver(connection_options options, bool asks_for_messages, std::uint32_t most = 0)
        : subject_(std::move(options), now_), asks_for_messages_(asks_for_messages), most_(most)
    {
    }

    void receive(std::span<const std::byte> piece)
    {
        while (!piece.empty())
        {
            const std::span<std::byte> direct = subject_.direct_buffer();
            const std::size_t size =
                direct.empty() ? piece.size() : std::min(direct.size(), piece.size());
            const auto copy = std::make_unique<std::byte[]>(size);
            std::copy_n(piece.begin(), size, copy.get());
            if (direct.empty())
                subject_.receive({copy.get(), size}, now_);
            else
            {
                std::copy_n(copy.get(), size, direct.begin());
                subject_.received_directly(size, now_);
            }
            piece = piece.subspan(size);
            drain();
        }
    }

    void act(std::uint8_t what)
    {
        switch (what % 8)
        {
        case 0:
            now_ += std::chrono::milliseconds{what * 10};
            subject_.on_deadline(now_);
            break;
        case 1: subject_.set_reading_paused((what & 8) != 0, now_); break;
        case 2: send(message::of("head", std::string(what * 8, 'x'))); break;
        case 3:
            send(message_access::subscription(message_role::subscribe, std::string(what, 't')));
            break;
        case 4: send(message_access::subscription(message_role::cancel, "topic")); break;
        case 5: write(what); break;
        case 6:
            write(static_cast<std::size_t>(-1));
            subject_.shrink();
            break;
        default: break;
        }
        drain();
    }

    friend bool operator==(const driver& a, const driver& b)
    {
        return a.log_ == b.log_ && a.subject_.deadline() == b.subject_.deadline() &&
            a.subject_.output_size() == b.subject_.output_size();
    }

private:
    void send(message&& m)
    {
        if (subject_.output_size() < 10 * max_message_size)
            subject_.send(std::move(m));
    }

    void write(std::size_t most)
    {
        std::size_t size = 0;
        for (const auto& part : subject_.next_output())
            size += part.size();
        require(size <= subject_.output_size());
        require((size == 0) == (subject_.output_size() == 0));
        subject_.written(std::min(size, most));
    }

    void drain()
    {
        for (event out;;)
        {
            take_run();
            if (next(out) == event_kind::none)
                break;
            require(!closed_);
            require(ready_ || out.kind == event_kind::ready || out.kind == event_kind::closed);
            require(!(ready_ && out.kind == event_kind::ready));
            ready_ = ready_ || out.kind == event_kind::ready;
            closed_ = out.kind == event_kind::closed;
            if (closed_)
                require(static_cast<bool>(out.error));
            if (out.kind == event_kind::message)
                check(out.body);
            else
                out.body.clear();
            log_.push_back(
                {out.kind, message_access::role(out.body), std::move(out.body), out.error});
        }
        require(!closed_ || (!subject_.is_ready() && !subject_.deadline()));
        require(!subject_.is_ready() || ready_);
        require(subject_.output_size() < 12 * max_message_size);
    }

    event_kind next(event& out)
    {
        out.error = {};
        if (asks_for_messages_ && subject_.next_message(out.body))
            return out.kind = event_kind::message;
        return subject_.next_event(out);
    }

    void take_run()
    {
        const whole_messages run = subject_.next_messages(most_);
        require(run.count <= most_ && (run.count != 0) == !run.octets.empty());
        if (run.count == 0)
            return;
        require(ready_ && !closed_);
        for (message& m : ferry::test::messages_of(run.octets, run.count))
        {
            check(m);
            log_.push_back({event_kind::message, message_role::data, std::move(m), {}});
        }
    }

    static void check(const message& m)
    {
        require(m.size() >= 1 && m.size() <= 100);
        require(m.size_octets() <= max_message_size);
        std::size_t sum = 0;
        for (const frame_view frame : m)
            sum += frame.size();
        require(sum == m.size_octets());
    }

    time_point now_{std::chrono::hours{1}};
    connection subject_;
    bool asks_for_messages_;
    std::uint32_t most_;
    std::vector<heard> log_;
    bool ready_ = false;
    bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    driver subject(options_of(data[0], data[1]), true);
    driver model(options_of(data[0], data[1]), false);
    driver in_runs(options_of(data[0], data[1]), true, data[1] % 8 == 0 ? UINT32_MAX : data[1] % 8);
    auto rest = std::as_bytes(std::span(data, size)).subspan(2);
    while (rest.size() >= 2)
    {
        const std::size_t length =
            std::min<std::size_t>(std::to_integer<std::size_t>(rest[0]), rest.size() - 2);
        const auto what = std::to_integer<std::uint8_t>(rest[1]);
        for (driver* each : {&subject, &model, &in_runs})
        {
            each->receive(rest.subspan(2, length));
            each->act(what);
        }
        require(subject == model && in_runs == model);
        rest = rest.subspan(2 + length);
    }
    for (driver* each : {&subject, &model, &in_runs})
        each->receive(rest);
    require(subject == model && in_runs == model);
    return 0;
}
