"""The processes of one play: started, listened to, and stopped."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

PREFIXES = {"Ferry": "", "asynchronous Ferry": "async_", "libzmq": "zmq_"}  # of a program's file

PATIENCE = 30  # seconds for one step; a step takes far less than one

LISTENING = r"listening on ([a-z]+://[^\s,]+)"  # what each server prints once it is bound


class Failure(Exception):
    """A scene that did not go as it should; the text says what was missing."""


class Program:
    """One child process and all that it has printed so far."""

    def __init__(self, name, path, arguments):
        self.name = name
        self.text = ""
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            [path, *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while chunk := os.read(self.process.stdout.fileno(), 65536):
            with self.changed:
                self.text += chunk.decode(errors="replace")
                self.changed.notify_all()
        with self.changed:
            self.text += "\0"  # the end: nothing more will come
            self.changed.notify_all()

    def wait_for(self, pattern, watch=None):
        """Waits until the pattern was printed. `watch` is called with the text while waiting."""
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while not (found := re.search(pattern, self.text)):
                if self.text.endswith("\0"):
                    raise Failure(f"{self.name} ended before it printed '{pattern}'")
                if time.monotonic() > deadline:
                    raise Failure(f"{self.name} did not print '{pattern}' within {PATIENCE} s")
                if watch:
                    watch(self.text)
                self.changed.wait(0.1)
        return found

    def finish(self, watch=None):
        """Waits for the program to end well, and returns what it printed."""
        self.wait_for("\0", watch)
        status = self.process.wait(PATIENCE)
        if status != 0:
            raise Failure(f"{self.name} ended with status {status}")
        return self.text.rstrip("\0")

    def stop(self):
        """Ends it if it still runs; idempotent."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.reader.join(PATIENCE)
        self.process.stdout.close()


class Stage:
    """The programs of one play: starts them, and stops all that are left at the end."""

    def __init__(self, directory, transport):
        self.directory = directory
        self.transport = transport
        self.programs = []
        self.scratch = tempfile.mkdtemp(prefix="ferry-demo-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def start(self, library, program, *arguments):
        file = os.path.join(self.directory, PREFIXES[library] + program)
        return self.start_file(f"{library}'s {program}", file, *arguments)

    def start_file(self, name, file, *arguments):
        started = Program(name, file, [str(argument) for argument in arguments])
        self.programs.append(started)
        return started

    def fresh_endpoint(self, name):
        """Something to bind to: a port that the system picks, or a path nobody has used."""
        return "tcp://127.0.0.1:*" if self.transport == "tcp" else f"ipc://{self.scratch}/{name}"

    def diagnosis(self):
        for program in self.programs:
            lines = program.text.rstrip("\0").splitlines()
            yield f"{program.name} printed: " + (" / ".join(lines[-3:])[-300:] or "nothing")
