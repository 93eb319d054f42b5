#!/usr/bin/env python3
"""Debian's pyzmq, unmodified, on ferry::zmq: LD_LIBRARY_PATH must lead to it.

The environment says where things are: see CMakeLists.txt.
"""

import asyncio
import os
import sys
import threading
import time
import unittest

try:
    import zmq
    import zmq.asyncio
    import zmq.devices
    import zmq.utils.monitor
except ImportError:
    print("skipped: no pyzmq")
    sys.exit(0)

PATIENCE = 10_000  # milliseconds
TRANSPORTS = ("tcp://127.0.0.1:*", "ipc://*", "inproc://here")


def loaded_libraries():
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return {line.split()[-1] for line in maps if "libzmq.so" in line}


class Pyzmq(unittest.TestCase):
    context_type = zmq.Context

    def setUp(self):
        self.context = self.context_type()
        self.addCleanup(self.context.destroy, linger=0)

    def socket(self, kind, **options):
        socket = self.context.socket(kind)
        socket.rcvtimeo = socket.sndtimeo = PATIENCE
        for name, value in options.items():
            setattr(socket, name, value)
        return socket

    def pair(self, binding, connecting, where="tcp://127.0.0.1:*", **options):
        one, other = self.socket(binding, **options), self.socket(connecting, **options)
        one.bind(where)
        other.connect(one.last_endpoint)
        return one, other

    def test_it_is_ferrys_library_that_runs(self):
        self.assertEqual(loaded_libraries(), {os.path.realpath(os.environ["FERRY_ZMQ_LIBRARY"])})
        self.assertEqual(zmq.zmq_version(), "4.3.4")
        self.assertTrue(zmq.has("ipc"))
        self.assertFalse(zmq.has("curve"))

    def test_questions_are_answered(self):
        for where in TRANSPORTS:
            with self.subTest(where):
                rep, req = self.pair(zmq.REP, zmq.REQ, where)
                for question in (b"", b"short", b"long" * 100_000):
                    req.send(question)
                    self.assertEqual(rep.recv(), question)
                    rep.send_multipart([b"a", question, b"b"])
                    self.assertEqual(req.recv_multipart(), [b"a", question, b"b"])
                req.send_json({"pi": 3})
                self.assertEqual(rep.recv_json(), {"pi": 3})
                rep.send_pyobj([1, "two"])
                self.assertEqual(req.recv_pyobj(), [1, "two"])

    def test_errors_are_exceptions(self):
        rep, req = self.pair(zmq.REP, zmq.REQ)
        with self.assertRaises(zmq.ZMQError) as caught:
            rep.send(b"nobody asked")
        self.assertEqual(caught.exception.errno, zmq.EFSM)
        with self.assertRaises(zmq.Again):
            rep.recv(zmq.NOBLOCK)
        with self.assertRaises(zmq.ZMQError) as caught:
            self.socket(zmq.REP).bind(rep.last_endpoint)
        self.assertEqual(caught.exception.errno, zmq.EADDRINUSE)
        with self.assertRaises(zmq.ZMQError):
            req.bind("nonsense")

    def test_subscribers_hear_their_topics(self):
        for where in TRANSPORTS:
            with self.subTest(where):
                xpub, sub = self.pair(zmq.XPUB, zmq.SUB, where)
                sub.subscribe("a")
                self.assertEqual(xpub.recv(), b"\1a")
                for topic in (b"b", b"apple", b"c", b"a"):
                    xpub.send_multipart([topic, b"body"])
                self.assertEqual(sub.recv_multipart(), [b"apple", b"body"])
                self.assertEqual(sub.recv_multipart(), [b"a", b"body"])
                sub.unsubscribe("a")
                self.assertEqual(xpub.recv(), b"\0a")

    def test_a_publisher_reaches_many(self):
        pub = self.socket(zmq.PUB)
        pub.bind("tcp://127.0.0.1:*")
        subs = [self.socket(zmq.SUB, rcvtimeo=20) for _ in range(3)]
        for sub in subs:
            sub.subscribe("")
            sub.connect(pub.last_endpoint)
        heard = set()
        deadline = time.monotonic() + PATIENCE / 1000
        while len(heard) < len(subs) and time.monotonic() < deadline:
            pub.send(b"news")
            for sub in subs:
                try:
                    self.assertEqual(sub.recv(), b"news")
                    heard.add(sub)
                except zmq.Again:
                    pass
        self.assertEqual(len(heard), len(subs))

    def test_work_is_handed_out_without_a_copy(self):
        for where in TRANSPORTS:
            with self.subTest(where):
                pull, push = self.pair(zmq.PULL, zmq.PUSH, where)
                data = bytearray(b"x" * 1_000_000)
                tracker = push.send(data, copy=False, track=True)
                frame = pull.recv(copy=False)
                self.assertEqual(frame.bytes, bytes(data))
                del frame
                tracker.wait(PATIENCE / 1000)
                for i in range(2000):
                    push.send(b"%d" % i)
                    self.assertEqual(pull.recv(), b"%d" % i)

    def test_frames_tell_of_their_peer(self):
        router, dealer = self.pair(zmq.ROUTER, zmq.DEALER)
        dealer.send(b"who am I?")
        identity, body = router.recv_multipart(copy=False)
        self.assertTrue(identity.more)
        self.assertEqual(body.get("Socket-Type"), "DEALER")
        self.assertEqual(body.get("Peer-Address"), "127.0.0.1")
        self.assertEqual(body.bytes, b"who am I?")

    def test_a_router_knows_its_peers_by_name(self):
        router, dealer = self.socket(zmq.ROUTER, router_mandatory=1), self.socket(zmq.DEALER, identity=b"bob")
        router.bind("tcp://127.0.0.1:*")
        dealer.connect(router.last_endpoint)
        dealer.send(b"hi")
        self.assertEqual(router.recv_multipart(), [b"bob", b"hi"])
        router.send_multipart([b"bob", b"hello"])
        self.assertEqual(dealer.recv(), b"hello")
        with self.assertRaises(zmq.ZMQError) as caught:
            router.send_multipart([b"alice", b"hello"])
        self.assertEqual(caught.exception.errno, zmq.EHOSTUNREACH)

    def test_pollers_wait_for_several(self):
        pull, push = self.pair(zmq.PULL, zmq.PUSH)
        rep, req = self.pair(zmq.REP, zmq.REQ, "ipc://*")
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        poller = zmq.Poller()
        for readable in (pull, rep, reading):
            poller.register(readable, zmq.POLLIN)
        self.assertEqual(poller.poll(20), [])
        push.send(b"work")
        self.assertEqual(dict(poller.poll(PATIENCE)), {pull: zmq.POLLIN})
        pull.recv()
        req.send(b"question")
        self.assertEqual(dict(poller.poll(PATIENCE)), {rep: zmq.POLLIN})
        rep.recv()
        os.write(writing, b"x")
        self.assertEqual(dict(poller.poll(PATIENCE)), {reading: zmq.POLLIN})
        self.assertEqual(push.poll(PATIENCE, zmq.POLLOUT), zmq.POLLOUT)
        self.assertEqual(zmq.select([pull], [push], [], 5), ([], [push], []))

    def test_a_monitor_tells_of_connections(self):
        rep, req = self.socket(zmq.REP), self.socket(zmq.REQ)
        events = req.get_monitor_socket()
        events.rcvtimeo = PATIENCE
        rep.bind("tcp://127.0.0.1:*")
        endpoint = rep.last_endpoint
        req.connect(endpoint)
        wanted = [zmq.EVENT_CONNECT_DELAYED, zmq.EVENT_CONNECTED, zmq.EVENT_HANDSHAKE_SUCCEEDED]
        for event in wanted:
            told = zmq.utils.monitor.recv_monitor_message(events)
            self.assertEqual((told["event"], told["endpoint"]), (event, endpoint))
        req.send(b"still works")
        self.assertEqual(rep.recv(), b"still works")
        req.disable_monitor()
        told = zmq.utils.monitor.recv_monitor_message(events)
        self.assertEqual(told["event"], zmq.EVENT_MONITOR_STOPPED)
        events.close()

    def test_options_are_read_and_written(self):
        socket = self.socket(zmq.DEALER)
        socket.setsockopt(zmq.SNDHWM, 17)
        socket.linger = 5
        socket.identity = b"me"
        self.assertEqual(socket.getsockopt(zmq.SNDHWM), 17)
        self.assertEqual(socket.linger, 5)
        self.assertEqual(socket.get(zmq.IDENTITY), b"me")
        self.assertEqual(socket.type, zmq.DEALER)
        self.assertEqual(socket.get(zmq.MAXMSGSIZE), -1)
        self.assertEqual(self.context.get(zmq.MAX_SOCKETS), 1023)

    def test_devices_pass_on(self):
        for kind in (zmq.devices.ThreadDevice, zmq.devices.ThreadProxy):
            with self.subTest(kind.__name__):
                device = kind(zmq.QUEUE, zmq.ROUTER, zmq.DEALER) if kind is zmq.devices.ThreadDevice else kind(
                    zmq.ROUTER, zmq.DEALER, zmq.PUB)
                device.context_factory = lambda: self.context
                front = device.bind_in_to_random_port("tcp://127.0.0.1")
                back = device.bind_out_to_random_port("tcp://127.0.0.1")
                device.start()
                client, server = self.socket(zmq.REQ), self.socket(zmq.REP)
                client.connect(f"tcp://127.0.0.1:{front}")
                server.connect(f"tcp://127.0.0.1:{back}")
                client.send(b"through")
                self.assertEqual(server.recv(), b"through")
                server.send(b"and back")
                self.assertEqual(client.recv(), b"and back")

    def test_a_steerable_proxy_obeys(self):
        device = zmq.devices.ThreadProxySteerable(zmq.PULL, zmq.PUSH, zmq.PUB, zmq.PAIR)
        device.context_factory = lambda: self.context
        front = device.bind_in_to_random_port("tcp://127.0.0.1")
        back = device.bind_out_to_random_port("tcp://127.0.0.1")
        device.bind_ctrl("inproc://steering")
        device.start()
        steering = self.socket(zmq.PAIR)
        steering.connect("inproc://steering")
        push, pull = self.socket(zmq.PUSH), self.socket(zmq.PULL)
        push.connect(f"tcp://127.0.0.1:{front}")
        pull.connect(f"tcp://127.0.0.1:{back}")
        push.send(b"12345")
        self.assertEqual(pull.recv(), b"12345")
        steering.send(b"STATISTICS")
        self.assertEqual(len(steering.recv_multipart()), 8)
        steering.send(b"TERMINATE")
        device.join(PATIENCE / 1000)
        self.assertTrue(device.done)

    def test_a_monitored_queue_tells_what_passes(self):
        device = zmq.devices.ThreadMonitoredQueue(zmq.ROUTER, zmq.DEALER, zmq.PUB, b"in", b"out")
        device.context_factory = lambda: self.context
        front = device.bind_in_to_random_port("tcp://127.0.0.1")
        back = device.bind_out_to_random_port("tcp://127.0.0.1")
        told = device.bind_mon_to_random_port("tcp://127.0.0.1")
        device.start()
        client, server, listener = self.socket(zmq.REQ), self.socket(zmq.REP), self.socket(zmq.SUB, rcvtimeo=50)
        client.connect(f"tcp://127.0.0.1:{front}")
        server.connect(f"tcp://127.0.0.1:{back}")
        listener.subscribe("")
        listener.connect(f"tcp://127.0.0.1:{told}")
        deadline = time.monotonic() + PATIENCE / 1000
        heard = []
        while not heard and time.monotonic() < deadline:
            client.send(b"question")
            self.assertEqual(server.recv(), b"question")
            server.send(b"answer")
            self.assertEqual(client.recv(), b"answer")
            if listener.poll(50):
                heard = listener.recv_multipart()
        self.assertIn(heard[0], (b"in", b"out"))

    def test_the_context_ends_what_waits(self):
        context = zmq.Context()
        socket = context.socket(zmq.PULL)
        ended = []

        def wait():
            try:
                socket.recv()
            except zmq.ContextTerminated:
                ended.append(True)
            socket.close()

        thread = threading.Thread(target=wait)
        thread.start()
        context.term()
        thread.join(PATIENCE / 1000)
        self.assertEqual(ended, [True])


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    """zmq.asyncio: everything hangs on ZMQ_FD and ZMQ_EVENTS."""

    def setUp(self):
        self.context = zmq.asyncio.Context()
        self.addCleanup(self.context.destroy, linger=0)

    def pair(self, binding, connecting, where):
        one, other = self.context.socket(binding), self.context.socket(connecting)
        one.bind(where)
        other.connect(one.get(zmq.LAST_ENDPOINT).rstrip(b"\0").decode())
        return one, other

    async def within(self, awaitable):
        return await asyncio.wait_for(awaitable, PATIENCE / 1000)

    async def test_questions_are_answered(self):
        for where in TRANSPORTS:
            with self.subTest(where):
                rep, req = self.pair(zmq.REP, zmq.REQ, where)

                async def serve(count):
                    for _ in range(count):
                        await rep.send_multipart([b"re", *await rep.recv_multipart()])

                server = asyncio.ensure_future(serve(200))
                for i in range(200):
                    await self.within(req.send(b"%d" % i))
                    self.assertEqual(await self.within(req.recv_multipart()), [b"re", b"%d" % i])
                await self.within(server)

    async def test_a_flood_arrives_whole_and_in_order(self):
        for where in TRANSPORTS:
            with self.subTest(where):
                pull, push = self.pair(zmq.PULL, zmq.PUSH, where)

                async def send():
                    for i in range(5000):
                        await push.send(b"%d" % i)

                sender = asyncio.ensure_future(send())
                for i in range(5000):
                    self.assertEqual(await self.within(pull.recv()), b"%d" % i)
                await self.within(sender)

    async def test_pollers_wait(self):
        pull, push = self.pair(zmq.PULL, zmq.PUSH, "tcp://127.0.0.1:*")
        poller = zmq.asyncio.Poller()
        poller.register(pull, zmq.POLLIN)
        self.assertEqual(await poller.poll(20), [])
        waiting = asyncio.ensure_future(poller.poll(PATIENCE))
        await push.send(b"work")
        self.assertEqual(await self.within(waiting), [(pull, zmq.POLLIN)])
        self.assertEqual(await self.within(pull.recv()), b"work")

    async def test_a_receive_can_be_given_up(self):
        pull, push = self.pair(zmq.PULL, zmq.PUSH, "tcp://127.0.0.1:*")
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(pull.recv(), 0.05)
        await push.send(b"later")
        self.assertEqual(await self.within(pull.recv()), b"later")

    async def test_many_sockets_at_once(self):
        rep = self.context.socket(zmq.ROUTER)
        rep.bind("ipc://*")
        endpoint = rep.get(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()

        async def serve():
            while True:
                await rep.send_multipart(await rep.recv_multipart())

        async def ask(number):
            req = self.context.socket(zmq.REQ)
            req.connect(endpoint)
            for i in range(20):
                await req.send(b"%d-%d" % (number, i))
                self.assertEqual(await req.recv(), b"%d-%d" % (number, i))

        server = asyncio.ensure_future(serve())
        await self.within(asyncio.gather(*(ask(number) for number in range(30))))
        server.cancel()


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")  # sockets are closed with their context
