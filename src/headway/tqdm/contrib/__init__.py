"""`tenumerate`, `tzip` and `tmap`, as `tqdm.contrib` has them, and a file that prints above the bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from headway.reporting.totals import length_of
from headway.tqdm.auto import tqdm

__all__ = ["DummyTqdmFile", "tenumerate", "tmap", "tzip"]

T = TypeVar("T")


def tenumerate(
    iterable: Iterable[T],
    start: int = 0,
    total: float | None = None,
    tqdm_class: Callable[..., Any] = tqdm,
    **tqdm_kwargs: Any,
) -> Iterator[tuple[Any, T]]:
    """Return `enumerate` of a reported loop; for an array of NumPy's, `numpy.ndenumerate`."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(iterable, numpy.ndarray):
        items = tqdm_class(numpy.ndenumerate(iterable), total=total or iterable.size, **tqdm_kwargs)
        return iter(items)
    return enumerate(tqdm_class(iterable, total=total, **tqdm_kwargs), start)


def tzip(
    iter1: Iterable[Any], *iter2plus: Iterable[Any], tqdm_class: Callable[..., Any] = tqdm, **tqdm_kwargs: Any
) -> Iterator[tuple[Any, ...]]:
    """Return `zip` of a reported loop and others; the total is that of the shortest."""
    if tqdm_kwargs.get("total") is None:
        lengths = [length.items for each in (iter1, *iter2plus) if (length := length_of(each)) is not None]
        tqdm_kwargs["total"] = min(lengths, default=None)
    return zip(tqdm_class(iter1, **tqdm_kwargs), *iter2plus, strict=False)


def tmap(function: Callable[..., T], *sequences: Iterable[Any], **tqdm_kwargs: Any) -> Iterator[T]:
    """Return `map` of a function over reported sequences."""
    for items in tzip(*sequences, **tqdm_kwargs):
        yield function(*items)


class DummyTqdmFile:
    """A stand-in for a stream: whole lines that are written to it are put above the bars.

    Args:
        wrapped: The stream.
    """

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped
        self._rest = ""

    def write(self, x: str | bytes, nolock: bool = False) -> None:
        """Write a text; what follows its last line break waits for the next one."""
        text = x.decode() if isinstance(x, bytes) else x
        lines, found, self._rest = (self._rest + text).rpartition("\n")
        if found:
            tqdm.write(lines, file=self._wrapped, nolock=nolock)

    def __getattr__(self, name: str) -> Any:
        if name in ("_wrapped", "_rest"):  # while it is copied, before it has any
            raise AttributeError(name)
        return getattr(self._wrapped, name)

    def __del__(self) -> None:
        if self.__dict__.get("_rest"):
            try:
                tqdm.write(self._rest, file=self._wrapped, end="")
            except (OSError, ValueError):  # the stream is closed: there is nobody left to read it
                return
