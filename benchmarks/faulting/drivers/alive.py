"""alive-progress."""

# ruff: noqa: ARG002, D102  # `Driver` says what the verbs mean, and each library needs another part of it

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faulting.drivers.driver import Driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Alive"]


class Alive(Driver):
    """alive-progress, driven as its documentation does."""

    name = distribution = "alive-progress"
    module = "alive_progress"
    stream = "stdout"

    def opened(self, total: Any, desc: str, *, beside: bool = False, forced: bool = False) -> Any:
        from alive_progress import alive_bar

        return alive_bar(total, title=desc, **({"force_tty": True} if forced else {}))

    def open(self, total: Any, desc: str = "work") -> Any:
        manager = self.opened(total, desc)
        return manager, manager.__enter__()

    def close(self, bar: Any) -> None:
        bar[0].__exit__(None, None, None)

    def update(self, bar: Any, n: Any = 1) -> None:
        self._handle(bar)(n)

    def count(self, bar: Any) -> float:
        return float(self._handle(bar).current)

    def track(self, items: Iterable[Any], desc: str = "work") -> Iterable[Any]:
        from alive_progress import alive_it

        tracked: Iterable[Any] = alive_it(items, title=desc)  # type: ignore[arg-type]
        return tracked

    def metric(self, bar: Any, value: Any) -> None:
        self.at("text=")
        self._handle(bar).text = value

    def message(self, bar: Any, text: str) -> None:
        self._handle(bar).text = text

    def widget(self, total: int, draw: Callable[[], str]) -> Any:
        raise NotImplementedError("it has no columns of a program's own")

    def print(self, bar: Any, text: str) -> None:
        print(text)

    def away(self, bar: Any) -> Any:
        return self._handle(bar).pause()

    @staticmethod
    def _handle(bar: Any) -> Any:
        return bar[1] if isinstance(bar, tuple) else bar
