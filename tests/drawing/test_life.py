"""The life of sinks: each is made once, is used by all bars, and is told the end once, whichever way the process ends."""

import io
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.drawing.hub import hub
from headway.sink import Context, PerBar

TOLD = '''
    import os, sys
    from headway.sink import PerBar
    from headway.host.environment import terminal_of
    class Told(PerBar):
        """Keeps in a file what it is told, with its process."""
        draws = {draws!r}
        interval = 0.01
        def __init__(self, context): self.tell("made")
        def tell(self, what):
            with open({path!r}, "a") as file: file.write(f"{{what}}\\n")
        def open(self, snapshot): self.tell(f"open {{snapshot.desc}}")
        def close(self, snapshot): self.tell(f"close {{snapshot.desc}} {{snapshot.state}}")
        def write(self, text): self.tell(f"write {{text}}")
        def stop(self, within): self.tell(f"stop {{0 < within <= 5}}")
'''
Program = Callable[..., list[str]]


@pytest.fixture(params=["lines", "nothing"])
def told(request: pytest.FixtureRequest, tmp_path: Path, run: Any) -> Program:
    """Run a program whose bars are shown by a sink that keeps what it is told, and return that."""

    def told(code: str, *, status: int = 0, **env: str) -> list[str]:
        path = tmp_path / "told"
        path.write_text("")
        (tmp_path / "told_sink.py").write_text(textwrap.dedent(TOLD.format(path=str(path), draws=request.param)))
        done = run(code, **{"HEADWAY_BACKEND": "./told_sink.py", **env})
        assert done.returncode == status, done.stderr
        return path.read_text().splitlines()

    return told


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("", 0),
        ("import time; time.sleep(1.0)", 0),
        ("sys.exit(3)", 3),
        ("1 / 0", 1),
        ("import _thread; _thread.interrupt_main()", -2),
    ],
    ids=["normal", "long after", "sys.exit", "exception", "Ctrl-C"],
)
def test_one_sink_shows_all_bars_and_is_told_the_end_once(told: Program, end: str, status: int) -> None:
    """Loops one after the other share a sink; however the program ends, the sink hears of it last."""
    lines = told(
        f"""
        import headway, sys
        for desc in "abc":
            for _ in headway.track(range(3), desc=desc): pass
        {end}
        """,
        status=status,
    )

    assert lines[0] == "made"
    assert [line for line in lines if line.startswith(("made", "stop"))] == ["made", "stop True"]
    assert [line for line in lines if line.startswith("close")] == [f"close {desc} finished" for desc in "abc"]
    assert lines[-1] == "stop True"


def test_the_end_comes_before_the_exit_handlers_of_a_library_that_the_sink_loads(told: Program) -> None:
    """A drawing library that cleans up at the exit does so after the sink's last call."""
    lines = told(
        """
        import atexit, headway
        from headway.drawing.hub import hub
        def load(sink, renderer):
            atexit.register(lambda: sink.tell("library ends"))
            return sink
        hub.outlets.maker.wrap = load
        for _ in headway.track(range(3), desc="a"): pass
        """
    )

    assert lines[-2:] == ["stop True", "library ends"]


@pytest.mark.parametrize(
    ("handler", "status", "state"),
    [("", -15, "interrupted"), ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))", 143, "stopped")],
    ids=["default", "of the program"],
)
def test_sigterm_is_an_end(told: Program, handler: str, status: int, state: str) -> None:
    """A program that SIGTERM ends, with a bar open or none, has told its sinks; the signal ends it as it would have."""
    for bars in ('headway.get_bar(3, desc="a").close(); ', 'bar = headway.get_bar(3, desc="a"); '):
        kill = "os.kill(os.getpid(), signal.SIGTERM); import time; time.sleep(10)"
        lines = told(f"import headway, os, signal, sys\n{handler}\n{bars}{kill}", status=status)

        ended = "stopped" if "close()" in bars else state
        assert lines[-2:] == [f"close a {ended}", "stop True"], lines


def test_sigterm_is_given_back_with_the_last_sink_that_waits_for_the_end(told: Program) -> None:
    """Nothing of the signal is held for plain lines, nor after a block whose sink has ended."""
    code = """
        import headway, signal
        def held(): return signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        with headway.use("./told_sink.py"):
            headway.get_bar(1).close()
            during = held()
        headway.get_bar(1).close()
        with open("told", "a") as file: file.write(f"{during} {held()}")
    """

    assert told(code, HEADWAY_BACKEND="")[-1] == "True False"


@pytest.mark.parametrize("loaded", ["before", "when it is made", "with the first bar"])
def test_a_sink_may_use_an_executor_for_all_that_waits(
    told: Program, request: pytest.FixtureRequest, loaded: str
) -> None:
    """Executors are closed before the exit handlers; what the sink has yet to be told, it is told before."""
    load = "from concurrent.futures import ThreadPoolExecutor as Executor"
    lines = told(
        f"""
        import sys, time
        {load if loaded == "before" else ""}
        import headway
        from headway.sink import Renderer
        executors = []
        def executor():
            {load}
            if not executors: executors.append(Executor())
            return executors[0]
        class Slow:
            def __init__(self, sink):
                self._sink = sink
                {"executor()" if loaded == "when it is made" else "pass"}
            def frame(self, frame):
                executor().submit(time.sleep, 0.05).result()
                self._sink.frame(frame)
            def __getattr__(self, name): return getattr(self._sink, name)
        with open("told_sink.py") as file: exec(file.read())
        def make(context): return Slow(Told(context))
        headway.use(Renderer(make, protocol=2, draws=Told.draws, interval=0.01))
        for i in range(20):
            with headway.get_bar(1, desc=f"b{{i}}"): pass
        """,
        HEADWAY_BACKEND="",
    )

    assert [line for line in lines if line.startswith("close")] == [f"close b{i} stopped" for i in range(20)]
    assert lines[-1] == "stop True"


def test_a_worker_of_a_pool_tells_its_sinks_the_end(told: Program) -> None:
    """A process of `multiprocessing` runs no exit handlers of `atexit`; its sinks are told all the same."""
    lines = told(
        """
        import multiprocessing, os
        def work(i):
            import headway
            for _ in headway.track(range(3), desc=f"w{i}"): pass
        if __name__ == "__main__":
            context = multiprocessing.get_context("fork")
            with context.Pool(1) as pool:
                pool.map(work, range(2))
                pool.close()
                pool.join()
        """,
        HEADWAY_RELAY="off",
    )

    assert lines[0] == "made"
    assert lines.count("made") == lines.count("stop True") == 1, lines
    assert lines[-1] == "stop True"


def test_a_renderer_that_hangs_at_the_exit_keeps_the_end_from_no_other(tmp_path: Path, run: Any) -> None:
    """A sink that draws nothing is told the ends of all bars, and its own, though the thread that draws hangs."""
    path = tmp_path / "told"
    (tmp_path / "told_sink.py").write_text(textwrap.dedent(TOLD.format(path=str(path), draws="nothing")))
    hanging = """
        import time
        from headway.sink import PerBar
        class Hanging(PerBar):
            draws = "lines"
            def __init__(self, context): pass
            def close(self, snapshot): time.sleep(60)
    """
    (tmp_path / "hanging.py").write_text(textwrap.dedent(hanging))
    began = time.monotonic()
    done = run("import headway; bar = headway.get_bar(3, desc='a')", HEADWAY_BACKEND="./hanging.py,./told_sink.py")

    assert done.returncode == 0, done.stderr
    assert path.read_text().splitlines() == ["made", "open a", "close a stopped", "stop True"]
    assert time.monotonic() - began < 20


def test_the_child_of_a_fork_calls_no_sink_of_its_parent(told: Program) -> None:
    """The parent's sinks belong to the parent."""
    lines = told(
        """
        import headway, os, sys
        bar = headway.get_bar(3, desc="a")
        child = os.fork()
        if not child: sys.exit()
        os.waitpid(child, 0)
        bar.update(3); bar.close()
        """
    )

    assert lines == ["made", "open a", "close a finished", "stop True"]


class Kept(PerBar):
    """Counts the ends that it is told."""

    draws = "lines"
    all: list["Kept"] = []  # noqa: RUF012

    def __init__(self, _context: Context) -> None:
        self.stops = 0
        self.all.append(self)

    def stop(self, within: float) -> None:
        """Count."""
        self.stops += 1


@pytest.fixture
def kept() -> type[Kept]:
    """A class of sinks that have not been made yet."""
    Kept.all.clear()
    return Kept


def test_a_use_block_ends_its_sinks(kept: type[Kept]) -> None:
    """At the end of the block the sink is told the end; one whose bar is still open, with that bar."""
    with headway.use(kept):
        for _ in range(3):
            list(headway.track(range(3)))
        assert [sink.stops for sink in kept.all] == [0]
    assert [sink.stops for sink in kept.all] == [1]

    with headway.use(kept):
        bar = headway.get_bar(3)
    assert [sink.stops for sink in kept.all] == [1, 0]
    bar.close()
    assert [sink.stops for sink in kept.all] == [1, 1]


def test_a_sink_ends_with_a_stream_of_its_own(kept: type[Kept]) -> None:
    """A sink on a stream that is not the program's standard output or error ends with its last bar there."""
    for _ in range(3):
        list(headway.track(range(3), backend=kept, file=io.StringIO()))

    assert [sink.stops for sink in kept.all] == [1, 1, 1]
    assert not [*hub.outlets]


def test_options_and_the_interval_tell_sinks_apart(tmp_path: Path) -> None:
    """Bars with other options of the sink, or another interval, have another sink; the look of a bar does not matter."""
    made: list[Context] = []

    class Counted(PerBar):
        draws = "lines"
        options = {"size": int}  # noqa: RUF012
        look = {"colour": str}  # noqa: RUF012

        def __init__(self, context: Context) -> None:
            made.append(context)

    for query in ({"size": 1}, {"size": 1, "colour": "red"}, {"size": 2}, {"size": 2, "interval": 5}):
        with headway.use(Counted, **query):
            pass
    scope = headway.use(Counted, size=1)
    bars = [headway.get_bar(1, options={}) for _ in range(3)]
    for bar in bars:
        bar.close()
    headway.use(None)

    assert [context.options for context in made] == [{"size": 1}]
    assert scope is not None


def test_a_sink_that_has_ended_cannot_be_used_again() -> None:
    """A sink object has one life; its class makes a new one."""
    sink = Kept(Context(io.StringIO()))  # type: ignore[arg-type]
    with headway.use(sink):
        list(headway.track(range(3)))

    assert sink.stops == 1
    with pytest.raises(ValueError, match="has ended: make a new one, or give its class"):
        headway.use(sink)


def test_the_end_of_a_slow_sink_is_waited_for_within_its_time(run: Any) -> None:
    """A sink that does not end holds the process up for its time, which is cut short here, not longer."""
    code = """
        import headway, time
        from headway.drawing import outlets
        from headway.sink import PerBar
        outlets.STOP_WITHIN = 0.5
        class Slow(PerBar):
            draws = "nothing"
            def __init__(self, context): pass
            def stop(self, within): time.sleep(60)
        with headway.use(Slow):
            for _ in headway.track(range(3)): pass
        print("over", flush=True)
    """
    began = time.monotonic()
    done = run(code)

    assert done.stdout == "over\n", done.stderr
    assert time.monotonic() - began < 20
