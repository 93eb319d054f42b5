#!/usr/bin/env python3
"""Keys that pyzmq makes on Ferry, read by pyzmq on libzmq, and the other way round.

The environment says where things are: see CMakeLists.txt.
"""

import itertools
import os
import subprocess
import sys
import unittest

DIRECTORIES = {
    "Ferry": os.path.dirname(os.environ["FERRY_ZMQ_LIBRARY"]),
    "libzmq": os.path.dirname(os.environ["FERRY_SYSTEM_LIBZMQ"]),
}


def skip(reason):
    print(f"\nskipped: {reason}", flush=True)
    raise unittest.SkipTest(reason)


def run(library, program, *arguments):
    return subprocess.run([sys.executable, "-c", f"import sys, zmq\n{program}", *arguments], capture_output=True,
                          text=True, check=True, env={**os.environ, "LD_LIBRARY_PATH": DIRECTORIES[library]}).stdout


class CurveKeys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            import zmq  # noqa: F401
        except ImportError:
            skip("no pyzmq")
        if not DIRECTORIES["libzmq"]:
            skip("no libzmq")
        if run("Ferry", "try: zmq.curve_keypair()\nexcept zmq.ZMQError as e: print(e.errno == zmq.ENOTSUP)"):
            skip("no libsodium")

    def test_each_library_derives_the_public_key_of_the_other_ones_pair(self):
        for maker, reader in itertools.product(DIRECTORIES, DIRECTORIES):
            with self.subTest(maker=maker, reader=reader):
                public, secret = run(maker, "print(*(key.decode() for key in zmq.curve_keypair()))").split()
                self.assertEqual(len(public), 40)
                self.assertEqual(run(reader, "print(zmq.curve_public(sys.argv[1]).decode())", secret).strip(), public)

    def test_both_refuse_what_is_no_key(self):
        program = "try: zmq.curve_public(sys.argv[1])\nexcept zmq.ZMQError as e: print(e.errno == zmq.EINVAL)"
        for library, text in itertools.product(DIRECTORIES, ("0" * 39 + "~", "#" * 40)):
            with self.subTest(library=library, text=text):
                self.assertEqual(run(library, program, text).strip(), "True")


if __name__ == "__main__":
    unittest.main()
