"""progressbar2's class, reporting to headway: the person at the run chooses the renderer."""

from __future__ import annotations

import itertools
import math
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from weakref import WeakMethod

from headway.doors.callers import opened_by
from headway.host import endings
from headway.host.environment import is_terminal
from headway.host.stream import SafeStream
from headway.imitation.bar import Reported, Restyling
from headway.imitation.progressbar import look
from headway.imitation.progressbar.base import AttributeDict, UnknownLength
from headway.imitation.progressbar.figures import Figures, now
from headway.imitation.progressbar.loops import Looped
from headway.imitation.progressbar.streams import len_color
from headway.imitation.progressbar.words import Described
from headway.reporting.opening import opener
from headway.snapshot import State

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from headway.reporting.bar import Bar
    from headway.reporting.keywords import Opens

__all__ = ["ProgressBar"]


class ProgressBar(Figures, Described, Looped):
    """Reports a loop, or what `update` is told: `for item in ProgressBar()(items): ...`.

    The arguments are progressbar2's, in its order. What each comes to under headway's renderers is listed in
    docs/coming-from-progressbar2.md; those that only say how often or where progressbar2 draws have no effect.

    Args:
        min_value: The value that it begins at.
        max_value: The value at which all is done; `UnknownLength`: that is not known. By default the length of what is
            looped over.
        widgets: What the row shows: widgets of progressbar2's, texts, and functions of the bar and its data.
        left_justify: No effect.
        initial_value: The value before the start.
        poll_interval: No effect: headway draws ten times a second.
        widget_kwargs: No effect.
        custom_len: Tells widgets how wide a text is.
        max_error: Whether a value beyond `max_value` raises; else it is taken for `max_value`.
        prefix: The text in front, with fields such as `{variables.task}`.
        suffix: The text behind.
        variables: Values by name; `update` sets them.
        min_poll_interval: No effect.
        desc: The same as `prefix`, with a colon behind it.
        total: The same as `max_value`.
        unit: What is counted.
        unit_scale: Whether counts have prefixes: 1200 is `1.17Ki`.
        postfix: A text, or values by name, behind the numbers; `update(postfix=...)` sets it.
        kwargs: `fd`, the stream; `term_width`, for widgets; `start_time`. `is_terminal`, `line_breaks`, `line_offset`,
            `enable_colors`, `redirect_stdout`, `redirect_stderr` and `redirect_blank_line` have no effect.

    Raises:
        ValueError: `max_value` is less than `min_value`.
    """

    _numbers: ClassVar[Iterator[int]] = itertools.count()
    _bytes = False
    paused = False
    num_intervals = 0
    next_update = 0

    def __init__(  # noqa: PLR0917  # progressbar2's order
        self,
        min_value: float = 0,
        max_value: Any = None,
        widgets: Sequence[Any] | None = None,
        left_justify: bool = True,
        initial_value: float = 0,
        poll_interval: timedelta | float | None = None,
        widget_kwargs: Mapping[str, Any] | None = None,
        custom_len: Callable[[str], int] = len_color,
        max_error: bool = True,
        prefix: str | None = None,
        suffix: str | None = None,
        variables: Mapping[str, Any] | None = None,
        min_poll_interval: timedelta | float | None = None,
        desc: str | None = None,
        total: Any = None,
        unit: str = "it",
        unit_scale: bool = False,
        postfix: Any = None,
        **kwargs: Any,
    ) -> None:
        self._bar: Reported | None = None
        self._entered = False
        if not max_value and kwargs.get("maxval") is not None:
            warnings.warn("maxval is deprecated; use max_value.", DeprecationWarning, stacklevel=2)
            max_value = kwargs["maxval"]
        max_value = total if max_value is None else max_value
        if max_value and min_value > max_value:
            raise ValueError("Max value needs to be bigger than the min value")
        self.index = next(self._numbers)
        self.min_value, self.max_value, self.max_error = min_value, max_value, max_error
        self.widgets = list(widgets or ())
        self.left_justify, self.widget_kwargs, self.custom_len = left_justify, dict(widget_kwargs or {}), custom_len
        self.poll_interval, self.min_poll_interval = poll_interval, min_poll_interval
        self.prefix = f"{desc}: " if prefix is None and desc is not None else prefix
        self.suffix, self.unit, self.unit_scale = suffix, unit, unit_scale
        self.fd: Any = kwargs.get("fd") or sys.stderr
        self.term_width: int = kwargs.get("term_width") or SafeStream(self.fd).size.columns
        self.is_terminal = self.is_ansi_terminal = is_terminal(self.fd)
        self.line_breaks, self.enable_colors = kwargs.get("line_breaks"), kwargs.get("enable_colors")
        self.redirect_stdout = bool(kwargs.get("redirect_stdout"))
        self.redirect_stderr = bool(kwargs.get("redirect_stderr"))
        self.redirect_blank_line = bool(kwargs.get("redirect_blank_line"))
        self.initial_start_time: datetime | None = kwargs.get("start_time")
        self.variables = AttributeDict(variables or {})
        for name in look.variables(self.widgets):
            self.variables.setdefault(name, None)
        if postfix is not None:
            self.variables["postfix"] = postfix
        self._iterable: Iterable[Any] | None = None
        self._estimated = False
        self._value: Any = initial_value
        self.init()

    def init(self) -> None:
        """Begin anew, as before the start."""
        self._value = self.value
        self._end("stopped")
        self._bar = None
        self.previous_value = self.start_time = self.end_time = None
        self.updates = 0
        self.extra: dict[str, Any] = {}
        self._finished = False

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, max_value: float | None = None, init: bool = True, *args: Any, **kwargs: Any) -> Self:
        """Show the bar at 0 %, and return it.

        Args:
            max_value: The value at which all is done.
            init: Whether it begins anew if it was started before.
            args: For subclasses.
            kwargs: For subclasses.

        Raises:
            ValueError: `max_value` is negative.
        """
        del args, kwargs
        if init:
            self.init()
        if self.start_time is not None:
            return self
        if max_value is not None:
            self.max_value = max_value
        if self.max_value is None:
            self.max_value = UnknownLength
        if self.max_value is not UnknownLength and self.max_value < 0:
            raise ValueError(f"max_value out of range, got {self.max_value!r}")
        self._value = self.min_value
        begun = now()
        self.start_time = self.initial_start_time or begun
        self._open((begun - self.start_time).total_seconds())
        return self

    def _open(self, seconds_before: float) -> None:
        of_bytes = self._bytes or look.counts_bytes(self.widgets)
        scaled: Literal["", "iec"] = "iec" if self.unit_scale or of_bytes else ""
        bar = self._bar = Reported(
            self._total,
            unit="B" if of_bytes else self.unit,
            unit_scale=scaled,
            estimated=self._estimated,
            name=opened_by("progressbar"),
        )
        self._told, self._most = {}, self.max_value
        self._describe()
        self._opener()(bar)
        bar.before_frame = WeakMethod(self._bring_up_to_date)
        if self._entered:
            bar.enter()
        if seconds_before:
            bar.start_at(seconds_before)

    def _opener(self) -> Callable[[Opens], None]:
        self._laid_out = tuple(self.widgets)
        asked = options = None
        if self.widgets:
            asked, options = look.of_list(self._row()[self._words :], self), look.native(self)
        return opener(asked, options, None, self.fd)

    def _bring_up_to_date(self) -> None:
        """Show what the program has changed in the bar's attributes."""
        bar = self._bar
        if bar is None:
            return
        with suppress(Exception):  # whatever the program has put there: what is shown stays
            self._describe()
            if self.max_value is not self._most:
                self._heed_most(bar)
            if self._laid_out != tuple(self.widgets):
                self._opener()(Restyling(bar))

    def _heed_most(self, bar: Reported) -> None:
        """Take over another maximum."""
        self._most, bar.total = self.max_value, self._total

    def finish(self, end: str = "\n", dirty: bool = False) -> None:
        """End the bar: at `max_value`, and `finished`.

        Args:
            end: No effect.
            dirty: Whether it stays where it is, and is `stopped`.
        """
        del end
        if self._finished:
            return
        if not dirty:
            if self.start_time is None:
                self.start()
            if self._bar is not None and self._total is not None:
                self._bar.count_to(self._total)
        self._end("stopped" if dirty else "finished")

    def _end(self, state: State, reason: str = "") -> None:
        bar = self._bar
        if bar is not None and not self._finished:
            self._value = self.min_value + (bar.given if state == "finished" else bar.balance)
            self.end_time = now() if state == "finished" else None
            self._finished = True
            bar.end(state, reason)
            if state == "finished" and self._total is not None:
                self._value = self.max_value
        self._finished = True

    def __enter__(self) -> Self:
        self._entered = True
        if self._bar is not None:
            self._bar.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._end(*endings.explained(error))
        self.finish(dirty=error is not None)

    def started(self) -> bool:
        """Tell whether it was started."""
        return self._finished or self._bar is not None

    def finished(self) -> bool:
        """Tell whether it has ended."""
        return self._finished

    # ── the count ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def value(self) -> Any:
        """How far it is; may be set."""
        bar = self._bar
        return self._value if bar is None or self._finished else self.min_value + bar.balance

    @value.setter
    def value(self, value: Any) -> None:
        if self._bar is None or self._finished:
            self._value = value
        else:
            self._bar.count_to(value - self.min_value)

    @property
    def _total(self) -> float | None:
        unknown = self.max_value is None or self.max_value is UnknownLength or self.max_value == math.inf
        return None if unknown else self.max_value - self.min_value

    def update(self, value: Any = None, force: bool = False, **kwargs: Any) -> Any:
        """Report how far it is, and values of variables: `bar.update(3, loss=0.5)`. It starts a bar that has not begun.

        Args:
            value: How far it is; `None`: as before.
            force: No effect.
            kwargs: Variables.

        Raises:
            ValueError: The value is too small, or too large and `max_error` is set.
            TypeError: There is no such variable.
        """
        del force
        if self.start_time is None:
            self.start()
        if value.__class__ is int or isinstance(value, Real):
            self._move(value)
        self.updates += 1
        if kwargs:
            self._set_variables(kwargs)

    def _move(self, value: Any) -> None:
        bar, most = self._bar, self.max_value
        if most is not UnknownLength and most is not None and not self.min_value <= value <= most:
            value = self._within(value)
        self.previous_value = before = self.value
        if bar is None or self._finished:
            self._value = value
        elif value.__class__ is int and before.__class__ is int:
            bar.update(value - before)
        else:
            bar.count_to(value - self.min_value)
        if most is not self._most and bar is not None:
            self._heed_most(bar)

    def _within(self, value: Any) -> Any:
        """Return the value in its bounds, of which it may be out."""
        if value < self.min_value:
            raise ValueError(f"Value {value} is too small. Should be between {self.min_value} and {self.max_value}")
        if value > self.max_value and self.max_error:
            raise ValueError(f"Value {value} is too large. Should be between {self.min_value} and {self.max_value}")
        return min(self.max_value, value)

    def increment(self, value: float = 1, *args: Any, **kwargs: Any) -> Self:
        """Report that so much more is done, and return the bar. Further arguments are those of `update`."""
        self.update(self.value + value, *args, **kwargs)
        return self

    def __iadd__(self, value: float) -> Self:
        return self.increment(value)

    # ── small print ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def bar(self) -> Bar | None:
        """The headway bar behind it, with what progressbar2 has no name for; `None` before the start."""
        return self._bar

    @property
    def currval(self) -> Any:
        """The same as `value`, with a warning."""
        warnings.warn("currval is deprecated; use value.", DeprecationWarning, stacklevel=2)
        return self.value

    def default_widgets(self) -> list[Any]:
        """Return no widgets: without a list the row is the renderer's own."""
        return []

    def __repr__(self) -> str:
        label = f": {self.label}" if self.label else ""
        return f"<{type(self).__name__}#{self.index}{label}>"
