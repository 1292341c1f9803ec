"""The bar behind each imitation: counts may be multiplied, a postfix is replaced as a whole, silence once closed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Number as AnyNumber
from typing import TYPE_CHECKING, Any, TextIO
from weakref import WeakMethod

from headway import format as fmt
from headway.doors import gradio
from headway.drawing.hub import hub
from headway.imitation.meter import format_num
from headway.imitation.refreshing import Refreshing
from headway.reporting import copies
from headway.reporting.bar import Bar
from headway.reporting.metrics import Metrics
from headway.reporting.values import owned
from headway.snapshot import Number, Reading, Snapshot, State

if TYPE_CHECKING:
    from headway.choosing.selection import Choice

__all__ = ["Postfix", "Reported", "Restyling", "behind", "kept"]


class Postfix(Metrics):
    """The values of the last `set_postfix`: the next call replaces all of them. Metrics that a program reports stay."""

    def __init__(self) -> None:
        super().__init__()
        self._given: Mapping[str, Any] = {}
        self._read: tuple[Mapping[str, Any], dict[str, Reading]] = (self._given, {})

    def give(self, values: Mapping[str, Any], at: Number) -> None:
        """Store values at a count; those that have an `item()`, as tensors do, are read when a frame is drawn."""
        self.tell(values, at)
        self._given = {str(name): kept(value) for name, value in values.items()}

    @property
    def text(self) -> str:
        """All of it as tqdm writes it: `loss=0.123, lr=0.001`."""
        return ", ".join(f"{name}={reading.text}" for name, reading in self._readings().items())

    def read(self, *, final: bool = False, fresh: bool = False) -> dict[str, Reading]:
        """Read metrics and postfix as they stand."""
        return {**super().read(final=final, fresh=fresh), **self._readings()}

    def release(self) -> None:
        """Let go of the values; what they read as stays."""
        super().release()
        readings = self._readings()
        self._given = {name: reading.value for name, reading in readings.items()}
        self._read = self._given, readings

    def _readings(self) -> dict[str, Reading]:
        given, before = self._given, self._read
        if before[0] is not given:
            self._read = given, {fmt.clean(name): _reading(value, before[1].get(name)) for name, value in given.items()}
        return self._read[1]


def kept(value: Any) -> Any:
    """Let go of a tensor's graph, and write now what may look different by the next frame."""
    if isinstance(value, complex):
        return format_num(value)
    if isinstance(value, str | AnyNumber):
        return value
    return owned(value) if hasattr(type(value), "item") and _is_scalar(value) else str(value)


def _is_scalar(value: Any) -> bool:
    try:
        return math.prod(getattr(value, "shape", ())) == 1
    except Exception:  # a shape that is not known
        return True


def _reading(value: Any, before: Reading | None) -> Reading:
    try:
        value = value.item() if hasattr(type(value), "item") else value
    except Exception:  # whatever a foreign class may do
        value = str(value)
    text = fmt.clean(_in_words(value).strip())
    columns = max(fmt.width(text), 0 if before is None else before.columns)
    number = isinstance(value, int | float)
    return Reading(value=value if number else text, text=text, columns=columns if number else 0)


def _in_words(value: Any) -> str:
    if isinstance(value, AnyNumber):
        try:
            return format_num(value)
        except (TypeError, ValueError):  # a number without such a format, as fractions are before Python 3.12
            return str(value)
    return str(value)


class Reported(Refreshing):
    """A bar as users of other libraries expect it: if it is told anything once it is closed, it says nothing of it."""

    __slots__ = ("_moved", "before_frame", "delay", "postfix", "scale")

    def __init__(self, total: Number | None, delay: float = 0.0, **about: Any) -> None:
        super().__init__(total, **about)
        self.delay = delay
        self.scale: float = 1
        """The number that counts are multiplied by where they are shown."""
        self.postfix = Postfix()
        self.show_metrics(self.postfix)
        self._moved: tuple[Number, float] = (self.initial, 0.0)
        self.before_frame: WeakMethod[Callable[[], None]] | None = None
        """Brings up to date what only the program knows, before a frame is drawn."""

    def open(self, choices: tuple[Choice, ...], file: TextIO, delay: float = 0.0) -> None:
        """Show the first frame, after the delay that it was made with; on a page of Gradio's, too, that asks for it."""
        super().open((*choices, *gradio.choices(self)) if choices else (), file, delay or self.delay)

    def count_to(self, n: Number) -> None:
        """Report that `n` units are done in all; it may be negative, and it may come after the end."""
        self.balance = n
        self.tell()
        hub.throttle.tick()

    def forget_idle(self) -> None:
        """Take the time since the count moved last for a pause, to a tenth of a second; the estimate begins anew."""
        pace = self.pace
        n, then = self._moved
        idle = self.elapsed - then
        if n == self.n and idle > 0:
            self.leave_out(idle)
            self.rebase()
            self.expect(1 / pace if pace else None)

    def start_at(self, seconds: float) -> None:
        """Have the clock show so many seconds now."""
        self.leave_out(self.elapsed - seconds)
        self.rebase()

    def snapshot(self) -> Snapshot:
        """Take a snapshot, and note when the count moved last."""
        if self.before_frame is not None and hub.in_a_frame and hub.display.views_of(self.id):
            self._bring_up_to_date()  # not before its first frame, which has the look that it was opened with
        s = super().snapshot()
        if s.n != self._moved[0]:
            self._moved = s.n, s.elapsed
        return s if self.scale == 1 else _scaled(s, self.scale)

    def end(self, state: State, reason: str = "") -> None:
        """End it, with what the program has said last."""
        if self.state == "running":
            self._bring_up_to_date()
        super().end(state, reason)

    def _bring_up_to_date(self) -> None:
        act = None if self.before_frame is None else self.before_frame()
        if act is not None:
            act()

    def say_closed(self, verb: str) -> None:
        """Keep silent, as tqdm does."""

    def __reduce__(self) -> tuple[Any, ...]:
        return copies.revive, (Reported, *copies.pickled(self))

    def __copy__(self) -> Reported:
        return copies.revive(Reported, *copies.traits(self, ""))


class Behind:
    """Gives the headway bar, unless a subclass has set an attribute of that name: tqdm has none."""

    def __get__(self, tqdm: Any, owner: type | None = None) -> Any:
        return self if tqdm is None else behind(tqdm)


def behind(tqdm: Any) -> Reported:
    """Return the headway bar behind a tqdm, whatever a subclass has for `bar`."""
    bar: Reported = tqdm._door_bar
    return bar


class Restyling:
    """Gives a bar that is shown already another look; it is opened in the bar's place."""

    def __init__(self, bar: Bar) -> None:
        self.name = bar.name
        self._bar = bar

    def open(self, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Show the bar with the look of the choices, where it is shown by one of them."""
        hub.restyle(self._bar, choices, file)


def _scaled(s: Snapshot, scale: float) -> Snapshot:
    counts = {name: getattr(s, name) for name in ("n", "position", "total", "initial", "rate")}
    return s._replace(**{name: value and value * scale for name, value in counts.items()})
