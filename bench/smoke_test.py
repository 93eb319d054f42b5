#!/usr/bin/env python3
"""Whether bench.py runs to its end and writes lines of the promised shape. Values mean nothing."""

import json
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).with_name("bench.py")
LINES = ["push_pull/tcp/64", "push_pull/ipc/64", "push_pull/inproc/64", "pub_sub/tcp/64/2",
         "req_rep/tcp/64"]
COMMON = ["scenario", "pattern", "transport", "size", "ferry", "libzmq", "raw"]


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def faults_of_throughput(record):
    keys = [key for key in record if key != "peers"]
    if keys[:9] != COMMON + ["ratio", "unit"]:
        yield f"keys: {keys}"
    for key in ("ferry", "libzmq", "raw", "ratio", "libzmq_tuned"):
        if key == "raw" and record["transport"] == "inproc":
            continue
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


def faults(record):
    is_latency = record.get("scenario") == "latency"
    for fault in faults_of_latency(record) if is_latency else faults_of_throughput(record):
        yield f"{record.get('pattern')}/{record.get('transport')}: {fault}"


def main():
    build = sys.argv[1]
    chosen = [argument for line in LINES for argument in ("--only", line)]
    with tempfile.TemporaryDirectory() as directory:
        results = pathlib.Path(directory) / "results.json"
        done = subprocess.run(
            [sys.executable, SCRIPT, build, "--quick", *chosen, "--count", "1000",
             "--timeout", "15", "--json", results],
            check=False)
        records = [json.loads(text) for text in results.read_text().splitlines()]
    if done.returncode != 0 or len(records) != len(LINES):
        sys.exit(f"bench.py ended with {done.returncode} and wrote {len(records)} lines")
    found = [fault for record in records for fault in faults(record)]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
