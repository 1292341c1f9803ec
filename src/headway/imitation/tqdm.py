"""tqdm's class and functions, reporting to headway: the person at the run chooses the renderer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakMethod, WeakSet

from headway.doors.callers import opened_by
from headway.host.compilers import opaque
from headway.imitation import arguments, look
from headway.imitation.bar import Behind, Reported, Restyling
from headway.imitation.copying import Copied
from headway.imitation.defaults import with_defaults
from headway.imitation.files import CallbackIOWrapper
from headway.imitation.items import Iterated
from headway.imitation.order import Comparable
from headway.imitation.output import Writes
from headway.imitation.row import Formatted
from headway.reporting.opening import opener

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, TypeVar

    from headway.reporting.bar import Bar
    from headway.reporting.keywords import Opens
    from headway.snapshot import Number

    T = TypeVar("T", default=Any)  # so that tqdm(total=10) needs no annotation
else:
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["tqdm", "trange"]


class tqdm(Iterated[T], Formatted, Writes, Copied, Comparable):  # noqa: N801  # tqdm's name
    """Reports a loop, or what `update` is told: `for item in tqdm(items): ...`.

    The arguments are tqdm's, in tqdm's order. What each comes to under headway's renderers is listed in
    docs/coming-from-tqdm.md; those that only say how often or where tqdm draws have no effect.

    Args:
        iterable: The items.
        desc: What is being done, in front of the bar.
        total: Units in all, by default as many as the iterable has. Infinity and `None` mean unknown.
        leave: Whether the last frame stays; `None`: if the bar is not nested.
        file: The stream that it is shown on, by default `sys.stderr`.
        ncols: Columns of the row under the tqdm renderer; 0 leaves the bar out, under all.
        mininterval: No effect: headway draws ten times a second, forty where a run begins or ends.
        maxinterval: No effect.
        miniters: No effect.
        ascii: Whether, or of which characters, the tqdm renderer draws the bar in ASCII.
        disable: Whether to report nothing at all; `None`: where `file` is no terminal. `TQDM_DISABLE` does so too.
        unit: What is counted.
        unit_scale: `True` for prefixes such as `k`; another number multiplies what is shown.
        dynamic_ncols: No effect: rows always follow the terminal.
        smoothing: No effect: headway has an estimate of its own.
        bar_format: What the row shows. The tqdm renderer gets it as it is, others get headway's widgets of the same.
        initial: Units that an earlier session did.
        position: The place in comparisons; rows are placed by headway.
        postfix: Values, or a text, behind the numbers.
        unit_divisor: 1024 for `Ki`, `Mi`; with any other number a prefix stands for a thousand.
        write_bytes: Whether `file` takes bytes.
        lock_args: No effect.
        nrows: No effect: rows that a terminal has no room for are headway's matter.
        colour: The bar's colour under the tqdm renderer.
        delay: Seconds before it is shown; if it ends before that it never is.
        gui: No effect.
        kwargs: None: whatever tqdm does not know raises.

    Raises:
        TqdmKeyError: There is no such argument. (With `nested`, `TqdmDeprecationWarning`.)
        TypeError: A count is no number, or the iterable none.
        KeyError: `bar_format` has a field that there is not.
    """

    monitor_interval: ClassVar[float] = 0
    """There is no monitor thread; may be set, without effect."""
    monitor: ClassVar[None] = None
    _instances: ClassVar[WeakSet[tqdm[Any]]] = WeakSet()
    _door_name = ""
    _door_look: str | None = None

    @with_defaults
    def __init__(  # noqa: PLR0917  # tqdm's order
        self,
        iterable: Iterable[T] | None = None,
        desc: str | None = None,
        total: float | None = None,
        leave: bool | None = True,
        file: Any = None,
        ncols: int | None = None,
        mininterval: float = 0.1,
        maxinterval: float = 10.0,
        miniters: float | None = None,
        ascii: bool | str | None = None,  # noqa: A002  # tqdm's name
        disable: bool | None = False,
        unit: str = "it",
        unit_scale: bool | float = False,
        dynamic_ncols: bool = False,
        smoothing: float = 0.3,
        bar_format: str | None = None,
        initial: float = 0,
        position: int | None = None,
        postfix: Any = None,
        unit_divisor: float = 1000,
        write_bytes: bool = False,
        lock_args: tuple[Any, ...] | None = None,
        nrows: int | None = None,
        colour: str | None = None,
        delay: float = 0.0,
        gui: bool = False,
        **kwargs: Any,
    ) -> None:
        self.disable = True  # until there is something to close
        if kwargs:
            arguments.refuse(kwargs)
        self.iterable = iterable
        self.fp = arguments.stream(file, as_bytes=write_bytes)
        self.ncols, self.nrows, self.dynamic_ncols, self.lock_args = ncols, nrows, dynamic_ncols, lock_args
        self.mininterval, self.maxinterval, self.miniters = mininterval, maxinterval, miniters or 0
        self.dynamic_miniters = miniters is None
        self.ascii, self.bar_format, self.colour = ascii, bar_format, colour
        self.smoothing, self.delay, self.gui = smoothing, delay, gui
        self.last_print_n: Any = initial
        self.last_print_t = time.time()
        self.pos = self._door_free_position() if position is None else -position
        asks = total is None and iterable is not None
        total, self._door_estimated = arguments.length(iterable) if asks else (total, False)  # type: ignore[arg-type]
        self._door_found = total if asks and not hasattr(iterable, "__len__") else None
        self._door_desc, self._door_total, self._door_unit = desc or "", arguments.known(total), unit
        self._door_unit_scale, self._door_unit_divisor = unit_scale, unit_divisor
        self._door_initial, self._door_leave, self._door_first_postfix = initial, leave, postfix
        self._door_postfix: Any = None
        if not arguments.is_disabled(disable, self.fp):
            self._door_name = opened_by("tqdm")
            self._door_open()

    @cached_property
    def _door_bar(self) -> Reported:  # type: ignore[override]  # made when it is first needed
        """The bar behind it, which one that is disabled needs only when it is asked something."""
        bar = self.__dict__["_door_bar"] = Reported(
            None,
            self.delay or 0.0,
            initial=self._door_initial,
            leave=self._door_leave,
            name=self._door_name,
            estimated=self._door_estimated,
        )
        self.unit, self.desc, self.total = self._door_unit, self._door_desc, self._door_total
        self._door_scale()
        if self._door_first_postfix:
            self._door_set_first_postfix(self._door_first_postfix)
        return bar

    def _door_open(self) -> None:
        """Show the bar; from here on it reports."""
        self._door_show()
        self.disable = False
        self._instances.add(self)
        self._door_count_straight()

    def _door_show(self) -> None:
        bar = self._door_bar  # made first: its postfix may be a part of its look
        self._door_opener()(bar)

    def _door_count_straight(self) -> None:
        """Have the bar itself count, at no cost over headway's own."""
        if type(self).update is tqdm.update:
            self.update = self._door_bar.update  # type: ignore[method-assign]

    def _door_opener(self) -> Callable[[Opens], None]:
        self._door_look = bar_format = look.resolved(self.bar_format, self._door_own_fields(), self.desc)
        if bar_format is not None:
            self._door_bar.before_frame = WeakMethod(self._door_bring_up_to_date)
        options = look.options(
            ascii=self.ascii, bar_format=bar_format, colour=self.colour, ncols=self.ncols, total=self._door_total
        )
        return opener(look.template(bar_format, self.ncols), options, None, self.fp)

    def _door_restyle(self) -> None:
        self._door_opener()(Restyling(self._door_bar))

    def _door_bring_up_to_date(self) -> None:
        """Show what only the program knows as it is now."""
        with suppress(Exception):  # what a program has there: the last text stays
            postfix = self._door_postfix
            if not isinstance(postfix, str | None):
                self._door_bar.message(str(postfix))
            if look.resolved(self.bar_format, self._door_own_fields(), self.desc) != self._door_look:
                self._door_restyle()

    if TYPE_CHECKING:
        bar: Bar
    else:
        bar = Behind()
    """The headway bar behind this one, with all that tqdm has no name for: `metrics`, `stop`, `state_dict` ..."""

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def __enter__(self) -> Self:
        if not self.disable:
            self._door_bar.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and not self.disable:
            self._door_bar.__exit__(kind, error, traceback)
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "disable", True):
            self.close()

    def close(self) -> None:
        """End the bar: `finished`, or `stopped` where a known total was not reached. Closing twice is harmless."""
        if self.disable:
            return
        self.disable = True
        self._instances.discard(self)
        self._door_bar.close()

    def reset(self, total: float | None = None) -> None:
        """Start over at 0, with another total if one is given."""
        if total is not None:
            self.total = total
        self._door_bar.reset()
        self.n = 0

    def unpause(self) -> None:
        """Take the time since the count moved last for a pause."""
        if not self.disable:
            self._door_bar.forget_idle()

    # ── the count ────────────────────────────────────────────────────────────────────────────────────────────────────

    @opaque
    def update(self, n: float = 1) -> bool | None:
        """Report that `n` more units are done; negative takes back. Once closed, or disabled, nothing happens.

        Returns:
            For a subclass that asks here, `True` at most once in `mininterval` seconds and `miniters` units: when tqdm
            would have drawn. Else `None`: a frame is drawn when it is due, whoever counts.
        """
        if self.disable:
            return None
        self._door_bar.update(n)
        return self._door_would_draw(n) or None

    def _door_would_draw(self, n: float) -> bool:
        done, now = self.n, time.time()
        self.last_print_n += min(n, 0)
        due = done - self.last_print_n >= self.miniters and now - self.last_print_t >= self.mininterval
        if due and self._door_bar.elapsed >= self.delay:
            self.last_print_n, self.last_print_t = done, now
            return True
        return False

    @property
    def n(self) -> Any:
        """Units that are done; may be set."""
        self._door_bar.gather()
        return self._door_bar.balance

    @n.setter
    def n(self, n: Any) -> None:
        self._door_bar.count_to(n)

    @property
    def total(self) -> Any:
        """Units in all, `None` while unknown; may be set."""
        return self._door_total

    @total.setter
    def total(self, total: Any) -> None:
        self._door_total = total = arguments.known(total)
        self._door_bar.total = None if isinstance(total, float | int) and not total >= 0 else total

    @property
    def initial(self) -> Number:
        """Units that an earlier session did; may be set."""
        return self._door_bar.initial

    @initial.setter
    def initial(self, initial: Number) -> None:
        self._door_bar.initial = initial

    @property
    def start_t(self) -> float:
        """When it began, in the seconds of `time.time()`; may be set."""
        return time.time() - self._door_bar.elapsed

    @start_t.setter
    def start_t(self, then: float) -> None:
        self._door_bar.start_at(time.time() - then)

    # ── with other libraries ─────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def pandas(cls, **tqdm_kwargs: Any) -> None:
        """Give pandas `progress_apply`, `progress_map` and the like; the arguments are for the bars."""
        from headway.imitation.dataframes import register  # pandas is imported here, and not before

        register(cls, tqdm_kwargs)

    @classmethod
    @contextmanager
    def wrapattr(
        cls,
        stream: Any,
        method: str,
        total: float | None = None,
        bytes: bool = True,  # noqa: A002  # tqdm's name
        **tqdm_kwargs: Any,
    ) -> Iterator[Any]:
        """Count what is read from a file, or written to it: `with tqdm.wrapattr(file, "read", size) as file: ...`.

        Args:
            stream: The file.
            method: `read` or `write`.
            total: Its size.
            bytes: Whether to show the count as bytes: `1.50KiB`.
            tqdm_kwargs: Further arguments of the bar.
        """
        with cls(total=total, **tqdm_kwargs) as bar:
            if bytes:
                bar.unit, bar.unit_scale, bar.unit_divisor = "B", True, 1024
            yield CallbackIOWrapper(bar.update, stream, method)

    # ── small print ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _door_free_position(self) -> int:
        if not self._instances:
            return 0
        taken = {abs(bar.pos) for bar in self._instances}
        return next(place for place in range(len(taken) + 1) if place not in taken)


def trange(*args: int, **kwargs: Any) -> tqdm[int]:
    """Return `tqdm(range(*args), **kwargs)`."""
    return tqdm(range(*args), **kwargs)
