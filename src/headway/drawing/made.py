"""A sink as it was made, and a block in which it is called."""

from __future__ import annotations

from collections.abc import Callable

from headway.notation import TYPE_CHECKING, NamedTuple
from headway.sink import PerBar, ProgressSink, Renderer

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Contained", "Made"]

NO_ENDS = (ProgressSink.stop, PerBar.stop)


class Made(NamedTuple):
    """A sink with the renderer that has made it."""

    sink: ProgressSink
    renderer: Renderer
    title: str
    """The name for messages, with the distribution that brings it."""
    scope: object = None
    """The `headway.use` block that has chosen it, if any."""

    @property
    def has_end(self) -> bool:
        """Whether the sink has something to do at its end, and draws no rows."""
        make = self.renderer.make
        kind = make if isinstance(make, type) else type(self.sink)
        return self.renderer.draws != "rows" and getattr(kind, "stop", None) not in NO_ENDS


class Contained:
    """A block that calls a sink: it may raise anything, none of which may reach the loop.

    Args:
        sink: The sink.
        on_fault: Called with the error, the sink, and whether it is its last chance.
        last_chance: Whether it is switched off by one fault.
    """

    __slots__ = ("_last_chance", "_on_fault", "_sink", "fault")

    def __init__(
        self,
        sink: ProgressSink,
        on_fault: Callable[[BaseException, ProgressSink, bool], None],
        *,
        last_chance: bool = False,
    ) -> None:
        self._sink = sink
        self._last_chance = last_chance
        self._on_fault = on_fault
        self.fault = False
        """Whether it has raised."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, (Exception, SystemExit)):
            self.fault = True
            self._on_fault(error, self._sink, self._last_chance)
        return self.fault
