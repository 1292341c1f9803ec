"""Bars that count in C count as those in Python do."""

import ast
import gc
import inspect
import os
import sys
import threading
from fractions import Fraction
from pathlib import Path

import pytest

import headway
from headway.reporting import tally
from headway.reporting.bar import Bar

if os.environ.get("HEADWAY_TEST_SPEEDUPS") != "1":
    pytest.importorskip("headway_speedups", exc_type=ImportError)

BIG = 2**63


@pytest.fixture
def bar() -> Bar:
    """A bar that is not shown."""
    return headway.get_bar(backend="off")


def test_it_is_used(bar: Bar) -> None:
    """Bars inherit from the compiled class, and the doctor says so."""
    import headway_speedups

    assert isinstance(bar, headway_speedups.Tally)
    assert type(Bar.update) is not type(Bar.set)
    assert tally.COUNTING == "in C, by headway-speedups"


def test_each_way_to_call_counts(bar: Bar) -> None:
    """A number may be given by position, by name, or not at all; the same is true of a call."""
    bar.update()
    bar.update(10)
    bar.update(n=100)
    bar()
    bar(1000)
    bar(n=10000)
    bar.update(-2)

    assert bar.n == 11110
    assert type(bar.n) is int


@pytest.mark.parametrize("sign", [1, -1])
def test_no_count_is_too_large(bar: Bar, sign: int) -> None:
    """A count that no integer of C holds is held all the same, and so is one that comes back."""
    bar.update(sign * (BIG - 1))
    assert bar.balance == sign * (BIG - 1)
    bar.update(sign)
    bar.update(sign)
    assert bar.balance == sign * (BIG + 1)
    bar.update(-sign * 2)
    bar.update(sign * BIG**2)
    bar.update(-sign * BIG**2)
    assert bar.balance == sign * (BIG - 1)


@pytest.mark.parametrize("n", [0.5, Fraction(1, 2), True])
def test_other_numbers_take_the_road_in_python(bar: Bar, n: float) -> None:
    """What is no plain `int` is checked as ever, and added."""
    bar.update(3)
    bar.update(n)
    bar.update(3)

    assert bar.n == 6 + n


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda bar: bar.update("1"), TypeError, "n must be a number"),
        (lambda bar: bar(None), TypeError, "n must be a number"),
        (lambda bar: bar.update(float("nan")), ValueError, "n must be"),
        (lambda bar: bar.update(1, 2), TypeError, "one number"),
        (lambda bar: bar.update(1, n=2), TypeError, "one number"),
        (lambda bar: bar.update(m=2), TypeError, "'m'"),
        (lambda bar: bar.update(n=1, m=2), TypeError, "one number"),
        (lambda bar: bar(1, 2), TypeError, "at most 1 argument"),
        (lambda bar: bar(m=2), TypeError, "'m'"),
        (lambda bar: delattr(bar, "_count"), AttributeError, "deleted"),
    ],
)
def test_errors_come_at_the_call(bar: Bar, wrong: object, error: type[Exception], words: str) -> None:
    """A mistake raises where it is made, and changes no count."""
    bar.update(5)

    with pytest.raises(error, match=words):
        wrong(bar)  # type: ignore[operator]
    assert bar.n == 5


def test_no_names_are_no_argument(bar: Bar) -> None:
    """An empty dictionary adds nothing to the arguments."""
    nothing: dict[str, int] = {}
    bar.update(2, **nothing)
    bar(3, **nothing)
    bar.update(**nothing)

    assert bar.n == 6


def test_threads_lose_nothing(bar: Bar) -> None:
    """Threads that change places as often as they can count exactly, beyond what an integer of C holds, too."""
    bar.update(BIG - 1000)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=lambda: [bar.update(1) for _ in range(5000)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert bar.n == BIG - 1000 + 8 * 5000


def test_nothing_is_left_of_a_bar() -> None:
    """A bar that is gone has let its count and its class go."""

    class Own(Bar):
        pass

    count, number = 2.5e300, sys.getrefcount(Own)
    held = sys.getrefcount(count)
    for _ in range(50):
        bar = Own(initial=1)
        bar._count = count
        bar.update(1)
        bar._count = count
    del bar
    gc.collect()

    assert (held, number) == (sys.getrefcount(count), sys.getrefcount(Own))


def test_help_says_what_it_says_in_python() -> None:
    """The signature and the docstring of `update` are those of the class in Python."""
    text = Path(tally.__file__).read_text(encoding="utf-8")
    (written,) = (
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and node.name == "update"
    )

    assert inspect.getdoc(Bar.update) == ast.get_docstring(written)
    assert [(name, p.default) for name, p in inspect.signature(Bar.update).parameters.items()] == [
        ("self", inspect.Parameter.empty),
        ("n", 1),
    ]


def test_its_protocol_is_that_of_headway() -> None:
    """The source in C says the number that headway asks for."""
    source = Path(__file__).parents[1] / "src" / "headway_speedups" / "_tally.c"

    assert f"#define PROTOCOL {tally.PROTOCOL} " in source.read_text(encoding="utf-8")
