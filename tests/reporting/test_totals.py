"""How many items an iterable will give: what is known, what is estimated, and that asking changes nothing."""

import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, count, cycle, islice, repeat
from typing import Any

import pytest

from headway.reporting.totals import Length, length_of

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402 - only where it is installed
from hypothesis import strategies as st  # noqa: E402

SLICES_TELL = sys.version_info < (3, 14)
slices_tell = pytest.mark.skipif(not SLICES_TELL, reason="from Python 3.14 on an islice does not tell its parts")


def exactly(items: int) -> Length:
    """The answer where the length is known."""
    return Length(items, estimated=False)


def about(items: int) -> Length:
    """The answer where the length is estimated."""
    return Length(items, estimated=True)


def unknown() -> Iterator[int]:
    """Give four items without saying so beforehand."""
    yield from range(4)


class Hinting:
    """An iterator that has a length hint of the user's own."""

    def __init__(self, hint: Any = 7) -> None:
        self.hint = hint

    def __iter__(self) -> "Hinting":
        return self

    def __next__(self) -> int:
        return 1

    def __length_hint__(self) -> Any:
        if isinstance(self.hint, Exception):
            raise self.hint
        return self.hint


class Sized(Hinting):
    """An iterator that has a length besides the hint."""

    def __init__(self, length: Any, hint: Any = NotImplemented) -> None:
        super().__init__(hint)
        self.length = length

    def __len__(self) -> Any:
        if isinstance(self.length, Exception):
            raise self.length
        return self.length


def test_an_answer_has_two_names() -> None:
    """The answer is read as `length.items` and `length.estimated`."""
    length = length_of([1, 2])

    assert length is not None
    assert (length.items, length.estimated) == (2, False)


# ── what says it by itself ───────────────────────────────────────────────────────────────────────────────────────────

CONTAINERS: dict[str, Any] = {
    "list": [1, 2, 3],
    "tuple": (1, 2, 3),
    "range": range(3),
    "dict": {1: 1, 2: 2, 3: 3},
    "keys": {1: 1, 2: 2, 3: 3}.keys(),
    "values": {1: 1, 2: 2, 3: 3}.values(),
    "items": {1: 1, 2: 2, 3: 3}.items(),
    "set": {1, 2, 3},
    "frozenset": frozenset({1, 2, 3}),
    "str": "abc",
    "str beyond ASCII": "äé中",
    "bytes": b"abc",
    "bytearray": bytearray(b"abc"),
    "deque": deque([1, 2, 3]),
}
REVERSIBLE = [kind for kind in CONTAINERS if "set" not in kind]


@pytest.mark.parametrize("kind", list(CONTAINERS))
def test_a_container_is_as_long_as_it_says(kind: str) -> None:
    """The length of a container is known."""
    assert exactly(3) == length_of(CONTAINERS[kind])


@pytest.mark.parametrize("kind", list(CONTAINERS))
@pytest.mark.parametrize("gone", [0, 1, 3])
def test_an_iterator_of_a_container_knows_what_is_left(kind: str, gone: int) -> None:
    """Of an iterator that has given some of its items the rest is known."""
    iterator = iter(CONTAINERS[kind])
    for _ in range(gone):
        next(iterator)

    assert exactly(3 - gone) == length_of(iterator)


@pytest.mark.parametrize("kind", REVERSIBLE)
def test_backwards_it_is_as_long(kind: str) -> None:
    """What `reversed` makes of a container is as long, and knows what is left."""
    iterator = reversed(CONTAINERS[kind])

    assert exactly(3) == length_of(iterator)
    next(iterator)
    assert exactly(2) == length_of(iterator)


def test_a_class_with_a_length_is_as_long_as_it_says() -> None:
    """A class of the user's with `__len__` is taken at its word, whatever its hint says."""
    assert exactly(5) == length_of(Sized(5, hint=9))


def test_an_empty_container_has_no_items() -> None:
    """Nothing to come is an answer too, other than not knowing."""
    assert exactly(0) == length_of([])


def test_a_repetition_with_a_count_knows_what_is_left() -> None:
    """`repeat(x, 3)` gives three, and two when one is gone."""
    iterator = repeat("x", 3)
    next(iterator)

    assert exactly(2) == length_of(iterator)


def test_a_hint_of_the_users_is_an_estimate() -> None:
    """What a class of the user's says by `__length_hint__` may be wrong, so it is an estimate."""
    assert about(7) == length_of(Hinting(7))


def test_a_hint_counts_where_the_length_is_not_to_be_had() -> None:
    """A class whose `__len__` raises `TypeError` has no length, but may have a hint."""
    assert about(7) == length_of(Sized(TypeError("no length"), hint=7))


def test_a_length_that_fails_is_not_replaced_by_a_hint() -> None:
    """Where `__len__` raises anything but `TypeError` there is a length that is not to be had, so nothing is known."""
    assert None is length_of(Sized(RuntimeError("no ink"), hint=7))


# ── what does not say it ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hint", ["seven", 7.5, None, -1, NotImplemented, TypeError("no"), ValueError("no"), OSError()])
def test_a_hint_that_is_none_is_not_counted_on(hint: Any) -> None:
    """A hint that is negative or no number, or that raises, says nothing and harms nothing."""
    assert None is length_of(Hinting(hint))


@pytest.mark.parametrize("length", ["five", 5.5, None, -1, 2**70, TypeError("no"), RuntimeError("no"), StopIteration()])
def test_a_length_that_is_none_is_not_counted_on(length: Any) -> None:
    """A length that is negative or no number, or that raises, says nothing and harms nothing."""
    assert None is length_of(Sized(length))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_while_asking_is_not_swallowed(error: type[BaseException]) -> None:
    """Ctrl-C that comes while a slow `__len__` is asked ends the program as ever."""

    class Slow:
        def __len__(self) -> int:
            raise error

        def __iter__(self) -> Iterator[int]:
            return iter(())

    with pytest.raises(error):
        length_of(Slow())


UNKNOWN: dict[str, Callable[[], Any]] = {
    "generator": unknown,
    "filter": lambda: filter(None, [1, 2]),
    "chain": lambda: chain([1], [2]),
    "callable iterator": lambda: iter(int, 1),
    "no iterable": lambda: 5,
    "enumerate": lambda: enumerate(unknown()),
    "zip": lambda: zip([1, 2], unknown(), strict=False),
    "zip with an endless one": lambda: zip(count(), unknown(), strict=False),
    "map": lambda: map(max, [1, 2], unknown()),
    "slice without an end": lambda: islice(unknown(), 1, None),
    "raising source": lambda: enumerate(Hinting(ValueError("no"))),
}


@pytest.mark.parametrize("kind", list(UNKNOWN))
def test_what_does_not_say_has_no_length(kind: str) -> None:
    """Where nobody says how many will come there is no answer."""
    assert None is length_of(UNKNOWN[kind]())


ENDLESS: dict[str, Callable[[], Any]] = {
    "count": count,
    "cycle": lambda: cycle([1, 2]),
    "repeat": lambda: repeat(1),
    "enumerate": lambda: enumerate(count()),
    "zip": lambda: zip(count(), repeat(1), strict=False),
    "map": lambda: map(max, count(), cycle("a")),
    "slice without an end": lambda: islice(count(), 3, None, 2),
}


@pytest.mark.parametrize("kind", list(ENDLESS))
def test_what_never_ends_has_no_length(kind: str) -> None:
    """An iterator without an end has no number of items."""
    assert None is length_of(ENDLESS[kind]())


@pytest.mark.parametrize("make", [enumerate, zip])
def test_a_subclass_speaks_for_itself(make: Any) -> None:
    """A class made from `enumerate` or `zip` may give what it likes, and is not looked into."""

    class Own(make):  # type: ignore[misc]
        """An iterator with a behaviour of its own."""

    assert None is length_of(Own([1, 2]))


# ── enumerate, zip, map ──────────────────────────────────────────────────────────────────────────────────────────────

MADE: dict[str, tuple[Callable[[], Any], Length]] = {
    "enumerate": (lambda: enumerate([1, 2, 3], start=10), exactly(3)),
    "enumerate of a hint": (lambda: enumerate(Hinting(7)), about(7)),
    "zip": (lambda: zip([1, 2, 3], range(5), "abcd", strict=False), exactly(3)),
    "zip of equals": (lambda: zip([1, 2], "ab", strict=True), exactly(2)),
    "zip of nothing": (lambda: zip(strict=False), exactly(0)),
    "zip with a hint": (lambda: zip([1, 2, 3], Hinting(7), strict=False), about(3)),
    "zip with a shorter hint": (lambda: zip(range(9), Hinting(7), strict=False), about(7)),
    "zip with endless ones": (lambda: zip(count(), [1, 2], repeat(0), cycle("ab"), strict=False), exactly(2)),
    "zip of the same endless one": (lambda: zip(*[count()] * 2, [1, 2], strict=False), exactly(2)),
    "map": (lambda: map(abs, [1, 2, 3]), exactly(3)),
    "map of two": (lambda: map(pow, [1, 2, 3], range(2)), exactly(2)),
    "map with an endless one": (lambda: map(pow, [1, 2, 3], repeat(2)), exactly(3)),
    "one in the other": (lambda: enumerate(zip(map(abs, [1, 2, 3]), enumerate("abcd"), strict=False)), exactly(3)),
}


@pytest.mark.parametrize("kind", list(MADE))
def test_what_is_made_of_iterables_is_as_long_as_they_make_it(kind: str) -> None:
    """`enumerate`, `zip` and `map` end with the first of their sources that ends."""
    make, expected = MADE[kind]

    assert expected == length_of(make())


@pytest.mark.parametrize("make", [enumerate, lambda x: map(abs, x), lambda x: zip(x, range(9), strict=False)])
def test_what_is_partly_consumed_tells_what_is_left(make: Any) -> None:
    """An `enumerate`, `map` or `zip` that has given some items counts down to nothing."""
    iterator = make([1, 2, 3])
    lengths = [length_of(iterator)]
    for _ in iterator:
        lengths.append(length_of(iterator))

    assert [exactly(3), exactly(2), exactly(1), exactly(0)] == lengths
    assert exactly(0) == length_of(iterator)


@pytest.mark.parametrize("items", [0, 1, 6, 7, 8])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_groups_of_one_iterator_share_its_items(items: int, size: int) -> None:
    """`zip(*[iterator] * 3)` makes groups of three, so it has a third of the items."""

    def groups() -> Iterator[Any]:
        return zip(*[iter(range(items))] * size, strict=False)

    assert exactly(len(list(groups()))) == length_of(groups())


def test_an_iterator_in_two_places_is_not_counted_twice() -> None:
    """Where two parts take from one iterator in turn nobody can say who gets how many."""
    iterator = iter(range(10))

    assert None is length_of(zip(iterator, enumerate(iterator), strict=False))


# ── islice ───────────────────────────────────────────────────────────────────────────────────────────────────────────

SLICES = [(4,), (0,), (None,), (2, 8), (2, None), (2, 8, 3), (1, None, 4), (8, 2), (5, 5), (0, 100, 7), (20, None)]


@slices_tell
@pytest.mark.parametrize("slicing", SLICES)
@pytest.mark.parametrize("items", [0, 1, 5, 10])
def test_a_slice_is_as_long_as_what_it_takes(slicing: Any, items: int) -> None:
    """`islice` knows at each point how many items are left between its start and its stop."""
    rest = list(islice(range(items), *slicing))
    iterator = islice(range(items), *slicing)
    lengths = [length_of(iterator)]
    for _ in iterator:
        lengths.append(length_of(iterator))

    assert [exactly(n) for n in range(len(rest), -1, -1)] == lengths
    assert exactly(0) == length_of(iterator)


@slices_tell
@pytest.mark.parametrize("source", [count, lambda: repeat(1), lambda: cycle([1, 2]), lambda: enumerate(count())])
def test_a_slice_of_what_never_ends_is_known(source: Callable[[], Any]) -> None:
    """The first ten of an endless iterator are ten."""
    iterator = islice(source(), 2, 12, 3)

    assert exactly(4) == length_of(iterator)
    next(iterator)
    assert exactly(3) == length_of(iterator)


@slices_tell
@pytest.mark.parametrize("source", [unknown, lambda: Hinting(ValueError("no")), lambda: Hinting(50)])
def test_a_slice_of_what_does_not_say_is_at_most_so_long(source: Callable[[], Any]) -> None:
    """The first ten of an iterator that does not know its length are ten at most: an estimate."""
    iterator = islice(source(), 10)

    assert about(10) == length_of(iterator)
    next(iterator)
    assert about(9) == length_of(iterator)


@slices_tell
@pytest.mark.parametrize(("source", "expected"), [(count, exactly(2)), (unknown, None), (lambda: Hinting(9), about(2))])
def test_a_slice_without_an_end_is_as_endless_as_its_source(source: Any, expected: Length | None) -> None:
    """Beside two items, a slice that goes on for ever does not count, and one that may end first leaves it unknown."""
    assert expected == length_of(zip(islice(source(), 1, None), [1, 2], strict=False))


@pytest.mark.skipif(SLICES_TELL, reason="before Python 3.14 an islice tells its parts")
@pytest.mark.parametrize("source", [count, lambda: [1, 2, 3]])
def test_a_slice_that_does_not_tell_has_no_length(source: Callable[[], Any]) -> None:
    """From Python 3.14 on the length of an `islice` is not known."""
    assert None is length_of(islice(source(), 2))


# ── asking changes nothing ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [*MADE, *UNKNOWN])
def test_asking_takes_no_item(kind: str) -> None:
    """After the question the loop gets each item that it would have got without."""
    make = MADE[kind][0] if kind in MADE else UNKNOWN[kind]
    if kind == "no iterable":
        return
    expected = [item for _, item in zip(range(20), make(), strict=False)]
    asked = make()
    length_of(asked)

    assert expected == [item for _, item in zip(range(20), asked, strict=False)]


def test_asking_warns_of_nothing() -> None:
    """Python's warning that iterators will stop telling their parts does not reach the user, in any thread."""
    raised: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(500):
                length_of(enumerate(islice(zip(count(), islice(repeat(1), 3), strict=False), 2)))
        except BaseException as error:
            raised.append(error)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = list(warnings.filters)

    assert (warned, raised, after) == ([], [], before)


def test_asking_imports_nothing(run: Any) -> None:
    """The question is answered with what the program has imported already."""
    done = run("""
        import sys
        from headway.reporting.totals import length_of
        before = set(sys.modules)
        length_of(enumerate([1, 2]))
        length_of(object())
        print(set(sys.modules) - before, "torch" in sys.modules)
    """)

    assert done.stdout == "set() False\n"


# ── depth ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def nested(depth: int) -> Any:
    """Three items within so many iterators."""
    iterator: Any = [1, 2, 3]
    for _ in range(depth):
        iterator = enumerate(iterator)
    return iterator


@pytest.mark.parametrize("depth", [1, 20, 50])
def test_iterators_within_iterators_are_looked_through(depth: int) -> None:
    """However a program wraps its items, within reason, their number is found."""
    assert exactly(3) == length_of(nested(depth))


@pytest.mark.parametrize("depth", [101, 1000])
def test_beyond_reason_it_is_given_up(depth: int) -> None:
    """A tower of iterators is not climbed to its top, and does not exhaust the stack."""
    assert None is length_of(nested(depth))


@pytest.mark.parametrize(("sources", "expected"), [(50, exactly(3)), (100_000, None)])
def test_many_sources_are_looked_at_within_reason(sources: int, expected: Length | None) -> None:
    """A `zip` of some columns is as long as they are; one of very many is not worth the time."""
    assert expected == length_of(zip(*[[1, 2, 3]] * sources, strict=True))


def test_iterators_that_meet_again_and_again_take_no_time() -> None:
    """Each part is asked once, also where the ways to it double at each level."""
    iterator: Any = iter(range(1000))
    for _ in range(60):
        iterator = zip(iterator, iterator, strict=False)

    assert exactly(0) == length_of(iterator)


# ── whatever is made of whatever ─────────────────────────────────────────────────────────────────────────────────────

small = st.integers(0, 9)
leaves = st.one_of(
    st.tuples(st.just("list"), small),
    st.builds(lambda a, b, step: ("range", a, b, step), small, small, st.sampled_from([-2, -1, 1, 3])),
)


def made_of(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Recipes for iterators over what the given recipes make."""
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    slicing = st.tuples(small, st.none() | small, st.integers(1, 4))
    recipes = [st.tuples(st.just("enumerate"), parts), *(st.tuples(st.just(kind), several) for kind in ("zip", "map"))]
    return st.one_of(*recipes, *[st.tuples(st.just("islice"), parts, slicing)] * SLICES_TELL)


def make(recipe: Any) -> Any:
    """Make what a recipe says."""
    match recipe:
        case ("list", n):
            return list(range(n))
        case ("range", *of):
            return range(*of)
        case ("enumerate", part):
            return enumerate(make(part))
        case ("zip", parts):
            return zip(*map(make, parts), strict=False)
        case ("map", parts):
            return map(lambda *items: items, *map(make, parts))
        case ("islice", part, slicing):
            return islice(make(part), *slicing)
    raise AssertionError(recipe)


@settings(database=None, deadline=None, max_examples=500, derandomize=True)
@given(st.recursive(leaves, made_of, max_leaves=6), st.integers(0, 4))
def test_an_exact_answer_is_what_a_loop_counts(recipe: Any, gone: int) -> None:
    """Whatever is made of whatever, and however much of it is gone: as many are left as the answer says."""
    iterator = iter(make(recipe))
    for _ in range(gone):
        next(iterator, None)
    length = length_of(iterator)

    assert exactly(sum(1 for _ in iterator)) == length
