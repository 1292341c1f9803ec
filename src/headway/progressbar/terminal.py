"""The colours of progressbar2 and its streams, which are its own: it must be installed for them."""

from typing import Any

from headway.imitation.library import handed_on

__all__: list[str] = []


def __getattr__(name: str) -> Any:
    return handed_on("progressbar.terminal", name, None, "progressbar2")
