"""The handle of a bar as alive-progress gives it to the program: a call counts, and texts are set and read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from headway.drawing.hub import hub
from headway.imitation.alive import figures
from headway.imitation.alive.options import Config
from headway.imitation.bar import Reported

if TYPE_CHECKING:
    from headway.reporting.bar import Bar

__all__ = ["Handle"]


class _Words:
    """A text of the bar: it is set by assignment or by a call, as long as the program likes."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, handle: Handle | None, owner: type | None = None) -> Any:
        return self if handle is None else getattr(handle, f"_set_{self._name}")

    def __set__(self, handle: Handle, text: object) -> None:
        getattr(handle, f"_set_{self._name}")(text)


class Handle:
    """Counts for a bar, and says what it is at: `bar()`, `bar(3)`, `bar.text = "reading"`.

    Once the bar has ended, calls count nothing, as in alive-progress.

    Args:
        bar: The headway bar.
        config: The options.
        total: Units in all, `None` while unknown.
    """

    text = _Words()
    title = _Words()

    def __init__(self, bar: Reported, config: Config, total: int | None) -> None:
        self._bar = bar
        self._config = config
        self._total = total
        self._percent = 0.0
        self._text: str | None = None
        self._title: str | None = None
        by_hand = self._by_share if config.manual else self._by_count if total is None else self._by_count_of_total
        self._by_hand: Callable[..., None] = by_hand
        self._handle: Callable[..., None] | None = None
        self._set_title()

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Count.

        Args:
            args: The units that are done, 1 by default; with `manual=True` the share of the whole that is done so far.
            kwargs: `skipped=True` counts units that took no work, if the total is known.
        """
        if self._handle is not None:
            self._handle(*args, **kwargs)

    # ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _by_count(self, count: float = 1) -> None:
        n = int(count)
        if n < 0:
            n = max(n, -int(self._bar.balance))
        self._bar.update(n)

    def _by_count_of_total(self, count: float = 1, *, skipped: bool = False) -> None:
        if skipped:
            self._bar.credit(max(int(count), -int(self._bar.balance)))
        else:
            self._by_count(count)

    def _by_share(self, percent: float) -> None:
        self._percent = max(0.0, float(percent))
        self._bar.count_to(self._percent * 100 if self._total is None else math.ceil(self._percent * self._total))

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _set_text(self, text: object = None) -> None:
        self._text = None if text is None else str(text)
        self._bar.message(self._text or "")

    def _set_title(self, title: object = None) -> None:
        self._title = self._config.title if title is None else str(title)
        self._bar.desc = self._title or ""

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def current(self) -> float:
        """The count; with `manual=True` and no total the share."""
        return self._percent if self._config.manual and self._total is None else max(0, self._bar.balance)

    @property
    def monitor(self) -> str:
        """The count as a text, with the unit."""
        return figures.count(self._counted, self._config, self._config.precision)

    @property
    def rate(self) -> str:
        """The rate as a text: `123.4/s`."""
        return figures.rate(self._per_second, self._config)

    @property
    def eta(self) -> str:
        """The remaining time as a text: `~12s`; `?` if it is not known."""
        return figures.remaining(self._bar.eta)

    @property
    def elapsed(self) -> float:
        """Seconds since the bar began, pauses left out."""
        return self._bar.elapsed

    @property
    def pause(self) -> Callable[[], AbstractContextManager[None] | None]:
        """The block in which the terminal is the program's: `with bar.pause(): input("go on?")`."""
        return self._paused if self._handle is not None else lambda: None

    @contextmanager
    def _paused(self) -> Iterator[None]:
        handle, self._handle = self._handle, None
        try:
            with self._bar.pause(), hub.suspended():
                yield
        finally:
            self._handle = handle

    @property
    def receipt(self) -> Callable[[], str]:
        """A call that returns the row that alive-progress would leave now."""
        return self._receipt

    def _receipt(self) -> str:
        return figures.receipt(
            self._config,
            title=self._title,
            text=self._text,
            done=self._counted,
            total=self._total,
            share=self._share,
            elapsed=self.elapsed,
            per_second=self._per_second,
        )

    @property
    def _counted(self) -> float:
        return 0 if self._config.manual and self._total is None else max(0, self._bar.balance)

    @property
    def _share(self) -> float | None:
        if self._config.manual:
            return self._percent
        return None if self._total is None else self._counted / self._total

    @property
    def _per_second(self) -> float:
        return self._bar.rate or 0.0

    @property
    def bar(self) -> Bar:
        """The headway bar behind it, with all that alive-progress has no name for: `metrics`, `stop`, `write` ..."""
        return self._bar

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, *, counts: bool) -> None:
        self._handle = self._by_hand if counts else lambda *_args, **_kwargs: None

    def _end(self) -> None:
        self._handle = None
        if not self._config.receipt_text:
            self._set_text()
