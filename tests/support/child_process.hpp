// A program of another language as a test's peer: started, listened to, and ended.
#pragma once

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/raw_peer.hpp"

extern char** environ;

namespace ferry::test
{

/// The other process ought to have said something.
class silence : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

class child_process
{
public:
    explicit child_process(const std::vector<std::string>& command)
    {
        int ends[2];
        checked(::pipe2(ends, O_CLOEXEC), "pipe2");
        output_ = descriptor(ends[0]);
        const descriptor input(ends[1]);

        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
        std::vector<char*> arguments;
        arguments.reserve(command.size() + 1);
        for (const std::string& argument : command)
            arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        const int error =
            ::posix_spawnp(&id_, arguments[0], &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw std::system_error(error, std::system_category(), "starting " + command[0]);
    }
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process()
    {
        if (id_ > 0)
        {
            ::kill(id_, SIGKILL);
            (void)wait();
        }
    }

    /// The next line it prints, without its end.
    std::string read_line(std::chrono::milliseconds timeout = patience)
    {
        for (;;)
        {
            const std::size_t end = text_.find('\n');
            if (end != text_.npos)
            {
                std::string line = text_.substr(0, end);
                text_.erase(0, end + 1);
                return line;
            }
            if (!output_.wait_readable(timeout))
                throw silence("the other process prints nothing; so far: " + text_);
            char chunk[65536];
            const ssize_t size = checked(::read(output_.get(), chunk, sizeof chunk), "read");
            if (size == 0)
                throw std::runtime_error("the other process ended; it last printed: " + text_);
            text_.append(chunk, static_cast<std::size_t>(size));
        }
    }

    /// Waits for its end. True when it ended well.
    [[nodiscard]] bool ended_well()
    {
        const int status = wait();
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

    /// It stands still, threads and all, until told to go on.
    void stop() const { ::kill(id_, SIGSTOP); }
    void go_on() const { ::kill(id_, SIGCONT); }

private:
    int wait()
    {
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR)
            ;
        id_ = -1;
        return status;
    }

    descriptor output_;
    pid_t id_ = -1;
    std::string text_;
};

}  // namespace ferry::test
