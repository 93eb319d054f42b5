#!/usr/bin/env python3
"""A peer on pyzmq, for Ferry's interop tests. Its twin on JeroMQ is ../jeromq/Peer.java.

    peer.py TYPE bind|connect ENDPOINT COUNT

It prints "READY", and where it is bound. Then, COUNT times:

REQ, DEALER    ask, compare the answer with the question, and print what came
REP, ROUTER    answer with the question
PUSH           send
PULL, SUB      print what came; SUB subscribes to "a"
PUB            publish one message of "a" and one of "b", again and again until ended

REP, ROUTER and PUSH, which speak last, then wait to be ended.
"""

import signal
import sys

import zmq


def body(number):
    return [b"a%d" % number, b"", b"x" * (number * number * 1000)]


def show(frames):
    print("|".join(f"{len(frame)}:{frame[:10].decode()}" for frame in frames), flush=True)


def run(socket, kind, count):
    for number in range(count):
        if kind in ("REQ", "DEALER"):
            socket.send_multipart(body(number))
            answer = socket.recv_multipart()
            if answer != body(number):
                sys.exit(f"a wrong answer: {answer}")
            show(answer)
        elif kind in ("REP", "ROUTER"):
            socket.send_multipart(socket.recv_multipart())
        elif kind == "PUSH":
            socket.send_multipart(body(number))
        elif kind in ("PULL", "SUB"):
            show(socket.recv_multipart())
    number = 0
    while kind == "PUB":
        socket.send_multipart([b"b", b"unwanted"])
        socket.send_multipart(body(number % 10))
        socket.poll(1, zmq.POLLIN)
        number += 1


def main():
    kind, how, endpoint, count = sys.argv[1:]
    context = zmq.Context()
    socket = context.socket(getattr(zmq, kind))
    socket.rcvtimeo = socket.sndtimeo = 30_000
    socket.linger = 5_000
    if kind == "SUB":
        socket.subscribe(b"a")
    if how == "bind":
        socket.bind(endpoint)
        print("READY", socket.last_endpoint.decode(), flush=True)
    else:
        socket.connect(endpoint)
        print("READY", flush=True)
    run(socket, kind, int(count))
    if kind in ("REP", "ROUTER", "PUSH"):
        signal.pause()
    socket.close()
    context.term()


main()
