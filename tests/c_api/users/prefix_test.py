#!/usr/bin/env python3
"""ferry::zmq installed into a prefix of its own, found there by pkg-config, and run from there.

The environment says where things are: see CMakeLists.txt.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(*command, **environment):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env={**os.environ, **environment}).stdout


class Prefix(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="ferry-zmq-")
        self.addCleanup(self.scratch.cleanup)
        self.prefix = Path(self.scratch.name, "prefix")
        run(os.environ["CMAKE"], "--install", os.environ["FERRY_BUILD"], "--component", "ferry_zmq",
            "--prefix", str(self.prefix))

    def find(self, name):
        (found,) = self.prefix.rglob(name)
        return found

    def test_a_program_is_compiled_with_it_and_runs_on_it(self):
        program = Path(self.scratch.name, "version")
        flags = run("pkg-config", "--cflags", "--libs", "libzmq", PKG_CONFIG_PATH=str(self.find("libzmq.pc").parent))
        run(os.environ["CC"], str(ROOT / "examples" / "zmq_c" / "version.c"), "-o", str(program), *flags.split())
        libraries = str(self.find("libzmq.so.5").parent)
        self.assertIn(libraries, run("ldd", str(program), LD_LIBRARY_PATH=libraries))
        self.assertIn("library of version 4.3.4; it has ipc\n", run(str(program), LD_LIBRARY_PATH=libraries))

    def test_it_brings_nothing_else(self):
        files = sorted(str(path.name) for path in self.prefix.rglob("*") if path.is_file())
        self.assertEqual([name for name in files if not name.startswith("libzmq.so")],
                         ["libzmq.pc", "zmq.h", "zmq_utils.h"])


if __name__ == "__main__":
    if subprocess.run(["which", "pkg-config"], stdout=subprocess.DEVNULL).returncode:
        print("skipped: no pkg-config")
        sys.exit(0)
    unittest.main(verbosity=2)
