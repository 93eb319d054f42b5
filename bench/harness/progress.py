"""How far a run has come: one line on the terminal that is written over and over."""

import os
import shutil
import sys
import time

STARTING_SECONDS = 0.15  # of the processes of one measurement
CALIBRATION = 0.4  # of a measurement, for each side


def expected_seconds(line, options):
    """A guess; only its proportion to the other lines' matters."""
    sides = len(line.sides())
    if line.kind == "connections":
        return options.rounds * sides * 6
    seconds = options.seconds * (3 if line.scenario == "trickle" else 1) + STARTING_SECONDS
    if line.scenario == "subscriptions":
        seconds += 1
    return sides * seconds * (options.rounds + CALIBRATION)


class Progress:
    """Lines done of all, and the time left. Silent where no terminal is."""

    def __init__(self, lines, options):
        self.expected = [expected_seconds(line, options) for line in lines]
        self.done = 0
        self.began = time.monotonic()
        self.live = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def finish_line(self):
        self.done += 1

    def seconds_left(self):
        taken = time.monotonic() - self.began
        behind, ahead = sum(self.expected[:self.done]), sum(self.expected[self.done:])
        return ahead * (taken / behind if behind else 1.0)

    def show(self, text):
        if not self.live:
            return
        minutes, seconds = divmod(int(self.seconds_left()), 60)
        head = f"[{self.done}/{len(self.expected)}, {minutes}:{seconds:02} left] "
        width = shutil.get_terminal_size().columns
        sys.stderr.write(f"\r\033[K{(head + text)[:width - 1]}")
        sys.stderr.flush()

    def clear(self):
        if self.live:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def complain(self, text):
        self.clear()
        print(f"bench: {text}", file=sys.stderr)
