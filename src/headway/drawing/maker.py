"""Makes the view of a backend on a stream. A backend that cannot be made, or has broken, gives way to plain lines."""

from __future__ import annotations

from collections.abc import Callable

from headway.choosing.discovery import load
from headway.choosing.inspection import complaint, made
from headway.choosing.selection import Choice
from headway.drawing.agenda import Agenda, Asked, Asking
from headway.drawing.made import Made
from headway.drawing.view import View
from headway.host.faults import tell
from headway.host.stream import SafeStream
from headway.notation import TYPE_CHECKING, TextIO
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
        on_made: Called when a sink has been made, in the thread in which it is called.
    """

    def __init__(self, agenda: Agenda, inline: Callable[[], bool], on_made: Callable[[], object]) -> None:
        self.wrap: Callable[[ProgressSink, Renderer], ProgressSink] = lambda sink, _renderer: sink
        """Is given every renderer's sink and returns the sink to use instead; see `headway.testing.watch`."""
        self.broken: dict[int, object] = {}
        """The sources of the renderers that are used no more in this process, by their ids; see `Choice.source`."""
        self._agenda = agenda
        self._inline = inline
        self._on_made = on_made

    def usable(self, choice: Choice, file: TextIO) -> Choice:
        """Return the choice, or plain lines in the place of a backend that is broken or cannot draw on a stream."""
        if id(choice.source) in self.broken or not choice.fits(file):
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
        settled = choice.settled
        if settled.draws == "nothing":
            from headway.drawing.side import SideView  # most programs have none, nor the next
            from headway.drawing.unmade import Unmade

            unmade = Unmade(lambda: self._sink(choice, stream))
            return SideView(Made(unmade, settled, choice.title, choice.scope), stream, inline=self._inline())

        def give_up() -> None:
            self.broken[id(choice.source)] = choice.source

        def on_broken() -> Made | None:
            give_up()
            is_plain = choice.source is load("plain").make
            return None if to_relay or is_plain else _plain(SafeStream(stream.file))

        asked = Asked(
            lambda: f"Making the progress renderer {choice.title}",
            give_up,
            again,
            "plain lines take its place",
        )
        with Asking(self._agenda, asked):
            return View(self._made(choice, settled, stream), stream, on_broken)

    def _made(self, choice: Choice, settled: Renderer, stream: SafeStream) -> Made:
        try:
            return Made(self._sink(choice, stream), settled, choice.title, choice.scope)
        except (Exception, SystemExit) as error:  # a renderer's own code, as in View
            words = complaint(error)
        message = f"The progress renderer {choice.title} {words} when it was made. Plain lines are shown instead."
        tell(f"making {choice.name} {words}", message)
        return _plain(stream)

    def _sink(self, choice: Choice, stream: SafeStream) -> ProgressSink:
        """Make a sink.

        Raises:
            BackendLoadError: It lacks calls of the contract.
        """
        sink = self.wrap(made(choice.renderer, Context(stream, choice.sink_options)), choice.renderer)
        self._on_made()
        return sink


def _plain(stream: SafeStream) -> Made:
    renderer = load("plain")
    return Made(renderer.make(Context(stream)), renderer, "'plain'")
