"""progressbar2."""

# ruff: noqa: ARG002, D102  # `Driver` says what the verbs mean, and each library needs another part of it

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from faulting.drivers.driver import Driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["ProgressBar2"]


class ProgressBar2(Driver):
    """progressbar2, driven as its documentation does."""

    name = distribution = "progressbar2"
    module = "progressbar"

    def opened(self, total: Any, desc: str, *, beside: bool = False, forced: bool = False) -> Any:
        import progressbar

        options = {**({"redirect_stdout": True} if beside else {}), **({"is_terminal": True} if forced else {})}
        return self._make(progressbar, total, desc, **options).start()

    def open(self, total: Any, desc: str = "work") -> Any:
        import progressbar

        return self._make(progressbar, total, desc).start()

    @staticmethod
    def _make(progressbar: Any, total: Any, desc: str, **options: Any) -> Any:
        known = progressbar.UnknownLength if total is None else total
        return progressbar.ProgressBar(max_value=known, prefix=f"{desc} ", **options)

    def close(self, bar: Any) -> None:
        bar.finish()

    def update(self, bar: Any, n: Any = 1) -> None:
        bar.increment(n)

    def count(self, bar: Any) -> float:
        return float(bar.value)

    def track(self, items: Iterable[Any], desc: str = "work") -> Iterable[Any]:
        import progressbar

        return progressbar.progressbar(items, prefix=f"{desc} ")

    def metered(self, total: int) -> Any:
        """Hold a bar open with a widget for the metric."""
        import progressbar

        return progressbar.ProgressBar(max_value=total, prefix="work ", postfix={"loss": 0}).start()

    def metric(self, bar: Any, value: Any) -> None:
        self.at("postfix=")
        bar.update(postfix={"loss": value})

    def message(self, bar: Any, text: str) -> None:
        bar.prefix = f"work {text} "

    def widget(self, total: int, draw: Callable[[], str]) -> Any:
        import progressbar

        widgets = ["work ", progressbar.Percentage(), " ", progressbar.Bar(), lambda _progress, _data: draw()]
        return progressbar.ProgressBar(max_value=total, widgets=widgets).start()

    def print(self, bar: Any, text: str) -> None:
        print(text)

    @contextmanager
    def nested(self, total: int, descs: Iterable[str]) -> Iterator[list[Any]]:
        import progressbar

        with progressbar.MultiBar() as several:
            bars = []
            for desc in descs:
                bar = several[desc]
                bar.max_value = total
                bars.append(bar.start())
            yield bars
            for bar in bars:
                bar.finish()
