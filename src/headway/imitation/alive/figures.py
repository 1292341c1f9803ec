"""The numbers of alive-progress as texts: counts, times and rates in its words, and its row of a bar that has ended."""

from __future__ import annotations

from math import floor

from headway.imitation.alive.options import Config

__all__ = ["count", "duration", "rate", "receipt", "remaining"]

_PREFIXES = {"SI": (1000, "kMGTPEZY", ""), "SI2": (1024, "KMGTPEZY", ""), "IEC": (1024, "KMGTPEZY", "i")}
"""The step from a prefix to the next one, the prefixes, and what follows them."""
_PARTS = " ▏▎▍▌▋▊▉"
_SHORT, _OVER = "⚠\ufe0e", "✗\ufe0e"
"""The signs behind a bar that has ended too early, or too late."""


def count(value: float, config: Config, digits: int | None = None) -> str:
    """Write a count with its unit, scaled if that is asked for: `152`, `1.5kB`.

    Args:
        value: The count.
        config: The options.
        digits: Digits behind the point of a count that is scaled; by default as many as it takes, two at most.
    """
    return f"{value}{config.unit}" if config.scale is None else _scaled(value, config, digits)


def rate(per_second: float, config: Config, digits: int = 1) -> str:
    """Write a rate: `123.4/s`, `1.2kB/s`."""
    if config.scale is None:
        return f"{per_second:.{digits}f}{config.unit}/s"
    return f"{_scaled(per_second, config, digits)}/s"


def _scaled(value: float, config: Config, digits: int | None) -> str:
    step, prefixes, tail = _PREFIXES[config.scale or "SI"]
    power = 0
    while round(value, 1 if power < 3 else 2) >= step and power < len(prefixes):
        value, power = value / step, power + 1
    if digits is None:
        value = round(value, 1 if power < 3 else 2)
        digits = next(digits for digits in (0, 1, 2) if digits == 2 or round(value, digits) == value)
    prefix = f"{prefixes[power - 1]}{tail}" if power else ""
    return f"{round(value, digits):.{digits}f}{prefix}{config.unit}"


def duration(seconds: float, *, final: bool = False) -> str:
    """Write an elapsed time: `12s`, `1:05`, `2:03:04`; with tenths if it is final."""
    digits = 1 if final else 0
    return _clock(round(seconds, digits), digits)


def remaining(seconds: float | None) -> str:
    """Write a remaining time: `~12s`, `~1:50`; `?` if it is not known."""
    if seconds is None or seconds < 0:
        return "?"
    seconds = round(seconds)
    if seconds < 60:
        return f"~{seconds}s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"~{minutes}:{floor(seconds / 10) * 10:02}"
    hours, minutes = divmod(minutes, 60)
    return f"~{hours}:{minutes:02}:00"


def _clock(seconds: float, digits: int) -> str:
    if seconds < 60:
        return f"{seconds:.{digits}f}s"
    minutes, seconds = divmod(seconds, 60)
    rest = f"{seconds:0{4 if digits else 2}.{digits}f}"
    if minutes < 60:
        return f"{minutes:.0f}:{rest}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:.0f}:{minutes:02.0f}:{rest}"


def receipt(
    config: Config,
    *,
    title: str | None,
    text: str | None,
    done: float,
    total: int | None,
    share: float | None,
    elapsed: float,
    per_second: float,
) -> str:
    """Write a bar as alive-progress leaves it at its end.

    Args:
        config: The options.
        title: The words in front.
        text: The words behind.
        done: The count.
        total: Units in all, `None` while unknown.
        share: The share of it that is done, `None` while unknown.
        elapsed: Seconds since the bar began.
        per_second: The rate.
    """
    parts = [title, _bar(config, share), _monitor(config, done, total, share)]
    parts.append(_filled(config.elapsed_end, config.elapsed, "in {elapsed}", elapsed=duration(elapsed, final=True)))
    parts.append(_filled(config.stats_end, config.stats, "({rate})", rate=rate(per_second, config, 2)))
    parts.append(text)
    return " ".join(part for part in parts if part)


def _filled(asked: bool | str, before: bool | str, template: str, **fields: str) -> str:
    """Fill a template in: the one that was asked for, else the one that the running bar has, else the usual one."""
    if not asked or (asked is True and not before):
        return ""
    chosen = asked if isinstance(asked, str) else before if isinstance(before, str) and len(fields) == 1 else template
    try:
        return chosen.format(**fields)
    except KeyError:  # the running bar shows more than there is at the end
        return template.format(**fields)


def _monitor(config: Config, done: float, total: int | None, share: float | None) -> str:
    if not config.monitor_end or (config.monitor_end is True and not config.monitor):
        return ""
    usual = "{count}" if total is None else "{count}/{total} [{percent:.0%}]"
    if config.manual:
        usual = "{percent:.0%}" if total is None else "{percent:.0%} [{count}/{total}]"
    asked = config.monitor if config.monitor_end is True else config.monitor_end
    text = (asked if isinstance(asked, str) else usual).format(
        count=count(done, config), total=count(total or 0, config), percent=share or 0.0
    )
    return text if total is None or done == total else f"(!) {text}"


def _bar(config: Config, share: float | None) -> str:
    if config.bar is None:
        return ""
    length = config.length
    if share is None:
        return f"|{'█' * length}|"
    whole, part = divmod(round(min(share, 1) * length * 8), 8)
    filled = "█" * whole + (_PARTS[part] if part else "")
    if share > 1:
        return f"|{filled}{_OVER}"
    if share < 1:
        return f"|{filled}{_SHORT}{' ' * (length - len(filled) - 1)}|" if len(filled) < length else f"|{filled}{_SHORT}"
    return f"|{filled}|"
