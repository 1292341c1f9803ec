"""Loops that are left early on purpose: each way to do it is a success, and is told from an error."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import headway
from headway.testing import Recorder


def items() -> Any:
    """Make a track over some items."""
    return headway.track(range(10), desc="a")


def by_break() -> None:
    for i in items():
        if i == 3:
            break


def by_return() -> int:
    for i in items():
        if i == 3:
            return i
    return 0


def by_return_of_a_call() -> str:
    for i in items():
        if i == 3:
            return str(i)
    return ""


def by_break_in_try_finally() -> None:
    for i in items():
        try:
            if i == 3:
                break
        finally:
            str(i)


def by_break_in_with() -> None:
    for i in items():
        with open("/dev/null"):
            if i == 3:
                break


def by_break_after_an_error_in_the_body() -> None:
    for i in items():
        try:
            1 / 0
        except ZeroDivisionError:
            if i == 3:
                break


def by_break_with_an_old_traceback_kept() -> BaseException | None:
    kept = None
    for i in items():
        try:
            raise ValueError("kept")
        except ValueError as error:
            kept = error
        if i == 3:
            break
    return kept


def by_return_with_an_old_traceback_kept() -> BaseException | None:
    kept = None
    for i in items():
        try:
            raise ValueError("kept")
        except ValueError as error:
            kept = error
        if i == 3:
            return kept
    return None


def by_break_while_an_error_is_handled() -> None:
    try:
        raise ValueError("handled")
    except ValueError:
        for i in items():
            if i == 3:
                break


def by_a_closed_generator() -> None:
    def relay() -> Iterator[int]:
        yield from items()

    generator = relay()
    for _ in range(4):
        next(generator)
    generator.close()


def by_a_dropped_generator() -> None:
    def relay() -> Iterator[int]:
        for i in items():
            yield i

    generator = relay()
    for _ in range(4):
        next(generator)
    del generator


def by_zip_cut_short() -> None:
    for _, _ in zip(items(), range(3), strict=False):
        pass


def by_any() -> None:
    assert any(i == 3 for i in items())


def by_next() -> None:
    assert next(i for i in items() if i == 3) == 3


def by_an_inner_function() -> None:
    def work() -> None:
        by_break()

    for _ in (1,):
        work()


EARLY = [f for name, f in sorted(globals().items()) if name.startswith("by_")]


@pytest.mark.parametrize("end", EARLY, ids=lambda f: f.__name__)
def test_an_early_end_on_purpose_is_stopped(recorded: Recorder, end: Callable[[], object]) -> None:
    """Leaving a loop early without an error is a success: stopped, with what was done by then."""
    if end is by_a_closed_generator and sys.version_info < (3, 11):
        pytest.skip("known limit before Python 3.11: `yield from` is closed")
    kept = end()

    last = recorded.last("a")
    assert (last.state, last.n) == ("stopped", 3), kept
