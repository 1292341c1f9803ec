"""What a bar refuses: wrong types and values raise where they are given, with a sentence that helps."""

import copy
import inspect
from collections.abc import Callable
from typing import Any

import pytest

import headway
from headway.reporting.keywords import Keywords


class Vague:
    """An object that no number can be made of."""

    def __repr__(self) -> str:
        return "<vague>"


@pytest.mark.parametrize("value", ["5", b"5", None, [1], Vague(), 1j], ids=repr)
@pytest.mark.parametrize("verb", ["update", "set", "reset", "__call__"])
def test_what_is_no_number_is_refused(verb: str, value: Any) -> None:
    """What is no number raises at the call, names the value and its type, and where text and values go."""
    bar = headway.get_bar(10, backend="off")
    if verb == "reset" and value is None:
        return

    with pytest.raises(TypeError, match="must be a number of units, not") as caught:
        getattr(bar, verb)(value)

    message = str(caught.value)
    assert f"{value!r} ({type(value).__name__})" in message
    assert "bar.message(...)" in message
    assert "bar.metrics(name=value)" in message
    assert bar.n == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("verb", ["update", "set"])
def test_a_count_is_finite(verb: str, value: float) -> None:
    """NaN and infinity are no counts."""
    bar = headway.get_bar(10, backend="off")

    with pytest.raises(ValueError, match=f"n must be a finite number of units, at most 1e\\+300, not {value}"):
        getattr(bar, verb)(value)


def test_an_absolute_count_is_not_negative() -> None:
    """What `set`, `initial` and `total` say is not negative; the message has name and value."""
    bar = headway.get_bar(10, backend="off")

    with pytest.raises(ValueError, match=r"n must not be negative, got -1\."):
        bar.set(-1)
    with pytest.raises(ValueError, match=r"total must not be negative, got -5\."):
        bar.total = -5
    with pytest.raises(ValueError, match=r"total must not be negative, got -5\."):
        bar.reset(-5)
    assert (bar.n, bar.total) == (0, 10)


@pytest.mark.parametrize(
    ("argument", "value", "error", "says"),
    [
        ("total", "10", TypeError, "total must be a number of units, not '10'"),
        ("total", -1, ValueError, "total must not be negative, got -1"),
        ("total", float("nan"), ValueError, "total must be a finite number"),
        ("initial", -1, ValueError, "initial must not be negative, got -1"),
        ("initial", "1", TypeError, "initial must be a number of units, not '1'"),
        ("initial", None, TypeError, "initial must be a number of units, not None"),
        ("desc", 5, TypeError, r"desc must be text, not 5 \(int\)"),
        ("unit", None, TypeError, "unit must be text, not None"),
        ("name", 5, TypeError, "name must be text, not 5"),
        ("unit_scale", "metric", ValueError, "unit_scale must be 'si' .* not 'metric'"),
        ("unit_scale", 1024, ValueError, "unit_scale must be 'si' .* not 1024"),
        ("options", 5, TypeError, "options must map backends to options"),
        ("options", {"plain": 5}, TypeError, "options must map backends to options"),
        ("backend", 5, TypeError, "A backend is a name, .* not 5"),
        ("file", "run.log", TypeError, "file must be a text stream .*, not 'run.log'"),
    ],
)
@pytest.mark.parametrize("make", ["get_bar", "track"])
def test_a_wrong_argument_is_refused(make: str, argument: str, value: Any, error: type[Exception], says: str) -> None:
    """A wrong argument raises where the bar is made, names itself and the value, and says what would do."""
    items = [] if make == "get_bar" else [[1, 2, 3]]

    with pytest.raises(error, match=says):
        getattr(headway, make)(*items, **{"backend": "plain", argument: value})


@pytest.mark.parametrize("value", [5, None, Vague()])
def test_track_takes_an_iterable(value: Any) -> None:
    """What cannot be looped over raises at `track`, which names the way to count by hand."""
    with pytest.raises(
        TypeError, match=r"track\(\) takes an iterable, plain or asynchronous, not .* use headway.get_bar\(total\)"
    ):
        headway.track(value)


def test_arguments_after_the_first_have_names() -> None:
    """Nobody has to remember an order of arguments."""
    with pytest.raises(TypeError):
        headway.get_bar(10, "train")  # type: ignore[misc]
    with pytest.raises(TypeError):
        headway.track([1], 10)  # type: ignore[misc]


@pytest.mark.parametrize("verb", ["message", "write", "stop", "fail"])
def test_what_is_no_text_is_refused(verb: str) -> None:
    """Where a text is wanted, another object raises and is named."""
    bar = headway.get_bar(10, backend="off")

    with pytest.raises(TypeError, match=r"must be text, not 5 \(int\)"):
        getattr(bar, verb)(5)


def test_a_description_is_text() -> None:
    """A description that is no text raises where it is set."""
    bar = headway.get_bar(10, backend="off")

    with pytest.raises(TypeError, match=r"desc must be text, not 5 \(int\)"):
        bar.desc = 5  # type: ignore[assignment]


def test_writing_takes_text() -> None:
    """`headway.write` is no `print`: it takes one text."""
    with pytest.raises(TypeError, match=r"text must be text, not 5 \(int\)"):
        headway.write(5)  # type: ignore[arg-type]


def test_use_takes_text() -> None:
    """`headway.use` with nothing that can be a backend raises a sentence that says so."""
    with pytest.raises(TypeError, match="A backend is a name, .* not 5"):
        headway.use(5)  # type: ignore[arg-type]


def test_a_number_that_no_float_can_hold_is_refused() -> None:
    """An integer beyond all floats has no ratio to anything: it is refused where it is given."""
    with pytest.raises(ValueError, match="total must be a finite number of units, at most 1e"):
        headway.get_bar(10**400)


def test_counts_that_grow_beyond_all_floats_do_no_harm(run: Any) -> None:
    """A count that outgrows all floats raises nothing, and the display goes on with the next bar."""
    done = run(
        """
        import headway
        with headway.get_bar(10, desc="a") as bar:
            bar.update(10**400)
            bar.rate, bar.eta
        with headway.get_bar(1, desc="b") as bar:
            bar.update()
        """
    )

    assert (done.returncode, done.stderr if "Traceback" in done.stderr else "") == (0, "")
    assert "headway b n=1 total=1 100%" in done.stderr


@pytest.mark.parametrize("function", [headway.get_bar, headway.track])
def test_type_checkers_know_each_keyword(function: Callable[..., object]) -> None:
    """The keywords that the overloads of `track` have are its own, and those of `get_bar`."""
    parameters = inspect.signature(function).parameters.values()
    own = {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}

    assert own | {"total"} == set(Keywords.__annotations__)


def test_a_track_says_where_the_calls_of_its_bar_are() -> None:
    """Other names that it lacks are told as ever, and what is asked with `hasattr` is not there."""
    track: Any = headway.track([1])
    with pytest.raises(AttributeError, match=r"A track has no 'metrics'; its bar has: \.bar\.metrics\."):
        track.metrics(loss=1)
    with pytest.raises(AttributeError, match=r"A track has no 'colour'\.$"):
        track.colour
    assert not hasattr(track, "shape")
    assert copy.copy(track) is not track
