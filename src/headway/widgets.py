"""What a picture says, as short texts that every renderer shows alike: one function a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from headway import format as fmt

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = [
    "Texts",
    "counts",
    "details",
    "ending",
    "fit",
    "label",
    "metrics",
    "percentage",
    "rate",
    "row",
    "timing",
    "title",
]


def label(s: Snapshot) -> str:
    """The description."""
    return s.desc


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
    """Elapsed time, and remaining time while it runs: `00:03<00:04`."""
    elapsed = fmt.duration(s.elapsed)
    if s.state != "running" or s.total is None:
        return elapsed
    return f"{elapsed}<{'?' if s.eta is None else fmt.duration(s.eta)}"


def rate(s: Snapshot) -> str:
    """The rate: `13.2it/s`, empty before there is one."""
    return "" if s.rate is None else fmt.rate(s.rate, s.unit, s.unit_scale)


def metrics(s: Snapshot) -> str:
    """All metrics in the order of their first report: `loss=0.1234, lr=3.0e-05`."""
    return ", ".join(f"{name}={metric.text}" for name, metric in s.metrics.items())


def ending(s: Snapshot) -> str:
    """The word for how it ended: empty while it runs and when it finished, `paused` while it is."""
    if s.state == "running":
        return "paused" if s.paused else ""
    return {"finished": "", "failed": "FAILED"}.get(s.state, s.state)


def details(s: Snapshot) -> str:
    """What stands right of the numbers: why it ended, the metrics, the message."""
    return ", ".join(filter(None, (s.reason, metrics(s), s.message)))


def row(s: Snapshot) -> str:
    """The whole picture as one line of text without a bar."""
    return str(Texts(title(s), percentage(s), counts(s), _clock(s), details(s)))


def title(s: Snapshot, columns: int = 1000) -> str:
    """The label and the word for how it ended, in at most so many columns; the label gives way first."""
    word = ending(s)
    name = fmt.crop(label(s), max(0, columns - len(word) - 1) if word else columns)
    return f"{name} {word}".strip()


class Texts(NamedTuple):
    """The texts of one row around its bar."""

    title: str
    percentage: str
    counts: str
    timing: str
    details: str

    @property
    def left(self) -> str:
        """What stands left of the bar: `train:  40%`, without the percentage where the total is unknown."""
        head = f"{self.title}: " if self.title else ""
        return f"{head}{self.percentage:>4}" if self.percentage else head

    @property
    def right(self) -> str:
        """What stands right of the bar: `40/100 [00:03<00:04, 13.2it/s] loss=0.1234`."""
        timing = f" [{self.timing}]" if self.timing else ""
        return f"{self.counts}{timing} {self.details}".rstrip()

    def __str__(self) -> str:
        return f"{self.left} {self.right}".strip()


BAR = 10
"""Columns that a bar is left before the texts give way."""
LABEL = 8
"""Columns that a label is left before the times give way."""
MARGIN = 4
"""Columns for what a renderer puts between bar and texts."""


def fit(s: Snapshot, columns: int, bar: int | None = None) -> Texts:
    """Make the texts for a row of so many columns with a bar of at least `bar`, by default `BAR` or a fifth of it.

    Details give way first, then the rate, then the label down to `LABEL`, then the times, then the rest of the label.
    """
    room = columns - (min(BAR, columns // 5) if bar is None else bar) - MARGIN
    wide, least = max(columns // 3, LABEL), max(LABEL, len(ending(s)))
    for clock, narrow in ((_clock(s), wide), (timing(s), wide), (timing(s), least), ("", wide), ("", least), ("", 0)):
        texts = Texts(title(s, max(narrow, len(ending(s)))), percentage(s), counts(s), clock, "")
        spare = room - fmt.width(str(texts))
        if spare >= 0:
            break
    return texts._replace(details=fmt.crop(details(s), spare - 1))


def _clock(s: Snapshot) -> str:
    return ", ".join(filter(None, (timing(s), rate(s))))
