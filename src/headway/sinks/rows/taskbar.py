"""The share for a terminal's tab, the task bar and status panels: OSC 9;4 and OSC 7501."""

from __future__ import annotations

from headway.notation import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["Status", "Taskbar"]

KEPT_ALIVE = 10.0
"""Seconds after which a share is reported again to a terminal that forgets it; Ghostty does after 15."""

ID = "headway"
"""The id of the record of OSC 7501."""

_NONE, _SHARE, _FAILED, _UNKNOWN, _PAUSED = range(5)
"""States of OSC 9;4."""


class Taskbar:
    """Reports by OSC 9;4, once for each whole percent.

    Args:
        pauses: Whether the terminal shows a pause; else a paused bar is shown as running.
        forgets: Whether the terminal forgets a report that is not repeated.
    """

    def __init__(self, *, pauses: bool = True, forgets: bool = False) -> None:
        self._pauses = pauses
        self._forgets = forgets
        self._told = (_NONE, 0)
        self._since = 0.0

    def report(self, s: Snapshot | None, *, failed: bool, now: float) -> str:
        """Return what reports a bar; empty if the terminal shows it already.

        Args:
            s: The bar; `None` for none, which clears the report.
            failed: Whether a bar beside it has failed.
            now: The time in seconds.
        """
        told = (_NONE, 0) if s is None else (self._state(s, failed), _percent(s) or 0)
        late = self._forgets and s is not None and now - self._since >= KEPT_ALIVE
        if told == self._told and not late:
            return ""
        self._told, self._since = told, now
        return f"\x1b]9;4;{told[0]};{told[1]}\x1b\\"

    def _state(self, s: Snapshot, failed: bool) -> int:
        if failed:
            return _FAILED
        if _is_halted(s) and self._pauses:
            return _PAUSED
        return _UNKNOWN if s.fraction is None else _SHARE


class Status:
    """Reports by OSC 7501, the program status protocol, whenever the whole percent or a text has changed.

    The record has the same id in each process, so that the next bar on a terminal takes the place of a record that a
    killed program has left there. Only the job in the foreground has one.
    """

    def __init__(self) -> None:
        self._told: tuple[Any, ...] = ()

    def report(self, s: Snapshot | None, *, failed: bool) -> str:
        """Return what reports a bar; empty if it has been told. See `Taskbar.report`."""
        told = () if s is None else (s.id, "error" if failed else "working", _percent(s), s.desc, s.message)
        if told == self._told:
            return ""
        self._told = told
        if not told:
            return f"\x1b]7501;state=clear:id={ID}\x1b\\"
        _, state, percent, title, message = told
        fields: dict[str, Any] = {"state": state, "app": "headway", "id": ID}
        fields |= {} if percent is None else {"progress": percent}
        fields |= {name: _encoded(text) for name, text in (("title", title), ("msg", message)) if text}
        return f"\x1b]7501;{':'.join(f'{name}={value}' for name, value in fields.items())}\x1b\\"


def _percent(s: Snapshot) -> int | None:
    return None if s.fraction is None else int(max(0.0, min(s.fraction, 1.0)) * 100)


def _is_halted(s: Snapshot) -> bool:
    return s.paused or s.stalled is not None


def _encoded(text: str) -> str:
    from binascii import b2a_base64  # only where the report was asked for

    return b2a_base64(text.encode(), newline=False).decode()
