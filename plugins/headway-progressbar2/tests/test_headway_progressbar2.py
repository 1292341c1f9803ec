"""progressbar2's own widgets and progressbar2's own bars, under headway."""

import pytest

from headway.testing import Screen, run_in_terminal


def show(code: str, columns: int = 100) -> Screen:
    """Run a program under the renderer."""
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "progressbar2"}, columns=columns)

    assert screen.status == 0, str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


NATIVE = """
import headway, progressbar, time
widgets = ['Work: ', progressbar.Percentage(), ' ', progressbar.Bar(marker='*', left='[', right=']'), ' ',
           progressbar.ETA(), ' ', progressbar.AdaptiveETA(), ' ', progressbar.Counter(),
           ' ', lambda bar, data: 'mine {braces}']
with headway.get_bar(50, desc='alpha', widgets=widgets) as bar:
    for i in range({n}): bar.update(); time.sleep(0.01)
"""


def test_native_widgets_are_drawn_as_they_are() -> None:
    """A list as a progressbar2 user writes it, AdaptiveETA and a function included, looks as under progressbar2."""
    screen = show(NATIVE.replace("{n}", "50"))

    assert screen.rows[-1].startswith("Work: 100% [*****")
    assert screen.rows[-1].endswith("50 mine {braces}")
    assert "ETA:" in screen.raw


def test_native_widgets_tell_how_it_ended() -> None:
    """Native widgets know nothing of endings: the word stands in front of them."""
    screen = show(NATIVE.replace("{n}", "20"))

    assert screen.rows[-1].startswith("alpha stopped Work:  40% [")


def test_native_widgets_stay_on_one_row_of_a_narrow_terminal() -> None:
    """A list that is too long for the terminal is cut."""
    screen = show(NATIVE.replace("{n}", "50"), columns=40)

    assert len(screen.rows) == 1


def test_widgets_that_are_no_list_raise_at_the_call() -> None:
    """A wrong type raises where it was given."""
    import headway

    with pytest.raises(headway.BackendOptionError, match="expected a list"):
        headway.get_bar(10, backend="progressbar2", options={"progressbar2": {"widgets": "a text"}})


def test_native_widgets_under_another_renderer_are_left_out_with_one_warning() -> None:
    """The same program runs under another renderer; one warning says what is missing."""
    import progressbar

    import headway

    with pytest.warns(headway.HeadwayWarning, match="left out under 'tqdm'"):
        headway.get_bar(10, backend="tqdm", widgets=[progressbar.Percentage(), " ", "count"]).close()


def test_native_widgets_stand_beside_headways() -> None:
    """A list may mix progressbar2's widgets with headway's names and functions of the snapshot."""
    screen = show(
        """
        import headway, progressbar
        widgets = ['desc', ' ', progressbar.Percentage(), ' ', 'bar', ' ', 'metric.loss', ' ', lambda s: f'{s.n}!']
        with headway.get_bar(10, desc='alpha', widgets=widgets) as bar: bar.metrics(loss=0.5); bar.update(10)
        """
    )

    assert screen.rows[0].startswith("alpha 100% |####")
    assert screen.rows[0].endswith("| loss=0.5000 10!")


def test_a_native_bar_beside_ours_works() -> None:
    """A bar that the program opens with progressbar2 itself counts and ends well."""
    screen = show(
        """
        import headway, progressbar, time
        done = 0
        with headway.get_bar(2, desc='ours') as bar:
            for i in range(2):
                for j in progressbar.progressbar(range(20)): time.sleep(0.005); done += 1
                bar.update()
        print(done)
        """
    )

    assert screen.rows[-1] == "40"
    assert "2/2" in screen.rows[-2]
    assert screen.rows_with("(20 of 20)")
