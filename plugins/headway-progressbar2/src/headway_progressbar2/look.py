"""progressbar2's row: its order, its brackets and its words, with headway's figures in the place of progressbar2's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from progressbar import utils

from headway import format as fmt
from headway.layout import Layout, Words, of_library

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["layout_of", "widest_of"]

_time: Any = utils.format_time  # type: ignore[attr-defined]
TURNS = "|/-\\"
"""The markers of progressbar2's `AnimatedMarker`."""
AFTER = "{elapsed} {eta} {rate} {workers} {metrics} {notes}"


def layout_of(s: Snapshot) -> Layout:
    """Return the layout of progressbar2's default widgets, with a postfix."""
    return UNKNOWN if s.total is None else KNOWN


def widest_of(s: Snapshot) -> dict[str, int]:
    """Return the columns that a bar's figures may come to take, as far as that is known."""
    return {} if s.total is None else {"count": fmt.width(_count(s._replace(n=s.total)))}


def _count(s: Snapshot) -> str:
    n = fmt.count(s.n, s.unit_scale)
    if s.total is None:
        return n
    over = ", over" if s.n > s.total else ""
    return f"{n} of {'~' if s.estimated else ''}{fmt.count(s.total, s.unit_scale)}{over}"


def _marker(s: Snapshot) -> str:
    return TURNS[int(s.elapsed * 10) % len(TURNS)] if s.state == "running" else TURNS[0]


def _elapsed(s: Snapshot) -> str:
    return f"Elapsed Time: {_time(s.elapsed)}"


def _elapsed_in_short(s: Snapshot) -> str:
    return str(_time(s.elapsed))


def _eta(s: Snapshot) -> str:
    if s.total is None and s.eta is None:
        return ""
    if s.state != "running":
        return f"Time: {_time(s.elapsed):>8}"
    if s.eta is None:
        return "ETA:  --:--:--" if s.n <= s.initial else "ETA:      N/A"
    return f"ETA:  {_time(s.eta):>8}"


def _eta_in_short(s: Snapshot) -> str:
    return " ".join(_eta(s).split()) if s.state == "running" else str(_time(s.elapsed))


WORDS: Mapping[str, Words] = {
    "spinner": Words(_marker),
    "count": Words(_count),
    "elapsed": Words(_elapsed, _elapsed_in_short, priority=3),
    "eta": Words(_eta, _eta_in_short, priority=5),
    "rate": Words(lambda _s: ""),  # progressbar2's row has none; rates in other units were asked for
    "metrics": Words(between=","),
}
KNOWN = of_library(f"{{title}} {{percentage:>4}} ({{count}}) {{bar}} {AFTER}", WORDS)
UNKNOWN = of_library(f"{{title}} {{spinner}} {{bar}} {{count}} {AFTER}", WORDS)
