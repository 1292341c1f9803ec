"""Workers that no parent draws for share one display: one of them draws, and another one goes on if it is gone."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

STARTS = ["fork", "forkserver", "spawn"]
QUIET = "plain?interval=0&percent=0"
SPY = '''
"""The core's rows, which note who draws."""
import os, time
from headway.sinks.rows.sink import RowsSink

class Spy(RowsSink):
    draws, max_bars = "rows", "lines"

    def note(self, call, rows):
        line = f"{time.monotonic_ns()} {os.getpid()} {call} {rows}\\n".encode()
        file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, line)
        os.close(file)

    def frame(self, frame):
        self.note("before", len(frame.bars))
        super().frame(frame)
        self.note("frame", len(frame.bars))

    def show(self, frame):
        self.note("before", len(frame.bars))
        super().show(frame)
        self.note("show", len(frame.bars))

    def hide(self):
        super().hide()
        self.note("hide", 0)
'''
HEAD = """
    import multiprocessing, os, signal, subprocess, sys, time
    from concurrent.futures import ProcessPoolExecutor, as_completed
    import headway

    def work(i):
        for _ in headway.track(range(50), desc="tokenize", unit="doc"):
            time.sleep(0.01)
        return i

    def pair(start, work):
        "Have two processes work that can wait for each other."
        context = multiprocessing.get_context(start)
        together = context.Barrier(2)
        processes = [context.Process(target=work, args=(number, together)) for number in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

    def drawer():
        "Return the process that draws for the others, by the card that it holds."
        for folder, _, names in os.walk(os.environ["XDG_RUNTIME_DIR"]):
            for name in names:
                if name.startswith("command-"):
                    words = open(os.path.join(folder, name)).read().split(":")
                    if len(words) > 2: return int(words[1])
        return 0
"""


class Stage:
    """Runs programs whose processes leave notes of what they draw."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "spy.py").write_text(SPY)
        (folder / "run").mkdir(mode=0o700)
        self.notes = folder / "notes"
        self.env = {
            "HEADWAY_RELAY": "",
            "NOTES": str(self.notes),
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }

    def program(self, code: str) -> str:
        """Write a program that processes of any kind can import."""
        path = self.folder / "program.py"
        path.write_text(textwrap.dedent(HEAD) + textwrap.dedent(code))
        return str(path)

    def show(self, code: str, *arguments: str, backend: str = "", **env: str) -> Screen:
        """Run a program on a terminal of its own."""
        backend = backend or str(self.folder / "spy.py")
        screen = run_in_terminal(
            "",
            arguments=[self.program(code), *arguments],
            env={**self.env, "HEADWAY_BACKEND": backend, **env},
            columns=100,
        )
        assert screen.status == 0, str(screen)
        assert "HeadwayWarning" not in screen.raw, str(screen)
        return screen

    def lines(self, code: str, *arguments: str, **env: str) -> list[str]:
        """Run a program in a pipe, and return its lines."""
        done = subprocess.run(
            [sys.executable, self.program(code), *arguments],
            env={**os.environ, **self.env, "HEADWAY_BACKEND": QUIET, **env},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert "HeadwayWarning" not in done.stderr, done.stderr
        return done.stderr.splitlines()

    def drawers(self) -> list[int]:
        """Return the processes that have drawn, in their order; assert that no two ever had rows at one time."""
        order: list[int] = []
        rows: dict[int, int] = {}
        notes = sorted((line.split() for line in self.notes.read_text().splitlines()), key=lambda note: int(note[0]))
        for _, pid_text, call, count in notes:
            pid = int(pid_text)
            others = [each for each, open_rows in rows.items() if open_rows and each != pid and runs(each)]
            if int(count):
                assert not others, f"{pid} draws while {others} do: {notes}"
            if pid not in order[-1:] and int(count):
                order.append(pid)
            if call != "before":
                rows[pid] = int(count)
        return order


KILLED: set[int] = set()


def runs(pid: int) -> bool:
    """Tell whether a process was not killed by the test."""
    return pid not in KILLED


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A place for programs."""
    KILLED.clear()
    return Stage(tmp_path)


POOL = """
    if __name__ == "__main__":
        with multiprocessing.get_context(sys.argv[1]).Pool(4) as pool:
            pool.map(work, range(8), chunksize=1)
        print("DONE")
"""
LATE = """
    if __name__ == "__main__":
        with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context(sys.argv[1])) as pool:
            futures = [pool.submit(work, i) for i in range(8)]
            time.sleep(float(sys.argv[2]))
            for future in headway.track(as_completed(futures), total=8, desc="shards"): future.result()
        print("DONE")
"""
MERGED = r"^tokenize: 100%.* 400/400 .* 4 workers"


@pytest.mark.parametrize("start", STARTS)
def test_a_pool_without_a_bar_in_the_parent_is_one_row(stage: Stage, start: str) -> None:
    """The bars of one name of all workers are one row, which has all counts when the pool has ended."""
    screen = stage.show(POOL, start)

    assert len(screen.rows) == 2, str(screen)
    assert re.search(MERGED, screen.rows[0]), str(screen)
    assert screen.rows[1] == "DONE"
    assert len(stage.drawers()) == 1


@pytest.mark.parametrize("start", STARTS)
def test_a_pool_without_a_bar_in_the_parent_is_told_by_one(stage: Stage, start: str) -> None:
    """In a pipe one of them writes the lines."""
    lines = stage.lines(POOL, start)

    assert [line for line in lines if "state=finished" in line] == lines[-1:], lines
    assert "headway tokenize n=400 total=400 100%" in lines[-1]
    assert "workers=4" in lines[-1]
    assert sum("n=0 " in line for line in lines) == 1, lines


@pytest.mark.parametrize("wait", ["0", "0.3"])
@pytest.mark.parametrize("start", STARTS)
def test_a_parent_that_begins_to_draw_takes_over(stage: Stage, start: str, wait: str) -> None:
    """Futures that are submitted and then tracked: the workers' row moves below the parent's, and no count is lost."""
    screen = stage.show(LATE, start, wait)

    assert len(screen.rows) == 3, str(screen)
    assert re.search(r"^shards: 100%.* 8/8 ", screen.rows[0]), str(screen)
    assert re.search(MERGED, screen.rows[1]), str(screen)
    assert screen.rows[2] == "DONE"
    assert len(stage.drawers()) <= 2


OVERTAKEN = """
    from headway.processes import claim, sides
    from headway.drawing.hub import hub

    def overtaken(settles, begun):
        "Settle who draws once another process has begun to, right after a look in vain for one."
        take = claim.take
        def late(*name):
            os.write(settles, b"."); os.read(begun, 1)
            return take(*name)
        claim.take, sides.LOOK_EVERY = late, 60
        work(0)

    if __name__ == "__main__":
        if sys.argv[1:]: sys.exit(overtaken(*map(int, sys.argv[1:])))
        del sys.modules["multiprocessing.process"]  # which has a parent claim the display in good time
        (settling, settles), (begun, begins) = os.pipe(), os.pipe()
        command = [sys.executable, __file__, str(settles), str(begun)]
        child = subprocess.Popen(command, pass_fds=[settles, begun])
        os.read(settling, 1)
        with headway.get_bar(1, desc="shards") as bar:
            while not isinstance(hub.relay.side, sides.Listening): time.sleep(0.01)
            os.write(begins, bytes(100))
            child.wait()
            bar.update()
        print("DONE")
"""


def test_a_worker_that_looked_in_vain_sees_a_parent_that_has_begun_since(stage: Stage) -> None:
    """It takes the claim right after its parent has begun to draw, and leaves it that."""
    screen = stage.show(OVERTAKEN)

    assert [row.partition(":")[0] for row in screen.rows] == ["shards", "tokenize", "DONE"], str(screen)
    assert len(stage.drawers()) == 1


@pytest.mark.parametrize("start", STARTS)
def test_a_parent_that_begins_to_draw_writes_the_lines(stage: Stage, start: str) -> None:
    """The same in a pipe: each row ends once, with all counts."""
    lines = stage.lines(LATE, start, "0.3")
    ends = [line for line in lines if "state=finished" in line]

    assert len(ends) == 2, lines
    assert any("headway tokenize n=400 total=400 100%" in line and "workers=4" in line for line in ends), lines
    assert any("headway shards n=8 total=8 100%" in line for line in ends), lines


KILL = """
    def task(i, count):
        with headway.get_bar(count, desc="tokenize", unit="doc") as bar:
            for _ in range(count): bar.update(); time.sleep(0.01)

    def both(i):
        task(i, 50); task(i, 50)

    if __name__ == "__main__":
        start = multiprocessing.get_context(sys.argv[1])
        workers = [start.Process(target=both, args=(i,)) for i in range(4)]
        for worker in workers: worker.start()
        end = time.monotonic() + 20
        while not drawer() and time.monotonic() < end: time.sleep(0.01)
        time.sleep(0.8)
        killed = drawer()
        os.kill(killed, signal.SIGKILL)
        for worker in workers: worker.join()
        open(os.environ["NOTES"] + ".killed", "w").write(str(killed))
        print("DONE")
"""


@pytest.mark.parametrize("start", STARTS)
def test_a_drawer_that_is_killed_has_a_successor(stage: Stage, start: str) -> None:
    """By SIGKILL: one of the others draws, all that they have counted is there, and no row is there twice."""
    screen = stage.show(KILL, start)
    KILLED.add(int((stage.folder / "notes.killed").read_text()))

    assert len(screen.rows_with("DONE")) == 1
    rows = screen.rows_with("tokenize")
    assert len(rows) == 1, f"{screen} {stage.drawers()} {stage.notes.read_text()}"
    assert re.search(r"^tokenize: 100%.* 300/300 .* 3 workers", rows[0]), str(screen)
    assert len(stage.drawers()) >= 2


LEAVE = """
    def task(count, begun):
        with headway.get_bar(count, desc="tokenize", unit="doc") as bar:
            begun.wait()
            for _ in range(count): bar.update(); time.sleep(0.01)

    def twice(count, begun):
        with headway.get_bar(count, desc="tokenize", unit="doc") as bar:
            for _ in range(count): bar.update(); time.sleep(0.01)
        task(count, begun)

    if __name__ == "__main__":
        start = multiprocessing.get_context(sys.argv[1])
        begun = start.Barrier(3)
        first = start.Process(target=twice, args=(20, begun))
        first.start()
        end = time.monotonic() + 20
        while not drawer() and time.monotonic() < end: time.sleep(0.01)
        workers = [start.Process(target=task, args=(count, begun)) for count in (120, 240)]
        for worker in workers: worker.start()
        for worker in [first, *workers]: worker.join()
        print("DONE")
"""


@pytest.mark.parametrize("start", STARTS)
def test_a_drawer_that_ends_leaves_the_display_to_another(stage: Stage, start: str) -> None:
    """If others are at work, its own counts included, the row goes on in another process."""
    screen = stage.show(LEAVE, start)

    assert len(screen.rows_with("tokenize")) == 1, str(screen)
    assert re.search(r"^tokenize: 100%.* 400/400 .* 3 workers", screen.rows[0]), str(screen)
    assert len(stage.drawers()) in (2, 3), str(screen)


CHILDREN = """
    if __name__ == "__main__":
        if sys.argv[1:] == ["child"]:
            work(0)
            sys.exit()
        children = [subprocess.Popen([sys.executable, __file__, "child"]) for _ in range(3)]
        for child in children: child.wait()
        print("DONE")
"""


def test_programs_that_are_started_share_a_display(stage: Stage) -> None:
    """Of programs that one command has started one draws, and their bars of one name are one row."""
    screen = stage.show(CHILDREN)

    assert screen.rows[-1] == "DONE"
    assert sum(int(each) for each in re.findall(r" (\d+)/\d+ ", "\n".join(screen.rows))) == 150, str(screen)
    stage.drawers()


def test_programs_that_are_started_write_their_lines_by_one(stage: Stage) -> None:
    """The same in a pipe."""
    lines = stage.lines(CHILDREN)
    counts = [int(n) for line in lines if "state=finished" in line for n in re.findall(r" n=(\d+)", line)]

    assert sum(counts) == 150, lines


def test_jobs_side_by_side_do_not_mix(stage: Stage) -> None:
    """Two commands of one user, in one directory at one time: each shows its own workers, and all of them."""
    program = stage.program(POOL.replace("range(8)", "range(int(sys.argv[2]))"))
    env = {**os.environ, **stage.env, "HEADWAY_BACKEND": QUIET}
    jobs = [
        subprocess.Popen([sys.executable, program, "fork", count], env=env, stderr=subprocess.PIPE, text=True)
        for count in ("4", "8")
    ]
    first, second = (job.communicate(timeout=60)[1].splitlines() for job in jobs)

    assert ["n=200 total=200" in line for line in first if "state=finished" in line] == [True], first
    assert ["n=400 total=400" in line for line in second if "state=finished" in line] == [True], second


PIPELINE = """
    def program(role, group, **pipes):
        command = [sys.executable, __file__, role, sys.argv[2]]
        return subprocess.Popen(command, preexec_fn=lambda: os.setpgid(0, group), **pipes)

    if __name__ == "__main__":
        role, late = sys.argv[1:]
        if role == "shell":
            first = program("produce", 0, stdout=subprocess.PIPE)
            second = program("consume", first.pid, stdin=first.stdout)
            first.stdout.close()
            sys.exit(first.wait() or second.wait())
        time.sleep(0.5 * (role == late))
        if role == "produce":
            for number in headway.track(range(50), desc=role):
                print(number, flush=True)
                time.sleep(0.02)
        else:
            for line in headway.track(sys.stdin, desc=role, total=50): time.sleep(0.025)
"""


@pytest.mark.parametrize("late", ["produce", "consume"])
def test_the_programs_of_a_pipeline_share_a_display(stage: Stage, late: str) -> None:
    """As a shell starts them: in a process group that the first one leads. The first one draws for both."""
    screen = stage.show(PIPELINE, "shell", late)

    assert sorted(re.sub(r":.* 50/50 .*", "", row) for row in screen.rows) == ["consume", "produce"], str(screen)
    stage.drawers()


KEPT = """
    if __name__ == "__main__":
        pool = multiprocessing.get_context(sys.argv[1]).Pool(4)
        for part in range(2):
            pool.map(work, range(8), chunksize=1)
            print("AFTER", part, flush=True)
"""


@pytest.mark.parametrize("start", STARTS)
def test_what_the_parent_prints_after_its_workers_stands_in_lines_of_its_own(stage: Stage, start: str) -> None:
    """As long as no worker of a pool has a bar open there is no row that the next line of the program could tear."""
    screen = stage.show(KEPT, start)

    assert screen.rows[:2] == ["AFTER 0", "AFTER 1"], str(screen)
    assert len(screen.rows) == 3
    assert re.search(r"^tokenize: 100%.* 800/800 .* 4 workers", screen.rows[2]), str(screen)
    assert len(stage.drawers()) == 1


LOKY = """
    if __name__ == "__main__":
        import joblib, program
        joblib.Parallel(4)(joblib.delayed(program.work)(i) for i in range(8))
        print("DONE", flush=True)
"""


def test_workers_of_loky_share_a_display(stage: Stage) -> None:
    """They outlive the call, so that their row ends with them."""
    pytest.importorskip("joblib")
    screen = stage.show(LOKY, PYTHONPATH=os.pathsep.join([str(stage.folder), os.environ.get("PYTHONPATH", "")]))

    assert len(screen.rows) == 2, str(screen)
    assert screen.rows[0] == "DONE"
    assert re.search(MERGED, screen.rows[1]), str(screen)
    assert len(stage.drawers()) == 1


NESTED = """
    def inner(i):
        work(i)

    def outer(i):
        children = [multiprocessing.get_context(sys.argv[1]).Process(target=inner, args=(j,)) for j in range(2)]
        for child in children: child.start()
        work(i)
        for child in children: child.join()

    if __name__ == "__main__":
        workers = [multiprocessing.get_context(sys.argv[1]).Process(target=outer, args=(i,)) for i in range(2)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        print("DONE")
"""


def test_workers_of_workers_have_the_same_display(stage: Stage) -> None:
    """All processes of a command have one, whoever has started them."""
    screen = stage.show(NESTED, "fork")

    assert len(screen.rows_with("tokenize")) == 1, str(screen)
    assert re.search(r"^tokenize: 100%.* 300/300 .* 6 workers", screen.rows[0]), str(screen)
    stage.drawers()


def test_a_bar_that_has_ended_before_the_fork_silences_no_worker(stage: Stage) -> None:
    """Workers that were forked under a bar, and open theirs when it has ended, show them."""
    lines = stage.lines(
        """
        def later(i):
            time.sleep(1)
            work(i)

        if __name__ == "__main__":
            workers = []
            for i in headway.track(range(3), desc="starting"):
                workers.append(multiprocessing.get_context("fork").Process(target=later, args=(i,)))
                workers[-1].start()
            for worker in workers: worker.join()
        """
    )

    ends = [line for line in lines if "state=finished" in line]
    assert len(ends) == 2, lines
    assert "headway tokenize n=150 total=150 100%" in ends[1]


def test_off_is_off(stage: Stage) -> None:
    """With `HEADWAY_RELAY=off` each worker shows its own bars."""
    lines = stage.lines(POOL, "fork", HEADWAY_RELAY="off")

    assert sum("n=50 total=50 100%" in line and "state=finished" in line for line in lines) == 8, lines
    assert os.listdir(stage.folder / "run") == []


def test_nothing_is_left_in_the_directory(stage: Stage) -> None:
    """When the last process has ended."""
    stage.lines(POOL, "fork")

    assert [name for _, _, names in os.walk(stage.folder / "run") for name in names] == []


def test_ranks_that_a_framework_has_spawned_are_ranks(stage: Stage) -> None:
    """They are workers of the process that has started them, too; epochs of ranks are the same ones, and no sum."""
    lines = stage.lines(
        """
        from headway.drawing.hub import hub
        from headway.host import ranks

        def rank(number, together):
            ranks.tell(number, 2)
            with headway.get_bar(2, desc="training", unit="epoch") as bar:
                while number and not hub.relay.sink._answered: time.sleep(0.01)
                together.wait()
                bar.update(2)
                together.wait()

        if __name__ == "__main__":
            pair("spawn", rank)
        """
    )

    assert [line for line in lines if "state=finished" in line] == lines[-1:], lines
    assert "headway training n=2 total=2 100%" in lines[-1]
    assert "workers=2 ranks=2" in lines[-1]


def test_a_bar_with_a_stream_of_its_own_is_on_that_stream_alone(stage: Stage) -> None:
    """It takes no part in the display of the command, whichever of two workers draws for it."""
    screen = stage.show(
        """
        def work(number, together):
            with open(f"{number}.log", "w") as log:
                with headway.get_bar(10, desc="alone", file=log) as own:
                    together.wait()
                    with headway.get_bar(10, desc="together", parent=None) as bar:
                        together.wait()
                        own.update(10)
                        bar.update(10)
                        together.wait()

        if __name__ == "__main__":
            os.chdir(os.path.dirname(__file__))
            pair("fork", work)
        """,
        backend="rows",
    )

    assert len(screen.rows) == 1, str(screen)
    assert "together: 100%" in screen.rows[0]
    assert "20/20" in screen.rows[0]
    for number in range(2):
        log = (stage.folder / f"{number}.log").read_text()
        assert "alone" in log, str(screen)
        assert "10/10" in log or "n=10 total=10" in log
