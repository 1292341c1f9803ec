"""Pictures as events: out to JSON and back without loss."""

import copy
import json
import math
import pickle
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from headway.events.fields import FIELDS, METRIC
from headway.events.schema import from_event, to_event
from headway.layout import DEFAULT
from headway.sinks.plain import LINE, line
from headway.snapshot import SCHEMA, Reading, Snapshot, Workers

FULL = Snapshot(
    id=7, parent=3, name="lib.train", desc="train é", unit="batch", unit_scale="iec", n=40, total=100.5, initial=10,
    elapsed=3.25, rate=13.5, eta=4.5, eta_low=4.0, eta_high=5.0, message='say "hi"', state="stopped", reason="enough",
    phase="train", units={"sample": 64.0, "step": 0.25}, position=40.5, estimated=True,
    metrics={"loss": Reading(0.5, "0.5000"), "best": Reading(0.1, "0.1000", "*", 6, 9, 2.5, 0.1, 30, None), "epoch": Reading(3, "3", history=(1.0, 2.0, 3.0)), "note": Reading("good", "good")},
    paused=True, leave=False, began=1.7e9, depth=2, share=0.25, step=40, deadline=1.7e9 + 3600, blocked="the lock é",
)  # fmt: skip


def through_json(snapshot: Snapshot) -> Snapshot:
    """Write a picture as strict JSON and read it back."""
    return from_event(json.loads(json.dumps(to_event(snapshot), allow_nan=False)))


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are of one type and equal, NaN being equal to itself."""
    return type(a) is type(b) and (a == b or a != a)


@pytest.mark.parametrize(
    "snapshot", [FULL, Snapshot(1, units={}, metrics={}), FULL._replace(total=None, rate=None, parent=None)]
)
def test_every_field_comes_back(snapshot: Snapshot) -> None:
    """What is written as an event is read back equal, types included."""
    back = through_json(snapshot)

    assert snapshot == back
    assert all(same(getattr(snapshot, name), getattr(back, name)) for name in Snapshot._fields)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_come_back(value: float) -> None:
    """NaN and infinity travel as words and come back as numbers."""
    text = str(value).upper()
    back = through_json(FULL._replace(rate=value, eta=value, metrics={"loss": Reading(value, text)}))

    assert same(value, back.rate)
    assert same(value, back.eta)
    assert same(value, back.metrics["loss"].value)
    assert text == back.metrics["loss"].text


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "NAN", "", "1"])
def test_a_text_stays_a_text(text: str) -> None:
    """A text that reads like a number, wherever it stands, is no number."""
    metrics = {"note": Reading(text, text)}
    back = through_json(FULL._replace(desc=text, message=text, reason=text, metrics=metrics))

    assert metrics == back.metrics
    assert [text] * 3 == [back.desc, back.message, back.reason]


def test_an_event_says_its_version_and_holds_no_options() -> None:
    """Events carry the version of their schema; what belongs to this process stays here."""
    event = to_event(FULL._replace(options={"theme": object()}, layout=DEFAULT))

    assert event["v"] == SCHEMA
    assert {*Snapshot._fields} - {"around", "points", "options", "layout", "cell"} | {"v"} == event.keys()


def test_unknown_fields_are_ignored() -> None:
    """An event of a later headway with more fields is read all the same."""
    assert from_event({**to_event(FULL), "colour": "green", "event": "update", "time": 1.0}) == FULL


def test_lacking_fields_have_their_defaults() -> None:
    """An event needs its version and its id."""
    assert Snapshot(5, desc="a") == from_event({"v": SCHEMA, "id": 5, "desc": "a"})


@pytest.mark.parametrize("version", [0, SCHEMA + 1, None, "1", True, 1.0])
def test_another_version_is_refused(version: object) -> None:
    """An event of another schema raises and names both versions."""
    with pytest.raises(ValueError, match=f"events of schema {SCHEMA}, but the event has v={re.escape(repr(version))}"):
        from_event({**to_event(FULL), "v": version})


WRONG = [
    *((name, value) for name in ("began", "deadline") for value in (-1, "1", math.nan, 1e11, True, [])),
    *(("depth", value) for value in (-1, None, 1.5, "1", True)),
    *(("share", value) for value in (0, -1, "1", math.inf, math.nan, True)),
    *(("step", value) for value in (-1, 1.5, "1", True)),
    *(("blocked", value) for value in (None, 1, True, ["a"])),
    *(("id", value) for value in (None, -1, 2**63, 1.0, True, "1", [])),
    *(("parent", value) for value in (-1, 2**64, "1", 1.5, False)),
    *((name, value) for name in ("n", "initial", "position", "elapsed", "total") for value in ("1", "nan", math.nan, math.inf, 10**301, [], True)),
    *((name, -1) for name in ("elapsed", "total")),
    *((name, None) for name in ("n", "initial", "elapsed", "desc", "state", "paused", "units", "metrics")),
    *((name, value) for name in ("rate", "eta", "eta_low", "eta_high") for value in ("1", "NaN", "infinity", {}, 10**400)),
    *((name, value) for name in ("name", "desc", "phase", "unit", "message", "reason") for value in (1, True, ["a"], {"a": 1})),
    *((name, value) for name in ("estimated", "paused", "leave") for value in (0, 1, "true", [])),
    *(("unit_scale", value) for value in ("SI", True, 1024, [])),
    *(("state", value) for value in ("done", "", 0, ["running"])),
    *(("units", value) for value in ([], {"a": 0}, {"a": -1}, {"a": "1"}, {"a": math.nan}, {"a": math.inf}, {"a": None})),
    *(("metrics", value) for value in ([], {"a": 1}, {"a": "text"}, {"a": {}}, {"a": {"value": 1}})),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_field_that_cannot_be_is_refused(field: str, value: Any) -> None:
    """An event from anywhere is a picture or a ValueError that names the field, and what it must be."""
    with pytest.raises(ValueError, match=f"'{field}' must be .*, not "):
        from_event({**to_event(FULL), field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", 1), ("value", "x"), ("value", None), ("value", []), ("mark", 1), ("columns", "1"), ("columns", 1.5),
     ("priority", None), ("first", "x"), ("best", []), ("best_at", "nan"), ("since", math.inf), ("history", 1), ("history", ["x"]), ("history", [math.nan]), ("history", [True]), ("history", [1.0] * 65)],
)  # fmt: skip
def test_a_part_of_a_metric_that_cannot_be_is_refused(field: str, value: Any) -> None:
    """The same holds for what a metric is made of."""
    with pytest.raises(ValueError, match=f"The metric's '{field}' must be .*, not "):
        from_event({**to_event(FULL), "metrics": {"loss": {"text": "x", field: value}}})


@pytest.mark.parametrize("event", [None, [], "x", 5, {}])
def test_what_is_no_event_is_refused(event: Any) -> None:
    """Something else than an object, or an empty one, is no event."""
    with pytest.raises(ValueError):
        from_event(event)


def test_texts_from_anywhere_are_safe() -> None:
    """Texts of an event cannot move the cursor, change the title or fill the memory of who shows them."""
    evil = "a\x1b]0;title\x07b\nc\ud800\u202e"
    metrics = {evil: {"text": evil, "mark": evil, "columns": 10**12}, "long": {"text": "x" * 10**6, "columns": -5}}
    texts = dict.fromkeys(("name", "desc", "phase", "unit", "message", "reason"), evil)
    back = from_event({"v": SCHEMA, "id": 1, **texts, "units": {evil: 2}, "metrics": metrics})

    assert {"ab c "} == {getattr(back, name) for name in texts} | back.units.keys()
    assert {"ab c ": Reading("ab c ", "ab c ", "ab c ", 1000), "long": Reading("x" * 1000, "x" * 1000)} == back.metrics


def test_what_a_metric_was_at_its_best_may_be_no_number() -> None:
    """NaN and infinity travel in a metric's summary as in its value."""
    reading = Reading(math.inf, "INF", first=-math.inf, best=math.inf, best_at=3)
    back = through_json(FULL._replace(metrics={"loss": reading}))

    assert reading == back.metrics["loss"]


def test_every_field_is_checked() -> None:
    """What is written is what is read, and no field is read without a check."""
    assert to_event(FULL).keys() - {"v"} == FIELDS.keys()
    assert METRIC.keys() == {*Reading._fields}


SECONDS = strategies.floats(0, 1e11, exclude_max=True)
COURSES = strategies.lists(strategies.floats(allow_nan=False), max_size=16).map(tuple)


@settings(deadline=None)
@given(
    strategies.fixed_dictionaries(
        {
            "id": strategies.integers(0, 2**63 - 1),
            "began": strategies.none() | SECONDS,
            "depth": strategies.integers(0, 2**63 - 1),
            "share": strategies.none() | strategies.floats(0, 1e300, exclude_min=True),
            "step": strategies.none() | strategies.integers(0, 2**63 - 1),
            "deadline": strategies.none() | SECONDS,
            "blocked": strategies.text(strategies.characters(codec="ascii", exclude_categories=["C"]), max_size=100),
            "metrics": COURSES.map(lambda course: {"loss": Reading(0.5, "0.5000", history=course)}),
        }
    ).map(lambda fields: Snapshot(**fields))
)
def test_when_where_and_how_long_comes_back(snapshot: Snapshot) -> None:
    """When a bar began, where it stands and what holds it up are read as they were written; a course with six digits."""
    back = through_json(snapshot)

    assert snapshot == back
    assert through_json(back) == back
    bounded = [max(-1e300, min(value, 1e300)) for value in snapshot.metrics["loss"].history]
    assert bounded == [pytest.approx(value, rel=1e-5) for value in back.metrics["loss"].history]


OLD = {
    "v": 1, "id": 7, "parent": 3, "name": "lib", "desc": "train", "phase": "", "unit": "it", "unit_scale": "",
    "units": {}, "n": 4, "position": None, "total": 10, "estimated": False, "initial": 0, "elapsed": 3.25, "rate": None,
    "eta": None, "eta_low": None, "eta_high": None, "metrics": {"loss": {"text": "0.5", "value": 0.5}}, "message": "",
    "state": "running", "reason": "", "paused": False, "stalled": None, "leave": True, "workers": None,
}  # fmt: skip
"""A picture as it was written before there was a beginning in it."""


def test_what_an_older_version_wrote_is_read() -> None:
    """What is not there is not known: no beginning, an outermost bar, no share, step or deadline, nothing in its way."""
    back = from_event(OLD)

    assert (back.n, back.metrics["loss"].text, back.metrics["loss"].history) == (4, "0.5", ())
    assert (back.began, back.depth, back.share, back.step, back.deadline, back.blocked) == (
        None,
        0,
        None,
        None,
        None,
        "",
    )


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(max_size=20),
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    strategies.dictionaries(strategies.sampled_from(sorted(FIELDS)), JSON, max_size=6),
    strategies.dictionaries(strategies.sampled_from(sorted(METRIC)), JSON),
)
def test_whatever_is_in_it_an_event_is_a_picture_or_a_value_error(
    given: dict[str, Any], metric: dict[str, Any]
) -> None:
    """No data that JSON can carry raises anything else, and what is let through can be shown and written again."""
    try:
        picture = from_event({"v": SCHEMA, "id": 1, "metrics": {"a": metric}, **given})
    except ValueError:
        return
    assert picture == through_json(picture)
    assert LINE.fullmatch(line(picture))


def test_an_event_without_an_id_is_refused() -> None:
    """What is of no bar is no picture."""
    with pytest.raises(ValueError, match="no 'id'"):
        from_event({"v": SCHEMA})


def test_a_picture_cannot_be_changed() -> None:
    """A sink cannot change what another sink sees."""
    with pytest.raises(AttributeError):
        FULL.n = 5  # type: ignore[misc]


def test_options_do_not_count_in_comparisons() -> None:
    """Two pictures of the same state are equal, whatever their look; so are two readings, whatever their course."""
    looks = FULL._replace(options={"theme": "classic"}, layout=DEFAULT, around="outer")
    reading = Reading(0.5, "0.5000", history=(1.0, 0.5))

    assert looks == FULL
    assert not looks != FULL  # noqa: SIM202  # inequality is another method
    assert FULL._replace(n=41) != FULL
    assert reading == reading._replace(history=())
    assert not reading != reading._replace(history=())  # noqa: SIM202
    assert reading != reading._replace(best=0.1)
    assert len({reading, reading._replace(history=())}) == 1


@pytest.mark.parametrize("snapshot", [FULL, Snapshot(1), FULL._replace(workers=Workers(2, 0.1, 0.9))])
def test_a_picture_can_be_sent_to_another_process(snapshot: Snapshot) -> None:
    """A sink may pass pictures on, and take copies of them."""
    there = pickle.loads(pickle.dumps(snapshot))

    assert there == copy.deepcopy(snapshot) == snapshot
    assert {} == there.options == copy.copy(snapshot).options


def test_a_picture_without_units_and_metrics_has_none_for_good() -> None:
    """Pictures share their empty mappings, so that nothing can be put there."""
    with pytest.raises(TypeError):
        Snapshot(1).units["sample"] = 2.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("n", "total", "fraction"), [(0, 10, 0.0), (5, 10, 0.5), (15, 10, 1.5), (0, 0, 1.0), (2, 0, 3.0), (5, None, None)]
)
def test_fractions(n: int, total: int | None, fraction: float | None) -> None:
    """The share is known where the total is, above one on overshoot, and whole where there is nothing to do."""
    assert fraction == Snapshot(1, n=n, total=total).fraction


@pytest.mark.parametrize("number", [0, 1, 10**30, 0.1, 1e-300, 1e300, 2**53 + 1, -5])
def test_numbers_lose_no_digit(number: float) -> None:
    """Whole and broken numbers of all sizes come back as they were."""
    back = through_json(FULL._replace(n=number, metrics={"x": Reading(number, "x")}))

    assert same(number, back.n)
    assert same(number, back.metrics["x"].value)


@pytest.mark.parametrize(
    ("n", "total", "over"),
    [
        (10, 10, False),
        (11, 10, True),
        (5, None, False),
        (sum([0.05] * 20), 1, False),
        (1.001, 1, True),
        (10**9 + 1, 10**9, True),
    ],
)
def test_only_more_than_the_total_is_over(n: float, total: int | None, over: bool) -> None:
    """Fractions that add up to the total, but for rounding, are not; a whole number that is one above is."""
    assert over == Snapshot(1, n=n, total=total).over
