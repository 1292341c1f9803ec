"""The options of alive-progress: which there are, what each takes, and their defaults for the process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from string import Formatter
from types import FunctionType
from typing import Any, NamedTuple

from headway.imitation.alive.names import BARS, SPINNERS, THEMES

__all__ = ["DEFAULTS", "Config", "ConfigHandler", "config_handler"]


class Config(NamedTuple):
    """The options of one bar. Styles are the names or factories that were given."""

    title: str | None = None
    length: int = 40
    max_cols: int = 80
    spinner: Any = "waves"
    bar: Any = "smooth"
    unknown: Any = "triangles"
    force_tty: bool | None = None
    disable: bool = False
    manual: bool = False
    enrich_print: bool = True
    enrich_offset: int = 0
    receipt: bool = True
    receipt_text: bool = False
    monitor: bool | str = True
    elapsed: bool | str = True
    stats: bool | str = True
    title_length: int = 0
    spinner_length: int = 0
    refresh_secs: float = 0
    monitor_end: bool | str = True
    elapsed_end: bool | str = True
    stats_end: bool | str = True
    ctrl_c: bool = True
    dual_line: bool = False
    unit: str = ""
    scale: str | None = None
    precision: int = 1
    file: Any = None
    """The stream that the bar is shown on; `None`: where headway shows bars, which is `sys.stderr`."""


DEFAULTS = Config()


class _RefusedError(Exception):
    """A value that an option does not take; its words say what is expected."""


def _whole(lower: int, upper: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        try:
            number = int(value)
        except TypeError:
            number = lower - 1
        if not lower <= number <= upper:
            raise _RefusedError(f"Expected an int between {lower} and {upper}")
        return number

    return read


def _seconds(value: Any) -> float:
    day = 60 * 60 * 24
    try:
        seconds = float(value)
    except TypeError:
        seconds = -1.0
    if not 0 <= seconds <= day:
        raise _RefusedError(f"Expected a float between 0 and {day}")
    return seconds


def _either(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _text(value: Any) -> str | None:
    return None if value is None else " ".join(str(value).splitlines())


def _template(*fields: str) -> Callable[[Any], bool | str]:
    def read(value: Any) -> bool | str:
        if not isinstance(value, str):
            return bool(value)
        if any(field not in (None, *fields) for _, field, _, _ in Formatter().parse(value)):
            raise _RefusedError(f"Expected only the fields: {fields}")
        return value

    return read


def _style(names: tuple[str, ...], *, needed: bool = False) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value in names if isinstance(value, str) else isinstance(value, FunctionType):
            return value
        if isinstance(value, str) or value or needed:
            raise _RefusedError(f"Expected a custom factory or one of: {names}")
        return None

    return read


def _stream(value: Any) -> Any:
    if value is None or all(hasattr(value, method) for method in ("write", "flush")):
        return value
    raise _RefusedError("Expected sys.stdout, sys.stderr, or a similar TextIOWrapper object")


_SCALES: dict[Any, str | None] = {
    None: None,
    "": None,
    False: None,
    True: "SI",
    10: "SI",
    "10": "SI",
    2: "IEC",
    "2": "IEC",
    **{name: name for name in ("SI", "IEC", "SI2")},
}


def _scale(value: Any) -> str | None:
    try:
        return _SCALES[value]
    except (KeyError, TypeError):
        raise _RefusedError(f"Expected one of: {tuple(_SCALES)}") from None


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("title", "unit"), _text),
    **dict.fromkeys(("length", "max_cols"), _whole(3, 1000)),
    **dict.fromkeys(("title_length", "spinner_length"), _whole(0, 1000)),
    "enrich_offset": _whole(0, sys.maxsize),
    "precision": _whole(0, 2),
    "spinner": _style(SPINNERS),
    "bar": _style(BARS),
    "unknown": _style(SPINNERS, needed=True),
    "force_tty": _either,
    **dict.fromkeys(("disable", "manual", "enrich_print", "receipt", "receipt_text", "ctrl_c", "dual_line"), bool),
    **dict.fromkeys(("monitor", "monitor_end"), _template("count", "total", "percent")),
    **dict.fromkeys(("elapsed", "elapsed_end"), _template("elapsed")),
    "stats": _template("rate", "eta"),
    "stats_end": _template("rate"),
    "refresh_secs": _seconds,
    "scale": _scale,
    "file": _stream,
}


def _checked(name: str, value: Any) -> Any:
    read = _READERS.get(name)
    if read is None:
        raise ValueError(f"Invalid config key: {name!r}")
    try:
        return read(value)
    except _RefusedError as refused:
        raise ValueError(f"Invalid config value: {name}={value!r}\n{refused}") from None
    except Exception as error:  # whatever an object does that is asked for a number or a text
        raise ValueError(f"Error in config value: {name}={value!r}\nCause: {error!r}") from None


def _read(theme: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    if theme and theme not in THEMES:
        raise ValueError(f"invalid theme name={theme}")
    given = {**(THEMES[theme] if theme else {}), **options}
    return {name: _checked(name, value) for name, value in given.items()}


class ConfigHandler:
    """The defaults of the process for the options of alive-progress.

    A call returns the options of one bar: `config_handler(title="work")`.
    """

    def __init__(self) -> None:
        self._defaults = DEFAULTS

    def __call__(self, theme: str | None = None, **options: Any) -> Config:
        """Return the options of one bar.

        Raises:
            ValueError: There is no such option, or it does not take this value.
        """
        return self._defaults._replace(**_read(theme, options))

    def set_global(self, theme: str | None = None, **options: Any) -> None:
        """Set defaults for the bars that are made from now on.

        Raises:
            ValueError: There is no such option, or it does not take this value.
        """
        self._defaults = self(theme, **options)

    def reset(self) -> None:
        """Take all defaults back."""
        self._defaults = DEFAULTS


config_handler = ConfigHandler()
