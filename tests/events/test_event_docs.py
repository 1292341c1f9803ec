"""`docs/events.md` and `docs/events.schema.json` list the fields that are written, all of them and no others."""

import json
import re
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

import headway
from headway.events.appender import Appender
from headway.events.fields import FIELDS, HEADER, METRIC
from headway.events.journal import Journal
from headway.events.reader import KINDS
from headway.snapshot import Reading, Snapshot, Workers

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "events.schema.json").read_text())
TYPES: dict[str, Any] = {
    "object": dict,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "array": list,
}


def tables() -> list[list[str]]:
    """Return the first column of each table of fields, in the order of the page."""
    page = (DOCS / "events.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| field \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [re.findall(r"^\| `(\w+)`", rows, re.MULTILINE) for rows in found]


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Check a value by the part of JSON Schema that the file uses."""
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    known = {"$schema", "title", "description", "$defs", "type", "enum", "const", "maxLength", "maxItems", "items", "minimum", "exclusiveMinimum", "required", "properties", "additionalProperties", "allOf", "anyOf", "oneOf"}  # fmt: skip
    assert schema.keys() <= known
    return _fits_alone(value, schema) and _fits_inside(value, schema) and _fits_others(value, schema)


def _fits_alone(value: Any, schema: dict[str, Any]) -> bool:
    types = schema.get("type", [])
    number = value if isinstance(value, int | float) else None
    return (
        (not types or any(_is(value, each) for each in ([types] if isinstance(types, str) else types)))
        and ("enum" not in schema or value in schema["enum"])
        and ("const" not in schema or value == schema["const"])
        and (not isinstance(value, str) or len(value) <= schema.get("maxLength", len(value)))
        and (number is None or number >= schema.get("minimum", number))
        and (number is None or "exclusiveMinimum" not in schema or number > schema["exclusiveMinimum"])
    )


def _fits_inside(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return len(value) <= schema.get("maxItems", len(value)) and all(
            fits(each, schema.get("items", {})) for each in value
        )
    if not isinstance(value, dict):
        return True
    return (
        set(schema.get("required", ())) <= value.keys()
        and all(fits(value[name], each) for name, each in schema.get("properties", {}).items() if name in value)
        and all(fits(each, schema.get("additionalProperties", {})) for each in value.values())
    )


def _fits_others(value: Any, schema: dict[str, Any]) -> bool:
    return (
        all(fits(value, each) for each in schema.get("allOf", ()))
        and ("anyOf" not in schema or any(fits(value, each) for each in schema["anyOf"]))
        and ("oneOf" not in schema or sum(fits(value, each) for each in schema["oneOf"]) == 1)
    )


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, int | float) if name == "number" else isinstance(value, TYPES[name])


@pytest.fixture
def written(tmp_path: Path) -> list[dict[str, Any]]:
    """Events of all kinds, with all fields."""
    path = tmp_path / "run.jsonl"
    reading = Reading(0.5, "0.5", "*", 6, 9, first=1.0, best=0.5, best_at=3, since=4, format=".3f", history=(1.0, 0.5))
    metrics = {"loss": reading, "nan": Reading(float("nan"), "NAN"), "note": Reading("good", "good")}
    bar = Snapshot(1, units={"sample": 64}, rate=float("inf"), metrics=metrics, workers=Workers(8, 0.1, 0.5))
    bar = bar._replace(began=1e9, depth=1, share=0.5, step=3, deadline=2e9, blocked="the lock")
    journal = Journal(str(path), Appender(str(path), 4096), 0.0, monotonic())
    journal.open(bar)
    for _ in range(10):
        journal.update(bar)
    journal.write("x" * 1000)
    journal._lost, journal.behind = 3, True
    journal.update(bar)
    journal.close(bar)
    journal.release()
    return [json.loads(line) for part in (f"{path}.1", path) for line in Path(part).read_text().splitlines()]


def test_the_page_lists_the_fields_that_are_written(written: list[dict[str, Any]]) -> None:
    """Each field that is written stands in the page's tables, and nothing else does."""
    every, some, bar, metric = map(set, tables())
    of_bar = [event for event in written if event["event"] in ("open", "update", "close")]

    assert {event["event"] for event in written} == set(KINDS)
    assert all(every <= event.keys() for event in written)
    assert all(bar | every <= event.keys() for event in of_bar)
    assert some == {name for event in written for name in event} - every - bar
    assert metric == {name for event in of_bar for each in event["metrics"].values() for name in each}


def test_the_page_lists_the_fields_that_are_read() -> None:
    """The same holds for what is read back."""
    every, some, bar, metric = map(set, tables())

    assert bar == FIELDS.keys()
    assert metric == METRIC.keys()
    assert every | some == HEADER.keys() | {"v", "event", "again"}


def test_the_schema_lists_the_same_fields() -> None:
    """The JSON Schema and the page are about the same."""
    every, some, bar, metric = map(set, tables())
    defs = SCHEMA["$defs"]

    assert every == SCHEMA["properties"].keys()
    assert some == {name for kind in KINDS for name in defs[kind]["properties"]} - {"event"}
    assert bar == defs["bar"]["properties"].keys() == set(defs["bar"]["required"])
    assert metric == defs["metric"]["properties"].keys()


def test_what_is_written_fits_the_schema(written: list[dict[str, Any]]) -> None:
    """Every event is valid by the JSON Schema."""
    assert [event for event in written if not fits(event, SCHEMA)] == []


@pytest.mark.parametrize(("field", "value"), [("n", "1"), ("state", "done"), ("id", -1), ("units", {"a": 0}), ("v", 2), ("event", "other"), ("metrics", {"a": {}}), ("seq", 0), ("share", 0), ("depth", -1)])  # fmt: skip
def test_what_could_not_be_written_does_not_fit(written: list[dict[str, Any]], field: str, value: Any) -> None:
    """The schema refuses what headway refuses."""
    assert not fits({**written[1], field: value}, SCHEMA)


def test_events_of_a_real_run_fit_the_schema(tmp_path: Path) -> None:
    """So does what a training run writes."""
    path = tmp_path / "run.jsonl"
    loop = headway.loop(range(4), epochs=2, validation=range(2), metrics=[headway.Metric("loss", best="min")], backend=f"events?path={path}")  # fmt: skip
    for _ in loop:
        for batch in loop.train():
            loop.metrics(loss=1 / (1 + batch), lr=float("nan"))
        for _ in loop.validate():
            pass
        loop.write("x")
    events = [json.loads(line) for line in path.read_text().splitlines()]

    assert len(events) >= 8
    assert [event for event in events if not fits(event, SCHEMA)] == []
