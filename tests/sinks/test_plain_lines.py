"""Every line about a bar, of every kind, matches the documented expression, whatever a program reports."""

import io
import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

import headway
from headway.choosing import selection
from headway.choosing.wishes import parse
from headway.format import clean
from headway.host.stream import SafeStream
from headway.sink import Context
from headway.sinks.plain import LINE, PlainSink, line
from headway.snapshot import Reading, Snapshot, Workers
from headway.testing import record

pytest.importorskip("hypothesis", reason="hypothesis is not installed")
from hypothesis import given, settings
from hypothesis import strategies as st

BAR = Snapshot(1, desc="train", total=1000)
LOOKS: tuple[Mapping[str, Any], ...] = (
    {"interval": 0.0, "percent": 0.0},
    {"interval": 0.0, "percent": 0.0, "time": "iso"},
)
HOSTILE = [
    "[a] [b]",
    "two\nlines",
    "\x1b[31mred\x1b[0m",
    "\x9b2J",
    'say "hi"',
    "a=b",
    " n=3",
    "",
    " ",
    "\u2028",
    "訓練",
    "\\",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20))
sizes = st.one_of(st.integers(0, 10**20), st.floats(0, 1e300))
values = st.one_of(st.floats(), st.integers(), texts, st.booleans())


@st.composite
def snapshots(draw: st.DrawFn, **about: Any) -> Snapshot:
    """Make a snapshot as a sink may get it: its texts are clean, its numbers are anything."""
    clean_texts = texts.map(clean)
    maybe = st.none() | sizes
    reading = st.builds(
        Reading, st.just(0.0), clean_texts, best=st.none() | st.floats(), best_at=maybe, first=maybe, since=maybe
    )
    fields: dict[str, st.SearchStrategy[Any]] = {
        "desc": clean_texts, "name": clean_texts, "phase": clean_texts, "unit": clean_texts, "message": clean_texts,
        "reason": clean_texts, "blocked": clean_texts, "n": sizes, "total": maybe, "estimated": st.booleans(),
        "position": maybe, "elapsed": st.floats(-1, 1e12), "rate": st.none() | st.floats(0), "eta": st.none() | st.floats(0),
        "stalled": maybe, "paused": st.booleans(), "unit_scale": st.sampled_from(["", "si", "iec"]),
        "units": st.dictionaries(clean_texts, st.floats(1e-6, 1e6), max_size=2),
        "metrics": st.dictionaries(clean_texts, reading, max_size=3),
        "workers": st.none() | st.builds(Workers, st.integers(1, 99), st.none() | st.floats(0, 1)),
        "state": st.sampled_from(["running", "finished", "stopped", "failed", "interrupted"]),
    }  # fmt: skip
    return BAR._replace(**{name: draw(field) for name, field in fields.items()})._replace(**about)


@settings(deadline=None)
@given(snapshots(), snapshots(state="running"), snapshots(state="running"), st.sampled_from(LOOKS))
def test_every_line_of_a_sink_matches(
    last: Snapshot, first: Snapshot, later: Snapshot, look: Mapping[str, Any]
) -> None:
    """First lines, those in between and last ones do, with the time and without."""
    out = io.StringIO()
    sink = PlainSink(Context(SafeStream(out)))
    sink.open(first._replace(options=look))
    sink.update(later._replace(elapsed=first.elapsed + 2000))
    sink.close(last)

    lines = out.getvalue().split("\n")
    assert lines.pop() == ""
    assert len(lines) == 3 - (last.state == "running")
    assert all((found := LINE.fullmatch(each)) and bool(found["time"]) == ("time" in look) for each in lines), lines


@settings(deadline=None)
@given(
    st.lists(texts, min_size=4, max_size=4),
    st.sampled_from([False, True, "iec"]),
    st.lists(st.tuples(texts, values), max_size=3),
)
def test_every_line_of_a_program_matches(words: list[str], scale: Any, reported: list[tuple[str, Any]]) -> None:
    """Labels with brackets, line breaks and colours, NaN, scaled counts and the reason of a failure are parsed back."""
    desc, unit, reason, message = words
    out = io.StringIO()
    sink = PlainSink(Context(SafeStream(out)))
    with record(), headway.get_bar(5000, desc=desc, unit=unit, unit_scale=scale, name="a b") as bar:
        sink.open(bar.snapshot()._replace(options=LOOKS[0]))
        bar.update(1234)
        bar.metrics(dict(reported))
        bar.message(message)
        with bar.blocked(reason):
            sink.update(bar.snapshot())
        bar.fail(reason)
        sink.close(bar.snapshot())

    found = [LINE.fullmatch(each) for each in out.getvalue().splitlines()]
    assert len(found) == 3
    assert all(found), out.getvalue()
    first, held, last = (each.groupdict() for each in found if each)
    label = first["label"]
    assert (clean(desc) or "a b") == (json.loads(label) if label.startswith('"') else label)
    assert [json.loads(each or '""') for each in (held["blocked"], last["reason"], last["message"])] == [
        clean(reason), clean(reason), clean(message),
    ]  # fmt: skip
    assert last["n"] == {False: "1234", True: "1.23k", "iec": "1.21Ki"}[scale]


def test_counts_and_rates_follow_the_scale_of_the_bar() -> None:
    """They read as in a row; small ones have all their digits."""
    megabytes = BAR._replace(n=1_572_864, total=4 << 20, unit="B", unit_scale="iec", rate=2_097_152.0)

    assert " n=1.50Mi total=4.00Mi 37% unit=B elapsed=0.0 rate=2.00Mi state" in line(megabytes)
    assert " n=1572864 total=4194304 37% unit=B elapsed=0.0 rate=2.097e+06 state" in line(
        megabytes._replace(unit_scale="")
    )
    assert " n=15 total=1.50k 1% unit=it elapsed=0.0 rate=0.25 state" in line(
        BAR._replace(n=15, total=1500, unit_scale="si", rate=0.25)
    )


def test_a_best_value_stands_in_each_line_of_its_metric() -> None:
    """A line that tells a new best value has it, and the count at which it came."""
    metrics = {"acc": Reading(0.8, "0.8000", best=0.91, best_at=400)}

    assert line(BAR._replace(metrics=metrics)).endswith(" acc=0.8000 acc.best=0.91 acc.best_at=400")


@pytest.mark.parametrize(("zone", "offset"), [("UTC0", "+00:00"), ("IST-5:30", "+05:30"), ("NST3:30", "-03:30")])
def test_the_local_time_with_its_offset(run: Any, zone: str, offset: str) -> None:
    """`plain?time=iso` begins each line about a bar with the time of the zone that the program runs in."""
    done = run(
        "import headway\nwith headway.get_bar(1, desc='a') as bar: bar.write('text'); bar.update()",
        HEADWAY_BACKEND="plain?time=iso",
        TZ=zone,
    )
    first, text, last = done.stderr.splitlines()

    assert text == "text"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" + re.escape(f"{offset} headway a n=0 ") + ".*", first)
    for each in (first, last):
        time = datetime.fromisoformat(each.split(" ", 1)[0])
        assert abs((datetime.now(timezone.utc) - time).total_seconds()) < 60


def test_another_time_is_refused() -> None:
    """There is one format."""
    with pytest.raises(headway.BackendOptionError, match="option 'time' .* cannot be"):
        selection.check(parse("plain?time=unix"))


def test_no_time_stands_for_what_is_no_time() -> None:
    """A remaining time without end is left out, as one that is not known."""
    assert "eta" not in line(BAR._replace(eta=math.inf))
