"""The document that the page shows, and its changes: each is written once, for however many visitors there are."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from time import monotonic, time
from typing import Any, TypeVar

import anyio

from headway.web.document import document, written
from headway.web.merge import difference
from headway.web.run import LOOK_EVERY, Run, look

__all__ = ["News"]

T = TypeVar("T")

TELL_EVERY = 1.0
"""Seconds between two changes that visitors are sent, at least."""
KEPT = 30
"""Changes that are kept for slow visitors; a slower one gets the whole document."""
SIGN_EVERY = 20.0
"""Seconds after which a visitor gets a sign that the server is there: proxies close a silent connection."""
SIGN = b":\n\n"


class News:
    """Follows runs, and tells visitors of each change.

    Args:
        runs: The runs.
        over: Tells from the runs whether to end, as soon as all is read.
    """

    def __init__(self, runs: Sequence[Run], over: Callable[[Sequence[Run]], bool]) -> None:
        self._runs = runs
        self._lock = threading.Lock()
        """Held while runs are read, which a thread of its own does: a file system may be slow."""
        self._over = over
        self._changed = anyio.Event()
        """Set at the next change; each has its own."""
        self._version = 0
        self._document = document(runs)
        self._whole = ""
        """The newest document in JSON; empty until a visitor asks for it."""
        self._changes: deque[bytes] = deque(maxlen=KEPT)
        self._ended = False
        self._visitors = 0
        self._empty = anyio.Event()
        """Set when it has ended and the last visitor has gone."""

    async def follow(self) -> None:
        """Follow the runs to their end."""
        told = 0.0
        while True:
            over = await self.ask(self._over)
            more = await self.ask(look)
            over = over and not more
            if over or monotonic() - told >= TELL_EVERY:
                told = monotonic()
                self._tell(await self.ask(document))
            if over:
                return
            if not more:
                await asyncio.sleep(LOOK_EVERY)

    async def ask(self, question: Callable[[Sequence[Run]], T]) -> T:
        """Return the answer to a question about the runs."""

        def answer() -> T:
            with self._lock:
                return question(self._runs)

        return await asyncio.to_thread(answer)

    def end(self) -> None:
        """Let the visitors go, each when it has read all."""
        self._ended = True
        self._turn()
        self._count(0)

    async def left(self) -> None:
        """Wait until all visitors have gone, after the end."""
        await self._empty.wait()

    async def visit(self) -> AsyncGenerator[bytes, None]:
        """Yield the document and then its changes, as Server-Sent Events."""
        self._count(1)
        try:
            seen: int | None = None
            while True:
                changed, version = self._changed, self._version
                behind = len(self._changes) + 1 if seen is None else version - seen
                if behind > len(self._changes):
                    yield self._first()
                else:
                    for change in [*self._changes][len(self._changes) - behind :]:
                        yield change
                seen = version
                if self._ended and seen == self._version:
                    yield _event("end", "{}")
                    return
                with anyio.move_on_after(SIGN_EVERY) as waiting:
                    await changed.wait()
                if waiting.cancelled_caught:
                    yield SIGN
        finally:
            self._count(-1)

    def _tell(self, new: dict[str, Any]) -> None:
        patch = difference(self._document, new)
        if patch:
            self._document, self._whole = new, ""
            self._version += 1
            self._changes.append(_event("patch", _now(written(patch))))
            self._turn()

    def _count(self, change: int) -> None:
        self._visitors += change
        if self._ended and not self._visitors:
            self._empty.set()

    def _turn(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    def _first(self) -> bytes:
        self._whole = self._whole or written(self._document)
        return _event("whole", _now(self._whole))


def _now(members: str) -> str:
    """Add the time to an object in JSON that has members: visitors' clocks are others."""
    return f'{{"now":{time():.1f},{members[1:]}'


def _event(kind: str, data: str) -> bytes:
    return f"event: {kind}\ndata: {data}\n\n".encode()
