"""Metrics cost nothing until a frame is drawn, and whatever they do, the loop goes on."""

import gc
import io
import json
import math
import pickle
import threading
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import headway
from headway.errors import HeadwayWarning
from headway.reporting.metric import Metric
from headway.reporting.metrics import Metrics
from headway.snapshot import Reading
from headway.testing import Recorder


class DeviceTensor:
    """Behaves like a scalar on a device: reading it is a synchronisation, and is counted."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.requires_grad = True
        self.reads = 0
        self.detached = 0

    def detach(self) -> "DeviceTensor":
        self.detached += 1
        return self

    def item(self) -> float:
        self.reads += 1
        return self.value

    __float__ = item


def test_reporting_reads_nothing(recorded: Recorder) -> None:
    """A thousand reports of one tensor let go of its graph each time, and read it for the frames only."""
    loss = DeviceTensor(0.5)
    with headway.get_bar(1000, desc="a") as bar:
        for _ in range(1000):
            bar.metrics(loss=loss)
            bar.update()
        bar.rate, bar.eta

    assert loss.detached == 1000
    assert loss.reads <= 3
    assert recorded.last("a").metrics["loss"].value == 0.5


def test_a_mapping_gives_names_that_are_no_keywords(recorded: Recorder) -> None:
    """A mapping is reported beside keywords, which win, under any name, that of the parameter included."""
    with headway.get_bar(3, desc="a") as bar:
        bar.metrics({"val/loss": 1, "lr": 2, "values": 3}, lr=4, named=5)
        bar.metrics(MappingProxyType({"self": 6}))
        bar.metrics(values=7)
        bar.update(3)

    values = {name: reading.value for name, reading in recorded.last("a").metrics.items()}
    assert values == {"val/loss": 1, "lr": 4, "values": 7, "named": 5, "self": 6}


@pytest.mark.parametrize("wrong", [None, 0.5, [("loss", 1)], "loss", {"loss"}])
def test_what_is_no_mapping_is_refused(wrong: Any, recorded: Recorder) -> None:
    """Anything else in its place raises, with an example of what is right."""
    with headway.get_bar(1, desc="a") as bar:
        with pytest.raises(TypeError, match="takes a mapping of names to values, as in {'val/loss': 0.5}, or keywords"):
            bar.metrics(wrong, lr=1)
        with pytest.raises(TypeError, match="takes names that are texts, as in {'val/loss': 0.5}, not 1"):
            bar.metrics({"a": 0, 1: 2})
        bar.update()

    assert not recorded.last("a").metrics


def test_a_value_is_read_once_for_each_drawn_frame(tmp_path: Path) -> None:
    """However many sinks draw a frame, a value is read once for it."""
    loss, path = DeviceTensor(0.5), tmp_path / "events.jsonl"
    with headway.get_bar(10, backend=f"plain,events?path={path}", file=io.StringIO()) as bar:
        bar.metrics(loss=loss)
        bar.update(10)
    events = [json.loads(line) for line in path.read_text().splitlines()]

    assert loss.reads <= len(events)


def test_with_progress_off_nothing_is_ever_read() -> None:
    """With progress off no value is read, also when the program asks for rate and remaining time."""
    loss = DeviceTensor(0.5)
    with headway.get_bar(10, backend="off") as bar:
        bar.metrics(loss=loss)
        bar.update(5)
        bar.rate, bar.eta, bar.elapsed

    assert loss.reads == 0


def resolve(name: str, value: Any) -> Reading:
    """Report one value and read it."""
    metrics = Metrics()
    metrics.report({name: value}, 0)
    return metrics.read()[name]


@pytest.mark.parametrize(
    ("value", "number", "text"),
    [
        (0.123456, 0.123456, "0.1235"),
        (3e-5, 3e-5, "3.0e-05"),
        (7, 7, "7"),
        (True, True, "True"),
        (lambda: 0.25, 0.25, "0.2500"),
        (DeviceTensor(0.5), 0.5, "0.5000"),
        ("warming\nup", "warming up", "warming up"),
        (float("inf"), float("inf"), "INF"),
    ],
)
def test_values_of_many_kinds(value: Any, number: Any, text: str) -> None:
    """Numbers, scalars of other libraries, callables and short texts are shown."""
    metric = resolve("a", value)

    assert (number, text) == (metric.value, metric.text)


def raising() -> float:
    raise RuntimeError("no ink")


@pytest.mark.parametrize("value", [raising, object(), [object(), 2]])
def test_a_value_that_cannot_be_read_shows_a_mark(value: Any) -> None:
    """What cannot be read shows as a question mark and warns once, with the metric's name."""
    with pytest.warns(headway.HeadwayWarning, match="The metric 'a' could not be read"):
        metric = resolve("a", value)
    again = resolve("a", value)

    assert "?" == metric.text == again.text


def test_a_metric_that_raises_does_not_reach_the_loop(recorded: Recorder) -> None:
    """The loop goes on, and the other metrics are shown."""
    with pytest.warns(headway.HeadwayWarning), headway.get_bar(3, desc="a") as bar:
        bar.metrics(bad=raising, good=1.0)
        bar.update(3)

    assert tuple(metric.text for metric in recorded.last("a").metrics.values()) == ("?", "1.000")


# ── how they are to be shown ─────────────────────────────────────────────────────────────────────────────────────────


def read(metric: Metric, *values: Any, final: bool = False) -> Reading:
    """Report one value after the other, read each, and return what the last one reads as."""
    metrics = Metrics([metric])
    for i, value in enumerate(values):
        metrics.report({metric.name: value}, i + 1)
        metrics.read()
    return metrics.read(final=final)[metric.name]


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("", 0.9731, "0.9731"),
        (".1%", 0.9731, "97.3%"),
        (".2f", 3.14159, "3.14"),
        (".0f", 7, "7"),
        (".2f", math.nan, "NAN"),
    ],
)
def test_a_format_of_ones_own(form: str, value: float, text: str) -> None:
    """A metric may have a format; what is no finite number stands out in any."""
    assert text == read(Metric("a", format=form), value).text


def test_metrics_stand_in_the_order_that_was_asked_for() -> None:
    """Those that were asked for come first, then the others as they were first reported."""
    metrics = Metrics(["accuracy", Metric("loss")])
    metrics.report({"x": 1, "loss": 2.0}, 0)
    metrics.report({"accuracy": 3.0}, 0)

    assert list(metrics.read()) == ["accuracy", "loss", "x"]


def test_a_row_does_not_jump() -> None:
    """The width of a metric grows with its text and never shrinks; numbers have room for four digits from the start."""
    metrics, widths = Metrics(), []
    for value in (0.5, 3e-5, 12.5, 1.2345e-7, 1.0):
        metrics.report({"lr": value}, 0)
        widths.append(metrics.read()["lr"].columns)

    assert widths == [6, 7, 7, 9, 9]


@pytest.mark.parametrize(
    ("side", "values", "best", "at"), [("min", (3.0, 1.0, 2.0), 1.0, 2), ("max", (3.0, 1.0, 2.0), 3.0, 1)]
)
def test_the_best_value_is_known(side: Any, values: tuple[float, ...], best: float, at: int) -> None:
    """The best value and the count at which it was reported are kept."""
    reading = read(Metric("a", best=side), *values)

    assert (best, at) == (reading.best, reading.best_at)


def test_the_best_value_so_far_is_marked() -> None:
    """A star stands behind the best value so far; there is room for it behind any other, so that the row does not jump."""
    assert [read(Metric("a", best="min"), *values).mark for values in ((3.0,), (3.0, 1.0), (3.0, 1.0, 2.0))] == [
        "*", "*", "",
    ]  # fmt: skip
    assert read(Metric("a"), 3.0).mark == ""
    assert [read(Metric("a", best=side), 3.0).columns for side in ("", "min")] == [6, 7]  # type: ignore[arg-type]


def test_every_python_number_counts_for_the_best_value() -> None:
    """Of numbers that Python has anyway none is missed, also when no frame showed it."""
    metrics = Metrics([Metric("a", best="max")])
    for i, value in enumerate((1.0, 9.0, 2.0)):
        metrics.report({"a": value}, i)
    reading = metrics.read()["a"]

    assert (reading.best, reading.best_at, reading.value) == (9.0, 1, 2.0)


def test_the_last_frame_has_a_summary(recorded: Recorder) -> None:
    """The last frame says first and best value, and at which count that was."""
    with headway.get_bar(3, desc="a", metrics=[Metric("loss", best="min"), Metric("lr", summary=True), "n"]) as bar:
        for loss in (3.0, 1.0, 2.0):
            bar.metrics(loss=loss, lr=0.5, n=1)
            bar.update()

    marks = {name: reading.mark for name, reading in recorded.last("a").metrics.items()}
    assert marks == {"loss": " (first 3.000, best 1.000 at 1)", "lr": " (first 0.5000)", "n": ""}


def test_an_item_in_hand_counts_for_the_place_of_the_best_value(recorded: Recorder) -> None:
    """What is reported in the body of the second item is at 2."""
    track = headway.track(range(5), desc="a", metrics=[Metric("loss", best="min")])
    for i in track:
        track.bar.metrics(loss=abs(i - 1))

    assert recorded.last("a").metrics["loss"].best_at == 2


def test_smoothing_is_by_units_not_by_frames() -> None:
    """The mean moves by the units that passed, however often it was read."""
    often = read(Metric("a", smooth=10.0), *(float(i > 0) for i in range(11)))
    metrics = Metrics([Metric("a", smooth=10.0)])
    metrics.report({"a": lambda: 0.0}, 1)
    metrics.read()
    metrics.report({"a": lambda: 1.0}, 11)
    seldom = metrics.read()["a"]

    assert often.text == seldom.text == f"{1 - math.exp(-1):#.4g}"
    assert often.value == 1.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_loud(bad: float) -> None:
    """NaN and infinity stand in capitals with the count since when, harm neither best nor mean, and pass."""
    metric = Metric("a", best="min", smooth=5.0)
    during, after = read(metric, 1.0, bad, bad), read(metric, 1.0, bad, 1.0)

    assert (str(bad).upper(), " since 2", 2) == (during.text, during.mark, during.since)
    assert (after.text, after.since, after.best) == ("1.000", None, 1.0)


def test_a_python_number_that_is_not_finite_is_known_from_its_report_on() -> None:
    """The count since when a Python number is NaN is exact, however seldom frames are drawn."""
    metrics = Metrics()
    for i, value in enumerate((1.0, math.nan, math.nan, math.inf)):
        metrics.report({"a": value}, i)

    assert metrics.read()["a"].since == 1


def test_a_course_is_kept_in_a_few_values() -> None:
    """However long the run, its course is a handful of values, from early ones to the latest."""
    metrics = Metrics()
    for i in range(10_000):
        metrics.report({"a": float(i)}, i)
        metrics.read()
    history = metrics.read()["a"].history

    assert 8 <= len(history) <= 16
    assert list(history) == sorted(history)
    assert history[-1] - history[0] > 5000


@pytest.mark.parametrize(
    ("about", "error", "match"),
    [
        ({"format": "q"}, ValueError, "cannot be formatted with 'q'"),
        ({"best": "up"}, ValueError, "must be 'min' or 'max', not 'up'"),
        ({"smooth": -1.0}, ValueError, "smooth of the metric 'a' must "),
        ({"smooth": math.inf}, ValueError, "smooth of the metric 'a' must "),
        ({"priority": "high"}, TypeError, "must be a whole number"),
        ({"name": 5}, TypeError, "name of a Metric must be text"),
    ],
)
def test_mistakes_are_told_when_a_metric_is_described(about: Any, error: type[Exception], match: str) -> None:
    """A wrong format, side or number raises where it is written."""
    with pytest.raises(error, match=match):
        Metric(**{"name": "a", **about})


def test_a_metric_is_a_value() -> None:
    """Metrics that say the same are equal, can be keys, are written as they are made, and travel to other processes."""
    metric = Metric("loss", ".2f", 5, "min", priority=3)

    assert metric == Metric(name="loss", format=".2f", smooth=5.0, best="min", priority=3) != Metric("loss")
    assert len({metric, Metric("loss", ".2f", 5, "min", priority=3)}) == 1
    assert eval(repr(metric)) == metric == pickle.loads(pickle.dumps(metric))  # a text of its own


@pytest.mark.parametrize("change", [lambda metric: setattr(metric, "best", "max"), lambda m: delattr(m, "best")])
def test_a_metric_cannot_be_changed(change: Callable[[Metric], None]) -> None:
    """One metric may describe those of many bars."""
    metric = Metric("loss", best="min")

    with pytest.raises(AttributeError, match="A Metric cannot be changed: 'best'"):
        change(metric)
    assert metric.best == "min"


def test_a_list_of_metrics_is_checked_at_the_call() -> None:
    """What is neither a name nor a `Metric` raises."""
    with pytest.raises(TypeError, match=r"names and headway\.Metric objects, not 5"):
        headway.get_bar(10, metrics=[5])  # type: ignore[list-item]


# ── what is read, and when ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_value_is_read_once_for_one_report() -> None:
    """Frames that bring nothing new read nothing: a value that was reported once is read once."""
    metrics, loss = Metrics([Metric("loss", best="min")]), DeviceTensor(0.5)
    metrics.report({"loss": loss}, 1)
    for _ in range(10):
        metrics.read()

    assert loss.reads == 1


def test_a_callable_is_asked_for_each_frame() -> None:
    """A callable stands for a value that is looked up anew for each frame."""
    metrics, values = Metrics(), iter((1.0, 2.0, 3.0))
    metrics.report({"a": lambda: next(values)}, 1)

    assert [metrics.read()["a"].value for _ in range(3)] == [1.0, 2.0, 3.0]


def test_a_strange_detach_is_no_matter() -> None:
    """An object whose `detach` raises or means something else is read like any other."""

    class Strange:
        requires_grad = True

        def detach(self) -> None:
            raise RuntimeError

        def __float__(self) -> float:
            return 0.5

    assert resolve("a", Strange()).text == "0.5000"


@pytest.mark.parametrize("fault", [SystemExit, GeneratorExit, RecursionError])
def test_a_metric_cannot_end_the_drawing(fault: type[BaseException]) -> None:
    """Whatever a metric raises is contained."""

    def broken() -> float:
        raise fault

    with pytest.warns(headway.HeadwayWarning, match="The metric 'a' could not be read"):
        assert resolve("a", broken).text == "?"


# ── resume ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_summaries_go_on_after_a_resume() -> None:
    """First and best value, and the mean, are those of all sessions; the state is plain data."""
    old = Metrics([Metric("loss", best="min", smooth=10.0)])
    for i, value in enumerate((3.0, 1.0, 2.0)):
        old.report({"loss": value}, i)
    new = Metrics([Metric("loss", best="min", smooth=10.0)])
    new.load(json.loads(json.dumps(old.state())))
    new.report({"loss": 5.0}, 3)
    reading = new.read(final=True)["loss"]

    assert reading.mark == " (first 3.000, best 1.000 at 1)"
    assert float(reading.text) < 3.5


# ── what a stranger found ────────────────────────────────────────────────────────────────────────────────────────────


class Hostile:
    """Raises whatever is asked of it, in an error that cannot be written either."""

    class Error(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def __getattr__(self, name: str) -> Any:
        raise Hostile.Error

    def __float__(self) -> float:
        raise Hostile.Error


VALUES: dict[str, Callable[[], Any]] = {
    "huge": lambda: 10**400, "huge negative": lambda: -(10**400), "hostile": Hostile, "dict": dict, "None": lambda: None,
    "object": object, "Decimal": lambda: Decimal("0.5"), "large": lambda: 2**70, "complex": lambda: 1 + 2j,
}  # fmt: skip


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("best", ["", "min"])
def test_no_value_whatever_gets_out(recorded: Recorder, kind: str, best: Any) -> None:
    """Whatever is reported, neither the report nor the end of the loop raises, also where warnings are errors."""
    value = VALUES[kind]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        track = headway.track(range(3), desc="a", metrics=[Metric("x", best=best)])
        for _ in track:
            track.bar.metrics(x=value, self=1, good=2.0)

    assert recorded.last("a").metrics["good"].text == "2.000"
    assert recorded.last("a").state == "finished"


def test_a_fault_is_told_once_however_its_words_change(recorded: Recorder) -> None:
    """A metric that raises something else each time warns once."""
    metrics, times = Metrics(), iter(range(100))

    def broken() -> float:
        raise ValueError(f"at {next(times)}")

    metrics.report({"a": broken}, 0)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(10):
            metrics.read()

    assert len(seen) == 1


def test_a_value_that_takes_long_to_read_is_the_last_one(recorded: Recorder) -> None:
    """While one frame waits for a device, the last frame does not show what was before."""
    waiting = threading.Event()

    class Slow:
        def item(self) -> float:
            waiting.set()
            threading.Event().wait(0.2)
            return 2.0

    metrics = Metrics()
    metrics.report({"a": 1.0}, 0)
    metrics.read()
    metrics.report({"a": Slow()}, 1)
    thread = threading.Thread(target=metrics.read)
    thread.start()
    waiting.wait()
    last = metrics.read()["a"].value
    thread.join()

    assert last == 2.0


def test_an_older_value_does_not_overtake_a_newer_one() -> None:
    """A value that was still being read when a newer one came is not taken for the newest."""
    waiting, go = threading.Event(), threading.Event()

    class Slow:
        def item(self) -> float:
            waiting.set()
            go.wait()
            return 1.0

    metrics = Metrics()
    metrics.report({"a": Slow()}, 0)
    thread = threading.Thread(target=metrics.read)
    thread.start()
    waiting.wait()
    metrics.report({"a": 2.0}, 1)
    metrics.read()
    go.set()
    thread.join()

    assert metrics.read()["a"].value == 2.0


def test_a_checkpoint_while_frames_are_drawn() -> None:
    """A state may be taken while new metrics come up."""
    metrics, over = Metrics(), threading.Event()

    def read() -> None:
        while not over.is_set():
            metrics.read()

    thread = threading.Thread(target=read)
    thread.start()
    for i in range(2000):
        metrics.report({f"m{i}": 1.0}, i)
        metrics.state()
    over.set()
    thread.join()

    assert len(metrics.state()) <= 2000


def test_a_metric_comes_up_while_they_are_read() -> None:
    """Another thread may report a new one at any moment of a read, such as while memory is cleared up."""
    metrics = Metrics()
    metrics.report({f"m{i}": 1.0 for i in range(100)}, 0)
    new = [f"new{i}" for i in range(100)]

    def report(phase: str, _info: dict[str, int]) -> None:
        if phase == "start" and new:
            metrics.report({new.pop(): 1.0}, 1)

    usual, held = gc.get_threshold(), [(i, i) for i in range(3000)]  # none is left over that would be used again
    gc.callbacks.append(report)
    gc.set_threshold(1)
    try:
        while new:
            metrics.read()
    finally:
        gc.set_threshold(*usual)
        gc.callbacks.remove(report)

    assert len(metrics.read()) == 200
    assert held


def test_texts_are_made_safe_and_take_no_room_from_numbers() -> None:
    """A text as a metric is cleaned, compared or not, and a long one widens nothing for good."""
    for best in ("", "min"):
        reading = read(Metric("a", best=best), "x\x1b[31m\ny" + "d" * 200, 0.5)  # type: ignore[arg-type]
        assert reading.columns <= 7
        assert read(Metric("a", best=best), "x\x1b[31m\ny").text == "x y"  # type: ignore[arg-type]


@pytest.mark.threads
@pytest.mark.parametrize("error", [KeyboardInterrupt, type("OfMine", (BaseException,), {}), SystemExit])
def test_whatever_a_metric_raises_the_last_frame_comes(recorded: Recorder, error: type[BaseException]) -> None:
    """In the thread that draws no Ctrl-C strikes: what a metric raises there is a fault of the metric."""

    def read() -> float:
        raise error

    with pytest.warns(HeadwayWarning, match="could not be read"), headway.get_bar(3, desc="a") as bar:
        bar.metrics(loss=read)
        bar.update(3)

    assert (recorded.last("a").state, recorded.last("a").metrics["loss"].text) == ("finished", "?")
