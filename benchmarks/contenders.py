"""How each library is driven: natively, as its own documentation does, with its defaults.

The libraries are imported inside the methods, so that a measuring process holds only the one it measures.
"""

# The libraries differ in how well they are typed, and each method hands its own bar to itself: hence `Any`.

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["CONTENDERS", "Contender"]


class Contender:
    """Does the work without any bar, and is what the others are compared with.

    Args:
        off: Drive the library with its progress switched off.
    """

    name = "no bar"
    distribution = ""
    """What to ask for the version."""
    rival = ""
    """Headway only: the contender that its first frame is compared with, which is the same renderer driven natively."""
    times_rival = 1.3
    """So many times that of the rival its first frame may take."""
    import_line = "pass"
    open_line = "import sys; sys.stderr.write('x'); sys.stderr.flush()"
    """Opens a bar with a total of 100, after the import line."""
    held = 200
    """How many bars can be open at once in a memory measurement."""
    in_a_row = 10_000
    """How many bars are opened and closed one after another; fewer where each is slow."""
    remark = ""
    """What must be known about the memory measurement."""

    def __init__(self, *, off: bool = False) -> None:
        self.off = off
        self.name = f"{self.name}, off" if off else self.name
        self.environment: dict[str, str] = {}

    def track(self, items: Iterable[int]) -> Iterable[int]:
        """Wrap what a loop goes over."""
        return items

    def walk(self, count: int, *, leave: bool) -> None:  # noqa: ARG002  # for the libraries that can
        """Go through so many items with a bar of its own, whose row stays if it is to be left."""
        for _ in self.track(range(count)):
            pass

    @contextmanager
    def opened(self, total: int) -> Iterator[Any]:
        """Hold one bar open."""
        yield total

    def spin(self, _bar: Any, times: Iterable[Any]) -> None:
        """Report one unit each time."""
        for _ in times:
            pass

    def many(self, count: int) -> AbstractContextManager[Any]:
        """Hold many bars open at once."""
        stack = ExitStack()
        for _ in range(count):
            stack.enter_context(self.opened(100))
        return stack


class Headway(Contender):
    """headway, its backend chosen as its users do: through the environment; `default` leaves it to detection."""

    distribution = "headway"
    import_line = "from headway import get_bar"
    open_line = "bar = get_bar(total=100)"

    def __init__(self, backend: str, *, rival: str = "", times_rival: float = 1.3, in_a_row: int = 10_000) -> None:
        self.name = f"headway [{backend}]"
        super().__init__()
        self.off = backend == "off"
        self.rival = rival
        self.times_rival = times_rival
        self.in_a_row = in_a_row
        self.environment = {"HEADWAY_SPEEDUPS": "0"}
        if backend != "default":
            self.environment["HEADWAY_BACKEND"] = backend

    def track(self, items: Iterable[int]) -> Iterable[int]:
        import headway

        return headway.track(items)

    def walk(self, count: int, *, leave: bool) -> None:
        import headway

        for _ in headway.track(range(count), leave=leave):
            pass

    @contextmanager
    def opened(self, total: int) -> Iterator[Any]:
        import headway

        with headway.get_bar(total, parent=None) as bar:  # beside each other, as those of tqdm are
            yield bar

    def spin(self, bar: Any, times: Iterable[Any]) -> None:
        for _ in times:
            bar.update(1)


class Door(Headway):
    """tqdm's interface of headway, for short bars alone."""

    distribution = ""

    def __init__(self, backend: str) -> None:
        super().__init__(backend)
        self.name = f"headway.tqdm [{backend}]"

    def walk(self, count: int, *, leave: bool) -> None:
        from headway.tqdm import tqdm

        for _ in tqdm(range(count), leave=leave):
            pass


class Compiled(Headway):
    """headway with headway-speedups, which is measured apart: most users do not have it."""

    distribution = ""

    def __init__(self, backend: str) -> None:
        super().__init__(backend)
        self.name = f"headway [{backend}] + speedups"
        del self.environment["HEADWAY_SPEEDUPS"]


class Tqdm(Contender):
    name = "tqdm"
    distribution = "tqdm"
    import_line = "from tqdm import tqdm"
    open_line = "bar = tqdm(total=100)"

    def track(self, items: Iterable[int]) -> Iterable[int]:
        from tqdm import tqdm

        return tqdm(items, disable=self.off)

    def walk(self, count: int, *, leave: bool) -> None:
        from tqdm import tqdm

        for _ in tqdm(range(count), leave=leave):
            pass

    @contextmanager
    def opened(self, total: int) -> Iterator[Any]:
        from tqdm import tqdm

        with tqdm(total=total, disable=self.off) as bar:
            yield bar

    def spin(self, bar: Any, times: Iterable[Any]) -> None:
        for _ in times:
            bar.update(1)


class Alive(Contender):
    name = "alive-progress"
    distribution = "alive-progress"
    import_line = "from alive_progress import alive_bar"
    open_line = "manager = alive_bar(100); bar = manager.__enter__()"
    held = 1
    in_a_row = 200
    remark = "shows one bar at a time"

    def track(self, items: Iterable[int]) -> Iterable[int]:
        from alive_progress import alive_it

        tracked: Iterable[int] = alive_it(cast("Any", items), disable=self.off)
        return tracked

    @contextmanager
    def opened(self, total: int) -> Iterator[Any]:
        from alive_progress import alive_bar

        with alive_bar(total, disable=self.off) as bar:
            yield bar

    def spin(self, bar: Any, times: Iterable[Any]) -> None:
        for _ in times:
            bar()


class ProgressBar2(Contender):
    name = "progressbar2"
    distribution = "progressbar2"
    import_line = "import progressbar"
    open_line = "bar = progressbar.ProgressBar(max_value=100).start()"

    def track(self, items: Iterable[int]) -> Iterable[int]:
        import progressbar

        tracked: Any = progressbar.NullBar()(items) if self.off else progressbar.progressbar(items)
        wrapped: Iterable[int] = iter(tracked)
        return wrapped

    @contextmanager
    def opened(self, total: int) -> Iterator[Any]:
        import progressbar

        make: Any = progressbar.NullBar if self.off else progressbar.ProgressBar
        with make(max_value=total).start() as bar:
            yield bar

    def spin(self, bar: Any, times: Iterable[Any]) -> None:
        for _ in times:
            bar.increment()


class Rich(Contender):
    name = "rich"
    distribution = "rich"
    import_line = "from rich.progress import Progress"
    open_line = "bar = Progress(); bar.start(); task = bar.add_task('', total=100)"
    held = 50
    in_a_row = 1000
    remark = "one Progress with tasks"

    def track(self, items: Iterable[int]) -> Iterable[int]:
        from rich.progress import track

        return track(items, disable=self.off)

    @contextmanager
    def opened(self, total: int) -> Iterator[Any]:
        from rich.progress import Progress

        with Progress(disable=self.off) as progress:
            yield progress, progress.add_task("", total=total)

    def spin(self, bar: Any, times: Iterable[Any]) -> None:
        progress, task = bar
        for _ in times:
            progress.advance(task)

    @contextmanager
    def many(self, count: int) -> Iterator[Any]:
        with self.opened(100) as (progress, _):
            for _ in range(count - 1):
                progress.add_task("", total=100)
            yield progress


class Barflow(Contender):
    name = "barflow"
    distribution = "barflow"
    import_line = "from barflow import Progress"
    open_line = "bar = Progress(total=100).__enter__()"

    def track(self, items: Iterable[int]) -> Iterable[int]:
        import barflow  # type: ignore[import-untyped]

        tracked: Iterable[int] = barflow.track(items, disable=self.off)
        return tracked

    @contextmanager
    def opened(self, total: int) -> Iterator[Any]:
        import barflow

        with barflow.Progress(total=total, disable=self.off) as bar:
            yield bar

    def spin(self, bar: Any, times: Iterable[Any]) -> None:
        for _ in times:
            bar.tick()


_PEERS = (Tqdm, Alive, ProgressBar2, Rich, Barflow)
_ALL: tuple[Contender, ...] = (
    Contender(),
    Headway("default", rival="tqdm"),
    Headway("rows", rival="tqdm", times_rival=0.7),
    Headway("tqdm", rival="tqdm"),
    Headway("alive", rival="alive-progress", in_a_row=200),
    Headway("progressbar2", rival="progressbar2"),
    Headway("plain"),
    Headway("off"),
    Door("tqdm"),
    Compiled("rows"),
    *(peer() for peer in _PEERS),
    *(peer(off=True) for peer in _PEERS),
)
CONTENDERS = {contender.name: contender for contender in _ALL}
"""All contenders by name."""
