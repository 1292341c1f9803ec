"""Sentences for screen readers: few of them, each whole, without control characters and abbreviations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headway import format as fmt
from headway.news import News, PerNews
from headway.sink import Context, Renderer
from headway.sinks.options import at_least_zero
from headway.snapshot import Reading, Snapshot
from headway.text import english

__all__ = ["RENDERER", "SpokenSink", "beginning", "end", "progress"]

INTERVAL = 10.0
PERCENT = 10.0
MINUTE = 60.0
"""Seconds from one sentence to the next at least, if the total is unknown."""
LONGEST = 80
"""Characters of a name that are said at most."""
VERBS = {"interrupted": "was interrupted"}
WITH_PROGRESS: frozenset[News] = frozenset(("best", "remaining time", "alive"))
"""News that waits for a sentence of progress, which says it."""


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────────


def beginning(s: Snapshot) -> str:
    """Say that it begins: `Training started, 1000 batches`."""
    if s.initial:
        return _sentence(f"{_subject(s)} resumed at {_counts(s)}")
    total = "" if s.total is None else f", {'about ' if s.estimated else ''}{_amount(s, s.total)}"
    return _sentence(f"{_subject(s)} started{total}")


def progress(s: Snapshot) -> str:
    """Say how far it is: `Training is at 45 per cent, 450 of 1000 batches, about 3 minutes left, loss 0.12`."""
    if s.stalled is not None:
        return _sentence(f"{_subject(s)} has not moved for {english.duration(s.stalled)}, at {_counts(s)}")
    parts = [_share(s), _counts(s), *_workers(s), _time(s), *_metrics(s)]
    return _sentence(f"{_subject(s)} is {'paused ' if s.paused else ''}at {', '.join(filter(None, parts))}")


def end(s: Snapshot) -> str:
    """Say how it ended: `Training failed after 450 of 1000 batches: ValueError: out of ink`."""
    if s.state == "finished":
        parts = [f"{_amount(s, s.n)} in {english.duration(s.elapsed)}", _excess(s), *_metrics(s)]
        return _sentence(f"{_subject(s)} finished, {', '.join(filter(None, parts))}")
    reason = f": {s.reason}" if s.reason else ""
    return _sentence(f"{_subject(s)} {VERBS.get(s.state, s.state)} after {_counts(s)}{reason}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _subject(s: Snapshot) -> str:
    """Return the name of the work as the beginning of a sentence."""
    name = (s.desc or s.name).strip().rstrip(":.…").rstrip() or "Progress"
    if len(name) > LONGEST:
        name = name[:LONGEST].rpartition(" ")[0] or name[:LONGEST]
    phase = f", phase {s.phase}," if s.phase else ""
    return f"{name[0].upper()}{name[1:]}{phase}"


def _amount(s: Snapshot, n: float) -> str:
    return english.amount(n, s.unit, s.unit_scale)


def _counts(s: Snapshot) -> str:
    if s.total is None or s.over:
        return ", ".join(filter(None, (_amount(s, s.n), _excess(s))))
    n = _amount(s, s.n) if s.unit_scale else english.numeral(s.n)
    return f"{n} of {'about ' if s.estimated else ''}{_amount(s, s.total)}"


def _excess(s: Snapshot) -> str:
    if s.total is None or not s.over:
        return ""
    more = s.n - s.total
    return f"{_amount(s, more) if s.unit_scale else english.numeral(more)} more than expected"


def _share(s: Snapshot) -> str:
    return f"{int(s.fraction * 100)} per cent" if s.fraction is not None and s.total else ""


def _workers(s: Snapshot) -> Iterator[str]:
    if s.workers is not None:
        yield fmt.processes(s.workers.count, s.workers.ranks)
        if s.workers.slowest is not None:
            yield f"the slowest at {int(s.workers.slowest * 100)} per cent"


def _time(s: Snapshot) -> str:
    left = "" if s.eta is None or s.paused else english.about(s.eta)
    if left:
        return f"{left} left"
    return f"after {english.duration(s.elapsed)}" if s.total is None or s.over else ""


def _metrics(s: Snapshot) -> Iterator[str]:
    for name, reading in s.metrics.items():
        yield f"{name.replace('_', ' ')} {_value(reading)}"


def _value(reading: Reading) -> str:
    own = isinstance(reading.value, str) or (reading.format and reading.since is None)
    return reading.text if own else english.value(reading.value)  # type: ignore[arg-type]


# ── when they are said ───────────────────────────────────────────────────────────────────────────────────────────────


class SpokenSink(PerNews):
    """Writes sentences: of news, and of progress when there is enough of it.

    From one sentence of a bar that goes on to the next the interval passes. News that each sentence says waits for
    progress. A bar inside another that leaves no row behind is spoken of once it has lived for the interval.
    """

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._interval: float = context.options.get("interval", INTERVAL)
        self._percent: float = context.options.get("percent", PERCENT)

    def is_due(self, snapshot: Snapshot, told: Snapshot | None, news: tuple[News, ...]) -> bool:
        """Tell of news and, after the interval, of what is done."""
        if told is None:
            return bool(news)
        if snapshot.state != "running":
            return bool(news) or snapshot.elapsed >= self._interval
        since = snapshot.elapsed - told.elapsed
        return since >= self._interval and (not WITH_PROGRESS.issuperset(news) or self._is_much(snapshot, told, since))

    def patience(self, snapshot: Snapshot) -> float:  # noqa: ARG002  # it is the same for all bars
        """Return the seconds between two sentences of a bar."""
        return self._interval

    def tell(self, snapshot: Snapshot, news: tuple[News, ...]) -> None:
        """Say a sentence."""
        say = beginning if "opened" in news else progress if snapshot.state == "running" else end
        self._put(say(snapshot))

    def write(self, text: str) -> None:
        """Write the text as it is, but for control characters."""
        self._put(fmt.written(text, colours=False))

    def _is_much(self, snapshot: Snapshot, told: Snapshot, since: float) -> bool:
        if snapshot.total:
            return abs(snapshot.n - told.n) * 100 >= self._percent * snapshot.total
        return since >= MINUTE

    def _put(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


OPTIONS: dict[str, Any] = {"interval": at_least_zero, "percent": at_least_zero}
RENDERER = Renderer(SpokenSink, protocol=2, draws="lines", interval=1.0, options=OPTIONS, cosmetic=OPTIONS)
