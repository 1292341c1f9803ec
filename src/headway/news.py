"""The news of bars, for sinks that add to a log or send messages: which changes are worth a word, and when.

Plain lines, `logging` and `spoken` are told of bars in this way, and so may be a notifier of yours.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from time import monotonic

from headway.notation import Literal, NamedTuple
from headway.sink import PerBar
from headway.snapshot import BROKEN_OFF, Snapshot, State

__all__ = ["News", "PerNews", "is_in_trouble"]

APART = 5.0
"""Seconds from one piece of urgent news to the next at least, over all bars of a sink."""
SHARE = 0.02
"""The share of the time so far that passes between two pieces of news, trouble and signs of life aside."""
SIGNS = (30.0, 120.0, 600.0)
"""Seconds after which a bar that moves gives a sign of life; from then on it does each `LATER`."""
LATER = 1800.0
MOVED = 0.2
"""The share by which a remaining time is another one than was told."""
PATIENCE = 30.0

News = (
    State | Literal["opened", "stalled", "not finite", "phase", "best", "blocked", "moving", "remaining time", "alive"]
)
"""A kind of news of a bar.

`opened`: the bar is open. `finished`, `stopped`, `failed` and `interrupted`: it has ended so. `stalled`: nothing has
moved for implausibly long. `not finite`: a metric has become NaN or infinite. `phase`: another phase has begun. `best`:
a metric has a new best value. `blocked`: something holds the work up, or does so no more. `moving`: it was stalled, and
moves again. `remaining time`: the bar will end a fifth of the remaining time sooner or later than was told. `alive`:
the bar has moved, there is no other news, and nothing was told of it for long.
"""


def is_in_trouble(s: Snapshot) -> bool:
    """Tell whether the bar has failed or stands still, or whether one of its metrics is no finite number."""
    return s.state == "failed" or s.stalled is not None or bool(_not_finite(s))


class Told(NamedTuple):
    """A bar as it was told of last, or as it was first if it was not told of."""

    snapshot: Snapshot
    anything: bool


class PerNews(PerBar):
    """A sink that is called when there is news of a bar: `tell(snapshot, news)`.

    Derive a class with `tell` and `write` from it. Its thread or stream may be slow: news that was not told yet is told
    with the next call, and news that is over by then is not told any more.

    - The opening and the end of a bar are news at once, and so is each failure. Bars inside others that leave no row
      may be thousands: their openings and their good ends are no news.
    - A stall, the first value of a metric that is no finite number and another phase are news at once.
    - A new best value, another remaining time, and a bar that is blocked or moves again are news once the bar was not
      told of for the seconds of `patience`.
    - If a bar moves, and nothing was told of it, there is a sign of life after 30 seconds, after 2 and 10 minutes, and
      each 30 minutes.

    All of it is rationed. Five seconds lie between two pieces of urgent news of the sink, and between two phases 2 % of
    its life. From one word of a bar to its next best value, and to whatever else waits, 2 % of the bar's time pass.
    """

    __told: dict[int, Told] = {}  # noqa: RUF012  # each sink has its own from its first bar on
    __began = inf
    __wrote = -inf
    __urgent = -inf
    __phase = -inf
    """When it has told another phase last."""

    def tell(self, snapshot: Snapshot, news: tuple[News, ...]) -> None:
        """Tell of a bar.

        If it raises, the bar is not told of, and the same news comes again.

        Args:
            snapshot: The bar.
            news: The kinds of news, the most urgent first; empty if only `is_due` asked for it.
        """

    def is_due(self, snapshot: Snapshot, told: Snapshot | None, news: tuple[News, ...]) -> bool:  # noqa: ARG002
        """Decide whether a bar is told of now; by default if there is news.

        Override it for a rhythm of your own: to tell of a bar without any news, or to let news wait.

        Args:
            snapshot: The bar.
            told: The bar as it was told of last or, if it was not, as it was first; `None` when it opens.
            news: The kinds of news since then.
        """
        return bool(news)

    def patience(self, snapshot: Snapshot) -> float:  # noqa: ARG002
        """Return the seconds from one word of a bar to news that is not urgent: 30 by default."""
        return PATIENCE

    @property
    def quiet(self) -> float:
        """Seconds since anything was told."""
        return monotonic() - self.__wrote

    # ── from PerBar ──────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, snapshot: Snapshot) -> None:
        """Tell of a bar that opens; one that has ended by then is told of by its end."""
        if not self.__told:
            self.__told = {}
        self.__began = min(self.__began, monotonic())
        news: tuple[News, ...] = ("opened",) if _stands(snapshot) else ()
        if snapshot.state == "running" and self.is_due(snapshot, None, news):
            self.__tell(snapshot, news)
        else:
            self.__told[snapshot.id] = Told(snapshot, anything=False)

    def update(self, snapshot: Snapshot) -> None:
        """Tell of a bar if it is due."""
        told = self.__told[snapshot.id]
        if snapshot.elapsed < told.snapshot.elapsed:  # it has started over
            self.__told[snapshot.id] = told._replace(snapshot=snapshot)
            return
        waited = snapshot.elapsed - told.snapshot.elapsed >= self.patience(snapshot)
        now = monotonic()
        rested = now - self.__phase >= SHARE * (now - self.__began)
        urgent = tuple(_urgent(snapshot, told, rested)) if waited or now - self.__urgent >= APART else ()
        news = (*urgent, *(_calm(snapshot, told.snapshot) if waited else ()))
        if waited and not news and _is_sign_of_life(snapshot, told.snapshot):
            news = ("alive",)
        if self.is_due(snapshot, told.snapshot, news):
            self.__tell(snapshot, news)
            if urgent:
                self.__urgent = self.__wrote
            if "phase" in urgent:
                self.__phase = self.__wrote

    def close(self, snapshot: Snapshot) -> None:
        """Tell of a bar that has ended."""
        told = self.__told[snapshot.id]
        is_news = told.anything or _stands(snapshot) or snapshot.state in BROKEN_OFF
        news: tuple[News, ...] = (snapshot.state,) if is_news else ()
        if snapshot.state != "running" and self.is_due(snapshot, told.snapshot, news):
            self.__tell(snapshot, news)
        del self.__told[snapshot.id]

    def __tell(self, snapshot: Snapshot, news: tuple[News, ...]) -> None:
        self.tell(snapshot, news)
        self.__told[snapshot.id] = Told(snapshot, anything=True)
        self.__wrote = monotonic()


def _stands(s: Snapshot) -> bool:
    """Tell whether it is an outermost bar, or leaves a row on a terminal."""
    return s.leave or s.parent is None


def _urgent(s: Snapshot, told: Told, rested: bool) -> Iterator[News]:
    """Give the news that does not wait.

    Args:
        s: The bar.
        told: The bar as it was told of last.
        rested: Whether it is time to tell of another phase.
    """
    before = told.snapshot
    if s.stalled is not None and before.stalled is None:
        yield "stalled"
    if _not_finite(s) - _not_finite(before):
        yield "not finite"
    if told.anything and rested and s.phase != before.phase:
        yield "phase"


def _calm(s: Snapshot, told: Snapshot) -> Iterator[News]:
    """Give the news that waits."""
    if s.elapsed - told.elapsed < SHARE * s.elapsed:
        return
    if _bests(s).items() - _bests(told).items():
        yield "best"
    if s.blocked != told.blocked:
        yield "blocked"
    if s.stalled is None and told.stalled is not None:
        yield "moving"
    if _ends_elsewhen(s, told):
        yield "remaining time"


def _not_finite(s: Snapshot) -> frozenset[str]:
    """Return the names of the metrics that are no finite numbers."""
    return frozenset(name for name, reading in s.metrics.items() if reading.since is not None)


def _bests(s: Snapshot) -> dict[str, float]:
    return {name: reading.best for name, reading in s.metrics.items() if reading.best is not None}


def _ends_elsewhen(s: Snapshot, told: Snapshot) -> bool:
    """Tell whether its end is expected at quite another time than was told."""
    if s.eta is None or told.eta is None:
        return False
    expected = told.eta - (s.elapsed - told.elapsed)
    return abs(s.eta - expected) > MOVED * max(told.eta, s.eta)


def _is_sign_of_life(s: Snapshot, told: Snapshot) -> bool:
    """Tell whether a bar has moved, and nothing was told of it for so long that one may think it does not."""
    due = next((each for each in SIGNS if each > told.elapsed), (told.elapsed // LATER + 1) * LATER)
    return s.elapsed >= due and (s.n, s.position) != (told.n, told.position)
