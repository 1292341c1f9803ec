"""The kind of place that this process runs in: a terminal, a test, an agent, or none of these. Asked anew each time."""

from __future__ import annotations

import errno
import functools
import os
import stat
import sys
from contextlib import suppress

from headway.notation import Any

__all__ = [
    "AGENTS",
    "agent",
    "any_is_set",
    "has_own_log",
    "in_foreground",
    "in_test",
    "is_terminal",
    "leads_elsewhere",
    "leads_to_no_terminal",
    "show_cursor",
    "terminal_of",
    "threads_wanted",
    "user_folder",
    "variable",
]


def variable(name: str) -> str:
    """Return an environment variable as it is now, empty if it is not set.

    This takes a fifth of the time of `os.environ.get`, which raises within for each variable that is not set.
    """
    raw = getattr(os.environ, "_data", None)
    if raw is None:  # the program has put something else in its place
        return os.environ.get(name, "")
    value = raw.get(_key(name))
    return os.environ.decodevalue(value) if value else ""


def any_is_set(names: tuple[str, ...]) -> bool:
    """Tell whether one of several environment variables is set, in little more time than it takes for one."""
    raw = getattr(os.environ, "_data", os.environ)
    return not raw.keys().isdisjoint(_keys(names))


def user_folder(name: str, default: str) -> str:
    """Return a folder of the user's, empty if the user has none: a service may run without a home.

    Args:
        name: The variable that says where it is.
        default: Its place in the user's home.
    """
    home = os.path.expanduser("~") if os.environ.get("HOME", "~") else ""
    said = variable(name)
    if os.path.isabs(said):
        return said
    return os.path.join(home, default) if os.path.isabs(home) else ""


@functools.lru_cache
def _key(name: str) -> Any:
    return os.environ.encodekey(name)


@functools.lru_cache
def _keys(names: tuple[str, ...]) -> tuple[Any, ...]:
    return (*names, *map(_key, names))


_ONE_TERMINAL = sys.platform == "emscripten"
"""Whether all terminals are one: in WebAssembly each stream of one has another number."""
_AWAY = {"ipykernel.iostream"}
"""Modules of streams whose descriptor is not the place that their text goes to."""
_PROXIES = ("prompt_toolkit.patch_stdout",)
"""Modules whose streams say that they are terminals, and take lines alone."""


def is_terminal(file: Any) -> bool:
    """Tell whether the cursor can be moved on a stream.

    `HEADWAY_INTERACTIVE=1` and `=0` overrule what is found; `TERM=dumb` is no terminal; a stream that cannot be asked
    is none either, and one that puts lines above a prompt is none.
    """
    wish = variable("HEADWAY_INTERACTIVE")
    if wish in ("0", "1"):
        return wish == "1"
    try:
        return bool(file.isatty()) and variable("TERM") != "dumb" and type(file).__module__ not in _PROXIES
    except Exception:  # a stand-in for a stream, whose isatty may be missing or raise anything
        return False


def terminal_of(file: Any) -> int | None:
    """Tell which terminal a stream leads to, as the number of its device; `None` for what is no terminal."""
    try:
        descriptor = file.fileno()
        if not os.isatty(descriptor) or type(file).__module__ in _AWAY:
            return None
        return 1 if _ONE_TERMINAL else os.fstat(descriptor).st_rdev
    except Exception:  # a stand-in for a stream, whose fileno may be anything
        return None


def leads_elsewhere(file: Any, terminal: int) -> bool:
    """Tell whether a stream that has led to a terminal leads elsewhere now, for its descriptor was redirected.

    A stream that is closed, or whose terminal is gone, leads nowhere else.
    """
    try:
        return not _ONE_TERMINAL and os.fstat(file.fileno()).st_rdev != terminal
    except Exception:  # as above
        return False


def leads_to_no_terminal(descriptor: int) -> bool:
    """Tell whether a descriptor that has led to a terminal is something else now.

    Unlike in `leads_elsewhere`, no other thread gets a turn and redirects it between the look and the answer.
    """
    try:
        return not os.get_terminal_size(descriptor)
    except OSError as error:
        return error.errno == errno.ENOTTY and not _ONE_TERMINAL


def has_own_log(file: Any, pid: int) -> bool:
    """Tell whether a stream leads to a file, and to another one than the errors of a process, as far as is known."""
    try:
        found = os.fstat(file.fileno())
        return stat.S_ISREG(found.st_mode) and not os.path.samestat(found, os.stat(f"/proc/{pid}/fd/2"))
    except Exception:  # as above, or there is no such file system
        return False


AGENTS = (
    *("AI_AGENT", "AGENT", "CLAUDECODE", "CLAUDE_CODE", "CODEX_SANDBOX", "CURSOR_AGENT", "GEMINI_CLI", "OPENCODE"),
    *("AUGMENT_AGENT", "CLINE_ACTIVE", "COPILOT_AGENT", "GOOSE_TERMINAL"),
)
"""Variables that programs set which run commands and read their output in the place of a person."""


def agent() -> str:
    """Return the variable that tells that an agent reads the terminal; empty if none does.

    `HEADWAY_INTERACTIVE=1` says that a person does.
    """
    if not any_is_set(AGENTS) or variable("HEADWAY_INTERACTIVE") == "1":
        return ""
    return next((name for name in AGENTS if variable(name) not in ("", "0", "false")), "")


def in_foreground(file: Any) -> bool:
    """Tell whether this process is in the foreground of a stream's terminal: it is not after `&`, nor after `bg`."""
    if not hasattr(os, "tcgetpgrp"):
        return True  # there are no jobs
    try:
        return os.tcgetpgrp(file.fileno()) == os.getpgrp()
    except (OSError, AttributeError):  # not the terminal that the process belongs to
        return False


def show_cursor() -> None:
    """Show the cursor of the terminal that the process belongs to, whatever has become of the streams."""
    with suppress(AttributeError, OSError):  # no terminal
        terminal = os.open(os.ctermid(), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(terminal, b"\x1b[?25h")
        finally:
            os.close(terminal)


def in_test(file: Any) -> bool:
    """Tell whether pytest keeps what is written to a stream, or shares the stream out among workers of pytest-xdist.

    Both are told by what is in this process: programs that a test starts inherit the environment, and are no tests.
    """
    if "_pytest.capture" not in sys.modules:
        return False
    shared = file is sys.stderr or file is sys.stdout
    return type(file).__module__ == "_pytest.capture" or (shared and any_is_set(("PYTEST_XDIST_WORKER",)))


def threads_wanted() -> bool:
    """Tell whether a thread may be used: not with `HEADWAY_THREADS=0`."""
    return variable("HEADWAY_THREADS") != "0"
