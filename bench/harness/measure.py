"""One measurement of one side, how many messages it takes, and all rounds of a line."""

import os
import tempfile

from . import grid, processes
from .processes import Failure

PROGRAMS = {"ferry": "ferry_bench", "libzmq": "ferry_bench_libzmq",
            "libzmq_tuned": "ferry_bench_libzmq", "raw": "ferry_bench_raw"}
# In lines of some scenarios, what is called Ferry and raw is something else: see goals.RAW_OF.
PROGRAMS_OF = {"coroutines": PROGRAMS | {"ferry": "ferry_bench_coroutines", "raw": "ferry_bench_asio"},
               "zmq_h": PROGRAMS | {"ferry": "ferry_bench_zmq_h", "raw": "ferry_bench"}}

LEAST_COUNT = 20
MOST_COUNT = 200_000_000
CALIBRATION_RUNS = 4
CALIBRATION_SECONDS = 0.1  # a run at least this long is taken for a measure of the speed
TRICKLE_PER_SECOND = 1000  # as the programs ask
TRICKLE_SECONDS = 3  # for each second that other measurements take: rare delays need many samples
LEAST_TRICKLE = 100
MANY_PEERS = 100
MANY_PEERS_SECONDS = 4  # likewise: before that, it is the first use of a hundred queues that is measured
COUNT_UNDER_STRACE = 50_000


class Bench:
    """The programs and the settings of a run."""

    def __init__(self, build, options):
        self.options = options
        self.build = build
        self.versions = {}
        self.compiler = None

    def measure(self, side, line, count, prefix=lambda role: ()):
        name = PROGRAMS_OF.get(line.scenario, PROGRAMS)[side]
        program = find_program(self.build, name)
        if program is None:
            raise Failure(f"{name} was not built")
        timeout = self.options.timeout
        with tempfile.TemporaryDirectory(prefix="ferry-bench-") as directory:
            own = {"tcp": "tcp://127.0.0.1:*", "ipc": f"ipc://{directory}/socket",
                   "inproc": "inproc://bench"}[line.transport]

            def command(role, index, endpoint=own):
                return [str(program), line.program, role, endpoint, "--count", str(count),
                        "--index", str(index), "--deadline", str(int(timeout) + 5),
                        *line.arguments(side)]

            binders, connectors = processes.run_ends(
                line, grid.ROLES[line.program], command, self.pins(line), timeout, prefix)
        self.versions[binders[0]["library"]] = binders[0]["version"]
        self.compiler = binders[0]["compiler"]
        return figures(line, count, binders, connectors)

    def pins(self, line):
        """The cores of the binding and of the connecting end; empty for any."""
        if not line.placement:
            return self.options.pin
        first, second = grid.two_cores()
        if line.placement == "same_core":
            return [{first}, {first}]
        if second is None:
            raise Failure("needs two cores")
        return [{first}, {second}]

    def calibrate(self, side, line):
        """The count of messages that takes about as long as wanted."""
        target = self.options.seconds * (MANY_PEERS_SECONDS if line.peers >= MANY_PEERS else 1)
        if line.kind == "connections":
            return line.peers
        if self.options.count:
            return self.options.count
        if line.scenario == "trickle":
            return max(LEAST_TRICKLE, int(target * TRICKLE_SECONDS * TRICKLE_PER_SECOND))
        count = 2_000 if line.kind == "latency" else first_guess(line)
        for _ in range(CALIBRATION_RUNS):
            seconds = max(self.measure(side, line, count)["seconds"], 1e-6)
            wanted = max(CALIBRATION_SECONDS, min(target, 3 * CALIBRATION_SECONDS))
            if seconds >= min(CALIBRATION_SECONDS, target):
                break
            count = int(count * min(50.0, wanted / seconds)) + 1
        return bounded(count * target / seconds)


def first_guess(line):
    count = min(100_000, max(LEAST_COUNT, 2**25 // line.size))
    each_receives_all = line.program == "pub_sub"
    return max(LEAST_COUNT, count // (line.peers if each_receives_all else 1))


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


def figures(line, count, binders, connectors):
    """What is kept of one measurement. CPU time and switches: all ends, per million messages."""
    results = binders + connectors
    binder_role, _, reporting_role = grid.ROLES[line.program]
    reporters = binders if reporting_role == binder_role or not connectors else connectors
    messages = sum(result["messages"] for result in reporters)
    seconds = (max(result["until_ns"] for result in reporters)
               - min(result["from_ns"] for result in reporters)) / 1e9
    if line.scenario == "spread" and messages != count:
        raise Failure(f"{messages} of {count} messages arrived")
    sample = {"seconds": seconds}
    if line.kind == "latency":
        sample["value"] = {p: reporters[0][p] for p in ("p50", "p99", "p999")}
    elif line.kind == "connections":
        sample["value"] = {"server_octets": round(binders[0]["memory_octets"] / line.peers),
                           "client_octets": round(connectors[0]["memory_octets"] / line.peers),
                           "connect_seconds": round(seconds, 3)}
    else:
        sample["value"] = round(messages / seconds) if seconds > 0 else 0
    if line.scenario == "trickle":
        sample["value"]["flood_rate"] = round(binders[0]["rate"])
    per_million = 1e6 / max(1, messages)
    sample["cpu_s_per_million"] = sum(r["cpu_seconds"] for r in results) * per_million
    for kind in ("voluntary", "involuntary"):
        sample[kind] = sum(r[kind + "_switches"] for r in results) * per_million
    return sample


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
