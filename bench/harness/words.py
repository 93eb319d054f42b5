"""Names for people: of lines, sides, sizes and numbers."""

SIDE_NAMES = {"ferry": "Ferry", "libzmq": "libzmq", "libzmq_tuned": "libzmq tuned",
              "raw": "raw sockets"}
PATTERNS = {"push_pull": "PUSH/PULL", "req_rep": "REQ/REP", "dealer_router": "DEALER/ROUTER",
            "pub_sub": "PUB/SUB", "trickle": "trickle", "idle": "idle connections"}
PLACEMENTS = {None: "anywhere", "same_core": "both on one core", "own_cores": "a core each",
              "polling": "a core each, Ferry polling"}


def size_name(octets):
    for unit, scale in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if octets >= scale:
            return f"{octets / scale:g} {unit}"
    return f"{octets} B"


def rate_name(n):
    if n is None:
        return "–"
    for limit, unit, scale in ((1e9, "G", 1e9), (1e6, "M", 1e6), (1e3, "k", 1e3)):
        if n >= limit:
            return f"{significant(n / scale)} {unit}"
    return f"{n:.0f}"


def significant(n):
    """Three digits that mean something."""
    return f"{n:.2f}" if n < 10 else f"{n:.1f}" if n < 100 else f"{n:.0f}"


def time_name(microseconds):
    if microseconds is None:
        return "–"
    if microseconds < 1000:
        return f"{significant(microseconds)} µs"
    return f"{significant(microseconds / 1000)} ms"


def times(ratio):
    return "–" if ratio is None else f"{ratio:.2f}x"


def count_name(record):
    """What is special in a line of many: how many of what."""
    scenario = record["scenario"]
    if scenario == "fan_in":
        return f"{record['peers']} PUSH processes, one PULL"
    if scenario == "spread":
        return f"one PUSH, {record['peers']} PULL processes"
    if scenario == "in_flight":
        return f"DEALER/ROUTER, {record['window']:,} in flight"
    if scenario == "subscriptions":
        return f"PUB, {record['topics']:,} subscriptions"
    return f"PUB, {record['peers']} SUB"


def title(record):
    if record["scenario"] in ("fan_in", "spread", "in_flight", "subscriptions", "fan_out"):
        return f"{count_name(record)}, {size_name(record['size'])}"
    pattern, transport = PATTERNS[record["pattern"]], record["transport"]
    if record["scenario"] == "connections":
        return f"{record['peers']:,} {pattern} over {transport}"
    if record["scenario"] == "trickle":
        return f"{pattern} beside a flood of {size_name(record['size'])} over {transport}"
    if record["scenario"] == "zmq_h":
        return f"{pattern} over {transport}, {size_name(record['size'])}"
    if record["scenario"] == "coroutines":
        loops = "one loop" if record["loops"] == 1 else "a loop and a thread each"
        return f"{pattern} over {transport}, {size_name(record['size'])}, {loops}"
    where = f", {PLACEMENTS[record['placement']]}" if record["scenario"] == "latency" else ""
    return f"{pattern} over {transport}, {size_name(record['size'])}{where}"
