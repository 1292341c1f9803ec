"""Programs written for progressbar2 compute the same with the import changed, and while their bars are captured."""

import re
import textwrap
from pathlib import Path

import pytest

from headway.choosing.discovery import installed
from headway.testing import Recorder, record, run_in_terminal
from twins import captured, printed, through_the_door

PRELUDE = textwrap.dedent(
    """
    import io, functools
    import progressbar
    ProgressBar = functools.partial(progressbar.ProgressBar, fd=io.StringIO())
    loop = functools.partial(progressbar.progressbar, fd=io.StringIO())
    def refused(act):
        try:
            return act()
        except Exception as error:
            return type(error).__name__, str(error)
    """
)
PROGRAMS = {
    "by hand": """
        bar = ProgressBar(max_value=10)
        print(bar.value, bar.started(), bar.finished(), bar.percentage, bar.start_time, bar.previous_value)
        assert bar.start() is bar
        print(bar.value, bar.started(), bar.finished(), bar.percentage, bar.start_time is not None)
        for i in range(10):
            bar.update(i)
            print(bar.value, bar.previous_value, bar.percentage)
        bar.increment(); bar += -3; print(bar.value, bar.increment(2) is bar, bar.value)
        bar.finish()
        print(bar.value, bar.percentage, bar.finished(), bar.end_time is not None)
        bar.finish(); bar.finish(dirty=True); print(bar.value)
        bar.start(20); bar.update(5); print(bar.value, bar.max_value, bar.finished(), bar.percentage); bar.finish(dirty=True)
        print(bar.value, bar.finished(), bar.end_time)
    """,
    "bounds": """
        bar = ProgressBar(min_value=5, max_value=9)
        for value in (5, 4, 9, 10, None, "7"):
            print(value, refused(lambda: bar.update(value)), bar.value, bar.percentage)
        bar.finish(dirty=True)
        bar = ProgressBar(max_value=3, max_error=False); bar.update(5); print(bar.value); bar.finish()
        print(refused(lambda: ProgressBar(min_value=5, max_value=3)))
        print(refused(lambda: ProgressBar().start(max_value=-1)))
        with ProgressBar(max_value=0) as bar: pass
        print(bar.value, bar.percentage)
        with ProgressBar(min_value=-1, max_value=1.5) as bar:
            bar.update(0.25); print(bar.value, bar.percentage)
    """,
    "blocks": """
        with ProgressBar(max_value=3) as bar:
            print(bar.started()); bar.update(2); print(bar.value)
        print(bar.value, bar.finished())
        def failing():
            global bar
            with ProgressBar(max_value=3) as bar:
                bar.update(1)
                1 / 0
        print(refused(failing), bar.value, bar.finished())
        with ProgressBar() as bar:
            pass
        print(bar.max_value is progressbar.UnknownLength, bool(progressbar.UnknownLength), bar.percentage)
    """,
    "loops": """
        bar = ProgressBar()
        for item in bar("abc"):
            print(item, bar.value, bar.max_value)
        print(bar.value, bar.finished(), bar.percentage)
        print(list(loop([1, 2, 3])), list(loop(iter("ab"))), list(loop(range(0))), list(loop("ab", max_value=5)))
        for item in (bar := ProgressBar())(range(5)):
            if item == 3: break
        print(bar.value)
        def failing():
            for item in bar(range(5)): 1 / 0
        bar = ProgressBar(); print(refused(failing), bar.value)
        bar = ProgressBar(total=3)
        print(next(bar("xyz")), bar.value, next(bar), bar.value, bar.next(), bar.value, refused(lambda: next(bar)), bar.value)
        bar = ProgressBar(max_value=2)
        print([(i, j) for i in loop("ab") for j in loop("cd", fast=False)], list(bar(range(2))))
        bar = ProgressBar()
        print([bar.max_value for _ in bar(x for x in "ab")][0] is progressbar.UnknownLength)
        print(list(ProgressBar(max_value=3)(iter("abc"))))
    """,
    "variables": """
        bar = ProgressBar(max_value=5, variables={"loss": 0.5, "name": "x"}, prefix="{variables.name} ", suffix=" {value}")
        bar.update(2, loss=0.25)
        print(dict(bar.variables), bar.variables.loss, bar.dynamic_messages["name"])
        print(refused(lambda: bar.update(3, other=1)), bar.value)
        bar.variables.loss = 3; bar.variables["name"] = "y"; print(dict(bar.variables), refused(lambda: bar.variables.none))
        bar.finish()
        widgets = [progressbar.Variable("acc"), " ", progressbar.Percentage()]
        with ProgressBar(max_value=2, widgets=widgets, postfix={"a": 1}) as bar:
            bar.update(1, acc=0.5, postfix="text")
            print(dict(bar.variables), bar.data()["variables"] is bar.variables, sorted(bar.data()))
    """,
    "kinds": """
        bar = progressbar.NullBar(max_value=3, fd=io.StringIO())
        print(bar.start() is bar, bar.update(2) is bar, bar.value, bar.finish() is bar, bar.finished(), bar.started())
        bar = progressbar.DataTransferBar(max_value=2048, fd=io.StringIO()).start(); bar.update(1024); bar.finish()
        print(bar.value, isinstance(bar, progressbar.ProgressBar))
        print(progressbar.len_color("\\x1b[1mab\\x1b[0m"), [key.value for key in progressbar.SortKey])
        print(repr(ProgressBar()).split("#")[0])
    """,
    "many": """
        with progressbar.MultiBar(fd=io.StringIO(), max_value=3) as bars:
            bars["a"].update(1)
            bars["b"] = ProgressBar(max_value=9)
            bars["b"].update(4)
            print(list(bars), bars["a"].label, bars["a"].max_value, "c" in bars, bars["b"].value)
            print([bar.label for bar in bars.get_sorted_bars()])
            bars["a"].finish(); bars["b"].finish()
        print(bars["a"].finished())
        del bars["a"]
        print(list(bars))
    """,
}

pytest.importorskip("progressbar")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_computes_the_same(name: str) -> None:
    """The values that it prints change neither with the import nor with a capture."""
    program = PRELUDE + textwrap.dedent(PROGRAMS[name])
    expected = printed(program)

    assert expected
    with record():
        assert printed(through_the_door(program, "progressbar")) == expected
        assert captured(program, "progressbar2") == expected


TOOLS = str(Path(__file__).parents[2] / "tools")


def test_the_table_of_names_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """The docs list every name of the installed progressbar2; a name of which nothing is known is an error."""
    monkeypatch.syspath_prepend(TOOLS)
    import progressbar2_table

    assert progressbar2_table.TABLE.text() in progressbar2_table.TABLE.page.read_text(encoding="utf-8")
    monkeypatch.delitem(progressbar2_table.SAID, "signal_set")
    with pytest.raises(SystemExit, match="Attributes and methods: signal_set"):
        progressbar2_table.TABLE.text()


def test_texts_of_the_program_are_shown_by_any_renderer() -> None:
    """Labels, variables, functions and widgets of the program's own stand in the row, in their places."""
    program = """
        from headway import progressbar
        class Stage(progressbar.widgets.WidgetBase):
            def __call__(self, progress, data):
                return f"stage {progress.value} of {data['max_value']}"
        class Fill(progressbar.widgets.AutoWidthWidgetBase):
            def __call__(self, progress, data, width):
                return "<" + "-" * (width - 2) + ">"
        row = ["work: ", progressbar.Counter("%(value)d "), "done", " ", Stage(), " ", Fill(), " ",
               lambda progress, data: "own", progressbar.Variable("loss", format=" loss={formatted_value}")]
        with progressbar.ProgressBar(max_value=3, widgets=row) as bar:
            bar.update(3, loss=0.5)
    """
    for backend in ("rows", *(name for name in ("tqdm", "rich", "progressbar2") if name in installed())):
        screen = run_in_terminal(program, columns=120, env={"HEADWAY_BACKEND": backend})

        assert screen.status == 0, str(screen)
        (row,) = screen.rows
        assert re.fullmatch(r"work: 3 done stage 3 of 3 <-{3,}> own loss=\s+0.5\s*", row), str(screen)


@pytest.mark.parametrize("backend", [name for name in ("rows", "progressbar2") if name in (*installed(), "rows")])
def test_a_program_may_change_the_row(backend: str) -> None:
    """Widgets that are put into the bar's list, and another maximum, are shown from the next frame on."""
    screen = run_in_terminal(
        """
        from headway import progressbar
        row = ["first: ", progressbar.Percentage(), " ", progressbar.Counter("%(value)d")]
        with progressbar.ProgressBar(max_value=4, widgets=row) as bar:
            bar.update(1)
            bar.widgets[0] = "second: "
            bar.widgets[3] = progressbar.FormatLabel("at %(value)d of %(max_value)d")
            bar.max_value = 8
        """,
        env={"HEADWAY_BACKEND": backend},
    )

    assert re.fullmatch("second: +100% at 8 of 8", screen.rows[0].strip()), str(screen)


def test_the_remaining_time_is_the_time_that_it_took_in_the_end() -> None:
    """As progressbar2's widgets for it do, under every renderer."""
    screen = run_in_terminal(
        """
        from headway import progressbar
        row = ["work: ", progressbar.Percentage(), " ", progressbar.ETA(), " ", progressbar.ETA()]
        progressbar.ProgressBar(max_value=3, widgets=row).start().finish()
        """,
        env={"HEADWAY_BACKEND": "rows"},
    )

    assert [row.rstrip() for row in screen.rows] == ["work: 100% 00:00"], str(screen)


@pytest.mark.parametrize("nonsense", [float("nan"), "many", None, 3, object()])
def test_nonsense_in_an_attribute_never_reaches_the_loop(nonsense: object, recorded: Recorder) -> None:
    """Headway's trouble with what a program puts into its bar is not the program's."""
    from headway import progressbar

    bar = progressbar.ProgressBar(max_value=9, prefix="bar ").start()
    for name in ("variables", "widgets", "max_value", "label", "prefix", "suffix"):
        before = getattr(bar, name)
        setattr(bar, name, nonsense)
        assert bar.bar is not None
        bar._bring_up_to_date()
        setattr(bar, name, before)
    bar.finish()

    assert recorded.last("bar").state == "finished"


def test_an_endless_length_is_unknown(recorded: Recorder) -> None:
    """A bar up to infinity counts, and has no total."""
    from headway import progressbar

    with progressbar.ProgressBar(max_value=float("inf"), prefix="endless ") as bar:
        bar.update(3)

    assert (recorded.last("endless").n, recorded.last("endless").total) == (3, None)


def test_what_is_the_librarys_own_is_handed_on() -> None:
    """Names that have nothing to do with bars are those of progressbar2, submodules included."""
    import progressbar.terminal.colors

    from headway.progressbar import terminal, utils

    assert terminal.colors is progressbar.terminal.colors
    assert terminal.ColorGradient is progressbar.terminal.ColorGradient
    assert utils.no_color("\x1b[1ma\x1b[0m") == "a"
    with pytest.raises(AttributeError, match="'progressbar.terminal' has no attribute 'nonsense'"):
        terminal.nonsense
