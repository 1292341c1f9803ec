"""A frame that a program asks for is out when the call returns, however long the next call keeps all threads waiting."""

import io
import textwrap
from typing import ClassVar

import pytest

import headway
from headway.sink import Frame, ProgressSink
from headway.testing import run_in_terminal

RENDERERS = ["rows", "tqdm", "progressbar2", "alive", "rich"]

PRELUDES = {
    "headway": """
        bar = headway.get_bar(10)
        def stage(text):
            bar.desc = text
            bar.refresh()
        """,
    "headway.tqdm": """
        from headway.tqdm import tqdm
        bar = tqdm(total=10)
        stage = bar.set_description
        """,
    "headway.tqdm, its postfix": """
        from headway.tqdm import tqdm
        bar = tqdm(total=10)
        stage = lambda text: bar.set_postfix(at=text)
        """,
    "captured tqdm": """
        headway.capture("tqdm")
        from tqdm import tqdm
        bar = tqdm(total=10)
        stage = bar.set_description
        """,
    "captured tqdm, its postfix": """
        headway.capture("tqdm")
        from tqdm import tqdm
        bar = tqdm(total=10)
        stage = lambda text: bar.set_postfix(at=text)
        """,
    "captured rich": """
        headway.capture("rich")
        from rich.progress import Progress
        progress = Progress()
        progress.start()
        task = progress.add_task("first", total=10)
        stage = lambda text: progress.update(task, description=text, refresh=True)
        """,
}
NEEDS = {
    "tqdm": "headway_tqdm",
    "progressbar2": "headway_progressbar2",
    "alive": "headway_alive",
    "rich": "headway_rich",
}


def last_rows(prelude: str, code: str, **env: str) -> list[str]:
    """Run a program that is cut off, and return the rows that it leaves."""
    program = "import headway, os, time\n" + textwrap.dedent(PRELUDES[prelude]) + textwrap.dedent(code)
    screen = run_in_terminal(program + "\nos._exit(0)\n", env=env)
    assert "Traceback" not in screen.raw, str(screen)
    return screen.rows


def needs(renderer: str, prelude: str = "") -> None:
    """Skip what is not installed."""
    for name in (NEEDS.get(renderer, ""), prelude.removeprefix("captured ").partition(",")[0]):
        if name in ("rich", "tqdm") or name.startswith("headway_"):
            pytest.importorskip(name)


@pytest.mark.parametrize("threads", ["1", "0"])
@pytest.mark.parametrize("prelude", PRELUDES)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_latest_text_is_on_the_screen(renderer: str, prelude: str, threads: str) -> None:
    """Each of a few stages is seen at once."""
    needs(renderer, prelude)
    rows = last_rows(prelude, "stage('load')\nstage('fit')", HEADWAY_BACKEND=renderer, HEADWAY_THREADS=threads)

    assert any("fit" in row for row in rows), rows
    assert not any("load" in row for row in rows), rows


@pytest.mark.parametrize("prelude", [prelude for prelude in PRELUDES if prelude != "headway"])
def test_a_storm_of_texts_takes_few_frames(prelude: str) -> None:
    """A library that asks for a frame at each step gets a few, and none that waits for more than the usual one."""
    needs("rows", prelude)
    code = """
    from headway.drawing.hub import hub
    handed = []
    call = hub.throttle.call
    hub.throttle.call = lambda job: (handed.append(1), call(job))
    began = time.monotonic()
    for i in range(1000):
        stage(f"step {i}")
    seconds = time.monotonic() - began
    assert len(handed) <= 5 * (seconds + 1), (len(handed), seconds)
    time.sleep(0.3)
    """
    rows = last_rows(prelude, code, HEADWAY_BACKEND="rows")

    assert any("step 999" in row for row in rows), rows


class Seen(ProgressSink):
    """A sink that keeps its last frame."""

    draws = "cell"
    interval = 60.0
    counts: ClassVar[list[int]] = []

    def frame(self, frame: Frame) -> None:
        """Keep the counts."""
        self.counts[:] = [int(s.n) for s in frame.bars]

    def write(self, text: str) -> None:
        """Show no text."""

    def stop(self, within: float) -> None:
        """Have no end."""


def test_a_frame_shows_the_bars_beside_it() -> None:
    """A frame is one picture, and what has changed in other bars is in it, too."""
    with headway.use(Seen), headway.get_bar(10) as outer, headway.get_bar(10) as inner:
        outer.update(3)
        inner.update(4)
        inner.refresh()
        assert Seen.counts == [3, 4]


def test_log_lines_stay_sparse() -> None:
    """Lines that are added to a log go by their interval."""
    file = io.StringIO()
    with headway.get_bar(10, file=file, backend="plain") as bar:
        for _ in range(5):
            bar.update()
            bar.refresh()
        assert file.getvalue().count("\n") == 1


def test_a_bar_that_is_not_shown_or_has_ended_has_none() -> None:
    """Nothing is drawn, and nothing raised."""
    headway.get_bar(10, backend="off").refresh()
    file = io.StringIO()
    bar = headway.get_bar(10, file=file, backend="plain")
    bar.close()
    bar.refresh()

    assert file.getvalue().count("\n") == 2


def test_the_process_that_draws_is_told() -> None:
    """A bar of a worker process is seen as it is before the worker's long call."""
    code = """
    import headway, multiprocessing, os, signal, time

    from headway.drawing.hub import hub

    def work(ready):
        bar = headway.get_bar(10, desc="work")
        ready.wait()
        bar.update(7)
        bar.refresh()
        os.kill(os.getpid(), signal.SIGSTOP)

    def counts():
        bars = [shown.bar() for shown in hub.display.bars.values()]
        return [bar.snapshot().n for bar in bars]

    if __name__ == "__main__":
        fork = multiprocessing.get_context("fork")
        outer = headway.get_bar(2, desc="outer")
        ready = fork.Event()
        worker = fork.Process(target=work, args=(ready,))
        worker.start()
        while len(counts()) < 2:
            time.sleep(0.01)
        ready.set()
        os.waitpid(worker.pid, os.WUNTRACED)
        until = time.monotonic() + 5
        while counts() != [0, 7] and time.monotonic() < until:
            time.sleep(0.01)
        print("counts", counts())
        os.kill(worker.pid, signal.SIGKILL)
        outer.close()
    """
    screen = run_in_terminal(textwrap.dedent(code), env={"HEADWAY_BACKEND": "rows"})

    assert "counts [0, 7]" in screen.rows, str(screen)
