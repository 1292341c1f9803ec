"""rich."""

# ruff: noqa: ARG002, D102  # `Driver` says what the verbs mean, and each library needs another part of it

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from faulting.drivers.driver import Driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Rich"]


class Rich(Driver):
    """rich, driven as its documentation does."""

    name = distribution = "rich"
    module = "rich.progress"
    stream = "stdout"

    @contextmanager
    def opened(self, total: Any, desc: str, *, beside: bool = False, forced: bool = False) -> Iterator[Any]:
        from rich.console import Console
        from rich.progress import Progress

        options = {"console": Console(force_terminal=True)} if forced else {}
        with Progress(**options) as progress:
            yield progress, progress.add_task(desc, total=total)

    def open(self, total: Any, desc: str = "work") -> Any:
        from rich.progress import Progress

        progress = Progress()
        progress.start()
        return progress, progress.add_task(desc, total=total)

    def close(self, bar: Any) -> None:
        bar[0].stop()

    def update(self, bar: Any, n: Any = 1) -> None:
        bar[0].advance(bar[1], n)

    def count(self, bar: Any) -> float:
        progress, task = bar
        return float(progress.tasks[progress.task_ids.index(task)].completed)

    def track(self, items: Iterable[Any], desc: str = "work") -> Iterable[Any]:
        from rich.progress import track

        return track(items, description=desc)

    def metric(self, bar: Any, value: Any) -> None:
        bar[0].update(bar[1], loss=value)

    def message(self, bar: Any, text: str) -> None:
        bar[0].update(bar[1], description=f"work {text}")

    @contextmanager
    def widget(self, total: int, draw: Callable[[], str]) -> Iterator[Any]:
        from rich.progress import Progress, ProgressColumn
        from rich.text import Text

        class Own(ProgressColumn):
            """As its documentation makes a column of one's own."""

            def render(self, _task: Any) -> Text:
                return Text(draw())

        with Progress(*Progress.get_default_columns(), Own()) as progress:
            yield progress, progress.add_task("work", total=total)

    @contextmanager
    def metered(self, total: int) -> Iterator[Any]:
        """Hold a bar open with a column for the metric."""
        from rich.progress import Progress, TextColumn

        with Progress(*Progress.get_default_columns(), TextColumn("{task.fields[loss]}")) as progress:
            yield progress, progress.add_task("work", total=total, loss=0)

    def print(self, bar: Any, text: str) -> None:
        bar[0].console.print(text)

    @contextmanager
    def away(self, bar: Any) -> Iterator[None]:
        bar[0].stop()
        try:
            yield
        finally:
            bar[0].start()

    @contextmanager
    def nested(self, total: int, descs: Iterable[str]) -> Iterator[list[Any]]:
        from rich.progress import Progress

        with Progress() as progress:
            yield [(progress, progress.add_task(desc, total=total)) for desc in descs]
