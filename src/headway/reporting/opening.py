"""The opening of a bar: mistakes in its renderer and look raise where the program asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from headway.choosing import selection
from headway.choosing.discovery import load
from headway.choosing.wishes import preferred
from headway.drawing.hub import hub
from headway.format import in_words, shown
from headway.host import pty
from headway.host.faults import tell
from headway.host.handlers import Deferring
from headway.host.stream import Nowhere
from headway.notation import TYPE_CHECKING, Any, TextIO, cast
from headway.reporting import arguments, silence

if TYPE_CHECKING:
    from headway.reporting.keywords import Backend, Opens
    from headway.text.layout import Widgets

__all__ = ["Options", "opener"]

Options = Mapping[str, Mapping[str, Any]]
"""Options of backends by their names."""


def opener(
    widgets: Widgets | None, options: Options | None, backend: Backend | None, file: TextIO | None
) -> Callable[[Opens], None]:
    """Decide now who shows a bar, so that mistakes raise here, and return what opens it."""
    file = arguments.stream(file)
    stream: TextIO = cast("TextIO", Nowhere()) if file is None else file
    with Deferring():
        try:
            choices = _choices(backend, file, stream)
        except (OSError, MemoryError, ImportError) as error:  # no descriptor or memory is left, or a file has vanished
            choices = ()
            tell(f"choosing {type(error)}", f"A bar is hidden: looking for a renderer raised {in_words(error)}.")
        looks = choices
        if widgets is not None or options is not None:
            looks = tuple(_with_look(choice, widgets, {} if options is None else options) for choice in choices)

    def opens(bar: Opens) -> None:
        with Deferring():
            bar.open(() if looks and silence.is_silent(bar.name) else looks, stream)

    return opens


def _choices(backend: Backend | None, file: TextIO | None, stream: TextIO) -> tuple[selection.Choice, ...]:
    if hub.relay.seek() is not None and not pty.is_own():
        wanted = selection.shown(used=preferred(), argument=backend)
        return (selection.Choice("plain", load("plain")),) if wanted else ()  # the hub puts the relay in its place
    decision = selection.decide(stream, used=preferred(), argument=backend)
    return () if file is None and decision.source == "detection" else decision.choices


def _with_look(choice: selection.Choice, widgets: Widgets | None, options: Options) -> selection.Choice:
    """Add what the code wants of the look to what whoever chose the backend wants; the latter wins."""
    if not isinstance(options, Mapping) or not all(isinstance(look, Mapping) for look in options.values()):
        raise TypeError(
            f"options must map backends to options, as in {{'tqdm': {{'ascii': True}}}}, not {shown(options)}."
        )
    checked = selection.read_options(choice, {}, options.get(choice.name, {}))
    layout = None
    if widgets is not None:
        from headway.text.layout import of  # few programs lay a row out themselves

        layout = of(widgets, choice.renderer.native, choice.name)
    return choice._replace(options={**checked, **choice.options}, layout=layout)
