"""Programs that redirect a descriptor under a bar, to catch what C libraries write."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
RENDERERS = ["rows", *[name for name in ("tqdm", "progressbar2", "alive", "rich") if find_spec(f"headway_{name}")]]

CAUGHT = """
import contextlib, headway, os, sys, threading, time
@contextlib.contextmanager
def caught(path, *descriptors):
    saved = [os.dup(descriptor) for descriptor in descriptors]
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for descriptor in descriptors: os.dup2(file, descriptor)
    os.close(file)
    try:
        yield
    finally:
        for before, descriptor in zip(saved, descriptors): os.dup2(before, descriptor)
"""


def show(code: str, folder: Path, backend: str) -> tuple[Screen, str]:
    """Run a program; return the screen, and what was caught in the file `out`."""
    program = f"{CAUGHT}\n{code.replace(chr(10) + '        ', chr(10))}\nprint('DONE')"
    screen = run_in_terminal(program, env={"HEADWAY_BACKEND": backend}, columns=100, cwd=folder)

    assert (screen.status, screen.rows[-1]) == (0, "DONE"), str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    out = folder / "out"
    return screen, out.read_text() if out.exists() else ""


@pytest.mark.parametrize("backend", RENDERERS)
def test_what_is_caught_is_what_the_program_wrote(backend: str, tmp_path: Path) -> None:
    """The file has the program's lines and no frame; afterwards the rows go on where they were."""
    screen, out = show(
        """
        with headway.get_bar(20, desc='work') as bar:
            print('line 0')
            for i in range(4):
                bar.update(5)
                with caught('out', 1, 2):
                    os.write(2, b'of the library\\n'); time.sleep(0.3); print('printed', i); bar.refresh()
            print('line 1')
        """,
        tmp_path,
        backend,
    )

    assert out == "".join(f"of the library\nprinted {i}\n" for i in range(4))
    assert screen.rows[:2] == ["line 0", "line 1"], str(screen)
    assert len(screen.rows_with("work")) == 1, str(screen)
    assert "100%" in screen.rows[2], str(screen)


@pytest.mark.parametrize("looks", ["leads_elsewhere", "leads_to_no_terminal"])
@pytest.mark.parametrize("backend", RENDERERS)
def test_no_frame_is_in_a_file_that_came_after_the_last_look(backend: str, looks: str, tmp_path: Path) -> None:
    """Another thread may redirect the descriptor after it was looked at for a frame or a write, and before that."""
    screen, out = show(
        f"""
        from headway.host import stream
        look, armed, over = stream.{looks}, threading.Event(), threading.Event()
        def looked(*about):
            found = look(*about)
            if armed.is_set() and not over.is_set() and threading.current_thread() is not threading.main_thread():
                manager.__enter__(); over.set()
            return found
        stream.{looks} = looked
        manager = caught('out', 1, 2)
        with headway.get_bar(20, desc='work') as bar:
            bar.update(5); bar.refresh(); armed.set()
            while not over.is_set(): bar.update(0); time.sleep(0.01)
            time.sleep(0.3); print('printed'); bar.update(15); manager.__exit__(None, None, None)
        """,
        tmp_path,
        backend,
    )

    assert out == "printed\n"
    assert [row for row in screen.rows if "work" in row and "100%" in row], str(screen)
    assert len(screen.rows_with("work")) == 1, str(screen)


@pytest.mark.parametrize("backend", RENDERERS)
def test_bars_that_open_and_end_meanwhile_are_shown_afterwards(backend: str, tmp_path: Path) -> None:
    """A bar within another one, and the outer one itself, may end while nothing can be drawn: their last rows come."""
    screen, out = show(
        """
        outer = headway.get_bar(2, desc='outer')
        with caught('out', 1, 2):
            headway.write('written')
            outer.update(2); outer.close()
        print('after')
        with headway.get_bar(1, desc='later') as bar: bar.update()
        """,
        tmp_path,
        backend,
    )

    assert out == "written\n"
    assert [row.split(":")[0].split(" ")[0] for row in screen.rows if row] == ["outer", "after", "later", "DONE"], str(
        screen
    )
    assert all("100%" in row for row in screen.rows if row.startswith(("outer", "later"))), str(screen)


@pytest.mark.parametrize("backend", ["rows", "tqdm"])
def test_after_a_redirection_for_good_bars_are_lines_in_the_log(backend: str, tmp_path: Path) -> None:
    """A program that becomes a service has its later bars in its log, as if it had had it from the start."""
    if backend not in RENDERERS:
        pytest.skip("not installed")
    screen, out = show(
        """
        with headway.get_bar(2, desc='first') as bar: bar.update(2)
        kept = os.dup(1)
        file = os.open('out', os.O_CREAT | os.O_WRONLY)
        os.dup2(file, 1), os.dup2(file, 2)
        with headway.get_bar(2, desc='second') as bar: bar.update(2); print('printed')
        os.dup2(kept, 1), os.dup2(kept, 2)
        """,
        tmp_path,
        backend,
    )

    assert "\x1b" not in out
    assert [line.split(" n=")[0] for line in out.splitlines()] == ["headway second", "printed", "headway second"]
    assert screen.rows_with("second") == [], str(screen)


@pytest.mark.skipif(not find_spec("wurlitzer"), reason="wurlitzer is not installed")
@pytest.mark.parametrize("backend", RENDERERS)
def test_wurlitzer_catches_no_frame(backend: str, tmp_path: Path) -> None:
    """What it gives back is what was written at the descriptor."""
    screen, _ = show(
        """
        import wurlitzer
        for i in headway.track(range(3), desc='work'):
            with wurlitzer.pipes() as (out, err):
                os.write(1, b'to out\\n'); os.write(2, b'to err\\n'); time.sleep(0.3)
            if (out.read(), err.read()) != ('to out\\n', 'to err\\n'): raise SystemExit('caught more')
        """,
        tmp_path,
        backend,
    )

    assert len(screen.rows_with("work")) == 1, str(screen)
    assert re.search("3(/| of )3", screen.rows[0]), str(screen)


@pytest.mark.parametrize("backend", RENDERERS)
def test_a_redirection_of_stderr_alone_leaves_stdout_to_the_terminal(backend: str, tmp_path: Path) -> None:
    """What is printed meanwhile is on the terminal, what goes to stderr in the file, and neither has frames."""
    screen, out = show(
        """
        with headway.get_bar(4, desc='work') as bar:
            bar.update(2)
            with caught('out', 2):
                print('to stderr', file=sys.stderr); time.sleep(0.3); print('to stdout'); bar.update(1)
            bar.update(1)
        """,
        tmp_path,
        backend,
    )

    assert out == "to stderr\n"
    assert "to stdout" in screen.raw
    assert any(row.startswith("work") and "100%" in row for row in screen.rows), str(screen)
