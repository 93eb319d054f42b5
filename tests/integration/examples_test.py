#!/usr/bin/env python3
"""Every example against its libzmq twin, in both directions, and those that have none against each other.

    examples_test.py BUILD_DIR [unittest's arguments]
"""

import contextlib
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "examples", "demo"))

from stage import LISTENING, PATIENCE, Stage  # noqa: E402

LIBRARIES = ["Ferry", "asynchronous Ferry", "libzmq"]
CASTS = [("Ferry", "Ferry"), ("Ferry", "libzmq"), ("libzmq", "Ferry"), ("asynchronous Ferry", "asynchronous Ferry"),
         ("asynchronous Ferry", "libzmq"), ("libzmq", "asynchronous Ferry")]
PLAYS = [(transport, *cast) for transport in ("tcp", "ipc") for cast in CASTS]


PYTHON = "/usr/bin/python3"  # the system's, which its packages are for


def answers(text):
    return re.findall(r"^received World (\d+)$", text, re.M)


def numbers(count):
    return [str(i) for i in range(count)]


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
                self.assertEqual(answers(client.finish()), numbers(20))
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

    def test_a_broker_passes_questions_and_answers_on(self):
        for transport in ("tcp", "ipc"):
            with self.subTest(transport=transport), Stage(self.directory, transport) as stage:
                servers = [stage.start(library, "hello_world_server", stage.fresh_endpoint(f"server{i}"))
                           for i, library in enumerate(LIBRARIES)]
                broker = stage.start("Ferry", "async_broker", stage.fresh_endpoint("broker"),
                                     *[server.wait_for(LISTENING)[1] for server in servers])
                endpoint = broker.wait_for(LISTENING)[1]
                clients = [stage.start(library, "hello_world_client", endpoint, 20) for library in LIBRARIES]
                for client in clients:
                    self.assertEqual(answers(client.finish()), numbers(20))
                broker.process.send_signal(signal.SIGINT)
                self.assertIn("good-bye", broker.finish())
                for server in servers:
                    server.stop()
                self.assertEqual(sum(server.text.count("received Hello\n") for server in servers), 60)

    def test_a_lazy_pirate_asks_again_until_a_server_comes_and_when_it_goes(self):
        for library in ("Ferry", "libzmq"):
            with self.subTest(server=library), Stage(self.directory, "ipc") as stage:
                endpoint = stage.fresh_endpoint("hello")
                client = stage.start("Ferry", "lazy_pirate", endpoint, 4, 200, 100)
                client.wait_for("no answer within 200 ms")
                stage.start(library, "hello_world_server", endpoint, 2).finish()
                client.wait_for("World 1\n(.*\n)*no answer within 200 ms")
                stage.start(library, "hello_world_server", endpoint)
                self.assertEqual(answers(client.finish()), numbers(4))

    def test_a_lazy_pirate_gives_up_in_the_end(self):
        stage = self.stage("ipc")
        client = stage.start("Ferry", "lazy_pirate", stage.fresh_endpoint("hello"), 4, 50, 3)
        client.wait_for("\0")
        self.assertEqual(client.process.wait(10), 1)
        self.assertEqual(client.text.count("no answer within 50 ms"), 3)
        self.assertIn("giving up", client.text)

    def test_many_workers_of_one_process_share_a_batch(self):
        for play in PLAYS:
            with self.play(*play) as (stage, one, other):
                sink = stage.start(one, "sink", stage.fresh_endpoint("sink"), 200)
                results = sink.wait_for(LISTENING)[1]
                ventilator = stage.start(
                    other, "ventilator", stage.fresh_endpoint("ventilator"), results, 50, 200)
                tasks = ventilator.wait_for(LISTENING)[1]
                workers = stage.start("Ferry", "many_workers", tasks, results, 50)

                dealt = re.search(r"total workload \d+ ms", ventilator.finish())[0]
                self.assertIn(f"received 200 results, {dealt}", sink.finish())
                workers.process.send_signal(signal.SIGTERM)
                done, most = re.search(r"(\d+) tasks done, at most (\d+) at a time", workers.finish()).groups()
                self.assertEqual(done, "200")
                self.assertIn(int(most), range(2, 51))

    def test_plain_tcp_and_ferry_are_served_by_one_loop(self):
        stage = self.stage()
        server = stage.start("Ferry", "beside_plain_tcp", stage.fresh_endpoint("echo"), 0)
        endpoint = server.wait_for(LISTENING)[1]
        port = int(server.wait_for(r"plainly on 127\.0\.0\.1:(\d+)\n")[1])
        with socket.create_connection(("127.0.0.1", port), 10) as plain:
            for library in LIBRARIES:
                plain.sendall(library.encode())
                client = stage.start(library, "hello_world_client", endpoint, 20)
                self.assertEqual(client.finish().count("received Hello"), 20)
                with plain.makefile("rb", buffering=0) as echo:
                    self.assertEqual(echo.read(len(library)).decode(), library)
        server.process.send_signal(signal.SIGINT)
        self.assertIn("good-bye", server.finish())

    def kernel(self, stage):
        """A Jupyter kernel, and the file that says where it is and what its key is."""
        if subprocess.run([PYTHON, "-c", "import ipykernel"], stderr=subprocess.DEVNULL).returncode:
            self.skip("no ipykernel")
        if not os.path.exists(os.path.join(self.directory, "jupyter_client")):
            self.skip("no jupyter_client, which needs OpenSSL and nlohmann-json")
        file = os.path.join(stage.scratch, "kernel.json")
        place = [f"--ip={stage.scratch}/kernel", "--transport=ipc"] if stage.transport == "ipc" else []
        kernel = stage.start_file("the kernel", PYTHON, "-u", "-m", "ipykernel_launcher", "-f", file,
                                  f"--ipython-dir={stage.scratch}", *place)
        kernel.wait_for("--existing")
        return kernel, file

    def skip(self, reason):
        print(f"\nskipped: {reason}", flush=True)  # on a line of its own: .ci/summary.py looks for it
        self.skipTest(reason)

    def test_a_jupyter_kernel_computes_asks_and_is_shut_down(self):
        for transport in ("tcp", "ipc"):
            with self.subTest(transport=transport), Stage(self.directory, transport) as stage:
                kernel, file = self.kernel(stage)
                said = stage.start("Ferry", "jupyter_client", file, "--shutdown",
                                   "print(6*7)", "'ab' * 3", "len(input('your name? '))").finish()
                self.assertIn("the kernel's heart beats\n", said)
                self.assertRegex(said, r"\n42\n'ababab'\nyour name\? 0\nthe kernel has been shut down\n$")
                kernel.finish()

    def test_a_jupyter_client_shows_exceptions_interrupts_and_notices_the_end(self):
        stage = self.stage("ipc")
        _, file = self.kernel(stage)

        client = stage.start("Ferry", "jupyter_client", file, "print('before')\n1/0", "'after'")
        client.wait_for(r"\nbefore\nZeroDivisionError: division by zero\n'after'\n\0")
        self.assertEqual(client.process.wait(10), 1)

        client = stage.start(
            "Ferry", "jupyter_client", file, "import time; print('asleep'); time.sleep(600)", "'awake'")
        client.wait_for(r"\nasleep\n")
        client.process.send_signal(signal.SIGINT)
        client.wait_for(r"\nKeyboardInterrupt: \n'awake'\n\0")

        client = stage.start("Ferry", "jupyter_client", file, "import os; os._exit(1)")
        client.wait_for(r"\nthe kernel has died\n\0")
        self.assertEqual(client.process.wait(10), 1)

    def test_what_the_page_about_asio_shows_works(self):
        self.assertIn("all of it works", self.stage().start("Ferry", "ferry_and_asio").finish())

    def test_the_versions_are_told(self):
        self.assertRegex(self.stage().start("Ferry", "version").finish(), r"version \d+\.\d+\.\d+")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    Examples.directory = os.path.join(sys.argv.pop(1), "examples")
    unittest.main(verbosity=2)
