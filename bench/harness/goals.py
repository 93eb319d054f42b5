"""What Ferry is to reach, line by line, and whether it does."""

import dataclasses

from . import grid
from .record import ratio_in, value_in


@dataclasses.dataclass(frozen=True)
class Goal:
    """A figure of Ferry's, by that of another side or alone, and the limit it must keep."""
    line: str
    limit: float
    against: str | None = "libzmq"
    metric: str | None = None
    at_least: bool = True

    def measured(self, records):
        record = records.get(self.line)
        if record is None:
            return None
        if self.against is None:
            return value_in(record, "ferry", self.metric)
        return ratio_in(record, self.against, self.metric)

    def to_tuned(self, records):
        if self.against != "libzmq" or self.line not in records:
            return None
        return ratio_in(records[self.line], "libzmq_tuned", self.metric)

    def text(self):
        bound = "at least" if self.at_least else "at most"
        if self.against is None:
            return f"{METRICS[self.metric]} {bound} {self.limit:,.0f}"
        other = OTHERS[self.against]
        if self.against == "raw":
            other = RAW_OF.get(grid.line_named(self.line).scenario, other)
        return f"{METRICS[self.metric]} {bound} {self.limit:g}x {other}"

    def show(self, value):
        if value is None:
            return "-"
        return f"{value:,.0f}" if self.against is None else f"{value:.2f}x"

    def is_reached(self, value):
        return value >= self.limit if self.at_least else value <= self.limit


METRICS = {None: "messages per second", "p50": "median round trip", "p999": "99.9th percentile",
           "cpu": "CPU time per message", "server_octets": "octets per connection",
           "connect_seconds": "time to connect"}
OTHERS = {"libzmq": "libzmq", "raw": "raw sockets"}
RAW_OF = {"coroutines": "bare Asio", "zmq_h": "Ferry's own face"}

THROUGHPUT = {16: 4, 64: 5, 128: 6, 256: 5, 1024: 4.5, 4096: 3.5, 16384: 3, 65536: 1.5,
              1048576: 1.1}
FLOOR = 0.95


class Floor:
    """No PUSH/PULL line, whatever its size, may fall below this share of libzmq."""
    line = "push_pull, all sizes"
    limit = FLOOR

    def lowest(self, records):
        lines = [(ratio, name) for name, record in records.items()
                 if record["scenario"] == "throughput"
                 and (ratio := ratio_in(record, "libzmq")) is not None]
        return min(lines) if lines else (None, None)

    def measured(self, records):
        return self.lowest(records)[0]

    def to_tuned(self, records):
        return None

    def text(self):
        return f"messages per second at least {self.limit:g}x libzmq"

    def show(self, value):
        return "-" if value is None else f"{value:.2f}x"

    def is_reached(self, value):
        return value >= self.limit


def all_goals():
    goals = []
    for transport in ("tcp", "ipc"):
        for size, factor in THROUGHPUT.items():
            line = f"push_pull/{transport}/{size}"
            goals.append(Goal(line, factor))
            if size >= 65536:
                goals.append(Goal(line, 0.85, "raw"))
    goals += [Goal("push_pull/inproc/64", 3), Goal("push_pull/inproc/1024", 2), Floor(),
              at_most("req_rep/tcp/64/same_core", 1.2, "raw", "p50"),
              at_most("req_rep/tcp/64/same_core", 0.4, "libzmq", "p50"),
              at_most("req_rep/tcp/64/own_cores", 1.15, "raw", "p50"),
              at_most("req_rep/tcp/64/own_cores", 1, "libzmq", "p50"),
              at_most("req_rep/tcp/64/polling", 0.5, "raw", "p50"),
              at_most("req_rep/tcp/64/one_loop", 1.3, "raw", "p50"),
              Goal("push_pull/tcp/64/zmq_h", 0.8, "raw"),
              Goal("dealer_router/tcp/64/1000", 4), Goal("pub_sub/tcp/64/1", 4),
              Goal("pub_sub/tcp/64/10", 4), Goal("pub_sub/tcp/64/100", 3),
              Goal("pub_sub/tcp/64/100/100000", 4), Goal("push_pull/tcp/64/1_to_8", 4),
              Goal("push_pull/tcp/64/8_to_1", 4),
              at_most("idle/tcp/10000", 8192, None, "server_octets"),
              at_most("idle/tcp/10000", 1, "libzmq", "connect_seconds"),
              at_most("push_pull/tcp/64", 0.3, "libzmq", "cpu"),
              at_most("trickle/tcp/64", 1, "libzmq", "p999"),
              at_most("trickle/tcp/65536", 1, "libzmq", "p999")]
    return goals


def at_most(line, limit, against, metric):
    return Goal(line, limit, against, metric, at_least=False)


def judged(records):
    """(line, goal, measured, against libzmq tuned, reached) of all goals whose line was run."""
    rows = []
    for goal in all_goals():
        value = goal.measured(records)
        if value is None and goal.line not in records:
            continue
        rows.append((goal.line, goal.text(), goal.show(value), goal.show(goal.to_tuned(records)),
                     value is not None and goal.is_reached(value)))
    return rows


def print_goals(records):
    rows = judged(records)
    if not rows:
        return
    print(f"\n{'goal':<70}{'measured':>10}{'to tuned':>10}")
    for line, text, measured, tuned, reached in rows:
        print(f"{line:<27}{text:<43}{measured:>10}{tuned:>10}  {'reached' if reached else 'NOT YET'}")
    print(f"{sum(row[-1] for row in rows)} of {len(rows)} reached")
