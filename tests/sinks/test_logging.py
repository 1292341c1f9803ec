"""Records of the program's own `logging`."""

import io
import json
import logging
import math
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

import headway
from headway.events.schema import from_event, to_event
from headway.sink import Context
from headway.sinks import logging as sink_module
from headway.sinks.logging import LoggingSink, message
from headway.snapshot import Reading, Snapshot, Workers
from headway.testing import Screen, run_in_terminal
from logs import Log

BAR = Snapshot(1, desc="train", unit="batch", total=1000)
HALF = BAR._replace(n=450, elapsed=30.4, eta=37.9, rate=15.0, metrics={"loss": Reading(0.123, "0.123")})
NAN = {"loss": Reading(math.nan, "NAN", " since 450", since=450)}


@pytest.mark.parametrize(
    ("snapshot", "text"),
    [
        (HALF, "train: 45% 450/1000 batches, 00:30 elapsed, 00:37 left, 15.0 batches/s, loss 0.123"),
        (BAR, "train: 0% 0/1000 batches, 00:00 elapsed"),
        (BAR._replace(n=1, total=None), "train: 1 batch, 00:00 elapsed"),
        (BAR._replace(n=2, total=None, unit="it", rate=0.5), "train: 2 items, 00:00 elapsed, 2.00s/it"),
        (BAR._replace(n=0, total=0), "train: 100% 0/0 batches, 00:00 elapsed"),
        (BAR._replace(n=1200, estimated=True), "train: 120% 1200/~1000 batches (over), 00:00 elapsed"),
        (BAR._replace(paused=True), "train: paused, 0% 0/1000 batches, 00:00 elapsed"),
        (BAR._replace(stalled=200.0), "train: stalled 03:20, 0% 0/1000 batches, 00:00 elapsed"),
        (BAR._replace(metrics=NAN), "train: 0% 0/1000 batches, 00:00 elapsed, loss NAN since 450"),
        (
            BAR._replace(phase="validate", message="step 100%s", workers=Workers(8, 0.12)),
            "train validate: 0% 0/1000 batches, 8 workers, slowest 12%, 00:00 elapsed, step 100%s",
        ),
        (
            HALF._replace(state="failed", reason="ValueError: out of ink", rate=None, metrics={}),
            "train: FAILED, 45% 450/1000 batches, 00:30 elapsed, ValueError: out of ink",
        ),
        (BAR._replace(state="finished", n=1000), "train: finished, 100% 1000/1000 batches, 00:00 elapsed"),
        (BAR._replace(state="interrupted", desc=""), "bar 1: interrupted, 0% 0/1000 batches, 00:00 elapsed"),
        (BAR._replace(state="stopped", desc="", name="lib.x"), "lib.x: stopped, 0% 0/1000 batches, 00:00 elapsed"),
    ],
)
def test_messages(snapshot: Snapshot, text: str) -> None:
    """A message is one line that a person reads."""
    assert message(snapshot) == text


@pytest.fixture
def log() -> Iterator[Log]:
    """What the logger `headway` gets."""
    log = Log()
    yield log
    log.undo()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time by the sink's clock, in a list of one."""
    now = [1000.0]
    monkeypatch.setattr("headway.news.monotonic", lambda: now[0])
    return now


def sink(**options: Any) -> LoggingSink:
    """Make a sink whose bar is open."""
    made = LoggingSink(Context(None, options))  # type: ignore[arg-type]
    made.open(BAR)
    return made


# ── when there is a record ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_record_for_each_interval(log: Log) -> None:
    """There is one for the first report, one for each minute, and one for the last."""
    shown = sink()
    for second in range(1, 150):
        shown.update(BAR._replace(elapsed=float(second), n=second))
    shown.close(BAR._replace(elapsed=150.0, n=1000, state="finished"))

    assert log.told() == [
        ("INFO", "train: 0% 0/1000"),
        ("INFO", "train: 6% 60/1000"),
        ("INFO", "train: 12% 120/1000"),
        ("INFO", "train: finished, 100% 1000/1000"),
    ]


def test_the_options_are_heeded() -> None:
    """Logger, level and interval are those that were asked for."""
    log = Log("a.train")
    try:
        shown = sink(logger="a.train", level=logging.DEBUG, interval=5.0)
        shown.update(BAR._replace(elapsed=5.0, n=5))
        shown.update(BAR._replace(elapsed=9.9, n=9, stalled=4.0))
    finally:
        log.undo()

    assert log.told() == [
        ("DEBUG", "train: 0% 0/1000"), ("DEBUG", "train: 0% 5/1000"), ("INFO", "train: stalled 00:04, 0% 9/1000"),
    ]  # fmt: skip
    assert {record.name for record in log.records} == {"a.train"}


@pytest.mark.parametrize(
    ("change", "level"),
    [({"stalled": 30.0}, "WARNING"), ({"metrics": NAN}, "WARNING"), ({"phase": "validate"}, "INFO")],
)
def test_news_is_told_at_once(change: dict[str, Any], level: str, log: Log, time: list[float]) -> None:
    """A stall, a metric that is no number, and another phase wait for no interval; each is told once."""
    shown = sink()
    shown.update(BAR._replace(elapsed=1.0, n=1))
    shown.update(BAR._replace(elapsed=2.0, n=2, **change))
    time[0] += 30
    shown.update(BAR._replace(elapsed=32.0, n=3, **change))

    assert [name for name, _ in log.told()] == ["INFO", level]


def test_news_that_alternates_is_rationed(log: Log, time: list[float]) -> None:
    """A phase of half a second is worth no record of its own, and the last one is told in the end."""
    shown = sink()
    for i in range(21):
        time[0] += 0.5
        shown.update(BAR._replace(elapsed=i / 2, n=i, phase=("train", "validate")[i % 2]))
    time[0] += 5
    shown.update(BAR._replace(elapsed=20.0, n=20, phase="checkpoint"))

    assert 3 <= len(log.records) <= 5
    assert log.told()[-1] == ("INFO", "train checkpoint: 2% 20/1000")


def test_a_failure_is_a_warning(log: Log) -> None:
    """What went wrong is found by its level."""
    shown = sink()
    shown.close(BAR._replace(n=4, state="failed", reason="ValueError"))
    interrupted = sink(level=logging.CRITICAL)
    interrupted.close(BAR._replace(n=4, state="failed"))

    assert [level for level, _ in log.told()] == ["INFO", "WARNING", "CRITICAL", "CRITICAL"]


def test_bars_inside_share_the_interval(log: Log, time: list[float]) -> None:
    """A search that fits a thousand times fills no log, but a fit that fails is in it."""
    shown = sink()
    for i in range(2, 1002):
        time[0] += 0.1
        inner = BAR._replace(id=i, parent=1, leave=False, desc=f"fit {i}")
        shown.open(inner)
        shown.update(inner._replace(n=1, elapsed=0.05, phase="validate"))
        shown.close(inner._replace(n=3, elapsed=0.1, state="failed" if i == 1000 else "finished"))

    assert [text.partition(":")[0] for _, text in log.told()] == [
        "train", "fit 602", "fit 602 validate", "fit 602", "fit 1000",
    ]  # fmt: skip


def test_a_bar_that_starts_over_waits_anew(log: Log) -> None:
    """After `reset` the interval counts from the new start."""
    shown = sink()
    for elapsed in (70.0, 1.0, 60.0, 61.0):
        shown.update(BAR._replace(elapsed=elapsed))

    assert len(log.records) == 3


# ── what a record is ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_record_has_the_fields_of_an_event(log: Log) -> None:
    """One attribute is a plain dictionary for formatters; it is what an event file has."""
    shown = sink()
    shown.close(HALF._replace(state="failed", reason="100 %s"))

    (first, last) = log.records
    assert vars(last)["headway"] == json.loads(json.dumps(to_event(HALF._replace(state="failed", reason="100 %s"))))
    assert from_event(vars(first)["headway"]) == BAR
    assert last.getMessage().endswith("loss 0.123, 100 %s")
    assert logging.Formatter("%(pathname)s %(lineno)d %(module)s %(message)s").format(first).startswith("(headway) 0")


def test_written_text_is_a_record(log: Log) -> None:
    """`headway.write` goes to the log, without control characters."""
    with headway.get_bar(1, backend="logging", file=io.StringIO()) as bar:
        bar.write("\x1b[31mred\x1b[0m 100%s")

    assert [record.getMessage() for record in log.records][1] == "red 100%s"


def test_a_logger_that_wants_nothing_costs_nothing(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the level is filtered no message is made; trouble passes if its own level does."""
    monkeypatch.setattr(sink_module, "message", lambda s: made.append(s) or "made")
    made: list[Snapshot] = []
    log.logger.setLevel(logging.WARNING)
    shown = sink(interval=0.0)
    shown.update(BAR._replace(elapsed=1.0))
    shown.write("text")
    assert made == log.records == []
    shown.close(BAR._replace(elapsed=2.0, state="failed"))

    assert log.told() == [("WARNING", "made")]


@pytest.mark.parametrize(
    ("query", "level"), [("level=warning", 30), ("level=25", 25), ("level=INFO&logger=x.y", 20), ("interval=0", None)]
)
def test_options(query: str, level: int | None) -> None:
    """A level is a name or a number."""
    (choice,) = headway.choosing.selection.decide(io.StringIO(), argument=f"logging?{query}").choices

    assert choice.sink_options.get("level") == level


@pytest.mark.parametrize(
    "wrong", [{"level": "LOUD"}, {"level": 0}, {"level": True and "NOTSET"}, {"interval": -1}, {"logger": 3}]
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """A level that there is not, and the like, are told of where they were written."""
    with pytest.raises(headway.BackendOptionError, match=f"option '{next(iter(wrong))}'"):
        headway.get_bar(1, backend="logging", options={"logging": wrong})


# ── programs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_program_logs_json(run: Any) -> None:
    """A formatter for JSON has all fields."""
    done = run(
        """
        import json, logging, sys
        class Json(logging.Formatter):
            def format(self, record):
                return json.dumps({"at": record.levelname, "say": record.getMessage(), **record.headway})
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(Json())
        logging.getLogger("train").addHandler(handler)
        logging.getLogger("train").setLevel("DEBUG")
        import headway
        with headway.get_bar(10, desc="work") as bar:
            bar.update(4)
            raise ValueError("out of ink")
        """,
        HEADWAY_BACKEND="logging?logger=train&level=DEBUG",
    )
    first, last = map(json.loads, done.stdout.splitlines())

    assert (first["at"], first["n"], first["total"], first["state"]) == ("DEBUG", 0, 10, "running")
    assert (last["at"], last["n"], last["reason"]) == ("INFO", 4, "ValueError: out of ink")
    assert last["say"].startswith("work: FAILED, 40% 4/10 items, 00:00 elapsed")
    assert "HeadwayWarning" not in done.stderr


def test_a_program_that_does_not_choose_it_does_not_load_logging(run: Any) -> None:
    """No module of these sinks is imported unless it was chosen."""
    done = run(
        "import headway, sys; headway.get_bar(1, backend='plain').close(); "
        "print([m for m in sys.modules if m in ('logging', 'headway.sinks.logging', 'headway.sinks.spoken')])"
    )

    assert done.stdout == "[]\n"


def terminal(code: str, **env: str) -> Screen:
    """Run a program on a terminal, with tqdm's row on it."""
    screen = run_in_terminal(
        "import headway, logging, sys, time\n"
        "logging.basicConfig(format='%(levelname)s %(name)s %(message)s', level='INFO')\n" + code,
        env={"HEADWAY_BACKEND": "tqdm,logging", **env},
        columns=120,
    )

    assert screen.status == 0, str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


with_rows = pytest.mark.skipif(not find_spec("headway_tqdm"), reason="no renderer is installed that draws rows")


@with_rows
@pytest.mark.parametrize("threads", ["0", "1"])
@pytest.mark.parametrize("backend", ["tqdm,logging", "logging,tqdm"])
def test_records_stand_above_the_rows(threads: str, backend: str) -> None:
    """Records are whole lines, in the order of what the program logs itself, and the row is whole."""
    screen = terminal(
        "for i in headway.track(range(3), desc='work'): logging.info('line %d', i)",
        HEADWAY_THREADS=threads,
        HEADWAY_BACKEND=backend,
    )
    rows = screen.rows

    assert rows[0] == "INFO headway work: 0% 0/3 items, 00:00 elapsed", str(screen)
    assert rows[1:4] == [f"INFO root line {i}" for i in range(3)], str(screen)
    assert [row.partition("|")[0].partition(", 00")[0] for row in rows[4:]] == [
        "work: 100%", "INFO headway work: finished, 100% 3/3 items",
    ], str(screen)  # fmt: skip


@with_rows
def test_threads_that_log_at_once_hold_nobody_up() -> None:
    """Records of bars and of threads that never stop logging are whole, and nobody waits for a handler for long."""
    screen = terminal(
        """
import threading
over = threading.Event()
def chat(k):
    for i in range(100_000):
        if over.is_set(): break
        logging.info('thread %d %d', k, i)
threads = [threading.Thread(target=chat, args=(k,)) for k in range(4)]
slowest = 0.0
for i in headway.track(range(30), desc='work'):
    if not i:
        for thread in threads: thread.start()
    start = time.perf_counter()
    headway.get_bar(1, desc=f'inner {i}', leave=True).close()
    slowest = max(slowest, time.perf_counter() - start)
over.set()
for thread in threads: thread.join()
print('slowest', 'below' if slowest < 0.9 else slowest)
"""
    )
    logged = [row for row in screen.rows if row.startswith("INFO headway inner")]

    assert "slowest below" in screen.rows, str(screen)[-2000:]
    assert len(logged) == 60
    assert [row for row in screen.rows if not row.startswith(("INFO ", "inner ", "work: 100%", "slowest"))] == []


class Fragile(logging.Handler):
    """Raises what `logging` does not contain."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise."""
        raise ArithmeticError("of the handler")


def test_a_handler_that_raises_is_told_of_once(log: Log) -> None:
    """The program and the display go on."""
    fragile = Fragile()
    log.logger.addHandler(fragile)
    try:
        with pytest.warns(
            headway.HeadwayWarning, match="handler of the logger 'headway' raised ArithmeticError"
        ) as told:
            for _ in headway.track(range(3)):
                with headway.get_bar(1, backend="logging", leave=True, file=io.StringIO()):
                    pass
    finally:
        log.logger.removeHandler(fragile)

    assert len(told) == 1
    assert len(log.records) == 6


class Echo(logging.Handler):
    """Shows records by headway itself."""

    def __init__(self, *, with_a_bar: bool) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.with_a_bar = with_a_bar

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record above the bars."""
        self.seen.append(record.getMessage())
        headway.write(record.getMessage())
        if self.with_a_bar:
            headway.get_bar(1, backend="logging", file=io.StringIO()).close()


@pytest.mark.parametrize("of_the_program", [False, True])
def test_a_handler_that_uses_headway_is_not_called_for_itself(log: Log, until: Any, of_the_program: bool) -> None:
    """A record that a handler writes above the bars gives rise to no record without end."""
    echo = Echo(with_a_bar=not of_the_program)
    log.logger.addHandler(echo)
    try:
        with headway.get_bar(1, desc="a", backend="logging", file=io.StringIO()):
            if of_the_program:
                logging.getLogger("headway.mine").info("of the program")
        until(lambda: len(echo.seen) >= (4 if of_the_program else 2))
    finally:
        log.logger.removeHandler(echo)

    assert len(echo.seen) == (4 if of_the_program else 2), echo.seen
