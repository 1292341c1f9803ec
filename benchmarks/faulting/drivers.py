"""How each library is driven where something goes wrong: natively, as its documentation does, with its defaults.

The libraries are imported inside the methods, so that a process holds only the one that it is about.
"""

# The libraries differ in how well they are typed, and each method hands its own bar to itself: hence `Any`.

# ruff: noqa: ARG002  # each library needs another part of what the verbs say

from __future__ import annotations

import json
import os
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["DRIVERS", "Driver"]

TOTAL = 100
PAUSE = 0.004
"""Seconds between updates: a bar of 100 lives for several frames of each library."""


class Driver:
    """One library. What it tells goes through a pipe of its own, so that no broken stream can hold it back."""

    name = ""
    distribution = ""
    module = ""
    """What is imported of it."""
    stream = "stderr"
    """Which of the standard streams it draws on by default."""
    rows = True
    """Whether it keeps a row that is drawn over again; otherwise it writes lines."""
    environment: Mapping[str, str] = {}
    seen = "terminal"
    """Where the bar's numbers are read back: on the terminal, or in a file of events."""

    def __init__(self) -> None:
        self.stage = "import"
        self._answer = int(os.environ.get("FAULT_ANSWER", "-1"))

    def tell(self, **facts: Any) -> None:
        """Tell the parent process what was found."""
        if self._answer >= 0:
            os.write(self._answer, json.dumps(facts).encode() + b"\n")

    def at(self, stage: str) -> None:
        """Tell the parent how far the program has come, for the case that nothing more is heard."""
        if stage != self.stage:
            self.stage = stage
            self.tell(stage=stage)

    def load(self) -> None:
        """Import the library, so that what follows is not about its import."""
        import_module(self.module)

    # ── a whole program ──────────────────────────────────────────────────────────────────────────────────────────────

    def run(
        self,
        total: Any = TOTAL,
        *,
        desc: str = "work",
        steps: int | None = None,
        step: Callable[[Any, int], None] | None = None,
        pause: float = PAUSE,
        **options: Any,
    ) -> None:
        """Open a bar, report each unit, do `step(bar, i)` in between, close it; tell how many units were done."""
        self.at("open")
        with self.opened(total, desc, **options) as bar:
            for i in range(total if steps is None else steps):
                self.at("body")
                if step is not None:
                    step(bar, i)
                self.at("update")
                self.update(bar)
                self.tell(done=i + 1) if i % 10 == 9 else None
                time.sleep(pause)
            self.at("close")
        self.at("after")

    # ── the verbs ────────────────────────────────────────────────────────────────────────────────────────────────────

    def opened(
        self, total: Any, desc: str, *, beside: bool = False, forced: bool = False
    ) -> AbstractContextManager[Any]:
        """Hold a bar open for the length of a block.

        Args:
            total: Units in all.
            desc: Its description.
            beside: As is documented for programs that print.
            forced: As is documented for a stream that is to be taken for a terminal.
        """
        raise NotImplementedError

    def open(self, total: Any, desc: str = "work") -> Any:
        """Open a bar that is held by nothing but its handle."""
        raise NotImplementedError

    def close(self, bar: Any) -> None:
        """Close a bar of `open`."""
        raise NotImplementedError

    def update(self, bar: Any, n: Any = 1) -> None:
        """Report units."""
        raise NotImplementedError

    def count(self, bar: Any) -> float:
        """Tell how many units the library counted."""
        raise NotImplementedError

    def track(self, items: Iterable[Any], desc: str = "work") -> Iterable[Any]:
        """Wrap what a loop goes over."""
        raise NotImplementedError

    def metric(self, bar: Any, value: Any) -> None:
        """Show a value beside the bar."""
        raise NotImplementedError

    def message(self, bar: Any, text: str) -> None:
        """Show a text beside the bar."""
        raise NotImplementedError

    def widget(self, total: int, draw: Callable[[], str]) -> AbstractContextManager[Any]:
        """Hold a bar open that has a column of the program's own."""
        raise NotImplementedError

    def print(self, bar: Any, text: str) -> None:
        """Print a line in the documented way."""
        raise NotImplementedError

    def away(self, bar: Any) -> AbstractContextManager[Any]:
        """Take the bar away for a block, in the documented way."""
        raise NotImplementedError("it has no documented way to take a bar away")

    @contextmanager
    def nested(self, total: int, descs: Iterable[str]) -> Iterator[list[Any]]:
        """Hold several bars open, as is documented for that."""
        with ExitStack() as stack:
            yield [stack.enter_context(self.opened(total, desc)) for desc in descs]


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


class Tqdm(Driver):
    name = distribution = module = "tqdm"

    def opened(self, total: Any, desc: str, *, beside: bool = False, forced: bool = False) -> Any:
        return self.open(total, desc)

    def open(self, total: Any, desc: str = "work") -> Any:
        from tqdm import tqdm

        return tqdm(total=total, desc=desc)

    def close(self, bar: Any) -> None:
        bar.close()

    def update(self, bar: Any, n: Any = 1) -> None:
        bar.update(n)

    def count(self, bar: Any) -> float:
        return float(bar.n)

    def track(self, items: Iterable[Any], desc: str = "work") -> Iterable[Any]:
        from tqdm import tqdm

        return tqdm(items, desc=desc)

    def metric(self, bar: Any, value: Any) -> None:
        self.at("set_postfix")
        bar.set_postfix(loss=value)

    def message(self, bar: Any, text: str) -> None:
        bar.set_postfix_str(text)

    def widget(self, total: int, draw: Callable[[], str]) -> Any:
        from tqdm import tqdm

        class Own(tqdm):  # type: ignore[type-arg]
            """As its documentation adds a field of one's own to `bar_format`."""

            @property
            def format_dict(self) -> Any:
                return {**super().format_dict, "own": draw()}

        return Own(total=total, desc="work", bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {own}")

    def print(self, bar: Any, text: str) -> None:
        bar.write(text)

    def away(self, bar: Any) -> Any:
        from tqdm import tqdm

        return tqdm.external_write_mode()


class Alive(Driver):
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


class ProgressBar2(Driver):
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


class Rich(Driver):
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


def _all() -> dict[str, Driver]:
    backends = ("tqdm", "alive", "progressbar2", "plain", "events")
    drivers = [*map(Headway, backends), Tqdm(), Alive(), ProgressBar2(), Rich()]
    return {driver.name: driver for driver in drivers}


DRIVERS = _all()
"""All of them by name."""
