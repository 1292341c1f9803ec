"""`headway.Bar`, `headway.Track`, and the functions that open them, as a user's type checker sees them; never run."""

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

from typing_extensions import assert_type

import headway
from headway import AsyncTrack, Bar, Metric, Track
from headway.snapshot import Number, Snapshot, State


def opening() -> None:
    """All arguments of `get_bar`."""
    opened = headway.get_bar(
        10,
        desc="a",
        unit="B",
        unit_scale="iec",
        units={"sample": 64},
        weights=[1, 2.5],
        initial=1.5,
        estimated=True,
        metrics=["loss", Metric("acc", best="max")],
        widgets=["desc", "bar", lambda snapshot: f"{snapshot.n}"],
        options={"tqdm": {"colour": "green"}},
        backend="tqdm",
        name="a.b",
        leave=None,
        file=io.StringIO(),
    )
    assert_type(opened, Bar)
    assert_type(headway.get_bar(widgets="{desc} {bar}", unit_scale=True), Bar)
    assert_type(Bar(3, desc="a"), Bar)
    assert_type(headway.get_bar(parent=opened), Bar)
    assert_type(headway.get_bar(parent=None), Bar)
    headway.get_bar(parent=headway.track([1]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    headway.get_bar("10")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    headway.get_bar(10, "desc")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    headway.get_bar(unit_scale="kib")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    headway.get_bar(colour="green")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    headway.get_bar(metrics=[3])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]


def reporting(bar: Bar) -> None:
    """Verbs."""
    assert_type(bar.update(), None)
    assert_type(bar.update(2.5), None)
    assert_type(bar(2), None)
    assert_type(bar.set(2.5), None)
    assert_type(bar.reset(), None)
    assert_type(bar.reset(total=None), None)
    assert_type(bar.metrics(loss=0.5, note="text"), None)
    assert_type(bar.metrics({"val/loss": 0.5}, lr=1), None)
    assert_type(bar.message("text"), None)
    assert_type(bar.write("text"), None)
    assert_type(bar.close(), None)
    assert_type(bar.stop("enough"), None)
    assert_type(bar.fail("broken"), None)
    assert_type(bar.resume(), None)
    assert_type(bar.refresh(), None)
    with bar.pause() as same:
        assert_type(same, Bar)
    with bar.blocked("waiting") as held:
        assert_type(held, Bar)
    with bar as entered:
        assert_type(entered, Bar)
    bar.update("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    bar.set()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    bar.metrics(0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    bar.advance(1)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def reading(bar: Bar) -> None:
    """Facts."""
    assert_type(bar.n, Number)
    assert_type(bar.total, Number | None)
    assert_type(bar.initial, Number)
    assert_type(bar.estimated, bool)
    assert_type(bar.desc, str)
    assert_type(bar.name, str)
    assert_type(bar.unit, str)
    assert_type(bar.unit_scale, Literal["", "si", "iec"])
    assert_type(bar.units, dict[str, float])
    assert_type(bar.leave, bool | None)
    assert_type(bar.state, State)
    assert_type(bar.elapsed, float)
    assert_type(bar.rate, float | None)
    assert_type(bar.eta, float | None)
    assert_type(bar.stalled, float | None)
    assert_type(bar.id, int)
    assert_type(bar.parent, Bar | None)
    assert_type(bar.parent_id, int | None)
    assert_type(bar.depth, int)
    assert_type(bar.snapshot(), Snapshot)
    bar.total = None
    bar.total = 10
    bar.desc = "b"
    bar.n = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    bar.state = "failed"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    bar.total = "10"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


def resuming(bar: Bar) -> None:
    """A checkpoint."""
    state = bar.state_dict()
    assert_type(state, dict[str, Any])
    assert_type(bar.load_state_dict(state), None)
    bar.load_state_dict([1])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def looping(track: Track[str]) -> None:
    """The items keep their type."""
    assert_type(headway.track([1, 2, 3]), Track[int])
    assert_type(headway.track({"a": 1}, total=1, desc="a", name="x", leave=False, backend="off"), Track[str])
    for number in headway.track(range(3), unit="B", weights=[1, 1, 2]):
        assert_type(number, int)
    assert_type(iter(track), Iterator[str])
    assert_type(len(track), int)
    assert_type(track.bar, Bar)
    headway.track(3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    headway.track([1], color="red")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


class Lines:
    """What both kinds of loop may take."""

    def __iter__(self) -> Iterator[str]:
        """Yield lines."""
        return iter([""])

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield lines."""
        return self

    async def __anext__(self) -> bytes:
        """Return a line."""
        return b""


async def waiting(track: AsyncTrack[str], source: AsyncIterator[int]) -> None:
    """The items of an asynchronous iterable keep their type."""
    assert_type(headway.track(source, desc="a", total=3), AsyncTrack[int])
    async for number in headway.track(source):
        assert_type(number, int)
    assert_type(aiter(track), AsyncIterator[str])
    assert_type(len(track), int)
    assert_type(track.bar, Bar)
    for line in headway.track(Lines()):
        assert_type(line, str)
    async for raw in headway.track(Lines()):
        assert_type(raw, bytes)
    iter(track)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    aiter(headway.track([1]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
