"""The backend `web`: a page of the running program, which a process of its own serves until the program ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from headway.testing import run_in_terminal

pytest.importorskip("uvicorn")
pytest.importorskip("starlette")
pytest.importorskip("prometheus_client")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")
Until = Callable[[Callable[[], object]], None]

PROGRAM = """
import headway, sys
with headway.get_bar(10, desc="train") as bar:
    bar.update(4)
    sys.stdin.readline()
    bar.update(6)
"""
CHILDLESS = """
import headway, os, sys
with headway.get_bar(10, desc="train") as bar:
    bar.update(4)
    sys.stdin.readline()
    try:
        os.wait()
    except ChildProcessError:
        print("no child")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder that temporary files are put into."""
    made = tmp_path / "temporary"
    made.mkdir()
    return made


def start(code: str, folder: Path, backend: str = "web", **more: str) -> "subprocess.Popen[str]":
    env = {**os.environ, "HEADWAY_BACKEND": backend, "TMPDIR": str(folder), **more}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code], text=True, env=env, **pipes)


def address(program: "subprocess.Popen[str]") -> str:
    """Return the address that a program tells."""
    assert program.stderr is not None
    return re.fullmatch(
        r"headway: the page of this run is (http://127.0.0.1:\d+/[\w-]{22}/)\n", program.stderr.readline()
    )[1]


def is_served(address: str) -> bool:
    try:
        with urlopen(address + "state", timeout=10) as answer:
            return b'"train"' in answer.read()
    except OSError:
        return False


def test_the_page_goes_with_the_program(folder: Path, until: Until) -> None:
    program = start(PROGRAM, folder)
    page = address(program)
    until(lambda: is_served(page))
    assert [path.name[:13] for path in folder.iterdir()] == ["headway-page-"]
    out, err = program.communicate("go on\n", timeout=30)

    assert (out, err, program.returncode) == ("", "", 0)
    until(lambda: not is_served(page))
    until(lambda: not [*folder.iterdir()])


def test_the_page_goes_with_a_program_that_is_killed(folder: Path, until: Until) -> None:
    program = start(PROGRAM, folder)
    page = address(program)
    until(lambda: is_served(page))
    program.kill()
    program.communicate()

    until(lambda: not is_served(page))
    until(lambda: not [*folder.iterdir()])


def test_the_program_has_no_child_of_ours(folder: Path) -> None:
    """A program that waits for all of its children does not wait for the page."""
    program = start(CHILDLESS, folder)
    address(program)
    out, _ = program.communicate("go on\n", timeout=30)

    assert out == "no child\n"


BLOCK = """
import headway, sys
with headway.use("web"):
    with headway.get_bar(10, desc="train") as bar:
        sys.stdin.readline()
sys.stdin.readline()
"""


def test_the_page_goes_with_the_block_that_asked_for_it(folder: Path, until: Until) -> None:
    program = start(BLOCK, folder, "")
    assert program.stdin is not None
    page = address(program)
    until(lambda: is_served(page))
    program.stdin.write("go on\n")
    program.stdin.flush()

    until(lambda: not is_served(page) and not [*folder.iterdir()])
    assert program.poll() is None
    program.communicate("go on\n", timeout=30)


def test_ctrl_c_of_the_terminal_is_not_for_the_page(folder: Path, until: Until) -> None:
    program = start(PROGRAM, folder)
    page = address(program)
    until(lambda: is_served(page))
    state = subprocess.run(["ps", "-ewwo", "pgid=,args="], capture_output=True, text=True).stdout
    (group,) = {
        line.split()[0] for line in state.splitlines() if "headway.web.background" in line and str(folder) in line
    }
    assert int(group) != os.getpgrp()
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=30)

    until(lambda: not is_served(page))


def test_a_program_that_ends_at_once_leaves_nothing(folder: Path, until: Until) -> None:
    program = start("import headway\nfor _ in headway.track(range(3)): pass", folder)
    program.communicate(timeout=30)

    assert program.returncode == 0
    until(lambda: not [*folder.iterdir()])


def test_a_file_that_was_asked_for_stays(folder: Path, tmp_path: Path, until: Until) -> None:
    program = start(PROGRAM, folder, f"web?path={tmp_path}/run.jsonl")
    page = address(program)
    until(lambda: is_served(page))
    program.communicate("go on\n", timeout=30)

    until(lambda: not is_served(page) and not [*folder.iterdir()])
    assert '"state": "finished"' in (tmp_path / "run.jsonl").read_text()


WORKERS = """
import headway, multiprocessing, sys, time

def work(i):
    for _ in headway.track(range(40), desc=f"part {i}"):
        time.sleep(0.1)

if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(4) as pool:
        pool.map(work, range(4))
        pool.close()
        pool.join()
"""


def working(code: str, tmp_path: Path, folder: Path, method: str) -> "subprocess.Popen[str]":
    """Start a program whose workers, by a method of `multiprocessing`, share one display."""
    (tmp_path / "work.py").write_text(code)
    env = {**os.environ, "HEADWAY_BACKEND": "plain,web", "TMPDIR": str(folder), "HEADWAY_RELAY": "on"}
    command = [sys.executable, str(tmp_path / "work.py"), method]
    return subprocess.Popen(command, text=True, env=env, stderr=subprocess.PIPE)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_workers_of_a_program_without_a_bar_have_one_page(
    folder: Path, tmp_path: Path, until: Until, method: str
) -> None:
    """They share one display; the process that draws has the page."""
    with working(WORKERS, tmp_path, folder, method) as program:
        _, err = program.communicate(timeout=100)

    assert program.returncode == 0
    assert err.count("the page of this run is") == 1
    until(lambda: not [*folder.iterdir()])


def test_a_folder_of_somebody_else_is_not_used(folder: Path) -> None:
    """It stands where the page of the run would be: one that everybody may write into."""
    (folder / f"headway-page-{'1' * 16}").mkdir()
    (folder / f"headway-page-{'1' * 16}").chmod(0o777)
    program = start(PROGRAM, folder, HEADWAY_RUN="1" * 16)
    address(program)
    names = sorted(path.name for path in folder.iterdir())
    program.communicate("go on\n", timeout=30)

    assert [*(folder / f"headway-page-{'1' * 16}").iterdir()] == []
    assert len(names) == 2


TELLING = """
import headway, time
from headway.sinks.web import WebSink

def tell(sink, tell=WebSink._tell):
    has_address = bool(sink._address)
    tell(sink)
    told.extend([True] * has_address)

told = []
WebSink._tell = tell
with headway.get_bar(10, desc="train") as bar:
    while not told:
        time.sleep(0.05)
    bar.update(10)
"""


def test_the_address_stands_above_whole_rows(folder: Path) -> None:
    env = {"HEADWAY_BACKEND": "rows,web", "TMPDIR": str(folder), "HEADWAY_RELAY": "off"}
    screen = run_in_terminal(TELLING, columns=100, env=env)
    lines = [line for line in screen.rows if line]

    assert lines[0].startswith("headway: the page of this run is http://127.0.0.1:")
    assert lines[1].startswith("train")
    assert len(lines) == 2


def test_a_port_that_is_taken_is_told_once_and_harms_nothing(folder: Path, until: Until) -> None:
    first = start(PROGRAM, folder)
    port = re.search(r":(\d+)/", address(first))[1]
    second = start(PROGRAM, folder, f"web?port={port}")
    assert second.stderr is not None
    said = second.stderr.readline()
    second.communicate("go on\n", timeout=30)
    first.communicate("go on\n", timeout=30)

    assert "The page of this run cannot be served: OSError: [Errno 98] Address already in use" in said
    assert second.returncode == 0
    until(lambda: not [*folder.iterdir()])


def test_a_library_that_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    """The program goes on, and the message has the cure."""
    code = "import sys; sys.modules['uvicorn'] = None\n" + PROGRAM
    program = start(code, folder)
    _, err = program.communicate("go on\n", timeout=30)

    assert program.returncode == 0
    assert "pip install 'headway[web]'" in err
    assert err.count("uvicorn") == 1
    assert not [*folder.iterdir()]


def test_the_folder_is_made_for_one_user(folder: Path, until: Until) -> None:
    program = start(PROGRAM, folder)
    address(program)
    (made,) = folder.iterdir()
    mode = made.stat().st_mode & 0o777
    program.communicate("go on\n", timeout=30)

    assert mode == 0o700


RELIEVED = """
import headway, multiprocessing, sys, time

def work(seconds):
    for _ in headway.track(range(seconds * 10), desc=f"part of {seconds}"):
        time.sleep(0.1)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    workers = [context.Process(target=work, args=(seconds,)) for seconds in (1, 9)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_page_outlives_the_worker_that_had_it_served(
    folder: Path, tmp_path: Path, until: Until, method: str
) -> None:
    """Another worker draws on; the page has the bars of both."""
    with working(RELIEVED, tmp_path, folder, method) as program:
        assert program.stderr is not None
        page = re.findall("http.*", next(line for line in program.stderr if "the page of this run" in line))[0]
        seen: list[str] = []

        def both_are_there() -> bool:
            with urlopen(page + "state", timeout=10) as answer:
                seen[:] = re.findall(r'"desc":"(part of \d)".*?"state":"(\w+)"', answer.read().decode())
            return ("part of 1", "finished") in seen and ("part of 9", "running") in seen

        until(both_are_there)
        assert "the page of this run" not in program.stderr.read()
    until(lambda: not is_served(page) and not [*folder.iterdir()])


def test_the_file_of_another_backend_is_written_once(folder: Path, tmp_path: Path) -> None:
    program = start(PROGRAM, folder, f"events?path={tmp_path}/run.jsonl,web?path={tmp_path}/run.jsonl")
    address(program)
    _, err = program.communicate("go on\n", timeout=30)
    events = re.findall('"event": "(open|close)"', (tmp_path / "run.jsonl").read_text())

    assert err == ""
    assert events == ["open", "close"]


def test_a_program_without_standard_error_prints_no_address(folder: Path, until: Until) -> None:
    code = "import sys; sys.stderr = None\n" + PROGRAM
    program = start(code, folder)
    until(lambda: [*folder.glob("*/*.jsonl")])
    out, err = program.communicate("go on\n", timeout=30)

    assert (out, err) == ("", "")


def test_no_module_of_the_program_gets_into_the_page(folder: Path, tmp_path: Path, until: Until) -> None:
    """A file in the working directory has the name of one of Python's."""
    (tmp_path / "secrets.py").write_text("print('mine')")
    env = {**os.environ, "HEADWAY_BACKEND": "web", "TMPDIR": str(folder)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    code = "import sys; sys.path.remove('')\n" + PROGRAM
    program = subprocess.Popen([sys.executable, "-c", code], text=True, env=env, cwd=tmp_path, **pipes)
    page = address(program)
    until(lambda: is_served(page))
    program.communicate("go on\n", timeout=30)


def test_a_program_that_is_interrupted_at_once_leaves_nothing(folder: Path, until: Until) -> None:
    """Ctrl-C strikes all of the terminal's processes, while the page begins."""
    code = "import headway, os, signal\nbar = headway.get_bar(3)\nbar.refresh()\nos.killpg(0, signal.SIGINT)"
    env = {**os.environ, "HEADWAY_BACKEND": "web", "TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, start_new_session=True, timeout=30
    )

    assert done.returncode == -signal.SIGINT
    until(lambda: not [*folder.iterdir()])
