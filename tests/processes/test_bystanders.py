"""A program that shows no bar itself, and prints while its workers do: its lines stand above their rows."""

import os
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

STARTS = ["fork", "forkserver", "spawn"]
HEAD = """
    import logging, multiprocessing, os, signal, sys, time
    import headway

    def work(i):
        for _ in headway.track(range(50), desc="tokenize", unit="doc"):
            time.sleep(0.01)
        return i

    def drawer():
        "Return the process that draws for the others, by the card that it holds."
        for folder, _, names in os.walk(os.environ["XDG_RUNTIME_DIR"]):
            for name in names:
                if name.startswith("command-"):
                    words = open(os.path.join(folder, name)).read().split(":")
                    if len(words) > 2: return int(words[1])
        return 0

    def start(count):
        "Start workers, and wait until one of them draws."
        context = multiprocessing.get_context(sys.argv[1])
        workers = [context.Process(target=work, args=(i,)) for i in range(count)]
        for worker in workers: worker.start()
        end = time.monotonic() + 20
        while not drawer() and time.monotonic() < end: time.sleep(0.01)
        return workers
"""


def show(folder: Path, code: str, start: str, backend: str = "rows", types: Mapping[str, str] | None = None) -> Screen:
    """Run a program on a terminal of its own."""
    path = folder / "program.py"
    path.write_text(textwrap.dedent(HEAD) + textwrap.dedent(code))
    (folder / "run").mkdir(mode=0o700)
    env = {"HEADWAY_RELAY": "", "HEADWAY_BACKEND": backend, "XDG_RUNTIME_DIR": str(folder / "run")}
    screen = run_in_terminal("", arguments=[str(path), start], env=env, columns=100, types=types)
    assert screen.status == 0, str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


def printed(screen: Screen, word: str) -> list[int]:
    """Return the numbers behind a word, in the order in which lines with them were written."""
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.raw)
    return [int(number) for number in re.findall(rf"\b{word} (\d+)\r*\n", plain)]


RESULTS = """
    if __name__ == "__main__":
        with multiprocessing.get_context(sys.argv[1]).Pool(3) as pool:
            for result in pool.imap_unordered(work, range(9)):
                print("result", result)
        print("DONE")
"""


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("backend", ["rows", "tqdm"])
def test_results_that_a_program_prints_as_they_come_stand_above_the_row(
    start: str, backend: str, tmp_path: Path
) -> None:
    """They are whole, and the row is drawn anew below them."""
    if backend != "rows":
        pytest.importorskip(f"headway_{backend}")
    screen = show(tmp_path, RESULTS, start, backend)

    assert sorted(screen.rows[:9]) == [f"result {number}" for number in range(9)], str(screen)
    assert re.search(r"^tokenize: 100%.* 450/450 .* 3 workers", screen.rows[9]), str(screen)
    assert screen.rows[10:] == ["DONE"], str(screen)


EVERY_WAY = """
    if __name__ == "__main__":
        workers = start(3)
        print("part", end="", flush=True); time.sleep(0.05); print(" whole")
        headway.write("written")
        logging.warning("logged")
        sys.stdout.write("two\\nlines\\n")
        for number in range(500): print("line", number)
        for worker in workers: worker.join()
        print("DONE")
"""


@pytest.mark.parametrize("start", STARTS)
def test_all_lines_are_there_in_their_order(start: str, tmp_path: Path) -> None:
    """However they are written, and however many there are until the last worker ends."""
    screen = show(tmp_path, EVERY_WAY, start)

    assert screen.rows[:5] == ["part whole", "written", "WARNING:root:logged", "two", "lines"], str(screen)
    assert printed(screen, "line") == [*range(500)]
    assert re.search(r"^tokenize: 100%.* 150/150 .* 3 workers", screen.rows[-2]), str(screen)
    assert screen.rows[-1] == "DONE"


KILL = """
    if __name__ == "__main__":
        workers = start(3)
        time.sleep(0.3)
        for number in range(20):
            if number == 10: os.kill(drawer(), signal.SIGKILL)
            print("line", number)
            if number > 10: time.sleep(0.02)
        for worker in workers: worker.join()
        print("DONE")
"""


@pytest.mark.parametrize("start", STARTS)
def test_no_line_is_lost_with_the_worker_that_draws(start: str, tmp_path: Path) -> None:
    """The lines that it has not put above its rows are put out by the program itself."""
    screen = show(tmp_path, KILL, start)

    assert [*dict.fromkeys(printed(screen, "line"))] == [*range(20)], screen.raw
    assert screen.rows[-1] == "DONE"


LATE = """
    if __name__ == "__main__":
        workers = start(3)
        print("line 0")
        with headway.get_bar(3, desc="shards") as bar:
            print("line 1")
            for worker in workers:
                worker.join()
                bar.update()
        print("line 2")
"""


@pytest.mark.parametrize("start", STARTS)
def test_lines_of_a_program_that_begins_to_draw_stand_above_its_rows(start: str, tmp_path: Path) -> None:
    """The first one goes by the worker that draws until then."""
    screen = show(tmp_path, LATE, start)

    assert screen.rows[:2] == ["line 0", "line 1"], str(screen)
    assert re.search(r"^shards: 100%.* 3/3 ", screen.rows[2]), str(screen)
    assert re.search(r"^tokenize: 100%.* 150/150 ", screen.rows[3]), str(screen)
    assert screen.rows[4:] == ["line 2"], str(screen)


MASKED = """
    if __name__ == "__main__":
        workers = start(2)
        write = sys.stdout.write
        sys.stdout.write = lambda text: write(text.replace("secret", "***"))
        print("a secret")
        for worker in workers: worker.join()
        print("another secret")
"""


def test_lines_pass_through_the_programs_own_way_to_write(tmp_path: Path) -> None:
    """That is asked first, and the lines that come out of it stand above the rows."""
    screen = show(tmp_path, MASKED, "fork")

    assert screen.rows[0] == "a ***", str(screen)
    assert re.search(r"^tokenize: 100%.* 100/100 ", screen.rows[1]), str(screen)
    assert screen.rows[2:] == ["another ***"], str(screen)


ASKS = """
    if __name__ == "__main__":
        pool = multiprocessing.get_context(sys.argv[1]).Pool(2)
        pool.map(work, range(2), chunksize=1)
        print("all there")
        print("and", input("what now? "))
        pool.terminate()
"""


@pytest.mark.parametrize("start", STARTS)
def test_a_question_comes_after_the_lines_before_it(start: str, tmp_path: Path) -> None:
    """While no worker has a bar open, the program writes straight to the terminal."""
    screen = show(tmp_path, ASKS, start, types={"now? ": "Ada\n"})
    said = [row for row in screen.rows if not row.startswith("tokenize")]

    assert said == ["all there", "what now? Ada", "and Ada"], str(screen)


QUIET = """
    def rest(i): time.sleep(0.1)

    if __name__ == "__main__":
        worker = multiprocessing.get_context(sys.argv[1]).Process(target=rest, args=(0,))
        worker.start()
        sys.stderr.write("\\r40% of"); sys.stderr.write(" a bar"); sys.stderr.flush()
        worker.join()
        print("\\npart", end="", flush=True)
        name = input(" of a line? ")
        print("\\x1b[1mbold\\x1b[0m", name)
"""


@pytest.mark.parametrize("start", STARTS)
def test_if_no_worker_draws_nothing_is_changed(start: str, tmp_path: Path) -> None:
    """Parts of lines, what other libraries paint, and questions are on the terminal at once and byte by byte."""
    screen = show(tmp_path, QUIET, start, types={"line? ": "Ada\n"})

    assert screen.raw == "\r40% of a bar\r\npart of a line? Ada\r\n\x1b[1mbold\x1b[0m Ada\r\n"


STALE = """
    if __name__ == "__main__":
        workers = start(1)
        os.kill(workers[0].pid, signal.SIGKILL)
        workers[0].join()
        assert drawer() == workers[0].pid
        print("a")
        print("really", end="", flush=True)
        sys.stdin.readline()
"""


def test_a_question_is_seen_once_the_worker_that_drew_is_dead(tmp_path: Path) -> None:
    """A line that is begun waits for its end only as long as there are rows, whatever files are left."""
    screen = show(tmp_path, STALE, "fork", types={"really": "\n"})

    assert screen.rows[-1].startswith("really"), str(screen)


def test_only_a_program_that_has_workers_has_its_streams_replaced() -> None:
    """Neither to import headway nor `multiprocessing` does that."""
    screen = run_in_terminal("import multiprocessing, sys, headway; print(sys.stdout is sys.__stdout__)")

    assert screen.rows == ["True"]
