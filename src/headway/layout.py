"""Widgets in their order, and the row that they make. Their home is `headway.text`."""

from headway.text.layout import (
    DEFAULT,
    Layout,
    fit,
    of,
)

__all__ = [
    "DEFAULT",
    "Layout",
    "fit",
    "of",
]
