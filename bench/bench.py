#!/usr/bin/env python3
"""bench.py BUILD [OPTION...] measures; bench.py report [FILE] makes tables and plots of it."""

import pathlib
import signal
import sys

from harness import options, report, run

ROOT = pathlib.Path(__file__).resolve().parents[1]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the ends are stopped on the way out
    try:
        if sys.argv[1:2] == ["report"]:
            return report.report(options.parse_report(sys.argv[2:], ROOT))
        return run.run(options.parse_run(sys.argv[1:]))
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
