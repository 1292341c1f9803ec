"""A sink that draws nothing: it writes the metrics of bars for TensorBoard, by training step."""

import os
import socket
import time
from contextlib import suppress
from typing import NamedTuple

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from headway.hookspecs import hookimpl
from headway.points import Point
from headway.sink import Context, PerBar, Renderer
from headway.snapshot import Snapshot


class Course(NamedTuple):
    """The place of a bar's points."""

    name: str
    """The part of the tag before the metric."""
    first: int = 0
    """The step at which the bar began."""


class TensorBoardSink(PerBar):
    """Writes each value of a metric as it was reported.

    All bars of the process have one folder. The file is opened with the first point. If it cannot be written, it is
    given up: headway calls again with the same points later, and they go into a new file.
    """

    def __init__(self, context: Context) -> None:
        self._folder = context.options.get("logdir") or os.path.abspath(time.strftime("runs/%Y-%m-%d_%H-%M-%S"))
        self._writer: RecordWriter | None = None
        self._files = 0
        self._open: dict[int, Course] = {}
        self._next: dict[str, int] = {}
        """The step at which the last bar of each name has ended."""

    def open(self, snapshot: Snapshot) -> None:
        self._open[snapshot.id] = self._course(snapshot)

    def points(self, points: tuple[Point, ...]) -> None:
        try:
            for point in points:
                course = self._open[point.bar]
                value = Summary.Value(tag=f"{course.name}/{point.name}", simple_value=point.value)
                step = int(course.first + point.n)
                self._write(Event(wall_time=point.at, step=step, summary=Summary(value=[value])))
            if self._writer is not None:
                self._writer.flush()
        except OSError:
            self._give_up()
            raise

    def close(self, snapshot: Snapshot) -> None:
        course = self._open.pop(snapshot.id)
        self._next[course.name] = int(course.first + (snapshot.n if snapshot.step is None else snapshot.step))

    def stop(self, within: float) -> None:  # noqa: ARG002  # to close a file takes no time
        if self._writer is not None:
            self._writer.close()

    def _course(self, snapshot: Snapshot) -> Course:
        """Return the place for the points of a bar that opens: behind those of the last bar of the same name."""
        if snapshot.step is not None and snapshot.parent in self._open:
            return self._open[snapshot.parent]  # an epoch of a training run
        name = label = snapshot.desc or snapshot.name
        taken, number = {course.name for course in self._open.values()}, 1
        while name in taken:
            number += 1
            name = f"{label} {number}"
        return Course(name, self._next.get(name, 0))

    def _write(self, event: Event) -> None:
        if self._writer is None:
            self._writer = self._new_file()
            self._writer.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
        self._writer.write(event.SerializeToString())

    def _new_file(self) -> RecordWriter:
        os.makedirs(self._folder, exist_ok=True)
        self._files += 1
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{self._files}"
        return RecordWriter(open(os.path.join(self._folder, name), "xb"))  # `stop` closes it

    def _give_up(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(OSError):
                writer.close()


@hookimpl
def headway_renderer() -> Renderer:
    return Renderer(
        TensorBoardSink,
        protocol=2,
        draws="nothing",
        interval=1.0,
        options={"logdir": os.path.abspath},
        points=True,
        library="tensorboard",
    )
