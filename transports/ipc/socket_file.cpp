#include "transports/ipc/socket_file.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ferry/error.hpp>

#include "transports/socket_handle.hpp"

namespace ferry::transports
{

namespace
{

using file_status = struct stat;

constexpr int lock_attempts = 200;  // a bind holds the lock for microseconds
constexpr auto lock_pause = std::chrono::milliseconds(1);

std::string directory_of(const std::string& path)
{
    const auto slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// flock on a directory; held while it lives.
class directory_lock
{
public:
    explicit directory_lock(const std::string& directory)
        : descriptor_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    {
        for (int attempt = 0; descriptor_ && attempt < lock_attempts; ++attempt)
        {
            if (::flock(descriptor_.get(), LOCK_EX | LOCK_NB) == 0)
            {
                is_held_ = true;
                return;
            }
            if (errno != EWOULDBLOCK && errno != EINTR)
                return;
            std::this_thread::sleep_for(lock_pause);
        }
    }

    [[nodiscard]] bool is_held() const noexcept { return is_held_; }

private:
    socket_handle descriptor_;
    bool is_held_ = false;
};

enum class occupant
{
    none,
    dead_socket,
    live_socket,
    other_file,
};

occupant look_at(const std::string& path, std::error_code& error)
{
    error.clear();
    file_status status{};
    if (::lstat(path.c_str(), &status) != 0)
    {
        if (errno != ENOENT)
            error = last_system_error();
        return occupant::none;
    }
    if (!S_ISSOCK(status.st_mode))
        return occupant::other_file;

    const auto probe = open_stream_socket(AF_UNIX, error);
    if (error)
        return occupant::none;
    const auto result = start_connect(probe.get(), socket_address::local(path));
    if (result == std::errc::no_such_file_or_directory)
        return occupant::none;
    // Whatever else happens - a full backlog, no permission, a datagram socket - somebody is there.
    return result == std::errc::connection_refused ? occupant::dead_socket : occupant::live_socket;
}

/// True when the path is free now.
bool make_room(const std::string& path, bool locked, failure& why)
{
    std::error_code error;
    const auto found = look_at(path, error);
    if (error)
    {
        why = {error, {}};
        return false;
    }
    why = {std::error_code(EADDRINUSE, std::system_category()), path};
    switch (found)
    {
    case occupant::live_socket: why.detail += " is in use: somebody answers there"; return false;
    case occupant::other_file: why.detail += " exists and is not a socket"; return false;
    case occupant::dead_socket:
        if (!locked)
        {
            why.detail += " is left over, but its directory cannot be locked to remove it";
            return false;
        }
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        {
            why.error = last_system_error();
            why.detail += " is left over and cannot be removed: " + why.error.message();
            return false;
        }
        break;
    case occupant::none: break;
    }
    why = {};
    return true;
}

std::string temporary_directory()
{
    for (const char* name : {"TMPDIR", "TEMPDIR", "TMP"})
    {
        const char* value = std::getenv(name);
        file_status status{};
        if (value != nullptr && ::stat(value, &status) == 0 && S_ISDIR(status.st_mode))
            return value;
    }
    return "/tmp";
}

}  // namespace

socket_file::~socket_file()
{
    remove();
}

socket_file socket_file::bind_and_listen(
    int descriptor, const std::string& path, int backlog, failure& why)
{
    why = {};
    const auto address = socket_address::local(path);
    const directory_lock lock(directory_of(path));
    auto error = bind_socket(descriptor, address);
    if (error == std::errc::address_in_use)
    {
        if (!make_room(path, lock.is_held(), why))
            return {};
        error = bind_socket(descriptor, address);
    }

    socket_file result;
    file_status status{};
    if (!error && ::lstat(path.c_str(), &status) == 0)
    {
        result.path_ = path;
        result.device_ = status.st_dev;
        result.inode_ = status.st_ino;
        result.owner_ = ::getpid();
    }
    if (!error)
        error = listen_on(descriptor, backlog);
    if (error)
        why = {error, {}};
    return error ? socket_file{} : std::move(result);
}

socket_file socket_file::bind_and_listen_anywhere(int descriptor, int backlog, failure& why)
{
    why = {};
    auto directory = temporary_directory() + "/ferry-XXXXXX";
    const auto path_size = directory.size() + std::string_view("/socket").size();
    if (path_size >= socket_address::max_local_size)
    {
        why = {errc::path_too_long, directory + "/socket is too long for a socket"};
        return {};
    }
    if (::mkdtemp(directory.data()) == nullptr)
    {
        const auto error = last_system_error();
        why = {error, "cannot make " + directory + ": " + error.message()};
        return {};
    }
    auto result = bind_and_listen(descriptor, directory + "/socket", backlog, why);
    if (why)
        ::rmdir(directory.c_str());
    else
        result.directory_ = std::move(directory);
    return result;
}

void socket_file::remove() noexcept
{
    if (path_.empty() || owner_ != ::getpid())
        return;
    // Between looking and removing, nobody who asks first can have put a file of theirs here: the
    // socket listens still and answers.
    file_status status{};
    const bool is_ours =
        ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
    if (is_ours)
        ::unlink(path_.c_str());
    if (!directory_.empty())
        ::rmdir(directory_.c_str());
    path_.clear();
}

void socket_file::swap(socket_file& other) noexcept
{
    std::swap(path_, other.path_);
    std::swap(directory_, other.directory_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    std::swap(owner_, other.owner_);
}

}  // namespace ferry::transports
