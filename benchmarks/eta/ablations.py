"""headway's estimator without each of its parts."""

from __future__ import annotations

from math import inf

from headway.estimate import Estimator

__all__ = ["ABLATIONS"]


class NoHindsight(Estimator):
    """All forecasts weigh alike."""

    def _weigh(self, x: float) -> None:
        super()._weigh(x)
        self._weights = [1 / len(self._weights) for _ in self._weights]


class NoNoise(Estimator):
    """The same is expected of all forecasts."""

    def _expected(self) -> list[float]:
        return [0.01 for _ in super()._expected()]


class NoTrends(Estimator):
    """Windows only."""

    TRENDS = ()


class NoLongTrend(Estimator):
    """The trend of the last part only."""

    TRENDS = ((1, 2),)


class NoShortTrend(Estimator):
    """The trend of the whole only."""

    TRENDS = ((0, 1),)


class NoLast(Estimator):
    """No window over the last few per cent."""

    WINDOWS = (0, 0)


class MeanOnce(Estimator):
    """The mean is one of four forecasts."""

    WINDOWS = (0, 2)


class MeanOnly(Estimator):
    """The mean, with pauses, slow start and calm."""

    WINDOWS = (0,)
    TRENDS = ()


class NoPauses(Estimator):
    """A pause is a slow step."""

    PAUSE = inf


class NoPeriods(Estimator):
    """Pauses come in proportion to the work, never at even distances."""

    def _pauses_ahead(self, n: float) -> tuple[float, float]:
        return self._paused / (self._last_n - self._origin_n) * n, 0.0


class NoSlowStart(Estimator):
    """The first steps count as the others do."""

    EARLY = 0


class NoLeast(Estimator):
    """The remaining time counts down to nothing while the last step takes longer than usual."""

    LEAST = 0.0


class NoCalm(Estimator):
    """The forecast is shown as it is."""

    BAND = 0.0


ABLATIONS: dict[str, type[Estimator]] = {
    "without hindsight: all weigh alike": NoHindsight,
    "without the expected noise": NoNoise,
    "without trends": NoTrends,
    "without the long trend": NoLongTrend,
    "without the short trend": NoShortTrend,
    "without the window p = 16": NoLast,
    "the mean counted once": MeanOnce,
    "the mean only": MeanOnly,
    "without pauses": NoPauses,
    "without even distances of pauses": NoPeriods,
    "without slow start": NoSlowStart,
    "without calm": NoCalm,
    "without a least while work is left": NoLeast,
}
