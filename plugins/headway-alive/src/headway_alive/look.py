"""alive's row: its order, its brackets and its words, with headway's figures in the place of alive's."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, NamedTuple

from alive_progress.utils.timing import END, RUN, eta_text, time_display

from headway import format as fmt
from headway import widgets
from headway.layout import Layout, Words, of_library
from headway.snapshot import Snapshot

__all__ = ["Look", "check_template", "look_of", "widest_of"]

TEXT = "{workers} {metrics} {notes}"
"""alive's text: it follows the figures, or has the second line to itself."""


class Look(NamedTuple):
    """The layouts of a bar."""

    row: Layout
    """The row, or the first of two lines."""
    below: Layout | None = None
    """The second line, if there is one."""


def look_of(config: Any) -> Look:
    """Return the look that a configuration of alive's asks for."""
    return _look(config.monitor, config.elapsed, config.stats, config.title_length, config.dual_line)


@functools.lru_cache
def _look(monitor: bool | str, elapsed: bool | str, stats: bool | str, title_length: int, dual_line: bool) -> Look:
    words = dict(WORDS)
    parts = [_title(title_length, words), "{bar}"]
    for name, given in (("monitor", monitor), ("elapsed", elapsed), ("stats", stats)):
        if isinstance(given, str):
            words[name] = Words(_filled(name, given), priority=PRIORITIES[name])
        if given:
            parts.append(f"{{{name}}}" if isinstance(given, str) else DEFAULTS[name])
    if dual_line:
        return Look(of_library(" ".join(parts), words), of_library(TEXT, words, part=True))
    return Look(of_library(" ".join([*parts, TEXT]), words))


def widest_of(s: Snapshot) -> dict[str, int]:
    """Return the columns that a bar's figures may come to take, as far as that is known."""
    if s.total is None:
        return {}
    return {"count": fmt.width(_count(s._replace(n=s.total))), "percentage": len("100%")}


DEFAULTS = {"monitor": "{count} [{percentage}]", "elapsed": "in {elapsed}", "stats": "({eta}, {rate})"}
"""alive's own templates by the options that take another one."""
PRIORITIES = {
    name: widgets.KNOWN[widget][1] for name, widget in (("monitor", "count"), ("elapsed", "elapsed"), ("stats", "rate"))
}


def _title(length: int, words: dict[str, Words]) -> str:
    """Return the part of the template that has the title, which may have a fixed length."""
    if not length:
        return "{title}"
    words["label"] = Words(lambda s: _padded(fmt.crop(widgets.label(s), length), length), priority=widgets.FIRM)
    return "{label} {state}"


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - fmt.width(text))


def _filled(option: str, template: str) -> Callable[[Snapshot], str]:
    """Return the function that fills a template of the user's."""

    def fill(s: Snapshot) -> str:
        if option == "stats" and s.state != "running":
            return f"({_rate(s)})" if s.rate is not None else ""
        warning = _warning(s) if option == "monitor" else ""
        return warning + fmt.clean(template.format(**_figures(s)))

    return fill


def check_template(option: str, template: str) -> None:
    """Check a template of the user's for `monitor`, `elapsed` or `stats`.

    Raises:
        ValueError: It cannot be filled.
    """
    if any(fmt.excessive(spec or "") for _, _, spec, _ in Formatter().parse(template)):
        raise ValueError(f"the template {template!r} is too wide")
    try:
        _filled(option, template)(EXAMPLE)
    except (KeyError, IndexError) as error:
        raise ValueError(f"the template {template!r} has no such field: {error}") from error


class _Unknown(str):
    """A figure that is not known, in whatever format."""

    __slots__ = ()

    def __format__(self, _spec: str) -> str:
        return "?"


UNKNOWN = _Unknown("?")
EXAMPLE = Snapshot(0, n=2, total=5, elapsed=2.0, rate=1.0, eta=3.0)


def _figures(s: Snapshot) -> dict[str, Any]:
    """The fields of alive's templates."""
    return {
        "count": _counted(s, s.n),
        "total": UNKNOWN if s.total is None else _counted(s, s.total),
        "percent": UNKNOWN if s.fraction is None else _floor(s.fraction),
        "elapsed": _elapsed(s),
        "rate": UNKNOWN if s.rate is None else _rate(s),
        "eta": _eta(s) or UNKNOWN,
    }


def _floor(share: float) -> float:
    """A share that reads as 100% only if all is done."""
    return share if share >= 1 else math.floor(share * 100) / 100


def _unit(s: Snapshot) -> str:
    return "" if s.unit == "it" else s.unit


def _counted(s: Snapshot, n: float) -> str:
    return fmt.count(n, s.unit_scale)


def _warning(s: Snapshot) -> str:
    """Alive's mark at the end of a bar that has done less or more than its total."""
    return "(!) " if s.state != "running" and s.total not in (None, s.n) else ""


def _count(s: Snapshot) -> str:
    """Write alive's count. The unit is said once, with the rate; alive itself would say it of the total, too."""
    if s.total is None:
        return f"{_counted(s, s.n)}{_unit(s)}"
    return f"{_warning(s)}{_counted(s, s.n)}/{'~' if s.estimated else ''}{_counted(s, s.total)}"


def _elapsed(s: Snapshot) -> str:
    return str(time_display(s.elapsed, RUN if s.state == "running" else END))


def _eta(s: Snapshot) -> str:
    if not widgets.eta(s):
        return ""
    over = s.total is not None and s.n > s.total
    return "?" if over or s.eta is None or not math.isfinite(s.eta) else str(eta_text(s.eta))


def _rate(s: Snapshot) -> str:
    """Alive's rate; one that would read as nothing is a minute's or an hour's, as with alive's `scale`."""
    if s.rate is None:
        return ""
    digits = 1 if s.state == "running" else 2
    if s.unit_scale and s.rate >= 1000:
        return f"{_counted(s, s.rate)}{_unit(s)}/s"
    rate, time = s.rate, "s"
    for seconds, name in ((60, "m"), (3600, "h")):
        if 0 < rate < 10**-digits:
            rate, time = s.rate * seconds, name
    return f"{rate:.{digits}f}{_unit(s)}/{time}"


WORDS: Mapping[str, Words] = {
    "title": Words(after=""),
    "count": Words(_count),
    "elapsed": Words(_elapsed),
    "eta": Words(_eta),
    "rate": Words(_rate),
}
