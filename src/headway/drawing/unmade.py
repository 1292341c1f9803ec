"""A sink that is yet to be made."""

from __future__ import annotations

from collections.abc import Callable

from headway.sink import Frame, ProgressSink

__all__ = ["Unmade"]


class Unmade(ProgressSink):
    """A sink that is made by its first call, in its own thread. If that raises, the next call tries again.

    Args:
        make: Makes the sink.
    """

    def __init__(self, make: Callable[[], ProgressSink]) -> None:
        self._make = make
        self._sink: ProgressSink | None = None

    def frame(self, frame: Frame) -> None:
        """Pass the frame on."""
        self._made().frame(frame)

    def write(self, text: str) -> None:
        """Pass the text on."""
        self._made().write(text)

    def stop(self, within: float) -> None:
        """Pass the end on. A sink that could not be made has none."""
        if self._sink is not None:
            self._sink.stop(within)

    def _made(self) -> ProgressSink:
        if self._sink is None:
            self._sink = self._make()
        return self._sink
