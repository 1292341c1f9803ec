"""Makes the view of a backend on a stream. A backend that cannot be made, or has broken, gives way to plain lines."""

from __future__ import annotations

import functools
from collections.abc import Callable

from headway.choosing.discovery import load
from headway.choosing.inspection import flaw_of_sink, line_of, line_of_error
from headway.choosing.selection import Choice
from headway.drawing.agenda import Agenda, Asked, Asking
from headway.drawing.made import Made
from headway.drawing.view import View
from headway.format import in_words
from headway.host.faults import tell
from headway.host.stream import SafeStream
from headway.notation import TYPE_CHECKING
from headway.sink import Context, ProgressSink, Renderer

if TYPE_CHECKING:
    from headway.drawing.side import SideView

__all__ = ["Maker", "get_ready"]


def get_ready() -> None:
    """Load what a renderer that hangs or raises takes: when it does, there may be too many open files to load it."""
    import traceback  # noqa: F401  # not with the first bar

    load("plain")


class Maker:
    """Makes views.

    Args:
        agenda: Calls the code of renderers, which may hang.
        inline: Tells whether threads are not to be used.
    """

    def __init__(self, agenda: Agenda, inline: Callable[[], bool]) -> None:
        self.wrap: Callable[[ProgressSink, Renderer], ProgressSink] = lambda sink, _renderer: sink
        """Is given every renderer's sink and returns the sink to use instead; see `headway.testing.watch`."""
        self.broken: set[str] = set()
        """The names of backends that are used no more in this process."""
        self._agenda = agenda
        self._inline = inline

    def usable(self, choice: Choice) -> Choice:
        """Return the choice, or plain lines in the place of a broken backend."""
        if choice.name in self.broken:
            return choice._replace(name="plain", renderer=load("plain"), options={})
        return choice

    def make(self, choice: Choice, stream: SafeStream, again: Callable[[], None], *, to_relay: bool) -> View | SideView:
        """Make the view of a backend.

        Args:
            choice: The backend.
            stream: The stream that it draws on.
            again: Opens the bar again, on plain lines, if the renderer hangs while it is made.
            to_relay: Whether the backend is the relay: another process draws, and nothing is drawn here instead.
        """

        def on_broken() -> Made | None:
            self.broken.add(choice.name)
            return None if to_relay or choice.name == "plain" else _plain(SafeStream(stream.file))

        asked = Asked(
            lambda: f"Making the progress renderer {choice.title}",
            functools.partial(self.broken.add, choice.name),
            again,
            "plain lines take its place",
        )
        with Asking(self._agenda, asked):
            made = self._made(choice, stream)
        if made.renderer.draws == "nothing":
            from headway.drawing.side import SideView  # most programs have none

            return SideView(made, stream, inline=self._inline())
        return View(made, stream, on_broken)

    def _made(self, choice: Choice, stream: SafeStream) -> Made:
        if not choice.fits(stream):
            return _plain(stream)
        try:
            sink = choice.renderer.make(Context(stream, choice.sink_options))
            flaw = flaw_of_sink(sink)
            if not flaw:
                return Made(self.wrap(sink, choice.renderer), choice.settled, choice.title, choice.scope)
            words = f"The progress renderer {choice.title} cannot be used: {flaw} ({line_of(type(sink))})."
        except (Exception, SystemExit) as error:  # a renderer's own code, as in View
            flaw = str(type(error))
            words = (
                f"The progress renderer {choice.title} raised {in_words(error)} when it was made "
                f"({line_of_error(error)})."
            )
        tell(f"making {choice.name} {flaw}", f"{words} Plain lines are shown instead.")
        return _plain(stream)


def _plain(stream: SafeStream) -> Made:
    renderer = load("plain")
    return Made(renderer.make(Context(stream)), renderer, "'plain'")
