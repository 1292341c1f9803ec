"""Objects that raise and lie: refused at the call in a few words, or shown as what they are; the bar stays usable."""

from __future__ import annotations

import decimal
import fractions
import io
import math
from typing import Any

import pytest

import headway


class Raises:
    """Raises whatever it is asked."""

    def _raise(self, *_: Any) -> Any:
        raise RuntimeError("\x1b]0;title\x07" + "x" * 100_000)

    __float__ = __index__ = __bool__ = __len__ = __iter__ = __getitem__ = __repr__ = __str__ = __eq__ = _raise
    __hash__ = None  # type: ignore[assignment]


class Long:
    """Has a representation that no message should repeat."""

    def __repr__(self) -> str:
        return "\x1b[2J" + "x" * 10_000_000


class OddInt(int):
    """A whole number of which only the value is sound."""

    def __repr__(self) -> str:
        raise RuntimeError("no words")

    __lt__ = __add__ = __radd__ = lambda *_: 1 / 0  # type: ignore[assignment]


class OddText(str):
    """A text of which only the characters are sound."""

    __slots__ = ()
    __len__ = __getitem__ = __str__ = __repr__ = isascii = split = lambda *_: 1 / 0  # type: ignore[assignment]


REFUSED = [Raises(), Long(), "5", b"5", 1j, [], {}, object(), decimal.Decimal("sNaN"), math.nan, 10**400, -(10**5000)]
ASKS: dict[str, Any] = {
    "total": lambda value: headway.get_bar(value, backend="off"),
    "initial": lambda value: headway.get_bar(initial=value, backend="off"),
    "units": lambda value: headway.get_bar(units={"sample": value}, backend="off"),
    "smooth": lambda value: headway.Metric("a", smooth=value),
    "epochs": lambda value: headway.loop([1], epochs=value, backend="off"),
    "max_time": lambda value: headway.loop([1], max_time=value, backend="off"),
}


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("ask", ASKS)
def test_what_is_no_count_is_refused_in_a_few_words(ask: str, value: Any) -> None:
    """Whatever an object does when it is asked, I get one short and printable error, at the call."""
    with pytest.raises((TypeError, ValueError)) as caught:
        ASKS[ask](value)

    assert len(str(caught.value)) < 1500
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("value", [Raises(), Long(), 5, b"x", None, object()], ids=lambda value: type(value).__name__)
def test_what_is_no_text_is_refused_in_a_few_words(value: Any) -> None:
    """The same for texts; afterwards the bar goes on as if nothing had been."""
    file = io.StringIO()
    with headway.get_bar(2, desc="alpha", backend="plain", file=file) as bar:
        for call in (
            bar.message,
            bar.write,
            bar.stop,
            bar.fail,
            headway.write,
            lambda text: headway.get_bar(desc=text),
        ):
            with pytest.raises(TypeError) as caught:
                call(value)
            assert len(str(caught.value)) < 500
        bar.update(2)

    assert file.getvalue().splitlines()[-1].startswith("headway alpha n=2 total=2 100%")


NUMBERS = [(OddInt(3), 3), (True, 1), (fractions.Fraction(5, 2), 2.5), (decimal.Decimal(2), 2), (10**30, 10**30)]


@pytest.mark.parametrize(("value", "count"), NUMBERS, ids=[str(count) for _, count in NUMBERS])
def test_numbers_of_any_kind_count(value: Any, count: float) -> None:
    """What is a number counts as that number, whatever else its class does."""
    with headway.get_bar(value, initial=value, backend="off") as bar:
        bar.update(value)
        bar.set(value)

        assert (bar.n, bar.total) == (count, count)


@pytest.mark.parametrize("infinity", [math.inf, decimal.Decimal("Infinity")])
def test_infinity_of_any_kind_means_unknown(infinity: Any) -> None:
    """An infinite total is an unknown one, whatever type says it."""
    assert headway.get_bar(infinity, backend="off").total is None


def test_numpy_scalars() -> None:
    """NumPy's scalars and arrays of no dimension count; what has several values, or is complex, is refused."""
    np = pytest.importorskip("numpy")
    for good in (np.int64(3), np.uint8(3), np.float32(3), np.array(3), np.array(3.0)):
        assert headway.get_bar(good, backend="off").total == 3
    assert headway.get_bar(np.float32("inf"), backend="off").total is None
    for bad in (np.array([1, 2]), np.float64("nan"), np.complex64(1), np.array(1j)):
        with pytest.raises((TypeError, ValueError)):
            headway.get_bar(bad, backend="off")
    with pytest.raises(TypeError, match="leave must be True or False"):
        headway.get_bar(leave=np.array([1, 2]), backend="off")


def test_texts_of_classes_of_their_own() -> None:
    """A text is its characters, whatever methods its class has."""
    file = io.StringIO()
    with headway.get_bar(
        2, desc=OddText("alpha"), unit=OddText("u"), name=OddText("n"), backend="plain", file=file
    ) as bar:
        bar.message(OddText("hello"))
        bar.metrics(a=OddText("b"), c=OddInt(3), d=Raises(), e=Long())
        bar.write(OddText("line"))
        bar.update(2)

    assert "line" in file.getvalue().splitlines()
    assert 'a=b c=3 d=? e=? "hello"' in file.getvalue().splitlines()[-1]


def test_a_tiny_total_is_overshot() -> None:
    """Against a total next to nothing the share stays a number."""
    file = io.StringIO()
    with headway.get_bar(5e-324, desc="alpha", backend="plain", file=file) as bar:
        bar.update()

    assert "state=finished" in file.getvalue()


@pytest.mark.parametrize("spec", ["99999999", ".99999999f", "\x1b<10", "d%"])
def test_a_format_cannot_flood_or_drive_the_terminal(spec: str) -> None:
    """A format that is wider than any row is refused, and a fill character that is none is not shown."""
    file = io.StringIO()
    try:
        metric = headway.Metric("a", format=spec)
    except ValueError as error:
        assert len(str(error)) < 300
        return
    with headway.get_bar(1, metrics=[metric], backend="plain", file=file) as bar:
        bar.metrics(a=0.5)

    assert "\x1b" not in file.getvalue()
