"""How many calls lie between a text and the sink that writes it, counted on the stack."""

from __future__ import annotations

import json

import pytest

from headway.testing import run_in_terminal

PROGRAM = """
import json, os, sys, time
import headway
from headway.drawing.hub import hub

bar = headway.get_bar(10, desc="bar")
sink = next(iter(hub.outlets))._sink
real_call, real_write, calls = hub.throttle.call, sink.write, []

def stack():
    frame, names = sys._getframe(2), []
    while frame is not None and frame.f_code.co_name not in ("_timed", "<module>"):
        names.insert(0, frame.f_code.co_name)
        frame = frame.f_back
    return names

def call(job):
    calls.extend(stack())
    real_call(job)

def write(text):
    calls.extend(stack())
    real_write(text)

hub.throttle.call, sink.write = call, write
{act}
hub.throttle.call, sink.write = real_call, real_write
bar.close()
print("CALLS", json.dumps(calls))
"""


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("print('a line')", ["__call__", "above", "put", "put"]),
        ("headway.write('a line')", ["write", "write", "_write", "do", "_put", "put"]),
        ("bar.write('a line')", ["write", "write", "_write", "do", "_put", "put"]),
    ],
    ids=["print", "headway.write", "bar.write"],
)
def test_a_text_reaches_its_sink_in_few_calls(act: str, expected: list[str]) -> None:
    """A print takes four calls: the stand-in and the console, then, where it is drawn, the console and the view."""
    screen = run_in_terminal(PROGRAM.replace("{act}", act), env={"HEADWAY_BACKEND": "rows"})
    found = json.loads(screen.rows_with("CALLS")[-1].removeprefix("CALLS "))

    assert expected == found, str(screen)
    assert screen.rows_with("a line"), str(screen)
