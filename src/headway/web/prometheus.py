"""The bars as Prometheus reads them: the open ones and the outermost ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from headway.web.run import Run

__all__ = ["exposition"]

LABELS = ["file", "place", "bar"]
NUMBERS = {
    "done": ("n", "Units that are done."),
    "total": ("total", "Units in all."),
    "share": ("fraction", "The share that is done, 0 to 1."),
    "rate": ("rate", "Units a second."),
    "elapsed_seconds": ("elapsed", "Seconds of work."),
    "left_seconds": ("eta", "Seconds that are left."),
    "left_low_seconds": ("eta_low", "The lower end of the range of the seconds that are left."),
    "left_high_seconds": ("eta_high", "The upper end of the range of the seconds that are left."),
    "stalled_seconds": ("stalled", "Seconds without an advance, if that is implausibly long."),
}
"""The fields of a snapshot by the names of their gauges, with their meanings. One that is unknown is left out."""


class _Runs(Collector):
    """Collects the gauges of runs."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._bars = [
            ([run.name, bar.place, bar.members["title"]], bar.snapshot, bar) for run in runs for bar in run.lasting
        ]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each gauge with the values of all bars."""
        for name, (field, meaning) in NUMBERS.items():
            gauge = GaugeMetricFamily(f"headway_{name}", meaning, labels=LABELS)
            for labels, snapshot, _ in self._bars:
                value = getattr(snapshot, field)
                if value is not None:
                    gauge.add_metric(labels, value)
            yield gauge
        state = GaugeMetricFamily("headway_state", "1 for the state of the bar.", labels=[*LABELS, "state"])
        metric = GaugeMetricFamily("headway_metric", "The value of a metric.", labels=[*LABELS, "metric"])
        for labels, snapshot, bar in self._bars:
            state.add_metric([*labels, bar.members["state"]], 1)
            for name, reading in snapshot.metrics.items():
                if not isinstance(reading.value, str):
                    metric.add_metric([*labels, name], reading.value)
        yield state
        yield metric


def exposition(runs: Sequence[Run]) -> bytes:
    """Return the bars of runs in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Runs(runs))
    return generate_latest(registry)
