// A C socket: Ferry's socket, its options, and the messages that the program took or gave in part.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <ferry/socket.hpp>

#include "engine/c_api/context.hpp"
#include "engine/c_api/handles.hpp"
#include "engine/c_api/notifier.hpp"
#include "engine/c_api/options.hpp"

namespace ferry::c_api
{

/// A frame, as one of the message it came with.
struct received_part
{
    message whole;
    std::size_t index = 0;
    bool more = false;  ///< others follow
};

class c_socket final : public socket_handle, public std::enable_shared_from_this<c_socket>
{
public:
    c_socket(std::shared_ptr<context_handle> owner, int type, option_values values);

    // --- socket_handle
    [[nodiscard]] ferry::socket& face() noexcept override { return face_; }
    [[nodiscard]] ferry::context& context() noexcept override { return context_; }
    [[nodiscard]] int type() const noexcept override { return type_; }
    [[nodiscard]] std::optional<message> try_receive(std::error_code& error) override;
    [[nodiscard]] bool try_send(message& m, std::error_code& error) override;
    [[nodiscard]] std::error_code receive(message& m) override;
    [[nodiscard]] std::error_code send(message& m) override;
    [[nodiscard]] short ready_events(std::error_code& error) override;
    [[nodiscard]] int notification_descriptor(std::error_code& error) override;
    void set_attachment(std::shared_ptr<void> attachment) override;
    [[nodiscard]] bool has_attachment() const override;
    [[nodiscard]] std::shared_ptr<void> attachment() const;

    [[nodiscard]] context_handle& owner() noexcept { return *owner_; }
    /// Begins to close: ends calls in other threads, delivers what there is in the background. Once.
    void close();

    // --- part by part (transfer.cpp) ----------------------------------------------------------
    /// Sends one frame. `part` is taken on success only.
    [[nodiscard]] std::error_code send_part(message& part, int flags)
    {
        if (!sends_whole(flags)) [[unlikely]]
            return send_otherwise(part, flags);
        std::error_code error = no_error_;
        face_.send(std::move(part), error);
        return error ? after_waiting(error, wait_type::writable) : error;
    }
    /// As send_part(), of a frame of which only the octets are there.
    [[nodiscard]] std::error_code send_octets(std::span<const std::byte> octets, int flags)
    {
        if (!sends_whole(flags)) [[unlikely]]
        {
            message part(octets);
            return send_otherwise(part, flags);
        }
        std::error_code error = no_error_;
        face_.send(octets, error);
        return error ? after_waiting(error, wait_type::writable) : error;
    }
    /// Receives one frame, and calls `deliver(message&&, index, more)`: it is the one of that index, and
    /// the only one if the message may be kept.
    template <class Deliver>
    [[nodiscard]] std::error_code receive_part(int flags, Deliver&& deliver)
    {
        if (!receives_whole(flags)) [[unlikely]]
        {
            received_part part;
            const std::error_code error = receive_otherwise(part, flags);
            if (!error)
                deliver(std::move(part.whole), part.index, part.more);
            return error;
        }
        std::error_code error = no_error_;
        message m = receive_all(error);
        const bool more = m.size() != 1;
        if (!error) [[likely]]
            deliver(std::move(m), 0, more);
        return error;
    }
    /// Whether the next frame is the first of a message that may be waited for: then receive_all() does as well.
    [[nodiscard]] bool receives_whole(int flags) const noexcept
    {
        return flags == 0 && !has_parts_.load(std::memory_order_relaxed) &&
            receive_timeout_.load(std::memory_order_relaxed) != 0;
    }
    /// The message that begins with the next frame; the other frames are kept for the next calls, too.
    [[nodiscard]] message receive_all(std::error_code& error)
    {
        message m = face_.receive(error);
        if (error) [[unlikely]]
        {
            error = after_waiting(error, wait_type::readable);
            return m;
        }
        const bool more = m.size() != 1;
        if (more) [[unlikely]]
            keep_rest(m);
        if (has_more_.load(std::memory_order_relaxed) != more)
            has_more_.store(more, std::memory_order_relaxed);
        return m;
    }
    [[nodiscard]] bool has_more() const noexcept
    {
        return has_more_.load(std::memory_order_relaxed);
    }

    // --- readiness (events.cpp) ---------------------------------------------------------------
    /// As ready_events(), but of no consequence for the notification descriptor.
    [[nodiscard]] short look_for_events(std::error_code& error);

    // --- options ------------------------------------------------------------------------------
    /// The values, to read and to write while the lock is held.
    [[nodiscard]] std::unique_lock<std::mutex> lock_options()
    {
        return std::unique_lock(options_mutex_);
    }
    [[nodiscard]] option_values& options() noexcept { return options_; }
    void set_send_timeout(int milliseconds);
    void set_receive_timeout(int milliseconds);
    void set_relaxed(bool on);
    /// ROUTER: what is bound and connected from now on is without ZMTP. The options are locked.
    void set_raw();

    // --- endpoints: 0 or an errno --------------------------------------------------------------
    [[nodiscard]] int bind(std::string_view endpoint);
    [[nodiscard]] int connect(std::string_view endpoint);
    /// Ends whatever is bound or connected there.
    [[nodiscard]] int leave(std::string_view endpoint);

private:
    // Whether a frame is a message, and may wait for room.
    [[nodiscard]] bool sends_whole(int flags) const noexcept
    {
        return flags == 0 && !is_assembling_.load(std::memory_order_relaxed) &&
            !has_parts_.load(std::memory_order_relaxed) &&
            send_timeout_.load(std::memory_order_relaxed) != 0;
    }
    [[nodiscard]] std::error_code send_otherwise(message& part, int flags);
    [[nodiscard]] std::error_code send_whole(message& m, int flags);
    [[nodiscard]] std::error_code add_part(message& part, int flags);
    [[nodiscard]] std::error_code wait_for_room(std::string_view first_frame, int flags);
    [[nodiscard]] std::error_code finish_assembly(message& last, int flags);
    [[nodiscard]] std::error_code receive_otherwise(received_part& part, int flags);
    [[nodiscard]] std::error_code receive_whole(message& m, int flags);
    [[nodiscard]] std::error_code next_part(received_part& part);
    [[nodiscard]] bool take_rest(message& m);
    void keep_rest(const message& m);
    [[nodiscard]] std::error_code after_waiting(std::error_code error, wait_type what);
    [[nodiscard]] bool has_turns() const noexcept;
    [[nodiscard]] bool is_out_of_turn();
    [[nodiscard]] std::error_code would_block(wait_type what);
    [[nodiscard]] std::shared_ptr<notifier> current_notifier() const;

    const std::shared_ptr<context_handle> owner_;
    ferry::context& context_;
    const int type_;
    ferry::socket face_;

    const std::error_code no_error_;  // making one takes a call
    std::atomic<int> send_timeout_{-1};
    std::atomic<int> receive_timeout_{-1};
    std::atomic<bool> is_relaxed_{false};  // ZMQ_REQ_RELAXED
    std::atomic<bool> is_raw_;             // messages are an id and octets

    std::mutex outgoing_mutex_;
    std::atomic<bool> is_assembling_{false};
    message outgoing_;  // the parts sent so far
    std::mutex incoming_mutex_;
    std::atomic<bool> has_parts_{false};
    message incoming_;  // received, and not taken from `next_part_` on
    std::size_t next_part_ = 0;
    std::atomic<bool> has_more_{false};

    std::mutex options_mutex_;
    option_values options_;

    mutable std::mutex notifier_mutex_;
    std::shared_ptr<notifier> notifier_;
    std::atomic<bool> has_notifier_{false};

    mutable std::mutex attachment_mutex_;
    std::shared_ptr<void> attachment_;
    bool is_closed_ = false;
};

/// What zmq.h gives out for it. In handles.cpp, as the next.
[[nodiscard]] void* add_handle(std::shared_ptr<c_socket> socket);
/// False when another thread did it already.
[[nodiscard]] bool close_handle(const socket_pin& pinned) noexcept;

/// Of a handle that find_socket() found: all are of this class.
[[nodiscard]] inline c_socket& whole(const socket_pin& pinned) noexcept
{
    return static_cast<c_socket&>(*pinned);
}

}  // namespace ferry::c_api
