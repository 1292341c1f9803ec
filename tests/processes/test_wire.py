"""What travels over the relay: read back without loss, and never believed."""

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from absent import TOO_DEEP
from headway.events.schema import from_event, to_event
from headway.processes import wire
from headway.processes.wire import LIMIT, Decoder, Hello, MessageError, Report, Text
from headway.snapshot import Reading, Snapshot

EXAMPLES = 20_000 if os.environ.get("HEADWAY_FULL") == "1" else 300
"""Examples of a property."""
FULL = Snapshot(
    id=7, parent=3, name="lib.train", desc="train é", unit="batch", unit_scale="iec", n=40, total=100.5, initial=10,
    elapsed=3.25, rate=13.5, eta=4.5, eta_low=4.0, eta_high=5.0, message='say "hi"', state="stopped", reason="enough",
    phase="train", units={"sample": 64.0, "step": 0.25}, position=40.5, estimated=True, paused=True, leave=False,
    metrics={"loss": Reading(0.5, "0.50", "*", 6, 9, 2.5, 0.1, 30, None, format=".2f"), "note": Reading("good", "good")},
)  # fmt: skip
STREAM = (
    wire.hello(Hello(12, 3, "0123456789abcdef", "node é"))
    + wire.report("open", FULL)
    + b"".join(wire.pieces("x\ny" * 9000))
)


def framed(event: Any) -> bytes:
    """Write anything as a frame."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return len(body).to_bytes(4, "big") + body


def read(data: bytes) -> list[Any]:
    """Read what follows the handshake."""
    return list(Decoder().feed(data))


def test_what_is_written_comes_back() -> None:
    """Pictures, texts and who reports are read as they were written."""
    hello, picture, *texts = read(STREAM)

    assert Hello(12, 3, "0123456789abcdef", "node é") == hello
    assert Report("open", FULL, "") == picture
    assert "".join(text.text for text in texts if isinstance(text, Text)) == "x\ny" * 9000


def test_of_pictures_that_come_together_the_last_of_each_bar_is_read() -> None:
    """Those before it are passed over unread; openings, ends, texts and bars with a mark or a row of others are not."""
    pictures = [wire.report("update", Snapshot(bar, n=n)) for n in range(3) for bar in (1, 2, 12)]
    others = [wire.report("open", Snapshot(3)), *wire.pieces("said"), wire.report("close", Snapshot(3))]
    marked = [wire.report("update", Snapshot(1, n=n), mark=n) for n in (7, 8)]
    counted = [wire.report("update", Snapshot(1, n=n), of="a") for n in (9, 10)]

    events = read(b"".join([*pictures[:5], *others, *pictures[5:], *marked, *counted]))

    assert events[:3] == [*read(others[0]), Text("said"), *read(others[2])]
    assert [(event.snapshot.id, event.snapshot.n) for event in events[3:6]] == [(1, 2), (2, 2), (12, 2)]
    assert [event.snapshot.n for event in events[6:]] == [7, 8, 9, 10]


def test_the_course_of_a_metric_travels() -> None:
    """The row of a worker has its sparkline; what is too long to be a course is refused."""
    course = Reading(0.5, "0.50", history=tuple(map(float, range(16))))
    (report,) = read(wire.report("update", Snapshot(1, metrics={"loss": course})))

    assert course.history == report.snapshot.metrics["loss"].history
    with pytest.raises(MessageError):
        read(wire.report("update", Snapshot(1, metrics={"loss": course._replace(history=(1.0,) * 65)})))


def test_who_reports_may_say_less() -> None:
    """A greeting of an older version has neither run nor host."""
    assert [Hello(12, None, "", "")] == read(framed({"v": 1, "event": "hello", "pid": 12}))


def test_a_picture_may_count_for_another_bar() -> None:
    """A copy of a bar says which one it counts for."""
    assert [Report("update", FULL, "9-a:4")] == read(wire.report("update", FULL, of="9-a:4"))


@settings(deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=20))
def test_bytes_may_come_in_any_pieces(cuts: list[int]) -> None:
    """However a stream is cut up, the events are the same."""
    decoder, events, rest = Decoder(), [], STREAM
    for cut in cuts:
        events += decoder.feed(rest[:cut])
        rest = rest[cut:]
    events += decoder.feed(rest)

    assert Decoder().feed(STREAM) == events


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_raise_anything_else(chunks: list[bytes]) -> None:
    """Whatever comes is an event or a `MessageError`."""
    decoder = Decoder()
    try:
        for chunk in chunks:
            decoder.feed(chunk)
    except MessageError:
        pass


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=6,
)
_FIELDS = [*wire._FIELDS, "event", "v", "of", "text", "terminal", "pid", "rank"]


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.sampled_from(["open", "update", "close", "write", "print", "hello"]),
    st.dictionaries(st.sampled_from(_FIELDS), _ANY, max_size=4),
    st.dictionaries(st.sampled_from(list(wire._METRIC)), _ANY, max_size=4),
)
def test_a_lie_in_any_field_is_refused_or_harmless(kind: str, lies: dict[str, Any], reading: dict[str, Any]) -> None:
    """An event of any content is refused, or is one that can be shown and written again."""
    event = {
        **to_event(FULL),
        "event": kind,
        "text": "",
        "terminal": 1,
        "pid": 1,
        "metrics": {"loss": {"text": "1", **reading}},
    }
    try:
        events = read(framed({**event, **lies}))
    except MessageError:
        return
    for each in events:
        if isinstance(each, Report):
            assert each.snapshot == from_event(json.loads(json.dumps(to_event(each.snapshot))))
            assert "\x1b" not in str(each.snapshot)


@pytest.mark.parametrize(
    "lie",
    [
        {"id": True}, {"id": -1}, {"id": 2**70}, {"id": "1"}, {"n": None}, {"n": -1}, {"n": 10**400}, {"n": "inf"},
        {"total": [1]}, {"desc": "x" * 1001}, {"desc": 5}, {"state": "won"}, {"unit_scale": {}}, {"leave": 1},
        {"metrics": {str(i): {"text": ""} for i in range(33)}}, {"metrics": {"a": {"text": "x" * 101}}},
        {"metrics": []}, {"units": {"a": 0}}, {"v": 2}, {"blocked": "x" * 1001}, {"began": -1}, {"depth": None}, {"event": "run"}, {"event": None}, {"of": 5},
    ],
)  # fmt: skip
def test_a_lie_is_refused(lie: dict[str, Any]) -> None:
    """Wrong types, sizes and numbers close the connection."""
    with pytest.raises(MessageError):
        read(framed({**to_event(FULL), "event": "open", **lie}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        pytest.param(b"[" * 60000, marks=TOO_DEEP),
        b'{"v": NaN}',
        b"9" * 60000,
        b"\xff\xfe",
        b"cos\nsystem\n(S'id'",
    ],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    """No JSON, other JSON, a pickle, and what is made to exhaust the parser."""
    with pytest.raises(MessageError):
        read(framed(body))


def test_a_length_is_not_believed() -> None:
    """A frame that is too long is refused by its head alone."""
    with pytest.raises(MessageError, match="4294967295 bytes"):
        read(b"\xff\xff\xff\xff")


def test_texts_cannot_move_the_cursor() -> None:
    """Escape sequences are taken out of all that a worker says."""
    evil = "\x1b[2Ja\x1b]0;b\x07c\u202ed"
    event = {
        **to_event(Snapshot(1)),
        "event": "open",
        "desc": evil,
        "message": evil,
        "metrics": {evil: {"text": evil}},
    }
    (picture,) = read(framed(event))
    (text,) = read(framed({"v": 1, "event": "write", "text": evil}))

    (line,) = read(framed({"v": 1, "event": "print", "text": f"{evil}\x1b[31mred\x1b[2J", "terminal": 7}))

    assert "\x1b" not in repr(picture).replace("\\x1b", "\x1b")
    assert text.text == "ac d"
    assert line == Text("ac d\x1b[31mred\x1b[0m", 7), "of what is printed colours are kept"


def test_a_format_cannot_ask_for_millions_of_columns() -> None:
    """A format spec that would make a long text, or is none, is left out."""
    for spec in ("999999999d", ".999999999f", "x", "{}"):
        event = {**to_event(Snapshot(1)), "event": "open", "metrics": {"a": {"text": "1", "value": 1, "format": spec}}}
        (picture,) = read(framed(event))

        assert picture.snapshot.metrics["a"].format == ""


def test_a_huge_report_fits_a_message() -> None:
    """Long texts and many metrics are cut to what a frame holds."""
    long = "\U0001f600" * 1000
    metrics = {f"{i}{long}": Reading(long, long, long) for i in range(100)}
    huge = FULL._replace(name=long, desc=long, message=long, reason=long, phase=long, unit=long, metrics=metrics)
    frame = wire.report("open", huge)
    (picture,) = read(frame)

    assert len(frame) <= LIMIT + 4
    assert picture.snapshot.desc[:100] == long[:100]
