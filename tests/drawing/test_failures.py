"""The row of a bar that failed inside of another one: it stays, under the row of the outer one if that ends, too."""

import textwrap

import pytest

from headway.testing import run_in_terminal

RENDERERS = {"rows": "", "tqdm": "headway_tqdm", "progressbar2": "headway_progressbar2", "rich": "headway_rich"}
WITH_ALIVE = {**RENDERERS, "alive": "headway_alive"}


def rows_of(renderer: str, code: str, **how: object) -> list[str]:
    """Run a program and return the first words of the rows that it leaves."""
    if WITH_ALIVE[renderer]:
        pytest.importorskip(WITH_ALIVE[renderer])
    screen = run_in_terminal(textwrap.dedent(code), env={"HEADWAY_BACKEND": renderer}, **how)  # type: ignore[arg-type]
    assert "HeadwayWarning" not in screen.raw, str(screen)
    words = [row.split() for row in screen.rows if row]
    return [f"{row[0]} {row[1].strip(':')}" for row in words if row[0].rstrip(":") in NAMES]


NAMES = {"outer", "inner", "inner0", "inner1", "inner2"}


@pytest.mark.parametrize("renderer", WITH_ALIVE)
def test_it_stands_under_the_outer_one(renderer: str) -> None:
    """An error that ends both loops leaves both rows, with their last numbers."""
    code = """
    import headway
    for i in headway.track(range(3), desc="outer"):
        for j in headway.track(range(100), desc="inner"):
            if (i, j) == (1, 40):
                raise ValueError("boom")
    """
    assert rows_of(renderer, code) == ["outer FAILED", "inner FAILED"]


@pytest.mark.parametrize("renderer", RENDERERS)
def test_ctrl_c_leaves_both(renderer: str) -> None:
    """The same holds for an interrupted program."""
    code = """
    import headway, time
    for i in headway.track(range(3), desc="outer"):
        for j in headway.track(range(10000), desc="inner"):
            print("READY") if j == 9 else None
            time.sleep(0.01)
    """
    rows = rows_of(renderer, code, interrupt_at="READY")

    assert rows == ["outer interrupted", "inner interrupted"]


@pytest.mark.parametrize("renderer", RENDERERS)
def test_it_goes_above_if_the_outer_one_goes_on(renderer: str) -> None:
    """The row of a loop whose error is caught is left above, before the next one inside comes."""
    code = """
    import headway
    for i in headway.track(range(4), desc="outer"):
        try:
            for j in headway.track(range(20), desc=f"inner{i}"):
                if i < 2 and j == 10:
                    raise ValueError("boom")
        except ValueError:
            pass
    """
    rows = [row.split(":")[0] for row in rows_of(renderer, code)]

    assert rows[:2] == ["inner0 FAILED", "inner1 FAILED"]
    assert [row.split()[0] for row in rows[2:]] == ["outer"], rows


def test_it_goes_above_if_the_outer_one_counts_on() -> None:
    """A frame in which the outer bar has moved shows the row above it."""
    code = """
    import headway, os
    outer = headway.get_bar(4, desc="outer")
    with outer:
        try:
            with headway.get_bar(20, desc="inner") as inner:
                inner.update(10)
                raise ValueError("boom")
        except ValueError:
            pass
        outer.update()
        outer.refresh()
        os._exit(0)
    """
    assert rows_of("rows", code) == ["inner FAILED", "outer: 25%"]


def test_it_stands_where_it_was_meanwhile() -> None:
    """Until the outer bar moves nobody knows how that goes on."""
    code = """
    import headway, os
    with headway.get_bar(4, desc="outer") as outer:
        try:
            with headway.get_bar(20, desc="inner") as inner:
                raise ValueError("boom")
        except ValueError:
            pass
        outer.refresh()
        os._exit(0)
    """
    assert rows_of("rows", code) == ["outer: 0%", "inner FAILED"]


def test_what_is_to_leave_no_row_leaves_none() -> None:
    """`leave=False` is said by the program, and holds."""
    code = """
    import headway
    with headway.get_bar(4, desc="outer"), headway.get_bar(20, desc="inner", leave=False):
        raise ValueError("boom")
    """
    assert rows_of("rows", code) == ["outer FAILED"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_it_is_not_lost_while_rows_are_away(when: str) -> None:
    """It comes back with the others, whether it ended before they went or meanwhile."""
    code = f"""
    import headway
    outer = headway.get_bar(4, desc="outer")
    outer.__enter__()
    inner = headway.get_bar(20, desc="inner")
    if "{when}" == "before":
        inner.fail("boom")
    with headway.suspend():
        inner.fail("boom")
        print("alone")
    outer.fail("boom")
    """
    assert sorted(rows_of("rows", code)) == ["inner FAILED", "outer FAILED"]


def test_many_failures_leave_one_row_each() -> None:
    """None is kept for ever, or shown twice."""
    code = """
    import headway
    with headway.get_bar(50, desc="outer") as outer:
        for i in range(50):
            try:
                with headway.get_bar(20, desc="inner"):
                    raise ValueError("boom")
            except ValueError:
                outer.update()
    """
    assert rows_of("rows", code) == ["inner FAILED"] * 50 + ["outer: 100%"]
