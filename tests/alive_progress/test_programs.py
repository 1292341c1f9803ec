"""Programs written for alive-progress compute the same with the import changed, and while their bars are captured."""

import textwrap
from pathlib import Path

import pytest

from headway.testing import record
from twins import captured, printed, through_the_door

PRELUDE = textwrap.dedent(
    """
    import io, re
    from alive_progress import alive_bar, alive_it, config_handler
    config_handler.reset()
    config_handler.set_global(file=io.StringIO(), enrich_print=False)
    def timeless(text):
        return re.sub(r"[0-9.]+s", "0s", re.sub(r"[0-9.]+[kMG]?([a-zA-Z% ]*)/s", r"0\\\\1/s", text))
    def refused(act):
        try:
            return act()
        except (Exception, KeyboardInterrupt) as error:
            return type(error).__name__, str(error).split(": (")[0]
    """
).replace("\\\\\\\\", "\\\\")
PROGRAMS = {
    "counts": """
        for total in (10, 0, None, -3):
            with alive_bar(total) as bar:
                bar(); bar(3); bar(2.9); print(total, bar.current)
                bar(-2); print(bar.current); bar(-100); print(bar.current)
                bar(25); print(bar.current)
            bar(5); print(bar.current)
    """,
    "a share by hand": """
        with alive_bar(manual=True) as bar:
            bar(0.25); print(bar.current); bar(-1); print(bar.current); bar(1.5); print(bar.current)
        with alive_bar(1000, manual=True) as bar:
            bar(0.2501); print(bar.current); bar(1); print(bar.current)
            print(refused(bar)[0])
    """,
    "units that took no work": """
        with alive_bar(10) as bar:
            bar(4, skipped=True); bar(2); bar(-1, skipped=True); print(bar.current)
        with alive_bar() as bar:
            print(refused(lambda: bar(4, skipped=True))[0])
    """,
    "texts": """
        with alive_bar(3000, title="t", unit="B", scale="IEC", precision=2) as bar:
            bar(2048)
            bar.text = "one"; bar.text("two"); bar.title = "three"; bar.title("four"); bar.text(None)
            receipt = bar.receipt()
            print(bar.monitor, bar.eta[0], bar.rate[-3:], bar.elapsed >= 0)
        bar.text = "after"; bar.title = "end"
        with alive_bar(4, unit=" rows") as bar:
            bar(3); bar.receipt(); print(bar.monitor)
        for name in ("monitor", "rate", "eta", "elapsed", "current", "receipt", "pause"):
            print(name, refused(lambda: setattr(bar, name, 3))[0])
    """,
    "receipts": """
        def end(total=None, n=0, **options):
            with alive_bar(total, length=20, **options) as bar:
                bar(n)
            print(timeless(bar.receipt()))
        end(10, 10); end(10, 5); end(10, 13); end(10, 0); end(None, 7); end(3, 1, title="title", unit=" rows")
        end(None, 0.5, manual=True); end(8, 0.25, manual=True); end(None, 1, manual=True)
        end(9, 9, monitor=False); end(9, 9, elapsed=False); end(9, 9, stats=False); end(9, 9, bar=None)
        end(9, 3, monitor="{count} of {total}", elapsed="after {elapsed}", stats_end="{rate} all in all")
        end(9, 3, monitor_end="{percent:.1%}", elapsed_end=False, stats_end=False)
        end(5_000_000, 2_500_000, scale="SI", unit="B"); end(5000, 2560, scale="IEC", unit="B")
        with alive_bar(2, receipt_text=True, length=10) as bar:
            bar.text = "words"; bar(2)
        print(timeless(bar.receipt()))
        bar.title = "late"; bar.text = "later"
        print(timeless(bar.receipt()))
    """,
    "after the end": """
        with alive_bar(3) as bar:
            with bar.pause():
                bar(2)
            bar(1)
        print(bar.current, bar.pause())
    """,
    "refusals": """
        print(refused(lambda: alive_bar(3, nonsense=1)))
        for name, value in dict(length=2, theme="x", spinner="x", bar="x", unknown=None, monitor="{x}", elapsed="{count}",
                                stats="{eta} {x}", file=3, scale="XX", precision=3, refresh_secs=-1, length_=3).items():
            print(name, refused(lambda: alive_bar(3, **{name: value})), refused(lambda: alive_it([], **{name: value})))
        print(refused(lambda: alive_bar(2.5).__enter__()), refused(lambda: alive_it([1], manual=True)))
        print(refused(lambda: alive_it(3))[0])
    """,
    "loops": """
        def ending(bar):
            bar.title, bar.text = "end", f"{bar.current} done"
            print("finalize", bar.current)
        bar = alive_it(range(5), finalize=ending, title="loop")
        print(refused(lambda: bar.current), refused(lambda: bar()))
        for i in bar:
            bar.text = f"at {i}"
            print(i, bar.current)
        print(bar.current, list(bar), refused(lambda: bar(3)))
        print(list(alive_it(c for c in "abc")), list(alive_it("abc", total=0)), list(alive_it(iter([1, 2]), total=9)))
        for i in (bar := alive_it("abcd", finalize=ending)):
            if i == "c": break
        print(bar.current)
        def failing():
            for i in alive_it([1, 2], finalize=ending):
                1 / 0
        print(refused(failing))
        def source():
            yield 1
            raise OSError("gone")
        print(refused(lambda: list(alive_it(source()))))
        print([(i, j) for i in alive_it("ab", disable=True) for j in alive_it("cd", disable=True)])
    """,
    "errors": """
        def within(error, **options):
            with alive_bar(3, **options) as bar:
                bar()
                raise error
            return "went on"
        print(refused(lambda: within(ValueError("v"))), refused(lambda: within(KeyboardInterrupt())))
        print(refused(lambda: within(KeyboardInterrupt(), ctrl_c=False)), refused(lambda: within(OSError(), ctrl_c=False)))
    """,
    "no bar": """
        with alive_bar(3, disable=True) as bar:
            bar(2); bar.text = "text"
            print("printed", bar.current)
        print(bar.current)
    """,
    "a decorator": """
        @alive_bar(2, title="call")
        def work():
            return 3
        print(work(), work())
    """,
    "defaults": """
        config_handler.set_global(length=10, unit=" rows", theme="classic")
        with alive_bar(2) as bar:
            bar(2)
        print(bar.monitor)
        print(config_handler(title="a").length, config_handler().unit, refused(lambda: config_handler.set_global(x=1)))
        config_handler.reset()
        print(config_handler().length, repr(config_handler().unit), config_handler(scale=True).scale)
    """,
}

pytest.importorskip("alive_progress")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_computes_the_same(name: str) -> None:
    """The values that it prints change neither with the import nor with a capture."""
    program = PRELUDE + textwrap.dedent(PROGRAMS[name])
    expected = printed(program)

    assert expected
    with record():
        assert printed(through_the_door(program, "alive_progress")) == expected
        assert captured(program, "alive_progress") == expected


TOOLS = str(Path(__file__).parents[2] / "tools")


def test_the_table_of_names_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """The docs list every name of the installed alive-progress; a name of which nothing is known is an error."""
    monkeypatch.syspath_prepend(TOOLS)
    import alive_progress_table

    assert alive_progress_table.TABLE.text() in alive_progress_table.TABLE.page.read_text(encoding="utf-8")
    monkeypatch.delitem(alive_progress_table.SAID, "calibrate")
    with pytest.raises(SystemExit, match="calibrate"):
        alive_progress_table.TABLE.text()


def test_the_names_of_styles_are_those_of_the_library() -> None:
    """What an option takes is checked without alive-progress, by the same names."""
    from alive_progress.styles import BARS, SPINNERS, THEMES

    from headway.imitation.alive import names

    assert (tuple(BARS), tuple(SPINNERS)) == (names.BARS, names.SPINNERS)
    assert {theme: set(styles) for theme, styles in names.THEMES.items()} == {
        name: set(THEMES[name]) for name in THEMES
    }
    for theme, styles in names.THEMES.items():
        assert THEMES[theme] == styles
