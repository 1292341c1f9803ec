"""Rate and remaining time from (time, count) pairs.

Knows arithmetic only: times are given by the caller, no clock is read here. Constant memory and time per observation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import exp, log, sqrt

from headway.notation import NamedTuple

__all__ = ["Estimator"]

RATE_MEMORY = 30.0
"""The shown rate looks back over this many seconds, or half the run while that is shorter."""
POWERS = (0, 4, 16)
"""Powers p of the windows: what lay at progress u of x counts (u/x)**p, so 1/(p+1) of the progress counts in all."""
CENTRES = tuple((p + 1) / (p + 2) for p in POWERS)
"""The middle of each window."""
MARKS = 48
"""The history is kept as so many points of progress at most, evenly apart."""
GROWTH = 1.25
"""The forecasts are weighed again when the progress has grown by this factor."""
TINY = 1e-100
"""Less than this is no advance."""


Forecast = tuple[float, float, float, float]
"""The pace over the next r of the progress: a straight line, its value at r = 0 and its slope; its least; its most."""


class Mark(NamedTuple):
    """The progress at one point, and all that was known there."""

    x: float
    worked: float
    forecasts: list[Forecast]


class Gap(NamedTuple):
    """An advance."""

    seconds: float
    units: float
    pace: float


class Estimator:
    """Estimate the rate and the remaining time of one run.

    The remaining time is the work left times the *pace*, seconds a unit, plus the pauses to come. Several simple
    forecasts of the pace compete, and those weigh most that would have been right so far, at the distance that is now
    to be foreseen. With x the progress since the origin, L the work left and r = L / x:

    1. *Windows.* pace_p = sum((u/x)**p * dt) / sum((u/x)**p * dn) over all advances, u the middle of each. p = 0 is
       the mean, p = 16 the last few per cent. They are free of scale: the same share of a run of seconds or of weeks.
       Forecasts are the mean, counted twice for calm, and p = 16; p = 4 is there for the trends.
    2. *Trends.* Windows p < q have their centres at c = (p+1)/(p+2) of the progress; the straight line through both
       paces is read in the middle of what is left: pace_q + (pace_q - pace_p) / (c_q - c_p) (1 + r/2 - c_q),
       within 1/2.5 and 2.5 times pace_q.
    3. *Hindsight.* At each mark k (up to `MARKS` of them, evenly over the progress), with h = min(r, x/x_k - 1), each
       forecast made there is compared with the pace that came between x_k and x_k (1+h): d = ln(forecast / actual).
       Its loss is the mean of d**2, weighted by the product of what the mark adds of that stretch,
       (x_k - x_(k-1)) / (x_k h) but at most 1; its age, (x_k (1+h) / x)**3; and its likeness to what is asked,
       min(h/r, r/h)**1.5. With weight `BELIEF` goes in what is to be expected beforehand: 0.001 + noise * s, with
       s = (p+1)**2 / (2p+1) for a window (how much noisier it is than the mean), four times that of q for a trend, and
       noise = sum((dt - dn * pace_4)**2) / sum(dt)**2 + 0.09 / advances**2, pace_4 that before the advance. No d**2
       and no expected loss counts as more than 4. The forecasts are mixed in proportion to loss**-`SHARP`; the mix is
       made anew when the progress is `GROWTH` times as much.
    4. *Pauses.* An advance that took more than `PAUSE` times as long as all but one of the last 21 did, and as the mean
       pace makes it, is an ordinary one and a pause. If the last three distances between pauses are alike, each of
       those in what is left will take the median of the last; others go on in proportion to the work.
    5. *A slow start.* Among the first `EARLY` advances leading ones that took `SLOW` times the median of the later
       half are left out (compilation, caches), unless a later one takes 0.8 times as long. keras' `Progbar` leaves
       the first out always. Work done before the run (`initial`) counts towards the total, never towards the pace.
    6. *Calm.* The predicted end is shown where it was, but no further off the present forecast than `BAND` * sigma of
       what is left (sigma**2 is the mix's mean loss), and from there goes to it as exp(-seconds / tau), where tau is
       `CALM` of the elapsed or the remaining time, whichever is less. Between advances the remaining time counts down,
       for as long as an advance (or the pause that is due) usually takes; while work is left, not below `LEAST` times
       the spread of an advance, (sum((dt - dn * pace_4)**2) / advances)**0.5, or its usual time if that is less.

    The range is eta * exp(+-`WIDE` * sigma); `WIDE` was chosen on recorded and made runs so that four in five true ends
    lie inside. `benchmarks/eta` measures all this, and what each part is worth.

    The *rate* is another question, "how fast is it now", and has a shorter memory: exponentially weighted units over
    exponentially weighted seconds, over `RATE_MEMORY`.

    Args:
        total: Units in all, `None` while unknown; may be set at any time.
        initial: Units that were done before the run began.
    """

    __slots__ = (
        *("_advances", "_aimed_at", "_apart", "_early", "_early_gaps", "_forecasts", "_gaps", "_glide", "_kept"),
        *("_last_n", "_last_t", "_longest", "_marks", "_off", "_origin_n", "_paused", "_pauses", "_recent_n"),
        *("_recent_t", "_residue", "_seconds", "_sigma", "_slow", "_start_n", "_start_t", "_step", "_units"),
        *("_weighed", "_weights", "_worked", "total"),
    )

    WINDOWS = (0, 0, 2)
    """The windows that are forecasts themselves, by their index."""
    TRENDS = ((0, 1), (1, 2))
    """Pairs of windows whose difference is a trend."""
    BELIEF, SHARP, PAUSE, SLOW = 0.3, 3.0, 4.0, 1.8
    EARLY, CALM, BAND, LEAST, WIDE, STALL = 48, 0.15, 0.35, 0.5, 2.5, 3.0

    def __init__(self, total: float | None, initial: float = 0) -> None:
        self.total = total
        self._restart(0.0, initial)

    def _restart(self, t: float, n: float) -> None:
        self._start_t, self._start_n = t, n
        self._advances = self._slow = 0
        self._longest = 0.0
        self._early = [(t, n)]
        self._early_gaps: list[Gap] = []
        self._begin(t, n)
        self._aim(t, None)

    def _begin(self, t: float, n: float) -> None:
        """Start to measure here."""
        self._last_t, self._last_n, self._origin_n = t, n, n
        self._seconds, self._units = [0.0 for _ in POWERS], [0.0 for _ in POWERS]
        self._recent_n = self._recent_t = self._worked = self._residue = self._paused = 0.0
        self._gaps: list[float] = []
        self._step = 0.0
        self._pauses = [(0.0, 0.0)]
        self._marks: list[Mark] = []
        self._apart = self._weighed = 0.0
        self._forecasts: Sequence[Forecast] = ()
        self._weights: Sequence[float] = ()
        self._sigma = 0.5
        self._kept: tuple[tuple[float | None, float], tuple[float | None, float]] | None = None

    # ── what comes ───────────────────────────────────────────────────────────────────────────────────────────────────

    def observe(self, t: float, n: float) -> None:
        """Take note that `n` units were done at `t` seconds; a count that went back starts the estimate anew."""
        if n < self._last_n:
            self._restart(t, n)
        if n - self._last_n < TINY or t - self._last_t < TINY:
            return
        shown = self.eta(t) if self._aimed_at == self.total else None
        self._longest = max(self._longest, t - self._last_t)
        self._advance(t, n)
        self._advances += 1
        if self._advances <= self.EARLY:
            seconds, units = t - self._early[-1][0], n - self._early[-1][1]
            self._early_gaps.append(Gap(seconds, units, seconds / units))
            self._early.append((t, n))
            if self._slow != (slow := self._slow_ones()):
                self._leave_out(slow)
                shown = None
        self._aim(t, shown)

    def _leave_out(self, slow: int) -> None:
        """Measure from behind a slow start, or from the beginning again if it turns out to be none."""
        self._slow = slow
        self._begin(*self._early[slow])
        for t, n in self._early[slow + 1 :]:
            self._advance(t, n)

    def _slow_ones(self) -> int:
        """Count the leading advances that tell nothing of the later ones."""
        gaps, slow, half = self._early_gaps, 0, len(self._early_gaps) // 2
        usual, pace = _median([gap.seconds for gap in gaps[half:]]), _median([gap.pace for gap in gaps[half:]])
        while slow < half and gaps[slow].seconds > self.SLOW * max(usual, pace * gaps[slow].units):
            slow += 1
        if slow and max(gap.seconds for gap in gaps[slow:]) > 0.8 * max(gap.seconds for gap in gaps[:slow]):
            return 0
        return slow

    def _advance(self, t: float, n: float) -> None:
        self._kept = None
        dt, dn = t - self._last_t, n - self._last_n
        before, x = self._last_n - self._origin_n, n - self._origin_n
        self._last_t, self._last_n = t, n
        fade = exp(-dt / min(RATE_MEMORY, (t - self._start_t) / 2))
        self._recent_n, self._recent_t = self._recent_n * fade + dn, self._recent_t * fade + dt
        pause = self._pause(dt, dn)
        if pause:
            self._pauses = [*self._pauses, (x, pause)][-4:]
            self._paused += pause
        self._gaps.append(dt)
        del self._gaps[:-21]
        self._step = dn
        self._add(before, x, dt - pause)

    def _add(self, before: float, x: float, work: float) -> None:
        """Take work into the windows, and make a mark where one is due."""
        if before:
            self._residue += (work - (x - before) * self._seconds[1] / self._units[1]) ** 2
        begin, middle = before / x, (before + x) / 2 / x
        for i, p in enumerate(POWERS):
            old, new = begin**p, middle**p
            self._seconds[i] = self._seconds[i] * old + new * work
            self._units[i] = self._units[i] * old + new * (x - before)
        self._worked += work
        self._forecasts = self._foresee()
        if self._marks and x <= self._marks[-1].x + self._apart:
            return
        self._marks.append(Mark(x, self._worked, self._forecasts))
        if len(self._marks) > MARKS:
            self._marks, self._apart = self._marks[1::2], 2 * x / MARKS
        if x >= GROWTH * self._weighed:
            self._weighed = x
            self._weigh(x)

    def _pause(self, dt: float, dn: float) -> float:
        """Tell how much of an advance was no work."""
        if len(self._gaps) < 4:
            return 0.0
        pace = self._seconds[0] / self._units[0]
        if dt <= self.PAUSE * pace * dn:
            return 0.0
        ranked = sorted(self._gaps)
        if dt <= self.PAUSE * ranked[int(0.95 * len(ranked))]:
            return 0.0
        return dt - max(_median(ranked), pace * dn)

    # ── forecasts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _foresee(self) -> list[Forecast]:
        """The windows and the trends, from the paces so far."""
        paces = [a / b for a, b in zip(self._seconds, self._units, strict=True)]
        out = [(paces[i], 0.0, max(TINY, paces[i]), paces[i]) for i in self.WINDOWS]
        for i, j in self.TRENDS:
            pace, c = paces[j], CENTRES[j]
            tilt = (pace - paces[i]) / (c - CENTRES[i])
            out.append((pace + tilt * (1 - c), tilt / 2, max(TINY, pace / 2.5), 2.5 * pace))
        return out

    def _weigh(self, x: float) -> None:
        """Weigh the forecasts by what they would have been worth so far."""
        losses = self._losses(x, self._ahead())
        best = min(losses)
        shares = [(best / loss) ** self.SHARP for loss in losses]
        self._weights = [share / sum(shares) for share in shares]
        self._sigma = sum(w * loss for w, loss in zip(self._weights, losses, strict=True)) ** 0.5

    def _losses(self, x: float, r: float) -> list[float]:
        """The mean losses of the forecasts, at the distance that is to be foreseen or the nearest to it that was."""
        sums, mass = [self.BELIEF * loss for loss in self._expected()], self.BELIEF
        before = 0.0
        for (start, _, forecasts), end, h, actual in self._came(x, r):
            share, age, likeness = (start - before) / (end - start), end / x, h / r if h < r else r / h
            weight = min(1.0, share) * age * age * age * likeness * sqrt(likeness)
            mass, before = mass + weight, start
            for k, (at, slope, least, most) in enumerate(forecasts):
                pace = at + slope * h
                off = log((pace if least <= pace <= most else least if pace < least else most) / actual)
                sums[k] += weight * off * off if -2.0 < off < 2.0 else weight * 4.0
        return [total / mass for total in sums]

    def _came(self, x: float, r: float) -> Iterator[tuple[Mark, float, float, float]]:
        """Give each mark, the end of the stretch to be foreseen there, its share of the progress, and its pace."""
        marks, i, last = self._marks, 0, len(self._marks) - 2
        for mark in marks[:-1]:
            start, worked, _ = mark
            h = min(r, x / start - 1)
            end = start * (1 + h)
            if end <= start:
                continue
            while i < last and marks[i + 1].x < end:
                i += 1
            (at, before, _), (then, after, _) = marks[i], marks[i + 1]
            done = before + (after - before) * (end - at) / (then - at) - worked
            yield mark, end, h, max(done / (end - start), TINY)

    def _expected(self) -> list[float]:
        """The losses that are to be expected of the forecasts by their sampling noise alone."""
        noise = self._residue / self._worked**2 + 0.09 / (self._advances + 1) ** 2
        spread = [(p + 1) ** 2 / (2 * p + 1) for p in POWERS]
        spreads = [*(spread[i] for i in self.WINDOWS), *(4 * spread[j] for _, j in self.TRENDS)]
        return [min(4.0, 0.001 + noise * s) for s in spreads]

    def _ahead(self) -> float:
        """What is left over what was done; 1 where that is not known."""
        left = 0.0 if self.total is None else self.total - self._last_n
        return left / (self._last_n - self._origin_n) if left > 0 else 1.0

    # ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def n(self) -> float:
        """The count that was observed last."""
        return self._last_n

    def skip(self, n: float) -> None:
        """Take note that the count goes on by `n` units for which nothing was done."""
        self._origin_n += n
        self._start_n += n
        self._last_n += n
        self._early = [(t, count + n) for t, count in self._early]

    def rate(self, t: float) -> float | None:
        """Return units a second as of late, `None` before the first advance; it sinks while nothing comes."""
        if not self._advances:
            return None
        overdue = max(0.0, t - self._last_t - self._gaps[-1])
        return self._recent_n / (self._recent_t + overdue)

    def average(self, t: float, n: float) -> float | None:
        """Return units a second over all of a run that is over, up to its last advance; `None` if nothing was done.

        Nothing is learnt by this, so that a short bar costs little.

        Args:
            t: The end.
            n: Units that are done then. What was done of a unit that is not complete stays done.
        """
        if n - self._last_n < TINY or t - self._last_t < TINY:
            t, n = self._last_t, self._last_n
        seconds = t - self._start_t
        return (n - self._start_n) / seconds if seconds > 0 and n > self._start_n else None

    def _now(self) -> tuple[float | None, float]:
        """The pace, and how long the present advance may take; kept, since each sample asks several times."""
        if self._kept is None or self._kept[0] != (self.total, self._last_n):
            pace = self.pace()
            self._kept = (self.total, self._last_n), (pace, 0.0 if pace is None else self._usual(pace))
        return self._kept[1]

    def pace(self) -> float | None:
        """Return the seconds a unit that the remaining time goes by; `None` before the first advance."""
        if not self._advances:
            return None
        mean, r = self._seconds[0] / self._units[0], self._ahead()
        paces = [max(least, min(most, at + slope * r)) for at, slope, least, most in self._forecasts]
        return mean + sum([weight * (pace - mean) for weight, pace in zip(self._weights, paces, strict=True)])

    def eta(self, t: float) -> float | None:
        """Return the seconds that are left, never negative; `None` while there is nothing to tell them from."""
        left = None if self.total is None else self.seconds(t, self.total - self._last_n)
        if left is None or not self._off or self._aimed_at != self.total:
            return left
        return max(0.0, left + self._off * exp(-max(0.0, t - self._last_t) / self._glide))

    def seconds(self, t: float, n: float) -> float | None:
        """Return the seconds that `n` more units will take, those that the present one has had taken off."""
        pace, usual = self._now()
        if pace is None:
            return None
        n = max(0.0, n)
        ahead, due = self._pauses_ahead(n)
        least = self.LEAST * min(usual, (self._residue / self._advances) ** 0.5) if n else 0.0
        return max(least, n * pace + ahead - min(max(0.0, t - self._last_t), usual + due))

    def interval(self, t: float) -> tuple[float, float] | None:
        """Return the 10th and the 90th percentile of what is left."""
        eta, factor = self.eta(t), exp(self.WIDE * self._sigma)
        return None if eta is None else (eta / factor, eta * factor)

    def stalled(self, t: float) -> float | None:
        """Return the seconds since the last advance if that is implausibly long by all that came before, else `None`.

        Long is a minute, three times the longest advance, ten usual ones, and as long as all of the run before or half
        an hour: a first validation and a checkpoint are no stalls.
        """
        since, run = t - self._last_t, self._last_t - self._start_t
        pace = self.pace() if since > max(60.0, self.STALL * self._longest, min(run, 1800.0)) else None
        if pace is None or len(self._gaps) < 4:
            return None
        due = self._pauses_ahead(0.0)[1]
        return since if since > max(self.STALL * (self._longest + due), 10 * self._usual(pace)) else None

    def _usual(self, pace: float) -> float:
        """How long the present advance may take before it is late."""
        return max(_median(self._gaps), pace * self._step)

    def _pauses_ahead(self, n: float) -> tuple[float, float]:
        """Return the seconds of the pauses in the next `n` units, and of the one that is due now."""
        if not self._paused:
            return 0.0, 0.0
        x, places = self._last_n - self._origin_n, [place for place, _ in self._pauses]
        apart = [b - a for a, b in pairwise(places)]
        every, since = _median(apart), x - places[-1]
        slack = 0.05 * every + 2 * self._step
        if max(abs(one - every) for one in apart) > slack or since > every + slack:
            return self._paused / x * n, 0.0
        usual = _median(pause for _, pause in self._pauses if pause)
        return max(0.0, (since + n + slack / 4) // every) * usual, usual if since > every - slack else 0.0

    def _aim(self, t: float, shown: float | None) -> None:
        """Hold on to the end that is shown, within the band around the end that is forecast now."""
        self._off, self._glide, self._aimed_at = 0.0, 1.0, self.total
        left = self.eta(t)
        if left is not None and shown is not None:
            band = self.BAND * self._sigma * left
            self._off = max(-band, min(band, shown - left))
            self._glide = max(TINY, self.CALM * min(t - self._start_t, left))


def _median(values: Iterable[float]) -> float:
    """Return the median. `statistics` has one, too, but loads fractions, decimals and random numbers with it."""
    ranked = sorted(values)
    return (ranked[len(ranked) // 2] + ranked[~(len(ranked) // 2)]) / 2
