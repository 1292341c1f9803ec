"""The verbs that each library is driven by."""

# each library needs another part of what the verbs say

from __future__ import annotations

import json
import os
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Driver"]

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
