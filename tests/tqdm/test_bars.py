"""The bars of `headway.tqdm` as headway shows them, where that is more than tqdm's do."""

import contextlib
import io
import os
from collections.abc import Callable
from typing import Any

import pytest

import headway
from headway.testing import Recorder
from headway.tqdm import TqdmDeprecationWarning, TqdmKeyError, TqdmWarning, tqdm, trange


def test_the_door_works_without_tqdm(run: Any) -> None:
    """Nothing of the tqdm package is imported or needed."""
    done = run(
        """
        import pkgutil, sys
        sys.modules["tqdm"] = None
        import headway.tqdm
        for module in pkgutil.walk_packages(headway.tqdm.__path__, "headway.tqdm."):
            __import__(module.name)
        for i in headway.tqdm.tqdm(range(3), desc="x"): pass
        print(sorted({"pandas", "pluggy"} & set(sys.modules)))
        """,
        HEADWAY_BACKEND="plain",
    )

    assert done.stdout == "[]\n", done.stderr
    assert "headway x n=3 total=3 100%" in done.stderr


def test_endings_are_told_apart(recorded: Recorder) -> None:
    """A loop that was left early, one that failed, and one that came to its end look different."""
    for _ in tqdm(range(3), desc="whole"):
        pass
    for _ in tqdm(range(3), desc="left"):
        break
    with contextlib.suppress(ValueError):
        for _ in tqdm(range(3), desc="raised"):
            raise ValueError
    with contextlib.suppress(KeyboardInterrupt), tqdm(total=3, desc="with"):
        raise KeyboardInterrupt

    states = [recorded.last(desc).state for desc in ("whole", "left", "raised", "with")]
    assert states == ["finished", "stopped", "failed", "interrupted"]


def test_a_bar_that_is_forgotten_is_closed(recorded: Recorder) -> None:
    """Programs that never call close() leave a bar that says what it came to."""

    def forgets() -> None:
        bar = tqdm(total=2, desc="forgotten")
        bar.update(2)

    forgets()

    assert recorded.last("forgotten").state == "finished"


def test_a_delayed_bar_is_shown_when_it_is_time(recorded: Recorder, until: Callable[..., None]) -> None:
    """What is over within the delay is never seen; what takes longer is, with the time since it began."""
    with tqdm(total=2, desc="quick", delay=60) as bar:
        bar.update(2)
    with tqdm(total=2, desc="slow", delay=0.05) as bar:
        assert recorded.opened == []
        until(lambda: bar.update(0) or recorded.opened)  # without a thread, reporting draws

    assert [s.desc for s in recorded.opened] == ["slow"]
    assert recorded.opened[0].elapsed >= 0.05


def test_a_postfix_is_replaced_as_a_whole(recorded: Recorder) -> None:
    """Values of an earlier call are gone, numbers stay numbers, and the text is tqdm's."""
    with tqdm(total=1, desc="p") as bar:
        bar.set_postfix(old=1)
        bar.set_postfix(loss=0.123456, name="x")

    metrics = recorded.last("p").metrics
    assert {name: reading.text for name, reading in metrics.items()} == {"loss": "0.123", "name": "x"}
    assert metrics["loss"].value == 0.123456


class Tensor:
    """A scalar that says how often it was read."""

    def __init__(self, value: float) -> None:
        self.value, self.read = value, 0

    def item(self) -> float:
        self.read += 1
        return self.value


def test_tensors_are_read_only_for_a_frame(recorded: Recorder) -> None:
    """A value that waits for a device is not read at each step."""
    tensors = [Tensor(i) for i in range(1000)]
    with tqdm(total=1000, desc="t") as bar:
        for tensor in tensors:
            bar.set_postfix(loss=tensor)
            bar.update()

    assert recorded.last("t").metrics["loss"].text == "999"
    assert 1 <= sum(tensor.read for tensor in tensors) < 50


def test_counts_may_be_multiplied(recorded: Recorder) -> None:
    """`unit_scale` as a number changes what is shown, and not what the program reads."""
    bar = tqdm(total=10, unit_scale=0.5, unit="kB", desc="s", initial=2)
    bar.update(4)
    assert (bar.n, bar.total) == (6, 10)
    bar.close()

    last = recorded.last("s")
    assert (last.n, last.total, last.initial) == (3, 5, 1)


def test_tqdm_disable_is_obeyed_at_any_time(monkeypatch: pytest.MonkeyPatch, recorded: Recorder) -> None:
    """The variable that silences tqdm silences the door, also when it is set after the import."""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert list(tqdm(range(2))) == [0, 1]
    monkeypatch.setenv("TQDM_DISABLE", "0")
    assert list(tqdm(range(2), desc="on")) == [0, 1]

    assert {"on"} == {s.desc for s in recorded.opened}


def test_what_a_program_counts_does_not_depend_on_the_renderer() -> None:
    """With progress off, the count of a loop is still there for the program."""
    with headway.use("off"):
        bar = tqdm(iter(range(5)))
        for _ in bar:
            pass
        told = tqdm(total=3)
        told.update(2)
        told.close()

    assert (bar.n, told.n) == (5, 2)


def test_numbers_of_the_bar_are_right_within_the_loop() -> None:
    """`n` is what is done, at every step."""
    bar = tqdm(iter("abc"))

    assert [(bar.n, letter) for letter in bar] == [(0, "a"), (1, "b"), (2, "c")]


def test_reversed_goes_backwards() -> None:
    """`reversed` of a reported list gives its items from the last on."""
    bar = tqdm([1, 2, 3])

    assert list(reversed(bar)) == [3, 2, 1]
    assert bar.n == 3


def test_unknown_arguments_are_refused() -> None:
    """A typing error in an argument raises what it raises in tqdm, disabled or not."""
    with pytest.raises(TqdmKeyError, match="colur"):
        tqdm([1], colur="red")
    with pytest.raises(TqdmDeprecationWarning):
        tqdm([1], nested=True)


def test_an_unknown_colour_warns() -> None:
    """A colour that there is not is no reason to stop a program."""
    with pytest.warns(TqdmWarning, match="Unknown colour 'reddish'"):
        tqdm(total=1, colour="reddish").close()


def test_the_name_is_that_of_the_caller(recorded: Recorder) -> None:
    """Filters see the module that made the bar, whichever function of the door it used."""
    list(tqdm([1], desc="a"))
    list(trange(1, desc="b"))
    from headway.tqdm.contrib import tenumerate

    list(tenumerate([1], desc="c"))

    assert {__name__} == {s.name for s in recorded.opened}


def test_the_lock_can_be_sent_to_workers() -> None:
    """`Pool(initializer=tqdm.set_lock, initargs=(tqdm.get_lock(),))` works with every way to start processes."""
    import pickle

    from headway.imitation.output import WriteLock

    sent = pickle.loads(pickle.dumps(WriteLock()))

    with sent, sent:
        tqdm.write("", file=io.StringIO())


@pytest.mark.parametrize("chunksize", [1, 4])
def test_processes_are_counted_as_they_finish(run: Any, chunksize: int) -> None:
    """`process_map` gives results in order, and its bar the items, whatever the chunks."""
    done = run(
        f"""
        from headway.tqdm.contrib.concurrent import process_map
        if __name__ == "__main__":
            print(process_map(abs, range(-6, 4), max_workers=2, chunksize={chunksize}, desc="pool"))
        """,
        HEADWAY_BACKEND="plain",
    )

    assert done.stdout == "[6, 5, 4, 3, 2, 1, 0, 1, 2, 3]\n", done.stderr
    assert "headway pool n=10 total=10 100%" in done.stderr


@pytest.mark.parametrize(
    ("bar_format", "expected"),
    [
        ("{l_bar}{bar}{r_bar}", "{title} {percentage:>4} {bar} {count} [{elapsed}<{eta}, {rate}] {metrics} {notes}"),
        ("{desc}: {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt}", "{title} {percentage} {bar} {count}"),
        ("{n}/{total} [{elapsed}<{remaining}]", "{count} [{elapsed}<{eta}]"),
        ("{rate_fmt}{postfix}", "{rate}{metrics} {notes}"),
        ("{bar} {{x}} eta {eta:%H:%M}", "{bar} {{x}} eta {finish}"),
        ("nothing", None),
    ],
)
def test_a_format_becomes_a_template(bar_format: str, expected: str | None) -> None:
    """Renderers that know nothing of tqdm's fields show headway's widgets of the same meaning."""
    from headway.imitation.look import template

    assert template(bar_format, None) == expected


@pytest.mark.skipif("HEADWAY_TEST_PANDAS" not in os.environ, reason="needs pandas: HEADWAY_TEST_PANDAS=1")
def test_calls_of_pandas_are_counted(recorded: Recorder) -> None:
    """A bar over a dataframe ends where it should: at as many calls as there are rows, columns, groups or cells."""
    import pandas as pd

    tqdm.pandas()
    frame = pd.DataFrame({"a": [1, 1, 2], "b": [3.0, 4.0, 5.0]})
    for make in (
        lambda: frame.progress_apply(sum),
        lambda: frame.progress_apply(sum, axis=1),
        lambda: frame.progress_map(abs),
        lambda: frame.groupby("a").progress_apply(len),
        lambda: frame.a.progress_apply(abs),
        lambda: frame.groupby("a").b.progress_aggregate(lambda column: column.sum()),
    ):
        make()

    ends = [(s.n, s.total, s.state) for s in recorded.closed]
    assert [end[:2] for end in ends] == [(2, 2), (3, 3), (6, 6), (2, 2), (3, 3), (2, 2)]
    assert {"finished"} == {end[2] for end in ends}


def test_a_disabled_bar_knows_what_it_was_given() -> None:
    """What was said of it can be read, and changed, though nothing is shown."""
    bar = tqdm(range(3), desc="load", unit="file", unit_scale=2, initial=1, postfix="half", leave=False, disable=True)

    assert bar.postfix == "half"
    assert (
        bar.desc, bar.unit, bar.unit_scale, bar.initial, bar.total, bar.n, bar.leave
    ) == ("load", "file", 2, 1, 3, 1, False)  # fmt: skip
    assert list(bar) == [0, 1, 2]
    bar.update(2)
    bar.total, bar.n = 9, 4
    bar.set_postfix(loss=1)
    assert (bar.n, bar.total, bar.postfix) == (4, 9, "loss=1")


def test_private_names_are_free_for_subclasses(recorded: Recorder) -> None:
    """A subclass may have any private attribute or method, but for tqdm's own: those of the door say whose they are."""
    taken = {name for kind in tqdm.__mro__ for name in vars(kind)} | set(vars(tqdm(range(3), desc="plain", delay=1e-9)))
    private = {name for name in taken if name.startswith("_") and not name.startswith(("__", "_door_"))}
    assert private <= {"_instances", "_lock", "_is_protocol"}

    class Watched(tqdm):  # type: ignore[type-arg]
        """Has the names that the door would have had, before and after it is made."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._name = self._bar = self._total = self._desc = self._postfix = object()
            super().__init__(*args, **kwargs)
            self._look = self._scale = self._loop = self._unit = self._initial = object()

        def _open(self, path: str) -> str:
            return path

        _show = _restyle = _opener = _own_fields = _open

    for item in (bar := Watched(range(3), desc="mine", bar_format="{desc} {n_fmt} {postfix}")):
        bar.set_postfix(item=item)
        bar.colour = "green"

    last = recorded.last("mine")
    assert (last.n, last.total, last.metrics["item"].text) == (3, 3, "2")
