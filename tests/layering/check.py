"""check.py RULE ROOT, for rules of the source tree; check.py RULE FILE..., for rules of what was built.

check.py all ROOT runs every rule of the source tree.
"""

import sys
from pathlib import Path

import rules


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    rule, operands = arguments[0], arguments[1:]
    if rule == "all":
        complaints = [c for check in rules.OF_TREE.values() for c in check(Path(operands[0]))]
    elif rule in rules.OF_TREE:
        complaints = rules.OF_TREE[rule](Path(operands[0]))
    elif rule in rules.OF_FILES:
        complaints = rules.OF_FILES[rule](operands)
    else:
        sys.exit(f"no rule '{rule}'; there are {', '.join([*rules.OF_TREE, *rules.OF_FILES])}")
    for complaint in complaints:
        print(complaint)
    print(f"{rule}: {len(complaints)} complaints" if complaints else f"{rule}: kept")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
