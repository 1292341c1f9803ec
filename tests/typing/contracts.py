"""The contracts of renderers and plugins, as their authors' type checkers see them; never run."""

import os
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from typing_extensions import assert_type

from headway import estimate, hookspecs, layout, news, points, sink, snapshot, widgets
from headway.estimate import Estimator
from headway.hookspecs import hookimpl
from headway.layout import Layout, Words
from headway.news import News, PerNews
from headway.points import Log, Point, Stretch
from headway.sink import Context, Draws, Frame, GoneError, PerBar, ProgressSink, Renderer, Stream, Widget
from headway.snapshot import Number, Reading, Snapshot, State, Workers
from headway.widgets import Cell


class Bell(PerBar):
    """A sink as the guide for writing a renderer has it."""

    def __init__(self, context: Context) -> None:
        assert_type(context.options, Mapping[str, Any])
        self._stream = context.stream

    def open(self, snapshot: Snapshot) -> None:
        """Show a bar."""

    def update(self, snapshot: Snapshot) -> None:
        """Show a newer picture."""

    def close(self, snapshot: Snapshot) -> None:
        """Ring."""
        self._stream.write("\a")

    def write(self, text: str) -> None:
        """Put a text above."""


class Notes(PerNews):
    """A sink that is called for news."""

    def tell(self, snapshot: Snapshot, news: tuple[News, ...]) -> None:
        """Tell of a bar."""
        print(snapshot.desc, *news)


class Mute:
    """No sink: it lacks most of the calls."""

    def __init__(self, context: Context) -> None:
        """Be made."""

    def frame(self, frame: Frame) -> None:
        """Show the bars."""


@hookimpl
def headway_renderer() -> Renderer:
    """Provide it."""
    look: dict[str, Callable[[Any], Any]] = {"rings": int}
    about: dict[str, Callable[[Any], Any]] = {"volume": float, "log": str}
    cosmetic = ["volume"]
    return Renderer(
        Bell,
        protocol=2,
        draws="rows",
        max_bars=1,
        options=about,
        look=look,
        library="bell",
        native=callable,
        cosmetic=cosmetic,
    )


@hookimpl
def headway_widget(name: str) -> Widget:
    """Provide a widget: any function of a snapshot."""
    return lambda snapshot: f"{name} {snapshot.n}"


def of_plugins(renderer: Renderer, frame: Frame, shown: ProgressSink) -> None:
    """What a plugin hands over, and how a sink is called."""
    version: int = sink.PROTOCOL
    group: str = hookspecs.GROUP
    assert_type(hookspecs.headway_renderer(), Renderer)
    assert_type(hookspecs.headway_widget("x"), Widget)
    assert_type(renderer.make, Callable[[Context], ProgressSink])
    assert_type(renderer.draws, Draws | Callable[[Mapping[str, Any]], Draws])
    assert_type(renderer.max_bars, int | Literal["lines"] | None)
    assert_type(renderer.interval, float)
    assert_type(renderer.look, Mapping[str, Callable[[Any], Any]])
    assert_type(renderer.options, Mapping[str, Callable[[Any], Any]])
    assert_type(renderer.library, str | None)
    assert_type(renderer.cosmetic, Collection[str])
    assert_type(renderer.protocol, int)
    assert_type(renderer.points, bool)
    assert_type(frame.points, tuple[Point, ...])
    assert_type(renderer.native, Callable[[Any], bool])
    assert_type(renderer.every, Callable[[Mapping[str, Any], Any], bool] | None)
    assert_type(renderer.line, Callable[[Snapshot, Stream], str] | None)
    assert_type(frame.bars, tuple[Snapshot, ...])
    assert_type(frame.opened, tuple[Snapshot, ...])
    assert_type(frame.changed, tuple[Snapshot, ...])
    assert_type(frame.ended, tuple[Snapshot, ...])
    assert_type(frame.more, int)
    assert_type(frame.lasting, Frame)
    assert_type(frame.size, os.terminal_size | None)
    assert_type(frame.resized, bool)
    assert_type(frame.lost, int)
    assert_type(frame.last, bool)
    assert_type(shown.frame(frame), None)
    assert_type(shown.write("text"), None)
    assert_type(shown.hide(), None)
    assert_type(shown.show(frame), None)
    assert_type(shown.stop(1.0), None)
    gone: type[Exception] = GoneError
    print(version, group, gone)
    Renderer(Mute)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Renderer(Bell, protocol=2, rows=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Renderer(Bell, protocol=2, draws="dots")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_sinks_for_each_bar(shown: PerBar, frame: Frame) -> None:
    """The calls of a sink that is called for each bar."""
    assert_type(shown.open(Snapshot(1)), None)
    assert_type(shown.update(Snapshot(1)), None)
    assert_type(shown.close(Snapshot(1)), None)
    assert_type(shown.points(frame.points), None)
    assert_type(shown.write("text"), None)
    assert_type(shown.frame(frame), None)
    assert_type(shown.hide(), None)
    assert_type(shown.show(frame), None)
    assert_type(shown.stop(1.0), None)
    given: ProgressSink = shown
    print(given)


def of_sinks_for_news(told: PerNews, kind: News) -> None:
    """The calls of a sink that is called for news."""
    assert_type(told.tell(Snapshot(1), ("opened", kind)), None)
    assert_type(told.is_due(Snapshot(1), None, ()), bool)
    assert_type(told.patience(Snapshot(1)), float)
    assert_type(told.quiet, float)
    assert_type(news.is_in_trouble(Snapshot(1)), bool)
    per_bar: PerBar = told
    print(per_bar, Notes())
    told.tell(Snapshot(1), ("rumour",))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_points(log: Log, stretch: Stretch, point: Point) -> None:
    """Values as they were reported."""
    kept: int = points.KEPT
    print(kept)
    assert_type(log.add("loss", 0.5, 1), None)
    assert_type(log.told, int)
    assert_type(log.between(0, 1, 7), tuple[list[Point], int])
    assert_type(stretch.log, Log)
    assert_type(stretch.first, int)
    assert_type(stretch.last, int)
    assert_type(stretch.until_now(), Stretch)
    assert_type(point.bar, int)
    assert_type(point.name, str)
    assert_type(point.value, float)
    assert_type(point.n, float)
    assert_type(point.at, float)


def of_streams(stream: Stream) -> None:
    """What a sink draws on."""
    assert_type(stream.write("text"), int)
    assert_type(stream.flush(), None)
    assert_type(stream.encodes("text"), bool)
    assert_type(stream.size, os.terminal_size)
    assert_type(stream.room, int)
    assert_type(stream.takes_more, bool)
    assert_type(stream.encoding, str | None)
    assert_type(stream.isatty(), bool)
    assert_type(stream.fileno(), int)
    stream.write(b"text")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_snapshots(s: Snapshot) -> None:
    """Fields of a snapshot."""
    version: int = snapshot.SCHEMA
    assert_type(snapshot.LARGEST, float)
    assert_type(snapshot.STATES, tuple[State, ...])
    assert_type(snapshot.BROKEN_OFF, tuple[State, ...])
    course: int = snapshot.COURSE
    assert_type(snapshot.in_tree({}), list[tuple[Snapshot, int]])
    assert_type(s.id, int)
    assert_type(s.parent, int | None)
    assert_type(s.points, Stretch | None)
    assert_type(s.name, str)
    assert_type(s.desc, str)
    assert_type(s.phase, str)
    assert_type(s.unit, str)
    assert_type(s.unit_scale, Literal["", "si", "iec"])
    assert_type(s.units, Mapping[str, float])
    assert_type(s.n, Number)
    assert_type(s.position, Number | None)
    assert_type(s.total, Number | None)
    assert_type(s.estimated, bool)
    assert_type(s.initial, Number)
    assert_type(s.elapsed, float)
    assert_type(s.rate, float | None)
    assert_type(s.eta, float | None)
    assert_type(s.eta_low, float | None)
    assert_type(s.eta_high, float | None)
    assert_type(s.metrics, Mapping[str, Reading])
    assert_type(s.message, str)
    assert_type(s.state, State)
    assert_type(s.reason, str)
    assert_type(s.paused, bool)
    assert_type(s.began, float | None)
    assert_type(s.depth, int)
    assert_type(s.share, float | None)
    assert_type(s.step, int | None)
    assert_type(s.deadline, float | None)
    assert_type(s.blocked, str)
    assert_type(s.stalled, float | None)
    assert_type(s.leave, bool)
    assert_type(s.workers, Workers | None)
    assert_type(s.around, str)
    assert_type(s.cell, Any)
    assert_type(s.options, Mapping[str, Any])
    assert_type(s.fraction, float | None)
    assert_type(s.over, bool)
    assert_type(s.dressed({}, s.layout), Snapshot)
    print(version, course)
    s.n = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    Snapshot()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Snapshot(1, state="over")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_readings(reading: Reading, workers: Workers) -> None:
    """Fields of a metric's reading, and of the workers."""
    assert_type(reading.value, float | str)
    assert_type(reading.text, str)
    assert_type(reading.mark, str)
    assert_type(reading.columns, int)
    assert_type(reading.priority, int)
    assert_type(reading.first, float | None)
    assert_type(reading.best, float | None)
    assert_type(reading.best_at, Number | None)
    assert_type(reading.since, Number | None)
    assert_type(reading.format, str)
    assert_type(reading.history, tuple[float, ...])
    assert_type(workers.count, int)
    assert_type(workers.slowest, float | None)
    assert_type(workers.fastest, float | None)
    assert_type(workers.ranks, int | None)


def of_layouts(s: Snapshot, asked: Layout, words: Words) -> None:
    """A row that is made to fit."""
    row = layout.fit(s, 80, bar=10)
    assert_type(row.left, str)
    assert_type(row.right, str)
    assert_type(row.bar, int)
    assert_type(row.turn, str)
    assert_type(row.kept, int)
    assert_type(row.text, str)
    assert_type(layout.DEFAULT, Layout)
    assert_type(layout.of(["desc", "bar"], callable, "tqdm"), Layout)
    assert_type(asked.fit(s, 80).left, str)
    assert_type(asked.fit(s, 80, edges=2, widest={}).left, str)
    assert_type(layout.of_library("{title} {bar} {elapsed}", {"elapsed": words}, part=True), Layout)
    assert_type(words.text, Callable[[Snapshot], str] | None)
    assert_type(words.short, Callable[[Snapshot], str] | None)
    assert_type(words.priority, int | None)
    assert_type(words.after, str | None)
    assert_type(words.between, str | None)
    layout.Words(widgets.elapsed, priority=3, after="", between=",")
    layout.of_library("{title}", {"title": "text"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    assert_type(asked.has("bar"), bool)
    assert_type(asked.native, Any)
    print(len(asked.fields))
    assert_type(list(asked.beyond(s, ["bar"])), list[tuple[str, str]])
    layout.fit(s, "80")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_widgets(s: Snapshot, cell: Cell) -> None:
    """The texts of a snapshot."""
    texts = (
        *(widgets.label(s), widgets.ending(s), widgets.title(s, 20), widgets.notes(s), widgets.percentage(s)),
        *(widgets.counts(s), widgets.counted(s, "sample"), widgets.workers(s), widgets.elapsed(s), widgets.eta(s)),
        *(widgets.finish(s), widgets.rate(s), widgets.per_second(s, "sample"), widgets.metric(s, "loss")),
        *(widgets.metrics(s), widgets.sparkline(s, "loss"), widgets.spinner(s), widgets.memory(s)),
        widgets.gpu_memory(s),
    )
    assert_type(list(texts), list[str])
    assert_type(widgets.cells(s, "eta", {"rate"}), list[Cell] | None)
    assert_type(widgets.KNOWN, dict[str, tuple[Callable[..., str], int]])
    assert_type(widgets.WITH_ARGUMENT, dict[str, Callable[[Snapshot, str], str]])
    assert_type(widgets.SOFT, set[str])
    priorities: list[int] = [widgets.LABEL, widgets.FIRM, widgets.ALWAYS]
    assert_type(cell.text, str)
    assert_type(cell.priority, int)
    assert_type(cell.soft, bool)
    assert_type(cell.counted, bool)
    assert_type(cell.short, str)
    assert_type(cell.least, int)
    assert_type(cell.aside, bool)
    assert_type(cell.kept, int)
    assert_type(cell.lent, int)
    given: widgets.Widget = widgets.rate
    wrong: widgets.Widget = widgets.metric  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(priorities, given, wrong)


def of_estimates(estimator: Estimator) -> None:
    """The remaining time."""
    assert_type(estimate.Estimator(100, initial=3.5), Estimator)
    assert_type(estimator.observe(1.0, 3), None)
    assert_type(estimator.skip(3), None)
    assert_type(estimator.n, float)
    assert_type(estimator.total, float | None)
    assert_type(estimator.rate(1.0), float | None)
    assert_type(estimator.average(1.0, 3), float | None)
    assert_type(estimator.pace(), float | None)
    assert_type(estimator.eta(1.0), float | None)
    assert_type(estimator.seconds(1.0, 3), float | None)
    assert_type(estimator.interval(1.0), tuple[float, float] | None)
    assert_type(estimator.stalled(1.0), float | None)
    tuned: list[float] = [
        *(estimator.BELIEF, estimator.SHARP, estimator.PAUSE, estimator.SLOW, estimator.EARLY, estimator.CALM),
        *(estimator.BAND, estimator.LEAST, estimator.WIDE, estimator.STALL),
    ]
    forecasts: tuple[tuple[int, ...], tuple[tuple[int, int], ...]] = (estimator.WINDOWS, estimator.TRENDS)
    print(tuned, forecasts)
    estimator.observe(1.0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
