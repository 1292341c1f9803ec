"""Sentences for screen readers: few of them, each whole, without control characters and abbreviations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from headway import format as fmt
from headway.sink import Context, PerBar, Renderer
from headway.sinks.news import troubles
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
    if s.total is None or s.n > s.total:
        return ", ".join(filter(None, (_amount(s, s.n), _excess(s))))
    n = _amount(s, s.n) if s.unit_scale else english.numeral(s.n)
    return f"{n} of {'about ' if s.estimated else ''}{_amount(s, s.total)}"


def _excess(s: Snapshot) -> str:
    if s.total is None or s.n <= s.total:
        return ""
    more = s.n - s.total
    return f"{_amount(s, more) if s.unit_scale else english.numeral(more)} more than expected"


def _share(s: Snapshot) -> str:
    return f"{int(s.fraction * 100)} per cent" if s.fraction is not None and s.total else ""


def _workers(s: Snapshot) -> Iterator[str]:
    if s.workers is not None:
        yield english.amount(s.workers.count, "worker")
        if s.workers.slowest is not None:
            yield f"the slowest at {int(s.workers.slowest * 100)} per cent"


def _time(s: Snapshot) -> str:
    left = "" if s.eta is None or s.paused else english.about(s.eta)
    if left:
        return f"{left} left"
    return f"after {english.duration(s.elapsed)}" if s.total is None or s.n > s.total else ""


def _metrics(s: Snapshot) -> Iterator[str]:
    for name, reading in s.metrics.items():
        yield f"{name.replace('_', ' ')} {_value(reading)}"


def _value(reading: Reading) -> str:
    own = isinstance(reading.value, str) or (reading.format and reading.since is None)
    return reading.text if own else english.value(reading.value)  # type: ignore[arg-type]


# ── when they are said ───────────────────────────────────────────────────────────────────────────────────────────────


class Said(NamedTuple):
    """The last snapshot of a bar that was said, or its first one, and whether anything was said."""

    snapshot: Snapshot
    anything: bool = False


class SpokenSink(PerBar):
    """Writes sentences: the first and the last of a bar, and in between one when there is enough to say.

    Of a bar inside another that leaves no row behind nothing is said before it has lived for the interval.
    """

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._interval: float = context.options.get("interval", INTERVAL)
        self._percent: float = context.options.get("percent", PERCENT)
        self._said: dict[int, Said] = {}

    def open(self, snapshot: Snapshot) -> None:
        """Say that it begins."""
        self._said[snapshot.id] = Said(snapshot)
        if snapshot.leave or snapshot.parent is None:
            self._say(snapshot, beginning(snapshot))

    def update(self, snapshot: Snapshot) -> None:
        """Say how far it is, if it is time to and more is done, or if there is trouble."""
        last = self._said[snapshot.id]
        since = snapshot.elapsed - last.snapshot.elapsed
        if since < 0:  # it has started over
            self._said[snapshot.id] = last._replace(snapshot=snapshot)
        elif since >= self._interval and self._is_worth_it(snapshot, last.snapshot, since):
            self._say(snapshot, progress(snapshot))

    def close(self, snapshot: Snapshot) -> None:
        """Say how it ended."""
        if self._said[snapshot.id].anything or snapshot.elapsed >= self._interval:
            self._say(snapshot, end(snapshot))
        del self._said[snapshot.id]

    def write(self, text: str) -> None:
        """Write the text as it is, but for control characters."""
        self._put(fmt.written(text, colours=False))

    def _is_worth_it(self, snapshot: Snapshot, last: Snapshot, since: float) -> bool:
        if troubles(snapshot) - troubles(last):
            return True
        if snapshot.total:
            return abs(snapshot.n - last.n) * 100 >= self._percent * snapshot.total
        return since >= MINUTE

    def _say(self, snapshot: Snapshot, sentence: str) -> None:
        self._said[snapshot.id] = Said(snapshot, anything=True)
        self._put(sentence)

    def _put(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


OPTIONS: dict[str, Any] = {"interval": at_least_zero, "percent": at_least_zero}
RENDERER = Renderer(SpokenSink, protocol=2, draws="lines", interval=1.0, options=OPTIONS)
