#!/usr/bin/env python3
"""Whether every scenario runs to its end on every side, bench.py writes lines of the promised
shape, and the report can be made of them. Values mean nothing."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).parent
SCRIPT = BENCH / "bench.py"
DOCUMENTS = ("README.md", "docs/performance.md")
LINES = ["push_pull/tcp/64", "push_pull/ipc/64", "push_pull/inproc/64", "push_pull/tcp/64/2_to_1",
         "push_pull/tcp/64/1_to_2", "pub_sub/tcp/64/5", "pub_sub/tcp/64/4/100",
         "dealer_router/tcp/64/100", "req_rep/tcp/64", "req_rep/tcp/64/same_core",
         "req_rep/tcp/64/polling", "req_rep/tcp/64/one_loop", "req_rep/tcp/64/two_loops",
         "push_pull/tcp/64/zmq_h", "push_pull/tcp/64/one_loop", "push_pull/tcp/64/two_loops",
         "trickle/tcp/64", "idle/tcp/20"]
COMMON = ["scenario", "pattern", "transport", "size", "ferry", "libzmq", "raw"]
PARTS = {"us": ("p50", "p99", "p999"),
         "octets": ("server_octets", "client_octets", "connect_seconds")}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def faults_of(record):
    """What is wrong with one line; the sides that must be there are those that have samples."""
    rate = record["unit"] == "msg/s"
    keys = COMMON + (["ratio", "unit"] if rate else ["unit"])
    if list(record)[:len(keys)] != keys:
        yield f"keys: {list(record)}"
    for side in ("ferry", "libzmq"):
        if side not in record["samples"]:
            yield f"no samples of {side}"
    for side in record["samples"]:
        value = record[side]
        if rate and not is_number(value):
            yield f"{side} is {value}"
        if not rate and not all(is_number(value.get(part)) for part in PARTS[record["unit"]]):
            yield f"{side} is {value}"
    if rate and not is_number(record["ratio"]):
        yield f"ratio is {record['ratio']}"
    for key in ("cpu", "kernel", "flags", "versions", "compiler", "rounds", "load"):
        if key not in record:
            yield f"no {key}"
    if record["failures"]:
        yield f"failures: {record['failures']}"


def measured(build, results):
    chosen = [argument for line in LINES for argument in ("--only", line)]
    done = subprocess.run(
        [sys.executable, SCRIPT, build, "--quick", *chosen, "--count", "600", "--timeout", "20",
         "--json", results], check=False)
    records = [json.loads(text) for text in results.read_text().splitlines()]
    if done.returncode != 0 or [record["line"] for record in records] != LINES:
        sys.exit(f"bench.py ended with {done.returncode} and wrote {len(records)} lines")
    return records


def report_faults(directory, results, processor):
    """Makes the report in a copy of the documents, where it must leave all but the tables alone."""
    for name in DOCUMENTS:
        (directory / name).parent.mkdir(exist_ok=True)
        shutil.copy(BENCH.parent / name, directory / name)
    done = subprocess.run(
        [sys.executable, SCRIPT, "report", results, "--into", directory], check=False)
    if done.returncode != 0:
        yield f"bench.py report ended with {done.returncode}"
    for name in DOCUMENTS:
        if processor not in (directory / name).read_text():
            yield f"{name} has no figures"
    if shutil.which("gnuplot") and not list(directory.glob("docs/plots/*.svg")):
        yield "no plots were drawn"


def main():
    with tempfile.TemporaryDirectory() as directory:
        results = pathlib.Path(directory) / "results.jsonl"
        records = measured(sys.argv[1], results)
        found = [f"{record['line']}: {fault}" for record in records for fault in faults_of(record)]
        found += report_faults(pathlib.Path(directory), results, records[0]["cpu"])
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
