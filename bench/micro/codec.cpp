// What encoding and decoding a message costs.
#include <string>
#include <utility>
#include <vector>

#include "bench/micro/benchmarks.hpp"
#include "bench/micro/timing.hpp"
#include "protocol/frame_decoder.hpp"
#include "protocol/frame_encoder.hpp"

namespace bench::micro
{

namespace
{

using namespace ferry::protocol;
using ferry::message;

constexpr std::size_t sizes[] = {1, 32, 50, 51, 64, 256, 1024, 4096};
constexpr std::size_t batch_octets = 64 * 1024;

std::size_t batch_of(std::size_t size)
{
    return batch_octets / (size + 9) + 1;
}

std::vector<std::byte> stream_of(const message& m, std::size_t count)
{
    frame_encoder encoder;
    for (std::size_t i = 0; i < count; ++i)
        encoder.message(message(m));
    std::vector<std::byte> all;
    for (const auto buffer : encoder.output(1'000'000))
        all.insert(all.end(), buffer.begin(), buffer.end());
    return all;
}

void encode(const char* what, const message& m, std::size_t copy_limit)
{
    const std::size_t batch = batch_of(m.size_octets());
    std::vector<message> messages(batch);
    frame_encoder encoder(framing::zmtp_2, copy_limit);
    const double with_copies = nanoseconds_per_item(batch, [&] {
        for (message& each : messages)
            each = m;
        for (message& each : messages)
            encoder.message(std::move(each));
        auto shown = encoder.output(64);
        keep(shown);
        encoder.written(encoder.size());
    });
    const double copies = nanoseconds_per_item(batch, [&] {
        for (message& each : messages)
            each = m;
        for (message& each : messages)
            each.clear();
    });
    print_row(what, m.size_octets(), with_copies - copies);
}

void decode(const char* what, const message& m)
{
    const std::size_t batch = batch_of(m.size_octets());
    const auto stream = stream_of(m, batch);
    frame_decoder decoder(framing::zmtp_2, {});
    message out;
    print_row(what, m.size_octets(), nanoseconds_per_item(batch, [&] {
        decoder.receive(stream);
        while (decoder.next(out) != decoded_kind::none)
            keep(out);
    }));
}

}  // namespace

void measure_codec()
{
    for (const std::size_t size : sizes)
        encode("encode, copied", message(std::string(size, 'x')), 65'536);
    encode("encode, referenced", message(std::string(4096, 'x')), 1024);
    encode("encode, three frames", message::of("12345", "", std::string(64, 'x')), 1024);
    for (const std::size_t size : sizes)
        decode("decode and drop", message(std::string(size, 'x')));
    decode("decode and drop, three frames", message::of("12345", "", std::string(64, 'x')));
}

}  // namespace bench::micro
