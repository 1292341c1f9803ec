"""The terminals that are known to have more than a cursor, told by the environment. Nothing is asked of the terminal.

A variable that a terminal sets is inherited by every terminal that is started from it. So the sign of another terminal
outweighs it, and a terminal that is not listed has nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from headway.notation import NamedTuple

__all__ = ["Features", "features"]


class Features(NamedTuple):
    """What a terminal has beyond a cursor and erasing."""

    taskbar: bool = False
    """Whether OSC 9;4 shows a share on its tab or in the task bar, and does nothing else."""
    pauses: bool = True
    """Whether that share can be shown as paused."""
    forgets: bool = False
    """Whether that share goes away if it is not reported again within seconds."""
    synchronized: bool = False
    """Whether it holds its picture back while a frame arrives (mode 2026)."""
    direct: bool = True
    """Whether nothing stands before it that keeps sequences which it does not know to itself, as tmux does."""


_BY_TERM = {
    "alacritty": "alacritty",
    "contour": "contour",
    "foot": "foot",
    "rio": "rio",
    "wezterm": "wezterm",
    "xterm-ghostty": "ghostty",
    "xterm-kitty": "kitty",
}
"""Terminals that have a `TERM` of their own."""
_OTHERS = (
    *("ALACRITTY_WINDOW_ID", "INSIDE_EMACS", "KITTY_WINDOW_ID", "KONSOLE_VERSION"),
    *("NVIM", "TERMINAL_EMULATOR", "VIM_TERMINAL", "XTERM_VERSION"),
)
"""Set in terminals that call themselves `xterm-256color` and name no program."""
_TASKBAR: dict[str, tuple[int, ...]] = {
    "conemu": (),
    "ghostty": (1, 2),
    "iterm.app": (3, 6, 6),  # older ones show each report as a notification
    "vte": (7900,),
    "wezterm": (20240204,),
    "windows": (),
}
"""Terminals that show OSC 9;4, with the first version that does."""
_SYNCHRONIZED: dict[str, tuple[int, ...]] = {
    "alacritty": (),
    "contour": (),
    "foot": (),
    "ghostty": (),
    "iterm.app": (3, 5),
    "kitty": (),
    "rio": (),
    "tmux": (3, 7),
    "wezterm": (),
}
"""Terminals that have mode 2026, with the first version that does."""


def features(env: Mapping[str, str]) -> Features:
    """Tell what the terminal has.

    Args:
        env: The environment of a program on it.
    """
    name, version = _terminal(env)
    return Features(
        taskbar=_is_new(version, _TASKBAR.get(name)),
        pauses=name != "wezterm",
        forgets=name == "ghostty",
        synchronized=_is_new(version, _SYNCHRONIZED.get(name)),
        direct=not _is_multiplexed(env),
    )


def _terminal(env: Mapping[str, str]) -> tuple[str, tuple[int, ...]]:
    """Name the terminal, and its version; both are empty if it is not known."""
    term, program = env.get("TERM", ""), env.get("TERM_PROGRAM", "").lower()
    version = _numbers(env.get("TERM_PROGRAM_VERSION", ""))
    if _is_tmux(env):
        return "tmux", version if program == "tmux" else ()
    if _is_multiplexed(env):
        return "", ()
    own = _BY_TERM.get(term) or _BY_TERM.get(term.partition("-")[0])
    if own is not None:
        return own, version if program == own else ()
    if (term and not term.startswith("xterm")) or any(env.get(other) for other in _OTHERS):
        return "", ()
    return (program, version) if program else _without_program(env)


def _is_tmux(env: Mapping[str, str]) -> bool:
    return bool(env.get("TMUX")) or env.get("TERM", "").startswith("tmux") or env.get("TERM_PROGRAM") == "tmux"


def _is_multiplexed(env: Mapping[str, str]) -> bool:
    return _is_tmux(env) or bool(env.get("STY") or env.get("ZELLIJ")) or env.get("TERM", "").startswith("screen")


def _without_program(env: Mapping[str, str]) -> tuple[str, tuple[int, ...]]:
    if env.get("ConEmuANSI") == "ON":
        return "conemu", ()
    if env.get("WT_SESSION"):
        return "windows", ()
    return "vte", _numbers(env.get("VTE_VERSION", ""))


def _numbers(version: str) -> tuple[int, ...]:
    """Read the numbers of a version: `3.7a`, `next-3.8`, `20240203-110809-5046fc22`."""
    return tuple(map(int, "".join(char if char in "0123456789" else " " for char in version).split()))


def _is_new(version: tuple[int, ...], first: tuple[int, ...] | None) -> bool:
    return first is not None and version >= first
