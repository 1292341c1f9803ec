"""The one hook that a renderer plugin implements, and the marker to do it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from headway.sink import Renderer

__all__ = ["GROUP", "headway_renderer", "hookimpl"]

GROUP = "headway"
"""The entry-point group. An entry point's name is the backend's name, as users write it."""

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)
"""Marks a plugin's implementation of a hook."""


@hookspec(firstresult=True)
def headway_renderer() -> Renderer:  # type: ignore[empty-body]
    """Return the renderer that this plugin provides.

    Called once, when the plugin has been chosen. Raising `ImportError` here says that the library is missing.
    """
