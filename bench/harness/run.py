"""A run: line after line, shown and written as it goes."""

import datetime
import json
import os

from . import goals, grid, system_calls
from .measure import Bench, run_line
from .progress import Progress
from .record import environment, record_of
from .table import Table


def results_file(options):
    if options.json:
        return options.json
    directory = options.build.parent / "bench"
    return directory / ("results.jsonl" if options.whole else "part.jsonl")


def about_run(options, bench):
    pin = [sorted(cores) for cores in options.pin if cores]
    return {"rounds": options.rounds, "seconds": options.seconds, "pin": pin or None,
            "load": round(os.getloadavg()[0], 2),
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "versions": bench.versions, "compiler": bench.compiler}


def run(options):
    lines = grid.select_lines(grid.default_grid(), options.only)
    if options.list:
        print("\n".join(line.name for line in lines))
        return 0
    if options.strace and not system_calls.is_possible():
        raise SystemExit("bench: there is no strace here")
    about = environment(options.build)
    print(f"{about['cpu']}, {about['cores']} cores, Linux {about['kernel']}; {len(lines)} lines, "
          f"{options.rounds} round(s) of {options.seconds:g} s, medians")
    path = results_file(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("w") as out:
        records = measure_all(options, lines, about, out)
    partial.replace(path)
    goals.print_goals(records)
    print(f"\nwritten to {path}")
    return 1 if any(record["failures"] for record in records.values()) else 0


def measure_all(options, lines, about, out):
    bench, progress, table = Bench(options.build, options), Progress(lines, options), Table()
    records = {}
    try:
        for line in lines:
            counts, samples, failures = run_line(bench, line, progress)
            record = record_of(line, counts, samples) | about_run(options, bench) | about
            record["failures"] = failures
            calls = {}
            if system_calls.is_wanted(options, line):
                calls = system_calls.count_calls(bench, line, counts, progress)
                record["system_calls_per_message"] = calls
            records[line.name] = record
            progress.finish_line()
            progress.clear()
            table.add(line, record)
            system_calls.print_calls(line, calls)
            print(json.dumps(record), file=out, flush=True)
    finally:
        progress.clear()
    return records
