#!/usr/bin/env python3
"""Whether bench.py runs to its end and writes lines of the promised shape. Values mean nothing."""

import json
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).with_name("bench.py")
COMMON = ["scenario", "pattern", "transport", "size", "ferry", "libzmq", "raw"]


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def faults_of_throughput(record):
    if list(record)[:9] != COMMON + ["ratio", "unit"]:
        yield f"keys: {list(record)}"
    for key in ("ferry", "libzmq", "raw", "ratio", "libzmq_tuned"):
        if not is_number(record.get(key)):
            yield f"{key} is {record.get(key)}"
    if record.get("unit") != "msg/s":
        yield f"unit is {record.get('unit')}"


def faults_of_latency(record):
    if list(record)[:8] != COMMON + ["unit"]:
        yield f"keys: {list(record)}"
    for side in ("ferry", "libzmq", "raw", "libzmq_tuned"):
        value = record.get(side) or {}
        if not (is_number(value.get("p50")) and is_number(value.get("p99"))):
            yield f"{side} is {value}"
    if record.get("unit") != "us":
        yield f"unit is {record.get('unit')}"


def main():
    build = sys.argv[1]
    with tempfile.TemporaryDirectory() as directory:
        results = pathlib.Path(directory) / "results.json"
        done = subprocess.run(
            [sys.executable, SCRIPT, build, "--quick", "--only", "push_pull/tcp/64",
             "--only", "req_rep/tcp/64", "--count", "1000", "--timeout", "20", "--json", results],
            check=False)
        records = [json.loads(text) for text in results.read_text().splitlines()]
    if done.returncode != 0 or len(records) != 2:
        sys.exit(f"bench.py ended with {done.returncode} and wrote {len(records)} lines")
    faults = [*faults_of_throughput(records[0]), *faults_of_latency(records[1])]
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
