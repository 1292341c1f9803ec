"""Bars that are handed to workers, by any road: what the workers count, the bar counts, to the last unit."""

import os
import pickle
import signal
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import absent
import headway
from headway.processes import ledger
from headway.processes.ledger import Ledger, entry

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")

METHODS = ["fork", "spawn", "forkserver"]
WORK = """
    import os, signal, sys, threading
    import headway

    def count(i, bar):
        for _ in range(20):
            bar.update()

    def count_and_die(i, bar):
        count(i, bar)
        os.kill(os.getpid(), signal.SIGKILL)

    def count_in_threads(i, bar):
        threads = [threading.Thread(target=count, args=(i, bar)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def count_parts(i, bar):
        for _ in range(10):
            bar.update(0.5)
            bar.update(-0.25)

    def set_n(bar):
        bar.n += 2
        bar.refresh()

    def hand_on(i, bar):
        import multiprocessing
        child = multiprocessing.get_context("spawn").Process(target=count, args=(i, bar))
        child.start(), child.join()
"""


@pytest.fixture
def relayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process have a relay, and so a ledger."""
    if absent.IN_PYODIDE:
        absent.lacking("processes")
    monkeypatch.setenv("HEADWAY_RELAY", "")


@pytest.fixture
def handed(run: Any, tmp_path: Path) -> Callable[..., str]:
    """Run a program that can import functions which count; return its last line."""
    (tmp_path / "work.py").write_text(textwrap.dedent(WORK))

    def handed(code: str, **env: str) -> str:
        begin = "import sys; sys.path.insert(0, '.'); import headway, work, multiprocessing as mp\n"
        body = textwrap.indent(textwrap.dedent(code), "    ")
        (tmp_path / "program.py").write_text(f"{begin}if __name__ == '__main__':\n{body}")
        settings = {"HEADWAY_BACKEND": "plain", "HEADWAY_RELAY": "", **env}
        done = run(
            "import runpy; runpy.run_path('program.py', run_name='__main__')", options=("-W", "ignore"), **settings
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout.strip().splitlines()[-1])

    return handed


WAYS = {
    "executor": """
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2, mp_context=mp.get_context({method!r})) as pool, headway.get_bar(160) as bar:
            list(pool.map(work.count, range(8), [bar] * 8))
    """,
    "pool": """
        with mp.get_context({method!r}).Pool(2) as pool, headway.get_bar(160) as bar:
            pool.starmap(work.count, [(i, bar) for i in range(8)])
    """,
    "pool inside": """
        with headway.get_bar(160) as bar, mp.get_context({method!r}).Pool(2) as pool:
            pool.starmap(work.count, [(i, bar) for i in range(8)])
    """,
    "processes": """
        with headway.get_bar(160) as bar:
            children = [mp.get_context({method!r}).Process(target=work.count, args=(i, bar)) for i in range(8)]
            for child in children: child.start()
            for child in children: child.join()
    """,
    "killed": """
        with headway.get_bar(160) as bar:
            children = [mp.get_context({method!r}).Process(target=work.count_and_die, args=(i, bar)) for i in range(8)]
            for child in children: child.start()
            for child in children: child.join()
    """,
    "threads of workers": """
        with headway.get_bar(160) as bar:
            children = [mp.get_context({method!r}).Process(target=work.count_in_threads, args=(i, bar)) for i in range(2)]
            for child in children: child.start()
            for child in children: child.join()
    """,
    "handed on": """
        with headway.get_bar(40) as bar:
            children = [mp.get_context({method!r}).Process(target=work.hand_on, args=(i, bar)) for i in range(2)]
            for child in children: child.start()
            for child in children: child.join()
    """,
    "parts": """
        with headway.get_bar(10) as bar:
            children = [mp.get_context({method!r}).Process(target=work.count_parts, args=(i, bar)) for i in range(4)]
            for child in children: child.start()
            for child in children: child.join()
    """,
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("way", WAYS)
def test_no_count_is_lost(handed: Callable[..., str], way: str, method: str) -> None:
    """The bar ends when the work is done, and has all of it, also if each worker is killed right after its last count."""
    total = {"parts": "10", "handed on": "40"}.get(way, "160")
    end = "\nprint(f'{bar.n:g}', bar.state)"

    assert handed(textwrap.dedent(WAYS[way].format(method=method)) + end) == f"{total} finished"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_bar_of_the_door_counts_for_the_original(handed: Callable[..., str], method: str) -> None:
    """So it is with `headway.tqdm`, whose `n` may be set, too."""
    code = f"""
        from headway.tqdm import tqdm
        with mp.get_context({method!r}).Pool(2) as pool, tqdm(total=164) as bar:
            pool.starmap(work.count, [(i, bar) for i in range(8)])
            pool.starmap(work.set_n, [(bar,)] * 2)
            print(bar.n)
    """

    assert handed(code) == "164"


@pytest.mark.parametrize("backend", ["plain", "off"])
def test_a_pickled_bar_counts_with_progress_on_and_off(handed: Callable[..., str], backend: str) -> None:
    """A run computes the same if it is not shown."""
    code = textwrap.dedent(WAYS["executor"].format(method="spawn"))

    assert handed(code + "\nprint(bar.n, bar.state)", HEADWAY_BACKEND=backend) == "160 finished"


def test_a_bar_in_a_closure_of_a_fork(handed: Callable[..., str]) -> None:
    """A worker that was forked counts for the bar of its parent; so does a worker of that worker."""
    code = """
        bar = headway.get_bar(7, initial=1)
        bar.update()
        def start(act):
            child = mp.get_context("fork").Process(target=act)
            child.start(), child.join()
        start(lambda: (bar.update(2), start(lambda: bar.update(2)), bar.update()))
        print(bar.n)
        bar.close()
        print(bar.n, bar.state)
    """

    assert handed(code) == "7 finished"


def test_a_child_that_the_program_forks_itself_counts_for_itself(handed: Callable[..., str]) -> None:
    """It may go on with the same work, which would be counted twice."""
    code = """
        import os
        bar = headway.get_bar(3)
        child = os.fork()
        for _ in range(3):
            bar.update()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        bar.close()
        print(bar.n, bar.state)
    """

    assert handed(code) == "3 finished"


def test_what_a_forked_child_does_not_update_stays(handed: Callable[..., str]) -> None:
    """A child that ends a bar it has inherited, or goes on with its loop, changes nothing of its parent's."""
    code = """
        import os
        with headway.get_bar(3, desc="bar") as bar:
            for i in headway.track(range(3), desc="loop") :
                child = os.fork()
                if not child:
                    bar.close()
                    os._exit(0)
                os.waitpid(child, 0)
                bar.update()
        print(bar.n, bar.state)
    """

    assert handed(code) == "3 finished"


def test_ten_thousand_tasks_need_no_more_room_than_their_workers(handed: Callable[..., str]) -> None:
    """A copy that is let go of leaves its entry to the next one: the ledger has a page for each worker."""
    code = """
        import glob, os
        from headway.processes import address, ledger
        with mp.get_context("fork").Pool(2) as pool, headway.get_bar(20000) as bar:
            pool.starmap(work.count, [(i, bar) for i in range(1000)])
            size = os.path.getsize(bar.tie.path)
        print(bar.n, size <= 3 * ledger.PAGE)
    """

    assert handed(code) == "20000 True"


@pytest.mark.usefixtures("relayed")
def test_a_copy_in_the_process_of_the_original_counts_for_it() -> None:
    """A scheduler in the same process may unpickle a bar, and pickle it again for its workers."""
    with headway.get_bar(10, backend="off") as bar:
        twin = pickle.loads(pickle.dumps(bar))
        twin.update(4)
        again = pickle.loads(pickle.dumps(twin))
        again.update(3)
        threads = [threading.Thread(target=again.update) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert bar.n == 10
    assert bar.state == "finished"


@pytest.mark.usefixtures("relayed")
def test_set_of_a_copy_says_how_much_it_has_done() -> None:
    """`set` counts from where the copy began."""
    with headway.get_bar(10, backend="off") as bar:
        bar.update(2)
        twin = pickle.loads(pickle.dumps(bar))
        twin.set(5)
        twin.set(4)

        assert bar.n == 4


@pytest.mark.usefixtures("relayed")
def test_a_copy_that_is_let_go_of_counts_once() -> None:
    """Its count stays, and the next copy adds to it."""
    with headway.get_bar(10, backend="off") as bar:
        for _ in range(5):
            twin = pickle.loads(pickle.dumps(bar))
            twin.update(2)
            del twin

        assert bar.n == 10


@pytest.mark.usefixtures("relayed")
def test_a_signal_handler_that_counts_in_the_middle_of_a_count() -> None:
    """A handler may strike at any instruction of an update: nothing is lost."""
    struck = 0
    with headway.get_bar(backend="off") as bar:
        twin = pickle.loads(pickle.dumps(bar))

        def handle(_number: int, _frame: Any) -> None:
            nonlocal struck
            struck += 1
            twin.update()

        before = signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            for _ in range(200_000):
                twin.update()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

        assert struck > 10
        assert bar.n == 200_000 + struck


def test_without_a_ledger_a_copy_reports_through_the_relay(handed: Callable[..., str]) -> None:
    """In a container that shares no folder, the relay brings the counts."""
    code = """
        import time
        from headway.reporting import copies
        before = copies.tie_to_copies
        copies.tie_to_copies = lambda bar: before(bar) and "/nowhere/" + "pid-1.counts"
        with mp.get_context("spawn").Pool(2) as pool, headway.get_bar(160) as bar:
            pool.starmap(work.count, [(i, bar) for i in range(8)])
            until = time.monotonic() + 10
            while bar.n < 160 and time.monotonic() < until:
                time.sleep(0.01)
        print(bar.n, bar.state)
    """

    assert handed(code, HEADWAY_BACKEND="events?path=run.jsonl") == "160 finished"


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_amounts_are_added_up_by_bar() -> None:
    """Each entry is one copy's; a bar has the sum of its entries."""
    book = Ledger()
    first, second, other = entry(book.path, 1), entry(book.path, 1), entry(book.path, 2)
    first.write(3), second.write(0.5), other.write(-1)

    assert (book.amount(1), book.amount(2), book.amount(3)) == (3.5, -1.0, 0.0)
    assert os.stat(book.path).st_mode & 0o777 == 0o600


def test_entries_beyond_a_page() -> None:
    """When a page is full the next one is appended."""
    book = Ledger()
    entries = [entry(book.path, 1) for _ in range(ledger.PER_PAGE + 1)]
    for each in entries:
        each.write(1)

    assert book.amount(1) == ledger.PER_PAGE + 1
    assert os.path.getsize(book.path) == 2 * ledger.PAGE


def test_amounts_that_cannot_be_are_left_out() -> None:
    """What is no number, or is out of proportion, is not counted."""
    book = Ledger()
    kept = [entry(book.path, 1) for _ in range(4)]
    for each, amount in zip(kept, (float("nan"), float("inf"), 1e301, 2.0), strict=True):
        each.write(amount)

    assert book.amount(1) == 2.0


def test_a_file_that_is_gone_raises_where_it_can_be_handled(tmp_path: Path) -> None:
    """The error is one that the copy takes for "out of reach"."""
    with pytest.raises(OSError, match="nowhere"):
        entry(str(tmp_path / "nowhere"), 1)


def test_the_file_goes_with_its_process(handed: Callable[..., str]) -> None:
    """At the exit of the process its file is taken away, and that of a killed one by the next that has a relay."""
    path = handed("bar = headway.get_bar(3)\nimport pickle\npickle.dumps(bar)\nprint(bar.tie.path)\nbar.close()")

    assert "counts" in path
    assert not os.path.exists(path)
