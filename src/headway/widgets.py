"""What a picture says, as short texts that every renderer shows alike: one function a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headway import format as fmt

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["counts", "details", "ending", "label", "metrics", "percentage", "row", "timing"]


def label(s: Snapshot) -> str:
    """The description, or the last part of the name where there is none."""
    return s.desc or s.name.rpartition(".")[2]


def percentage(s: Snapshot) -> str:
    """The share that is done, rounded down so that 100% means complete; empty while the total is unknown."""
    return "" if s.fraction is None else f"{int(s.fraction * 100)}%"


def counts(s: Snapshot) -> str:
    """How many of how many: `40/100`, `40it` where the total is unknown, `120/100 (over)` on overshoot."""
    n = fmt.count(s.n, s.unit_scale)
    if s.total is None:
        return f"{n}{s.unit}"
    over = " (over)" if s.n > s.total else ""
    return f"{n}/{fmt.count(s.total, s.unit_scale)}{over}"


def timing(s: Snapshot) -> str:
    """Elapsed time, remaining time while it runs, and the rate: `00:03<00:04, 13.2it/s`."""
    elapsed = fmt.duration(s.elapsed)
    if s.state == "running" and s.total is not None:
        elapsed += "<" + ("?" if s.eta is None else fmt.duration(s.eta))
    return elapsed if s.rate is None else f"{elapsed}, {fmt.rate(s.rate, s.unit, s.unit_scale)}"


def metrics(s: Snapshot) -> str:
    """All metrics in the order of their first report: `loss=0.1234, lr=3.0e-05`."""
    return ", ".join(f"{name}={metric.text}" for name, metric in s.metrics.items())


def ending(s: Snapshot) -> str:
    """How it ended, in words: empty while it runs and when it finished, `paused` while it is."""
    if s.state == "running":
        return "paused" if s.paused else ""
    if s.state == "finished":
        return ""
    word = "FAILED" if s.state == "failed" else s.state
    return f"{word}: {s.reason}" if s.reason else word


def details(s: Snapshot) -> str:
    """What stands right of the numbers: how it ended, the metrics, the message."""
    return ", ".join(filter(None, (ending(s), metrics(s), s.message)))


def row(s: Snapshot) -> str:
    """The whole picture as one line of text without a bar."""
    head = f"{label(s)}: " if label(s) else ""
    share = f" ({percentage(s)})" if percentage(s) else ""
    tail = f" {details(s)}" if details(s) else ""
    return f"{head}{counts(s)}{share} [{timing(s)}]{tail}"


