"""The errors and the warning that headway raises on purpose.

HeadwayError
├── UnknownBackendError     (also a ValueError)  no backend has that name
├── UnknownWidgetError      (also a ValueError)  no widget has that name
├── BackendOptionError      (also a ValueError)  the backend has no such option, or not with that value
├── BackendClashError       (also a ValueError)  two backends cannot draw on one terminal
└── BackendLoadError        the backend's plugin is there but cannot be used

HeadwayWarning              (a UserWarning)  trouble that was contained, said once
"""

from __future__ import annotations

from collections.abc import Iterable

from headway.format import discreet

__all__ = [
    "BackendClashError",
    "BackendLoadError",
    "BackendOptionError",
    "HeadwayError",
    "HeadwayWarning",
    "UnknownBackendError",
    "UnknownWidgetError",
]


class HeadwayError(Exception):
    """Base of every error that headway raises on purpose. Its words tell no secret, see `headway.format.discreet`."""

    def __init__(self, message: str = "") -> None:
        super().__init__(discreet(message))


class UnknownBackendError(HeadwayError, ValueError):
    """Raised when a backend is asked for by a name that nothing installed has."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(
            f"There is no file {name!r}. A backend's name is a file's if it has a slash in it or ends in .py."
            if not known
            else f"There is no progress backend named {name!r}.{_meant(name, known)} "
            f"Available here: {', '.join(sorted(known))}. "
            f"A renderer comes with its plugin, for example: pip install 'headway[tqdm]'."
        )


class UnknownWidgetError(HeadwayError, ValueError):
    """Raised when a widget is asked for by a name that neither headway nor an installed plugin has."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no widget named {name!r}.{_meant(name, known)} There are: {', '.join(sorted(known))}, "
            f"metric.NAME, sparkline.NAME, rate.UNIT and count.UNIT. To show the word itself write it with a blank."
        )


def _meant(name: str, known: Iterable[str]) -> str:
    import difflib  # at the first mistake, not at the first bar

    close = difflib.get_close_matches(name, sorted(known), n=3)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


class BackendOptionError(HeadwayError, ValueError):
    """Raised when a backend is given an option it does not have, or a value it cannot read."""


class BackendClashError(HeadwayError, ValueError):
    """Raised when two backends are asked for that would draw on one terminal."""


class BackendLoadError(HeadwayError):
    """Raised when a backend's plugin is installed but cannot be imported or used."""


class HeadwayWarning(UserWarning):
    """Trouble that headway contained: the program goes on, the display may be poorer."""
