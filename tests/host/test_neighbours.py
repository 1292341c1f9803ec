"""Bars that alive-progress and progressbar2 draw themselves beside headway's rows: no frame of either takes a line."""

import io
from types import SimpleNamespace
from typing import Any

import pytest

from headway.choosing.discovery import installed
from headway.host.stream import beneath
from headway.testing import run_in_terminal

pytest.importorskip("alive_progress")
pytest.importorskip("progressbar")

INSIDE = {
    "alive": """
        import time, headway
        from alive_progress import alive_bar
        for i in headway.track(range(2), desc="ours"):
            with alive_bar(12, title="theirs") as bar:
                for j in range(12):
                    time.sleep(0.02)
                    bar()
                    if j == 6: print("line", i)
    """,
    "progressbar2": """
        import time, headway, progressbar
        for i in headway.track(range(2), desc="ours"):
            for j in progressbar.progressbar(range(12), prefix="theirs "):
                time.sleep(0.02)
                if j == 6: print("line", i)
    """,
    "progressbar2, imported later, which holds back what is printed": """
        import time, headway
        for i in headway.track(range(2), desc="ours"):
            import progressbar
            for j in progressbar.ProgressBar(prefix="theirs ", redirect_stdout=True)(range(12)):
                time.sleep(0.02)
                if j == 6: print("line", i)
    """,
}
AROUND = {
    "alive": """
        import time, headway
        from alive_progress import alive_bar
        with alive_bar(2, title="theirs") as bar:
            for i in range(2):
                for j in headway.track(range(12), desc="ours"):
                    time.sleep(0.02)
                    if j == 6: print("line", i)
                bar()
    """,
    "progressbar2": """
        import time, headway, progressbar
        streams = dict(redirect_stdout=True, redirect_stderr=True)
        for i in progressbar.progressbar(range(2), **streams):
            for j in headway.track(range(12), desc="ours"):
                time.sleep(0.02)
                if j == 6: print("line", i)
    """,
}
BACKENDS = ["rows", *(name for name in ("tqdm", "alive", "progressbar2", "rich") if name in installed())]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", INSIDE)
def test_a_bar_inside_leaves_its_last_frame_alone(name: str, backend: str) -> None:
    """Even a row of progressbar2's that is wider than the terminal takes no more than its last frame does."""
    screen = run_in_terminal(INSIDE[name], columns=50, env={"HEADWAY_BACKEND": backend})

    assert screen.status == 0, str(screen)
    assert [row for row in screen.rows if "line" in row or "theirs" in row][::2] == ["line 0", "line 1"], str(screen)
    assert len(screen.rows_with("theirs")) == 2, str(screen)
    assert len(screen.rows_with("ours")) == 1, str(screen)
    assert screen.rows[-1].startswith("ours"), str(screen)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", AROUND)
def test_a_bar_around_makes_no_lines_of_the_rows_inside(name: str, backend: str) -> None:
    """Their stand-ins for the streams keep texts until there is a line; rows are drawn past them."""
    screen = run_in_terminal(AROUND[name], columns=90, env={"HEADWAY_BACKEND": backend})

    assert screen.status == 0, str(screen)
    assert screen.rows_with("line") == ["line 0", "line 1"], str(screen)
    assert len(screen.rows_with("ours")) == 2, str(screen)
    assert len(screen.rows) == 5, str(screen)


def test_their_stand_ins_lead_to_the_stream() -> None:
    """The stream beneath is found under each kind, and under several."""
    from alive_progress.core.hook_manager import BaseHook
    from progressbar.utils import WrappingIO

    stream: Any = io.StringIO()
    assert beneath(stream) is stream
    assert beneath(BaseHook(stream)) is stream  # type: ignore[no-untyped-call]
    assert beneath(BaseHook(WrappingIO(stream))) is stream  # type: ignore[no-untyped-call]
    assert beneath(SimpleNamespace(__wrapped__=stream)) is stream


def test_progressbar2_has_its_streams_back() -> None:
    """After the last row progressbar2 holds the very objects from before."""
    screen = run_in_terminal(
        """
        import sys, headway, progressbar, progressbar.multi
        from progressbar.bar import DefaultFdMixin
        streams = progressbar.streams
        def held():
            return [streams.original_stdout, streams.original_stderr, *DefaultFdMixin.__init__.__defaults__,
                    progressbar.MultiBar.__init__.__defaults__[1]]
        before = held()
        with progressbar.ProgressBar(max_value=2) as outer:
            outer.update(1)
            for _ in headway.track(range(2), desc="ours"):
                assert DefaultFdMixin.__init__.__defaults__[0].__wrapped__ is before[1]
            assert all(a is b for a, b in zip(before, held()))
            assert outer.fd is sys.stderr is sys.__stderr__
        """,
        env={"HEADWAY_BACKEND": "rows"},
    )

    assert screen.status == 0, str(screen)
