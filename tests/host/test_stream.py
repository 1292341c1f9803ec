"""Whatever becomes of a stream, the program does not notice: no exception, no other exit status, nothing of use lost."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import textwrap
import warnings
from typing import Any

import pytest

import headway
from headway import testing
from headway.errors import HeadwayWarning
from headway.host.stream import SafeStream

BACKENDS = ("plain", "events", "tqdm", "alive", "progressbar2", "rich")
SEEN = tuple(backend for backend in BACKENDS if backend != "events")
PROGRAM = """
import headway, os, sys
headway.write('before')
with headway.get_bar(100, desc='alpha é 训') as bar:
    for i in range(100):
        if i == 50: {midway}
        bar.update(); bar.message(str(i)); i % 20 or headway.write('written é 训')
headway.write('after')
assert bar.n == 100 and bar.state == 'finished', bar
os.write(SAID, b'ALL DONE')
"""


def run(
    stderr: Any, midway: str = "pass", backend: str = "tqdm", interactive: str = "1", **env: str
) -> tuple[int, bytes]:
    """Run the program with that as its stderr, and return its status and what it said at its end."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(midway=midway).replace("SAID", str(said.fileno()))],
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            pass_fds=(said.fileno(),),
            env={**os.environ, "HEADWAY_BACKEND": backend, "HEADWAY_INTERACTIVE": interactive, **env},
        )
        status = process.wait(60)
        said.seek(0)
        return status, said.read()


WHOLE = (0, b"ALL DONE")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_full_disk_does_not_change_the_status(backend: str) -> None:
    """With stderr on a full disk my program ends as it would have."""
    with open("/dev/full", "w") as full:
        assert run(full, backend=backend) == WHOLE


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_pipe_that_nobody_reads_does_not_change_the_status(backend: str) -> None:
    """When the reader of stderr is gone my program ends as it would have."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert run(writer, backend=backend) == WHOLE
    finally:
        os.close(writer)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "midway",
    [
        "os.close(2)",
        "sys.stderr.close()",
        "sys.stderr = None",
        "sys.stderr = sys.stdout = None",
    ],
)
def test_a_stream_that_goes_away_midway(backend: str, midway: str) -> None:
    """Closing, removing or replacing stderr while a bar is drawn there does no harm."""
    assert run(subprocess.DEVNULL, midway, backend) == WHOLE


@pytest.mark.parametrize("backend", BACKENDS)
def test_encodings_that_lack_characters(backend: str) -> None:
    """An ASCII or latin-1 stderr gets `?` for what it lacks."""
    for encoding in ("ascii:strict", "latin-1:strict", "utf-16"):
        assert run(subprocess.DEVNULL, backend=backend, PYTHONIOENCODING=encoding) == WHOLE


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("columns", "lines", "env"),
    [(1, 1, {}), (0, 0, {}), (80, 24, {"COLUMNS": "abc", "LINES": ""}), (80, 24, {"TERM": "dumb"})],
)
def test_terminals_that_lie(backend: str, columns: int, lines: int, env: dict[str, str]) -> None:
    """A terminal without a size, a dumb one and nonsense in the environment do no harm."""
    screen = testing.run_in_terminal(
        f"""
        import fcntl, struct, termios, time, headway
        fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack('HHHH', {lines}, {columns}, 0, 0))
        for i in headway.track(range(20), desc='alpha'): time.sleep(0.01)
        """,
        env={"HEADWAY_BACKEND": backend, **env},
    )

    assert screen.status == 0, screen
    assert "Traceback" not in screen.raw, screen
    assert "Warning" not in screen.raw, screen


@pytest.mark.parametrize("backend", SEEN)
def test_a_terminal_without_a_size_is_taken_for_one_of_80_columns(backend: str) -> None:
    """Where the terminal says that it has no columns, as over some connections, the bar is seen all the same."""
    screen = testing.run_in_terminal(
        """
        import fcntl, struct, termios, time, headway
        fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack('HHHH', 0, 0, 0, 0))
        for i in headway.track(range(20), desc='alpha'): time.sleep(0.01)
        """,
        env={"HEADWAY_BACKEND": backend},
    )

    assert "alpha" in screen.rows[-1] or "alpha" in screen.rows[-2], screen
    assert "100%" in screen.rows[-1] or "100%" in screen.rows[-2], screen


@pytest.mark.parametrize("backend", SEEN)
def test_an_ascii_terminal_shows_question_marks_in_bars_and_what_stderr_makes_of_prints(backend: str) -> None:
    """A bar has `?` for what the terminal cannot show; what I print to stderr is as it is without a bar."""
    screen = testing.run_in_terminal(
        """
        import sys, headway
        with headway.get_bar(5, desc='caf\xe9') as bar:
            print('th\xe9', file=sys.stderr)
            bar.update(5)
        """,
        env={"HEADWAY_BACKEND": backend, "PYTHONIOENCODING": "ascii"},
    )

    assert "th\\xe9" in screen.rows, screen
    assert any("caf?" in row for row in screen.rows), screen
    assert not any("caf\\xe9" in row for row in screen.rows), screen


class Odd:
    """A stand-in for a stream, of which some part raises."""

    def __init__(self, **odd: Any) -> None:
        self.text = ""
        self.odd = odd

    def write(self, text: str) -> Any:
        """Take the text."""
        self.text += text
        return self.odd.get("returns")

    def __getattr__(self, name: str) -> Any:
        if name in ("odd", "text"):
            raise AttributeError(name)
        if name in self.odd:
            return self.odd[name]
        raise self.odd.get("raises", AttributeError)(name)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"raises": RuntimeError},
        {"returns": 1},
        {"returns": "x"},
        {"encoding": None, "fileno": lambda: None, "isatty": lambda: None, "flush": lambda: None},
        {"encoding": 7, "fileno": lambda: -1, "isatty": list, "flush": lambda: 1 / 0},
        {"encoding": "no-such", "isatty": lambda: True},
    ],
)
@pytest.mark.parametrize("interactive", ["0", "1"])
def test_stand_ins_for_streams(backend: str, odd: Any, interactive: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object with a `write` is enough of a stream, whatever else it lacks or raises."""
    monkeypatch.setenv("HEADWAY_INTERACTIVE", interactive)
    file = Odd(**odd)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HeadwayWarning)
        with headway.get_bar(10, desc="alpha", backend=backend, file=file) as bar:
            bar.write("line")
            bar.update(10)

    assert "alpha" in file.text
    assert "line" in file.text


class Raising(io.StringIO):
    """A stream whose writes raise."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        """Raise."""
        raise self.error


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("error", [ValueError("closed"), OSError(28, "full"), RuntimeError("?"), BlockingIOError()])
def test_a_streams_fault_is_told_once_and_not_laid_to_the_renderer(backend: str, error: Exception) -> None:
    """A broken stream is named once; the next bar, on another stream, has the renderer that I chose."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            with headway.get_bar(10, desc="alpha", backend=backend, file=Raising(error)) as bar:
                bar.write("x")
                bar.update(10)

    assert [str(w.message).count(type(error).__name__) > 0 for w in caught if w.category is HeadwayWarning] == [1]
    assert "The stream" in str(caught[0].message)


def test_nothing_is_told_of_a_broken_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stderr itself is broken there is nowhere to say so, and `write` without a bar is silent too."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        headway.write("x")
        with headway.get_bar(10, backend="plain") as bar:
            bar.update(10)

    assert bar.n == 10


def test_a_warning_that_cannot_be_written_stops_nothing(run: Any) -> None:
    """A warning of headway's on a closed stderr is lost; the drawing and my program go on."""
    done = run(
        """
        import headway, io, sys, threading
        sys.stderr.close()
        def broken(snapshot): raise RuntimeError('no ink')
        out = io.StringIO()
        with headway.get_bar(10, desc='alpha', backend='plain', widgets=['desc', broken], file=out) as bar: bar.update(10)
        bar.update()  # a closed bar warns the caller
        assert 'n=10' in out.getvalue(), out.getvalue()
        print('DONE')
        """
    )

    assert (done.returncode, done.stdout) == (0, "DONE\n")


def test_a_recorder_needs_no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no stderr at all my library's report can still be recorded."""
    monkeypatch.setattr(sys, "stderr", None)
    with testing.record() as recorded:
        for _ in headway.track(range(3), desc="alpha"):
            pass

    assert recorded.last("alpha").n == 3


def test_an_event_file_needs_no_stream(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A service without a stderr still writes the event file that was asked for."""
    monkeypatch.setattr(sys, "stderr", None)
    path = tmp_path / "run.jsonl"
    with headway.get_bar(3, desc="alpha", backend=f"events?path={path}") as bar:
        bar.update(3)

    assert '"event": "close"' in path.read_text()


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_that_does_not_block_gets_all_of_it(unbuffered: str) -> None:
    """A reader that is slower than the bar gets whole lines, though the pipe does not block."""
    code = """
    import fcntl, os, headway
    fcntl.fcntl(2, fcntl.F_SETFL, os.O_NONBLOCK); fcntl.fcntl(2, 1031, 4096)
    with headway.get_bar(3, desc='alpha', backend='plain') as bar:
        for i in range(200): headway.write(f'{i:05} ' + 'x' * 200)
        bar.update(3)
    """
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.PIPE, env=env) as process:
        assert process.stderr is not None
        lines = process.stderr.read().decode().splitlines()

    assert process.wait(60) == 0
    assert [f"{i:05} " + "x" * 200 for i in range(200)] == [line for line in lines if line.endswith("x")]


def test_what_stays_in_the_buffer_of_a_stream_of_ones_own() -> None:
    """Any other stream is written as it is, buffer and line ends included."""
    raw = io.BytesIO()
    stream = SafeStream(io.TextIOWrapper(raw, "latin-1", newline="\r\n"))
    stream.write("a\u8a13\n")
    stream.flush()

    assert raw.getvalue() == b"a?\r\n"
