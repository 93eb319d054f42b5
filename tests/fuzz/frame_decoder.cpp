// Any octets, in both framings, cut anywhere, under any limits: what is decoded does not depend on the
// cuts nor on how many messages are taken at once, and encoded again it decodes to the same.
#include "protocol/frame_decoder.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "protocol/frame_encoder.hpp"
#include "tests/support/received_runs.hpp"

namespace
{

using namespace ferry::protocol;

struct item
{
    decoded_kind kind;
    ferry::message body;
    friend bool operator==(const item&, const item&) = default;
};

struct result
{
    std::vector<item> items;
    std::error_code error;
    bool in_message = false;
    friend bool operator==(const result&, const result&) = default;
};

struct settings
{
    framing how = framing::zmtp_2;
    decoder_limits limits;
    bool frame_by_frame = false;
};

void require(bool condition, const char* what)
{
    if (condition)
        return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

void take_run(frame_decoder& decoder, std::uint32_t most, result& out)
{
    const whole_messages run = decoder.next_messages(most);
    require(
        run.count <= most && (run.count != 0) == !run.octets.empty(), "a run of another length");
    if (run.count == 0)
        return;
    for (ferry::message& m : ferry::test::messages_of(run.octets, run.count))
        out.items.push_back({decoded_kind::message, std::move(m)});
}

/// Takes up to `most` messages at once where it can.
bool drain(frame_decoder& decoder, std::uint32_t most, result& out)
{
    decoded d;
    for (;;)
    {
        take_run(decoder, most, out);
        switch (decoder.next(d))
        {
        case decoded_kind::none: return true;
        case decoded_kind::error: out.error = d.error; return false;
        case decoded_kind::message:
        case decoded_kind::command: out.items.push_back({d.kind, std::move(d.body)});
        }
    }
}

/// `cuts` gives the sizes of the pieces, over and over; empty: all in one.
result decode(const settings& s, std::span<const std::byte> octets,
    std::span<const std::uint8_t> cuts, std::uint32_t most = 0)
{
    frame_decoder decoder(s.how, s.limits);
    decoder.set_frame_by_frame(s.frame_by_frame);
    result out;
    for (std::size_t step = 0; !octets.empty(); ++step)
    {
        std::size_t size = cuts.empty() ? octets.size() : std::size_t{cuts[step % cuts.size()]} + 1;
        size = std::min(size, octets.size());
        const auto direct = cuts.empty() ? std::span<std::byte>() : decoder.direct_buffer();
        const std::vector<std::byte> piece(octets.begin(), octets.begin() + std::ptrdiff_t(size));
        if (!direct.empty())
        {
            size = std::min(size, direct.size());
            std::memcpy(direct.data(), piece.data(), size);
            decoder.received_directly(size);
        }
        else
            decoder.receive(piece);
        octets = octets.subspan(size);
        if (!drain(decoder, most, out))
            break;
        require(decoder.unconsumed().empty(), "octets left although there was nothing more");
    }
    out.in_message = !out.error && decoder.is_in_message();
    return out;
}

void check_limits(const settings& s, const result& r)
{
    for (const item& each : r.items)
    {
        std::size_t octets = 0;
        for (const ferry::frame_view frame : each.body)
        {
            require(frame.size() <= s.limits.max_frame_size, "a frame above the limit");
            octets += frame.size();
        }
        if (each.kind == decoded_kind::command)
        {
            require(each.body.size() == 1, "a command of one frame");
            continue;
        }
        require(octets <= s.limits.max_message_size, "a message above the limit");
        require(each.body.size() <= s.limits.max_message_frames, "too many frames");
    }
}

void check_round_trip(const settings& s, const result& r, std::size_t copy_limit)
{
    frame_encoder encoder(s.how, copy_limit);
    for (const item& each : r.items)
        if (each.kind == decoded_kind::message)
            encoder.message(ferry::message(each.body));
        else
            encoder.command(each.body.front().bytes());
    std::vector<std::byte> octets;
    while (encoder.size() != 0)
    {
        const auto buffers = encoder.output(3);
        require(!buffers.empty(), "nothing to show");
        const std::size_t part = (buffers[0].size() + 1) / 2;
        octets.insert(octets.end(), buffers[0].begin(), buffers[0].begin() + std::ptrdiff_t(part));
        encoder.written(part);
    }
    result again = decode({s.how, {}, false}, octets, {});
    require(!again.error && again.items == r.items, "encoded and decoded, it is not the same");
}

}  // namespace

// The first octets choose framing, mode, limits and cuts; the others are the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 8)
        return 0;
    settings s;
    s.how = data[0] & 1 ? framing::zmtp_1 : framing::zmtp_2;
    s.frame_by_frame = (data[0] & 6) == 6;
    if (data[0] & 8)
        s.limits = {data[1], std::uint64_t{data[2]} * 4, data[3] % 16U};
    const std::span cuts(data + 4, 1 + data[0] / 64U);
    const auto octets = std::as_bytes(std::span(data + 8, size - 8));

    const result whole = decode(s, octets, {});
    const result pieces = decode(s, octets, cuts);
    require(whole == pieces, "cuts make a difference");
    const std::uint32_t most = data[7] % 4 == 0 ? UINT32_MAX : data[7] % 4;
    require(whole == decode(s, octets, {}, most), "runs make a difference");
    require(whole == decode(s, octets, cuts, most), "runs in pieces make a difference");
    check_limits(s, whole);
    if (s.how == framing::zmtp_2 || !s.frame_by_frame)
        check_round_trip(s, whole, data[0] & 16 ? 0 : 1024);
    return 0;
}
