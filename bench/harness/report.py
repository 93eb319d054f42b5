"""From the results of a run to the documentation: tables between markers, plots, and a copy."""

import json
import re
import shutil
import sys

from . import plots, tables

DOCUMENTS = ("README.md", "docs/performance.md")

# <!-- bench:goals --> ... <!-- /bench -->
MARKED = re.compile(r"(<!-- bench:(\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


def read_records(path):
    try:
        records = [json.loads(text) for text in path.read_text().splitlines()]
    except OSError as error:
        raise SystemExit(f"bench: {error.strerror}: {path}; ./run bench writes it") from None
    return {record["line"]: record for record in records}


def renewed(text, records):
    def block(match):
        begin, name, end = match.groups()
        if name not in tables.BLOCKS:
            raise SystemExit(f"bench: no table is named {name}")
        return f"{begin}\n{tables.BLOCKS[name](records)}\n{end}"

    return MARKED.sub(block, text)


def report(options):
    records = read_records(options.results)
    directory = options.into / "docs" / "plots"
    directory.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        document = options.into / name
        document.write_text(renewed(document.read_text(), records))
        print(f"renewed {document}")
    copy = directory / "results.jsonl"
    if options.results.resolve() != copy.resolve():
        shutil.copy(options.results, copy)
    if not plots.is_possible():
        print("bench: there is no gnuplot here; the plots stay as they are", file=sys.stderr)
        return 0
    for path in plots.draw_all(records, directory):
        print(f"drew {path}")
    return 0
