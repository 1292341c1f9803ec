"""Reports from many threads, tasks, handlers and finalisers at once: nothing is lost and nothing waits for ever."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import sys
import textwrap
import threading
from typing import Any

import pytest

import headway
from headway.drawing.hub import hub
from headway.reporting import bar as bars
from headway.testing import Oracle, Recorder, wander

THREADS = 64
UPDATES = 100_000 if os.environ.get("HEADWAY_FULL") == "1" else 2000
"""Updates of each thread; more of them by the environment variable."""


def in_threads(work: Any, count: int = THREADS) -> None:
    """Do some work in so many threads at once, and raise what any of them raised."""
    errors: list[BaseException] = []
    begin = threading.Barrier(count)

    def guarded(i: int) -> None:
        try:
            begin.wait(30)
            work(i)
        except BaseException as error:  # told below, in the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not [thread for thread in threads if thread.is_alive()]
    if errors:
        raise errors[0]


@pytest.mark.parametrize("backend", ["plain", "tqdm", "off"])
def test_sixty_four_threads_lose_no_count(backend: str, tmp_path: Any) -> None:
    """64 threads that count on one bar count exactly."""
    with (tmp_path / "out").open("w") as file, headway.get_bar(THREADS * UPDATES, backend=backend, file=file) as bar:
        in_threads(lambda _: [bar.update() for _ in range(UPDATES)])

        assert bar.n == THREADS * UPDATES


def test_without_a_gil_no_count_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where threads really run at once each update takes the lock."""
    monkeypatch.setattr(bars, "NO_GIL", True)
    bar = headway.get_bar(1000, backend="off")
    held: list[bool] = []

    def update() -> None:
        for _ in range(UPDATES // 4):
            bar.update()
            bar.update(2)

    assert bar._plain is None
    bar._lock.acquire()
    waiting = threading.Thread(target=lambda: (bar.update(), held.append(True)))
    waiting.start()
    waiting.join(0.2)
    assert not held
    bar._lock.release()
    waiting.join(10)
    in_threads(lambda _: update(), 16)

    assert bar.n == 1 + 16 * 3 * (UPDATES // 4)
    bar.close()


def test_bars_of_many_threads() -> None:
    """Bars made, nested, looped over and closed in many threads at once: each has the truth, and nothing is left."""
    oracle = Oracle()

    def work(i: int) -> None:
        for k in range(3):
            with headway.get_bar(3, desc=f"outer {i} {k}") as outer:
                for _ in headway.track(range(5), desc=f"inner {i} {k}"):
                    outer.message("x")
                outer.update(3)

    with hub.recording(oracle):
        in_threads(work, 24)

    oracle.check()
    assert not oracle.open_ids
    assert not hub.display.bars
    assert {("finished", 3)} == {(s.state, s.n) for s in oracle.closed.values() if s.desc.startswith("outer")}
    assert {("finished", 5)} == {(s.state, s.n) for s in oracle.closed.values() if s.desc.startswith("inner")}
    ids = {s.desc: s.id for s in oracle.closed.values()}
    inner = [s for s in oracle.closed.values() if s.desc.startswith("inner")]
    assert all(s.parent == ids[s.desc.replace("inner", "outer")] for s in inner)


def test_programs_drawn_by_lot_in_threads() -> None:
    """Whatever programs run in threads at once, sinks are told in order."""
    oracle = Oracle()
    with hub.recording(oracle):
        in_threads(lambda i: wander(i, 40), 8)

    oracle.check()
    assert not oracle.open_ids


def test_bars_of_many_tasks(recorded: Recorder) -> None:
    """Each asyncio task has its own innermost bar."""

    async def work(i: int) -> None:
        with headway.get_bar(2, desc=f"outer {i}") as outer:
            for k in range(2):
                await asyncio.sleep(0)
                with headway.get_bar(1, desc=f"inner {i}") as inner:
                    await asyncio.sleep(0)
                    assert inner.parent is outer
                    inner.update()
                outer.update()
            assert k == 1

    async def main() -> None:
        await asyncio.gather(*(work(i) for i in range(50)))

    asyncio.run(main())

    assert {"finished"} == {s.state for s in recorded.closed}
    assert len(recorded.closed) == 150


def test_a_copied_context_has_the_bars_of_its_origin(recorded: Recorder) -> None:
    """Work in a copied context is inside of the bar that it was copied in."""
    with headway.get_bar(1, desc="outer") as outer:
        inner = contextvars.copy_context().run(lambda: headway.get_bar(1, desc="inner"))
        assert inner.parent is outer
        inner.close()


RE_ENTRANT = {
    "a signal handler": """
        import signal
        signal.signal(signal.SIGALRM, lambda *_: (bar.update(), bar.message('x'), bar.metrics(a=1), inner()))
        def stop(): signal.setitimer(signal.ITIMER_REAL, 0)
        def once(): own == 1 and signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    """,
    "a finaliser": """
        class Dropped:
            def __del__(self): bar.update(); bar.message('x'); bar.metrics(a=1); inner()
        def once(): Dropped(); d = Dropped(); d.d = d
        def stop(): gc.collect()
    """,
    "a callback of a weak reference": """
        import weakref
        class Dropped: pass
        refs = []
        def once():
            d = Dropped(); d.d = d
            refs.append(weakref.ref(d, lambda _: (bar.update(), inner())))
        def stop(): gc.collect()
    """,
    "a handler of log records": """
        import logging
        class Handler(logging.Handler):
            def emit(self, record): bar.update(); headway.write(record.getMessage()); inner()
        logging.getLogger().addHandler(Handler())
        def once(): logging.error('logged')
        def stop(): pass
    """,
    "a widget": """
        def mine(snapshot):
            if snapshot.desc == 'alpha': seen.append(snapshot.n); bar and bar.update(0); bar and bar.message('x'); inner()
            return ''
        widgets = ['desc', mine, 'count']
        def once(): time.sleep(0.001)
        def stop(): pass
    """,
    "a metric": """
        def value(): seen.append(1); bar.update(0); bar.message('y'); headway.write('of a metric'); inner(); return 1.0
        def once(): bar.metrics(loss=value); time.sleep(0.001)
        def stop(): pass
    """,
    "a stream": """
        class Out(io.StringIO):
            def write(self, text): bar and bar.update(0); bar and bar.message('z'); return super().write(text)
        out = Out()
        def once(): time.sleep(0.001)
        def stop(): pass
    """,
}


def test_a_finaliser_reports_at_the_beginning_of_a_thread(run: Any) -> None:
    """The collector may run it in a thread of headway's that has yet to begin, for which another one waits."""
    done = run(
        """
        import faulthandler, gc, headway, io, sys, threading, time
        from headway.drawing import throttle
        faulthandler.dump_traceback_later(30, exit=True)
        throttle.LINGER = 0.0  # a bar has threads of its own
        out, begun, ended, main = io.StringIO(), [], [], threading.get_ident()
        class Dropped:
            def __del__(self):
                frame, names = sys._getframe(), set()
                while frame is not None:
                    names.add(frame.f_code.co_name)
                    frame = frame.f_back
                if threading.get_ident() != main and "run" not in names and len(begun) < 50:
                    begun.append(1)
                    with headway.get_bar(1, desc="inner", file=out) as bar: bar.update()
                    ended.append(1)
        gc.set_threshold(1, 1, 1)
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and len(begun) < 20:
            with headway.get_bar(1, desc="outer", file=out) as bar:
                for _ in range(3):
                    for _ in range(20):
                        dropped = Dropped()
                        dropped.itself = dropped
                    bar.update()
                    time.sleep(0.001)
            time.sleep(0.002)
        while len(ended) < len(begun): time.sleep(0.01)
        while out.getvalue().count("inner n=1 total=1 100%") < len(ended): time.sleep(0.01)
        print("DONE", out.getvalue().count("inner n=1 total=1 100%") == len(ended))
        """,
        HEADWAY_BACKEND="plain?interval=0&percent=0",
    )

    assert (done.returncode, done.stdout) == (0, "DONE True\n"), done.stderr[-3000:]


@pytest.mark.parametrize("name", ["headway", "headway-watch"])
def test_a_report_at_the_very_beginning_of_a_thread_waits_for_nobody(name: str, run: Any) -> None:
    """The thread is not yet known by its number there, and waits neither for itself nor for one that waits for it.

    The thread that draws draws it at once.
    """
    done = run(
        f"""
        import headway, io, threading, time
        from headway.drawing import throttle
        from headway.host.daemon import Daemon
        throttle.LINGER = 0.0
        inside, out, lines, took = io.TextIOWrapper(io.BytesIO()), io.StringIO(), [], []
        count = lambda: out.getvalue().count("inner n=1 total=1 100%")
        closed = threading.Event()
        def begin(thread):
            threading.Thread._set_ident(thread)
            if thread.name == {name!r} and len(took) < 3:
                assert thread.name == "headway" or closed.wait(5)
                began = time.perf_counter()
                with headway.get_bar(1, desc="inner", file=out) as bar: bar.update()
                took.append(time.perf_counter() - began)
                lines.append(count())
        Daemon._set_ident = begin
        while len(lines) < 3:
            with headway.get_bar(1, desc="outer", file=inside) as bar: bar.update(); time.sleep(0.01)
            closed.set()
            time.sleep(0.05)
            closed.clear()
        while count() < 3: time.sleep(0.01)
        print(lines == [1, 2, 3] or {name!r} == "headway-watch", max(took) < throttle.ANSWER_WITHIN)
        """,
        HEADWAY_BACKEND="plain?interval=0&percent=0",
    )

    assert (done.returncode, done.stdout) == (0, "True True\n"), done.stderr[-3000:]


@pytest.mark.parametrize("place", ["_set_ident", *(["_delete"] if sys.version_info >= (3, 11) else [])])
def test_a_report_at_an_edge_of_a_thread_waits_for_none_that_has_yet_to_begin(place: str, run: Any) -> None:
    """The library holds a lock there that a thread needs to begin: it would not have begun before the wait is over."""
    done = run(
        f"""
        import headway, io, threading, time
        from headway.drawing import throttle
        from headway.drawing.hub import hub
        from headway.host.daemon import Daemon
        throttle.LINGER = 0.0
        inside, out, took, original = io.TextIOWrapper(io.BytesIO()), io.StringIO(), [], getattr(Daemon, {place!r})
        def at_edge(thread):
            original(thread)
            if thread.name == "headway-watch" and not took:
                while hub.throttle._thread is not None: time.sleep(0.01)
                with threading._active_limbo_lock:
                    began = time.perf_counter()
                    with headway.get_bar(1, desc="inner", file=out) as bar: bar.update()
                    took.append(time.perf_counter() - began)
        setattr(Daemon, {place!r}, at_edge)
        with headway.get_bar(1, desc="outer", file=inside) as bar:
            bar.update()
            hub.throttle._look_after()
        while "inner n=1 total=1 100%" not in out.getvalue(): time.sleep(0.01)
        print(took[0] < throttle.ANSWER_WITHIN)
        """,
        HEADWAY_BACKEND="plain?interval=0&percent=0",
    )

    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr[-3000:]


@pytest.mark.parametrize(
    "backend", ["plain?interval=0&percent=0,events?path=run.jsonl", "tqdm", "alive", "progressbar2"]
)
@pytest.mark.parametrize("place", RE_ENTRANT)
def test_reports_from_within(place: str, backend: str, run: Any) -> None:
    """Reports out of a handler, a finaliser, a widget, a metric or the stream hang nothing and lose nothing."""
    done = run(
        """
        import faulthandler, gc, headway, io, sys, time
        faulthandler.dump_traceback_later(30, exit=True)
        bar = None; seen = []; made = [0]; widgets = None; out = io.StringIO()
        gc.set_threshold(50, 2, 2)
        def inner():
            if made[0] < 20:
                made[0] += 1
                with headway.get_bar(1, desc='inner', file=out) as b: b.update()
        """
        + RE_ENTRANT[place]
        + """
        bar = headway.get_bar(desc='alpha', widgets=widgets, file=out)
        deadline = time.monotonic() + 0.6
        own = 0
        while time.monotonic() < deadline:
            bar.update(1000); own += 1; once(); bar.message(str(own))
        stop()
        bar.close()
        assert bar.n // 1000 >= own and bar.n >= own * 1000, (bar.n, own)
        assert out.getvalue()
        print('DONE')
        """,
        HEADWAY_BACKEND=backend,
        HEADWAY_INTERACTIVE="1",
    )

    assert (done.returncode, done.stdout) == (0, "DONE\n"), done.stderr[-3000:]


ENDS = {
    "open bars in daemon threads": """
        import threading, time
        def work():
            with headway.get_bar(desc='daemon') as bar:
                while True: bar.update(); time.sleep(0)
        for _ in range(8): threading.Thread(target=work, daemon=True).start()
        time.sleep(0.1)
    """,
    "loops in daemon threads": """
        import itertools, threading, time
        def work():
            for i in headway.track(itertools.count(), desc='daemon'): time.sleep(0)
        for _ in range(8): threading.Thread(target=work, daemon=True).start()
        time.sleep(0.1)
    """,
    "bars that are dropped": """
        for i in range(50): headway.get_bar(10, desc=f'dropped {i}').update()
        it = iter(headway.track(range(10), desc='left')); next(it)
        import gc
        class Cycle: pass
        cycle = Cycle(); cycle.me = cycle; cycle.bar = headway.get_bar(10, desc='cycle')
        del cycle
    """,
    "a bar in an atexit handler": """
        import atexit
        def last():
            for i in headway.track(range(10), desc='atexit'): pass
            headway.write('written at exit')
            headway.get_bar(10, desc='left open at exit').update()
        atexit.register(last)
        bar = headway.get_bar(10, desc='open'); bar.update()
    """,
    "a bar in a finaliser at the very end": """
        class Late:
            def __del__(self):
                with headway.get_bar(10, desc='late') as bar: bar.update(10)
                headway.write('late')
        import sys; sys.late = Late()
        bar = headway.get_bar(10, desc='open'); bar.update()
    """,
    "a bar in a thread that outlives the main one": """
        import threading, time
        def work():
            time.sleep(0.2)
            for i in headway.track(range(10), desc='after main'): time.sleep(0.005)
        threading.Thread(target=work).start()
    """,
}


@pytest.mark.parametrize("backend", ["plain", "tqdm", "alive", "progressbar2", "rich"])
@pytest.mark.parametrize("end", ENDS)
def test_a_program_ends_as_it_would(end: str, backend: str, run: Any) -> None:
    """However a program ends, with whatever still open, it ends: with its own status and no traceback."""
    code = "import headway\n" + textwrap.dedent(ENDS[end])
    done = run(code, HEADWAY_BACKEND=backend, HEADWAY_INTERACTIVE="1")

    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    assert "Exception" not in done.stderr, done.stderr[-3000:]


def test_a_hard_exit_is_the_programs_own(run: Any) -> None:
    """`os._exit` and `os.execv` end the program at once, with open bars or not."""
    assert run("import headway, os; headway.get_bar(10).update(); os._exit(7)").returncode == 7
    become = "os.execv(sys.executable, ['python', '-c', 'print(1)'])"
    done = run(f"import headway, os, sys; headway.get_bar(9).update(); {become}")
    assert (done.returncode, done.stdout) == (0, "1\n")


def test_dropped_bars_end_in_the_thread_that_collects_them(recorded: Recorder) -> None:
    """A bar in a cycle ends when the cycle is collected, whoever collects it."""
    cycle: list[Any] = [headway.get_bar(10, desc="alpha")]
    cycle.append(cycle)
    cycle[0].update(3)
    del cycle
    in_threads(lambda _: gc.collect(), 4)

    assert (recorded.last("alpha").state, recorded.last("alpha").n) == ("stopped", 3)
