#!/usr/bin/env python3
"""instructions.py BUILD [--update]: how many instructions the small steps of a message's way take,
counted by valgrind and compared with those recorded in instructions.json.

Unlike times, these counts are the same on a busy machine. They depend on the compiler, the kind of
processor and the C library; where one of them is another than recorded, nothing is compared.
Status: 0, or 1 if a count has grown by more than a tenth, or 2 if nothing could be counted."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

RECORD = pathlib.Path(__file__).with_name("instructions.json")
MOST_GROWTH = 0.10
SHORT, LONG = 2_560, 28_160  # operations; what both do besides them goes out with the difference
COLLECTED = re.compile(r"^==\d+== Collected : (\d+)", re.MULTILINE)


class CannotCount(Exception):
    """valgrind or the program did not do what was asked."""


def output_of(command):
    """What a command says on both its outputs."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotCount(problem) from problem
    if done.returncode != 0:
        raise CannotCount(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def instructions(program, work, operations):
    """All instructions of one run."""
    said = output_of(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                      program, "--only", work, "--operations", str(operations)])
    found = COLLECTED.search(said)
    if not found:
        raise CannotCount(f"valgrind told no count for {work}:\n{said}")
    return int(found.group(1))


def measure(program):
    """Per operation, by the name of the work."""
    counts = {}
    for work in output_of([program, "--list"]).split():
        more = instructions(program, work, LONG) - instructions(program, work, SHORT)
        counts[work] = round(more / (LONG - SHORT), 1)
    return counts


def growth(count, before):
    return count / before - 1 if before else 0.0


def show(counts, recorded):
    """A line per work: the count, the recorded one, and the growth."""
    for work, count in counts.items():
        before = recorded.get(work)
        known = f"{before:9.1f} {growth(count, before):+8.1%}" if before else "      new"
        print(f"{work:<44} {count:9.1f} {known}")


def faults_in(counts, recorded):
    """What has grown too much, and what is only in the record or only in the program."""
    faults = [f"{work}: {recorded[work]} became {count} ({growth(count, recorded[work]):+.1%})"
              for work, count in counts.items()
              if work in recorded and growth(count, recorded[work]) > MOST_GROWTH]
    faults += [f"{work}: not recorded" for work in counts.keys() - recorded.keys()]
    faults += [f"{work}: recorded, but there is no such work"
               for work in recorded.keys() - counts.keys()]
    return sorted(faults)


def compare(counts, built_with, record):
    """Status."""
    recorded = record["instructions_per_operation"]
    print(f"{'instructions per operation':<44} {'now':>9} {'recorded':>9}")
    show(counts, recorded)
    if record["built_with"] != built_with:
        print(f"\nnot compared: recorded with {record['built_with']}, this is {built_with}")
        return 0
    faults = faults_in(counts, recorded)
    if faults:
        print(f"\nMore than {MOST_GROWTH:.0%} above bench/micro/instructions.json, or not in it:")
        print("\n".join(faults))
        print("If that is as it should be: bench/micro/instructions.py BUILD --update")
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path, help="a release build: build/release")
    parser.add_argument("--update", action="store_true", help="record what is counted now")
    options = parser.parse_args()
    program = str((options.build / "bench" / "ferry_bench_micro").resolve())
    try:
        built_with = output_of([program, "--built-with"]).strip()
        counts = measure(program)
    except CannotCount as problem:
        print(f"instructions.py: {problem}", file=sys.stderr)
        return 2
    if options.update:
        record = {"built_with": built_with, "instructions_per_operation": counts}
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return compare(counts, built_with, json.loads(RECORD.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
