"""The ways of progressbar2 to know the terminal, which are its own: it must be installed for them."""

from typing import Any

from headway.imitation.library import handed_on

__all__: list[str] = []


def __getattr__(name: str) -> Any:
    return handed_on("progressbar.env", name, None, "progressbar2")
