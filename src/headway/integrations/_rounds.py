"""A bar that a framework's callback drives, and that ends with a `with` block, with the callback, or by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from headway.integrations._look import Look, open_bar, read_look

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from headway.reporting.bar import Bar
    from headway.snapshot import State

__all__ = ["Rounds"]


class Rounds:
    """Opens a bar when there is something to count, and closes it when the framework, or the block, comes to its end.

    Frameworks that do not tell how a run ended leave the bar to the callback: when that is let go of, or used again,
    the bar is `finished` if all was done, and else in the state that `_unfinished` tells. In a `with` block it ends as
    the block does.
    """

    _bar: Bar | None = None

    def __init__(self, desc: str, unit: str, name: str, total: float | None, look: Look) -> None:
        self._look = read_look(look)
        self._about = desc, unit, name
        self._total = total
        self._within: Bar | Literal["around"] = "around"
        """The bar that its bar is inside of."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_bar": None, "_within": "around"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.__exit__(kind, error, traceback)

    def __del__(self) -> None:
        self._leave()

    def _unfinished(self) -> tuple[State, str]:
        """Tell how a bar ended, and why, if nobody has closed it and it has not all done."""
        return "stopped", ""

    def _open(self, total: float | None) -> Bar:
        self._leave()
        desc, unit, name = self._about
        scale = {"unit_scale": "iec"} if unit == "B" else {}
        total = total if self._total is None else self._total
        self._bar = open_bar(self._look, total, desc=desc, unit=unit, name=name, parent=self._within, **scale)
        return self._bar

    def _close(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()

    def _leave(self) -> None:
        bar, self._bar = self._bar, None
        if bar is None:
            return
        if bar.total is not None and bar.n >= bar.total:
            bar.close()
        else:
            bar.end(*self._unfinished())
