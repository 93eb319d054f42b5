// Bare sockets in the place of a library: connections, and reading from several of them.
#include "bench/raw/raw_library.hpp"

#include <stdexcept>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace bench
{

raw_library::socket::socket(context& owner, socket_kind kind, const arguments& a)
    : peers_(owner.peers()), sends_at_once_(kind == socket_kind::req || kind == socket_kind::rep),
      flushes_before_waiting_(kind == socket_kind::dealer || kind == socket_kind::router),
      spreads_(kind == socket_kind::push), buffer_octets_(a.tuned ? tuning{}.buffer_octets : 0)
{
}

raw_library::socket::~socket()
{
    if (!listener_.path_to_remove.empty())
        ::unlink(listener_.path_to_remove.c_str());
}

std::string raw_library::socket::bind(const std::string& endpoint)
{
    listener_ = listen_on(endpoint, buffer_octets_);
    return listener_.endpoint;
}

void raw_library::socket::connect(const std::string& endpoint)
{
    add_stream(connect_to(endpoint, buffer_octets_));
}

void raw_library::socket::wait_for_subscribers(std::size_t count)
{
    while (streams_.size() < count)
        add_stream(accept_from(listener_));
}

void raw_library::socket::wait_for_topics(const std::vector<std::string>&)
{
    throw std::logic_error("bare sockets know no topics");
}

void raw_library::socket::end_after(std::chrono::milliseconds silence)
{
    for (const int fd : fds_)
        end_reads_after(fd, silence);
}

void raw_library::socket::add_stream(descriptor connected)
{
    fds_.push_back(connected.get());
    readers_.emplace_back(connected.get());
    streams_.push_back(std::move(connected));
}

// One batch goes to one peer, and the next batch to the next one.
void raw_library::socket::take_turns()
{
    constexpr std::size_t spread_octets = batch_octets / 4;
    if (fds_.size() == 1 || writer_.size() < spread_octets)
        return;
    writer_.flush(targets());
    turn_ = (turn_ + 1) % fds_.size();
}

// Stays with one reader while it has something, then goes on to the next that can be read.
void raw_library::socket::choose_reader()
{
    if (streams_.empty())
        wait_for_subscribers(peers_);
    while (readers_.size() > 1 && readers_[current_].is_empty())
    {
        std::vector<pollfd> waiting;
        for (const auto& reader : readers_)
            waiting.push_back({reader.fd(), POLLIN, 0});
        if (::poll(waiting.data(), waiting.size(), -1) < 0)
            throw_errno("poll");
        do
            current_ = (current_ + 1) % readers_.size();
        while (waiting[current_].revents == 0);
        if (!readers_[current_].fill())
            forget_reader(current_);
    }
}

void raw_library::socket::forget_reader(std::size_t index)
{
    readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(index));
    current_ = 0;
}

}  // namespace bench
