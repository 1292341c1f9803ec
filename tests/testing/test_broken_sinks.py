"""The conformance kit finds what is wrong with a sink: each of these has one mistake, and the test that is to find it."""

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from headway.testing import NothingConformance, Screen

pytest.importorskip("pyte")

NOTES = '''
    import os, sys, threading, time
    from headway.sink import PerBar, Renderer
    kept = []
    class Notes(PerBar):
        """Writes the ends of bars into a file."""
        def __init__(self, context): self.file = open("notes.txt", "a")
        def close(self, snapshot): self.file.write(f"{snapshot.desc} {snapshot.state}\\n")
        def write(self, text): self.file.write(f"{text}\\n")
        def stop(self, within): self.file.close()
    class Mine(Notes):
    CHANGE
    def read(value): raise KeyError(value)
    renderer = Renderer(Mine, protocol=2, draws="nothing", interval=0.05, options=OPTIONS)
'''


def kit_of(kind: Any, folder: Path, sink: str, change: str, options: str = "{}") -> Any:
    """Return the kit of a sink that is changed so."""
    file = folder / "mine.py"
    changed = textwrap.indent(textwrap.dedent(change).strip() or "pass", " " * 8).lstrip()
    text = sink.replace("    CHANGE", f"    {' ' * 4}{changed}").replace("OPTIONS", options)
    file.write_text(textwrap.dedent(text))
    return type("Kit", (kind,), {"backend": str(file)})()


def run(kit: Any, test: str) -> None:
    """Run one test of a kit."""
    kit.setup_method()
    try:
        getattr(kit, test)()
    finally:
        kit.teardown_method()


NOTHING = {
    "writes past its stream": (
        "def close(self, snapshot): super().close(snapshot); print('closed', file=sys.stderr)",
        ("test_nothing_is_drawn", "nothing is written but DONE"),
    ),
    "forgets what it holds": (
        "def stop(self, within): os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())",
        ("test_every_way_out_delivers_all_bars", "all bars are shown"),
    ),
    "raises at its end": (
        "def stop(self, within): super().stop(within); raise RuntimeError('no ink')",
        ("test_every_way_out_delivers_all_bars", "the renderer raises nothing"),
    ),
    "leaks a thread": (
        """
        def __init__(self, context):
            super().__init__(context)
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        """,
        ("test_a_sink_takes_its_threads_and_files_with_it", "do not become more"),
    ),
    "leaks a file": (
        "def stop(self, within): self.file.flush(); kept.append(self.file)",
        ("test_a_sink_takes_its_threads_and_files_with_it", "do not become more"),
    ),
    "slow with many bars": (
        "def frame(self, frame): super().frame(frame); [[None for b in frame.bars] for a in frame.bars for c in range(9)]",
        ("test_one_twenty_and_two_hundred_bars_at_once", "200 bars take 30 x of 20 at most"),
    ),
    "loses a bar": (
        "def close(self, snapshot): snapshot.leave and snapshot.desc != 'beta' and super().close(snapshot)",
        ("test_empty_bars_are_shown", "there is no \\['beta'\\]"),
    ),
}


def test_a_sink_without_a_mistake_passes(tmp_path: Path) -> None:
    """The sink that the others are made from is right: their mistakes are what is found."""
    kit = kit_of(NothingConformance, tmp_path, NOTES, "")
    for test in sorted({test for _, (test, _) in NOTHING.values()}):
        run(kit, test)


@pytest.mark.parametrize("mistake", NOTHING)
def test_a_mistake_of_a_sink_that_draws_nothing_is_found(tmp_path: Path, mistake: str) -> None:
    """The failure names the promise."""
    change, (test, promise) = NOTHING[mistake]
    kit = kit_of(NothingConformance, tmp_path, NOTES, change)

    with pytest.raises(AssertionError, match=promise):
        run(kit, test)


def test_a_reader_of_an_option_that_raises_something_else_is_found(tmp_path: Path) -> None:
    """A `KeyError` is no answer to a wrong value."""
    kit = kit_of(NothingConformance, tmp_path, NOTES, "", "{'ink': read}")

    with pytest.raises(AssertionError, match=r"(?s)only ValueError and TypeError are raised.*WRONG ink"):
        run(kit, "test_options_refuse_what_they_cannot_read")


def test_what_a_kill_leaves_torn_is_found(tmp_path: Path) -> None:
    """A file that is whole only at the end cannot be read after a kill."""

    class Whole(NothingConformance):
        def delivered(self, screen: Screen) -> str:
            return str(json.loads((self.folder / "notes.txt").read_text()))

    kit = kit_of(Whole, tmp_path, NOTES, "def open(self, snapshot): self.file.write('{'); self.file.flush()")

    with pytest.raises(json.JSONDecodeError):
        run(kit, "test_after_a_kill_the_rest_can_be_read")
