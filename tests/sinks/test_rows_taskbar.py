"""The share on tabs and in the task bar: for the terminals that show it, and without a stray byte for any other."""

import base64
import re
from typing import Any

import pytest

from frames import Bars, sink_on
from headway.sinks.rows.sink import OPTIONS
from headway.sinks.rows.taskbar import Status, Taskbar
from headway.sinks.rows.terminals import features
from headway.snapshot import Snapshot

paper = pytest.importorskip("paper", reason="pyte is not installed")
Paper = paper.Paper

XTERM = {"TERM": "xterm-256color"}
GHOSTTY = {"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.2.0"}
ITERM = {**XTERM, "TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}
WEZTERM = {**XTERM, "TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20260101-110809-5046fc22"}
VTE = {**XTERM, "VTE_VERSION": "8000"}
WINDOWS = {"WT_SESSION": "0-0"}
CONEMU = {"ConEmuANSI": "ON"}
KITTY = {"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}
TMUX = {"TERM": "tmux-256color", "TMUX": "/tmp/x", "TERM_PROGRAM": "tmux"}
SHOWN = {"ghostty": GHOSTTY, "iterm": ITERM, "wezterm": WEZTERM, "vte": VTE, "windows": WINDOWS, "conemu": CONEMU}
NOT_SHOWN = {
    "nothing known": {},
    "xterm": {**XTERM, "XTERM_VERSION": "XTerm(379)"},
    "any xterm": XTERM,
    "linux": {"TERM": "linux"},
    "dumb": {"TERM": "dumb"},
    "screen": {"TERM": "screen", "STY": "1"},
    "tmux": TMUX,
    "tmux in ghostty": {**GHOSTTY, **TMUX},
    "tmux in windows": {**WINDOWS, **TMUX},
    "zellij in wezterm": {**WEZTERM, "ZELLIJ": "0"},
    "kitty": KITTY,
    "kitty from vte": {**VTE, **KITTY},
    "alacritty from windows": {**WINDOWS, "TERM": "alacritty"},
    "xterm from vte": {**VTE, "XTERM_VERSION": "XTerm(379)"},
    "konsole from vte": {**VTE, "KONSOLE_VERSION": "240800"},
    "jetbrains from vte": {**VTE, "TERMINAL_EMULATOR": "JetBrains-JediTerm"},
    "vscode from windows": {**WINDOWS, **XTERM, "TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.99.0"},
    "emacs from vte": {**VTE, "INSIDE_EMACS": "31,vterm"},
    "old iterm, which notifies": {**ITERM, "TERM_PROGRAM_VERSION": "3.6.5"},
    "old ghostty": {**GHOSTTY, "TERM_PROGRAM_VERSION": "1.1.3"},
    "ghostty over ssh": {"TERM": "xterm-ghostty"},
    "old wezterm": {**WEZTERM, "TERM_PROGRAM_VERSION": "20240203-110809-5046fc22"},
    "old vte": {**XTERM, "VTE_VERSION": "7800"},
}


@pytest.mark.parametrize("env", SHOWN.values(), ids=SHOWN)
def test_terminals_that_show_a_share(env: dict[str, str]) -> None:
    """These terminals show the share on a tab or in the task bar."""
    assert features(env).taskbar


@pytest.mark.parametrize("env", NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_no_other_terminal_gets_a_stray_byte(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Other terminals get colours, cursor movements and erasing only, whatever is inherited from the one around."""
    paper.on_terminal(env, monkeypatch)
    written = _life(Bars(screen := Paper()), screen)

    assert "\x1b]" not in written
    assert set(re.findall(r"\x1b\[[0-9?;]*[a-zA-Z]", written)) - SYNCHRONIZED <= USUAL
    assert re.sub(r"\x1b\[[0-9?;]*[a-zA-Z]|[\r\n]", "", written).isprintable()


SYNCHRONIZED = {"\x1b[?2026h", "\x1b[?2026l"}
USUAL = {"\x1b[?25l", "\x1b[?25h", "\x1b[?7l", "\x1b[?7h", "\x1b[K", "\x1b[J", "\x1b[C", "\x1b[1A"}
USUAL |= {"\x1b[0m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"}


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        *((env, True) for env in (GHOSTTY, ITERM, WEZTERM, KITTY, {"TERM": "foot"}, {"TERM": "alacritty"})),
        *((env, False) for env in (TMUX, {**KITTY, **TMUX}, {**KITTY, "ZELLIJ": "0"}, XTERM, VTE, {"TERM": "linux"})),
        ({**TMUX, "TERM_PROGRAM_VERSION": "3.3a"}, False),
        ({**TMUX, "TERM_PROGRAM_VERSION": "3.7"}, True),
        ({**TMUX, "TERM_PROGRAM_VERSION": "next-3.8"}, True),
    ],
)
def test_frames_are_synchronized_where_that_is_known(
    env: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that can hold its picture back gets each frame between two marks; in tmux only a new one does."""
    paper.on_terminal(env, monkeypatch)
    _life(Bars(screen := Paper()), screen)

    assert {text.startswith("\x1b[?2026h") and text.endswith("\x1b[?2026l") for text in screen.writes} == {expected}


@pytest.mark.parametrize("way", ["end", "hide", "stop"])
def test_every_way_out_clears_the_share(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last bar, for a question, and at the end of the display no share is left on the tab."""
    paper.on_terminal(WINDOWS, monkeypatch)
    screen = Paper()
    bars = Bars(screen)
    bars.open(1, n=50)
    bars.draw()
    assert _reports(screen) == [(1, 50)]
    if way == "end":
        bars.end(1, "failed")
        bars.draw()
    else:
        getattr(bars.sink, way)(*[1.0] * (way == "stop"))

    assert _reports(screen)[-1] == (0, 0)


def test_a_share_is_reported_once_for_each_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar of a million steps makes a hundred reports, and the text beside it none."""
    paper.on_terminal(WINDOWS, monkeypatch)
    screen = Paper()
    bars = Bars(screen)
    bars.open(1, total=1_000_000)
    for n in range(0, 1_000_000, 1000):
        bars.set(1, n=n)
        bars.draw()
        bars.sink.write("text")

    assert _reports(screen) == [(1, n) for n in range(100)]


BAR = Snapshot(1, n=50, total=100)


@pytest.mark.parametrize(
    ("s", "failed", "pauses", "expected"),
    [
        (BAR, False, True, "1;50"),
        (BAR._replace(n=500), False, True, "1;100"),
        (BAR._replace(total=None), False, True, "3;0"),
        (BAR._replace(paused=True), False, True, "4;50"),
        (BAR._replace(stalled=200.0), False, True, "4;50"),
        (BAR._replace(paused=True), False, False, "1;50"),
        (BAR, True, True, "2;50"),
    ],
)
def test_states_of_the_task_bar(s: Snapshot, failed: bool, pauses: bool, expected: str) -> None:
    """The task bar tells running, unknown, paused and failed apart, as far as the terminal does."""
    assert Taskbar(pauses=pauses).report(s, failed=failed, now=0.0) == f"\x1b]9;4;{expected}\x1b\\"


def test_a_terminal_that_forgets_is_told_again() -> None:
    """Ghostty takes a share away that is not repeated; no other terminal gets it twice."""
    forgetful, other = Taskbar(forgets=True), Taskbar()
    told = [
        [bar.report(BAR, failed=False, now=now) != "" for now in (1.0, 2.0, 10.9, 11.0, 12.0)]
        for bar in (forgetful, other)
    ]

    assert told == [[True, False, False, True, False], [True, False, False, False, False]]
    assert forgetful.report(None, failed=False, now=30.0) == "\x1b]9;4;0;0\x1b\\"
    assert forgetful.report(None, failed=False, now=60.0) == ""


def test_a_status_says_what_is_being_done() -> None:
    """On request a status panel is told the label, the message and the share."""
    status = Status()
    report = status.report(BAR._replace(desc="train", message="a:b;c"), failed=False)
    fields = dict(field.split("=", 1) for field in report.removeprefix("\x1b]7501;").removesuffix("\x1b\\").split(":"))

    assert (fields["state"], fields["app"], fields["progress"]) == ("working", "headway", "50")
    assert [base64.b64decode(fields[name]) for name in ("title", "msg")] == [b"train", b"a:b;c"]
    assert status.report(BAR._replace(desc="train", message="a:b;c"), failed=False) == ""
    assert "state=error:" in status.report(BAR, failed=True)


def test_options_overrule_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`taskbar=on` reports to any terminal, `taskbar=off` to none."""
    for env, wish, expected in (({}, "on", True), (WINDOWS, "off", False), (WINDOWS, "auto", True)):
        paper.on_terminal(env, monkeypatch)
        screen = Paper()
        _life(Bars(screen, sink_on(screen, taskbar=OPTIONS["taskbar"](wish))), screen)
        assert bool(_reports(screen)) is expected


@pytest.mark.parametrize(
    ("option", "value"), [("width", 0), ("width", "wide"), ("colour", "red"), ("ascii", "2"), ("taskbar", True), ("status", "")]
)  # fmt: skip
def test_wrong_options_are_refused(option: str, value: Any) -> None:
    """A value that cannot be is refused."""
    with pytest.raises(ValueError):
        OPTIONS[option](value)


def test_options_are_read_from_a_query() -> None:
    """Texts of a query and the objects of code mean the same."""
    assert [OPTIONS["colour"](value) for value in ("on", "1", "true", True)] == [True] * 4
    assert [OPTIONS["ascii"](value) for value in ("off", "0", "False", False)] == [False] * 4
    assert OPTIONS["width"]("12") == 12


def _life(bars: Bars, screen: Any) -> str:
    """A display with bars of every kind, to its end."""
    bars.open(1, n=10)
    bars.open(2, 1, total=None)
    bars.draw()
    bars.set(1, paused=True)
    bars.draw()
    bars.sink.write("text")
    bars.end(2, "failed", leave=True)
    bars.draw()
    bars.sink.hide()
    bars.show()
    bars.end(1, n=100)
    bars.draw()
    bars.sink.stop(1.0)
    return "".join(screen.writes)


def _reports(screen: Any) -> list[tuple[int, int]]:
    found = re.findall(r"\x1b\]9;4;(\d);(\d+)\x1b\\", "".join(screen.writes))
    return [(int(state), int(percent)) for state, percent in found]
