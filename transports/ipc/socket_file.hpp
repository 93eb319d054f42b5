// The file of a bound ipc path: made without stealing a live one, removed only while it is ours.
#pragma once

#include <string>
#include <utility>

#include <sys/types.h>

#include "transports/failure.hpp"
#include "transports/socket_address.hpp"

namespace ferry::transports
{

/// A bound path that is removed on destruction, as is the directory made for it.
class socket_file
{
public:
    socket_file() noexcept = default;
    socket_file(socket_file&& other) noexcept { swap(other); }
    socket_file& operator=(socket_file&& other) noexcept
    {
        swap(other);
        return *this;
    }
    ~socket_file();

    /// Binds the descriptor to `path` and listens, after making room if a dead file is there.
    ///
    /// Two processes that find the same dead file must not remove each other's new one. So looking,
    /// removing, binding and listening happen under a lock: flock on the directory that holds the
    /// path, which leaves nothing behind and ends with its process. Whoever has no lock (the
    /// directory cannot be read, or somebody holds it for long) may bind, but removes nothing.
    [[nodiscard]] static socket_file bind_and_listen(
        int descriptor, const std::string& path, int backlog, failure& why);

    /// The same in a new directory (mode 0700) under TMPDIR, TEMPDIR or TMP, the first that is a
    /// directory, else /tmp.
    [[nodiscard]] static socket_file bind_and_listen_anywhere(
        int descriptor, int backlog, failure& why);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Removes the file and the directory now, if they are ours still. Idempotent.
    void remove() noexcept;

private:
    void swap(socket_file& other) noexcept;

    std::string path_;       // empty: nothing to remove
    std::string directory_;  // empty: not made by us
    dev_t device_ = 0;
    ino_t inode_ = 0;
    pid_t owner_ = 0;
};

}  // namespace ferry::transports
