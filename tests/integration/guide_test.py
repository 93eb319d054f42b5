#!/usr/bin/env python3
"""Every piece of code in the guide is an excerpt of a program that the tests compile and run.

    guide_test.py [unittest's arguments]

Of the pages in docs/guide that name their programs, with lines `<!-- code: examples/X.cpp -->`. Where a program marks an
excerpt with the lines `// [name]` and `// [/name]`, that is on a page as a whole.
"""

import os
import re
import textwrap
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUIDE = os.path.join(ROOT, "docs", "guide")

PROGRAM = re.compile(r"^<!-- code: (examples/\w+\.cpp) -->$", re.M)
BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.M | re.S)
EXCERPT = re.compile(r"^ *// \[([\w-]+)\]\n(.*?)^ *// \[/\1\]$", re.M | re.S)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def stands_in(program, block):
    """Line by line, indented as it may be."""
    text = read(program)
    return any("\n" + textwrap.indent(block, " " * indent) in text for indent in range(0, 41, 4))


def excerpts(programs):
    for program in programs:
        for found in EXCERPT.finditer(read(program)):
            yield textwrap.dedent(found[2])


class Guide(unittest.TestCase):
    def pages(self):
        for page in sorted(os.listdir(GUIDE)):
            text = read(GUIDE, page) if page.endswith(".md") else ""
            if programs := PROGRAM.findall(text):
                yield page, programs, BLOCK.findall(text)

    def test_every_block_is_an_excerpt_of_its_program(self):
        for page, programs, blocks in self.pages():
            for block in blocks:
                with self.subTest(page=page, block=block.splitlines()[0]):
                    found = any(stands_in(program, block) for program in programs)
                    self.assertTrue(found, f"\nnot in {programs}:\n{block}")

    def test_every_excerpt_is_on_a_page(self):
        on_pages = {textwrap.dedent(block) for _, _, blocks in self.pages() for block in blocks}
        for page, programs, _ in self.pages():
            for excerpt in excerpts(programs):
                with self.subTest(page=page, excerpt=excerpt.splitlines()[0]):
                    self.assertIn(excerpt, on_pages)

    def test_there_are_pages_with_code(self):
        self.assertGreater(sum(len(blocks) for _, _, blocks in self.pages()), 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
