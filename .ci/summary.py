"""summary.py JUNIT_FILE: what ctest found, in one line; before it, what failed and why, and what was skipped and why.

A Catch2 program counts with its test cases, any other test as one.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter

ALL_PASSED = re.compile(r"^All tests passed \(.* in (\d+) test cases?\)", re.MULTILINE)
SOME_FAILED = re.compile(r"^test cases: +(\d+)(.*)$", re.MULTILINE)
SKIPPED = re.compile(r"^\s*skipped: (.*)$", re.MULTILINE)
LINES_OF_A_FAILURE = 60


def count(output, went_well):
    """(passed, failed, skipped) cases of one program."""
    skipped = len(SKIPPED.findall(output))
    if went_well:
        match = ALL_PASSED.search(output) or SOME_FAILED.search(output)
        cases = int(match.group(1)) if match else 1
        return max(0, cases - skipped), 0, skipped
    match = SOME_FAILED.search(output)
    if not match:
        return 0, 1, skipped
    failed = re.search(r"(\d+) failed", match.group(2))
    failed = int(failed.group(1)) if failed else 1
    return max(0, int(match.group(1)) - failed - skipped), failed, skipped


def main(file):
    suite = ElementTree.parse(file).getroot()
    totals, reasons, programs = Counter(), Counter(), 0
    for test in suite.iter("testcase"):
        output = (test.findtext("system-out") or "").strip()
        status = test.get("status")
        if status == "disabled":
            totals["skipped"] += 1
            continue
        programs += 1
        passed, failed, skipped = count(output, status == "run")
        totals.update(passed=passed, failed=failed, skipped=skipped)
        reasons.update(SKIPPED.findall(output))
        if status != "run":
            failure = test.find("failure")
            why = (failure.get("message") if failure is not None else "") or "failed"
            print(f"\n--- {test.get('name')}: {why} after {float(test.get('time', 0)):.0f} s")
            lines = output.splitlines()
            if len(lines) > LINES_OF_A_FAILURE:
                print("    ...")
            for line in lines[-LINES_OF_A_FAILURE:]:
                print(f"    {line}")
    for reason, times in sorted(reasons.items()):
        print(f"  skipped {times}: {reason}")
    if not programs:
        print("no test ran")
        return 1
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped (in {programs} programs)")
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
