"""Pictures as events: out to JSON and back without loss."""

import json
import math
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from headway.layout import DEFAULT
from headway.snapshot import SCHEMA, Reading, Snapshot

FULL = Snapshot(
    id=7, parent=3, name="lib.train", desc="train é", unit="batch", unit_scale="iec", n=40, total=100.5, initial=10,
    elapsed=3.25, rate=13.5, eta=4.5, eta_low=4.0, eta_high=5.0, message='say "hi"', state="stopped", reason="enough",
    phase="train", units={"sample": 64.0, "step": 0.25}, position=40.5, estimated=True,
    metrics={"loss": Reading(0.5, "0.5000"), "best": Reading(0.1, "0.1000", "*", 6, 9, 2.5, 0.1, 30, None), "epoch": Reading(3, "3"), "note": Reading("good", "good")},
    paused=True, leave=False,
)  # fmt: skip


def through_json(snapshot: Snapshot) -> Snapshot:
    """Write a picture as strict JSON and read it back."""
    return Snapshot.from_event(json.loads(json.dumps(snapshot.to_event(), allow_nan=False)))


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are of one type and equal, NaN being equal to itself."""
    return type(a) is type(b) and (a == b or a != a)


@pytest.mark.parametrize("snapshot", [FULL, Snapshot(1), replace(FULL, total=None, rate=None, parent=None)])
def test_every_field_comes_back(snapshot: Snapshot) -> None:
    """What is written as an event is read back equal, types included."""
    back = through_json(snapshot)

    assert snapshot == back
    assert all(same(getattr(snapshot, f.name), getattr(back, f.name)) for f in fields(Snapshot))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_come_back(value: float) -> None:
    """NaN and infinity travel as words and come back as numbers."""
    text = str(value).upper()
    back = through_json(replace(FULL, rate=value, eta=value, metrics={"loss": Reading(value, text)}))

    assert same(value, back.rate)
    assert same(value, back.eta)
    assert same(value, back.metrics["loss"].value)
    assert text == back.metrics["loss"].text


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "NAN", "", "1"])
def test_a_text_stays_a_text(text: str) -> None:
    """A text that reads like a number, wherever it stands, is no number."""
    metrics = {"note": Reading(text, text)}
    back = through_json(replace(FULL, desc=text, message=text, reason=text, metrics=metrics))

    assert metrics == back.metrics
    assert [text] * 3 == [back.desc, back.message, back.reason]


def test_an_event_says_its_version_and_holds_no_options() -> None:
    """Events carry the version of their schema; what belongs to this process stays here."""
    event = replace(FULL, options={"theme": object()}, layout=DEFAULT).to_event()

    assert event["v"] == SCHEMA
    assert {f.name for f in fields(Snapshot)} - {"around", "options", "layout"} | {"v"} == event.keys()


def test_unknown_fields_are_ignored() -> None:
    """An event of a later headway with more fields is read all the same."""
    assert Snapshot.from_event({**FULL.to_event(), "colour": "green", "event": "update", "time": 1.0}) == FULL


def test_lacking_fields_have_their_defaults() -> None:
    """An event needs its version and its id."""
    assert Snapshot(5, desc="a") == Snapshot.from_event({"v": SCHEMA, "id": 5, "desc": "a"})


@pytest.mark.parametrize("version", [0, SCHEMA + 1, None, "1"])
def test_another_version_is_refused(version: object) -> None:
    """An event of another schema raises and names both versions."""
    with pytest.raises(ValueError, match=f"events of schema {SCHEMA}, but the event has v={version!r}"):
        Snapshot.from_event({**FULL.to_event(), "v": version})


def test_an_event_without_an_id_is_refused() -> None:
    """What is of no bar is no picture."""
    with pytest.raises(ValueError, match="no 'id'"):
        Snapshot.from_event({"v": SCHEMA})


def test_a_picture_cannot_be_changed() -> None:
    """A sink cannot change what another sink sees."""
    with pytest.raises(FrozenInstanceError):
        FULL.n = 5  # type: ignore[misc]


def test_options_do_not_count_in_comparisons() -> None:
    """Two pictures of the same state are equal, whatever their look."""
    assert replace(FULL, options={"theme": "classic"}) == FULL


@pytest.mark.parametrize(
    ("n", "total", "fraction"), [(0, 10, 0.0), (5, 10, 0.5), (15, 10, 1.5), (0, 0, 1.0), (2, 0, 3.0), (5, None, None)]
)
def test_fractions(n: int, total: int | None, fraction: float | None) -> None:
    """The share is known where the total is, above one on overshoot, and whole where there is nothing to do."""
    assert fraction == Snapshot(1, n=n, total=total).fraction


@pytest.mark.parametrize("number", [0, 1, 10**30, 0.1, 1e-300, 1e300, 2**53 + 1, -5])
def test_numbers_lose_no_digit(number: float) -> None:
    """Whole and broken numbers of all sizes come back as they were."""
    back = through_json(replace(FULL, n=number, metrics={"x": Reading(number, "x")}))

    assert same(number, back.n)
    assert same(number, back.metrics["x"].value)
