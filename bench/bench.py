#!/usr/bin/env python3
"""Ferry against libzmq and against bare sockets, in one run, on the same work.

Every measurement is one pair of processes, one for each end (inproc: two threads of one process).
The receiving end counts and keeps the time, from the first message, a warm-up, to the last. The
sides take turns within each round, so that what disturbs the machine disturbs all of them, and
what is reported is the median of the rounds. libzmq is measured with its defaults and again tuned
(two I/O threads, larger buffers, higher high-water marks). How many messages make about a second
is found out first, for each side and line.

Beside the lines of --list, --only measures any other one: push_pull/tcp/100, req_rep/inproc/64,
pub_sub/ipc/64/5 (subscribers), push_pull/tcp/64/4 (senders).
"""

import argparse
import dataclasses
import fnmatch
import json
import os
import pathlib
import platform
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time

SIDES = ("ferry", "libzmq", "libzmq_tuned", "raw")
PROGRAMS = {"ferry": "ferry_bench", "libzmq": "ferry_bench_libzmq",
            "libzmq_tuned": "ferry_bench_libzmq", "raw": "ferry_bench_raw"}

# The end that binds, the end that connects, and the one of them whose figures count.
ROLES = {"push_pull": ("receiver", "sender", "receiver"),
         "req_rep": ("server", "client", "client"),
         "pub_sub": ("publisher", "subscriber", "subscriber")}
TRANSPORTS = ("tcp", "ipc", "inproc")

LEAST_COUNT = 50
MOST_COUNT = 200_000_000
CALIBRATION_RUNS = 4
CALIBRATION_SECONDS = 0.1  # a run at least this long is taken for a measure of the speed


class Failure(Exception):
    """A measurement that gave no figures, and why."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of the grid, and of the result."""
    scenario: str
    pattern: str
    transport: str
    size: int
    peers: int | None = None

    @property
    def name(self):
        parts = [self.pattern, self.transport, str(self.size)]
        return "/".join(parts + ([str(self.peers)] if self.peers else []))

    @property
    def is_latency(self):
        return self.scenario == "latency"

    def sides(self):
        return [s for s in SIDES if not (s == "raw" and self.transport == "inproc")]


def default_grid():
    sizes = {"tcp": (16, 64, 128, 256, 1024, 4096, 16384, 65536, 1048576),
             "ipc": (64, 1024, 65536), "inproc": (64, 1024)}
    return ([Line("throughput", "push_pull", t, s) for t in sizes for s in sizes[t]]
            + [Line("fan_out", "pub_sub", "tcp", 64, peers) for peers in (1, 10)]
            + [Line("latency", "req_rep", t, 64) for t in ("tcp", "ipc")])


def line_named(parts):
    """A line that is not in the grid, from pattern/transport/size[/peers]; None if it is none."""
    scenarios = {"push_pull": "throughput", "req_rep": "latency", "pub_sub": "fan_out"}
    if len(parts) not in (3, 4) or not all(p.isdigit() for p in parts[2:]):
        return None
    pattern, transport, size, *peers = parts
    if pattern not in ROLES or transport not in TRANSPORTS:
        return None
    if pattern == "push_pull" and peers:
        return Line("fan_in", pattern, transport, int(size), int(peers[0]))
    if pattern == "pub_sub":
        peers = peers or ["1"]
    return Line(scenarios[pattern], pattern, transport, int(size), *(int(p) for p in peers))


def select_lines(grid, only):
    """The lines that match one of `only`: leading parts of a name, with wildcards."""
    if not only:
        return grid
    chosen = []
    for wanted in only:
        parts = wanted.strip("/").split("/")
        found = [line for line in grid if matches(line, parts)]
        if not found and (line := line_named(parts)):
            found = [line]
        if not found:
            raise SystemExit(f"bench: no line is named {wanted} (see --list)")
        chosen += [line for line in found if line not in chosen]
    return chosen


def matches(line, parts):
    if parts[0] == line.scenario:
        parts = parts[1:]
    own = line.name.split("/")
    return len(parts) <= len(own) and all(map(fnmatch.fnmatchcase, own, parts))


# --- one measurement ------------------------------------------------------------------------


class End:
    """One process of a measurement."""

    def __init__(self, command, cores):
        self.name = " ".join(map(str, command[1:3]))
        self.errors = tempfile.TemporaryFile()
        self.text = b""
        self.ended = False
        pin = (lambda: os.sched_setaffinity(0, cores)) if cores else None
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
                preexec_fn=pin)
        except (OSError, subprocess.SubprocessError) as error:
            self.errors.close()
            raise Failure(f"{self.name}: {error}") from None

    def lines(self):
        return self.text.decode(errors="replace").split("\n")[:-1]

    def read_some(self, deadline):
        data = os.read(self.process.stdout.fileno(), 65536)
        self.text += data
        if data:
            return
        self.ended = True
        try:
            code = self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name}: does not end") from None
        if code != 0:
            raise Failure(f"{self.name}: {self.complaint() or f'ended with {code}'}")

    def complaint(self):
        self.errors.seek(0)
        return " / ".join(self.errors.read().decode(errors="replace").split("\n")[-3:]).strip(" /")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def read_until(ends, done, deadline):
    while not done():
        running = [e for e in ends if not e.ended]
        if not running:
            raise Failure("ended without a result")
        left = max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select([e.process.stdout for e in running], [], [], left)
        if not ready:
            raise Failure("timed out: " + ", ".join(e.name for e in running))
        for end in running:
            if end.process.stdout in ready:
                end.read_some(deadline)


def result_of(end):
    try:
        return json.loads(end.lines()[-1])
    except (IndexError, ValueError):
        raise Failure(f"{end.name}: printed no result") from None


def run_pair(command, line, endpoint, pins, timeout):
    """Runs both ends; returns the reporting end's result, and both results."""
    deadline = time.monotonic() + timeout
    binder_role, connector_role, reporter = ROLES[line.pattern]
    ends = []
    try:
        if line.transport == "inproc":
            ends.append(End(command("both", endpoint), set().union(*pins)))
            read_until(ends, lambda: ends[0].ended, deadline)
            result = result_of(ends[0])
            return result, [result]
        ends.append(End(command(binder_role, endpoint), pins[0]))
        read_until(ends, lambda: any(t.startswith("READY ") for t in ends[0].lines()), deadline)
        bound = ends[0].lines()[0].split(" ", 1)[1]
        ends.append(End(command(connector_role, bound), pins[1]))
        read_until(ends, lambda: all(e.ended for e in ends), deadline)
        results = [result_of(e) for e in ends]
        return next(r for r in results if r["role"] == reporter), results
    finally:
        for end in ends:
            end.stop()


class Bench:
    """The programs and the settings of a run."""

    def __init__(self, build, options):
        self.options = options
        self.programs = {side: find_program(build, name) for side, name in PROGRAMS.items()}
        self.pins = options.pin
        self.versions = {}
        self.compiler = None

    def measure(self, side, line, count):
        program = self.programs[side]
        if program is None:
            raise Failure(f"{PROGRAMS[side]} was not built")
        timeout = self.options.timeout

        def command(role, endpoint):
            flags = ["--tuned"] if side == "libzmq_tuned" else []
            return [program, line.pattern, role, endpoint, "--size", str(line.size), "--count",
                    str(count), "--peers", str(line.peers or 1), "--deadline",
                    str(int(timeout) + 5)] + flags

        with tempfile.TemporaryDirectory(prefix="ferry-bench-") as directory:
            endpoint = {"tcp": "tcp://127.0.0.1:*", "ipc": f"ipc://{directory}/socket",
                        "inproc": "inproc://bench"}[line.transport]
            result, results = run_pair(command, line, endpoint, self.pins, timeout)
        self.versions[result["library"]] = result["version"]
        self.compiler = result["compiler"]
        return figures(result, results)

    def calibrate(self, side, line):
        """The count of messages that takes about as long as wanted."""
        if self.options.count:
            return self.options.count
        target = self.options.seconds
        count = 2_000 if line.is_latency else min(100_000, max(LEAST_COUNT, 2**25 // line.size))
        count = max(LEAST_COUNT, count // (line.peers or 1))
        for _ in range(CALIBRATION_RUNS):
            seconds = max(self.measure(side, line, count)["seconds"], 1e-6)
            wanted = max(CALIBRATION_SECONDS, min(target, 3 * CALIBRATION_SECONDS))
            if seconds >= min(CALIBRATION_SECONDS, target):
                break
            count = int(count * min(50.0, wanted / seconds)) + 1
        return bounded(count * target / seconds)


def bounded(count):
    """Two digits are enough."""
    count = int(min(MOST_COUNT, max(LEAST_COUNT, count)))
    unit = 10 ** max(0, len(str(count)) - 2)
    return count // unit * unit


def find_program(build, name):
    for directory in (build, build / "bench", build / "bin"):
        if os.access(directory / name, os.X_OK) and (directory / name).is_file():
            return directory / name
    return None


def figures(result, results):
    """What is kept of one measurement. CPU time and switches: both ends, per million messages."""
    per_million = 1e6 / result["messages"]
    sample = {"seconds": result["seconds"],
              "cpu_s_per_million": sum(r["cpu_seconds"] for r in results) * per_million}
    for kind in ("voluntary", "involuntary"):
        sample[kind] = sum(r[kind + "_switches"] for r in results) * per_million
    if "p50" in result:
        sample["value"] = {"p50": result["p50"], "p99": result["p99"]}
    else:
        sample["value"] = round(result["rate"])
    return sample


# --- one line -------------------------------------------------------------------------------


def run_line(bench, line, progress):
    """All rounds of one line: per side the counts and the samples; a failed side has none."""
    counts, samples, failures = {}, {}, {}

    def attempt(side, what, work):
        if side in failures:
            return
        progress.show(f"{line.name}  {what}  {side}")
        try:
            work()
        except Failure as failure:
            failures[side] = str(failure)
            samples.pop(side, None)
            progress.complain(f"{line.name}  {side}: {failure}")

    for side in line.sides():
        attempt(side, "how many", lambda s=side: counts.update({s: bench.calibrate(s, line)}))
    for number in range(bench.options.rounds):
        sides = line.sides() if number % 2 == 0 else line.sides()[::-1]
        for side in sides:
            attempt(side, f"round {number + 1} of {bench.options.rounds}",
                    lambda s=side: samples.setdefault(s, []).append(
                        bench.measure(s, line, counts[s])))
    return counts, samples, failures


def median_of(samples, key):
    return statistics.median(s[key] for s in samples)


def median_value(line, samples):
    if not samples:
        return None
    values = [s["value"] for s in samples]
    if line.is_latency:
        return {p: round(statistics.median(v[p] for v in values), 3) for p in ("p50", "p99")}
    return round(statistics.median(values))


def ratio(line, value, other):
    if value is None or other is None:
        return None
    if line.is_latency:
        value, other = value["p50"], other["p50"]
    return round(value / other, 3) if other else None


def record_of(line, counts, samples):
    """The line's JSON object: what everyone needs first, then what explains it."""
    values = {side: median_value(line, samples.get(side)) for side in SIDES}
    record = {"scenario": line.scenario, "pattern": line.pattern, "transport": line.transport,
              "size": line.size}
    if line.peers:
        record["peers"] = line.peers
    record |= {side: values[side] for side in ("ferry", "libzmq", "raw")}
    ratios = {"ratio": "libzmq", "ratio_tuned": "libzmq_tuned", "ratio_raw": "raw"}
    ratios = {key: ratio(line, values["ferry"], values[side]) for key, side in ratios.items()}
    if line.is_latency:
        record["unit"] = "us"
        ratios = {key.replace("ratio", "ratio_p50"): r for key, r in ratios.items()}
    else:
        record |= {"ratio": ratios.pop("ratio"), "unit": "msg/s"}
    record |= {"libzmq_tuned": values["libzmq_tuned"], **ratios}
    record["cpu_s_per_million"] = {
        side: round(median_of(s, "cpu_s_per_million"), 4) for side, s in samples.items()}
    record["context_switches_per_million"] = {
        side: {k: round(median_of(s, k)) for k in ("voluntary", "involuntary")}
        for side, s in samples.items()}
    record["counts"] = counts
    record["samples"] = {side: [s["value"] for s in all_] for side, all_ in samples.items()}
    return record


def environment(build):
    """What a reader must know about the machine and the build."""
    model = "unknown"
    try:
        found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        model = found.group(1).strip() if found else platform.machine()
    except OSError:
        pass
    cache = {}
    for directory in (build, *build.parents[:1]):
        path = directory / "CMakeCache.txt"
        if path.is_file():
            cache = dict(re.findall(r"^(\w+):\w+=(.*)$", path.read_text(), re.MULTILINE))
            break
    build_type = cache.get("CMAKE_BUILD_TYPE", "")
    flags = [cache.get(name, "")
             for name in ("CMAKE_CXX_FLAGS", f"CMAKE_CXX_FLAGS_{build_type.upper()}")]
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "build_type": build_type, "flags": " ".join(filter(None, flags))}


# --- what people see ------------------------------------------------------------------------


class Progress:
    """One line on the terminal that is written over and over; nothing where there is none."""

    def __init__(self, total):
        self.total = total
        self.current = 0
        self.live = sys.stderr.isatty()

    def show(self, text):
        if self.live:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            sys.stderr.write(f"\r\033[K{f'[{self.current}/{self.total}] {text}'[:width - 1]}")
            sys.stderr.flush()

    def clear(self):
        if self.live:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def complain(self, text):
        self.clear()
        print(f"bench: {text}", file=sys.stderr)


def short_number(n):
    for limit, unit, digits in ((1e9, "G", 2), (1e7, "M", 1), (1e6, "M", 2), (1e4, "k", 0)):
        if n >= limit:
            return f"{n / {'G': 1e9, 'M': 1e6, 'k': 1e3}[unit]:.{digits}f} {unit}"
    return f"{n:.0f}"


def cell(line, value):
    if value is None:
        return "-"
    if line.is_latency:
        return f"{value['p50']:.1f}/{value['p99']:.1f}"
    return short_number(value)


class Table:
    """Ratios first, then the figures, then CPU seconds per million messages."""

    def __init__(self):
        self.kind = None

    def header(self, line):
        kind = "latency" if line.is_latency else "throughput"
        if kind == self.kind:
            return
        self.kind = kind
        what = ("round trip, p50/p99 in µs; ratios of p50, less is better" if line.is_latency else
                "messages per second, counted at the receivers")
        print(f"\n{kind}: {what}\n{'':24}{'ferry to':^27} {'':48}"
              f"{'CPU s per million, both ends':^36}")
        print(f"{'':24}{'libzmq':>9}{'tuned':>9}{'raw':>9} "
              f"{'ferry':>12}{'libzmq':>12}{'tuned':>12}{'raw':>12}"
              f"{'ferry':>9}{'libzmq':>9}{'tuned':>9}{'raw':>9}")

    def add(self, line, record):
        self.header(line)
        keys = ("ratio", "ratio_tuned", "ratio_raw")
        if line.is_latency:
            keys = [k.replace("ratio", "ratio_p50") for k in keys]
        row = f"{line.name:24}"
        row += "".join(f"{'-' if record[k] is None else f'{record[k]:.2f}x':>9}" for k in keys)
        row += " " + "".join(f"{cell(line, record[side]):>12}" for side in SIDES)
        cpu = record["cpu_s_per_million"]
        row += "".join(f"{f'{cpu[s]:.3f}' if s in cpu else '-':>9}" for s in SIDES)
        print(row, flush=True)


# --- the run --------------------------------------------------------------------------------


def parse_pin(text):
    cores = [{int(core)} for core in text.split(",")]
    if len(cores) > 2 or not set().union(*cores) <= os.sched_getaffinity(0):
        raise argparse.ArgumentTypeError(f"no such cores here: {text}")
    return [cores[0], cores[-1]]


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="where CMake built the programs")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="where to write one JSON object per line")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="push_pull/tcp/64, or push_pull/ipc, or '*/*/64'; may be repeated")
    parser.add_argument("--rounds", type=int, metavar="N", help="repetitions (default 5)")
    parser.add_argument("--pin", type=parse_pin, metavar="A[,B]", default=[set(), set()],
                        help="both ends on core A, or one end on each")
    parser.add_argument("--quick", action="store_true", help="one short round, for a first look")
    parser.add_argument("--list", action="store_true", help="print the names of the lines")
    parser.add_argument("--seconds", type=float, metavar="S", help="length of one measurement")
    parser.add_argument("--count", type=int, metavar="N", help="that many messages instead")
    parser.add_argument("--timeout", type=float, metavar="S", default=60,
                        help="after which a measurement has failed (default 60)")
    options = parser.parse_args(arguments)
    options.rounds = max(1, options.rounds or (1 if options.quick else 5))
    options.seconds = max(0.01, options.seconds or (0.3 if options.quick else 1.0))
    return options


def run(options, lines):
    bench = Bench(options.build, options)
    about = environment(options.build)
    print(f"{about['cpu']}, {about['cores']} cores, Linux {about['kernel']}; "
          f"{options.rounds} round(s) of {options.seconds:g} s, medians")
    progress, table, failed = Progress(len(lines)), Table(), False
    out = options.json.open("w") if options.json else None
    try:
        for progress.current, line in enumerate(lines, 1):
            counts, samples, failures = run_line(bench, line, progress)
            record = record_of(line, counts, samples)
            pin = [sorted(cores) for cores in options.pin if cores]
            record |= {"rounds": options.rounds, "pin": pin or None,
                       "load": round(os.getloadavg()[0], 2), "versions": bench.versions,
                       "compiler": bench.compiler, **about, "failures": failures}
            failed = failed or bool(failures)
            progress.clear()
            table.add(line, record)
            if out:
                print(json.dumps(record), file=out, flush=True)
    finally:
        progress.clear()
        if out:
            out.close()
    return 1 if failed else 0


def main():
    options = parse_options(sys.argv[1:])
    lines = select_lines(default_grid(), options.only)
    if options.list:
        print("\n".join(line.name for line in lines))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the ends are stopped on the way out
    try:
        return run(options, lines)
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
