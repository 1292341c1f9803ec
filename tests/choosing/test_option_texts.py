"""Texts of options: none drives the terminal, and no template makes a row out of proportion."""

import io
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

import headway
from headway.choosing import selection
from headway.choosing.discovery import names
from headway.errors import BackendOptionError, HeadwayWarning
from headway.format import disproportionate, prying
from headway.sink import PROTOCOL, Context, PerBar, Renderer
from headway.snapshot import Snapshot
from headway.testing import run_in_terminal
from headway.text import layout
from headway.tqdm import TqdmWarning, tqdm

EVIL = "\x1b]0;owned\x07\x1b[2Ja\u202eb\nc"
"""It would set the title of the terminal, clear it, and turn the direction of writing."""
SAFE = "a b c"
HUGE = ["{n:>9999999}", "{n!r:>{total}0000000}", "{n:.5000f}", "{n:500}{n:500}", "{n.__class__.__mro__}"]


class Kept(PerBar):
    """Keeps the options that it is given."""

    given: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, context: Context) -> None:
        self._options = context.options

    def open(self, snapshot: Snapshot) -> None:
        """Keep them."""
        self.given.append({**self._options, **snapshot.options})

    def write(self, text: str) -> None:
        """Write nothing."""


def anything(value: Any) -> Any:
    """Read anything."""
    return value


def renderer(**about: Any) -> Renderer:
    """Return one with an option of the bar and one of the sink."""
    return Renderer(Kept, protocol=PROTOCOL, look={"mark": anything}, options={"title": anything}, **about)


def opened(renderer: Renderer, **options: Any) -> dict[str, Any]:
    """Return the options that reach a sink."""
    Kept.given.clear()
    with headway.use(renderer, **options):
        headway.get_bar(1, file=io.StringIO()).close()
    (given,) = Kept.given
    return given


def test_texts_that_are_drawn_are_safe() -> None:
    """They are cleaned as all texts, in lists, too; other values are as they were given."""
    shown = opened(renderer(draws="lines"), mark=EVIL, title=[EVIL, 5, (EVIL, None)])

    assert shown == {"mark": SAFE, "title": [SAFE, 5, (SAFE, None)]}
    assert opened(renderer(draws="lines"), mark="x" * 10_000) == {"mark": "x" * 1000}


def test_code_may_give_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the examples of tqdm do for its `bar_format`; a text of the environment, or of a file, has none."""
    red = "\x1b[31m{n}\x1b[0m"
    assert opened(renderer(draws="lines"), mark=EVIL + red) == {"mark": f"{SAFE}{red}"}
    assert opened(renderer(draws="lines"), mark="x" * 1000 + red) == {"mark": "x" * 1000}
    if "tqdm" not in names():
        pytest.skip("headway-tqdm is not installed")
    monkeypatch.setenv("HEADWAY_BACKEND", f"tqdm?bar_format={quote(red)}")
    (choice,) = selection.decide(io.StringIO()).choices

    assert choice.options == {"bar_format": "{n}"}


@pytest.mark.parametrize("draws", ["nothing", lambda _options: "nothing"])
def test_a_path_is_as_it_was_given(draws: Any) -> None:
    """An option of a sink that draws nothing may be a path, which may have any characters; a look is drawn."""
    assert opened(renderer(draws=draws), title=EVIL) == {"title": EVIL}
    assert opened(renderer(draws=draws, cosmetic=["title"]), title=EVIL) == {"title": SAFE}


@pytest.mark.parametrize("template", HUGE)
def test_a_template_out_of_proportion_is_refused(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In code it raises, in the environment it warns, whichever renderer it is for."""
    with pytest.raises(BackendOptionError, match="template for less than a thousand columns"):
        opened(renderer(draws="lines"), mark=template)
    if "tqdm" not in names():
        pytest.skip("headway-tqdm is not installed")
    monkeypatch.setenv("HEADWAY_BACKEND", f"tqdm?bar_format={quote(template)}")
    with pytest.warns(HeadwayWarning, match="using plain instead"):
        (choice,) = selection.decide(io.StringIO()).choices

    assert choice.name == "plain"


@pytest.mark.parametrize("template", ["{n}", "{n:>999}", "{rate:8.2f} {{", "no template {", "{task.total:>5}", ""])
def test_a_template_in_proportion_is_taken(template: str) -> None:
    """So is a text that is none."""
    assert {"mark": template} == opened(renderer(draws="lines"), mark=template)
    assert not disproportionate(template)
    assert not prying(template)


@pytest.mark.parametrize("template", HUGE[:-1])
def test_a_template_of_widgets_has_to_be_in_proportion(template: str) -> None:
    """A template as `widgets=` takes it is held to the same, also if it is a library's own."""
    with pytest.raises(ValueError, match="thousand columns"):
        layout.of(template, lambda _: True)


def test_a_template_of_widgets_does_not_pry() -> None:
    """A private attribute is no part of a library's template: it is left out with a warning."""
    with pytest.warns(HeadwayWarning, match="no widget named 'n.__class__"):
        assert layout.of(HUGE[-1], lambda _: True) is layout.DEFAULT


@pytest.mark.parametrize("template", HUGE)
def test_a_template_of_tqdm_s_door_is_held_to_the_same(template: str) -> None:
    """A program that was written for tqdm goes on: of such a `bar_format` the fields alone are used."""
    with pytest.warns(TqdmWarning, match="only its fields are used"):
        assert list(tqdm(range(3), bar_format=template, file=io.StringIO())) == [0, 1, 2]


def test_a_long_template_of_tqdm_s_door_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut in the midst of a field it could not be read."""
    if "tqdm" not in names():
        pytest.skip("headway-tqdm is not installed")
    monkeypatch.setenv("HEADWAY_BACKEND", "tqdm")
    for length in range(990, 1001):
        assert list(tqdm(range(3), bar_format="x" * length + "{n_fmt}{bar}", file=io.StringIO())) == [0, 1, 2]


def test_a_native_template_is_safe() -> None:
    """Its texts are cleaned, and so are those between a library's own widgets in a list."""
    native = object()

    assert layout.of(f"{EVIL}{{n_fmt}}", lambda _: True).native == f"{SAFE}{{n_fmt}}"
    assert layout.of([native, EVIL], lambda item: item is native).native == [native, SAFE]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(f"tqdm?bar_format={quote(EVIL)}%7Bn%7D", id="tqdm"),
        pytest.param(f"tqdm?ascii={quote(EVIL)}", id="tqdm's signs"),
        pytest.param(f"alive?elapsed={quote(EVIL)}", id="alive"),
        pytest.param(f"rich?columns={quote(EVIL.replace(chr(10), ''))}", id="rich"),
        pytest.param("rich?complete_style=link%20https://example.org", id="rich's links"),
        pytest.param("rich?columns=[link=https://example.org]x[/link]", id="rich's markup"),
    ],
)
def test_no_option_drives_the_terminal(asked: str) -> None:
    """Whatever an option says, the terminal gets no title, link or other command of its."""
    if asked.partition("?")[0] not in names():
        pytest.skip("the renderer is not installed")
    screen = run_in_terminal(
        "import headway\nwith headway.get_bar(3, desc='work') as bar: bar.update(3)",
        env={"HEADWAY_BACKEND": asked},
        columns=160,
    )

    assert screen.status == 0, str(screen)
    assert "3" in str(screen)
    assert "\x1b]0;owned" not in screen.raw
    assert "\x1b]8;" not in screen.raw
    assert "\u202e" not in screen.raw
