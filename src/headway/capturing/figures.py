"""The values beside a bar of another library, shown in the form in which that library writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headway import format as fmt
from headway.reporting.metrics import Metrics
from headway.snapshot import Number, Reading

__all__ = ["Figures", "Told"]


class Told(dict[str, Any]):
    """The values of one call. They equal no others: to compare a tensor is to wait for its device."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:  # a dictionary has its own
        return self is not other

    __hash__ = None  # as that of a dictionary


class Figures(Metrics):
    """Metrics that keep the form of the library.

    Args:
        write: Writes a number as the library does; `None`: as headway does.
    """

    def __init__(self, write: Callable[[float], str] | None = None) -> None:
        super().__init__()
        self._write = write
        self._texts: dict[str, str] = {}
        self._columns: dict[str, int] = {}

    def give(self, values: Mapping[str, Any], at: Number) -> None:
        """Store values at a count; a text that is a number counts as one, and stays as it is written."""
        numbers = {name: _number(value) for name, value in values.items()}
        self._texts = {
            fmt.clean(name): fmt.clean(value.strip()) for name, value in values.items() if isinstance(value, str)
        }
        self.report({name: values[name] if number is None else number for name, number in numbers.items()}, at)

    def read(self, *, final: bool = False, fresh: bool = False) -> dict[str, Reading]:
        """Read all of them, each in its form."""
        return {name: self._in_form(name, reading) for name, reading in super().read(final=final, fresh=fresh).items()}

    def _in_form(self, name: str, reading: Reading) -> Reading:
        text = self._texts.get(name)
        if text is None:
            if self._write is None or isinstance(reading.value, str):
                return reading
            text = fmt.clean(self._write(reading.value))
        columns = 0 if isinstance(reading.value, str) else max(fmt.width(text), self._columns.get(name, 0))
        self._columns[name] = columns
        return reading._replace(text=text, columns=columns)


def _number(value: Any) -> float | None:
    """Return the number that a text is, `None` if it is none or no text."""
    if not isinstance(value, str) or "_" in value:
        return None
    try:
        return int(value) if value.strip().lstrip("+-").isdecimal() else float(value)
    except ValueError:
        return None
