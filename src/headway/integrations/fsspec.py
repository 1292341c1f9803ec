"""For filesystems of fsspec: `with Progress() as shown: fs.get("remote/", "local", recursive=True, callback=shown)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from headway.integrations._faults import contained, missing
from headway.integrations._look import Look
from headway.integrations._rounds import Rounds

try:
    from fsspec.callbacks import Callback
except ImportError as error:
    raise missing("fsspec", "fsspec", error) from error

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

__all__ = ["Progress"]

T = TypeVar("T")


class Progress(Rounds, Callback):  # type: ignore[misc]
    """Counts what a filesystem transfers: files, and inside of each its bytes where the filesystem tells them.

    Args:
        unit: What the filesystem counts: `"file"` for `get` and `put`, `"B"` for `get_file` and `put_file`.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    def __init__(self, unit: str = "file", **look: Unpack[Look]) -> None:
        Callback.__init__(self)
        super().__init__("transfer", unit, "fsspec", None, look)

    def __getattr__(self, name: str) -> Any:
        """Do nothing where a filesystem calls a hook that there is not; copies and pickles ask in earnest."""
        if name.startswith("__"):
            raise AttributeError(name)
        return super().__getattr__(name)

    def relative_update(self, inc: int = 1) -> None:
        """Count `inc` more."""
        self.value += inc
        bar = self._bar
        if bar is None:
            self._begin()
        else:
            bar.update(inc)

    def absolute_update(self, value: int) -> None:
        """Count up to `value`."""
        self.relative_update(value - self.value)

    def wrap(self, iterable: Iterable[T]) -> Iterator[T]:
        """Count each item when it is done; fsspec's own callbacks do when it begins, one that fails included."""
        for item in iterable:
            yield item
            self.relative_update()

    @contained
    def set_size(self, size: int | None) -> None:
        """Take a size over; fsspec may learn it late."""
        self.size = size
        if self._bar is None:
            self._begin()
        else:
            self._bar.total = size

    @contained
    def _begin(self) -> None:
        bar = self._open(self.size)
        bar.set(self.value)

    def branched(self, path_1: str, path_2: str, **keywords: Any) -> Progress:
        """Return what shows one file of several."""
        look: Any = {**self._look, "desc": str(path_1).rstrip("/").rpartition("/")[2] or str(path_1)}
        shown = Progress("B", **look)
        shown._within = self._bar or "around"
        return shown

    def __enter__(self) -> Self:
        self.size, self.value = None, 0  # those of the last block's transfer
        return self

    def close(self) -> None:
        """Close the bar."""
        self._close()
