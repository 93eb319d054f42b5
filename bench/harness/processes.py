"""Processes of a measurement: started, listened to, and ended by their own id."""

import json
import os
import select
import signal
import subprocess
import tempfile
import time


class Failure(Exception):
    """A measurement that gave no figures, and why."""


class End:
    """One process of a measurement, in a process group of its own."""

    def __init__(self, command, cores=(), prefix=()):
        self.name = " ".join(map(str, command[1:3]))
        self.errors = tempfile.TemporaryFile()
        self.text = b""
        self.ended = False
        pin = (lambda: os.sched_setaffinity(0, cores)) if cores else None
        try:
            self.process = subprocess.Popen(
                [*prefix, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self.errors, preexec_fn=pin, start_new_session=True, bufsize=0)
        except (OSError, subprocess.SubprocessError) as error:
            self.errors.close()
            raise Failure(f"{self.name}: {error}") from None

    def lines(self):
        return self.text.decode(errors="replace").split("\n")[:-1]

    def is_ready(self):
        return any(line.startswith("READY ") for line in self.lines())

    def endpoint(self):
        return next(line for line in self.lines() if line.startswith("READY ")).split(" ", 1)[1]

    def start(self):
        """Lets an end that waits for input go on; those that ended do not mind."""
        try:
            self.process.stdin.write(b"\n")
        except BrokenPipeError:
            pass  # it has ended; if it failed, it says why where it is waited for

    def read_some(self, deadline):
        data = os.read(self.process.stdout.fileno(), 65536)
        self.text += data
        if data:
            return
        self.ended = True
        try:
            code = self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name}: does not end") from None
        if code != 0:
            raise Failure(f"{self.name}: {self.complaint() or f'ended with {code}'}")

    def complaint(self):
        self.errors.seek(0)
        return " / ".join(self.errors.read().decode(errors="replace").split("\n")[-3:]).strip(" /")

    def result(self):
        try:
            return json.loads(self.lines()[-1])
        except (IndexError, ValueError):
            raise Failure(f"{self.name}: printed no result") from None

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()


def read_until(ends, done, deadline):
    """Reads what the ends print until `done()`. Fails at the deadline, and when one of them fails."""
    while not done():
        running = [end for end in ends if not end.ended]
        if not running:
            raise Failure("ended without a result")
        left = max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select([end.process.stdout for end in running], [], [], left)
        if not ready:
            raise Failure("timed out: " + ", ".join(sorted({end.name for end in running})))
        for end in running:
            if end.process.stdout in ready:
                end.read_some(deadline)


def run_ends(line, roles, command, pins, timeout, prefix=lambda role: ()):
    """Runs a line's processes to their end; returns the results of those that bind and connect.

    `command(role, endpoint, index)` is the command line of one end; `prefix(role)` goes before it.
    """
    deadline = time.monotonic() + timeout
    binder_role, connector_role, reporting_role = roles
    holds = line.processes > 1 and line.program == "push_pull"
    ends = []
    try:
        if line.is_one_process:
            ends.append(End(command("both", 0), set().union(*pins), prefix("both")))
            read_until(ends, lambda: ends[0].ended, deadline)
            return [ends[0].result()], []
        binder = End(command(binder_role, 0), pins[0], prefix(binder_role))
        ends.append(binder)
        read_until(ends, binder.is_ready, deadline)
        connectors = []
        for index in range(line.processes):
            words = command(connector_role, index, binder.endpoint()) + ["--hold"] * holds
            ends.append(End(words, pins[1], prefix(connector_role)))
            connectors.append(ends[-1])
        if holds:
            read_until(ends, lambda: all(end.is_ready() for end in connectors), deadline)
            for end in connectors:
                end.start()
        reporters = [binder] if reporting_role == binder_role else connectors
        read_until(ends, lambda: all(end.ended for end in reporters), deadline)
        for end in ends:
            end.start()  # those that wait for everything to arrive may go
        read_until(ends, lambda: all(end.ended for end in ends), deadline)
        return [binder.result()], [end.result() for end in connectors]
    finally:
        for end in ends:
            end.stop()
