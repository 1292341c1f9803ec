"""Kinds of progressbar2's bars, and its function for loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from headway.imitation.progressbar.bar import ProgressBar

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["DataTransferBar", "FastProgressBar", "NullBar", "progressbar"]

T = TypeVar("T")


class FastProgressBar(ProgressBar):
    """The class of bars that `progressbar` makes in progressbar2. Here all cost the same."""


class DataTransferBar(ProgressBar):
    """A bar whose values are numbers of bytes."""

    _bytes = True


class NullBar(ProgressBar):
    """A bar that reports nothing."""

    def start(self, *args: Any, **kwargs: Any) -> Self:
        """Return the bar."""
        del args, kwargs
        return self

    def update(self, *args: Any, **kwargs: Any) -> Self:
        """Return the bar."""
        del args, kwargs
        return self

    def finish(self, *args: Any, **kwargs: Any) -> Any:
        """Return the bar."""
        del args, kwargs
        return self


def progressbar(  # noqa: PLR0917  # progressbar2's order
    iterator: Iterable[T],
    min_value: float = 0,
    max_value: Any = None,
    widgets: Sequence[Any] | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
    fast: bool | None = None,
    desc: str | None = None,
    total: Any = None,
    unit: str = "it",
    unit_scale: bool = False,
    postfix: Any = None,
    **kwargs: Any,
) -> Iterator[T]:
    """Return the items of a loop that is reported.

    `for item in progressbar(items): ...` is its use.

    Args:
        iterator: The items.
        min_value: As for `ProgressBar`, as all that follow.
        max_value: The value at which all is done, by default the length.
        widgets: What the row shows.
        prefix: The text in front.
        suffix: The text behind.
        fast: No effect: all bars cost the same.
        desc: The same as `prefix`, with a colon behind it.
        total: The same as `max_value`.
        unit: What is counted.
        unit_scale: Whether counts have prefixes.
        postfix: A text, or values by name, behind the numbers.
        kwargs: Further arguments of `ProgressBar`.
    """
    del fast
    bar = ProgressBar(
        min_value=min_value,
        max_value=max_value,
        widgets=widgets,
        prefix=prefix,
        suffix=suffix,
        desc=desc,
        total=total,
        unit=unit,
        unit_scale=unit_scale,
        postfix=postfix,
        **kwargs,
    )
    return iter(bar(iterator))
