"""The makers of bars and spinners of alive-progress, which are its own: it must be installed for them."""

from typing import Any

from headway.imitation.library import handed_on

_NAMES = (
    *("alongside_spinner_factory", "bar_factory", "bouncing_spinner_factory", "delayed_spinner_factory"),
    *("frame_spinner_factory", "scrolling_spinner_factory", "sequential_spinner_factory", "spinner_player"),
)
__all__ = [*_NAMES]  # noqa: PLE0604  # texts


def __getattr__(name: str) -> Any:
    return handed_on("alive_progress.animations", name, _NAMES, "alive-progress")


def __dir__() -> list[str]:
    return list(_NAMES)
