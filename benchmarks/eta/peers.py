"""The estimators of other libraries, each driven as its library drives it, under a clock of our own.

tqdm, rich and alive-progress' smoothing, progressbar2's widgets are the installed libraries' own objects. keras, the
plain mean and indicatif are described in code after their sources.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import progressbar.widgets
import rich.progress
import tqdm
from alive_progress.core.calibration import calibrated_fps
from alive_progress.utils.timing import fn_simple_eta, gen_simple_exponential_smoothing
from score import Shown
from traces import Trace

__all__ = ["PEERS", "at_advances"]

Eta = float | None
Look = tuple[float, float]
"""A time and the count then."""


def at_advances(trace: Trace, advance: Callable[[float, float], None], shown: Callable[[float], Eta]) -> Shown:
    """Tell of each advance as it comes, and read what is shown at each query."""
    out: list[tuple[Eta, None]] = []
    i = 0
    for t in trace.queries:
        while i < len(trace.times) and trace.times[i] <= t:
            advance(trace.times[i], trace.counts[i])
            i += 1
        out.append((shown(t), None))
    return out


class Tqdm(tqdm.tqdm):  # type: ignore[type-arg]
    """tqdm, which redraws in `update` when 0.1 s have passed, and between that not at all."""

    monitor_interval = 0
    shown: Eta = None

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:  # noqa: ARG002 - tqdm's signature
        """Note what would be drawn, by `format_meter`'s rule."""
        d = self.format_dict
        rate = d["rate"] or ((d["n"] - d["initial"]) / d["elapsed"] if d["elapsed"] else None)
        self.shown = (d["total"] - d["n"]) / rate if rate else None
        return True


def of_tqdm(trace: Trace) -> Shown:
    """Drive tqdm through `update`."""
    now = 0.0
    bar = Tqdm(total=trace.total, initial=trace.initial, file=io.StringIO(), leave=False)
    bar._time = lambda: now
    bar.start_t = bar.last_print_t = 0.0

    def advance(t: float, n: float) -> None:
        nonlocal now
        now = t
        bar.update(n - bar.n)

    shown = at_advances(trace, advance, lambda _: bar.shown)
    bar.disable = True
    return shown


def of_rich(trace: Trace) -> Shown:
    """Drive rich's `Progress` through `update`."""
    now = 0.0
    progress = rich.progress.Progress(get_time=lambda: now, auto_refresh=False)
    task = progress.add_task("", total=trace.total, completed=trace.initial)

    def advance(t: float, n: float) -> None:
        nonlocal now
        now = t
        progress.update(task, completed=n)

    return at_advances(trace, advance, lambda _: progress.tasks[0].time_remaining)


def of_alive(trace: Trace) -> Shown:
    """Draw alive-progress' frames: its generators in the order in which its `main_update_hook` and `stats_run` do.

    Both forget a frame by a third or more, so the last 40 frames before a query are enough.
    """
    fps = calibrated_fps(1e6)
    rate_of = gen_simple_exponential_smoothing(0.3, lambda done, elapsed: done / elapsed)
    eta_of = gen_simple_exponential_smoothing(0.5, fn_simple_eta(trace.total))
    rate_of.send(None)
    eta_of.send(None)
    rate, eta, t, out = 0.0, -1.0, 0.0, []
    for query in trace.queries:
        t = max(t, query - 40 / fps(rate))
        while (following := t + 1 / fps(rate)) <= query:
            t = following
            n = trace.count(t)
            rate = rate_of.send((n - trace.initial, t))
            eta = eta_of.send((n, rate))
        out.append((eta if eta > 0 else None, None))
    return out


class Smoothing(progressbar.widgets.SmoothingETA):
    """progressbar2's default."""

    eta: Eta = None

    def _calculate_eta(self, *args: object, **kwargs: object) -> float:
        self.eta = super()._calculate_eta(*args, **kwargs)
        return self.eta


class Adaptive(progressbar.widgets.AdaptiveETA):
    """Its other one."""

    eta: Eta = None

    def _calculate_eta(self, *args: object, **kwargs: object) -> float:
        self.eta = super()._calculate_eta(*args, **kwargs)
        return self.eta


def of_progressbar2(widget: Smoothing | Adaptive, trace: Trace) -> Shown:
    """Drive a widget as a `ProgressBar` does, which redraws in `update` when 0.1 s have passed."""
    begin = datetime(2026, 1, 1)  # noqa: DTZ001 - progressbar2's are naive
    bar = SimpleNamespace(
        max_value=trace.total,
        min_value=trace.initial,
        value=trace.initial,
        last_update_time=begin,
        end_time=None,
        extra={},
    )
    drawn = 0.0

    def draw(t: float, n: float) -> None:
        nonlocal drawn
        drawn, bar.value, bar.last_update_time = t, n, begin + timedelta(seconds=t)
        data = {"value": n, "time_elapsed": timedelta(seconds=t), "total_seconds_elapsed": t}
        widget(bar, {"end_time": None, "max_value": trace.total, **data})

    def advance(t: float, n: float) -> None:
        if t - drawn >= 0.1:
            draw(t, n)

    draw(0.0, trace.initial)
    return at_advances(trace, advance, lambda _: widget.eta or None)


def of_keras(trace: Trace) -> Shown:
    """keras.utils.Progbar (`_estimate_step_duration`): the mean without the first step, drawn every 0.05 s.

    It knows no work done before; that is given to it here.
    """
    first: Look | None = None
    drawn, shown = 0.0, None

    def advance(t: float, n: float) -> None:
        nonlocal first, drawn, shown
        pace = t / (n - trace.initial) if first is None else (t - first[0]) / (n - first[1])
        first = first or (t, n)
        if t - drawn >= 0.05:
            drawn, shown = t, (trace.total - n) * pace

    return at_advances(trace, advance, lambda _: shown)


def of_mean(trace: Trace) -> Shown:
    """All time by all work: Lightning, fastprogress, R's cli, ProgressMeter.jl, enlighten; drawn every 0.1 s."""
    drawn, shown = 0.0, None

    def advance(t: float, n: float) -> None:
        nonlocal drawn, shown
        if t - drawn >= 0.1:
            drawn, shown = t, (trace.total - n) * t / (n - trace.initial)

    return at_advances(trace, advance, lambda _: shown)


class Indicatif:
    """indicatif's `Estimator` (src/state.rs): steps a second, averaged twice with a memory of 15 s to a tenth."""

    def __init__(self, initial: float) -> None:
        self.n, self.t = initial, 0.0
        self.once = self.twice = 0.0

    def record(self, t: float, n: float) -> None:
        """Take an advance."""
        weight, all_weight = self.weight(t - self.t), 1 - self.weight(t)
        self.once = self.once * weight + (n - self.n) / (t - self.t) * (1 - weight)
        self.twice = self.twice * weight + self.once / all_weight * (1 - weight)
        self.n, self.t = n, t

    def rate(self, t: float) -> float:
        """Steps a second as if none had come since."""
        weight, all_weight = self.weight(t - self.t), 1 - self.weight(t)
        once = self.once * weight / all_weight
        return (self.twice * weight + once * (1 - weight)) / all_weight

    @staticmethod
    def weight(age: float) -> float:
        """Weight of what is so many seconds old."""
        return float(0.1 ** (age / 15))


def of_indicatif(trace: Trace) -> Shown:
    """Drive it; its steady tick draws it live."""
    estimator = Indicatif(trace.initial)

    def shown(t: float) -> Eta:
        rate = estimator.rate(t)
        return (trace.total - estimator.n) / rate if rate > 1e-300 else None

    return at_advances(trace, estimator.record, shown)


PEERS: dict[str, Callable[[Trace], Shown]] = {
    "tqdm": of_tqdm,
    "rich": of_rich,
    "alive-progress": of_alive,
    "progressbar2": lambda trace: of_progressbar2(Smoothing(), trace),
    "progressbar2 AdaptiveETA": lambda trace: of_progressbar2(Adaptive(), trace),
    "keras": of_keras,
    "mean": of_mean,
    "indicatif": of_indicatif,
}
