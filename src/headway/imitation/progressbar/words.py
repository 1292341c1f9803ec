"""The words and values that stand around the count of a bar of progressbar2's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from headway.imitation.bar import Reported
from headway.imitation.output import put_above
from headway.imitation.progressbar import look
from headway.imitation.progressbar.base import AttributeDict
from headway.imitation.progressbar.widgets import FormatLabel, of_label

__all__ = ["Described"]


class Described:
    """Has progressbar2's attributes and methods that describe a bar."""

    label = ""
    """The key of a bar in a `MultiBar`, which stands in front of it."""
    fd: Any
    prefix: str | None
    suffix: str | None
    widgets: list[Any]
    variables: AttributeDict
    data: Callable[[], dict[str, Any]]
    _bar: Reported | None
    _finished: bool
    _told: Mapping[str, Any] = {}  # replaced, and never changed
    """The values that were reported last."""

    def _row(self) -> list[Any]:
        """Return all that the row is to show now: prefix, widgets and suffix."""
        ends = [[FormatLabel(text, new_style=True)] if text else [] for text in (self.prefix, self.suffix)]
        return [*ends[0], *self.widgets, *ends[1]]

    @property
    def _words(self) -> int:
        """How much of the row, from its beginning, is the description."""
        return 1 if self.prefix else look.words(self.widgets)

    def _describe(self) -> None:
        """Show the words and values around the count as they are now."""
        bar = self._bar
        if bar is None:
            return
        front = self._filled(self.prefix) if self.prefix else "".join(self.widgets[: self._words])
        bar.desc = self.label or look.label(front) or bar.desc
        templates = f"{self.prefix}{self.suffix}"
        values = {
            name: value
            for name, value in self.variables.items()
            if value is not None and name != "postfix" and f"variables.{name}" not in templates
        }
        pairs, text = look.postfix(self.variables)
        values.update(pairs)
        bar.message(" ".join(part for part in (text, self._filled(self.suffix).strip()) if part))
        if values.keys() != self._told.keys() or any(values[name] is not self._told[name] for name in values):
            self._told = values
            bar.postfix.give(values, bar.given)

    def _filled(self, template: str | None) -> str:
        if not template:
            return ""
        with suppress(Exception):  # a field that there is not yet
            return of_label(template, self.data(), new_style=True)
        return ""

    def _set_variables(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name not in self.variables:
                raise TypeError(f"update() got an unexpected variable name as argument {name!r}")
            self.variables[name] = value
        if not self._finished:
            self._describe()

    @property
    def dynamic_messages(self) -> Any:
        """The same as `variables`."""
        return self.variables

    def print(self, *args: Any, sep: str = " ", end: str = "\n", **kwargs: Any) -> None:
        """Print above the bars."""
        del kwargs
        text = sep.join(map(str, args))
        if not put_above(text, self.fd, end):
            self.fd.write(f"{text}{end}")
