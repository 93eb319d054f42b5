"""The command line."""

import argparse
import os
import pathlib

from . import grid

ABOUT = """Ferry against libzmq and against bare sockets, in one run, on the same work.

Every measurement is a pair of processes, one for each end, or as many as the line needs (inproc:
two threads of one process). The receiving end counts and keeps the time, from the first message,
a warm-up, to the last. The sides take turns within each round, so that what disturbs the machine
disturbs all of them, and what is reported is the median of the rounds. libzmq is measured with its
defaults and again tuned (two I/O threads, larger buffers, higher high-water marks). How many
messages make about a second is found out first, for each side and line.

The whole grid is written to build/bench/results.jsonl, a part of it (--only, --quick) to
build/bench/part.jsonl. `bench report [FILE]` makes the tables and plots of the documentation of it.

Beside the lines of --list, --only measures any other one.
"""


def parse_pin(text):
    cores = [{int(core)} for core in text.split(",")]
    if len(cores) > 2 or not set().union(*cores) <= os.sched_getaffinity(0):
        raise argparse.ArgumentTypeError(f"no such cores here: {text}")
    return [cores[0], cores[-1]]


def parse_run(arguments):
    parser = argparse.ArgumentParser(
        prog="bench", description=ABOUT + grid.FORMS,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="where CMake built the programs")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="where to write one JSON object per line of the grid")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="push_pull/tcp/64, or push_pull/ipc, or '*/*/64'; may be repeated")
    parser.add_argument("--rounds", type=int, metavar="N", help="repetitions (default 5)")
    parser.add_argument("--pin", type=parse_pin, metavar="A[,B]", default=[set(), set()],
                        help="both ends on core A, or one end on each, where the line says nothing")
    parser.add_argument("--quick", action="store_true", help="one short round, for a first look")
    parser.add_argument("--list", action="store_true", help="print the names of the lines")
    parser.add_argument("--seconds", type=float, metavar="S",
                        help="length of one measurement (default 0.8)")
    parser.add_argument("--count", type=int, metavar="N", help="that many messages instead")
    parser.add_argument("--timeout", type=float, metavar="S", default=60,
                        help="after which a measurement has failed (default 60)")
    parser.add_argument("--strace", action="store_true",
                        help="system calls per message of each line, or of some of the whole grid")
    options = parser.parse_args(arguments)
    options.whole = not (options.only or options.quick or options.count)
    options.rounds = max(1, options.rounds or (1 if options.quick else 5))
    options.seconds = max(0.01, options.seconds or (0.3 if options.quick else 0.8))
    return options


def parse_report(arguments, root):
    parser = argparse.ArgumentParser(
        prog="bench report", description="Makes the plots and the tables of the documentation.")
    parser.add_argument("results", type=pathlib.Path, nargs="?",
                        default=root / "build" / "bench" / "results.jsonl",
                        help="what a run wrote (default build/bench/results.jsonl)")
    parser.add_argument("--into", type=pathlib.Path, default=root, metavar="DIRECTORY",
                        help="where README.md and docs/ are (default: this repository)")
    return parser.parse_args(arguments)
