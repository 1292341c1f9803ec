"""The errors and the warning that headway raises on purpose.

HeadwayError
├── UnknownBackendError     (also a ValueError)  no backend has that name
├── UnknownWidgetError      (also a ValueError)  no widget has that name
├── BackendOptionError      (also a ValueError)  the backend has no such option, or not with that value
└── BackendLoadError        the backend's plugin is there but cannot be used

HeadwayWarning              (a UserWarning)  trouble that was contained, said once
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterable
from contextlib import suppress

from headway import format as fmt

__all__ = [
    "BackendLoadError",
    "BackendOptionError",
    "HeadwayError",
    "HeadwayWarning",
    "UnknownBackendError",
    "UnknownWidgetError",
]


class HeadwayError(Exception):
    """Base of every error that headway raises on purpose."""


class UnknownBackendError(HeadwayError, ValueError):
    """Raised when a backend is asked for by a name that nothing installed has."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no progress backend named {name!r}.{_meant(name, known)} "
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


class BackendLoadError(HeadwayError):
    """Raised when a backend's plugin is installed but cannot be imported or used."""


class HeadwayWarning(UserWarning):
    """Trouble that headway contained: the program goes on, the display may be poorer."""


_said: set[str] = set()
_saying = threading.RLock()


def warn_once(message: str, *, stacklevel: int = 3) -> None:
    """Warn the user, but only the first time this very message comes up in the process.

    Under a filter that turns warnings into errors the error is raised to a caller who asked for it, and swallowed
    where there is none: the thread that draws must not die of a warning.
    """
    if threading.current_thread().name == "headway":
        tell(message, message, stacklevel=stacklevel + 1)
    elif _is_new(message):
        _warn(message, stacklevel)


def tell(what: str, message: str, *, details: str = "", stacklevel: int = 3) -> None:
    """Warn of trouble that was contained: once for each thing, and never as an error, whatever the filters.

    Args:
        what: What the trouble is with, and of which kind it is; messages may differ from time to time.
        message: The words.
        details: Where it happened, to be kept for `headway doctor`; by default the traceback of what is being handled.
        stacklevel: As for `warnings.warn`.
    """
    if not _is_new(what):
        return
    if details or sys.exc_info()[0] is not None:
        import traceback  # at the first fault, not at the first bar

        from headway.host import faults

        faults.keep(message, details or traceback.format_exc())
    with suppress(HeadwayWarning):
        _warn(message, stacklevel)


def _warn(message: str, stacklevel: int) -> None:
    """Warn on one row of a terminal. Where the warning cannot be written it is lost: the program's `stderr` is."""
    try:
        warnings.warn(fmt.printable(message), HeadwayWarning, stacklevel=stacklevel + 1)
    except HeadwayWarning:
        raise
    except Exception:  # a closed stream, or what the program has in the place of stderr or of `warnings.showwarning`
        return


def _is_new(what: str) -> bool:
    with _saying:
        new = what not in _said
        _said.add(what)
        return new


def in_words(error: BaseException) -> str:
    """Return the type and the words of an exception, which may have none, on one row."""
    try:
        words = str(error)
        return fmt.clean(f"{type(error).__name__}: {words}" if words else type(error).__name__)
    except Exception:  # its __str__ raises
        return type(error).__name__


def shown(value: object) -> str:
    """Return a value and its type for a message, in a row of bounded length, whatever its `__repr__` does."""
    kind = type(value).__name__
    try:
        words = fmt.clean(repr(value))
    except Exception:  # the user's code, or a whole number too long to be written
        return f"a value of the type {kind} that cannot be shown"
    return f"{fmt.crop(words, 100)} ({kind})"
