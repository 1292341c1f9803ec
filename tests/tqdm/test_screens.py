"""The screens that tqdm-shaped programs leave: as with tqdm under its renderer, in the same words under others."""

import importlib.util
import re
import textwrap

import pytest

from headway.choosing.discovery import installed
from headway.testing import run_in_terminal

needs_plugins = pytest.mark.skipif(
    not {"tqdm", "alive", "progressbar2"} <= set(installed()), reason="headway's plugins are not installed"
)
needs_tqdm = pytest.mark.skipif(importlib.util.find_spec("tqdm") is None, reason="tqdm is not installed")
SCREENS = {
    "a loop": """
        for i in tqdm(range(7), desc="loop", unit="file"):
            pass
    """,
    "nested": """
        for i in trange(2, desc="outer"):
            for j in tqdm(range(3), desc=f"inner {i}"):
                pass
    """,
    "nested and gone": """
        for i in trange(2, desc="outer"):
            for j in tqdm(range(3), desc=f"inner {i}", leave=False):
                pass
    """,
    "text above": """
        with tqdm(total=3, desc="t") as bar:
            for i in range(3):
                tqdm.write(f"line {i}")
                bar.update()
            bar.write("more")
    """,
    "by itself": """
        with tqdm(total=2, desc="t") as bar, tqdm.external_write_mode():
            os.write(1, b"by itself\\n")
            bar.update(2)
    """,
    "left early": """
        bar = tqdm(range(8), desc="early")
        for i in bar:
            if i == 2:
                break
    """,
    "counts": """
        with tqdm(total=4000, desc="a", unit_scale=True) as a:
            a.update(1200)
        with tqdm(total=4, desc="b", unit_scale=2.25) as b:
            b.update(1)
        with tqdm(desc="c", unit="row") as c:
            c.update(12)
    """,
    "a postfix": """
        with tqdm(total=2, desc="p", postfix={"loss": 0.123456}) as bar:
            bar.update(2)
        with tqdm(total=2, desc="q") as bar:
            bar.update(2)
            bar.set_postfix(b=1234567, a=2)
        with tqdm(total=2, desc="r") as bar:
            bar.update(2)
            bar.set_postfix(b=1, a=2)
            bar.set_postfix_str("text")
    """,
    "a format": """
        with tqdm(total=8, desc="f", bar_format="{desc}> {percentage:3.0f}% {n_fmt} of {total_fmt} {unit} {postfix}") as bar:
            bar.update(8)
            bar.set_postfix(a=1)
    """,
    "words that change": """
        with tqdm(total=2, desc="before") as bar:
            bar.set_description("after")
            bar.update(2)
    """,
    "silent": """
        for i in tqdm(range(3), disable=True):
            pass
        with tqdm(total=3, delay=60) as bar:
            bar.update(3)
        with tqdm(total=3, leave=False) as bar:
            bar.update(3)
        print("done")
    """,
    "no bar": """
        with tqdm(total=8, desc="f", ncols=0) as bar:
            bar.update(2)
    """,
}
DRAWN = re.compile(r"[ █▏▎▍▌▋▊▉]*[█▏▎▍▌▋▊▉][ █▏▎▍▌▋▊▉]*")


def shown(imports: str, program: str, **env: str) -> list[str]:
    """Run a program on a terminal, and return the rows without bars, times, rates and punctuation."""
    code = f"import os, sys\nfrom {imports} import tqdm, trange\n{textwrap.dedent(program)}"
    screen = run_in_terminal(code, env=env)
    assert screen.status == 0, screen
    return [normal(row) for row in screen.rows]


def normal(row: str) -> str:
    """Leave of a row what both are to say: text, share, counts, metrics."""
    row = re.sub(r"\d+:\d\d(:\d\d)?|<\??|\?|[\d.e+]+[kMG]?(i?[A-Za-z]+/s|s/[A-Za-z]+)", "", DRAWN.sub(" ", row))
    words = re.sub(r"[][|,]|: |\b(\d+)\.0\b(?=/|$| )", lambda m: f"{m[1] or ''} ", row)
    return " ".join(word for word in words.split() if word not in ("stopped", "0it/s"))


@needs_tqdm
@needs_plugins
@pytest.mark.parametrize("name", SCREENS)
def test_a_program_leaves_the_same_screen(name: str) -> None:
    """What is left on the terminal says the same under the tqdm renderer, but for times and rates."""
    expected = shown("tqdm", SCREENS[name])

    assert sorted(expected) == sorted(shown("headway.tqdm", SCREENS[name], HEADWAY_BACKEND="tqdm"))


@needs_plugins
def test_a_format_is_shown_by_every_renderer() -> None:
    """A row of a program's own design says the same under a renderer that is not tqdm's."""
    program = """
        with tqdm(total=4, desc="f", bar_format="{desc}: {n_fmt}/{total_fmt} |{bar}| {postfix}") as bar:
            bar.update(4)
            bar.set_postfix(a=1)
    """

    assert shown("headway.tqdm", program, HEADWAY_BACKEND="progressbar2")[0].startswith("f 4/4")


@needs_plugins
def test_rows_leave_the_terminal_for_a_block() -> None:
    """What a block prints by other ways than the program's streams is not mixed up with the rows."""
    program = """
        bar = tqdm(total=4, desc="f")
        bar.update(1)
        with tqdm.external_write_mode():
            os.write(2, b"past everything\\n")
            tqdm.write("and above")
            other = tqdm(total=1, desc="o")
            other.update(1)
            other.close()
        bar.update(3)
        bar.close()
    """
    for backend in ("tqdm", "alive", "progressbar2"):
        rows = shown("headway.tqdm", program, HEADWAY_BACKEND=backend)
        assert rows[:2] == ["past everything", "and above"], backend
        assert {"o", "f"} == {row.split()[0] for row in rows[2:]}, backend
        assert len(rows) == 4, backend


@needs_plugins
def test_ncols_is_the_width_of_the_row() -> None:
    """Under the tqdm renderer a row takes as many columns as the program wants, in a terminal that is wider."""
    program = "from headway.tqdm import tqdm\nwith tqdm(total=2, desc='w', ncols=50) as bar: bar.update(2)"
    screen = run_in_terminal(program, columns=100, env={"HEADWAY_BACKEND": "tqdm"})

    assert len(screen.rows[0]) == 50, screen


@needs_plugins
def test_the_look_of_an_open_bar_may_change() -> None:
    """A bar that turns green at its end is a habit of tqdm's users; the person at the run has the last word."""
    program = """
        from headway.tqdm import tqdm
        with tqdm(total=2, desc="w", colour="red") as bar:
            bar.colour, bar.ascii, bar.ncols = "green", " =", 40
            bar.update(2)
        with tqdm(total=2, desc="x") as bar:
            bar.bar_format = "{desc} <{bar}>"
            bar.update(2)
    """
    screen = run_in_terminal(textwrap.dedent(program), columns=80, env={"HEADWAY_BACKEND": "tqdm"})
    chosen = run_in_terminal(textwrap.dedent(program), columns=80, env={"HEADWAY_BACKEND": "tqdm?colour=blue"})

    assert len(screen.rows[0]) == 40
    assert screen.rows[0].startswith("w: 100%|==")
    assert screen.rows[1].startswith("x <██")
    assert ["\x1b[31m" in screen.raw, "\x1b[32m" in screen.raw] == [True, True]
    assert ["\x1b[34m" in chosen.raw, "\x1b[32m" in chosen.raw] == [True, False]


@needs_plugins
@pytest.mark.parametrize("backend", ["alive", "progressbar2", "plain"])
def test_a_look_that_others_do_not_have(backend: str) -> None:
    """Where another renderer draws, setting tqdm's look says and changes nothing."""
    rows = {
        colour: shown(
            "headway.tqdm",
            f"with tqdm(total=2, desc='w') as bar:\n    bar.colour = {colour}\n    bar.update(2)",
            HEADWAY_BACKEND=backend,
        )
        for colour in ("None", "'green'")
    }

    assert [row.split()[0] for row in rows["None"]] == [row.split()[0] for row in rows["'green'"]]
