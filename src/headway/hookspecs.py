"""The hooks that plugins implement, one for renderers and one for widgets, and the marker to do it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from headway.sink import Renderer, Widget

__all__ = ["GROUP", "headway_renderer", "headway_widget", "hookimpl"]

GROUP = "headway"
"""The entry-point group of renderers; that of widgets is `headway.widgets`.

An entry point's name is the backend's or the widget's name, as users write it.
"""

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)
"""Marks a plugin's implementation of a hook."""


@hookspec(firstresult=True)
def headway_renderer() -> Renderer:  # type: ignore[empty-body]
    """Return the renderer that this plugin provides.

    Called once, when the plugin has been chosen. Raising `ImportError` here says that the library is missing.
    """


@hookspec(firstresult=True)
def headway_widget(name: str) -> Widget:  # type: ignore[empty-body]
    """Return the widget that this plugin provides under a name, one of those of its entry points.

    Called once, when a layout first has that name.
    """
