"""The lines of the grid: what each measures, between which processes, and how it is named."""

import dataclasses
import fnmatch
import os
import pathlib

SIDES = ("ferry", "libzmq", "libzmq_tuned", "raw")
TRANSPORTS = ("tcp", "ipc", "inproc")
MOST_SUBSCRIBING_PROCESSES = 4
BUSY_POLL_MICROSECONDS = 1000

# Role that binds, role that connects, and whose figures count; by the programs' name of a pattern.
ROLES = {"push_pull": ("receiver", "sender", "receiver"),
         "push_spread": ("sender", "receiver", "receiver"),
         "req_rep": ("server", "client", "client"),
         "dealer_router": ("server", "client", "client"),
         "pub_sub": ("publisher", "subscriber", "subscriber"),
         "subscriptions": ("publisher", "subscriber", "subscriber"),
         "trickle": ("server", "client", "server"),
         "idle": ("server", "client", "client")}

PLACEMENTS = ("same_core", "own_cores", "polling")
LOOPS = {"one_loop": 1, "two_loops": 2}

SIZES = (1, 8, 16, 64, 128, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216)
INPROC_SIZES = (1, 64, 1024, 16384, 1048576, 16777216)

FORMS = """The names of lines, and what their parts may be:
  push_pull/TRANSPORT/SIZE[/N_to_1 | /1_to_N]     N processes that send, or N that receive
  req_rep/TRANSPORT/SIZE[/same_core | /own_cores | /polling]
  push_pull/TRANSPORT/SIZE/one_loop or two_loops, and req_rep: coroutines, both ends in one process
  push_pull/TRANSPORT/SIZE/zmq_h                  Ferry through zmq.h, beside Ferry's own face
  dealer_router/TRANSPORT/SIZE/REQUESTS_IN_FLIGHT
  pub_sub/TRANSPORT/SIZE/SUBSCRIBERS[/SUBSCRIPTIONS]
  trickle/TRANSPORT/SIZE_OF_THE_FLOOD
  idle/TRANSPORT/CONNECTIONS"""


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of the grid, and of the result."""
    name: str
    scenario: str
    pattern: str  # as it is named
    program: str  # as the programs name it
    transport: str
    size: int
    peers: int = 1
    processes: int = 1
    placement: str | None = None
    window: int | None = None
    topics: int | None = None
    loops: int | None = None  # of the program's own, for Ferry and bare Asio; libzmq has two threads

    @property
    def kind(self):
        """What is measured: rate, latency or connections."""
        if self.scenario == "coroutines" and self.program == "req_rep":
            return "latency"
        return {"latency": "latency", "trickle": "latency",
                "connections": "connections"}.get(self.scenario, "rate")

    @property
    def metric(self):
        """Which of several figures is compared."""
        if self.scenario == "trickle":
            return "p999"
        return {"latency": "p50", "connections": "server_octets"}.get(self.kind)

    @property
    def is_one_process(self):
        return self.transport == "inproc" or self.loops is not None

    def sides(self):
        left_out = set()
        if self.transport == "inproc" or self.topics or self.kind == "connections":
            left_out.add("raw")
        if self.loops and self.program == "push_pull":
            left_out.add("raw")
        if self.kind == "connections" or self.placement or self.loops or self.scenario == "zmq_h":
            left_out.add("libzmq_tuned")
        return [side for side in SIDES if side not in left_out]

    def arguments(self, side):
        """What the programs are told beside role, endpoint and count."""
        told = ["--size", self.size, "--peers", self.peers, "--processes", self.processes]
        if self.window:
            told += ["--window", self.window]
        if self.topics:
            told += ["--topics", self.topics]
        if self.loops and side != "libzmq":
            told += ["--loops", self.loops]
        if side == "libzmq_tuned":
            told += ["--tuned"]
        if side == "ferry" and self.placement == "polling":
            told += ["--busy-poll", BUSY_POLL_MICROSECONDS]
        return [str(word) for word in told]


def line_named(name):
    """The line of that name, whether it is in the grid or not; None if there can be none."""
    pattern, *parts = name.split("/")
    forms = {"push_pull": push_pull_line, "req_rep": req_rep_line,
             "dealer_router": dealer_router_line, "pub_sub": pub_sub_line,
             "trickle": trickle_line, "idle": idle_line}
    if pattern not in forms or len(parts) < 2 or parts[0] not in TRANSPORTS:
        return None
    if not parts[1].isdigit():
        return None
    return forms[pattern](name, parts[0], int(parts[1]), parts[2:])


def push_pull_line(name, transport, size, rest):
    if not rest:
        return Line(name, "throughput", "push_pull", "push_pull", transport, size)
    if rest[0] in LOOPS:
        return coroutine_line(name, "push_pull", transport, size, LOOPS[rest[0]])
    if rest[0] == "zmq_h":
        return Line(name, "zmq_h", "push_pull", "push_pull", transport, size)
    senders, _, receivers = rest[0].partition("_to_")
    if transport == "inproc" or not (senders.isdigit() and receivers.isdigit()):
        return None
    if receivers == "1":
        count, scenario, program = int(senders), "fan_in", "push_pull"
    elif senders == "1":
        count, scenario, program = int(receivers), "spread", "push_spread"
    else:
        return None
    return Line(name, scenario, "push_pull", program, transport, size, count, count)


def coroutine_line(name, pattern, transport, size, loops):
    if transport != "tcp":
        return None
    return Line(name, "coroutines", pattern, pattern, transport, size, loops=loops)


def req_rep_line(name, transport, size, rest):
    if len(rest) == 1 and rest[0] in LOOPS:
        return coroutine_line(name, "req_rep", transport, size, LOOPS[rest[0]])
    if len(rest) > 1 or (rest and rest[0] not in PLACEMENTS):
        return None
    placement = rest[0] if rest else None
    return Line(name, "latency", "req_rep", "req_rep", transport, size, placement=placement)


def dealer_router_line(name, transport, size, rest):
    if len(rest) != 1 or not rest[0].isdigit():
        return None
    return Line(name, "in_flight", "dealer_router", "dealer_router", transport, size,
                window=int(rest[0]))


def pub_sub_line(name, transport, size, rest):
    if not rest or len(rest) > 2 or not all(part.isdigit() for part in rest):
        return None
    peers = int(rest[0])
    processes = 1 if transport == "inproc" else min(peers, MOST_SUBSCRIBING_PROCESSES)
    if len(rest) == 1:
        return Line(name, "fan_out", "pub_sub", "pub_sub", transport, size, peers, processes)
    return Line(name, "subscriptions", "pub_sub", "subscriptions", transport, size, peers,
                processes, topics=int(rest[1]))


def trickle_line(name, transport, size, rest):
    if rest or transport == "inproc":
        return None
    return Line(name, "trickle", "trickle", "trickle", transport, size)


def idle_line(name, transport, peers, rest):
    if rest or transport == "inproc":
        return None
    return Line(name, "connections", "idle", "idle", transport, 1, peers)


def default_grid():
    names = [f"push_pull/{t}/{size}" for t in ("tcp", "ipc") for size in SIZES]
    names += [f"push_pull/inproc/{size}" for size in INPROC_SIZES]
    names += ["push_pull/tcp/64/8_to_1", "push_pull/tcp/64/1_to_8",
              "dealer_router/tcp/64/1000"]
    names += [f"pub_sub/tcp/64/{peers}" for peers in (1, 10, 100)]
    names += ["pub_sub/tcp/64/100/100000"]
    names += [f"req_rep/tcp/64/{placement}" for placement in PLACEMENTS]
    names += [f"{pattern}/tcp/64/{loops}" for pattern in ("req_rep", "push_pull") for loops in LOOPS]
    names += ["push_pull/tcp/64/zmq_h", "req_rep/tcp/64", "req_rep/ipc/64", "trickle/tcp/64", "trickle/tcp/65536",
              "idle/tcp/10000"]
    return [line_named(name) for name in names]


def select_lines(grid, only):
    """The lines that match one of `only`: a whole name, leading parts of names, or wildcards."""
    if not only:
        return grid
    chosen = []
    for wanted in only:
        name = wanted.strip("/")
        exact = [line for line in grid if line.name == name]
        found = exact or [line for line in grid if matches(line, name.split("/"))]
        if not found and (line := line_named(name)):
            found = [line]
        if not found:
            raise SystemExit(f"bench: no line is named {wanted} (see --list)\n\n{FORMS}")
        chosen += [line for line in found if line not in chosen]
    return chosen


def matches(line, parts):
    own = line.name.split("/")
    if parts[0] == line.scenario:
        own[0] = parts[0]
    return len(parts) <= len(own) and all(map(fnmatch.fnmatchcase, own, parts))


def two_cores():
    """Two cores that this process may use, of different physical cores where there are such."""
    cores = sorted(os.sched_getaffinity(0))
    first = cores[0]
    others = [core for core in cores[1:] if core not in siblings_of(first)] or cores[1:]
    return first, (others[0] if others else None)


def siblings_of(core):
    path = pathlib.Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    try:
        text = path.read_text().strip()
    except OSError:
        return set()
    found = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        found |= set(range(int(low), int(high or low) + 1))
    return found
