"""A witness in the program stands before each sink, checks its calls, and keeps in a file how the sink has lived."""

from __future__ import annotations

import functools
import itertools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from headway.drawing.hub import hub
from headway.sink import Frame, ProgressSink, Renderer
from headway.testing.oracle import Oracle

__all__ = ["Life", "attend", "lives"]


class Witness(Oracle):
    """Keeps how a sink was made, called and told the end.

    Args:
        sink: The sink.
        renderer: The renderer that has made it.
        tell: Writes a fact into the file.
        before: Called before each frame and text that the sink gets; it may raise, or hang.
    """

    def __init__(
        self, sink: ProgressSink, renderer: Renderer, tell: Callable[..., None], before: Callable[[], object]
    ) -> None:
        super().__init__(sink, renderer)
        self._tell = tell
        self._before = before
        self._frames: list[tuple[int, float]] = []
        tell("made", max_bars=renderer.max_bars)

    def frame(self, frame: Frame) -> None:
        """Measure the sink's own time."""
        self._before()
        began = time.thread_time()
        super().frame(frame)
        self._frames.append((len(frame.bars), time.thread_time() - began))

    def write(self, text: str) -> None:
        """Have the trouble, then the text."""
        self._before()
        super().write(text)

    def stop(self, within: float) -> None:
        """Keep whether the sink has ended in time, and without an error."""
        began = time.monotonic()
        raised = ""
        try:
            super().stop(within)
        except (Exception, SystemExit) as error:
            raised = repr(error)
            raise
        finally:
            late = time.monotonic() - began > max(within, 0.1)
            self._tell("ended", raised=raised, late=late, broken=self.broken, frames=self._frames)


class Life(NamedTuple):
    """One sink, as a witness has seen it."""

    max_bars: int | str | None
    """How many bars its renderer says that it shows."""
    ends: list[dict[str, Any]]
    """What was kept each time when it was told the end."""

    def room(self, lines: int) -> int:
        """Return how many bars it shows on a terminal of so many lines, one of which counts the others."""
        if self.max_bars == "lines":
            return lines - 2
        return lines if self.max_bars is None else int(self.max_bars)

    @property
    def flaw(self) -> str:
        """What was wrong with its end, empty if nothing was."""
        if len(self.ends) != 1:
            return f"it was told the end {len(self.ends)} times"
        end = self.ends[0]
        late = "its stop has not come back in time" if end["late"] else ""
        raised = f"its stop raised {end['raised']}" if end["raised"] else ""
        return raised or late or "; ".join(end["broken"])

    def seconds(self, bars: int) -> float:
        """Return the time of the processor that its quickest frame with so many bars took."""
        return min((took for count, took in self.ends[0]["frames"] if count == bars), default=0.0)


def attend(path: str, before: Callable[[], object] = bool) -> None:
    """Put a witness before every sink of this process that is made from now on.

    Args:
        path: The file in which it keeps what it has seen.
        before: Called before each frame and text that a sink gets; it may raise, or hang.
    """
    numbers = itertools.count()

    def tell(name: str, what: str, **facts: object) -> None:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"sink": name, "what": what, **facts}) + "\n")

    def stand(sink: ProgressSink, renderer: Renderer) -> ProgressSink:
        return Witness(sink, renderer, functools.partial(tell, f"{os.getpid()}-{next(numbers)}"), before)

    hub.outlets.maker.wrap = stand


def lives(path: Path) -> list[Life]:
    """Read the sinks whose lives the witnesses of a program have kept, in the order in which they were made."""
    found: dict[str, Life] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        fact = json.loads(line)
        if fact["what"] == "made":
            found[fact["sink"]] = Life(fact["max_bars"], [])
        else:
            found[fact["sink"]].ends.append(fact)
    return list(found.values())
