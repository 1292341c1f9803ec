"""headway, its backend chosen as its users do."""

# ruff: noqa: ARG002, D102  # `Driver` says what the verbs mean, and each library needs another part of it

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from faulting.drivers.driver import Driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Headway"]


class Headway(Driver):
    """headway, its backend chosen as its users do: through the environment."""

    distribution = module = "headway"

    def __init__(self, backend: str) -> None:
        super().__init__()
        self.name = f"headway [{backend}]"
        self.backend = backend
        self.rows = backend not in ("plain", "events")
        self.environment = {"HEADWAY_BACKEND": backend}
        if backend == "events":
            self.seen = "events"
            self.environment = {"HEADWAY_BACKEND": "events?path={folder}/events.jsonl"}

    def opened(self, total: Any, desc: str, *, beside: bool = False, forced: bool = False) -> Any:
        if forced:
            os.environ["HEADWAY_INTERACTIVE"] = "1"
        return self.open(total, desc)

    def open(self, total: Any, desc: str = "work") -> Any:
        import headway

        return headway.get_bar(total, desc=desc)

    def close(self, bar: Any) -> None:
        bar.close()

    def update(self, bar: Any, n: Any = 1) -> None:
        bar.update(n)

    def count(self, bar: Any) -> float:
        return float(bar.n)

    def track(self, items: Iterable[Any], desc: str = "work") -> Iterable[Any]:
        import headway

        return headway.track(items, desc=desc)

    def metric(self, bar: Any, value: Any) -> None:
        bar.metrics(loss=value)

    def message(self, bar: Any, text: str) -> None:
        bar.message(text)

    def widget(self, total: int, draw: Callable[[], str]) -> Any:
        import headway

        return headway.get_bar(
            total, desc="work", widgets=["desc", "percentage", "bar", "count", lambda _snapshot: draw()]
        )

    def print(self, bar: Any, text: str) -> None:
        bar.write(text)

    def away(self, bar: Any) -> Any:
        import headway

        return headway.suspend()
