"""Values as they were reported: each one reaches the sinks that ask for it, once and in order, whatever the frames."""

import math
import pickle
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import headway
from headway import points as log
from headway.drawing import picture
from headway.points import Log, Point
from headway.sink import Frame, PerBar, ProgressSink, Renderer
from headway.snapshot import Snapshot
from headway.testing import Recorder, record
from headway.tqdm import tqdm

Wait = Callable[[Callable[[], object]], None]


class Frames(ProgressSink):
    """Keeps its frames."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def frame(self, frame: Frame) -> None:
        """Keep it."""
        self.frames.append(frame)

    def show(self, frame: Frame) -> None:
        """Keep it as any other one."""
        self.frames.append(frame)

    @property
    def points(self) -> list[Point]:
        """All points."""
        return [point for frame in self.frames for point in frame.points]


def asking(sink: Any, **fields: Any) -> Renderer:
    """Return a renderer that asks for each value."""
    return Renderer(lambda _context: sink, protocol=2, points=True, **{"draws": "nothing", **fields})


def told(points: list[Point], name: str) -> list[tuple[float, object]]:
    """The values of a metric, each with its count."""
    return [(point.value, point.n) for point in points if point.name == name]


@pytest.mark.parametrize("draws", ["nothing", "lines", "cell"])
@pytest.mark.parametrize("interval", [0.0, 3600.0])
def test_each_value_is_told_once_and_in_order(draws: str, interval: float) -> None:
    """A frame a moment or none before the end: all values come, with their counts."""
    sink = Frames()
    with headway.use([asking(sink, draws=draws, interval=interval)]), headway.get_bar(3000) as bar:
        for i in range(3000):
            bar.update()
            bar.metrics(loss=1 / (i + 1), even=i % 2 == 0)

    assert told(sink.points, "loss") == [(1 / (i + 1), i + 1) for i in range(3000)]
    assert told(sink.points, "even") == [(i % 2 == 0, i + 1) for i in range(3000)]
    assert {point.bar for point in sink.points} == {bar.id}
    assert sorted(point.at for point in sink.points) == [point.at for point in sink.points]
    assert not any(frame.lost for frame in sink.frames)


def test_several_sinks_and_several_threads() -> None:
    """Each sink has all values, at its own pace; a sink that does not ask has none."""
    quick, slow, deaf = Frames(), Frames(), Frames()
    backends = [
        asking(quick, interval=0.0),
        asking(slow, interval=3600.0),
        Renderer(lambda _context: deaf, protocol=2, draws="nothing"),
    ]
    with headway.use(backends), headway.get_bar() as bar:

        def report(name: str) -> None:
            for i in range(1000):
                bar.metrics(**{name: i})

        threads = [threading.Thread(target=report, args=(name,)) for name in "abc"]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]

    for sink in (quick, slow):
        for name in "abc":
            assert [value for value, _ in told(sink.points, name)] == list(range(1000))
    assert not deaf.points
    assert deaf.frames


def test_a_renderer_may_ask_for_those_of_some_bars() -> None:
    """It tells by the look of a bar; if it raises there, the bar is shown without them."""
    sink = Frames()

    def every(_options: Any, layout: Any) -> bool:
        if layout is not None and layout.has("count"):
            raise RuntimeError("no ink")
        return layout is not None

    renderer = Renderer(lambda _context: sink, 2, "lines", every=every)
    with pytest.warns(headway.HeadwayWarning, match="no ink"), headway.use(renderer):
        for number, asked in enumerate((["metrics"], None, ["count"])):
            with headway.get_bar(widgets=asked) as bar:
                bar.metrics({f"loss{number}": 0.5})

    assert [point.name for point in sink.points] == ["loss0"]
    assert len({snapshot.id for frame in sink.frames for snapshot in frame.ended}) == 3


def test_kinds_of_values() -> None:
    """Numbers are told as they are, NaN too; texts are not; what has to be read is told when it was read."""

    class Scalar:
        def __init__(self, value: float) -> None:
            self.value = value

        def item(self) -> float:
            return self.value

    with record() as recorded, headway.get_bar(10) as bar:
        bar.metrics(a=2**70, b=math.nan, c="text", d=Fraction(1, 4), e=Scalar(1.0), f=lambda: 7)
        bar.metrics(e=Scalar(2.0))

    values = {point.name: point.value for point in recorded.reported}
    assert values["a"] == 2**70
    assert math.isnan(values["b"])
    assert "c" not in values
    assert values["d"] == 0.25
    assert values["e"] == 2.0
    assert values["f"] == 7


def test_every_tensor_is_told_on_request() -> None:
    """`every=True` reads each one, for the course of the metric, too."""
    reads = []

    class Scalar:
        def __init__(self, value: float) -> None:
            self.value = value

        def item(self) -> float:
            reads.append(self.value)
            return self.value

    metrics = [headway.Metric("loss", best="min", every=True)]
    with record() as recorded, headway.get_bar(10, metrics=metrics) as bar:
        for i in range(50):
            bar.update()
            bar.metrics(loss=Scalar(abs(i - 20)))
            bar.metrics(other=Scalar(1000 + i))

    assert told(recorded.reported, "loss") == [(abs(i - 20), i + 1) for i in range(50)]
    assert len(told(recorded.reported, "other")) < 50
    assert recorded.closed[0].metrics["loss"].best == 0.0
    assert recorded.closed[0].metrics["loss"].best_at == 21
    assert sorted(value for value in reads if value < 1000) == sorted(abs(i - 20) for i in range(50))


def test_nothing_is_kept_if_no_sink_asks() -> None:
    """A bar whose sinks do not ask has no log, and `every=True` keeps nothing with progress off."""
    with headway.use(Recorder()), headway.get_bar(10) as asked:
        assert asked._reported is not None
    for backend in ("off", Renderer(lambda _context: Frames(), protocol=2, draws="nothing")):
        with headway.get_bar(10, backend=backend, metrics=[headway.Metric("a", every=True)]) as bar:
            bar.metrics(a=object())
            assert bar._reported is None
            assert len(bar._metrics._unread) == (backend != "off")


def test_a_training_run_tells_its_steps() -> None:
    """Values of an epoch belong to its row; their counts are optimizer steps, which go on from epoch to epoch."""
    with record() as recorded:
        loop = headway.loop([1] * 6, epochs=2, accumulate=2)
        for _ in loop:
            for _ in loop.train():
                loop.metrics(loss=1.0)
    rows = {s.id: s.desc for s in recorded.opened}

    assert [(rows[point.bar], point.n) for point in recorded.reported] == [
        *(("epoch 1", n) for n in (1, 1, 2, 2, 3, 3)),
        *(("epoch 2", n) for n in (4, 4, 5, 5, 6, 6)),
    ]


def test_a_postfix_of_tqdm_is_told() -> None:
    """`set_postfix` reports."""
    with record() as recorded:
        bar = tqdm(range(5))
        for i in bar:
            bar.set_postfix(loss=i / 2, note="text")

    assert [point.value for point in recorded.reported] == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_values_beyond_the_bound_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """If more are reported between two frames than are kept, the oldest give way, and the frame says how many."""
    sink = Frames()
    with headway.use([asking(sink, interval=3600.0)]), headway.get_bar() as bar:
        for i in range(log.KEPT + 250):
            bar.metrics(a=i)

    assert [value for value, _ in told(sink.points, "a")] == list(range(250, log.KEPT + 250))
    assert sum(frame.lost for frame in sink.frames) == 250


def test_frames_that_wait_for_a_slow_sink_keep_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest give way in a frame that waits, since the sink may have been told the first ones."""
    monkeypatch.setattr(picture, "KEPT", 3)
    values = Log()
    seen = picture.Picture(points=True)
    bar = Snapshot(1, points=log.Stretch(values))
    seen.open(bar)
    for i in range(5):
        values.add("a", i, i)
        seen.update(bar._replace(points=log.Stretch(values, 0, i + 1)))
    frame = seen.take(None)
    later = picture.merged(frame, frame)

    assert ([point.value for point in frame.points], frame.lost) == ([0, 1, 2], 2)
    assert ([point.value for point in later.points], later.lost) == ([0, 1, 2], 2 + 2 + 3)


def test_a_sink_that_fails_is_told_no_value_twice(until: Wait) -> None:
    """A frame that comes again tells `PerBar.points` only the values that it has not been told."""

    class Failing(PerBar):
        draws = "nothing"
        interval = 0.0
        broken = True

        def __init__(self) -> None:
            self.values: list[float] = []

        def points(self, points: tuple[Point, ...]) -> None:
            self.values += [point.value for point in points]

        def close(self, snapshot: Snapshot) -> None:
            if self.broken:
                raise OSError("not now")

    sink = Failing()
    with pytest.warns(headway.HeadwayWarning, match="not now"), headway.use(sink):
        with headway.get_bar() as bar:
            for i in range(100):
                bar.metrics(a=i)
        until(lambda: len(sink.values) == 100)
        with headway.get_bar() as bar:
            bar.metrics(a=100)
            sink.broken = False
        until(lambda: len(sink.values) == 101)

    assert sink.values == list(range(101))


def test_values_are_told_of_bars_that_end_while_rows_are_away() -> None:
    """A sink that draws rows gets the values that were reported meanwhile when it shows them again."""
    sink = Frames()
    with headway.use([asking(sink, draws="cell", interval=3600.0)]):
        outer = headway.get_bar(10)
        with headway.suspend():
            outer.metrics(a=1)
            with headway.get_bar(5) as inner:
                inner.metrics(a=2)
        outer.close()

    assert sorted(told(sink.points, "a")) == [(1, 0), (2, 0)]


def test_a_snapshot_is_pickled_without_the_log() -> None:
    """A snapshot goes to another process as a state."""
    snapshot = Snapshot(1, points=log.Stretch(Log()))

    assert pickle.loads(pickle.dumps(snapshot)) == snapshot
    assert pickle.loads(pickle.dumps(snapshot)).points is None
