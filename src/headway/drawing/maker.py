"""Makes the view of a backend on a stream. A backend that cannot be made, or has broken, gives way to plain lines."""

from __future__ import annotations

import functools
from collections.abc import Callable

from headway.choosing.discovery import load
from headway.choosing.selection import Choice, make_sink
from headway.drawing.hangs import Asked, Asking
from headway.drawing.view import View
from headway.format import in_words
from headway.host.faults import tell
from headway.host.stream import SafeStream
from headway.sink import ProgressSink

__all__ = ["Maker"]


class Maker:
    """Makes views.

    Args:
        asking: Calls the code of renderers, which may hang.
    """

    def __init__(self, asking: Asking) -> None:
        self.wrap: Callable[[ProgressSink], ProgressSink] = lambda sink: sink
        """Is given every renderer's sink and returns the sink to use instead; see `headway.testing.watch`."""
        self.broken: set[str] = set()
        """The names of backends that are used no more in this process."""
        self._asking = asking

    def usable(self, choice: Choice) -> Choice:
        """Return the choice, or plain lines in the place of a broken backend."""
        if choice.name in self.broken:
            return choice._replace(name="plain", renderer=load("plain"), options={})
        return choice

    def make(self, choice: Choice, stream: SafeStream, again: Callable[[], None], *, to_relay: bool) -> View:
        """Make the view of a backend.

        Args:
            choice: The backend.
            stream: The stream that it draws on.
            again: Opens the bar again, on plain lines, if the renderer hangs while it is made.
            to_relay: Whether the backend is the relay: another process draws, and nothing is drawn here instead.
        """

        def on_broken() -> ProgressSink | None:
            self.broken.add(choice.name)
            return None if to_relay or choice.name == "plain" else load("plain").sink(stream)

        asked = Asked(
            lambda: f"Making the progress renderer {choice.name!r}",
            functools.partial(self.broken.add, choice.name),
            again,
            "plain lines take its place",
        )
        used, sink = self._asking.ask(asked, lambda: self._sink(choice, stream))
        return View(used, sink, stream, on_broken)

    def _sink(self, choice: Choice, stream: SafeStream) -> tuple[str, ProgressSink]:
        try:
            name, sink = make_sink(choice, stream)
            return name, self.wrap(sink)
        except (Exception, SystemExit) as error:  # a renderer's own code, as in View
            tell(
                f"making {choice.name} {type(error)}",
                f"The progress renderer {choice.name!r} raised {in_words(error)} when it was made. "
                f"Plain lines are shown instead.",
            )
            return "plain", load("plain").sink(stream)
