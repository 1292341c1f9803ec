"""The recipes of tqdm's README, run through the door, and what surrounds them."""

from __future__ import annotations

import copy
import io
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

import headway.tqdm.version
from headway.choosing.discovery import installed
from headway.testing import Recorder, record, run_in_terminal
from headway.tqdm import TqdmWarning, notebook, tqdm
from headway.tqdm.contrib import concurrent

needs_tqdm_renderer = pytest.mark.skipif("tqdm" not in installed(), reason="headway[tqdm] is not installed")


class Doubled(tqdm):  # type: ignore[type-arg]
    """The README's example of a field of one's own."""

    @property
    def format_dict(self) -> dict[str, Any]:
        d = super().format_dict
        d.update(doubled=f"{d['n'] * 2} {{in}} total")
        return d


@pytest.mark.parametrize(
    "bar_format",
    ["{n:,}/{total:,}", "{total:.1f}", "{total:<5d}|", "{rate:.1f}", "{nrows}", "{desc!r:>8}", "{bar:-3b}"],
)
def test_any_field_may_have_a_format(bar_format: str) -> None:
    """A total that is known can be formatted, as everything else that is."""
    with record():
        assert list(tqdm(range(3), bar_format=bar_format)) == [0, 1, 2]


def test_a_total_that_is_not_known_cannot_be_formatted() -> None:
    """It raises as tqdm does, where the bar is made."""
    with pytest.raises(TypeError, match="NoneType"):
        tqdm(bar_format="{n}/{total:,}")


@needs_tqdm_renderer
@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            """
            class Own(tqdm):
                @property
                def format_dict(self):
                    return {**super().format_dict, "doubled": f"{self.n * 2} {{in}} total"}
            for i in Own(range(9), bar_format="{doubled:>14}: {percentage:.0f}%"): pass
            """,
            " 18 {in} total: 100%",
        ),
        (
            """
            with tqdm(total=10, bar_format="{postfix[0]} {postfix[1][value]:>8.2g}", postfix=["Batch", {"value": 0}]) as t:
                for i in range(10):
                    t.postfix[1]["value"] = i / 2
                    t.update()
            """,
            "Batch      4.5",
        ),
        (
            """
            with tqdm(total=2, bar_format="{n:,} of {total:,}") as t:
                t.update(2)
                t.total = None
            """,
            "2it",
        ),
        (
            """
            for i in range(9):  # so many at once that the last ones wait for a frame
                with tqdm(total=2, bar_format="{desc}{n_fmt}", leave=i == 8) as t:
                    t.set_description(f"GEN {i}")
                    t.update(2)
            """,
            "GEN 8: 2",
        ),
        (
            """
            with tqdm(total=2, postfix={0: 1, "value": 0}, bar_format="{desc}: {postfix[value]:>3}|") as t:
                t.set_description("x")
                t.postfix["value"] = 7
                t.update(2)
            """,
            "x:   7|",
        ),
        (
            """
            for i in tqdm(range(4), desc="custom ", bar_format="{desc}{n_fmt}"): pass
            """,
            "custom 4",
        ),
        (
            """
            for i in tqdm(range(1000), bar_format="{n:,} of {total:,}; {nrows} rows"): pass
            """,
            "1,000 of 1,000; 24 rows",
        ),
    ],
)
def test_a_format_is_filled_as_it_stands(program: str, expected: str) -> None:
    """The last frame has the last values, in the formats that the program asks for."""
    imports = "            from headway.tqdm import tqdm\n"
    screen = run_in_terminal(imports + program.lstrip("\n"), env={"HEADWAY_BACKEND": "tqdm"})

    assert (screen.status, screen.rows[0][: len(expected)]) == (0, expected), str(screen)
    assert len(screen.rows) == 1, str(screen)


def test_a_postfix_that_is_changed_in_place_is_looked_up(recorded: Recorder) -> None:
    """Renderers without tqdm's formats show its text, as it is in the end."""
    with tqdm(total=1, desc="p", postfix=["Batch", {"value": 0}]) as bar:
        bar.postfix[1]["value"] = 4.5

    assert recorded.last("p").message == "['Batch', {'value': 4.5}]"


@pytest.mark.usefixtures("recorded")
def test_a_format_dict_that_raises_harms_nobody() -> None:
    """A subclass that is not ready in the thread that draws keeps its last text."""

    class Late(Doubled):
        ready = True

        @property
        def format_dict(self) -> dict[str, Any]:
            if not self.ready:
                raise RuntimeError
            return super().format_dict

    with Late(total=3, bar_format="{doubled}") as bar:
        bar.ready = False
        bar.update(3)

    assert bar.n == 3


@pytest.mark.usefixtures("recorded")
def test_a_subclass_is_told_when_tqdm_would_have_drawn() -> None:
    """`if super().update(n):` is true at most once in `mininterval`."""
    calls: list[int] = []

    class Telling(tqdm):  # type: ignore[type-arg]
        def update(self, n: float = 1) -> bool | None:
            displayed = super().update(n)
            if displayed:
                calls.append(self.n)
            return displayed

    with Telling(total=9, mininterval=0) as bar:
        for _ in range(3):
            bar.update()
        assert calls == [1, 2, 3]
        bar.mininterval = 60
        bar.update()
        assert calls == [1, 2, 3]
        bar.mininterval, bar.miniters = 0, 3
        bar.update()
        bar.update()
    bar.update()

    assert calls == [1, 2, 3, 6]


@pytest.mark.usefixtures("recorded")
def test_an_iterator_is_true_whatever_it_has_left() -> None:
    """`if bar:` of an iterator goes the way that it goes with tqdm; a total of the program's decides."""
    assert [bool(tqdm(items)) for items in (iter([]), iter([1]), [], [1])] == [True, True, False, True]  # type: ignore[call-overload]
    assert [bool(tqdm(iter([]), total=total)) for total in (0, 2)] == [False, True]


@pytest.mark.usefixtures("recorded")
def test_a_subclass_may_have_attributes_of_its_own() -> None:
    """Names that tqdm does not have are the subclass's, and tqdm's plain attributes may be set."""

    class Own(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.bar = 3  # type: ignore[assignment]
            super().__init__(*args, **kwargs)
            self.initial = 2

    bar = Own(range(5))

    assert (list(bar), bar.bar, bar.initial, bar.n) == ([0, 1, 2, 3, 4], 3, 2, 5)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        *(
            ("desc", "hello", "hello"),
            ("unit", "row", "row"),
            ("ncols", "60", 60),
            ("bar_format", "{n_fmt}", "{n_fmt}"),
        ),
        *(("ascii", "1", True), ("ascii", " .:", " .:"), ("leave", "0", False), ("mininterval", "3", 3.0)),
        *(("total", "7", 7), ("total", "1.5", 1.5), ("colour", "green", "green"), ("unit_scale", "1", True)),
        *(("unit_divisor", "1024", 1024), ("initial", "2", 2), ("smoothing", "0", 0.0), ("delay", "0.5", 0.5)),
        *(("nrows", "3", 3), ("dynamic_ncols", "True", True), ("postfix", "hi", "hi"), ("gui", "1", True)),
        *(("miniters", "4", 4.0), ("maxinterval", "7", 7.0), ("pos", "-1", 1)),
    ],
)
@pytest.mark.usefixtures("recorded")
def test_defaults_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, expected: object
) -> None:
    """`TQDM_UNIT=row` holds for each bar that does not say otherwise."""
    monkeypatch.setenv(f"TQDM_{'position' if name == 'pos' else name}".upper(), text)
    monkeypatch.setenv("TQDM_NO_SUCH_ARGUMENT", "1")

    with tqdm(range(5)) as bar:
        assert getattr(bar, name) == expected


@pytest.mark.usefixtures("recorded")
def test_what_the_program_says_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name and by place."""
    monkeypatch.setenv("TQDM_DESC", "environment")
    monkeypatch.setenv("TQDM_UNIT", "row")

    with tqdm(range(5), "given", unit="file") as bar:
        assert (bar.desc, bar.unit) == ("given", "file")


@pytest.mark.usefixtures("recorded")
def test_a_default_that_cannot_be_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing mistake in the environment warns, and harms no program."""
    monkeypatch.setenv("TQDM_NCOLS", "wide")

    with pytest.warns(TqdmWarning, match="TQDM_NCOLS='wide'"), tqdm(range(5)) as bar:
        assert bar.ncols is None


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, lambda bar: pickle.loads(pickle.dumps(bar))])
@pytest.mark.parametrize(
    "make",
    [
        lambda: tqdm([1, 2, 3], desc="t", unit_scale=0.5, file=io.StringIO()),
        lambda: tqdm(iter([1, 2, 3]), postfix={"loss": 1}),
        lambda: notebook.tqdm(range(3)),
        lambda: tqdm(range(3), disable=True),
    ],
)
def test_a_copy_counts_for_itself(
    how: Callable[[tqdm[Any]], tqdm[Any]], make: Callable[[], tqdm[Any]], recorded: Recorder
) -> None:
    """An object that holds a bar can be copied; the copy is not shown, and its end is not the original's."""
    bar = make()
    bar.update(1)
    before = bar.n
    other = how(bar)
    other.update(2)
    other.close()

    assert (type(other), other.desc, other.total) == (type(bar), bar.desc, bar.total)
    assert (bar.n, other.n) == (before, 3 if before else 0)
    if not bar.disable:
        assert bar.bar.state == "running"
    bar.close()
    assert all(snapshot.n != 3 for snapshot in recorded.closed)


@pytest.mark.usefixtures("recorded")
def test_a_shallow_copy_shares_what_a_subclass_has() -> None:
    """A lock cannot be copied, and need not be."""

    class Locked(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.own = threading.Lock()

    with Locked(range(3)) as bar:
        other = copy.copy(bar)
        other.update()

        assert (other.own is bar.own, other.n, bar.n) == (True, 1, 0)


def test_a_notebooks_bar_waits_to_be_displayed(recorded: Recorder) -> None:
    """With `display=False` it counts unseen, until `display(bar.container)` shows it."""
    bar = notebook.tqdm(range(3), desc="late", display=False)
    bar.update()
    assert not recorded.opened
    bar.container._ipython_display_()
    bar.container._ipython_display_()
    assert [(s.desc, s.n) for s in recorded.opened] == [("late", 1)]
    bar.update()
    bar.close()
    assert recorded.last("late").n == 2


def test_a_bar_that_was_never_displayed_works() -> None:
    """Its loop gives the items, and it ends."""
    with record() as shown:
        bar = notebook.tqdm(range(3), display=False)
        assert (list(bar), bar.n) == ([0, 1, 2], 3)
        bar.container._ipython_display_()

    assert shown.opened == []


def test_small_print() -> None:
    """The version of tqdm that it does as, a warning that is written, and interpreters where there are none."""
    assert headway.tqdm.__version__ == headway.tqdm.version.__version__
    assert int(headway.tqdm.__version__.split(".")[0]) >= 4
    lines: list[str] = []
    TqdmWarning("text\n", fp_write=lines.append)
    assert lines == ["\nTqdmWarning: text\n"]
    if not hasattr(__import__("concurrent.futures").futures, "InterpreterPoolExecutor"):
        with pytest.raises(ImportError, match="3.14"):
            concurrent.interpreter_map(len, ["a"])
