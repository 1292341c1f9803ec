"""Bars that other libraries open with tqdm are shown by headway, and the libraries notice nothing."""

import gc
import subprocess
import sys
import threading
import types
from typing import Any

import pytest

import headway
from headway.capturing.mirror import mirror_of
from headway.testing import Recorder

pytest.importorskip("tqdm")

import tqdm.asyncio
import tqdm.auto
import tqdm.notebook
import tqdm.std
from tqdm import tqdm as Tqdm  # noqa: N812  # a class, whatever its name


@pytest.mark.usefixtures("captured")
def test_a_loop_is_shown(recorded: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    """A loop's bar has its count, total and description, ends as finished, and tqdm draws nothing."""
    assert list(range(5)) == list(Tqdm(range(5), desc="loop", unit="file"))
    last = recorded.last("loop")

    assert (last.n, last.total, last.unit, last.state) == (5, 5, "file", "finished")
    assert last.name == __name__
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("captured")
def test_what_a_bar_says_is_looked_up(recorded: Recorder) -> None:
    """Count, total, description, postfix and unit are those of the moment, however they were set."""
    with Tqdm(total=10, desc="first", initial=2, unit="B", unit_scale=True, unit_divisor=1024) as bar:
        mirror = mirror_of(bar)
        assert mirror is not None
        assert (mirror.snapshot().n, mirror.snapshot().initial, mirror.unit, mirror.unit_scale) == (2, 2, "B", "iec")
        bar.update(3)
        bar.set_description("second")
        bar.set_postfix(loss=0.25, mode="fast")
        bar.total = 20
        seen = mirror.snapshot()
        assert (seen.n, seen.total, seen.desc) == (5, 20, "second")
        assert {name: reading.value for name, reading in seen.metrics.items()} == {"loss": 0.25, "mode": "fast"}
        bar.set_postfix_str("half way, nearly")
        bar.n = 12
        seen = mirror.snapshot()
        assert (seen.n, seen.message, dict(seen.metrics)) == (12, "half way, nearly", {})
        bar.reset(total=7)
        assert (mirror.snapshot().n, mirror.snapshot().total) == (0, 7)
        assert mirror.elapsed < 1

    assert recorded.last("second").state == "stopped"


@pytest.mark.usefixtures("captured")
def test_a_scale_that_is_a_number_multiplies(recorded: Recorder) -> None:
    """With tqdm's `unit_scale=0.5` halves count."""
    with Tqdm(total=10, desc="halves", unit_scale=0.5) as bar:
        bar.update(10)

    assert (recorded.last("halves").n, recorded.last("halves").total) == (5, 5)


@pytest.mark.usefixtures("captured")
def test_a_loop_is_followed_while_it_runs(recorded: Recorder) -> None:
    """In the middle of a loop the count is that of the items that are done, and the library reads it, too."""
    bar = Tqdm(iter(range(10)), total=10, desc="loop", mininterval=1000)
    for i in bar:
        mirror = mirror_of(bar)
        assert mirror is not None
        assert i == mirror.snapshot().n
        assert i == bar.n

    assert bar.n == 10
    assert recorded.last("loop").n == 10


@pytest.mark.usefixtures("captured")
@pytest.mark.parametrize("kind", ["loop", "with"])
@pytest.mark.parametrize(("error", "state"), [(ValueError, "failed"), (KeyboardInterrupt, "interrupted")])
def test_an_exception_ends_a_bar_as_failed(
    kind: str, error: type[BaseException], state: str, recorded: Recorder
) -> None:
    """An exception out of a loop or a `with` block is to be seen at the bar, as at headway's own."""
    with pytest.raises(error):
        if kind == "loop":
            for _ in Tqdm(range(5), desc="bar"):
                raise error("boom")
        else:
            with Tqdm(total=5, desc="bar"):
                raise error("boom")

    assert recorded.last("bar").state == state


@pytest.mark.usefixtures("captured")
def test_a_break_ends_a_bar_as_stopped(recorded: Recorder) -> None:
    """After a `break` the bar is closed, and its count is that of tqdm."""
    bar = Tqdm(range(5), desc="bar")
    for i in bar:
        if i == 3:
            break

    assert (bar.n, bar.disable) == (3, True)
    assert (recorded.last("bar").n, recorded.last("bar").state) == (3, "stopped")


@pytest.mark.usefixtures("captured")
def test_a_bar_that_is_dropped_ends(recorded: Recorder) -> None:
    """A bar that nobody holds any more is closed, and nothing of it is kept."""
    bar = Tqdm(total=5, desc="dropped")
    bar.update(2)
    del bar
    gc.collect()

    assert (recorded.last("dropped").n, recorded.last("dropped").state) == (2, "stopped")


@pytest.mark.usefixtures("captured")
def test_nested_bars_are_nested(recorded: Recorder) -> None:
    """A bar inside of a loop over another one, headway's own included, is a part of that."""
    for _ in headway.track(range(1), desc="outer"):
        for _ in Tqdm(range(1), desc="middle"):
            for _ in tqdm.auto.tqdm(range(2), desc="inner", leave=False):
                pass

    outer, middle, inner = (recorded.last(desc) for desc in ("outer", "middle", "inner"))
    assert (None, outer.id, middle.id) == (outer.parent, middle.parent, inner.parent)
    assert (outer.leave, middle.leave, inner.leave) == (True, True, False)


@pytest.mark.usefixtures("captured")
def test_threads(recorded: Recorder) -> None:
    """Bars may be opened, updated and closed in several threads at once."""

    def work(i: int) -> None:
        for _ in Tqdm(range(200), desc=f"thread {i}"):
            pass

    threads = [threading.Thread(target=work, args=[i]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [recorded.last(f"thread {i}").n for i in range(8)] == [200] * 8


class Sub(tqdm.auto.tqdm):  # type: ignore[type-arg]
    """A subclass such as libraries have, made before anything is captured."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("name", None)
        super().__init__(*args, **kwargs)


FLAVOURS = {"std": tqdm.std.tqdm, "auto": tqdm.auto.tqdm, "asyncio": tqdm.asyncio.tqdm, "subclass": Sub}


@pytest.mark.usefixtures("captured")
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_flavour_takes_part(flavour: str, recorded: Recorder) -> None:
    """Whichever name a library imported before the capture, its bars are shown."""
    assert list(FLAVOURS[flavour]("abc", desc=flavour)) == ["a", "b", "c"]
    assert recorded.last(flavour).n == 3


@pytest.mark.usefixtures("captured")
def test_notebook_bars_need_no_widgets(recorded: Recorder) -> None:
    """Bars for notebooks are headway's, too, whether or not ipywidgets is there."""
    bar = tqdm.notebook.tqdm(range(3), desc="notebook", display=True, colour="red")
    assert list(bar) == [0, 1, 2]
    with tqdm.notebook.tqdm(total=4, desc="by hand", disable=None) as bar:
        bar.update(2)
        bar.reset(total=2)
        bar.update(2)

    assert recorded.last("notebook").n == 3
    assert (recorded.last("by hand").n, recorded.last("by hand").state) == (2, "finished")


def library(name: str, code: str, globals_: dict[str, Any] | None = None) -> types.ModuleType:
    """Make a module of a name."""
    module = types.ModuleType(name)
    module.__dict__.update(globals_ or {})
    exec(code, module.__dict__)
    return module


@pytest.mark.usefixtures("captured")
def test_a_bar_is_named_after_the_module_that_opened_it(recorded: Recorder) -> None:
    """Wrappers of tqdm, a library's own subclass of it included, are not whoever opened it."""
    wrapper = library(
        "lib.utils.tqdm",
        """
from tqdm.auto import tqdm as old
class tqdm(old):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
def make(**kwargs):
    return tqdm(**kwargs)
""",
    )
    user = library("lib.download", "def get(): make(total=1, desc='got').close()", {"make": wrapper.make})
    user.get()

    assert recorded.last("got").name == "lib.download"


@pytest.mark.usefixtures("captured")
def test_filters_apply(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's bars are silenced by its name."""
    headway.use("plain")
    lib = library("noisy.lib", "def go(n):\n    for _ in Tqdm(range(n), desc='noise'): pass", {"Tqdm": Tqdm})
    with headway.silence("noisy"):
        lib.go(3)
    assert capsys.readouterr().err == ""
    lib.go(3)
    assert "noise n=3" in capsys.readouterr().err


@pytest.mark.usefixtures("captured")
def test_a_disabled_bar_stays_disabled(capsys: pytest.CaptureFixture[str]) -> None:
    """`disable=True` shows nothing; `None` leaves it to headway, which has lines for where there is no terminal."""
    headway.use("plain")
    assert len(list(Tqdm(range(3), desc="never", disable=True))) == 3
    assert capsys.readouterr().err == ""
    assert len(list(Tqdm(range(3), desc="lines", disable=None))) == 3
    assert "lines n=3" in capsys.readouterr().err


@pytest.mark.usefixtures("captured")
def test_off_is_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With progress off nothing is shown, and a library reads the counts that tqdm would have."""
    monkeypatch.setenv("HEADWAY_BACKEND", "off")
    bar = Tqdm(range(3))

    assert list(bar) == [0, 1, 2]
    assert bar.n == 3
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("captured")
def test_wrong_arguments_raise_as_ever() -> None:
    """A mistake in the library's call is the library's to be told."""
    with pytest.raises(tqdm.std.TqdmKeyError):
        Tqdm(range(3), colr="red")
    with pytest.raises(TypeError, match="not iterable"):
        list(Tqdm(5))


@pytest.mark.usefixtures("captured")
@pytest.mark.parametrize("nonsense", [float("nan"), "many", None, -3, pytest.param(10**400, id="huge")])
def test_nonsense_never_reaches_the_library(nonsense: Any, recorded: Recorder) -> None:
    """Whatever a library puts into its bar, headway's trouble with it is not the library's."""
    with Tqdm(total=10, desc="bar") as bar:
        bar.n = nonsense
        bar.postfix = object()
        mirror = mirror_of(bar)
        assert mirror is not None
        mirror.snapshot()
        bar.total = nonsense
        mirror.snapshot()

    assert recorded.last("bar").state in ("finished", "stopped")


@pytest.mark.usefixtures("captured")
def test_a_fault_of_headways_is_contained(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where headway cannot show a bar, tqdm draws it after all, and a warning says why."""
    monkeypatch.setattr("headway.capturing.mirror.opener", lambda *_: 1 / 0)
    with pytest.warns(headway.HeadwayWarning, match="ZeroDivisionError"):
        bar = Tqdm(range(3), desc="native")

    assert list(bar) == [0, 1, 2]
    assert "native: 100%" in capsys.readouterr().err


@pytest.mark.usefixtures("captured")
def test_a_subclass_that_shows_itself_elsewhere_still_does(recorded: Recorder) -> None:
    """A library's own way to display its bar, in a chat or a window, is called as before."""
    seen = []

    class Chat(tqdm.std.tqdm):  # type: ignore[type-arg]
        def display(self, *args: Any, **kwargs: Any) -> None:
            super().display(*args, **kwargs)
            seen.append(self.n)

    with Chat(total=2, desc="chat", mininterval=0) as bar:
        bar.update()
        bar.update()

    assert sorted(set(seen)) == [0, 1, 2]
    assert recorded.last("chat").n == 2


@pytest.mark.usefixtures("captured")
def test_reverse_and_send_are_as_ever(recorded: Recorder) -> None:
    """What can be done with tqdm's iterators can be done with ours."""
    native = subprocess.run(
        [sys.executable, "-c", "from tqdm import tqdm; print(list(reversed(tqdm(range(3)))))"],
        capture_output=True,
        text=True,
    ).stdout
    bar = Tqdm(range(5), desc="twice")
    first, second = iter(bar), iter(bar)

    assert native == f"{list(reversed(Tqdm(range(3))))}\n"
    assert list(zip(first, second, strict=False))[:2] == [(0, 0), (1, 1)]
    assert isinstance(first, types.GeneratorType)
    first.close()
    second.close()
