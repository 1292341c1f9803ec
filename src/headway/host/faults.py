"""Trouble that was contained: you are warned of it once, and `headway doctor` shows it with its traceback."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from contextlib import suppress

from headway import format as fmt
from headway.errors import HeadwayWarning
from headway.host import project
from headway.host.environment import user_folder
from headway.notation import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["keep", "kept", "path", "stack", "tell", "warn", "warn_once"]

LARGEST = 100_000
"""Bytes after which the file begins anew."""
MARK = "=== "
"""What an entry begins with."""
PLACE = "in "
"""What its second line begins with, before the project."""
_BETWEEN = {"contextlib", "threading", "importlib._bootstrap", "importlib._bootstrap_external"}
_BETWEEN |= {"_frozen_importlib", "_frozen_importlib_external"}
"""Modules of the library that call headway for a program, or for headway itself."""


# ── told once ────────────────────────────────────────────────────────────────────────────────────────────────────────

_said: dict[str, object] = {}


def warn_once(message: str) -> None:
    """Warn the user, but only the first time this very message comes up in the process.

    Under a filter that turns warnings into errors the error is raised to a caller who asked for it, and swallowed
    where there is none: the thread that draws must not die of a warning.
    """
    if threading.current_thread().name == "headway":
        tell(message, message)
    elif _is_new(message):
        _warn(message)


def tell(what: str, message: str, *, details: str = "") -> None:
    """Warn of trouble that was contained: once for each thing, and never as an error, whatever the filters.

    Args:
        what: What the trouble is with, and of which kind it is; messages may differ from time to time.
        message: The words.
        details: Where it happened, to be kept for `headway doctor`; by default the traceback of what is being handled.
    """
    if not _is_new(what):
        return
    error = sys.exc_info()[1]
    if error is not None:
        details = details or _traceback(error)
    if details:
        keep(message, details)
    with suppress(HeadwayWarning):
        _warn(message)


def _traceback(error: BaseException) -> str:
    try:
        import traceback  # at the first fault, not at the first bar
    except Exception:  # there are too many open files, say
        return f"{stack(sys._getframe(2))}{fmt.in_words(error)}"
    return traceback.format_exc()


def stack(frame: FrameType | None) -> str:
    """Return where a thread is, from its outermost call in. No module is imported for that, and no file is opened."""
    calls: list[str] = []
    while frame is not None:
        code = frame.f_code
        calls.append(f'  File "{code.co_filename}", line {frame.f_lineno}, in {code.co_name}\n')
        frame = frame.f_back
    return "".join(reversed(calls))


def _warn(message: str) -> None:
    """Warn on one row of a terminal. Where the warning cannot be written it is lost: the program's `stderr` is."""
    try:
        warn(fmt.discreet(fmt.printable(message)), HeadwayWarning)
    except HeadwayWarning:
        raise
    except Exception:  # a closed stream, or what the program has in the place of stderr or of `warnings.showwarning`
        return


def warn(message: str, category: type[Warning]) -> None:
    """Warn as `warnings.warn` does, with the line of the program that has called headway, however deep this is."""
    frame = _caller()
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, _module(frame), registry)


def _caller() -> FrameType:
    """Return the innermost frame outside of headway; where there is none, as in the thread that draws, who warns.

    What lies between, such as a `with` block's `contextlib`, is no place to look at.
    """
    frame = within = sys._getframe(2)
    while (ours := _module(frame).partition(".")[0] == "headway") or _module(frame) in _BETWEEN:
        if ours and _module(within) == __name__:
            within = frame
        if frame.f_back is None:
            return within
        frame = frame.f_back
    return frame


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _is_new(what: str) -> bool:
    this = object()
    return _said.setdefault(what, this) is this  # in one step, so that it takes no lock, which a fork could find held


# ── kept for the doctor ──────────────────────────────────────────────────────────────────────────────────────────────


def path() -> str:
    """Return where the faults are kept: `headway/faults.log` under `XDG_STATE_HOME`, by default `~/.local/state`.

    If the user has no home, that is nowhere, and the path is empty.
    """
    state = user_folder("XDG_STATE_HOME", ".local/state")
    return os.path.join(state, "headway", "faults.log") if state else ""


def keep(message: str, details: str) -> None:
    """Keep a fault: when, in which program of which project, what was told, and where it happened.

    With `HEADWAY_DEBUG=1` that goes to stderr too. Where the file cannot be written nothing is kept.
    """
    import time  # at the first fault

    program = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else ""
    head = f"{MARK}{time.strftime('%Y-%m-%d %H:%M:%S')} {program} (process {os.getpid()}): {message}"
    entry = fmt.written(fmt.discreet(f"{head}\n{_place()}\n{details.rstrip()}\n"), colours=False)
    if os.environ.get("HEADWAY_DEBUG", "0") not in ("", "0"):
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(entry)
    with suppress(OSError, UnicodeError):
        file = path()
        if not file:
            return
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        full = os.path.exists(file) and os.path.getsize(file) > LARGEST
        with open(file, "w" if full else "a", encoding="utf-8", errors="replace") as kept:
            kept.write(entry)


def kept(last: int) -> list[str]:
    """Return the last faults that were kept of this project, the latest at the end."""
    try:
        with open(path(), encoding="utf-8", errors="replace") as file:
            entries = f"\n{file.read()}".split(f"\n{MARK}")
    except OSError:
        return []
    here = _place()
    own = [entry.rstrip() for entry in entries[1:] if entry.split("\n", 2)[1:2] == [here]]
    return own[-last:]


def _place() -> str:
    """Return the line of an entry that says which project the program belonged to."""
    try:
        return PLACE + fmt.printable(project.root(os.getcwd()))
    except OSError:
        return PLACE  # the working directory is gone
