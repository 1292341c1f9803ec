"""progressbar2's dictionary of bars: each is a bar of headway's, under its key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from headway.imitation.progressbar.bar import ProgressBar

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["MultiBar", "SortKey"]

LOOK = 0.02
"""Seconds between two looks at whether all bars have ended."""


class SortKey(str, Enum):
    """The attributes by which bars may be sorted."""

    CREATED = "index"
    LABEL = "label"
    VALUE = "value"
    PERCENTAGE = "percentage"


class MultiBar(dict[str, ProgressBar]):
    """Bars by their labels; one that is asked for and is not there is made: `bars["download"].update(3)`.

    As a `with` block it waits at its end for all bars to end, as in progressbar2.

    Args:
        bars: Bars by label.
        fd: The stream that bars are shown on which are made here.
        sort_key: The attribute by which `get_sorted_bars` sorts.
        sort_reverse: Whether the last one comes first there.
        sort_keyfunc: A function to sort by, instead.
        join_timeout: Seconds to wait at the end of the `with` block; `None`: until all bars have ended.
        kwargs: Arguments of the bars that are made here; how labels, and bars that have not begun or have ended, are
            drawn is the renderer's affair.
    """

    def __init__(
        self,
        bars: Mapping[str, ProgressBar] | Iterable[tuple[str, ProgressBar]] | None = None,
        fd: Any = None,
        *,
        sort_key: str | SortKey = SortKey.CREATED,
        sort_reverse: bool = True,
        sort_keyfunc: Callable[[ProgressBar], Any] | None = None,
        join_timeout: timedelta | float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.fd = fd
        self.sort_keyfunc = sort_keyfunc or attrgetter(getattr(sort_key, "value", sort_key))
        self.sort_reverse = sort_reverse
        seconds = join_timeout.total_seconds() if isinstance(join_timeout, timedelta) else join_timeout
        self.join_timeout = seconds
        self.progressbar_kwargs = {name: value for name, value in kwargs.items() if name not in _LOOKS}
        for label, bar in dict(bars or {}).items():
            self[label] = bar

    def __setitem__(self, key: str, bar: ProgressBar) -> None:
        bar.label = key
        super().__setitem__(key, bar)

    def __missing__(self, key: str) -> ProgressBar:
        bar = self[key] = ProgressBar(fd=self.fd, **self.progressbar_kwargs)
        return bar

    def get_sorted_bars(self) -> list[ProgressBar]:
        """Return the bars in their order."""
        return sorted(self.values(), key=self.sort_keyfunc, reverse=self.sort_reverse)

    def print(self, *args: Any, sep: str = " ", end: str = "\n", **kwargs: Any) -> None:
        """Print above the bars."""
        ProgressBar(fd=self.fd).print(*args, sep=sep, end=end, **kwargs)

    def start(self) -> None:
        """Do nothing: bars are drawn as they are updated."""

    def render(self, flush: bool = True, force: bool = False) -> None:
        """Do nothing, as `start`."""
        del flush, force

    def flush(self) -> None:
        """Do nothing, as `start`."""

    def run(self, join: bool = True) -> None:
        """Wait until all bars have ended."""
        del join
        self.join()

    def join(self, timeout: float | None = None) -> None:
        """Wait until all bars have ended.

        Args:
            timeout: Seconds to wait at most.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not all(bar.finished() for bar in list(self.values())):
            if until is not None and time.monotonic() >= until:
                return
            time.sleep(LOOK)

    def stop(self, timeout: float | None = None) -> None:
        """Do nothing, as `start`."""
        del timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> Literal[False]:
        if error is None:
            self.join(self.join_timeout)
        return False


_LOOKS = (
    *("append_label", "finished_format", "initial_format", "label_format", "prepend_label", "remove_finished"),
    *("show_finished", "show_initial", "update_interval"),
)
"""Arguments about the look."""
