"""The reader of event files against whatever bytes: seconds in CI, longer with HEADWAY_FULL=1."""

import json
import os
import tracemalloc

from hypothesis import HealthCheck, given, settings, strategies

from headway.events.follower import Follower
from headway.events.journal import LONGEST_LINE
from headway.events.reader import Event, Reader
from headway.events.schema import from_event, to_event
from headway.snapshot import Reading, Snapshot

EXAMPLES = 20_000 if os.environ.get("HEADWAY_FULL") == "1" else 300
fuzzed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

BAR = Snapshot(7, 3, "lib", "train é", "train", "batch", "iec", {"step": 0.25}, 40, total=100.5, rate=13.5, eta=4.5, began=1.7e9, depth=1, share=0.5, step=10, deadline=1.8e9, blocked="the lock",
               metrics={"loss": Reading(0.5, "0.5000", history=(1.0, 0.5)), "note": Reading("good", "good"), "x": Reading(float("nan"), "NAN")})  # fmt: skip
HEADER = {"time": 1e9, "writer": "abcd0123", "seq": 5}
ABOUT = {"run": "0123456789abcdef", "program": "train.py", "digest": "f" * 16, "requests": False, "pid": 7, "host": "é"}
REAL = [
    json.dumps({"v": 1, "event": "run", **HEADER, **ABOUT}).encode(),
    *(
        json.dumps({"v": 1, "event": kind, **HEADER, **to_event(bar)}).encode()
        for kind in ("open", "update", "close")
        for bar in (BAR, BAR._replace(n=3, total=None, state="failed", reason="no"))
    ),
    json.dumps({"v": 1, "event": "write", **HEADER, "text": "one\ntwo é \u2028"}).encode(),
    json.dumps({"v": 1, "event": "lost", **HEADER, "lines": 17}).encode(),
]
"""Lines as they are written."""

real = strategies.sampled_from(REAL)
noise = strategies.binary(max_size=60).map(lambda data: data.replace(b"\n", b" "))
digits = strategies.sampled_from([b"1e999", b"-1", b"NaN", b"9" * 400, b"9" * 5000, b"[" * 2000, b"{" * 300, b"null", b"\\ud800", b'"', b"\x00", b"\xff"])  # fmt: skip


@strategies.composite
def spoilt(draw: strategies.DrawFn) -> bytes:
    """A real line with a piece cut out, doubled, or replaced by something that parsers trip over."""
    line = draw(real)
    start = draw(strategies.integers(0, len(line)))
    end = draw(strategies.integers(start, min(len(line), start + 40)))
    return line[:start] + draw(noise | digits | strategies.just(line[start:end] * 2) | real) + line[end:]


def chunks_of(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut data at places, in whatever order they are given."""
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in zip(places, places[1:], strict=False)]


def read(data: bytes, cuts: list[int]) -> tuple[list[Event], Reader]:
    """Read data in pieces."""
    reader = Reader()
    events = [event for chunk in chunks_of(data, cuts) for event in reader.feed(chunk)]
    return [*events, *reader.end()], reader


cuts = strategies.lists(strategies.integers(0, 10_000), max_size=8)


@fuzzed
@given(strategies.binary(max_size=2000), cuts)
def test_no_bytes_make_it_raise(data: bytes, cuts: list[int]) -> None:
    """Whatever the bytes and however they come, there are events or none, and each line is accounted for."""
    events, reader = read(data, cuts)

    assert len(events) + reader.skipped + reader.newer <= data.count(b"\n") + 1


@fuzzed
@given(strategies.lists(strategies.tuples(real, spoilt() | noise), max_size=6), cuts)
def test_whole_lines_survive_between_spoilt_ones(lines: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    """Every real line is read, exactly as it is alone, whatever stands before and after it."""
    data = b"".join(good + b"\n" + bad + b"\n" for good, bad in lines)
    events, _ = read(data, cuts)
    expected = [event for good, _ in lines for event in read(good, [])[0]]

    assert len(lines) == len(expected)
    remaining = iter(map(repr, events))
    assert all(repr(event) in remaining for event in expected), "in their order"


@fuzzed
@given(strategies.lists(spoilt() | real | noise, max_size=6), cuts, cuts)
def test_how_it_comes_makes_no_difference(lines: list[bytes], first: list[int], second: list[int]) -> None:
    """The same bytes in other pieces are the same events."""
    data = b"\n".join(lines)

    assert repr(read(data, first)[0]) == repr(read(data, second)[0])


@fuzzed
@given(spoilt())
def test_what_is_read_of_a_spoilt_line_can_be_written_again(line: bytes) -> None:
    """An event that is let through is one that headway could have written."""
    for event in read(line, [])[0]:
        if event.snapshot is not None:
            again = json.dumps(to_event(event.snapshot), allow_nan=False)
            assert repr(from_event(json.loads(again))) == repr(event.snapshot)


def test_a_line_without_an_end_takes_no_memory() -> None:
    """A hundred megabytes without a line break are skipped as they come, and the line after them is read."""
    reader, chunk = Reader(), b"x" * 2**16
    tracemalloc.start()
    try:
        for _ in range(1600):
            assert reader.feed(chunk) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * LONGEST_LINE
    assert [event.kind for event in reader.feed(b"\n" + REAL[0] + b"\n")] == ["run"]
    assert reader.skipped == 1


@settings(fuzzed, max_examples=EXAMPLES // 3)
@given(
    strategies.lists(
        strategies.tuples(strategies.sampled_from(["write", "rotate", "poll", "truncate"]), real | spoilt()),
        max_size=20,
    )
)
def test_whatever_becomes_of_a_file_it_is_followed(tmp_path_factory: object, steps: list[tuple[str, bytes]]) -> None:
    """A file that is written, rotated and emptied in any order never makes the follower raise or hang."""
    directory = tmp_path_factory.mktemp("followed")  # type: ignore[attr-defined]
    path = directory / "run.jsonl"
    follower = Follower(str(path), Reader())
    try:
        for step, line in steps:
            if step == "write":
                with path.open("ab") as file:
                    file.write(line + b"\n")
            elif step == "rotate" and path.exists():
                path.rename(f"{path}.1")
            elif step == "truncate" and path.exists():
                os.truncate(path, 0)
            else:
                follower.poll()
        with path.open("ab") as file:
            file.write(b"\n" + REAL[0].replace(b"abcd0123", b"the_last") + b"\n")
        seen: list[Event] = []
        for _ in range(100):
            seen += follower.poll() or []
        assert seen[-1].writer == "the_last"
    finally:
        follower.close()
