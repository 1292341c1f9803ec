"""The pictures of bars in a notebook. `tests/with_notebooks` has real kernels, and JupyterLab."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from headway.layout import of
from headway.sink import Context, Frame
from headway.sinks.notebook.look import Picture, html, line, plain
from headway.sinks.notebook.sink import RENDERER, NotebookSink
from headway.sinks.plain import PlainSink
from headway.snapshot import Reading, Snapshot

BAR = Snapshot(1, desc="train", n=40, total=100, elapsed=10.0, rate=4.0, eta=15.0, eta_low=12.0, eta_high=20.0)


class Shown(NamedTuple):
    """A display that was published, or changed."""

    data: Mapping[str, str]
    display: str
    anew: bool


@pytest.fixture
def displays(monkeypatch: pytest.MonkeyPatch) -> list[Shown]:
    """Be in a notebook, and gather its displays."""
    shown: list[Shown] = []

    def publish(data: Mapping[str, str], *, transient: Mapping[str, str], update: bool) -> None:
        shown.append(Shown(data, transient["display_id"], update))

    shell = type("ZMQInteractiveShell", (), {"display_pub": types.SimpleNamespace(publish=publish)})()
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    return shown


@pytest.fixture
def sink() -> NotebookSink:
    """Return the sink for the standard error stream."""
    return NotebookSink(Context(sys.stderr))  # type: ignore[arg-type]


def texts(displays: list[Shown]) -> list[str]:
    """Return the text of each display."""
    return [shown.data["text/plain"] for shown in displays]


def words(snapshot: Snapshot, **about: Any) -> str:
    """Return what is told of a bar."""
    return plain(Picture([line(snapshot, 0, {})], **about))


def test_a_running_bar_tells_all() -> None:
    """Share, count, rate, the time that has passed, the time that is left with its range, and the end."""
    said = re.sub(r"ends \d\d:\d\d", "ends #", words(BAR))

    assert said == "train · 40% 40/100 · 4.00it/s · 00:10, 00:15 left (00:12–00:20) · ends #"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "finished", "n": 100}, "train finished · 100% 100/100 · 4.00it/s · in 00:10"),
        ({"state": "stopped", "reason": "good"}, "train stopped · 40% 40/100 · 4.00it/s · in 00:10 · good"),
        ({"state": "failed", "reason": "disk"}, "train FAILED · 40% 40/100 · 4.00it/s · in 00:10 · disk"),
        ({"state": "interrupted"}, "train interrupted · 40% 40/100 · 4.00it/s · in 00:10"),
        ({"eta": None, "paused": True}, "train paused · 40% 40/100 · 4.00it/s · 00:10"),
        ({"eta": None, "total": None}, "train · 40it · 4.00it/s · 00:10"),
        ({"eta": None, "desc": "", "rate": None, "message": "hello"}, "40% 40/100 · 00:10 · hello"),
    ],
)
def test_states_are_words(change: dict[str, Any], said: str) -> None:
    """How a bar ended, or that it stands still, is told by a word."""
    assert words(BAR._replace(**change)) == said


def test_the_bar_has_a_colour_for_each_state() -> None:
    """It is full to its share; what ended inside of another bar has a coloured name instead."""
    pictures = {s: html(Picture([line(BAR._replace(state=s), 0, {})])) for s in ("running", "finished", "failed")}

    assert all("width:40%" in picture for picture in pictures.values())
    assert len({re.search("solid (#[0-9a-f]{6})", picture)[1] for picture in pictures.values()}) == 3  # type: ignore[index]
    inside = html(Picture([line(BAR._replace(state="failed", parent=9), 1, {})]))
    assert 'color:#e53935">train FAILED</b>' in inside
    assert "width:" not in inside


def test_an_empty_picture_is_empty() -> None:
    """A bar that leaves nothing leaves no element."""
    assert html(Picture([])) == plain(Picture([])) == ""


def test_metrics_stand_below_with_their_courses() -> None:
    """After twelve of them the others are counted."""
    metrics = {f"m{i}": Reading(i, str(i), history=(1.0, 2.0)) for i in range(15)}
    said = words(BAR._replace(metrics=metrics, state="stopped"))

    assert "m0=0 ▁█ · m1=1 ▁█" in said
    assert said.endswith("m11=11 ▁█ · +3")


def test_words_of_a_running_bar_keep_their_width() -> None:
    """A rate with fewer digits does not move the words behind it."""
    widest: dict[int, int] = {}
    wide, narrow, last = (
        html(Picture([line(BAR._replace(rate=rate, state=state), 0, widest)]))
        .partition("</b>")[2]
        .partition("</div>")[0]
        for rate, state in ((12345.6, "running"), (4.0, "running"), (4.0, "finished"))
    )

    assert len(wide) == len(narrow) > len(last)
    assert "\N{NO-BREAK SPACE} · " in narrow


def test_a_layout_that_was_asked_for_is_used() -> None:
    """The words are those of the layout, and the metrics stand where it has them."""
    layout = of("{desc} {count} {metrics}", lambda _part: False)
    s = BAR._replace(layout=layout, metrics={"loss": Reading(0.5, "0.5")})

    assert words(s) == "train · train 40/100 loss=0.5"


def test_a_widget_is_called_once_for_each_frame(displays: list[Shown], sink: NotebookSink) -> None:
    """Both forms of the picture have the same text of it."""
    calls: list[float] = []
    layout = of([lambda s: f"call {calls.append(s.n) or len(calls)}"], lambda _part: False)
    sink.frame(Frame((BAR,), opened=(BAR._replace(layout=layout),)))
    sink.frame(Frame((BAR,), changed=(BAR._replace(layout=layout, n=41),)))

    assert calls == [40, 41]
    assert ["call 2" in text for text in displays[1].data.values()] == [False, True]
    assert "call\N{NO-BREAK SPACE}2" in displays[1].data["text/html"]


def test_each_outermost_bar_has_a_display(displays: list[Shown], sink: NotebookSink) -> None:
    """Bars inside are in that of the one around; at the end only bars that stay are there."""
    outer, beside, inner = BAR, BAR._replace(id=2, desc="beside"), BAR._replace(id=3, parent=1, desc="inner", depth=1)
    sink.frame(Frame((outer, beside, inner), opened=(outer, beside, inner)))
    sink.frame(Frame((outer, beside), ended=(inner._replace(state="finished", leave=False),)))
    sink.frame(Frame((), ended=(outer._replace(state="finished"), beside._replace(state="finished", leave=False))))

    first, second = displays[0].display, displays[1].display
    assert [(shown.display, shown.anew) for shown in displays] == [
        (first, False),
        (second, False),
        (first, True),
        (first, True),
        (second, True),
    ]
    assert "\n  inner" in texts(displays)[0]
    assert "&nbsp;</div>" in displays[2].data["text/html"]  # its place is kept free
    assert texts(displays)[3].startswith("train finished")
    assert texts(displays)[4] == ""


def test_a_frame_changes_one_display(displays: list[Shown], sink: NotebookSink) -> None:
    """The one that was changed longest ago; so all have their turn."""
    bars = tuple(BAR._replace(id=number) for number in (1, 2, 3))
    sink.frame(Frame(bars, opened=bars))
    before = [shown.display for shown in displays]
    for n in range(41, 47):
        sink.frame(Frame(bars, changed=tuple(s._replace(n=n) for s in bars)))

    assert [shown.display for shown in displays[3:]] == [*before, *before]


def test_what_ended_inside_is_kept_up_to_a_number(displays: list[Shown], sink: NotebookSink) -> None:
    """The last twenty stay, the others are counted; of hundreds that run, thirty are shown."""
    sink.frame(Frame((BAR,), opened=(BAR,)))
    for number in range(2, 52):
        inner = BAR._replace(id=number, parent=1, desc=f"part {number}", state="finished")
        sink.frame(Frame((BAR,), opened=(inner,), ended=(inner,)))
    running = tuple(BAR._replace(id=number, parent=1, desc=f"now {number}") for number in range(100, 400))
    sink.frame(Frame((BAR, *running), opened=running))

    *_, last = texts(displays)
    assert [line.split(" ")[3] for line in last.split("\n") if "part" in line] == [str(i) for i in range(32, 52)]
    assert last.count("now ") == 29
    assert "… and 301 more · as of" in last


def test_a_frame_that_comes_twice_is_taken_once(displays: list[Shown], sink: NotebookSink) -> None:
    """If its first call has raised, for example."""
    ended = BAR._replace(state="finished")
    for _ in range(2):
        sink.frame(Frame((), opened=(BAR,), ended=(ended,)))
        sink.frame(Frame((), ended=(ended,)))

    assert [text.split(" · ")[0] for text in texts(displays)] == ["train finished"] * 2


def test_outside_of_a_notebook_there_are_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no cell to draw in."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)

    assert callable(RENDERER.draws)
    assert RENDERER.draws({}) == "lines"
    assert isinstance(RENDERER.make(Context(sys.stderr)), PlainSink)  # type: ignore[arg-type]
