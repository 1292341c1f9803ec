"""Many workers' streams on one thread: `python benchmarks/relay.py [--workers 1000] [--seconds 10] [--rate 10]`.

Real connections from a few processes that send a picture of each of their bars so many times a second, evenly spread;
every bar has its own description (`--apart`), or all are one row. Printed are the CPU time of the thread that draws as
a share of one core, how long a picture took from being written to being counted, how many were passed over because a
newer one of the same bar had come, and how many bars lost their last one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import socket
import sys
import threading
import time

import headway
from headway.processes import address, merger, wire
from headway.processes.connection import connect
from headway.processes.handshake import Worker
from headway.snapshot import Reading, Snapshot

SENDERS = 2
COUNT = 10_000
WRITTEN = "x" * 20


def send(settings: argparse.Namespace, number: int, begin: float) -> None:
    """Be some of the workers."""
    station = next(address.candidates())
    opening = Worker(station.key, station.address.known).opening
    count = settings.workers // SENDERS
    pipes = []
    for i in range(count):
        pipe = connect(station.address)
        pipe.setblocking(True)
        pipe.sendall(opening + wire.hello(wire.Hello(number * count + i + 1, None)))
        pipes.append(pipe)
    ticks = int(settings.seconds * settings.rate)
    kinds = {
        kind: [template(settings, number * count + i, kind) for i in range(count)]
        for kind in ("open", "update", "close")
    }
    for tick in range(ticks):
        pictures = kinds["open" if tick == 0 else "close" if tick == ticks - 1 else "update"]
        for i, pipe in enumerate(pipes):
            due = begin + (tick + i / count) / settings.rate
            if (wait := due - time.monotonic()) > 0.01:
                time.sleep(wait)
            pipe.sendall(filled(pictures[i], tick))
    for pipe in pipes:
        pipe.shutdown(socket.SHUT_WR)
    time.sleep(2)


def template(settings: argparse.Namespace, worker: int, kind: str) -> bytes:
    """Write a picture as a training worker has it (count, rate, remaining time, two metrics), to be filled in.

    The senders share the machine with what is measured: they are to take as little of it as can be.
    """
    desc = f"train {worker}" if settings.apart else "train"
    metrics = {name: Reading(0.1 * worker, "0.1234", columns=6) for name in ("loss", "accuracy")}
    values = {"n": COUNT, "total": 10 * COUNT, "elapsed": 12.34, "rate": 10.0, "eta": 56.78, "message": WRITTEN}
    state = "finished" if kind == "close" else "running"
    return wire.report(kind, Snapshot(1, desc=desc, unit="batch", metrics=metrics, state=state, **values))


def filled(picture: bytes, tick: int) -> bytes:
    """Write count and time into it."""
    return picture.replace(b"%d" % COUNT, b"%d" % (COUNT + tick), 1).replace(
        WRITTEN.encode(), f"{time.monotonic():020.6f}".encode()
    )


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--apart", action="store_true")
    settings = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, settings.workers + 1000), hard))
    latencies: list[float] = []
    counts: dict[int, float] = {}
    take = merger.Merger.take

    def timed(self: merger.Merger, worker: merger.Worker, kind: str, snapshot: Snapshot) -> None:
        latencies.append(time.monotonic() - float(snapshot.message))
        counts[worker.number] = snapshot.n
        take(self, worker, kind, snapshot)

    merger.Merger.take = timed  # type: ignore[method-assign]
    with open(os.devnull, "w") as nowhere, headway.get_bar(1, desc="job", backend="plain", file=nowhere):
        begin = time.monotonic() + 2.0
        context = multiprocessing.get_context("fork")
        senders = [context.Process(target=send, args=(settings, i, begin)) for i in range(SENDERS)]
        for sender in senders:
            sender.start()
        time.sleep(begin + 1.0 - time.monotonic())
        thread = next(thread for thread in threading.enumerate() if thread.name == "headway")
        clock = time.pthread_getcpuclockid(thread.ident or 0)
        used, start = time.clock_gettime(clock), time.monotonic()
        time.sleep(settings.seconds - 2.0)
        share = (time.clock_gettime(clock) - used) / (time.monotonic() - start)
        for sender in senders:
            sender.join()
        time.sleep(1.0)
    workers, ticks = settings.workers // SENDERS * SENDERS, int(settings.seconds * settings.rate)
    sent = workers * ticks
    lost = workers - sum(n == COUNT + ticks - 1 for n in counts.values())
    latencies.sort()
    print(
        f"{settings.workers} workers, {settings.rate:g} pictures a second each, {settings.seconds:g} s, "
        f"{'a row each' if settings.apart else 'one row'}, CPython {sys.version.split()[0]}\n"
        f"  CPU of the drawing thread  {share:.0%} of one core\n"
        f"  from written to counted    median {latencies[len(latencies) // 2] * 1e3:.0f} ms, "
        f"99 % within {latencies[int(len(latencies) * 0.99)] * 1e3:.0f} ms, longest {latencies[-1] * 1e3:.0f} ms\n"
        f"  pictures sent, passed over {sent}, {sent - len(latencies)} for newer ones\n"
        f"  last pictures lost         {lost}"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
