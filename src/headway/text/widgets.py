"""The columns of a row, each a short text that a snapshot comes to, alike under every renderer.

A widget is a function of the snapshot, or an object that can be called like one; see `Widget`. `layout.py` puts them
in a row. Names that are not here may come from a plugin, see `headway.hookspecs.headway_widget`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from functools import lru_cache

from headway import format as fmt
from headway.host.faults import tell
from headway.notation import TYPE_CHECKING, Any, NamedTuple
from headway.sink import Widget

if TYPE_CHECKING:
    from headway.snapshot import Number, Reading, Snapshot

__all__ = [
    "ALWAYS",
    "FIRM",
    "KNOWN",
    "LABEL",
    "SOFT",
    "WITH_ARGUMENT",
    "Cell",
    "Widget",
    "cells",
    "counted",
    "counts",
    "elapsed",
    "ending",
    "eta",
    "finish",
    "gpu_memory",
    "label",
    "memory",
    "metric",
    "metrics",
    "notes",
    "per_second",
    "percentage",
    "rate",
    "sparkline",
    "spinner",
    "title",
    "workers",
]

FRAMES = "|/-\\"
BLOCKS = "▁▂▃▄▅▆▇█"
SLACK = 1e-9
"""What a third of three may lack of one."""


class Cell(NamedTuple):
    """A piece of text in a row, and how soon it gives way."""

    text: str
    """The text, as wide as it is to be."""
    priority: int
    """A number that tells how soon it gives way in a narrow row: the lower, the sooner."""
    soft: bool = False
    """Whether it may be cut rather than left out."""
    counted: bool = False
    """Whether the row says that it was left out."""
    short: str = ""
    """A text that takes its place before it is left out, if there is one."""
    least: int = 0
    """Columns that a note is left before others give way."""
    aside: bool = False
    """Whether it belongs to the piece before it, from which nothing but a blank parts it."""
    kept: int = 0
    """Columns that are kept free for a number beyond its text. If it has none yet, the bar alone leaves them free."""
    lent: int = 0
    """Columns of a number beyond the usual, which the bar lends it before anything gives way."""


# ── what is being done, and what became of it ────────────────────────────────────────────────────────────────────────


def label(s: Snapshot) -> str:
    """The description, with those of the bars around where they are folded into this one, and the phase."""
    return " ".join(filter(None, (s.around, s.desc, s.phase)))


def ending(s: Snapshot) -> str:
    """The word for how it ended: empty while it runs and when it finished.

    `blocked`, `paused` or `stalled 03:20` while it is.
    """
    if s.state == "running":
        if s.blocked:
            return "blocked"
        stalled = "" if s.stalled is None else f"stalled {fmt.duration(s.stalled)}"
        return "paused" if s.paused else stalled
    return {"finished": "", "failed": "FAILED"}.get(s.state, s.state)


def title(s: Snapshot, columns: int = 1000) -> str:
    """The label and the word for how it ended, in at most so many columns; the label gives way first."""
    word = ending(s)
    name = fmt.crop(label(s), max(0, columns - len(word) - 1) if word else columns)
    return f"{name} {word}".strip()


def notes(s: Snapshot) -> str:
    """Why it ended, or is blocked, and the message."""
    return ", ".join(filter(None, (s.reason, s.blocked, s.message)))


# ── how far ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def percentage(s: Snapshot) -> str:
    """The share that is done, rounded down so that 100% means complete; empty while the total is unknown."""
    share = s.fraction
    return "" if share is None else f"{int(share * 100)}%"


def counts(s: Snapshot) -> str:
    """How many of how many: `40/100`, `40/~100` for an estimate, `40it` where unknown, `120/100 (over)` above it."""
    n = fmt.count(s.n, s.unit_scale)
    if s.total is None:
        return f"{n}{s.unit}"
    over = " (over)" if s.over else ""
    return f"{n}/{'~' if s.estimated else ''}{fmt.count(s.total, s.unit_scale)}{over}"


def counted(s: Snapshot, unit: str) -> str:
    """The count in another unit, of which one takes several of the bar's: `step 10/25`; empty if there is none such."""
    share = s.units.get(unit, 1.0)
    if share >= 1:
        return ""
    done = s.n * share + SLACK
    if s.total is None:
        return f"{unit} {int(done)}"
    whole = s.total * share + SLACK if s.estimated else -((SLACK - s.total * share) // 1)
    return f"{unit} {int(whole if s.n >= s.total else done)}/{int(whole)}"


def workers(s: Snapshot) -> str:
    """The worker processes that it is the sum of: `8 workers, slowest 12%`, or `2 of 4 ranks`; empty if it is not."""
    if s.workers is None:
        return ""
    said = fmt.processes(s.workers.count, s.workers.ranks)
    return said if s.workers.slowest is None else f"{said}, slowest {int(s.workers.slowest * 100)}%"


# ── how fast, how long ───────────────────────────────────────────────────────────────────────────────────────────────


def elapsed(s: Snapshot) -> str:
    """The time since it began: `00:03`."""
    return fmt.duration(s.elapsed)


def eta(s: Snapshot) -> str:
    """The time that is left: `00:04`, `?` while nothing is known; empty at the end, and where there is no total."""
    if s.state != "running" or (s.total is None and s.eta is None):
        return ""
    return "?" if s.eta is None else fmt.duration(s.eta)


def finish(s: Snapshot) -> str:
    """The time of day when it will be done: `14:05`, from a day on with the date: `Mon 23 14:05`."""
    if s.state != "running" or s.eta is None or s.eta > 1e9:
        return ""
    end = time.localtime(time.time() + s.eta)
    return time.strftime("%H:%M" if s.eta < 86400 else "%a %d %H:%M", end)


def rate(s: Snapshot) -> str:
    """The rate: `13.2it/s`, empty before there is one."""
    return "" if s.rate is None else fmt.rate(s.rate, s.unit, s.unit_scale)


def per_second(s: Snapshot, unit: str) -> str:
    """The rate in another unit, such as samples or tokens: `845sample/s`; empty if there is none such."""
    if s.rate is None or unit not in s.units:
        return ""
    return fmt.rate(s.rate * s.units[unit], unit, "si")


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def metric(s: Snapshot, name: str) -> str:
    """One metric: `loss=0.1234`, as wide as it has ever been; empty before its first report."""
    reading = s.metrics.get(name)
    return "" if reading is None else f"{name}=" + f"{reading.text}{reading.mark}".ljust(reading.columns)


def metrics(s: Snapshot) -> str:
    """All metrics: `loss=0.1234 lr=3.0e-05`."""
    return " ".join(metric(s, name) for name in s.metrics)


def sparkline(s: Snapshot, name: str) -> str:
    """The course of a metric from its first report until now, in up to 16 blocks: `▇▅▃▂▁`."""
    history = s.metrics[name].history if name in s.metrics else ()
    if len(history) < 2:
        return ""
    low, high = min(history), max(history)
    span = (high - low) or 1.0
    return "".join(BLOCKS[int((value - low) / span * (len(BLOCKS) - 1))] for value in history)


# ── this process ─────────────────────────────────────────────────────────────────────────────────────────────────────


def spinner(s: Snapshot) -> str:
    """A character that turns while the work goes on."""
    return FRAMES[int(s.elapsed * 10) % len(FRAMES)] if s.state == "running" else ""


def memory(_s: Snapshot) -> str:
    """The memory that this process holds: `1.20GiB`; empty without psutil."""
    psutil = _optional("psutil", "the widget 'memory'", "psutil")
    return "" if psutil is None else f"{fmt.count(psutil.Process().memory_info().rss, 'iec')}B"


def gpu_memory(_s: Snapshot) -> str:
    """The memory in use on each GPU of this machine: `GPU 3.10GiB`; empty without nvidia-ml-py or without a GPU."""
    pynvml = _optional("pynvml", "the widget 'gpu_memory'", "nvidia-ml-py")
    if pynvml is None:
        return ""
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        used = [f"{fmt.count(pynvml.nvmlDeviceGetMemoryInfo(handle).used, 'iec')}B" for handle in handles]
    except pynvml.NVMLError:
        return ""
    return f"GPU {' '.join(used)}" if used else ""


def _optional(module: str, what: str, distribution: str) -> Any:
    """Import a library that may be missing; its absence is told once and makes the widget empty."""
    from importlib import import_module  # an optional library

    try:
        return import_module(module)
    except ImportError:
        tell(module, f"{what} stays empty: it needs {distribution}, which is not installed: pip install {distribution}")
        return None


# ── all of them by name ──────────────────────────────────────────────────────────────────────────────────────────────

AROUND = 40
"""Columns that the bars around may take, where they are folded into a row."""
REASON = 24
"""Columns that the reason of an end is left before numbers give way."""
SUMMARY = 4
"""The priority of the first and the best value of a metric, at the end."""
LABEL = 3
"""The priority of the label: it is cut after the notes, and before anything is left out."""
FIRM = 8
"""From this priority on a widget outlasts the bar."""
ALWAYS = 10
"""The priority of what a row must say however narrow it is: how the work ended."""

KNOWN: dict[str, tuple[Callable[..., str], int]] = {
    "message": (lambda s: s.message, 1),
    "workers": (workers, 2),
    "notes": (notes, 1),
    "reason": (lambda s: s.reason or s.blocked, 2),
    "desc": (lambda s: f"{s.around} {s.desc}".strip(), LABEL),
    "title": (label, LABEL),
    "spinner": (spinner, 3),
    "memory": (memory, 3),
    "gpu_memory": (gpu_memory, 3),
    "sparkline": (sparkline, 3),
    "finish": (finish, 4),
    "rate": (rate, 4),
    "elapsed": (elapsed, 5),
    "metric": (metric, 5),
    "metrics": (metrics, 5),
    "eta": (eta, 6),
    "phase": (lambda s: s.phase, 7),
    "percentage": (percentage, FIRM),
    "count": (counts, 9),
    "state": (ending, ALWAYS),
}
"""The built-in widgets, each with its priority: the lower, the sooner it gives way. `bar` is the renderer's own.

`metric` and `sparkline` take a metric's name (`metric.loss`), and `rate` and `count` may take another unit
(`rate.sample`, `count.step`).
"""
KEEPING = {"count", "eta", "rate"}
"""Numbers that come and go by a digit all the time: columns are kept free for them while the bar runs."""
SOFT = {"message", "notes", "reason", "desc", "title"}
"""Free texts: they are cut before anything is left out."""
WITH_ARGUMENT: dict[str, Callable[[Snapshot, str], str]] = {
    "metric": metric,
    "sparkline": sparkline,
    "rate": per_second,
    "count": counted,
}
"""The widgets that take a name after a dot."""


def cells(s: Snapshot, name: str, apart: Container[str]) -> list[Cell] | None:
    """Return the pieces of a widget that gives way piece by piece, `None` for any other.

    Args:
        s: The snapshot.
        name: The widget's name.
        apart: Widgets that have a place of their own in the row, such as `metric.loss`.
    """
    pieces = IN_PIECES.get(name)
    return None if pieces is None else pieces(s, apart)


def _title_cells(s: Snapshot, _apart: Container[str]) -> list[Cell]:
    found = [Cell(s.desc, LABEL, soft=True)]
    if s.around:
        found.insert(0, Cell(fmt.crop(s.around, AROUND), KNOWN["eta"][1]))
    if s.phase:
        found.append(Cell(s.phase, KNOWN["phase"][1]))
    if word := ending(s):
        found.append(Cell(word, ALWAYS))
    return found


def _metric_cells(s: Snapshot, apart: Container[str]) -> list[Cell]:
    found = []
    for each, reading in s.metrics.items():
        if f"metric.{each}" not in apart:
            text, opening, summary = metric(s, each).partition(" (")
            found.append(Cell(text, reading.priority, counted=True, lent=_beyond_usual(reading)))
            if summary:
                best = summary.partition(", ")[2].partition(" at ")[0]
                short = f"({best})" if best else ""
                found.append(Cell(opening.lstrip() + summary, SUMMARY, short=short, aside=True))
    return found


def _beyond_usual(reading: Reading) -> int:
    """Return the columns that a number takes beyond those of `0.1234`, without the star of a best value."""
    if isinstance(reading.value, str):
        return 0
    widest = max(fmt.width(reading.text), reading.columns - (reading.best is not None))
    return max(0, widest - len("0.1234"))


def _note_cells(s: Snapshot, _apart: Container[str]) -> list[Cell]:
    why = KNOWN["phase"][1] if s.state != "running" else KNOWN["reason"][1]
    return [
        *(Cell(text, why, soft=True, least=REASON) for text in (s.reason, s.blocked) if text),
        *(Cell(text, KNOWN["message"][1], soft=True) for text in (s.message,) if text),
    ]


def _rate_cells(s: Snapshot, apart: Container[str]) -> list[Cell]:
    priority = KNOWN["rate"][1]
    others = [u for u, share in s.units.items() if share >= 1 and f"rate.{u}" not in apart] if s.units else []
    text, kept = rate(s), 0
    if s.state == "running" and s.total is not None:
        usual = _usual_rate(s.unit, s.unit_scale)
        kept = max(0, usual - len(text)) if text else usual + len(", ")
    return [Cell(text, priority, kept=kept), *[Cell(per_second(s, u), priority) for u in others]]


def _count_cells(s: Snapshot, apart: Container[str]) -> list[Cell]:
    others = [u for u, share in s.units.items() if share < 1 and f"count.{u}" not in apart] if s.units else []
    text, kept = counts(s), 0
    if s.state == "running" and s.total is not None:
        kept = max(0, _widest_count(s.total, s.unit_scale, s.estimated, isinstance(s.n, int)) - len(text))
    return [Cell(text, KNOWN["count"][1], kept=kept), *[Cell(counted(s, u), KNOWN["eta"][1]) for u in others]]


def _eta_cells(s: Snapshot, _apart: Container[str]) -> list[Cell]:
    text = eta(s)
    return [Cell(text, KNOWN["eta"][1], kept=len("00:00") - 1 if text == "?" else 0)]


@lru_cache
def _usual_rate(unit: str, scale: fmt.UnitScale) -> int:
    """Return the characters of a rate, which has four digits at most, or three and a prefix."""
    return len(fmt.rate(1024.0, unit, scale))


@lru_cache
def _widest_count(total: Number, scale: fmt.UnitScale, estimated: bool, whole: bool) -> int:
    """Return the characters that the counts take at most until the total is reached."""
    widest = 1024 if scale and total >= 1024 else total if whole else int(total) + 0.25
    return len(f"{fmt.count(widest, scale)}/{'~' if estimated else ''}{fmt.count(total, scale)}")


IN_PIECES: dict[str, Callable[[Snapshot, Container[str]], list[Cell]]] = {
    "title": _title_cells,
    "notes": _note_cells,
    "metrics": _metric_cells,
    "rate": _rate_cells,
    "count": _count_cells,
    "eta": _eta_cells,
}
