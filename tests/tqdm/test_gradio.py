"""Gradio's page shows the door's bars, as it does tqdm's. Gradio itself is too large to be installed for this."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import pytest

import headway
from headway.tqdm import tqdm


class TrackedIterable:
    """As Gradio has it."""

    def __init__(self, iterable: Any, index: Any, length: Any, desc: Any, unit: Any, _tqdm: Any = None) -> None:
        self.index, self.length, self.desc, self.unit = index, length, desc, unit


class Progress:
    """The part of Gradio's that its changes to tqdm use."""

    def __init__(self) -> None:
        self.iterables: list[TrackedIterable] = []
        self.pages: list[list[tuple[Any, ...]]] = []
        self.answers = True

    def _progress_callback(self) -> Callable[[list[Any]], None] | None:
        return self._tell if self.answers else None

    def _tell(self, iterables: list[TrackedIterable]) -> None:
        self.pages.append([(each.desc, each.index, each.length, each.unit) for each in iterables])


@pytest.fixture
def progress(monkeypatch: pytest.MonkeyPatch) -> Iterator[Progress]:
    """The progress of a function that Gradio runs in this thread."""
    current: ContextVar[Progress | None] = ContextVar("progress")
    context, helpers = types.ModuleType("gradio.context"), types.ModuleType("gradio.helpers")
    vars(context)["LocalContext"] = types.SimpleNamespace(progress=current)
    vars(helpers)["TrackedIterable"] = TrackedIterable
    monkeypatch.setitem(sys.modules, "gradio.context", context)
    monkeypatch.setitem(sys.modules, "gradio.helpers", helpers)
    progress = Progress()
    token = current.set(progress)
    yield progress
    current.reset(token)


def test_the_page_follows_bars(progress: Progress) -> None:
    """Nested bars are there with their counts, and gone when they have ended; log lines are written as ever."""
    with headway.use("plain"):
        for _ in tqdm(range(2), desc="outer"):
            for _ in tqdm(range(3), desc="inner", unit="file"):
                pass

    assert progress.pages[0] == [("outer", 0, 2, "it")]
    assert [("outer", 0, 2, "it"), ("inner", 3, 3, "file")] in progress.pages
    assert progress.pages[-2:] == [[("outer", 2, 2, "it")], []]


def test_an_open_bar_moves(progress: Progress, until: Callable[..., None]) -> None:
    """Its count reaches the page within a frame, without any call of the program."""
    with headway.use("plain"), tqdm(total=3) as bar:
        bar.update(2)
        until(lambda: bar.update(0) or progress.pages[-1][0][1] == 2)


def test_off_is_off_there_too(progress: Progress) -> None:
    """Whoever runs it has said so."""
    with headway.use("off"):
        list(tqdm(range(3)))

    assert (progress.pages, progress.iterables) == ([], [])


def test_a_function_without_a_page(progress: Progress) -> None:
    """Outside of an event nothing is told; nor by a Gradio that keeps its bars in another way."""
    progress.answers = False
    assert list(tqdm(range(3))) == [0, 1, 2]
    vars(sys.modules["gradio.context"]).clear()
    assert list(tqdm(range(3))) == [0, 1, 2]

    assert (progress.pages, progress.iterables) == ([], [])
