"""Whatever a program does with bars, in whatever order: the sinks are told in order, and the truth."""

from __future__ import annotations

import io
import json
import math
import os
import warnings
from typing import Any

import pytest

import headway
from headway import format as fmt
from headway.drawing.hub import hub
from headway.errors import HeadwayError, HeadwayWarning
from headway.reporting.bar import Bar
from headway.testing import Oracle, wander, watch

pytest.importorskip("hypothesis")

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

EXAMPLES = 2000 if os.environ.get("HEADWAY_FULL") == "1" else 60
"""Programs and texts that are drawn; more of them by the environment variable."""

PIECES = st.sampled_from(
    [
        "\x1b[",
        "\x1b]0;",
        "\x1b]52;c;",
        "\x07",
        "\x1b\\",
        "\x9b",
        "\x9d",
        "\x9c",
        "\x1bP",
        "\x1b",
        "2J",
        "31m",
        "\n",
        "\r\n",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "é",
        "́" * 50,
        "训练",
        "👩\u200d💻",
        "�",
        "{0}",
        "[/b]",
        "%s",
        "\x00",
        "x",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=12).map("".join)
COUNTS = st.one_of(st.integers(0, 1000), st.floats(0, 1e6), st.just(10**30), st.just(5e-324))
STEPS = st.one_of(st.integers(-50, 1000), st.floats(-10, 1e6))
TOTALS = st.one_of(st.none(), COUNTS, st.just(math.inf))
BAD = st.sampled_from([-1, math.nan, -math.inf, 10**400, "5", b"5", 1j, None, [], {}, object()])
VALUES = st.one_of(
    st.floats(), st.integers(-(2**70), 2**70), TEXTS, st.none(), st.just(lambda: 1 / 0), st.just(10**400)
)
ENDS: dict[str, Any] = {
    "close": lambda bar: bar.close(),
    "stop": lambda bar: bar.stop("why\nnot"),
    "fail": lambda bar: bar.fail("\x1b[31m"),
    "with": lambda bar: bar.__exit__(None, None, None),
    "error": lambda bar: bar.__exit__(ValueError, ValueError("\x1b]0;x\x07"), None),
    "interrupt": lambda bar: bar.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None),
}


class Programs(RuleBasedStateMachine):
    """A program that reports progress, and what is known of its bars without asking them."""

    bars = Bundle("bars")

    def __init__(self) -> None:
        super().__init__()
        self.oracle = Oracle()
        self._recording = hub.recording(self.oracle)
        self._recording.__enter__()
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore", HeadwayWarning)
        self.n: dict[int, float] = {}
        self.totals: dict[int, float | None] = {}
        self.open: list[Bar] = []
        self.entered: list[Bar] = []
        self.known: list[Bar] = []
        self.ends: dict[int, str] = {}

    @rule(
        target=bars,
        total=TOTALS,
        desc=TEXTS,
        unit=TEXTS,
        initial=COUNTS,
        leave=st.sampled_from([None, True]),
        entered=st.booleans(),
    )
    def opens(self, *, total: Any, desc: str, unit: str, initial: Any, leave: Any, entered: bool) -> Any:
        """Open a bar inside of the innermost one whose block was entered."""
        if len(self.open) >= 6:
            return multiple()
        bar = headway.get_bar(total, desc=desc, unit=unit, name=desc or "nameless", initial=initial, leave=leave)
        around = [each for each in self.entered if each in self.open]
        assert bar.parent is (around[-1] if around else None)
        if entered:
            bar.__enter__()
            self.entered.append(bar)
        self.n[bar.id] = initial
        self.totals[bar.id] = None if total == math.inf else total
        self.open.append(bar)
        self.known.append(bar)
        return bar

    @rule(bar=bars, n=STEPS)
    def updates(self, bar: Bar, n: float) -> None:
        """Count on."""
        bar.update(n)
        if bar in self.open:
            self.n[bar.id] += n

    @rule(bar=bars, n=COUNTS)
    def sets(self, bar: Bar, n: float) -> None:
        """Say how many there are."""
        bar.set(n)
        if bar in self.open:
            self.n[bar.id] = n

    @rule(bar=bars, total=TOTALS)
    def changes_total(self, bar: Bar, total: Any) -> None:
        """Change the total."""
        bar.total = total
        if bar in self.open:
            self.totals[bar.id] = None if total == math.inf else total

    @rule(bar=bars, total=st.one_of(st.none(), COUNTS))
    def resets(self, bar: Bar, total: Any) -> None:
        """Start over."""
        bar.reset(total)
        if bar in self.open:
            self.n[bar.id] = 0
            self.totals[bar.id] = self.totals[bar.id] if total is None else total

    @rule(bar=bars, text=TEXTS, name=TEXTS, value=VALUES)
    def says(self, bar: Bar, text: str, name: str, value: Any) -> None:
        """Say more."""
        bar.desc = text
        bar.message(text)
        bar.metrics(**{name: value, "loss": 0.5})
        bar.write(text)
        headway.write(text)

    @rule(bar=bars, bad=BAD)
    def is_refused(self, bar: Bar, bad: Any) -> None:
        """Bad input is refused, and changes nothing."""
        for refused in (
            bar.update,
            bar.set,
            lambda n: headway.get_bar(initial=n),
            lambda n: headway.track([], initial=n),
        ):
            if refused == bar.update and bad in (-1, 10**400):  # it takes back; and no plain `int` is looked at
                continue
            with pytest.raises((TypeError, ValueError)) as caught:
                refused(bad)
            assert len(str(caught.value)) < 500
        for text in (5, None, b"x"):
            with pytest.raises(TypeError):
                bar.message(text)  # type: ignore[arg-type]
            with pytest.raises(TypeError):
                bar.desc = text  # type: ignore[assignment]

    @rule(bar=bars)
    def pauses(self, bar: Bar) -> None:
        """Pause, and resume or not."""
        with bar.pause():
            bar.message("paused")
        bar.pause()

    @rule(bar=bars)
    def resumes(self, bar: Bar) -> None:
        """Resume, paused or not."""
        bar.resume()

    @rule(source=bars, bar=bars)
    def loads(self, source: Bar, bar: Bar) -> None:
        """Save the state of one bar, and go on from it in another."""
        state = json.loads(json.dumps(source.state_dict()))
        try:
            bar.load_state_dict(state)
        except ValueError:
            assert not 0 <= self.n[source.id] <= 1e300
            return
        if bar in self.open:
            self.n[bar.id] = max(0, self.n[source.id])
            self.totals[bar.id] = self.totals[source.id]

    @rule(backend=st.sampled_from(["plain", "off", "events", "plain,events"]), wrong=TEXTS)
    def chooses(self, backend: str, wrong: str) -> None:
        """Choose another backend for a while; a wrong name is refused."""
        with headway.use(backend):
            pass
        with pytest.raises((HeadwayError, ValueError)):
            headway.use(f"no-such-{wrong}".replace(",", "").replace("?", ""))

    @rule(bar=bars, how=st.sampled_from(sorted(ENDS)))
    def ends_bar(self, bar: Bar, how: str) -> None:
        """End it, however often."""
        ENDS[how](bar)
        if bar in self.open:
            reached = self.totals[bar.id] is None or max(0, self.n[bar.id]) >= self.totals[bar.id] * (1 - 1e-9)  # type: ignore[operator]
            closed = "finished" if reached else "stopped"
            expected = {"stop": "stopped", "fail": "failed", "error": "failed", "interrupt": "interrupted"}
            self.ends[bar.id] = expected.get(how, closed)
            self.open.remove(bar)

    @rule(n=st.integers(0, 8), leave_at=st.one_of(st.none(), st.integers(0, 8)))
    def loops(self, n: int, leave_at: int | None) -> None:
        """Loop over some items, to the end or not."""
        track = headway.track(iter(range(n)), total=n, desc="loop")
        done = 0
        for i in track:
            if i == leave_at:
                break
            done += 1
        left = leave_at is not None and leave_at < n
        assert (done, "stopped" if left else "finished") == (track.bar.n, track.bar.state)

    @invariant()
    def the_truth_is_known(self) -> None:
        """Count, total and state are those of the model, and the oracle has nothing to complain of."""
        for bar in self.known:
            assert bar.n == pytest.approx(max(0, self.n[bar.id]), rel=1e-9, abs=1e-6)
            assert bar.total == self.totals[bar.id]
            assert bar.state == self.ends.get(bar.id, "running")
        self.oracle.check()

    def teardown(self) -> None:
        """Close what is open: then nothing of it is kept, and the last pictures are the truth."""
        try:
            for bar in reversed(self.open):
                bar.close()
            assert not self.oracle.open_ids
            for bar in self.known:
                assert self.oracle.closed[bar.id].n == min(bar.n, 1e300)
                assert self.oracle.closed[bar.id].state == bar.state
            assert not hub.display.bars
            assert not [view for view in hub.outlets if view.busy]
            assert not hub.display.open_ids
            self.oracle.check()
        finally:
            self._warnings.__exit__(None, None, None)
            self._recording.__exit__(None, None, None)


TestPrograms = Programs.TestCase
TestPrograms.settings = settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize("backend", ["plain", "events", "tqdm", "alive", "progressbar2", "rich"])
def test_renderers_are_told_in_order(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program drawn by lot, through each renderer into a stream: what it is told keeps all promises."""
    monkeypatch.setenv("HEADWAY_INTERACTIVE", "1")
    for seed in range(max(2, EXAMPLES // 20)):
        file = io.StringIO()
        monkeypatch.setattr("sys.stderr", file)
        with watch() as oracles, headway.use(backend):
            wander(seed, 60)

        assert oracles
        for bad in ("\x1b[2J", "\x1b]", "\x9b", "\x9d", "\u202e"):
            assert bad not in file.getvalue()


@given(TEXTS, st.integers(-5, 60))
@settings(max_examples=10 * EXAMPLES, deadline=None)
def test_text_is_made_safe(text: str, columns: int) -> None:
    """Any text becomes one safe row within its columns, and written text safe rows."""
    for clean in (fmt.clean(text), fmt.printable(text)):
        assert not [c for c in clean if c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff"]
        assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
        assert fmt.width(fmt.crop(clean, columns)) <= max(0, columns)
        assert fmt.printable(clean) == clean
    assert "\x1b" not in fmt.written(text, colours=False)
    coloured = fmt.written(text, colours=True)
    assert fmt.written(coloured, colours=True) == coloured
