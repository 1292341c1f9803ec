"""What worker processes print and log while the process that they report to draws on their terminal."""

import os
from importlib.util import find_spec

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX"),
    pytest.mark.skipif(not find_spec("headway_tqdm"), reason="no renderer is installed that draws rows"),
]

BACKENDS = ["tqdm", *(name for name in ("alive", "progressbar2", "rich") if find_spec(f"headway_{name}"))]


def show(code: str, backend: str = "tqdm", **env: str) -> Screen:
    """Run a program with a terminal renderer; it ends by printing DONE."""
    program = "import headway, os, sys, time\n" + code.replace("\n        ", "\n") + "\nprint('DONE')"
    screen = run_in_terminal(program, env={"HEADWAY_BACKEND": backend, **env}, columns=100)

    assert screen.status == 0, str(screen)
    assert "DONE" in screen.rows, str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


@pytest.mark.parametrize("threads", ["1", "0"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_lines_of_forked_workers_are_whole_and_in_order(backend: str, threads: str) -> None:
    """Workers print, log and report beside a bar: each line is whole and above, before what the parent says of it."""
    screen = show(
        """
        import logging, multiprocessing
        logging.basicConfig(format='%(message)s')
        def work(k):
            for i in headway.track(range(10), desc='work'):
                print('worker', k, i)
                logging.warning('worker %d %g', k, i + 0.5)
                time.sleep(0.01)
            return k
        with headway.get_bar(6, desc='all') as bar, multiprocessing.get_context('fork').Pool(3) as pool:
            for k in pool.imap_unordered(work, range(6)):
                print('done', k)
                bar.update()
        """,
        backend,
        HEADWAY_THREADS=threads,
    )

    said = [f"{i / 2:g}" for i in range(20)]
    for k in range(6):
        lines = [row for row in screen.rows if row.startswith(f"worker {k} ") or row == f"done {k}"]
        assert [*(f"worker {k} {i}" for i in said), f"done {k}"] == lines, str(screen)
    starts = "worker ", "done ", "DONE", "work:", "work ", "all:", "all "
    assert all(row.startswith(starts) for row in screen.rows), str(screen)


def test_lines_of_a_started_worker_are_whole_once_it_reports() -> None:
    """The same in a program that is started, from its first bar on."""
    screen = show(
        """
        import subprocess
        code = "import headway, time\\nfor i in headway.track(range(20), desc='work'): print('line', i); time.sleep(0.02)"
        with headway.get_bar(1, desc='all') as bar:
            subprocess.run([sys.executable, '-c', code], check=True)
            bar.update()
        """
    )

    assert [f"line {i}" for i in range(20)] == screen.rows_with("line "), str(screen)


def test_a_worker_that_floods_the_terminal_loses_no_line() -> None:
    """Six thousand lines as fast as they can be printed are all there, once and in order."""
    screen = show(
        """
        with headway.get_bar(1, desc='all') as bar:
            child = os.fork()
            if not child:
                for i in range(6_000): print('line', i)
                os._exit(0)
            os.waitpid(child, 0)
            print('then')
            bar.update()
        """
    )

    assert [f"line {i}" for i in range(6_000)] == screen.rows_with("line "), str(screen)
    assert screen.rows[6_000] == "then"


def test_what_has_no_end_is_not_lost_with_a_worker() -> None:
    """A line in pieces is whole where its end comes in time; what a worker flushes before it vanishes is there."""
    screen = show(
        """
        with headway.get_bar(1, desc='all') as bar:
            child = os.fork()
            if not child:
                print('one', end=' '); print('line'); print('x' * 30_000)
                print('no end', end='', flush=True)
                os._exit(0)
            os.waitpid(child, 0)
            bar.update()
        """
    )

    assert "one line" in screen.rows, str(screen)
    assert "x" * 30_000 in "".join(screen.rows)
    assert "no end" in screen.raw


def test_a_worker_whose_output_was_led_elsewhere_prints_there(tmp_path: object) -> None:
    """A child that puts a file in the place of its output by `os.dup2` finds all its lines in the file."""
    show(
        f"""
        with headway.get_bar(1, desc='all') as bar:
            child = os.fork()
            if not child:
                os.dup2(os.open({str(tmp_path)!r} + '/out', os.O_CREAT | os.O_WRONLY), 1)
                for i in range(10): print('line', i)
                sys.stdout.flush()
                os._exit(0)
            os.waitpid(child, 0)
            bar.update()
        """
    )

    with open(f"{tmp_path}/out") as out:
        assert "".join(f"line {i}\n" for i in range(10)) == out.read()


def test_grandchildren_print_above_the_rows_too() -> None:
    """The child of a child prints whole lines as well."""
    screen = show(
        """
        with headway.get_bar(3, desc='all') as bar:
            for k in range(3):
                child = os.fork()
                if not child:
                    print('child', k)
                    grandchild = os.fork()
                    if not grandchild:
                        print('grandchild', k); os._exit(0)
                    os.waitpid(grandchild, 0); print('child', k, 'again'); os._exit(0)
                os.waitpid(child, 0)
                bar.update()
        """
    )

    assert [f"grandchild {k}" for k in range(3)] == screen.rows_with("grandchild"), str(screen)
    assert [line for k in range(3) for line in (f"child {k}", f"child {k} again")] == [
        row for row in screen.rows if row.startswith("child")
    ], str(screen)


def test_no_line_is_lost_after_the_display_has_ended() -> None:
    """Workers that outlive the bars go on printing."""
    screen = show(
        """
        with headway.get_bar(1, desc='all') as bar:
            child = os.fork()
            if not child:
                for i in range(30): print('line', i); time.sleep(0.05)
                os._exit(0)
            time.sleep(0.3); bar.update()
        os.waitpid(child, 0)
        """
    )

    assert [f"line {i}" for i in range(30)] == screen.rows_with("line "), str(screen)


def test_no_line_is_lost_where_the_display_hangs() -> None:
    """A metric that never comes back takes the bar with it at most, not what workers print and write."""
    screen = run_in_terminal(
        """
        import headway, os, time
        class Hangs:
            def __float__(self): time.sleep(60)
        bar = headway.get_bar(1, desc='all')
        bar.metrics(loss=Hangs())
        time.sleep(0.3)
        child = os.fork()
        if not child:
            for i in range(30): print('line', i)
            headway.write('written')
            os._exit(0)
        os.waitpid(child, 0)
        print('of the parent'); print('and more')
        bar.update()
        """,
        env={"HEADWAY_BACKEND": "tqdm"},
    )

    assert screen.status == 0, str(screen)
    assert screen.rows[1:3] == ["of the parent", "and more"], str(screen)

    assert [f"line {i}" for i in range(30)] == screen.rows_with("line "), str(screen)
    assert screen.rows_with("written") == ["written"], str(screen)


def test_the_row_of_workers_ends_with_the_last_bar() -> None:
    """What is printed after the last bar stands below the row of the workers too, not above."""
    screen = show(
        """
        import multiprocessing
        def work(k):
            for i in headway.track(range(5), desc='work', leave=True): time.sleep(0.1)
        with multiprocessing.get_context('fork').Pool(2) as pool:
            with headway.get_bar(4, desc='all') as bar:
                for _ in pool.imap_unordered(work, range(4)): bar.update()
            print('and then')
        """
    )

    assert [row.split(":")[0] for row in screen.rows] == ["work", "all", "and then", "DONE"], str(screen)
    assert "20/20" in screen.rows[0]
