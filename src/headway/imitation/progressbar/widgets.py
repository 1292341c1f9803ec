"""Stand-ins for progressbar2's widgets, for a program that names them where progressbar2 is not installed.

Those that show a text of the program's make that text themselves. For all others headway's widget of the same meaning
is shown; see `look.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

__all__ = ["BASES", "STAND_INS", "Widget", "of_label"]


class Widget:
    """A widget with its arguments, of which nothing is made here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.arguments, self.keywords = args, kwargs

    def __call__(self, progress: Any, data: Mapping[str, Any]) -> str:
        """Return the text."""
        del progress, data
        return ""


def of_label(template: str, data: Mapping[str, Any], *, new_style: bool) -> str:
    """Fill the template of a label in.

    Args:
        template: The template, with fields such as `%(value)d` or, in the new style, `{value}`.
        data: Values by name, as `ProgressBar.data` returns them.
        new_style: Whether it is one for `str.format`.
    """
    seconds = data.get("total_seconds_elapsed") or 0.0
    fields = {
        **data,
        "finished": data.get("end_time"),
        "last_update": data.get("last_update_time"),
        "max": data.get("max_value"),
        "seconds": data.get("seconds_elapsed"),
        "start": data.get("start_time"),
        "elapsed": str(timedelta(seconds=int(seconds))),
    }
    return template.format(**fields) if new_style else template % fields


class FormatLabel(Widget):
    """A label."""

    def __call__(self, progress: Any, data: Mapping[str, Any]) -> str:
        """Return the text."""
        del progress
        template = self.arguments[0] if self.arguments else self.keywords["format"]
        return of_label(template, data, new_style=bool(self.keywords.get("new_style")))


class Counter(Widget):
    """The count in a format."""

    def __call__(self, progress: Any, data: Mapping[str, Any]) -> str:
        """Return the text."""
        del progress
        template = self.arguments[0] if self.arguments else self.keywords.get("format", "%(value)d")
        return of_label(template, data, new_style=False)


class FormatCustomText(Widget):
    """A text with values that the program sets."""

    def __init__(self, format: str, mapping: Mapping[str, Any] | None = None, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(format, **kwargs)
        self.format = format
        self.mapping = dict(mapping or {})

    copy = False
    """The program holds on to it, to set the values."""

    def update_mapping(self, **mapping: Any) -> None:
        """Set values."""
        self.mapping.update(mapping)

    def __call__(self, progress: Any, data: Mapping[str, Any]) -> str:
        """Return the text."""
        del progress, data
        return self.format % self.mapping


class VariableMixin(Widget):
    """A widget that shows a variable of the bar's."""

    usual = ""
    """The name of the variable if none is given."""

    @property
    def name(self) -> str:
        """The name of the variable."""
        return str(self.arguments[0] if self.arguments else self.keywords.get("name", self.usual))


class Variable(VariableMixin):
    """A variable of the bar's: `loss: 0.123`."""

    def __call__(self, progress: Any, data: Mapping[str, Any]) -> str:
        """Return the text."""
        del progress
        keywords = {"width": 6, "precision": 3, **self.keywords}
        value, width = data["variables"][self.name], keywords["width"]
        try:
            shown = f"{float(value):{width}.{keywords['precision']}}"
        except (TypeError, ValueError):
            shown = f"{value!s:{width}}" if value else "-" * width
        template = keywords.get("format", "{name}: {formatted_value}")
        return str(template.format(**{**data, **keywords, "name": self.name, "value": value, "formatted_value": shown}))


class Postfix(VariableMixin):
    """The variable `postfix`: a text, or values by name."""

    usual = "postfix"

    def __call__(self, progress: Any, data: Mapping[str, Any]) -> str:
        """Return the text."""
        del progress
        value = data["variables"].get(self.name)
        if not value:
            return ""
        pairs = value if isinstance(value, Mapping) else None
        text = str(value) if pairs is None else ", ".join(f"{name}={pairs[name]}" for name in sorted(pairs))
        return f" {text}"


class CurrentTime(Widget):
    """The time of day."""

    def __call__(self, progress: Any, data: Mapping[str, Any]) -> str:
        """Return the text."""
        del progress, data
        now = datetime.now().astimezone()
        return f"Current Time: {now:%H:%M:%S}"


_SILENT = (
    *("AbsoluteETA", "AdaptiveETA", "AdaptiveTransferSpeed", "AnimatedMarker", "Bar", "BouncingBar", "DataSize", "ETA"),
    *("FileTransferSpeed", "FormatLabelBar", "GranularBar"),
    *("Percentage", "PercentageLabelBar", "ReverseBar", "RotatingMarker", "SimpleProgress", "SmoothingETA", "Timer"),
    "UnitProgress",
)
_OF_VARIABLES = ("JobStatusBar", "MultiProgressBar", "MultiRangeBar")
BASES = ("AutoWidthWidgetBase", "FormatWidgetMixin", "TimeSensitiveWidgetBase", "WidgetBase", "WidthWidgetMixin")
"""Names of progressbar2's classes from which a program derives widgets of its own; here they are one class."""
STAND_INS: dict[str, type[Widget]] = {
    **{name: type(name, (Widget,), {"__module__": __name__}) for name in _SILENT},
    **{name: type(name, (VariableMixin,), {"__module__": __name__}) for name in _OF_VARIABLES},
    **{kind.__name__: kind for kind in (Counter, CurrentTime, FormatCustomText, FormatLabel)},
    **{kind.__name__: kind for kind in (Postfix, Variable, VariableMixin)},
    "DynamicMessage": Variable,
}
"""Names of progressbar2's widgets, each with its stand-in."""
