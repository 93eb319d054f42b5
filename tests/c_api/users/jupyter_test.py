#!/usr/bin/env python3
"""A Jupyter kernel and its client, both on ferry::zmq: LD_LIBRARY_PATH must lead to it, and leads the kernel there too."""

import os
import sys
import unittest

try:
    import ipykernel  # noqa: F401
    import zmq
    from jupyter_client.manager import start_new_kernel
except ImportError:
    print("skipped: no ipykernel")
    sys.exit(0)

PATIENCE = 60  # seconds; a kernel takes a few to start


class Jupyter(unittest.TestCase):
    def setUp(self):
        self.manager, self.client = start_new_kernel(startup_timeout=PATIENCE, kernel_name="python3")
        self.addCleanup(self.manager.shutdown_kernel, now=True)
        self.addCleanup(self.client.stop_channels)

    def execute(self, code):
        """What the code printed."""
        said = []

        def hear(message):
            if message["msg_type"] == "stream":
                said.append(message["content"]["text"])

        reply = self.client.execute_interactive(code, timeout=PATIENCE, output_hook=hear)
        self.assertEqual(reply["content"]["status"], "ok")
        return "".join(said)

    def test_code_is_executed_and_its_output_heard(self):
        self.assertEqual(self.execute("print(6 * 7)"), "42\n")
        self.execute("words = ['kept']")
        self.assertEqual(self.execute("print(words[0])"), "kept\n")

    def test_both_ends_run_on_ferry(self):
        code = "print([line.split()[-1] for line in open('/proc/self/maps') if 'libzmq.so' in line][0])"
        library = os.path.realpath(os.environ["FERRY_ZMQ_LIBRARY"])
        self.assertEqual(self.execute(code), library + "\n")
        with open("/proc/self/maps", encoding="utf-8") as maps:
            self.assertEqual({line.split()[-1] for line in maps if "libzmq.so" in line}, {library})
        self.assertEqual(zmq.zmq_version(), "4.3.4")

    def test_an_interrupt_ends_what_runs(self):
        self.client.execute("import time\nprint('sleeping', flush=True)\ntime.sleep(60)")
        while self.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
            pass
        self.manager.interrupt_kernel()
        reply = self.client.get_shell_msg(timeout=PATIENCE)
        self.assertEqual(reply["content"]["ename"], "KeyboardInterrupt")


if __name__ == "__main__":
    unittest.main(verbosity=2)
