#!/usr/bin/env python3
"""Every example against its libzmq twin, in both directions.

    examples_test.py BUILD_DIR [unittest's arguments]
"""

import contextlib
import itertools
import os
import re
import signal
import sys
import time
import unittest
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "examples", "demo"))

from stage import LISTENING, PATIENCE, Stage  # noqa: E402

CASTS = [("Ferry", "Ferry"), ("Ferry", "libzmq"), ("libzmq", "Ferry")]
PLAYS = [(transport, *cast) for transport in ("tcp", "ipc") for cast in CASTS]


class Examples(unittest.TestCase):
    directory = ""

    def stage(self, transport="tcp"):
        stage = Stage(self.directory, transport)
        self.addCleanup(stage.__exit__)
        return stage

    @contextlib.contextmanager
    def play(self, transport, one, other):
        with self.subTest(transport=transport, one=one, other=other):
            with Stage(self.directory, transport) as stage:
                yield stage, one, other

    def test_a_client_says_hello_and_is_answered(self):
        for play in PLAYS:
            with self.play(*play) as (stage, one, other):
                server = stage.start(other, "hello_world_server", stage.fresh_endpoint("hello"), 20)
                client = stage.start(one, "hello_world_client", server.wait_for(LISTENING)[1], 20)
                answers = re.findall(r"^received World (\d+)$", client.finish(), re.M)
                self.assertEqual(answers, [str(i) for i in range(20)])
                self.assertEqual(server.finish().count("received Hello\n"), 20)

    def test_a_client_may_start_before_its_server(self):
        for cast in CASTS:
            with self.play("ipc", *cast) as (stage, one, other):
                endpoint = stage.fresh_endpoint("hello")
                client = stage.start(one, "hello_world_client", endpoint, 3)
                stage.start(other, "hello_world_server", endpoint, 3).finish()
                client.finish()

    def test_a_weather_client_hears_its_own_zip_code(self):
        for play in PLAYS:
            with self.play(*play) as (stage, one, other):
                server = stage.start(one, "weather_server", stage.fresh_endpoint("weather"), 10_002)
                endpoint = server.wait_for(LISTENING)[1]
                said = stage.start(other, "weather_client", endpoint, "10001", 10).finish()
                self.assertRegex(said, r"at zip code 10001 was -?\d+F, over 10 updates")

    def test_a_batch_of_tasks_goes_through_the_workers(self):
        for play in PLAYS:
            with self.play(*play) as (stage, one, other):
                sink = stage.start(one, "sink", stage.fresh_endpoint("sink"), 20)
                results = sink.wait_for(LISTENING)[1]
                ventilator = stage.start(
                    one, "ventilator", stage.fresh_endpoint("ventilator"), results, 2, 20)
                tasks = ventilator.wait_for(LISTENING)[1]
                workers = [stage.start(library, "worker", tasks, results) for library in (one, other)]

                dealt = re.search(r"total workload \d+ ms", ventilator.finish())[0]
                self.assertIn(f"received 20 results, {dealt}", sink.finish())
                for worker in workers:
                    worker.stop()
                    self.assertEqual(worker.text.count("."), 10)

    def test_an_interrupted_server_says_good_bye(self):
        for library in ("Ferry", "libzmq"):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(library=library, signal=number.name):
                    stage = self.stage()
                    server = stage.start(library, "interrupt", "tcp://127.0.0.1:*")
                    endpoint = server.wait_for(LISTENING)[1]
                    for asking in ("Ferry", "libzmq"):
                        stage.start(asking, "hello_world_client", endpoint, 2).finish()
                    # Again until it ends: a signal that comes while the server is busy with a client
                    # that leaves, or just before it waits, interrupts no call (decision 0006, limits).
                    again = server.finish(lambda _: server.process.send_signal(number))
                    self.assertIn("good-bye", again)

    def test_a_taken_port_ends_the_server_with_a_reason(self):
        stage = self.stage()
        first = stage.start("Ferry", "hello_world_server", "tcp://127.0.0.1:*")
        endpoint = first.wait_for(LISTENING)[1]
        second = stage.start("Ferry", "hello_world_server", endpoint)
        second.wait_for("\0")
        self.assertEqual(second.process.wait(10), 1)
        self.assertIn(endpoint, second.text)

    def test_the_scenes_of_one_process_are_played_to_the_end(self):
        said = self.stage().start("Ferry", "inproc_scenes").finish()
        self.assertEqual(len(said.splitlines()), 3, said)

    def test_a_server_that_leaves_and_returns_is_watched(self):
        for transport in ("tcp", "ipc"):
            with self.subTest(transport=transport), Stage(self.directory, transport) as stage:
                endpoint = stage.fresh_endpoint("watched")
                said = stage.start("Ferry", "watch_connections", endpoint).finish()
                self.assertRegex(said, r"(?m)^info: bind \S+: listening$")
                self.assertRegex(said, r"(?m)^info: connect \S+: ROUTER is ready, ZMTP 3\.1, NULL$")
                self.assertRegex(said, r"(?m)^warning: connect \S+: .+; next attempt in \d+ ms$")
                events = re.findall(r"^event: (\w+)", said, re.M)
                beginning = ["connecting", "connected", "handshake_succeeded"]
                self.assertEqual(events[:5], beginning + ["disconnected", "retrying"], said)
                self.assertEqual(events[-3:], beginning, said)

    def test_the_guide_to_monitoring_quotes_its_program(self):
        def lines_of(text):
            return "\n".join(line.strip() for line in text.strip().splitlines())

        with open(os.path.join(ROOT, "examples", "watch_connections.cpp"), encoding="utf-8") as file:
            program = lines_of(file.read())
        with open(os.path.join(ROOT, "docs", "guide", "monitoring.md"), encoding="utf-8") as file:
            blocks = re.findall(r"^```cpp\n(.*?)^```$", file.read(), re.M | re.S)
        self.assertTrue(blocks)
        for block in blocks:
            self.assertIn(lines_of(block), program)
    def test_an_exporter_tells_what_its_socket_does(self):
        for transport, library in itertools.product(("tcp", "ipc"), ("Ferry", "libzmq")):
            with self.play(transport, library, "Ferry") as (stage, one, _):
                exporter = stage.start("Ferry", "prometheus_exporter",
                                       stage.fresh_endpoint("exporter"), 0)
                found = exporter.wait_for(LISTENING + r", metrics at (http://\S+)")
                ventilator = stage.start(one, "ventilator", stage.fresh_endpoint("tasks"),
                                         found[1], 1, 10)
                stage.start(one, "worker", ventilator.wait_for(LISTENING)[1], found[1])
                ventilator.finish()
                self.wait_for_metric(found[2], 'ferry_messages_total{direction="received"} 11')
                self.wait_for_metric(found[2], "ferry_connections_total 2")
                self.wait_for_metric(
                    found[2], 'ferry_dropped_messages_total{reason="subscriber_full"} 0')

    def wait_for_metric(self, address, line):
        deadline = time.monotonic() + PATIENCE
        while True:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                text = answer.read().decode()
            if line in text.splitlines():
                return
            self.assertLess(time.monotonic(), deadline, f"no line '{line}' in:\n{text}")

    def test_the_versions_are_told(self):
        self.assertRegex(self.stage().start("Ferry", "version").finish(), r"version \d+\.\d+\.\d+")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    Examples.directory = os.path.join(sys.argv.pop(1), "examples")
    unittest.main(verbosity=2)
