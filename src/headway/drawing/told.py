"""The look of a bar of another process, as that has told it."""

from __future__ import annotations

from headway.choosing.selection import Choice, choice_of
from headway.choosing.wishes import Wish
from headway.errors import HeadwayError
from headway.notation import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.processes.wire import Look

__all__ = ["dressed"]


def dressed(choices: tuple[Choice, ...], look: Look) -> tuple[Choice, ...]:
    """Return the renderer of the bar: the one that was told, in its look; the usual ones if that cannot be had here.

    Args:
        choices: The renderers of bars here.
        look: The look that was told.
    """
    known = {choice.name: choice for choice in choices}
    try:
        choice = known.get(look.backend) or choice_of(Wish(look.backend))
        if choice.draws != "rows":
            return choices
        if look.options:
            choice = choice_of(Wish(choice.name, values=look.options, renderer=choice.renderer))
            choice = choice._replace(origin=known.get(look.backend, choice).origin)
        if look.widgets is not None:
            from headway.text.layout import of  # few programs lay a row out themselves

            choice = choice._replace(layout=of(look.widgets, choice.renderer.native, choice.name))
    except (HeadwayError, TypeError, ValueError):  # it is not installed here, or another version
        return choices
    return (choice,)
