#!/usr/bin/env python3
"""Plays the Guide's three classic scenes with real processes, Ferry and libzmq in each.

    run_demo.py BUILD_DIR

Each scene is played over tcp and over ipc, and with the sides swapped; then once more inside one
process, over inproc. What was exchanged is counted and checked. The exit status is 0 when all went
well. Ports and paths are ephemeral; nothing is left behind.
"""

import os
import re
import signal
import subprocess
import sys
import time

from stage import LISTENING, PATIENCE, Failure, Stage

REQUESTS = 1000
ZIP_CODES = 100_000
UPDATES = 50  # of each subscriber
WORKERS = 4
TASKS = 40


class Terminal:
    """Plain lines, and on a real terminal also colour and a progress line that is overwritten."""

    def __init__(self):
        self.live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.colour = self.live and "NO_COLOR" not in os.environ
        self.progress_shown = False

    def paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def title(self, text):
        self.line("\n" + self.paint("1", text))

    def line(self, text=""):
        self.clear()
        print(text, flush=True)

    def progress(self, done, total, what):
        if not self.live:
            return
        width = 24
        filled = width * min(done, total) // total
        bar = "#" * filled + "." * (width - filled)
        sys.stdout.write(f"\r    [{bar}] {done} of {total} {what}\x1b[K")
        sys.stdout.flush()
        self.progress_shown = True

    def clear(self):
        if self.progress_shown:
            sys.stdout.write("\r\x1b[K")
            self.progress_shown = False


def hello_world(stage, terminal, one, other):
    """`one` asks, `other` answers."""
    terminal.line(
        f"  {one} is the client (REQ), {other} is the server (REP), over {stage.transport}.")
    server = stage.start(other, "hello_world_server", stage.fresh_endpoint("hello"), REQUESTS)
    endpoint = server.wait_for(LISTENING)[1]
    client = stage.start(one, "hello_world_client", endpoint, REQUESTS)

    printed = client.finish(lambda text: terminal.progress(text.count("\n"), REQUESTS, "answers"))
    answers = len(re.findall(r"^received World \d+$", printed, re.M))
    questions = len(re.findall(r"^received Hello$", server.finish(), re.M))
    if answers != REQUESTS or questions != REQUESTS:
        raise Failure(f"{questions} questions and {answers} answers instead of {REQUESTS} each")
    terminal.line(f"    \"Hello\" arrived {questions} times at {endpoint},"
                  f" and \"World\" came back {answers} times: counted at both ends.")
    return questions + answers


def weather(stage, terminal, one, other):
    """`one` publishes, `other` subscribes twice."""
    terminal.line(f"  {one} publishes the weather of {ZIP_CODES:,} places (PUB),"
                  f" two {other} subscribers want one place each (SUB), over {stage.transport}.")
    server = stage.start(one, "weather_server", stage.fresh_endpoint("weather"), ZIP_CODES)
    endpoint = server.wait_for(LISTENING)[1]
    codes = ["10001", "00042"]
    clients = [stage.start(other, "weather_client", endpoint, code, UPDATES) for code in codes]
    for done, (code, client) in enumerate(zip(codes, clients)):
        terminal.progress(done, len(clients), "subscribers have what they wanted")
        said = client.finish().strip()  # it ends badly when another place's weather gets through
        if f"zip code {code} " not in said or f"over {UPDATES} updates" not in said:
            raise Failure(f"the subscriber said '{said}'")
        terminal.line(f"    {said}.")
    terminal.line("    Neither got anything but its own place: each of them checks every update.")
    return UPDATES * len(clients)


def pipeline(stage, terminal, one, other):
    """`one` deals out and collects, `other` works."""
    terminal.line(f"  {one} deals {TASKS} tasks out (PUSH) and collects the results (PULL),"
                  f" {WORKERS} {other} workers do them, over {stage.transport}.")
    sink = stage.start(one, "sink", stage.fresh_endpoint("sink"), TASKS)
    sink_endpoint = sink.wait_for(LISTENING)[1]
    ventilator = stage.start(
        one, "ventilator", stage.fresh_endpoint("ventilator"), sink_endpoint, WORKERS, TASKS)
    endpoint = ventilator.wait_for(LISTENING)[1]
    workers = [stage.start(other, "worker", endpoint, sink_endpoint) for _ in range(WORKERS)]

    def show_progress(text):
        terminal.progress(len(re.findall(r"[.:]", text.partition("\n")[2])), TASKS, "results")

    dealt = re.search(r"total workload (\d+) ms", ventilator.finish())
    results = sink.finish(show_progress)
    collected = re.search(rf"{TASKS} results, total workload (\d+) ms, in (\d+) ms", results)
    if not dealt or not collected or dealt[1] != collected[1]:
        raise Failure(f"ventilator: {dealt and dealt[0]}; sink: {collected and collected[0]}")
    for worker in workers:
        worker.stop()  # they work for ever; all they printed is here after that
    shares = [worker.text.count(".") for worker in workers]
    if sum(shares) != TASKS or 0 in shares:
        raise Failure(f"the workers did {shares} tasks instead of {TASKS} together")
    terminal.line(f"    {dealt[1]} ms of work were done in {collected[2]} ms;"
                  f" the workers had {', '.join(map(str, shares))} tasks.")
    terminal.line("    The results add up to what was dealt out: none is missing, none came twice.")
    return 2 * TASKS + 1  # there, and on to the sink; and the start of the batch


def inproc_scenes(stage, terminal):
    terminal.line("  inproc stays inside one process and one library: libzmq cannot share it,"
                  " so Ferry plays\n  both sides, one thread each.")
    said = stage.start("Ferry", "inproc_scenes").finish()
    for line in said.splitlines():
        terminal.line(f"    {line}.")
    if len(said.splitlines()) != 3:
        raise Failure("not all scenes were played")
    return 1000 * 2 + 2 + 1000 * 2


SCENES = [
    ("hello world", hello_world, ("asks", "answers"),
     "Question and answer, in strict turns."),
    ("weather", weather, ("publishes", "subscribes"),
     "One speaks, and each listener hears what it asked for."),
    ("pipeline", pipeline, ("deals out", "works"),
     "Work is dealt out, done in parallel, and collected."),
]


def play(directory, terminal, rows, name, transport, roles, scene, *players):
    started = time.monotonic()
    with Stage(directory, transport) as stage:
        try:
            messages, result = scene(stage, terminal, *players), "ok"
        except (Failure, OSError, subprocess.TimeoutExpired) as failure:
            messages, result = 0, "FAILED"
            terminal.line(terminal.paint("31", f"    FAILED: {failure}"))
            for line in stage.diagnosis():
                terminal.line(f"      {line}")
    took = time.monotonic() - started
    rows.append((name, transport, roles, result, f"{messages:,}", f"{took:.2f} s"))


def print_summary(terminal, rows):
    head = ("scene", "transport", "who is who", "result", "messages", "time")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def text(row):
        cells = [cell.rjust(width) if i >= 4 else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        colours = {"ok": "32", "FAILED": "31"}
        if row[3] in colours:
            cells[3] = terminal.paint(colours[row[3]], cells[3])
        return "  " + "  ".join(cells)

    terminal.title("Summary")
    terminal.line(text(head))
    terminal.line("  " + "  ".join("-" * width for width in widths))
    for row in rows:
        terminal.line(text(row))


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    directory = os.path.join(sys.argv[1], "examples")
    if not os.access(os.path.join(directory, "hello_world_server"), os.X_OK):
        print(f"run_demo.py: the examples are not built in {directory}", file=sys.stderr)
        return 2
    terminal = Terminal()

    def version(program):
        return subprocess.run([os.path.join(directory, program)], capture_output=True, text=True,
                              check=True, timeout=PATIENCE).stdout.strip()

    terminal.line("Every program below is a process of its own; they speak ZMTP to each other.")
    terminal.line("  " + version("version"))
    casts = [("Ferry", "libzmq"), ("libzmq", "Ferry")]
    if os.access(os.path.join(directory, "zmq_version"), os.X_OK):
        terminal.line("  " + version("zmq_version"))
    else:
        terminal.line("  libzmq was not found when this was built: Ferry plays both sides.")
        casts = [("Ferry", "Ferry")]

    started, rows = time.monotonic(), []
    for number, (name, scene, (first, second), caption) in enumerate(SCENES, 1):
        terminal.title(f"Scene {number}: {name}. {caption}")
        for transport in ("tcp", "ipc"):
            for one, other in casts:
                roles = f"{one} {first}, {other} {second}"
                play(directory, terminal, rows, name, transport, roles, scene, one, other)
    terminal.title("All three once more, inside one process.")
    play(directory, terminal, rows, "all three", "inproc", "Ferry both", inproc_scenes)

    print_summary(terminal, rows)
    failed = sum(row[3] != "ok" for row in rows)
    verdict = f"{failed} of {len(rows)} plays failed" if failed else f"All {len(rows)} went well"
    terminal.line(f"\n{verdict}, in {time.monotonic() - started:.1f} s.")
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without stopping the children
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
