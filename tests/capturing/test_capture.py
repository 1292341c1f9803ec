"""Bars that other libraries open with tqdm or rich are shown by headway, and the libraries notice nothing."""

import gc
import io
import os
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.capturing import switch
from headway.capturing.tqdm_bars import mirror_of
from headway.testing import Recorder, run_in_terminal

pytest.importorskip("tqdm")

import tqdm.asyncio
import tqdm.auto
import tqdm.notebook
import tqdm.std
from tqdm import tqdm as Tqdm  # noqa: N812  # a class, whatever its name

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def captured() -> Iterator[None]:
    """Capture tqdm for the test."""
    with headway.capture("tqdm"):
        yield


def namespace(cls: type) -> dict[str, object]:
    """What a class has of its own."""
    return {name: value for name, value in vars(cls).items() if name not in ("_instances", "_lock", "__doc__")}


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── whose bars ───────────────────────────────────────────────────────────────────────────────────────────────────────


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
    lib = library("noisy.lib", "def go(n):\n    for _ in Tqdm(range(n), desc='noise'): pass", {"Tqdm": Tqdm})
    with headway.silence("noisy"):
        lib.go(3)
    assert capsys.readouterr().err == ""
    lib.go(3)
    assert "noise n=3" in capsys.readouterr().err


@pytest.mark.usefixtures("captured")
def test_a_disabled_bar_stays_disabled(capsys: pytest.CaptureFixture[str]) -> None:
    """`disable=True` shows nothing; `None` leaves it to headway, which has lines for where there is no terminal."""
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


# ── in and out ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_uncapture_puts_the_very_objects_back() -> None:
    """After the block, and after `uncapture`, the classes are what they were, to the object."""
    classes = [tqdm.std.tqdm, tqdm.notebook.tqdm_notebook, tqdm.asyncio.tqdm_asyncio]
    before = [namespace(cls) for cls in classes]
    with headway.capture("tqdm"):
        assert namespace(tqdm.std.tqdm) != before[0]
    assert before == [namespace(cls) for cls in classes]
    headway.capture("tqdm")
    headway.uncapture("tqdm")
    headway.uncapture()
    assert before == [namespace(cls) for cls in classes]


def test_a_block_leaves_an_outer_capture_alone() -> None:
    """Capturing what is captured already changes nothing, and takes nothing back."""
    with headway.capture("tqdm"):
        with headway.capture("tqdm"):
            pass
        assert "tqdm" in switch._undo
    assert "tqdm" not in switch._undo


def test_bars_from_before_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A bar that was open when the capture began goes on drawing for itself."""
    bar = Tqdm(total=2, desc="before", file=sys.stderr)
    with headway.capture("tqdm"):
        bar.update(2)
        bar.close()

    assert "before: 100%" in capsys.readouterr().err


def test_bars_that_are_open_are_handed_back(recorded: Recorder) -> None:
    """A bar that is open at the end of the capture draws for itself from then on."""
    stream = io.StringIO()
    with headway.capture("tqdm"):
        bar = Tqdm(total=2, desc="handed", file=stream, mininterval=0)
        bar.update()
    assert (recorded.last("handed").n, recorded.last("handed").leave) == (1, False)
    bar.update()
    bar.close()

    assert "handed: 100%" in stream.getvalue()


@pytest.mark.parametrize("wrong", ["alive", "", "tqdm,rich"])
def test_what_cannot_be_captured_is_explained(wrong: str) -> None:
    """A name that is none says which there are."""
    with pytest.raises(ValueError, match="those of tqdm and rich can"):
        headway.capture(wrong)
    with pytest.raises(ValueError, match="those of tqdm and rich can"):
        headway.uncapture(wrong)
    with pytest.raises(TypeError, match="must be text"):
        headway.capture(tqdm)  # type: ignore[arg-type]


LATER = """
    import sys
    import headway
    {before}
    assert "tqdm" not in sys.modules
    finders = len(sys.meta_path)
    from {module} import tqdm
    for _ in tqdm(range(3), desc="later"):
        pass
    import tqdm.std, inspect
    assert type(tqdm.std.__loader__).__name__ == "SourceFileLoader", tqdm.std.__loader__
    assert tqdm.std.__spec__.loader is tqdm.std.__loader__
    assert "def update" in inspect.getsource(tqdm.std)
"""


@pytest.mark.parametrize("module", ["tqdm", "tqdm.std", "tqdm.auto", "tqdm.asyncio", "tqdm.contrib"])
def test_tqdm_may_be_imported_later(module: str, run: Program) -> None:
    """A capture waits for the import, whichever door it comes through, and leaves no trace in the module."""
    code = LATER.replace("from {module} import tqdm", "from tqdm.contrib import tenumerate, tqdm_auto as tqdm")
    code = code if module == "tqdm.contrib" else LATER.format(module=module, before="{before}")
    done = run(code.replace("{before}", 'headway.capture("tqdm")'), HEADWAY_BACKEND="plain")

    assert done.returncode == 0, done.stderr
    assert "headway later n=3 total=3 100%" in done.stderr
    assert "%|" not in done.stderr


def test_the_environment_captures(run: Program) -> None:
    """With `HEADWAY_CAPTURE` a program that uses headway need not say so."""
    done = run(LATER.format(module="tqdm", before=""), HEADWAY_CAPTURE=" tqdm, nonsense ")

    assert done.returncode == 0, done.stderr
    assert "headway later n=3 total=3 100%" in done.stderr
    assert "The bars of 'nonsense' cannot be captured" in done.stderr


def test_a_strange_release_of_tqdm_is_left_alone(run: Program, tmp_path: Path) -> None:
    """A tqdm that cannot be changed is imported and works, and a warning says what is wrong."""
    (tmp_path / "tqdm").mkdir()
    (tmp_path / "tqdm" / "__init__.py").write_text("from tqdm.std import tqdm\n")
    (tmp_path / "tqdm" / "std.py").write_text("class tqdm(list):\n    pass\n")
    done = run("import headway\nfrom tqdm import tqdm\nprint(tqdm('ab'))", HEADWAY_CAPTURE="tqdm")

    assert done.stdout == "['a', 'b']\n", done.stderr
    assert "while changing tqdm.std" in done.stderr


def test_waiting_can_be_given_up(run: Program) -> None:
    """A capture that is taken back before the import captures nothing, and leaves the import system as it was."""
    done = run(
        """
        import sys, headway
        before = list(sys.meta_path)
        with headway.capture("tqdm"):
            pass
        assert sys.meta_path == before
        from tqdm import trange
        list(trange(3))
        """
    )

    assert done.returncode == 0, done.stderr
    assert "3/3" in done.stderr


# ── headway run ──────────────────────────────────────────────────────────────────────────────────────────────────────

SCRIPT = """
import sys
from tqdm import tqdm
import neighbour
if __name__ == "__main__":
    for _ in tqdm(range(3), desc="script"):
        pass
    print(sys.argv[1:], neighbour.HERE)
    sys.exit(7)
"""


@pytest.mark.parametrize("what", ["script", "module"])
def test_headway_run_is_as_python_is(what: str, tmp_path: Path) -> None:
    """The program has its arguments, its folder, its exit status, and knows nothing of headway."""
    (tmp_path / "program.py").write_text(SCRIPT)
    (tmp_path / "neighbour.py").write_text("HERE = 'here'\n")
    program = [str(tmp_path / "program.py")] if what == "script" else ["-m", "program"]
    command = [sys.executable, "-m", "headway", "run", "--backend", "plain", *program, "--backend", "-m", "x"]
    cwd = tmp_path if what == "module" else "/"
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd)

    assert (done.returncode, done.stdout) == (7, "['--backend', '-m', 'x'] here\n"), done.stderr
    assert "headway script n=3 total=3 100%" in done.stderr
    assert "%|" not in done.stderr


def test_headway_run_explains_what_is_missing(tmp_path: Path) -> None:
    """A script that is not there, and bars that cannot be captured, are told in a sentence."""
    for arguments, words in (
        (["nothing.py"], "there is no script 'nothing.py'"),
        (["--capture", "alive", __file__], "those of tqdm and rich can"),
    ):
        command = [sys.executable, "-m", "headway", "run", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)

        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_errors_in_headway_run_are_the_programs(tmp_path: Path) -> None:
    """What the program raises, headway's own errors included, is a traceback and a status as under python."""
    script = tmp_path / "program.py"
    script.write_text("import headway\nheadway.use('nothing')\n")
    command = [sys.executable, "-m", "headway", "run", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert f'File "{script}", line 2' in done.stderr
    assert "UnknownBackendError" in done.stderr


def test_ctrl_c_in_headway_run_is_the_programs(tmp_path: Path) -> None:
    """Ctrl-C ends the program as it would end it under python, with the bar saying so."""
    script = tmp_path / "program.py"
    script.write_text(
        "import time\nfrom tqdm import tqdm\nfor _ in tqdm(range(100), desc='slow'):\n    time.sleep(0.2)\n"
    )
    arguments = ["-m", "headway", "run", "--backend", "tqdm", str(script)]
    screen = run_in_terminal("", arguments=arguments, interrupt_at="1/100", columns=100)

    assert screen.status == -2, str(screen)
    assert screen.rows_with("KeyboardInterrupt"), str(screen)
    assert screen.rows_with("interrupted"), str(screen)


# ── on the screen ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2"])
@pytest.mark.parametrize("threads", ["1", "0"])
def test_on_a_terminal(backend: str, threads: str) -> None:
    """The rows are the renderer's, headway's own tqdm rows are not captured, and `tqdm.write` stands above."""
    screen = run_in_terminal(
        """
        import time, headway
        headway.capture("tqdm")
        from tqdm import tqdm
        for i in headway.track(range(2), desc="ours"):
            for j in tqdm(range(20), desc="theirs", leave=False):
                time.sleep(0.01)
            tqdm.write(f"line {i}")
        """,
        env={"HEADWAY_BACKEND": backend, "HEADWAY_THREADS": threads},
        columns=100,
    )

    assert screen.status == 0, str(screen)
    assert screen.rows[:2] == ["line 0", "line 1"], str(screen)
    assert "2/2" in screen.rows[2], str(screen)
    assert len(screen.rows) == 3, str(screen)
    assert "theirs" in screen.raw


def test_written_text_is_the_programs_output(run: Program) -> None:
    """Where stdout is no terminal, `tqdm.write` writes into it, as it does without a capture."""
    done = run(
        """
        import headway
        headway.capture("tqdm")
        from tqdm import tqdm
        for i in tqdm(range(2)):
            tqdm.write(f"line {i}")
            with tqdm.external_write_mode():
                print("print", i)
        """
    )

    assert done.stdout == "line 0\nprint 0\nline 1\nprint 1\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_children_report(run: Program) -> None:
    """Bars in processes that were forked off while a bar is shown make up one row of the parent's."""
    done = run(
        """
        import multiprocessing as mp, headway
        headway.capture("tqdm")
        from tqdm import tqdm
        def work(i):
            return sum(tqdm(range(10), desc="child"))
        with tqdm(total=4, desc="parent") as bar, mp.get_context("fork").Pool(2) as pool:
            for total in pool.imap(work, range(4)):
                assert total == 45
                bar.update()
        """,
        options=("-W", "ignore"),
    )

    assert done.returncode == 0, done.stderr
    assert "parent n=4 total=4 100%" in done.stderr
    assert "child n=40 total=40 100%" in done.stderr


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


def test_external_write_mode_of_a_captured_bar_lets_text_through() -> None:
    """What is written inside of tqdm's `external_write_mode` stands above the captured bar, whole."""
    screen = run_in_terminal(
        """
        import headway, sys, time
        headway.capture("tqdm")
        from tqdm import tqdm
        for i in tqdm(range(4), desc="work"):
            with tqdm.external_write_mode():
                sys.stdout.write(f"inside {i}\\n")
            tqdm.write(f"written {i}")
            time.sleep(0.12)
        """,
        env={"HEADWAY_BACKEND": "tqdm"},
    )

    assert [line for i in range(4) for line in (f"inside {i}", f"written {i}")] == screen.rows[:-1], str(screen)
    assert screen.rows[-1].startswith("work: 100%"), str(screen)
