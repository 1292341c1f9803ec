"""The names of `progressbar.utils`; those that are not here are progressbar2's own: it must be installed for them."""

from typing import Any

from headway.imitation.library import handed_on
from headway.imitation.progressbar.base import AttributeDict
from headway.imitation.progressbar.streams import StreamWrapper, len_color, streams

__all__ = ["AttributeDict", "StreamWrapper", "len_color", "streams"]


def __getattr__(name: str) -> Any:
    return handed_on("progressbar.utils", name, None, "progressbar2")
