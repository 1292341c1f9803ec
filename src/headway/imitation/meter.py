"""tqdm's row as a text: the functions by which programs format one themselves. Knows numbers, draws nothing.

Renderers do not use it: they show headway's row, or have one of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from headway import format as fmt

__all__ = ["COLOURS", "format_interval", "format_meter", "format_num", "format_sizeof", "is_colour"]

ASCII = " 123456789#"
BLOCKS = " ▏▎▍▌▋▊▉█"
BLANK = "  "
NAMES = ("BLACK", "RED", "GREEN", "YELLOW", "BLUE", "MAGENTA", "CYAN", "WHITE")
COLOURS = {name: f"\x1b[{30 + i}m" for i, name in enumerate(NAMES)}
RESET = "\x1b[0m"
NARROW = 10
"""Columns of the bar where no width is given."""

_COLOUR = re.compile(r"\x1b\[[;\d]*[A-Za-z]")
_HEX = re.compile("#[0-9a-fA-F]{6}")


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def format_sizeof(num: float, suffix: str = "", divisor: float = 1000) -> str:
    """Write a number with three digits and a prefix: `format_sizeof(1536, "B", 1024)` is `1.50kB`."""
    for prefix in ("", "k", "M", "G", "T", "P", "E", "Z"):
        size = abs(num)
        if size < 999.5:
            digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
            return f"{num:.{digits}f}{prefix}{suffix}"
        num /= divisor
    return f"{num:.1f}Y{suffix}"


def format_interval(t: float) -> str:
    """Write seconds as `MM:SS` or `H:MM:SS`, with a minus where they are negative."""
    minutes, seconds = divmod(abs(int(t)), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    return f"-{text}" if t < 0 else text


def format_num(n: Any) -> str:
    """Write a number with three significant digits, or in full where that is no longer: `1.23e+5`, `0.5`."""
    short, full = re.sub(r"e([+-])0", r"e\1", f"{n:.3g}"), str(n)
    return short if len(short) < len(full) else full


def is_colour(value: Any) -> bool:
    """Tell whether a value is `#rrggbb` or the name of a colour."""
    return isinstance(value, str) and (value.upper() in COLOURS or _HEX.fullmatch(value) is not None)


# ── the row ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def format_meter(  # noqa: PLR0917  # tqdm's order
    n: float,
    total: float | None,
    elapsed: float,
    ncols: int | None = None,
    prefix: str = "",
    ascii: bool | str = False,  # noqa: A002  # tqdm's name
    unit: str = "it",
    unit_scale: bool | float = False,
    rate: float | None = None,
    bar_format: str | None = None,
    postfix: Any = None,
    unit_divisor: float = 1000,
    initial: float = 0,
    colour: str | None = None,
    **extra_kwargs: Any,
) -> str:
    """Write tqdm's row of some numbers, character by character as tqdm does.

    Args:
        n: Units that are done.
        total: Units in all; unknown where it is `None`, infinite, or overshot by half a unit.
        elapsed: Seconds so far.
        ncols: Columns of the whole row, which the bar fills; 0 leaves the bar out, `None` gives it 10.
        prefix: The description.
        ascii: Whether the bar is ASCII only, or the characters that it is made of.
        unit: What is counted.
        unit_scale: `True` or 1 for prefixes such as `k`; another number multiplies all counts.
        rate: Units a second; by default the mean since the start.
        bar_format: A template with fields of tqdm's.
        postfix: What stands behind the rate.
        unit_divisor: What a prefix stands for.
        initial: Units that were done before `elapsed` began.
        colour: The bar's colour.
        extra_kwargs: Further fields for `bar_format`.

    Raises:
        KeyError: `bar_format` has a field that there is not.
    """
    if total and (n >= total + 0.5 or total == float("inf")):
        total = None
    if unit_scale and unit_scale not in (True, 1):
        n, total, initial = n * unit_scale, total and total * unit_scale, initial * unit_scale
        rate, unit_scale = rate and rate * unit_scale, False
    if rate is None and elapsed:
        rate = (n - initial) / elapsed
    fields = {
        **_counts(n, total, scaled=bool(unit_scale), divisor=unit_divisor),
        **_speeds(rate, unit, scaled=bool(unit_scale)),
        **_times(n, total, elapsed, rate),
        "ncols": ncols,
        "desc": prefix or "",
        "unit": unit,
        "unit_divisor": unit_divisor,
        "colour": colour,
        "postfix": f", {postfix}" if isinstance(postfix, str) and postfix else postfix or "",
    }
    fields["l_bar"] = prefix if prefix.endswith(": ") else f"{prefix}: " if prefix else ""
    fields["r_bar"] = "| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}{postfix}]".format_map(fields)
    fields.update(extra_kwargs)
    if not total and not bar_format:
        start = f"{prefix}: " if prefix else ""
        return _cut(start + "{n_fmt}{unit} [{elapsed}, {rate_fmt}{postfix}]".format_map(fields), ncols)
    percentage = n / total * 100 if total else 0
    fields["l_bar"] += f"{percentage:3.0f}%|" if total else "|"
    fields["percentage"] = percentage
    if total and ncols == 0:
        return str(fields["l_bar"][:-1] + fields["r_bar"][1:])
    template = bar_format or "{l_bar}{bar}{r_bar}"
    if total and not prefix:
        template = template.replace("{desc}: ", "")
    charset = (ASCII if ascii is True else ascii or BLOCKS) if total else BLANK
    return _row(template, fields, _Bar(n / total if total else 0.0, charset, colour), ncols)


def _counts(n: float, total: float | None, *, scaled: bool, divisor: float) -> dict[str, Any]:
    def write(count: float | None) -> str:
        if count is None:
            return "?"
        return format_sizeof(count, divisor=divisor) if scaled else str(count)

    return {"n": n, "n_fmt": write(n), "total": total, "total_fmt": write(total)}


def _speeds(rate: float | None, unit: str, *, scaled: bool) -> dict[str, Any]:
    def write(speed: float | None) -> str:
        if not speed:
            return "?"
        return format_sizeof(speed) if scaled else f"{speed:5.2f}"

    inverse = 1 / rate if rate else None
    slow = inverse is not None and inverse > 1
    forward, backward = f"{write(rate)}{unit}/s", f"{write(inverse)}s/{unit}"
    return {
        "rate": inverse if slow else rate,
        "rate_fmt": backward if slow else forward,
        "rate_noinv": rate,
        "rate_noinv_fmt": forward,
        "rate_inv": inverse,
        "rate_inv_fmt": backward,
    }


def _times(n: float, total: float | None, elapsed: float, rate: float | None) -> dict[str, Any]:
    from datetime import datetime, timedelta, timezone  # heavy, and few programs format a row themselves

    remaining = (total - n) / rate if rate and total else 0
    try:
        now = datetime.now()  # noqa: DTZ005  # local time without a zone, as tqdm's
        eta = now + timedelta(seconds=remaining) if rate and total else datetime.fromtimestamp(0, timezone.utc)
    except OverflowError:
        eta = datetime.max  # noqa: DTZ901
    return {
        "elapsed": format_interval(elapsed),
        "elapsed_s": elapsed,
        "remaining": format_interval(remaining) if rate else "?",
        "remaining_s": remaining,
        "eta": eta,
    }


def _row(template: str, fields: Mapping[str, Any], bar: _Bar, ncols: int | None) -> str:
    """Fill the template, and let the bar have the columns that are left."""
    beside = template.format(**{**fields, "bar": bar})
    if not bar.asked:
        return _cut(beside, ncols)
    bar.columns = max(1, ncols - _width(beside)) if ncols else NARROW
    return _cut(template.format(**{**fields, "bar": bar}), ncols)


class _Bar:
    """The bar as a field: `{bar}`, `{bar:20}`, `{bar:-10b}` (10 columns less, blank), `a` ASCII, `u` blocks."""

    def __init__(self, share: float, charset: str, colour: str | None) -> None:
        self.share = max(0.0, min(1.0, share))
        self.columns: int | None = None
        """Its width; empty while that is not known."""
        self.asked = False
        self._charset = charset
        self._colour = _escape(colour)

    def __format__(self, spec: str) -> str:
        self.asked = True
        if self.columns is None:
            return ""
        charset = {"a": ASCII, "u": BLOCKS, "b": BLANK}.get(spec[-1:].lower())
        spec = spec[:-1] if charset else spec
        charset = charset or self._charset
        columns = int(spec) if spec else self.columns
        columns += self.columns if columns < 0 else 0
        steps = len(charset) - 1
        full, part = divmod(int(self.share * columns * steps), steps)
        text = charset[-1] * full
        if full < columns:
            text += charset[part] + charset[0] * (columns - full - 1)
        return f"{self._colour}{text}{RESET}" if self._colour else text


def _escape(colour: str | None) -> str:
    if not is_colour(colour) or colour is None:
        return ""
    if colour.upper() in COLOURS:
        return COLOURS[colour.upper()]
    return "\x1b[38;2;{};{};{}m".format(*bytes.fromhex(colour[1:]))


def _width(text: str) -> int:
    return fmt.width(_COLOUR.sub("", text))


def _cut(text: str, ncols: int | None) -> str:
    if not ncols:
        return text
    while _width(text) > ncols:
        text = text[:-1]
    return text + RESET if _COLOUR.search(text) and not text.endswith(RESET) else text
