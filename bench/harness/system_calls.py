"""System calls per message, counted by strace in runs of their own that are no measurements."""

import pathlib
import re
import shutil
import tempfile

from . import grid
from .measure import COUNT_UNDER_STRACE
from .processes import Failure

# 12.34    0.001234           5      1234        56 futex
ROW = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$", re.MULTILINE)
MOST_NAMED = 4

# Those whose calls are counted in a run of the whole grid; any other when it is asked for.
LINES = ("push_pull/tcp/64", "push_pull/tcp/1024", "push_pull/tcp/65536", "req_rep/tcp/64",
         "dealer_router/tcp/64/1000", "pub_sub/tcp/64/10")


def is_possible():
    return shutil.which("strace") is not None


def is_wanted(options, line):
    return options.strace and (bool(options.only) or line.name in LINES)


def count_calls(bench, line, counts, progress):
    """{side: {end: {"all": per message, name: per message, ...}}} of one round under strace."""
    found = {}
    for side in counts:
        progress.show(f"{line.name}  system calls  {side}")
        try:
            found[side] = calls_of_side(bench, side, line, counts[side])
        except Failure as failure:
            progress.complain(f"{line.name}  {side} under strace: {failure}")
    return found


def calls_of_side(bench, side, line, count):
    if line.kind == "connections" or line.scenario == "trickle":
        calls, messages = traced(bench, side, line, count), max(line.peers, count)
    else:
        count = min(count, COUNT_UNDER_STRACE)
        calls = traced(bench, side, line, count)
        # What starting and ending takes is not the messages': a tenth of the run is taken off.
        tenth = max(1, count // 10)
        for role, of_role in traced(bench, side, line, tenth).items():
            for name, number in of_role.items():
                calls[role][name] = max(0, calls[role].get(name, 0) - number)
        messages = messages_in(line, count) - messages_in(line, tenth)
    return {role: per_message(of_role, messages) for role, of_role in calls.items()}


def traced(bench, side, line, count):
    """{role: {name: calls}} of a run, all processes of a role together."""
    with tempfile.TemporaryDirectory(prefix="ferry-strace-") as directory:
        directory = pathlib.Path(directory)
        started = []

        def prefix(role):
            started.append((role, directory / str(len(started))))
            return ["strace", "-f", "-c", "-o", str(started[-1][1])]

        bench.measure(side, line, count, prefix)
        calls = {}
        for role, path in started:
            for name, number in calls_in(path.read_text()).items():
                of_role = calls.setdefault(role, {})
                of_role[name] = of_role.get(name, 0) + number
    return calls


def messages_in(line, count):
    """All that a run takes, the warm-up included where it is more than a few."""
    if line.program == "req_rep":
        return count + min(1000, max(1, count // 10))
    return count * line.peers if line.program == "pub_sub" else count


def calls_in(text):
    return {name: int(number) for number, name in ROW.findall(text) if name != "total"}


def per_message(calls, messages):
    """All calls, and by name those that are made most often."""
    often = sorted(calls, key=calls.get, reverse=True)[:MOST_NAMED]
    shares = {"all": sum(calls.values()), **{name: calls[name] for name in often}}
    return {name: round(number / messages, 4) for name, number in shares.items()
            if name == "all" or number / messages > 0.00005}


def print_calls(line, found):
    for side in grid.SIDES:
        for role, shares in found.get(side, {}).items():
            named = ", ".join(f"{name} {share:g}" for name, share in shares.items()
                              if name != "all")
            print(f"    {side:13} {role:11} {shares['all']:10.4f} system calls per message: {named}")
