"""The shows and the styles of alive-progress, which are its own: it must be installed for them."""

from typing import Any

from headway.imitation.library import handed_on

_NAMES = ("BARS", "SPINNERS", "THEMES", "Show", "show_bars", "show_spinners", "show_themes", "showtime")
__all__ = [*_NAMES]  # noqa: PLE0604  # texts


def __getattr__(name: str) -> Any:
    return handed_on("alive_progress.styles", name, _NAMES, "alive-progress")


def __dir__() -> list[str]:
    return list(_NAMES)
