"""The tables of the documentation, as Markdown, from the records of a run."""

from . import goals, grid, words
from .record import CONTENDERS, ratio_in, value_in
from .system_calls import LINES

MANY = ("spread", "fan_in", "in_flight", "fan_out", "subscriptions")
SIDE_HEADS = [words.SIDE_NAMES[side] for side in grid.SIDES]
RATIO_HEADS = ["to libzmq", "to tuned", "to raw"]
NOTHING = "Not measured yet.\n"


def table(heads, rows):
    if not rows:
        return NOTHING
    lines = ["| " + " | ".join(row) + " |" for row in [heads, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]]) + "\n"


def of_scenarios(records, *scenarios):
    return [record for record in records.values() if record["scenario"] in scenarios]


def ratios(record, metric=None):
    return [words.times(ratio_in(record, side, metric)) for side in CONTENDERS.values()]


def rates(record):
    return [words.rate_name(value_in(record, side)) for side in grid.SIDES]


def machine(records):
    """What was measured, on what, with what."""
    if not records:
        return NOTHING
    last = list(records.values())[-1]
    versions = ", ".join(f"{name} {version}" for name, version in last["versions"].items()
                         if name != "raw")
    compiler = last["compiler"] or "unknown"
    compiler = f"gcc {compiler}" if compiler[0].isdigit() else compiler
    loads = [record["load"] for record in records.values()]
    return (f"{last['cpu']}, {last['cores']} cores, Linux {last['kernel']}; {versions}; "
            f"{compiler}, {last['flags']}. Medians of {last['rounds']} round(s) of "
            f"{last['seconds']:g} s, {last['time'][:10]}; load average {min(loads):.1f} to "
            f"{max(loads):.1f}, the benchmark's own included.\n")


def goal_table(records):
    rows = [[f"`{line}`", text, measured, tuned, "yes" if reached else "**not yet**"]
            for line, text, measured, tuned, reached in goals.judged(records)]
    return table(["line", "goal", "measured", "against tuned", "reached"], rows)


def throughput(records):
    parts = []
    for transport in grid.TRANSPORTS:
        lines = [record for record in of_scenarios(records, "throughput")
                 if record["transport"] == transport]
        rows = [[words.size_name(record["size"]), *rates(record), *ratios(record)]
                for record in sorted(lines, key=lambda record: record["size"])]
        if rows:
            parts.append(table([transport, *SIDE_HEADS, *RATIO_HEADS], rows))
    return "\n".join(parts) or NOTHING


def many(records):
    rows = [[words.title(record), *rates(record), *ratios(record)]
            for record in of_scenarios(records, *MANY)]
    return table(["messages per second", *SIDE_HEADS, *RATIO_HEADS], rows)


def latency(records):
    rows = [[words.title(record), *percentiles(record, ("p50", "p99")), *ratios(record, "p50")]
            for record in of_scenarios(records, "latency")]
    return table(["round trip, p50 / p99", *SIDE_HEADS, *RATIO_HEADS], rows)


def coroutines(records):
    rows = []
    for record in of_scenarios(records, "coroutines"):
        metric = "p50" if record["pattern"] == "req_rep" else None
        name = words.time_name if metric else words.rate_name
        rows.append([words.title(record),
                     *(name(value_in(record, side, metric)) for side in ("ferry", "libzmq", "raw")),
                     words.times(ratio_in(record, "libzmq", metric)),
                     words.times(ratio_in(record, "raw", metric))])
    return table(["coroutines: p50 of the round trip, or messages per second", "Ferry",
                  "libzmq, two blocking threads", "bare Asio", "to libzmq", "to bare Asio"], rows)


def zmq_h(records):
    rows = [[words.title(record), *(words.rate_name(value_in(record, side))
                                    for side in ("ferry", "raw", "libzmq")),
             words.times(ratio_in(record, "raw")), words.times(ratio_in(record, "libzmq"))]
            for record in of_scenarios(records, "zmq_h")]
    return table(["messages per second", "Ferry through zmq.h", "Ferry's own face", "libzmq",
                  "to its own face", "to libzmq"], rows)


def trickle(records):
    rows = [[words.title(record), *percentiles(record, ("p50", "p99", "p999")),
             *ratios(record, "p999")] for record in of_scenarios(records, "trickle")]
    return table(["one way, p50 / p99 / p99.9; ratios of p99.9", *SIDE_HEADS, *RATIO_HEADS], rows)


def percentiles(record, which):
    return [" / ".join(words.time_name(value_in(record, side, p)) for p in which)
            if record.get(side) else "–" for side in grid.SIDES]


def connections(records):
    rows = []
    for record in of_scenarios(records, "connections"):
        for metric, what, form in (("server_octets", "octets each, at the server", "{:,.0f}"),
                                   ("client_octets", "octets each, at the client", "{:,.0f}"),
                                   ("connect_seconds", "until all stand", "{:.2f} s")):
            values = [value_in(record, side, metric) for side in ("ferry", "libzmq")]
            rows.append([words.title(record) + ", " + what,
                         *("–" if value is None else form.format(value) for value in values),
                         words.times(ratio_in(record, "libzmq", metric))])
    return table(["", "Ferry", "libzmq", "to libzmq"], rows)


def cpu(records):
    rows = []
    for record in of_scenarios(records, "throughput", *MANY):
        if record["transport"] != "tcp":
            continue
        switches = record["context_switches_per_million"]
        spent = [value_in(record, side, "cpu") for side in grid.SIDES]
        rows.append([words.title(record), *("–" if s is None else f"{s:.3g}" for s in spent),
                     words.times(ratio_in(record, "libzmq", "cpu")),
                     *(f"{sum(switches[side].values()):,}" if side in switches else "–"
                       for side in ("ferry", "libzmq"))])
    return table(["CPU seconds per million messages, all ends together", *SIDE_HEADS, "to libzmq",
                  "switches per million: Ferry", "libzmq"], rows)


def system_calls(records):
    rows = []
    for name in LINES:
        for side, ends in records.get(name, {}).get("system_calls_per_message", {}).items():
            for end, shares in ends.items():
                named = ", ".join(f"{name} {share:.3g}" for name, share in shares.items()
                                  if name != "all")
                rows.append([words.title(records[name]), words.SIDE_NAMES[side], end,
                             f"{shares['all']:.3g}", named])
    return table(["line", "", "end", "system calls per message", "most often"], rows)


SUMMARY = ("push_pull/tcp/64", "push_pull/tcp/1024", "push_pull/tcp/65536", "push_pull/ipc/64",
           "push_pull/inproc/64", "dealer_router/tcp/64/1000", "pub_sub/tcp/64/10")


def summary(records):
    """The few lines that the README shows."""
    rows = [[words.title(record), *rates(record), *ratios(record)]
            for name in SUMMARY if (record := records.get(name))]
    trips = [[words.title(record), *percentiles(record, ("p50",)), *ratios(record, "p50")]
             for record in of_scenarios(records, "latency")
             if record["placement"] in ("same_core", "own_cores")]
    parts = [table(["messages per second", *SIDE_HEADS, *RATIO_HEADS], rows)] if rows else []
    if trips:
        parts.append(table(["median round trip", *SIDE_HEADS, *RATIO_HEADS], trips))
    return "\n".join([*parts, machine(records)])


BLOCKS = {block.__name__: block for block in (
    machine, throughput, many, latency, coroutines, zmq_h, trickle, connections, cpu, system_calls, summary)}
BLOCKS["goals"] = goal_table
