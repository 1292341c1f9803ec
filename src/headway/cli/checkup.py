"""The report of one backend that was tried in a sandbox, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from headway.choosing import discovery
from headway.choosing.wishes import Wish, is_file, parse
from headway.cli import sandbox, trial
from headway.drawing.pacing import BUDGET
from headway.errors import HeadwayError, UnknownBackendError
from headway.format import discreet, written

__all__ = ["run"]

STEPS = {
    "load": "loading the plugin",
    "make": "making the sink",
    "opens": "opening a bar",
    "advances": "advancing a bar",
    "write": "writing a text",
    "hide": "making way",
    "show": "coming back",
    "ends": "ending a bar",
    "stop": "ending the sink",
    "end": "ending the process",
}
"""Each step of a trial, in words."""
WIDE = max(map(len, STEPS.values()))
HIDES, SHOWS = "\x1b[?25l", "\x1b[?25h"
PLACES = {
    "rows": "rows on a terminal",
    "cell": "a cell of a notebook",
    "lines": "lines at the end of a stream",
    "nothing": "nothing; it writes files, sends messages or logs",
}
BARS = {
    None: "all bars",
    1: "one bar, with all others in it",
    "lines": "as many bars as the terminal has lines for, and counts the others",
}


def run(text: str) -> int:
    """Try a backend, print the report, and return the exit status.

    Args:
        text: Its name, with options as in `HEADWAY_BACKEND`.

    Raises:
        HeadwayError: It is none, or there are several.
    """
    wish = _wish(text)
    print(_safe(f"{text}{_brought(wish.name)}"))
    checkup = Checkup(wish.name, sandbox.run(trial.__name__, text, terminal=True))
    print("\n".join(map(_safe, checkup.lines())))
    return 1 if checkup.flaws else 0


def _safe(line: str) -> str:
    return written(discreet(line), colours=False)


def _wish(text: str) -> Wish:
    try:
        wishes = parse(text)
    except ValueError as error:
        raise HeadwayError(str(error)) from error
    if len(wishes) > 1:
        raise HeadwayError(f"{text!r} names several backends; the doctor tries one at a time.")
    if wishes[0].name == discovery.OFF:
        raise HeadwayError("'off' shows nothing; there is nothing to try.")
    if not is_file(wishes[0].name) and wishes[0].name not in discovery.names():
        raise UnknownBackendError(wishes[0].name, discovery.names())
    return wishes[0]


def _brought(name: str) -> str:
    return "" if is_file(name) else f", of {discovery.brought_by(name)}"


class Checkup:
    """What is to be said of a trial.

    Args:
        name: The backend.
        outcome: The trial's end.
    """

    def __init__(self, name: str, outcome: sandbox.Outcome) -> None:
        self._outcome = outcome
        self._entries = outcome.entries
        self._about = next((entry["renderer"] for entry in outcome.entries if "renderer" in entry), None)
        self._written = _written(outcome.output)
        self._trace = ""
        self.flaws = [*self._failure(), *self._neglected()]
        """All that is wrong, a sentence or more each."""
        cure = discovery.cure(name)
        if cure and not any("pip install" in flaw for flaw in self.flaws):
            self.flaws.append(f"it needs what is not installed.{cure}")

    def lines(self) -> Iterator[str]:
        """Yield the report."""
        yield from (f"  {line}" for line in self._description())
        yield ""
        yield from (f"  {line}" for line in self._times())
        yield from self._screens()
        if self._trace:
            yield ""
            yield from (f"  {line}".rstrip() for line in self._trace.splitlines())
        yield ""
        if not self.flaws:
            yield "Nothing is wrong. The tests of headway.testing ask for more."
        for flaw in self.flaws:
            yield f"Wrong: {flaw}"

    def _description(self) -> Iterator[str]:
        about = self._about
        if about is None:
            return
        yield f"draws {PLACES[about['draws']]}"
        bars = BARS.get(about["max_bars"]) or f"{about['max_bars']} bars at most"
        yield f"shows {bars}, a frame each {about['interval']:g} s at most"
        yield f"options: {', '.join(about['options'])}"
        if about["library"]:
            yield f"library: {discovery.version(about['library'])}"

    def _times(self) -> Iterator[str]:
        modules = next((entry["modules"] for entry in self._entries if "modules" in entry), 0)
        for step, words in STEPS.items():
            times = [entry["seconds"] for entry in self._entries if entry.get("done") == step]
            if times:
                more = f" (with {modules} module{'' if modules == 1 else 's'})" if step == "load" else ""
                yield f"{words:<{WIDE}}  {_seconds(median(times)):>8}{more}{self._pace(step, median(times))}"
            elif self._failed_at == step:
                yield f"{words:<{WIDE}}    failed"

    def _pace(self, step: str, frame: float) -> str:
        """Tell of frames that are too slow for the interval: they get a share of the time only."""
        about = self._about
        if step != "advances" or about is None or about["draws"] != "rows" or frame <= about["interval"] * BUDGET:
            return ""
        return f" (so that there is a frame each {frame / BUDGET:.2g} s: drawing gets {BUDGET:.0%} of the time)"

    @property
    def _failed_at(self) -> str:
        failed = [str(entry["failed"]) for entry in self._entries if "failed" in entry]
        return failed[0] if failed else self._outcome.step if self._outcome.flaw else ""

    def _failure(self) -> Iterator[str]:
        during = f"while {STEPS.get(self._failed_at, 'Python was started')}"
        for entry in self._entries:
            if "warned" in entry:
                yield str(entry["warned"])
            if "failed" in entry:
                self._trace = entry["trace"]
                yield entry["error"].partition(": ")[2] if entry["told"] else f"it raised {entry['error']} {during}."
            if "unfit" in entry:
                yield "it draws rows, and there is no terminal to try it on."
        if self._outcome.flaw:
            self._trace = self._outcome.trace
            yield f"it {self._outcome.flaw} {during}."

    def _neglected(self) -> Iterator[str]:
        """Tell of calls that came back, and did not do what they are for."""
        about = self._about
        if about is None or self._failed_at or about["draws"] not in ("rows", "lines"):
            return
        if not any(self._drawn(step).strip() for step in ("opens", "advances", "ends")):
            yield "it has written nothing of a bar on its stream."
        if trial.TEXT not in self._drawn("write"):
            yield (
                "its call write has not written the text: all that a program prints while a row is drawn comes that "
                "way, and is lost. See docs/writing-a-renderer.md."
            )
        if self._outcome.output.rfind(HIDES) > self._outcome.output.rfind(SHOWS):
            yield "it leaves the cursor hidden."

    def _drawn(self, *steps: str) -> str:
        """Return the text that was written on the terminal in some steps."""
        return "".join(text for step, text in self._written if step in steps)

    def _until(self, last: str) -> str:
        """Return all that was written up to a step and in it; nothing if it was not come to."""
        at = max((at for at, (step, _) in enumerate(self._written) if step == last), default=-1)
        return "".join(text for _, text in self._written[: at + 1])

    def _screens(self) -> Iterator[str]:
        """Yield the rows of the terminal."""
        moments = {"While the bars advance:": "advances", "At the end:": "end"}
        if self._failed_at:
            moments = {"On the terminal by then:": self._written[-1][0]}
        for words, last in moments.items():
            if rows := _rows(self._until(last)):
                yield ""
                yield words
                yield from (f"  │{row}" for row in rows)


def _written(output: str) -> list[tuple[str, str]]:
    """Return the texts between the marks, each with the step that it was written in."""
    first, *pieces = re.split(re.escape(trial.MARK).replace(r"\{\}", "([a-z]+)"), output)
    return [("load", first), *zip(pieces[::2], pieces[1::2], strict=True)]


def _rows(output: str) -> list[str]:
    """Return the rows that a text leaves on a terminal; none if there is nothing to read them with."""
    try:
        import pyte  # an extra: headway[testing]

        from headway.testing.scrollback import Scrollback
    except ImportError:
        return []
    screen = Scrollback(sandbox.COLUMNS, sandbox.LINES)
    pyte.Stream(screen).feed(output)
    rows = [written(row.rstrip(), colours=False) for row in screen.display]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
