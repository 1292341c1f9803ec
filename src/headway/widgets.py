"""The columns of a row, as renderers and templates use them. Their home is `headway.text`."""

from headway.text import widgets
from headway.text.widgets import *  # noqa: F403  # they are listed where they are defined

__all__: list[str] = []
__all__ += widgets.__all__
