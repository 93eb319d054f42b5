// A SOCKS 5 server for tests: makes the connections it is asked for, to addresses of this machine, and passes octets on.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/raw_peer.hpp"

namespace ferry::test
{

/// What a client asked for.
struct socks_wish
{
    unsigned kind = 0;    ///< of the address: 1, 3, 4
    std::string address;  ///< its octets, or the name
    std::uint16_t port = 0;

    friend bool operator==(const socks_wish&, const socks_wish&) = default;
};

class socks_server
{
public:
    /// With a user's name, it wants that and the password, and takes nobody else.
    explicit socks_server(std::string username = {}, std::string password = {})
        : username_(std::move(username)), password_(std::move(password)),
          thread_([this] { serve(); })
    {
    }
    ~socks_server()
    {
        stops_ = true;
        thread_.join();
        for (std::thread& relay : relays_)
            relay.join();
    }
    socks_server(const socks_server&) = delete;
    socks_server& operator=(const socks_server&) = delete;

    /// "127.0.0.1:port".
    [[nodiscard]] std::string address() const { return listener_.endpoint().substr(6); }
    /// What was asked for so far.
    [[nodiscard]] std::vector<socks_wish> wishes() const
    {
        const std::lock_guard lock(mutex_);
        return wishes_;
    }

private:
    static constexpr std::chrono::milliseconds look_again{10};

    void serve()
    {
        while (!stops_)
            if (listener_.is_awaited(look_again))
                relays_.emplace_back([this, client = listener_.accept()]() mutable {
                    try
                    {
                        serve_one(client);
                    }
                    catch (const std::exception&)
                    {
                        // The client left: its connection ends with this.
                    }
                });
    }
    void serve_one(raw_peer& client)
    {
        using namespace std::string_literals;
        const unsigned method = username_.empty() ? 0 : 2;
        const std::string offer = client.read(2);
        const std::string methods = client.read(static_cast<unsigned char>(offer[1]));
        if (methods.find(static_cast<char>(method)) == methods.npos)
            return client.send("\x05\xff"s);
        client.send("\x05"s + static_cast<char>(method));
        if (method == 2 && !is_known(client))
            return client.send("\x01\x01"s);
        if (method == 2)
            client.send("\x01\x00"s);

        const socks_wish wish = read_wish(client);
        const std::optional<raw_peer> target = reach(wish);
        if (!target)
            return client.send("\x05\x05\x00\x01\0\0\0\0\0\0"s);
        client.send("\x05\x00\x00\x01\x7f\0\0\x01\x04\x38"s);
        pass_on(client, *target);
    }
    bool is_known(raw_peer& client) const
    {
        client.read(1);
        const std::string name = read_text(client);
        return name == username_ && read_text(client) == password_;
    }
    static std::string read_text(raw_peer& client)
    {
        return client.read(static_cast<unsigned char>(client.read(1)[0]));
    }
    socks_wish read_wish(raw_peer& client)
    {
        socks_wish wish;
        wish.kind = static_cast<unsigned char>(client.read(4)[3]);
        wish.address = wish.kind == 3 ? read_text(client) : client.read(wish.kind == 1 ? 4 : 16);
        const std::string port = client.read(2);
        wish.port = static_cast<std::uint16_t>(
            static_cast<unsigned char>(port[0]) << 8 | static_cast<unsigned char>(port[1]));
        const std::lock_guard lock(mutex_);
        wishes_.push_back(wish);
        return wish;
    }
    // Every name and address is this machine.
    static std::optional<raw_peer> reach(const socks_wish& wish)
    {
        try
        {
            return raw_peer::connect(":" + std::to_string(wish.port));
        }
        catch (const std::system_error&)
        {
            return {};
        }
    }
    // Until one end leaves: both are closed then.
    void pass_on(const raw_peer& one, const raw_peer& other) const
    {
        while (!stops_)
        {
            pollfd ends[2] = {{one.native_handle(), POLLIN, 0}, {other.native_handle(), POLLIN, 0}};
            checked(::poll(ends, 2, static_cast<int>(look_again.count())), "poll");
            if (ends[0].revents != 0 && !pass(one, other))
                return;
            if (ends[1].revents != 0 && !pass(other, one))
                return;
        }
    }
    static bool pass(const raw_peer& from, const raw_peer& to)
    {
        char chunk[4096];
        const ssize_t size = ::recv(from.native_handle(), chunk, sizeof chunk, 0);
        if (size > 0)
            to.send({chunk, static_cast<std::size_t>(size)});
        return size > 0;
    }

    const std::string username_;
    const std::string password_;
    const raw_listener listener_;
    std::atomic<bool> stops_{false};
    mutable std::mutex mutex_;
    std::vector<socks_wish> wishes_;
    std::vector<std::thread> relays_;  // of the serving thread, and at last of the destructor
    std::thread thread_;
};

}  // namespace ferry::test
