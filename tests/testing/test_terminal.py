"""The terminal of one's own that programs are run on."""

import pytest

from headway.testing import run_in_terminal

pytest.importorskip("pyte")

ENDLESS = "import time; print('alpha'); print('é', end='', flush=True); time.sleep(600)"


def test_a_program_is_killed_when_the_awaited_rows_are_there() -> None:
    """With `until` the screen of a program that goes on for ever can be had."""
    screen = run_in_terminal(ENDLESS, until=lambda rows: rows == ["alpha", "é"])

    assert (screen.rows, screen.status) == (["alpha", "é"], -9)


def test_rows_that_do_not_come_are_awaited_until_the_timeout() -> None:
    """If the rows never come, the caller judges the screen that there is."""
    screen = run_in_terminal(ENDLESS, until=lambda rows: "beta" in rows, timeout=2)

    assert "beta" not in screen.rows
    assert screen.status == -9


def test_a_program_that_does_not_end_in_time_is_an_error() -> None:
    """Without `until` a program has to end by itself."""
    with pytest.raises(TimeoutError, match="did not end within 1 s"):
        run_in_terminal(ENDLESS, timeout=1)
