"""Renderers without a distribution: a sink, a class of sinks or a `Renderer` in code, and a file of one class."""

import io
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.choosing.given import of_object
from headway.errors import BackendClashError, HeadwayWarning, UnknownBackendError
from headway.sink import Context, Frame, PerBar, Renderer

BLINK = """
    from headway.sink import PerBar

    class Blink(PerBar):
        draws = "lines"
        options = {"mark": str}

        def __init__(self, context):
            self.stream = context.stream
            self.mark = context.options.get("mark", "*")

        def close(self, snapshot):
            self.stream.write(f"{self.mark} {snapshot.desc} {snapshot.n}\\n")
"""


class Kept(PerBar):
    """A sink that keeps the ends of bars, and is made without the context."""

    draws = "lines"

    def __init__(self) -> None:
        self.closed: list[float] = []

    def close(self, snapshot: Any) -> None:
        """Keep the end."""
        self.closed.append(snapshot.n)


class Bare(PerBar):
    """A class with nothing to make."""

    draws = "lines"
    made: list["Bare"] = []  # noqa: RUF012

    def close(self, snapshot: Any) -> None:
        """Keep the sink."""
        self.made.append(self)


def report(**more: Any) -> None:
    """Report three items."""
    for _ in headway.track(range(3), desc="alpha", file=io.StringIO(), **more):
        pass


@pytest.mark.parametrize("how", ["use", "backend", "several"])
def test_a_sink_in_code_shows_the_bars(how: str) -> None:
    """A sink object is a backend for `use` and for `backend=`, alone or beside others."""
    sink = Kept()
    if how == "backend":
        report(backend=sink)
    else:
        with headway.use(sink if how == "use" else [sink, "off"]):
            report()

    assert sink.closed == [3]


def test_a_class_is_made_with_the_context_or_with_nothing() -> None:
    """A class with nothing to make is made without arguments."""
    Bare.made.clear()
    with headway.use(Bare):
        report()

    assert [type(sink) for sink in Bare.made] == [Bare]


def sinks(*, breaks: bool) -> Any:
    """Make a class of sinks; all have the same name."""

    class Sink(PerBar):
        draws = "lines"
        closed: list[float] = []  # noqa: RUF012

        def open(self, snapshot: Any) -> None:
            if breaks:
                raise RuntimeError("no ink")

        def close(self, snapshot: Any) -> None:
            self.closed.append(snapshot.n)

    return Sink


def test_a_class_that_lacks_a_call_is_told_with_its_line() -> None:
    """A class without an `__init__` of its own has a place, too."""

    class Half:
        draws = "lines"

        def frame(self, frame: Frame) -> None:
            pass

        def write(self, text: str) -> None:
            pass

    line = Half.frame.__code__.co_firstlineno
    with pytest.warns(HeadwayWarning, match=rf"Half has no call hide.*test_given.py, line {line}\)"):
        report(backend=Half)


@pytest.mark.parametrize("wrap", [lambda kind: kind, lambda kind: Renderer(kind, 2, "lines")])
def test_one_that_broke_does_not_stand_for_another_of_its_name(wrap: Any) -> None:
    """After a renderer was switched off, another one of the same name is used; the broken one is not used again."""
    broken, whole = sinks(breaks=True), sinks(breaks=False)
    given = wrap(broken)
    with pytest.warns(HeadwayWarning, match="no ink"):
        report(backend=given)
    report(backend=wrap(whole))
    report(backend=given)

    assert (broken.closed, whole.closed) == ([], [3])


@pytest.mark.parametrize("draws", ["lines", "nothing"])
def test_each_of_one_name_that_breaks_is_told(draws: Any) -> None:
    """The fault of one renderer does not hide that of another one of the same name; each is told once."""
    kinds = [sinks(breaks=True), sinks(breaks=True)]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for kind in (*kinds, kinds[0]):
            with headway.use(Renderer(kind, 2, draws)):
                report()

    assert [str(warning.message).count("no ink") for warning in told] == [1, 1]


def test_a_class_may_have_each_field_of_a_renderer() -> None:
    """An attribute of a class counts as the field of its name, whatever the field is about."""

    class Full(Bare):
        draws = "rows"
        max_bars = 3
        interval = 0.5
        options = {"mark": str, "path": str}  # noqa: RUF012
        cosmetic = ("mark",)
        look = {"mark": str}  # noqa: RUF012
        library = "textual"
        native = staticmethod(callable)
        every = staticmethod(lambda _options, _layout: True)
        line = staticmethod(lambda snapshot, _stream: snapshot.desc)

    _, renderer = of_object(Full)
    asked = {field: getattr(Full, field) for field in Renderer._fields if field in vars(Full)}

    assert {field: getattr(renderer, field) for field in asked} == asked
    assert {*Renderer._fields} - {*asked} == {"make", "protocol", "points"}


def test_a_renderer_gets_options_from_code() -> None:
    """`use(renderer, option=...)` reads options as a plugin's are read."""
    seen: list[Context] = []

    def make(context: Context) -> Kept:
        seen.append(context)
        return Kept()

    renderer = Renderer(make, protocol=2, draws="lines", options={"size": int})
    with headway.use(renderer, size="5"):
        report()
    with pytest.raises(ValueError, match="has no option 'colour'"):
        headway.use(renderer, colour="red")

    assert [context.options for context in seen] == [{"size": 5}]


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (3, TypeError, "A backend is a name, a headway.sink.Renderer, a class of sinks or a sink, not 3"),
        (object(), TypeError, "A sink has the calls frame and write"),
        (Renderer(Bare), ValueError, "does not say which version"),
        (Renderer(Bare, protocol=2, draws="bars"), ValueError, "its draws must be one of"),  # type: ignore[arg-type]
        (["plain", Renderer(Bare, protocol=2)], BackendClashError, "cannot draw on one terminal"),
        (
            "./none.py",
            UnknownBackendError,
            "There is no file '.*none.py'. A backend's name is a file's if it has a slash",
        ),
        ("plain,tqdm", BackendClashError, "'plain' and 'tqdm' cannot draw on one terminal; ask for one of them"),
    ],
)
def test_a_mistake_raises_at_the_call(given: Any, error: type[Exception], says: str) -> None:
    """The message says how it should be."""
    if given == "plain,tqdm":
        pytest.importorskip("headway_tqdm")
    with pytest.raises(error, match=says):
        headway.use(given)


def test_a_file_of_fifteen_lines_is_a_renderer(tmp_path: Path, run: Any) -> None:
    """The environment and code may name a file with one class of sinks; its options are those of the class."""
    (tmp_path / "blink.py").write_text(textwrap.dedent(BLINK))
    code = "import headway; print(sum(headway.track(range(10), desc='alpha')))"

    assert run(code, HEADWAY_BACKEND="./blink.py").stderr == "* alpha 10\n"
    assert run(code, HEADWAY_BACKEND="blink.py?mark=>").stderr == "> alpha 10\n"
    assert run(f"import headway; headway.use('./blink.py'); {code}").stderr == "* alpha 10\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "There is no file"),
        ("1 / 0", "raised ZeroDivisionError: division by zero ("),
        ("x = 1", "must have one class with the calls frame and write"),
        ("from headway.sink import Renderer\nrenderer = Renderer(int, protocol=9)", "needs version 9 of headway's"),
    ],
)
def test_a_file_that_is_no_renderer_warns(tmp_path: Path, run: Any, text: str | None, says: str) -> None:
    """The program goes on, with plain lines."""
    if text is not None:
        (tmp_path / "blink.py").write_text(text)
    done = run("import headway; print(sum(headway.track(range(10))))", HEADWAY_BACKEND="./blink.py")

    assert (done.returncode, done.stdout) == (0, "45\n")
    assert says in done.stderr
    assert "state=finished" in done.stderr


def test_a_configuration_file_cannot_name_code(tmp_path: Path, run: Any) -> None:
    """A project's file may choose looks; a file that would be run is refused."""
    (tmp_path / "blink.py").write_text(textwrap.dedent(BLINK))
    (tmp_path / "pyproject.toml").write_text("[tool.headway]\nbackend = './blink.py'\n")
    done = run("import headway; print(sum(headway.track(range(10))))")

    assert done.stdout == "45\n"
    assert "cannot name a file of code" in done.stderr
    assert "state=finished" in done.stderr


def test_of_two_that_draw_on_one_terminal_the_first_is_taken(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment may be wrong: one warning, and the first one draws."""
    pytest.importorskip("headway_tqdm")
    code = "import headway; print(sum(headway.track(range(10), desc='alpha')))"
    done = run(code, HEADWAY_BACKEND="plain,tqdm")

    assert done.stdout == "45\n"
    assert "'plain' and 'tqdm' cannot draw on one terminal; ask for one of them. (asked for by" in done.stderr
    assert done.stderr.count("HeadwayWarning") == 1
    assert done.stderr.count("state=finished") == 1
    monkeypatch.setenv("HEADWAY_BACKEND", "plain,tqdm")
    with pytest.warns(HeadwayWarning, match="using plain of them"):
        report()


@pytest.mark.parametrize("field", ["every", "line"])
def test_a_field_that_is_no_function_is_refused(field: str) -> None:
    """What would be called is checked when the renderer is given."""
    with pytest.raises(ValueError, match=f"its {field} must be a function or None, not 'text'"):
        report(backend=Renderer(Kept, 2, "lines", **{field: "text"}))  # type: ignore[arg-type]
