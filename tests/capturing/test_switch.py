"""A capture may begin before or after the import of a library, and can be taken back without a trace."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import headway
from headway.capturing import switch
from headway.testing import Recorder

pytest.importorskip("tqdm")

import tqdm.asyncio
import tqdm.notebook
import tqdm.std
from tqdm import tqdm as Tqdm  # noqa: N812  # a class, whatever its name

Program = Callable[..., "subprocess.CompletedProcess[str]"]


def namespace(cls: type) -> dict[str, object]:
    """What a class has of its own."""
    return {name: value for name, value in vars(cls).items() if name not in ("_instances", "_lock", "__doc__")}


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
    with pytest.raises(ValueError, match="those of tqdm, rich, alive_progress and progressbar2 can"):
        headway.capture(wrong)
    with pytest.raises(ValueError, match="those of tqdm, rich, alive_progress and progressbar2 can"):
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
