"""Widgets in their order, and the row that they make. Their home is `headway.text`."""

from headway.text import layout
from headway.text.layout import *  # noqa: F403  # they are listed where they are defined

__all__: list[str] = []
__all__ += layout.__all__
