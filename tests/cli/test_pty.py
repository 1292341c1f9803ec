"""`headway run --pty` on real terminals: output of any kind above the rows, and all else as without it."""

import re
import sys
import textwrap
from pathlib import Path

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

ROW = re.compile(r"^(work|outer|epoch \d).*\|")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The path of a program that is to be written."""
    return tmp_path / "program.py"


def shown(program: Path, text: str, *options: str, **about: object) -> Screen:
    """Run a program with `--pty` and the core's own rows, and return the screen that it leaves."""
    program.write_text(textwrap.dedent(text))
    arguments = ["-m", "headway", "run", "--pty", *(options or ("--backend", "rows")), str(program)]
    return run_in_terminal("", arguments=arguments, **about)  # type: ignore[arg-type]


def texts(screen: Screen) -> list[str]:
    """Return the rows that are no bars."""
    return [row for row in screen.rows if not ROW.match(row)]


KINDS = """
    import ctypes, os, subprocess, sys, time
    import headway
    libc = ctypes.CDLL(None)
    for i in headway.track(range(8), desc="work"):
        print("print", i)
        os.write(1, b"write %d\\n" % i)
        os.write(2, b"error %d\\n" % i)
        libc.printf(b"printf %d\\n", i)
        libc.fflush(None)
        subprocess.run(["echo", "echo", str(i)])
        sys.stdout.buffer.write(b"buffer %d\\n" % i)
        sys.stdout.buffer.flush()
        time.sleep(0.06)
    print("over")
"""


@pytest.mark.parametrize("backend", ["rows", "tqdm", "alive", "progressbar2", "rich"])
def test_output_of_any_kind_stands_above_the_rows(program: Path, backend: str) -> None:
    """Descriptors, C code and child processes write whole lines above the rows, in order, under each renderer."""
    if backend != "rows":
        pytest.importorskip(f"headway_{backend}")
    screen = shown(program, KINDS, "--backend", backend)
    kinds = ("print", "write", "error", "printf", "echo", "buffer")
    lines = [f"{kind} {i}" for i in range(8) for kind in kinds]

    assert screen.rows[:48] == lines, str(screen)
    assert screen.rows[48].startswith("work"), str(screen)
    assert "8/8" in screen.rows[48] or "8 of 8" in screen.rows[48], str(screen)
    assert screen.rows[49:] == ["over"], str(screen)
    assert screen.status == 0
    assert not screen.cursor_hidden


def test_the_rows_that_bars_leave_keep_their_place_among_texts(program: Path) -> None:
    """The row of an ended bar stands behind what was written before its end, and before what was written after."""
    screen = shown(
        program,
        """
        import os, headway
        for i in range(20):
            for _ in headway.track(range(3), desc=f"epoch {i}"):
                pass
            os.write(1, b"loss of %d\\n" % i)
        """,
    )

    for i in range(20):
        assert screen.rows[2 * i].startswith(f"epoch {i}: 100%"), str(screen)
        assert screen.rows[2 * i + 1] == f"loss of {i}", str(screen)
    assert len(screen.rows) == 40, str(screen)


def test_bars_are_as_in_one_process(program: Path) -> None:
    """Labels, nesting, states, metrics and texts are those of the program; bars alike are not added up."""
    screen = shown(
        program,
        """
        import time, headway
        with headway.get_bar(2, desc="outer", metrics=["loss"]) as outer:
            for _ in range(2):
                for _ in headway.track(range(4), desc="work", leave=True):
                    time.sleep(0.03)
                outer.metrics(loss=0.25)
                outer.update()
        first, second = headway.get_bar(5, desc="work"), headway.get_bar(5, desc="work")
        first.update(3); second.update(4)
        time.sleep(0.3)
        headway.write("written")
        second.fail("no luck"); first.stop()
        """,
    )

    assert len(screen.rows_with("work: 100%")) == 2, str(screen)
    assert len(screen.rows_with("outer: 100%")) == 1, str(screen)
    assert screen.rows_with("loss=0.25") or screen.rows_with("loss 0.25") or screen.rows_with("0.25"), str(screen)
    assert screen.rows_with("3/5"), str(screen)
    assert screen.rows_with("4/5")[0].count("no luck"), str(screen)
    assert "written" in screen.rows, str(screen)
    assert not screen.rows_with("workers"), str(screen)


def test_the_look_that_code_asks_for_is_shown(program: Path) -> None:
    """Widgets, options and the backend of the code are those of the row; sinks that draw nothing stay in the program."""
    screen = shown(
        program,
        """
        import headway
        for _ in headway.track(range(3), desc="a", widgets=["desc", " is at ", "count"]):
            pass
        for _ in headway.track(range(3), desc="b", widgets="{desc} by {count}"):
            pass
        headway.use("rows", width=5)
        for _ in headway.track(range(3), desc="c"):
            pass
        headway.use("rows,events?path=run.jsonl")
        for _ in headway.track(range(3), desc="d"):
            pass
        headway.use("plain")
        for _ in headway.track(range(3), desc="e"):
            pass
        headway.use("off")
        for _ in headway.track(range(3), desc="nothing"):
            pass
        """,
        "--capture",
        "tqdm",
        env={"HEADWAY_INTERACTIVE": "1"},
        cwd=program.parent,
    )
    rows = screen.rows

    assert any(row.startswith("a is at 3/3") for row in rows), str(screen)
    assert any(row.startswith("b by 3/3") for row in rows), str(screen)
    assert any(row.startswith("c: 100% |█████| 3/3") for row in rows), str(screen)
    assert '"desc":"d"' in (program.parent / "run.jsonl").read_text().replace('": ', '":')
    assert any(row.startswith("headway e n=3") for row in rows), str(screen)
    assert not screen.rows_with("nothing"), str(screen)


def test_workers_of_the_program_share_a_row(program: Path) -> None:
    """What processes of a pool report is added up, as it is without a pseudo-terminal, and what they print is above."""
    screen = shown(
        program,
        """
        import multiprocessing, os, time
        import headway
        def work(i):
            for _ in headway.track(range(5), desc="work"):
                time.sleep(0.05)
            os.write(1, b"worker wrote\\n")
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                pool.map(work, range(4))
                pool.close(); pool.join()
        """,
        timeout=120.0,
    )

    assert len(screen.rows_with("20/20")) == 1, str(screen)
    assert texts(screen) == ["worker wrote"] * 4, str(screen)


def test_rows_of_workers_end_with_the_last_bar_of_the_program(program: Path) -> None:
    """Text that the program writes after its last bar stands below the rows of its workers, too."""
    screen = shown(
        program,
        """
        import multiprocessing, time
        import headway
        def work(i):
            for _ in headway.track(range(5), desc="work", leave=True):
                time.sleep(0.05)
        if __name__ == "__main__":
            with headway.get_bar(4, desc="outer") as bar:
                with multiprocessing.get_context("fork").Pool(2) as pool:
                    for _ in pool.imap_unordered(work, range(4)):
                        bar.update()
                    pool.close(); pool.join()
            print("over")
        """,
    )

    assert len(screen.rows_with("20/20")) == 1, str(screen)
    assert len(screen.rows_with("4/4")) == 1, str(screen)
    assert screen.rows[2:] == ["over"], str(screen)


def test_modules_run_with_their_arguments(program: Path) -> None:
    """`headway run --pty -m NAME` is as without `--pty`."""
    program.write_text(
        "import headway, sys\nfor _ in headway.track(range(3), desc='work'): pass\nprint(sys.argv[1:])\n"
    )
    arguments = ["-m", "headway", "run", "--pty", "--backend", "rows", "-m", program.stem, "--pty", "-m", "x"]
    screen = run_in_terminal("", arguments=arguments, cwd=program.parent)

    assert screen.rows[0].startswith("work: 100%"), str(screen)
    assert screen.rows[1:] == ["['--pty', '-m', 'x']"], str(screen)


def test_a_counter_of_a_c_program_stands_on_its_line(program: Path) -> None:
    """What is painted again and again behind a return is seen while it is painted, above the rows, and stays once."""
    screen = shown(
        program,
        """
        import os, time, headway
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            for i in range(10):
                os.write(1, b"\\rcount %d" % i)
                bar.update()
                time.sleep(0.06)
            os.write(1, b"\\rcounted all\\n")
        """,
    )

    assert screen.rows[0] == "counted all", str(screen)
    assert screen.rows[1].startswith("work: 100%"), str(screen)
    assert len(screen.rows) == 2, str(screen)
    assert re.search(r"\rcount \d\x1b\[K\r\r\nwork", screen.raw)


ASKS = """
    import getpass, os, time, headway
    with headway.get_bar(10, desc="work") as bar:
        bar.update(5)
        time.sleep(0.4)
        name = input("name? ")
        secret = getpass.getpass("secret? ")
        os.write(1, f"{name} {secret}\\n".encode())
        bar.update(5)
"""


@pytest.mark.parametrize("backend", ["rows", "tqdm"])
def test_questions_are_seen_and_answered(program: Path, backend: str) -> None:
    """A prompt is visible, what is typed is echoed behind it, and a secret is not."""
    if backend == "tqdm":
        pytest.importorskip("headway_tqdm")
    types = {"name? ": "Adx\x7fa\n", "secret? ": "hidden\n"}
    screen = shown(program, ASKS, "--backend", backend, types=types, hesitates=0.3)

    assert texts(screen) == ["name? Ada", "secret?", "Ada hidden"], str(screen)
    assert len(screen.rows_with("10/10")) == 1, str(screen)


def test_text_without_an_end_is_never_lost(program: Path) -> None:
    """A line that is not whole when the last bar ends is there, and goes on."""
    screen = shown(
        program,
        """
        import os, time, headway
        os.write(1, b"before ")
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            os.write(1, b"and ")
            bar.update(10)
        os.write(1, b"after\\nlast")
        """,
    )

    assert screen.rows[0].startswith("work: 100%"), str(screen)
    assert screen.rows[1:] == ["before and after", "last"], str(screen)


def test_colours_do_not_leak_into_rows(program: Path) -> None:
    """A colour that the program leaves on goes on in its next line, and the row between has its own."""
    screen = shown(
        program,
        """
        import os, sys, time, headway
        assert sys.stdout.isatty() and os.environ["TERM"] == "xterm-256color"
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            os.write(1, b"\\x1b[1;31mred\\n")
            time.sleep(0.3)
            os.write(1, b"still\\n")
            os.write(1, b"\\x1b[0mplain\\n")
        """,
    )

    assert "\x1b[1;31mred\x1b[0m" in screen.raw
    assert "\x1b[1;31mstill\x1b[0m" in screen.raw
    assert texts(screen) == ["red", "still", "plain"], str(screen)


def test_the_size_is_passed_on_and_followed(program: Path) -> None:
    """The program finds the terminal's size, hears of a new one, and no row is torn by it."""
    screen = shown(
        program,
        """
        import os, signal, time, headway
        sizes = []
        signal.signal(signal.SIGWINCH, lambda *_: sizes.append(os.get_terminal_size()))
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            print(*os.get_terminal_size(), "RESIZE")
            while not sizes:
                time.sleep(0.01)
            print(*sizes[-1])
        """,
        columns=80,
        lines=24,
        resize=(60, 20),
    )

    assert texts(screen) == ["80 24 RESIZE", "60 20"], str(screen)


def test_full_screen_programs_have_the_terminal_to_themselves(program: Path) -> None:
    """The rows are away as long as the other screen is shown, whose bytes pass untouched."""
    screen = shown(
        program,
        """
        import os, time, headway
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            os.write(1, b"first\\n\\x1b[?1049h\\x1b[2J\\x1b[5;5Hfull")
            for _ in range(5):
                bar.update()
                time.sleep(0.1)
            os.write(1, b"\\x1b[6;5Hscreen\\x1b[?1049lsecond\\n")
        """,
        judge="tmux",
    )
    full = screen.raw.split("\x1b[?1049h")[1].split("\x1b[?1049l")[0]

    assert full == "\x1b[2J\x1b[5;5Hfull\x1b[6;5Hscreen"
    assert texts(screen) == ["first", "second"], str(screen)
    assert len(screen.rows_with("work")) == 1, str(screen)


def test_programs_that_paint_several_lines_do_so(program: Path) -> None:
    """What moves the cursor to other lines has the terminal without rows, which come back."""
    screen = shown(
        program,
        """
        import os, time, headway
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            os.write(1, b"a 0\\nb 0\\n")
            for i in range(1, 5):
                os.write(1, b"\\x1b[2Aa %d\\nb %d\\n" % (i, i))
                time.sleep(0.1)
            time.sleep(0.8)
            bar.update(10)
        """,
    )

    assert screen.rows[:2] == ["a 4", "b 4"], str(screen)
    assert screen.rows[2].startswith("work: 100%"), str(screen)


def test_bytes_that_are_no_text_pass(program: Path) -> None:
    """Bytes that are not UTF-8, and characters cut in two, come out as they went in."""
    screen = shown(
        program,
        """
        import os, time, headway
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            os.write(1, b"latin \\xe9\\xff end\\n")
            os.write(1, "π".encode()[:1]); time.sleep(0.05); os.write(1, "π".encode()[1:] + b" whole\\n")
        os.write(1, b"straight \\xe9\\n")
        """,
    )

    assert "latin \ufffd\ufffd end" in screen.rows, str(screen)
    assert "π whole" in screen.rows, str(screen)
    assert "straight \ufffd" in screen.rows, str(screen)


def test_a_program_without_bars_has_a_plain_pipe(program: Path) -> None:
    """Nothing is added to the bytes of a program that reports no progress, and nothing taken away."""
    screen = shown(program, 'import os\nos.write(1, b"a\\x1b[31mb\\tc\\rd\\x1b[2Ae\\n\\xff")\n')

    assert screen.raw.encode("utf-8", "replace") == "a\x1b[31mb\tc\rd\x1b[2Ae\r\n\ufffd".encode()
