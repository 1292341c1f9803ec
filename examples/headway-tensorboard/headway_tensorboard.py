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
from headway.sink import Context, PerBar, Renderer
from headway.snapshot import Snapshot


class Course(NamedTuple):
    """The place of a bar's points."""

    name: str
    """The part of the tag before the metric."""
    first: float = 0
    """The step at which the bar began."""

    def step(self, snapshot: Snapshot) -> int:
        return int(self.first + snapshot.n) if snapshot.step is None else snapshot.step


class TensorBoardSink(PerBar):
    """Writes a point if a metric has changed, and at the end of a bar.

    All bars of the process have one folder. The file is opened with the first point. If it cannot be written, it is
    given up: headway calls again with the same bars later, and their points go into a new file.
    """

    def __init__(self, context: Context) -> None:
        self._folder = context.options.get("logdir") or os.path.abspath(time.strftime("runs/%Y-%m-%d_%H-%M-%S"))
        self._writer: RecordWriter | None = None
        self._files = 0
        self._open: dict[int, Course] = {}
        self._next: dict[str, int] = {}
        """The step at which the last bar of each name has ended."""
        self._points: dict[str, tuple[int, str]] = {}
        """The last point of each tag."""

    def open(self, snapshot: Snapshot) -> None:
        self._open.pop(snapshot.id, None)
        self._open[snapshot.id] = self._course(snapshot)
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        self._write(snapshot, if_same=False)

    def close(self, snapshot: Snapshot) -> None:
        self._write(snapshot, if_same=True)
        course = self._open.pop(snapshot.id)
        self._next[course.name] = course.step(snapshot)

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

    def _write(self, snapshot: Snapshot, *, if_same: bool) -> None:
        course = self._open[snapshot.id]
        step = course.step(snapshot)
        for metric, reading in snapshot.metrics.items():
            if isinstance(reading.value, str):
                continue
            tag, point = f"{course.name}/{metric}", (step, repr(reading.value))
            old = self._points.get(tag)
            if old is None or old[1] != point[1] or (if_same and old != point):
                self._put(Event(step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=reading.value)])))
                self._points[tag] = point

    def _put(self, event: Event) -> None:
        """Write an event, and have it in the file before the call returns: what raises is called again."""
        try:
            if self._writer is None:
                self._writer = self._new_file()
                self._put(Event(file_version="brain.Event:2"))
            event.wall_time = time.time()
            self._writer.write(event.SerializeToString())
            self._writer.flush()
        except OSError:
            self._give_up()
            raise

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
        library="tensorboard",
    )
