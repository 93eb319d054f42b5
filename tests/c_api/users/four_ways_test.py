#!/usr/bin/env python3
"""The programs of examples/zmq_c, each end on Ferry and on libzmq: the same files, only LD_LIBRARY_PATH differs.

The environment says where things are: see CMakeLists.txt.
"""

import contextlib
import itertools
import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "examples", "demo"))

from stage import LISTENING, Stage  # noqa: E402

PROGRAMS = os.path.join(os.environ["FERRY_BUILD"], "examples", "zmq_c")
LIBRARIES = {
    "Ferry": os.path.dirname(os.environ["FERRY_ZMQ_LIBRARY"]),
    "libzmq": os.path.dirname(os.environ["FERRY_SYSTEM_LIBZMQ"]),
}
FOUR_WAYS = list(itertools.product(LIBRARIES, LIBRARIES))


class FourWays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not LIBRARIES["libzmq"]:
            print("\nskipped: no libzmq", flush=True)
            raise unittest.SkipTest("no libzmq")

    @contextlib.contextmanager
    def plays(self, transport, one, other):
        with self.subTest(transport=transport, one=one, other=other), Stage(PROGRAMS, transport) as stage:
            yield stage

    def start(self, stage, library, program, *arguments):
        return stage.start_file(f"{program} on {library}", "/usr/bin/env", f"LD_LIBRARY_PATH={LIBRARIES[library]}",
                                os.path.join(PROGRAMS, program), *arguments)

    def test_each_program_runs_on_the_library_it_is_told_to(self):
        for library, directory in LIBRARIES.items():
            for program in sorted(os.listdir(PROGRAMS)):
                path = os.path.join(PROGRAMS, program)
                if os.access(path, os.X_OK) and os.path.isfile(path):
                    loaded = subprocess.run(["ldd", path], check=True, capture_output=True, text=True,
                                            env={**os.environ, "LD_LIBRARY_PATH": directory}).stdout
                    self.assertIn(f"libzmq.so.5 => {directory}/", loaded, program)

    def test_both_say_which_version_they_are(self):
        for library in LIBRARIES:
            with Stage(PROGRAMS, "tcp") as stage:
                said = self.start(stage, library, "version").finish()
                self.assertRegex(said, r"library of version 4\.3\.\d; it has ipc")

    def test_a_client_says_hello_and_is_answered(self):
        for transport, (one, other) in itertools.product(("tcp", "ipc"), FOUR_WAYS):
            with self.plays(transport, one, other) as stage:
                server = self.start(stage, one, "hwserver", stage.fresh_endpoint("hello"), 20)
                client = self.start(stage, other, "hwclient", server.wait_for(LISTENING)[1], 20)
                answers = re.findall(r"^received World (\d+)$", client.finish(), re.M)
                self.assertEqual(answers, [str(i) for i in range(20)])
                self.assertEqual(server.finish().count("received Hello\n"), 20)

    def test_a_weather_client_hears_its_own_zip_code(self):
        for transport, (one, other) in itertools.product(("tcp", "ipc"), FOUR_WAYS):
            with self.plays(transport, one, other) as stage:
                server = self.start(stage, one, "wuserver", stage.fresh_endpoint("weather"), 10_002)
                endpoint = server.wait_for(LISTENING)[1]
                said = self.start(stage, other, "wuclient", endpoint, "10001", 10).finish()
                self.assertRegex(said, r"at zip code 10001 was -?\d+F, over 10 updates")

    def test_a_batch_of_tasks_goes_through_the_workers(self):
        for transport, (one, other) in itertools.product(("tcp", "ipc"), FOUR_WAYS):
            with self.plays(transport, one, other) as stage:
                sink = self.start(stage, one, "tasksink", stage.fresh_endpoint("sink"), 20)
                results = sink.wait_for(LISTENING)[1]
                ventilator = self.start(stage, other, "taskvent", stage.fresh_endpoint("tasks"), results, 2, 20)
                tasks = ventilator.wait_for(LISTENING)[1]
                workers = [self.start(stage, library, "taskwork", tasks, results) for library in LIBRARIES]

                dealt = re.search(r"total workload \d+ ms", ventilator.finish())[0]
                self.assertIn(f"received 20 results, {dealt}", sink.finish())
                for worker in workers:
                    worker.stop()
                    self.assertEqual(worker.text.count("."), 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
