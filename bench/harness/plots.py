"""The plots of the documentation, drawn by gnuplot as SVG."""

import pathlib
import shutil
import subprocess
import tempfile

from . import goals, grid, words
from .record import ratio_in, value_in
from .tables import MANY, of_scenarios

# Colour, width of the line, and kind of the point.
STYLES = {"ferry": ("#0969da", 3, 7), "libzmq": ("#cf4f0a", 2, 5),
          "libzmq_tuned": ("#e9a15b", 2, 9), "raw": ("#8b949e", 2, 13)}
TRANSPORT_COLOURS = {"tcp": "#0969da", "ipc": "#1a7f37", "inproc": "#8250df"}
TIME_AXIS = ("set logscale y\nset ytics ('1 µs' 1, '10 µs' 10, '100 µs' 100, '1 ms' 1000, "
             "'10 ms' 10000, '100 ms' 100000, '1 s' 1000000)\n")
# Where the names of the sides stand, and room for two lines under each group.
BARS = ("set tmargin 6\nset bmargin 5\nset title offset 0,2\n"
        "set key at graph 0.5, graph 1.13 center horizontal maxrows 1\n")
ABOVE = " (above the bars: Ferry to libzmq)"
BAR, GAP = 1.0, 1.0  # width of a bar, and what is left free between groups

COMMON = """set terminal svg size {width},{height} dynamic enhanced font 'Helvetica,15' background '#ffffff'
set output '{path}'
set encoding utf8
set border 3 linecolor rgb '#57606a'
set tics nomirror textcolor rgb '#24292f'
set grid ytics linecolor rgb '#d8dee4' linetype 1 linewidth 1
set style fill solid 1.0 noborder
set title '{title}' font 'Helvetica,18' textcolor rgb '#24292f' offset 0,0.4
"""


def is_possible():
    return shutil.which("gnuplot") is not None


def draw(path, title, body, width=960, height=500):
    head = COMMON.format(path=path, title=quoted(title), width=width, height=height)
    with tempfile.NamedTemporaryFile("w", suffix=".gnuplot") as script:
        script.write(head + body)
        script.flush()
        subprocess.run(["gnuplot", script.name], check=True, timeout=60)
    return path


def quoted(text):
    return text.replace("'", "''")


def data_block(name, rows):
    lines = [" ".join(f'"{c}"' if isinstance(c, str) else f"{c:g}" for c in row) for row in rows]
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def size_axis(sizes):
    tics = ", ".join(f"'{words.size_name(size)}' {size}" for size in sizes
                     if size.bit_length() % 2 == 1 or len(sizes) < 8)
    return (f"set logscale x 2\nset xrange [{min(sizes) * 0.8}:{max(sizes) * 1.25}]\n"
            f"set xtics ({tics})\nset xlabel 'size of a message'\n")


# --- lines over the size --------------------------------------------------------------------


def throughput_lines(records, transport):
    lines = [record for record in of_scenarios(records, "throughput")
             if record["transport"] == transport]
    return sorted(lines, key=lambda record: record["size"])


def over_size(lines, metric):
    """The data blocks and the plot command of each side's figures over the size."""
    blocks, plotted = "", []
    for side in reversed(grid.SIDES):
        rows = [(record["size"], value) for record in lines
                if (value := value_in(record, side, metric))]
        if not rows:
            continue
        colour, width, point = STYLES[side]
        blocks += data_block(side, rows)
        plotted.append(f"${side} with linespoints linecolor rgb '{colour}' linewidth {width} "
                       f"pointtype {point} pointsize 0.7 title '{words.SIDE_NAMES[side]}'")
    return blocks, "plot " + ", \\\n  ".join(plotted) + "\n"


def draw_throughput(records, transport, directory):
    lines = throughput_lines(records, transport)
    if len(lines) < 2:
        return None
    blocks, plot = over_size(lines, None)
    body = (blocks + size_axis([record["size"] for record in lines])
            + "set logscale y\nset format y '%.0s %c'\nset ylabel 'messages per second'\n"
            + "set key bottom left reverse Left\n" + plot)
    return draw(directory / f"throughput_{transport}.svg", f"PUSH/PULL over {transport}", body)


def draw_cpu(records, directory):
    lines = throughput_lines(records, "tcp")
    if len(lines) < 2:
        return None
    blocks, plot = over_size(lines, "cpu")
    body = (blocks + size_axis([record["size"] for record in lines])
            + "set logscale y\nset format y '%g'\n"
            + "set ylabel 'CPU seconds per million messages'\nset key top left reverse Left\n"
            + plot)
    return draw(directory / "cpu.svg", "CPU time, sender and receiver together, over tcp", body)


def draw_ratios(records, directory):
    blocks, plotted, sizes = "", [], set()
    for transport in grid.TRANSPORTS:
        rows = [(record["size"], ratio) for record in throughput_lines(records, transport)
                if (ratio := ratio_in(record, "libzmq"))]
        if len(rows) < 2:
            continue
        sizes |= {size for size, _ in rows}
        blocks += data_block(transport, rows)
        plotted.append(f"${transport} with linespoints linewidth 3 pointtype 7 pointsize 0.7 "
                       f"linecolor rgb '{TRANSPORT_COLOURS[transport]}' title '{transport}'")
    if not plotted:
        return None
    blocks += data_block("goals", sorted(goals.THROUGHPUT.items()))
    plotted.append("$goals with points pointtype 2 pointsize 1.1 linewidth 2 "
                   "linecolor rgb '#24292f' title 'goal, tcp and ipc'")
    body = (blocks + size_axis(sorted(sizes))
            + "set yrange [0:*]\nset ylabel 'times libzmq''s messages per second'\n"
            + "set format y '%gx'\nset key top right\n"
            + "set arrow from graph 0, first 1 to graph 1, first 1 nohead back dashtype 2 "
            + "linecolor rgb '#57606a'\nplot " + ", \\\n  ".join(plotted) + "\n")
    return draw(directory / "ratios.svg", "Ferry to libzmq with its defaults, PUSH/PULL", body)


# --- bars -----------------------------------------------------------------------------------


def bars(groups, sides, labels=True):
    """Groups of bars, one for each side. A group is its name, {side: height}, {side: whisker} and
    the text above Ferry's bar. Returns data blocks and the plot command."""
    blocks, plotted, tics = "", [], []
    step = len(sides) * BAR + GAP
    for number, (name, *_) in enumerate(groups):
        tics.append(f'"{name}" {number * step + (len(sides) - 1) * BAR / 2:g}')
    for place, side in enumerate(sides):
        rows = [(number * step + place * BAR, heights[side], tops.get(side, heights[side]))
                for number, (_, heights, tops, _) in enumerate(groups) if heights.get(side)]
        if not rows:
            continue
        blocks += data_block(side, rows)
        plotted.append(f"${side} using 1:2 with boxes linecolor rgb '{STYLES[side][0]}' "
                       f"title '{words.SIDE_NAMES[side]}'")
        if any(top != height for _, height, top in rows):
            plotted.append(f"${side} using 1:2:(0):($3-$2) with vectors nohead linewidth 2 "
                           "linecolor rgb '#57606a' notitle")
    if labels:
        texts = [(number * step, max(tops.get("ferry", 0), heights["ferry"]), text)
                 for number, (_, heights, tops, text) in enumerate(groups) if text]
        blocks += data_block("texts", texts) if texts else ""
        plotted += ["$texts using 1:2:3 with labels offset 0,0.7 font 'Helvetica,13' "
                    "textcolor rgb '#0969da' notitle"] if texts else []
    end = (len(groups) - 1) * step + len(sides) * BAR
    return (blocks + f"set boxwidth {0.88 * BAR}\nset xrange [{-BAR}:{end}]\n"
            f"set xtics ({', '.join(tics)}) scale 0\n"), "plot " + ", \\\n  ".join(plotted) + "\n"


def group_of(record, name, metric=None, whisker=None):
    heights = {side: value for side in grid.SIDES if (value := value_in(record, side, metric))}
    tops = {side: value_in(record, side, whisker) for side in heights} if whisker else {}
    ratio = ratio_in(record, "libzmq", metric)
    return name, heights, tops, f"{ratio:.1f}x" if ratio else ""


def draw_many(records, directory):
    groups = [group_of(record, words.count_name(record).replace(", ", "\\n"))
              for record in of_scenarios(records, *MANY) if record.get("ferry")]
    if not groups:
        return None
    blocks, plot = bars(groups, grid.SIDES)
    body = (blocks + BARS + "set logscale y\nset format y '%.0s %c'\n"
            "set ylabel 'messages delivered per second'\n"
            "set xtics font 'Helvetica,12'\n" + plot)
    return draw(directory / "fan_out.svg", "Many peers, many requests, 64 B over tcp" + ABOVE,
                body, 1200)


def draw_latency(records, directory):
    groups = [group_of(record, f"{record['transport']}\\n{words.PLACEMENTS[record['placement']]}",
                       "p50", "p99")
              for record in of_scenarios(records, "latency") if record.get("ferry")]
    if not groups:
        return None
    blocks, plot = bars(groups, grid.SIDES)
    body = blocks + BARS + TIME_AXIS + "set ylabel 'bar p50, whisker p99'\n" + plot
    return draw(directory / "latency.svg", "REQ/REP round trip, 64 B" + ABOVE, body, 1100)


def draw_trickle(records, directory):
    names = {"p50": "p50", "p99": "p99", "p999": "p99.9"}
    groups = [group_of(record, f"{names[metric]}\\n{words.size_name(record['size'])}", metric)
              for record in of_scenarios(records, "trickle") if record.get("ferry")
              for metric in names]
    if not groups:
        return None
    blocks, plot = bars(groups, grid.SIDES)
    body = (blocks + BARS + TIME_AXIS + "set ylabel 'one way'\n"
            "set xlabel 'percentile, and size of the messages of the flood' offset 0,-1\n" + plot)
    return draw(directory / "trickle.svg", "A thousand messages per second beside a flood" + ABOVE,
                body, 1100)


def draw_connections(records, directory):
    found = [record for record in of_scenarios(records, "connections") if record.get("ferry")]
    if not found:
        return None
    record = found[-1]
    sides = ("ferry", "libzmq")

    def group(name, metric, scale):
        name, heights, tops, text = group_of(record, name, metric)
        return name, {side: height / scale for side, height in heights.items()}, tops, text

    memory, memory_plot = bars([group("server", "server_octets", 1024),
                                group("client", "client_octets", 1024)], sides)
    seconds, seconds_plot = bars([group("all connected", "connect_seconds", 1)], sides)
    title = f"{record['peers']:,} idle connections over {record['transport']}{ABOVE}"
    body = (f"unset title\nset multiplot layout 1,2 title '{title}' font 'Helvetica,18'\n"
            "set yrange [0:*]\nset offsets 0,0,graph 0.08,0\nset key top left reverse Left\n"
            + memory + "set ylabel 'KiB of memory per connection'\n" + memory_plot
            + "unset key\nset ylabel 'seconds'\n" + seconds + seconds_plot + "unset multiplot\n")
    return draw(directory / "connections.svg", "", body)


def draw_all(records, directory):
    directory = pathlib.Path(directory)
    drawn = [draw_throughput(records, transport, directory) for transport in grid.TRANSPORTS]
    drawn += [function(records, directory) for function in (
        draw_ratios, draw_latency, draw_trickle, draw_many, draw_cpu, draw_connections)]
    return [path for path in drawn if path]
