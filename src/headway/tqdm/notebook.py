"""The names of `tqdm.notebook`: in a notebook, too, it is the renderer that decides on the look."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from headway.imitation.tqdm import tqdm as std_tqdm

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)  # so that tqdm(total=10) needs no annotation
else:
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["tnrange", "tqdm", "tqdm_notebook", "trange"]


class tqdm_notebook(std_tqdm[T]):  # noqa: N801  # tqdm's name
    """tqdm's class for notebooks. See `headway.tqdm.tqdm`.

    Args:
        iterable: The items.
        args: Further arguments of `headway.tqdm.tqdm`.
        display: Whether to show it now; else `display(bar.container)` shows it, in the cell that says so.
        kwargs: As `args`.
    """

    def __init__(self, iterable: Iterable[T] | None = None, *args: Any, display: bool = True, **kwargs: Any) -> None:
        self.displayed = display
        self.container = _Container(self)
        super().__init__(iterable, *args, **kwargs)

    def _door_show(self) -> None:
        if self.displayed:
            super()._door_show()

    def _door_show_late(self) -> None:
        if not (self.displayed or self.disable):
            self.displayed = True
            self._door_show()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "container": _Container(self)})


class _Container:
    """Stands where tqdm has a widget: to display it is to show the bar."""

    def __init__(self, bar: tqdm_notebook[Any]) -> None:
        self._bar = weakref.ref(bar)

    def _ipython_display_(self) -> None:
        bar = self._bar()
        if bar is not None:
            bar._door_show_late()

    def __reduce__(self) -> tuple[Any, ...]:
        return object, ()


def tnrange(*args: int, **kwargs: Any) -> tqdm_notebook[int]:
    """Return `tqdm_notebook(range(*args), **kwargs)`."""
    return tqdm_notebook(range(*args), **kwargs)


tqdm = tqdm_notebook  # one by one: a name of a tuple is no type
trange = tnrange
