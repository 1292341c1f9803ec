"""The words beside the count of a tqdm: description, postfix and unit, which may all be set at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

from headway.host.compilers import opaque

if TYPE_CHECKING:
    from headway.imitation.bar import Reported

__all__ = ["Described"]


class Described:
    """Has tqdm's attributes and methods that describe a bar."""

    disable: bool
    _door_bar: Reported
    _door_desc: str
    _door_postfix: Any
    _door_unit_scale: Any
    _door_unit_divisor: float
    _door_bring_up_to_date: Callable[[], None]

    def refresh(self, nolock: bool = False, lock_args: tuple[Any, ...] | None = None) -> bool | None:
        """Draw it as it is now, at most four times a second; what is reported in between is seen a moment later.

        Returns:
            `True`, and `None` once it is closed.
        """
        del nolock, lock_args
        if self.disable:
            return None
        self._door_bar.refresh()
        return True

    def set_description(self, desc: str | None = None, refresh: bool = True) -> None:
        """Set the description."""
        self.desc = f"{desc}: " if desc else ""
        if refresh:
            self.refresh()

    def set_description_str(self, desc: str | None = None, refresh: bool = True) -> None:
        """Set the description, without the colon in `desc`."""
        self.desc = desc or ""
        if refresh:
            self.refresh()

    @property
    def desc(self) -> str:
        """The description as tqdm keeps it: with a colon after `set_description`."""
        return self._door_desc

    @desc.setter
    def desc(self, desc: str) -> None:
        self._door_desc = desc
        self._door_bar.desc = str(desc or "").removesuffix(": ").removesuffix(":")

    @opaque
    def set_postfix(
        self,
        ordered_dict: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        refresh: bool = True,
        **kwargs: Any,
    ) -> None:
        """Show values in the place of those before: first the mapping's in its order, then keywords by name.

        Numbers are shown with three significant digits. Tensors are read when a frame is drawn, and only then.
        """
        values = dict(ordered_dict or ())
        values.update(sorted(kwargs.items()))
        self._door_postfix = None
        self._door_bar.message("")
        self._door_bar.postfix.give(values, self._door_bar.given)
        if refresh:
            self.refresh()

    def set_postfix_str(self, s: Any = "", refresh: bool = True) -> None:
        """Show a text in the place of the values before."""
        self.postfix = str(s)
        if refresh:
            self.refresh()

    @property
    def postfix(self) -> Any:
        """The text behind the numbers; may be set."""
        values = (
            self._door_bar.postfix.text or None
        )  # asked first: a bar that is made just now has its first postfix from it
        return self._door_postfix if self._door_postfix is not None else values

    @postfix.setter
    def postfix(self, postfix: Any) -> None:
        self._door_postfix = postfix
        self._door_bar.postfix.give({}, self._door_bar.given)
        self._door_bar.message("" if postfix is None else str(postfix))
        if not isinstance(postfix, str | None):
            self._door_bar.before_frame = WeakMethod(self._door_bring_up_to_date)

    def _door_set_first_postfix(self, postfix: Any) -> None:
        if isinstance(postfix, Mapping) and all(isinstance(name, str) for name in postfix):
            self.set_postfix(refresh=False, **postfix)
        else:
            self.postfix = postfix

    @property
    def unit(self) -> str:
        """The name of one unit; may be set."""
        return self._door_bar.unit

    @unit.setter
    def unit(self, unit: str) -> None:
        self._door_bar.unit = str(unit)

    @property
    def unit_scale(self) -> Any:
        """Whether counts have prefixes, or the number that they are multiplied by; may be set."""
        return self._door_unit_scale

    @unit_scale.setter
    def unit_scale(self, unit_scale: Any) -> None:
        self._door_unit_scale = unit_scale
        self._door_scale()

    @property
    def unit_divisor(self) -> float:
        """1024 or 1000; may be set."""
        return self._door_unit_divisor

    @unit_divisor.setter
    def unit_divisor(self, unit_divisor: float) -> None:
        self._door_unit_divisor = unit_divisor
        self._door_scale()

    def _door_scale(self) -> None:
        scale = self._door_unit_scale
        prefixes = bool(scale) and scale in (True, 1)
        self._door_bar.scale = 1 if prefixes or not scale else scale
        self._door_bar.unit_scale = ("iec" if self._door_unit_divisor == 1024 else "si") if prefixes else ""

    @property
    def leave(self) -> bool | None:
        """Whether the last frame stays; may be set."""
        return self._door_bar.leave

    @leave.setter
    def leave(self, leave: bool | None) -> None:
        self._door_bar.leave = leave
