"""The changes that visitors get, and those that a slow one gets instead."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from headway.web.run import Run

news = pytest.importorskip("headway.web.news", exc_type=ImportError)


def write(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(json.dumps({"v": 1, "event": "write", "time": 1e9, "writer": "aaaaaaaa", "text": text}) + "\n")


def read(event: bytes) -> tuple[str, dict[str, Any]]:
    """Return the kind of an event, and its data."""
    kind, data, *_ = event.decode().splitlines()
    return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.mark.parametrize("missed", [1, news.KEPT, news.KEPT + 1, 3 * news.KEPT])
def test_a_slow_visitor_gets_the_changes_that_it_missed_or_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missed: int
) -> None:
    monkeypatch.setattr(news, "TELL_EVERY", 0.0)
    monkeypatch.setattr(news, "LOOK_EVERY", 0.0)
    path = tmp_path / "run.jsonl"
    run = Run(str(path), patience=300.0)

    async def main() -> list[str]:
        followed = news.News([run], lambda _runs: False)
        following = asyncio.create_task(followed.follow())
        visit = followed.visit()
        kinds = [read(await anext(visit))[0]]
        for i in range(missed):
            changed = followed._changed
            write(path, f"line {i}")
            await asyncio.wait_for(changed.wait(), 20)
        document: dict[str, Any] = {}
        while f"line {missed - 1}" not in json.dumps(document):
            kind, document = read(await anext(visit))
            kinds.append(kind)
        await visit.aclose()
        following.cancel()
        await asyncio.wait([following])
        return kinds

    kinds = asyncio.run(main())
    run.close()

    assert kinds == ["whole", *(["patch"] * missed if missed <= news.KEPT else ["whole"])]
