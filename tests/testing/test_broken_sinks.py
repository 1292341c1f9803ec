"""The conformance kit finds what is wrong with a sink: each of these has one mistake, and the test that is to find it."""

import json
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from headway.testing import CellConformance, LinesConformance, NothingConformance, RowsConformance, Screen

pytest.importorskip("pyte")

ROOT = Path(__file__).parents[2]
NOTES = """
import os, sys, threading, time
from headway.sink import PerBar, Renderer
kept = []
class Right(PerBar):
    def __init__(self, context): self.file = open("notes.txt", "a")
    def close(self, snapshot): self.file.write(f"{snapshot.desc} {snapshot.state}\\n")
    def write(self, text): self.file.write(f"{text}\\n")
    def stop(self, within): self.file.close()
"""
LINES = """
import sys
from headway.sink import PerBar, Renderer
class Right(PerBar):
    def __init__(self, context): self.stream = context.stream
    def close(self, snapshot): self.put(f"{snapshot.desc} {snapshot.n} {snapshot.state}")
    def write(self, text): self.put(text)
    def put(self, text): self.stream.write(f"{text}\\n"); self.stream.flush()
"""
PAGE = (ROOT / "tests" / "support" / "page.py").read_text() + "\nimport sys\nclass Right(PageSink): pass\n"
DOTS = (
    ROOT / "examples" / "headway-dots" / "headway_dots.py"
).read_text() + "\nimport sys\nclass Right(DotsSink): pass\n"
MINE = """
class Mine(Right):
{change}
renderer = Renderer(Mine, protocol=2, {fields})
"""


class Page(CellConformance):
    """The page of the tests."""

    def delivered(self, screen: Screen) -> str:
        """All pages."""
        return screen.raw


class Kind(NamedTuple):
    """A kind of sinks: its kit, one that is right, and the fields of its renderer."""

    kit: Any
    right: str
    fields: str


KINDS = {
    "nothing": Kind(NothingConformance, NOTES, "draws='nothing', interval=0.05"),
    "lines": Kind(LinesConformance, LINES, "draws='lines', interval=0.05"),
    "cell": Kind(Page, PAGE, "draws='cell', max_bars=5"),
    "rows": Kind(RowsConformance, DOTS, "draws='rows', max_bars=1"),
}
MISTAKES = {
    "nothing that writes past its stream": (
        "def close(self, snapshot): super().close(snapshot); print('closed', file=sys.stderr)",
        ("test_nothing_is_drawn", "nothing is written but DONE"),
    ),
    "nothing that forgets what it holds": (
        "def stop(self, within): os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())",
        ("test_every_way_out_delivers_all_bars", "all bars are shown"),
    ),
    "nothing that raises at its end": (
        "def stop(self, within): super().stop(within); raise RuntimeError('no ink')",
        ("test_every_way_out_delivers_all_bars", "the renderer raises nothing"),
    ),
    "nothing that leaks a thread": (
        """
        def __init__(self, context):
            super().__init__(context)
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        """,
        ("test_a_sink_takes_its_threads_and_files_with_it", "do not become more"),
    ),
    "nothing that leaks a file": (
        "def stop(self, within): self.file.flush(); kept.append(self.file)",
        ("test_a_sink_takes_its_threads_and_files_with_it", "do not become more"),
    ),
    "nothing that is slow with many bars": (
        "def frame(self, frame): super().frame(frame); [[None for b in frame.bars] for a in frame.bars for c in range(20)]",
        ("test_one_twenty_and_two_hundred_bars_at_once", "200 bars take 30 x of 20 at most"),
    ),
    "nothing that loses a bar": (
        "def close(self, snapshot): snapshot.desc != 'Beta' and super().close(snapshot)",
        ("test_empty_bars_are_shown", "there is no .'Beta'."),
    ),
    "nothing that is torn by a kill": (
        "def open(self, snapshot): self.file.write('{'); self.file.flush()",
        ("test_after_a_kill_the_rest_can_be_read", "Expecting property name"),
    ),
    "lines that are not flushed": (
        "def put(self, text): self.stream.write(f'{text}\\n')",
        ("test_lines_are_out_at_once", "the bar is in the file"),
    ),
    "lines with control characters": (
        "def put(self, text): super().put(f'\\x1b[1m{text}')",
        ("test_lines_are_whole_and_clean", "no control characters"),
    ),
    "lines without an end": (
        "def put(self, text): self.stream.write(f'\\n{text}'); self.stream.flush()",
        ("test_lines_are_whole_and_clean", "stands alone on its line"),
    ),
    "lines past their stream": (
        "def put(self, text): super().put(text); print('put', file=sys.stderr)",
        ("test_nothing_is_written_past_its_stream", "nothing is on standard error"),
    ),
    "lines that hide how it ended": (
        "def close(self, snapshot): self.put(f'{snapshot.desc} {snapshot.n} over')",
        ("test_each_ending_looks_different", "all endings look different"),
    ),
    "lines that leave the end out": (
        "def frame(self, frame): frame.opened and super().frame(frame)",
        ("test_one_that_is_slow_shows_the_end", "all bars are shown"),
    ),
    "lines that leave a hook": (
        "def open(self, snapshot): sys.excepthook = print",
        ("test_everything_is_as_before", "the program ends with status 0"),
    ),
    "a cell that waits for news": (
        "def frame(self, frame): (frame.changed or frame.ended) and super().frame(frame)",
        ("test_the_newest_is_shown_at_once", "all bars are shown"),
    ),
    "a cell with one bar": (
        "def frame(self, frame): super().frame(frame._replace(bars=frame.bars[:1]))",
        ("test_nested_bars_are_shown_together", "all bars are shown"),
    ),
    "a cell that hides how it ended": (
        "def frame(self, frame): super().frame(frame._replace(ended=tuple(s._replace(state='stopped') for s in frame.ended)))",
        ("test_each_ending_looks_different", "looks not as"),
    ),
    "a cell that clears the screen": (
        "def frame(self, frame): self._stream.write('\\x1b[2J'); super().frame(frame)",
        ("test_text_is_shown_safely", "do not reach the terminal"),
    ),
    "rows that hide the cursor": (
        "def open(self, snapshot): self._stream.write('\\x1b[?25l'); super().open(snapshot)",
        ("test_a_finished_loop_shows_all_of_it", "the cursor is visible"),
    ),
    "rows that do not make way": (
        "def hide(self): pass",
        ("test_suspend_gives_the_terminal_away", "text written meanwhile is whole"),
    ),
    "rows that are too long": (
        "def update(self, snapshot): self._row = snapshot.desc * 20; self._put(self._row)",
        ("test_narrow_and_wide_terminals", "one row for each bar is left at 20 columns"),
    ),
    "rows that come late": (
        "def open(self, snapshot): pass",
        ("test_first_frame_is_out_soon", "the first frame is drawn at once"),
    ),
    "rows that hide how it ended": (
        "def close(self, snapshot): super().close(snapshot._replace(state='stopped'))",
        ("test_each_ending_looks_different", "all endings look different"),
    ),
    "rows that are written over": (
        "def write(self, text): self._put(text)",
        ("test_rare_sequences_do_not_tear_the_rows", "all lines are there, whole and in order"),
    ),
    "rows past their stream": (
        "def close(self, snapshot): super().close(snapshot); sys.stderr and print('closed', file=sys.stderr)",
        ("test_nothing_is_written_past_its_stream", "nothing is on standard error"),
    ),
}
"""The change to a sink that is right, with the test that finds it and the words of its failure, by kind and mistake."""


class Torn:
    """Reads back a file of one JSON document."""

    folder: Path

    def delivered(self, screen: Screen) -> str:
        """The document."""
        return str(json.loads((self.folder / "notes.txt").read_text()))


def kit_of(kind: Kind, folder: Path, change: str = "pass", fields: str = "") -> Any:
    """Return the kit of a sink that is changed so."""
    file = folder / "mine.py"
    changed = textwrap.indent(textwrap.dedent(change).strip(), "    ")
    file.write_text(kind.right + MINE.format(change=changed, fields=", ".join(filter(None, (kind.fields, fields)))))
    bases = (Torn, kind.kit) if "'{'" in change else (kind.kit,)
    return type("Kit", bases, {"backend": str(file)})()


def run(kit: Any, test: str) -> None:
    """Run one test of a kit."""
    kit.setup_method()
    try:
        getattr(kit, test)()
    finally:
        kit.teardown_method()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(tmp_path: Path, mistake: str) -> None:
    """The failure names the promise."""
    change, (test, promise) = MISTAKES[mistake]
    kind = next(kind for word, kind in KINDS.items() if word in mistake.partition(" that ")[0].split())

    with pytest.raises((AssertionError, json.JSONDecodeError), match=promise):
        run(kit_of(kind, tmp_path, change), test)


@pytest.mark.parametrize("word", ["nothing", "lines"])
def test_the_sinks_that_they_are_made_from_are_right(tmp_path: Path, word: str) -> None:
    """The same tests pass without the mistakes. The page and the dots go through their kits elsewhere."""
    tests = {test for mistake, (_, (test, _)) in MISTAKES.items() if word in mistake.split()}
    kit = kit_of(KINDS[word], tmp_path)
    for test in sorted(tests):
        run(kit, test)


def test_a_reader_of_an_option_that_raises_something_else_is_found(tmp_path: Path) -> None:
    """A `KeyError` is no answer to a wrong value."""
    kit = kit_of(KINDS["nothing"], tmp_path, fields="options={'ink': {}.__getitem__}")

    with pytest.raises(AssertionError, match=r"(?s)only ValueError and TypeError are raised.*WRONG ink"):
        run(kit, "test_options_refuse_what_they_cannot_read")
