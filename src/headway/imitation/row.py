"""tqdm's row of a bar as a text, and the attributes that say how it looks."""

from __future__ import annotations

from typing import Any

from headway.host.environment import is_terminal
from headway.host.stream import SafeStream
from headway.imitation import meter
from headway.imitation.description import Described
from headway.imitation.look import Setting

__all__ = ["Formatted"]


FIELDS = {
    *("n", "total", "elapsed", "ncols", "nrows", "prefix", "ascii", "unit", "unit_scale", "rate", "bar_format"),
    *("postfix", "unit_divisor", "initial", "colour"),
}
"""The arguments for `format_meter` that every bar has."""


class Formatted(Described):
    """Has tqdm's functions and attributes that make a row of numbers. Renderers do not ask for them."""

    fp: Any
    n: Any
    nrows: int | None
    total: Any

    ascii = Setting()
    bar_format = Setting()
    colour = Setting()
    ncols = Setting()

    format_meter = staticmethod(meter.format_meter)
    format_interval = staticmethod(meter.format_interval)
    format_num = staticmethod(meter.format_num)
    format_sizeof = staticmethod(meter.format_sizeof)

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:
        """Do as `refresh`. It is not called for a frame, so that overriding it changes nothing: write a renderer."""
        del msg, pos
        return bool(self.refresh())

    def clear(self, nolock: bool = False) -> None:
        """Do nothing: what the program prints stands above the bars. See `external_write_mode` for other output."""
        del nolock

    def _door_own_fields(self) -> dict[str, Any]:
        """Return the fields of a `bar_format` that only the program knows: a subclass's, a postfix that is no text."""
        own = type(self).format_dict is not Formatted.format_dict
        fields = {name: value for name, value in self.format_dict.items() if name not in FIELDS} if own else {}
        if not isinstance(self._door_postfix, str | None):
            fields["postfix"] = self._door_postfix
        return fields

    @property
    def format_dict(self) -> dict[str, Any]:
        """The arguments for `format_meter`, as they are now."""
        return {
            "n": self.n,
            "total": self.total,
            "elapsed": self._door_bar.elapsed if self._door_bar.drawn or not self.disable else 0,
            "ncols": self.ncols or self._door_terminal[0],
            "nrows": self.nrows or self._door_terminal[1],
            "prefix": self.desc,
            "ascii": not SafeStream(self.fp).encodes("█") if self.ascii is None else self.ascii,
            "unit": self.unit,
            "unit_scale": self.unit_scale,
            "rate": self._door_bar.rate,
            "bar_format": self.bar_format,
            "postfix": self.postfix,
            "unit_divisor": self.unit_divisor,
            "initial": self._door_bar.initial,
            "colour": self.colour,
        }

    @property
    def _door_terminal(self) -> tuple[int | None, int | None]:
        if not is_terminal(self.fp):
            return None, None
        size = SafeStream(self.fp).size
        return size.columns - 1, size.lines - 1

    def __str__(self) -> str:
        return self.format_meter(**self.format_dict)
