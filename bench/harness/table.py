"""The figures as people see them on the terminal: ratios first, then the figures."""

from . import grid
from .record import CONTENDERS, ratio_in

HEADS = {"rate": "messages per second, counted at the receivers",
         "latency": "round trip (trickle: one way, beside a flood) in µs, p50/p99/p99.9; ratios of "
                    "p50 (trickle: of p99.9), less is better",
         "connections": "octets per connection at the server/at the client/seconds until all "
                        "stand; ratios of the server's octets, less is better"}
NAME_WIDTH, RATIO_WIDTH, VALUE_WIDTH, CPU_WIDTH = 27, 9, 20, 9


def short_number(n):
    for limit, unit, scale, digits in ((1e9, "G", 1e9, 2), (1e7, "M", 1e6, 1),
                                       (1e6, "M", 1e6, 2), (1e4, "k", 1e3, 0)):
        if n >= limit:
            return f"{n / scale:.{digits}f} {unit}"
    return f"{n:.0f}"


def short_time(microseconds):
    return f"{microseconds:.1f}" if microseconds < 1000 else f"{microseconds:.0f}"


def cell(line, value):
    if value is None:
        return "-"
    if line.kind == "latency":
        return "/".join(short_time(value[p]) for p in ("p50", "p99", "p999"))
    if line.kind == "connections":
        return (f"{value['server_octets']:.0f}/{value['client_octets']:.0f}/"
                f"{value['connect_seconds']:.2f}")
    return short_number(value)


class Table:
    def __init__(self):
        self.kind = None

    def header(self, kind):
        if kind == self.kind:
            return
        self.kind = kind
        names = ("ferry", "libzmq", "tuned", "raw")
        print(f"\n{HEADS[kind]}\n{'':{NAME_WIDTH}}{'ferry to':^{3 * RATIO_WIDTH}}"
              f"{'':{4 * VALUE_WIDTH}}{'CPU s per million, all ends':^{4 * CPU_WIDTH}}")
        print(" " * NAME_WIDTH + "".join(f"{name:>{RATIO_WIDTH}}" for name in names[1:])
              + "".join(f"{name:>{VALUE_WIDTH}}" for name in names)
              + "".join(f"{name:>{CPU_WIDTH}}" for name in names))

    def add(self, line, record):
        self.header(line.kind)
        ratios = [ratio_in(record, side, line.metric) for side in CONTENDERS.values()]
        cpu = record["cpu_s_per_million"]
        print(f"{line.name:{NAME_WIDTH}}"
              + "".join(f"{'-' if r is None else f'{r:.2f}x':>{RATIO_WIDTH}}" for r in ratios)
              + "".join(f"{cell(line, record[side]):>{VALUE_WIDTH}}" for side in grid.SIDES)
              + "".join(f"{f'{cpu[side]:.3f}' if side in cpu else '-':>{CPU_WIDTH}}"
                        for side in grid.SIDES), flush=True)
