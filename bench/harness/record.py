"""What is kept of a line: one JSON object, which says everything needed to judge its figures."""

import os
import pathlib
import platform
import re
import statistics

from . import grid

CONTENDERS = {"": "libzmq", "_tuned": "libzmq_tuned", "_raw": "raw"}


def median_of(samples, key):
    return statistics.median(sample[key] for sample in samples)


def median_value(samples):
    """Of numbers, or of each number of a dictionary."""
    if not samples:
        return None
    values = [sample["value"] for sample in samples]
    if isinstance(values[0], dict):
        return {key: round(statistics.median(v[key] for v in values), 3) for key in values[0]}
    return round(statistics.median(values))


def value_in(record, side, metric=None):
    """One figure of a side: the rate, one of several values, or "cpu"; None where it is missing."""
    if metric == "cpu":
        return record["cpu_s_per_million"].get(side)
    value = record.get(side)
    if isinstance(value, dict):
        return value.get(metric)
    return value


def ratio_in(record, other, metric=None):
    """Ferry's figure by another side's."""
    own, others = value_in(record, "ferry", metric), value_in(record, other, metric)
    if own is None or not others:
        return None
    return own / others


def rounded(value, digits=3):
    return None if value is None else round(value, digits)


def record_of(line, counts, samples):
    """The line's JSON object: what everyone needs first, then what explains it."""
    values = {side: median_value(samples.get(side)) for side in grid.SIDES}
    record = {"scenario": line.scenario, "pattern": line.pattern, "transport": line.transport,
              "size": line.size, **{side: values[side] for side in ("ferry", "libzmq", "raw")}}
    cpu = {side: round(median_of(s, "cpu_s_per_million"), 4) for side, s in samples.items()}
    described = record | {"libzmq_tuned": values["libzmq_tuned"], "cpu_s_per_million": cpu}
    ratios = {suffix: rounded(ratio_in(described, side, line.metric))
              for suffix, side in CONTENDERS.items()}
    if line.kind == "rate":
        record |= {"ratio": ratios.pop(""), "unit": "msg/s"}
        record |= {f"ratio{suffix}": value for suffix, value in ratios.items()}
    else:
        record["unit"] = "us" if line.kind == "latency" else "octets"
        record |= {f"ratio_{line.metric}{suffix}": value for suffix, value in ratios.items()}
    record |= {"line": line.name, "libzmq_tuned": values["libzmq_tuned"],
               "peers": line.peers, "processes": line.processes, "placement": line.placement,
               "window": line.window, "topics": line.topics, "loops": line.loops, "cpu_s_per_million": cpu}
    record["context_switches_per_million"] = {
        side: {kind: round(median_of(s, kind)) for kind in ("voluntary", "involuntary")}
        for side, s in samples.items()}
    record["counts"] = counts
    record["samples"] = {side: [tidy(sample) for sample in s] for side, s in samples.items()}
    return record


def tidy(sample):
    return {key: round(value, 4) if isinstance(value, float) else value
            for key, value in sample.items()}


def environment(build):
    """What a reader must know about the machine and the build."""
    cache = {}
    for directory in (build, *build.parents[:1]):
        path = directory / "CMakeCache.txt"
        if path.is_file():
            cache = dict(re.findall(r"^(\w+):\w+=(.*)$", path.read_text(), re.MULTILINE))
            break
    build_type = cache.get("CMAKE_BUILD_TYPE", "")
    flags = [cache.get(name, "")
             for name in ("CMAKE_CXX_FLAGS", f"CMAKE_CXX_FLAGS_{build_type.upper()}")]
    return {"cpu": processor(), "cores": len(os.sched_getaffinity(0)),
            "kernel": platform.release(), "build_type": build_type,
            "flags": " ".join(filter(None, flags))}


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return "unknown"
    found = re.search(r"model name\s*: (.*)", text)
    return found.group(1).strip() if found else platform.machine()
