"""Frames: a bar shows all it knows, soon, on one row, whatever its numbers do and however wide the terminal is."""

from __future__ import annotations

import re

from headway.testing.conformance.checks import Checks, shown

__all__ = ["Frames"]

CROWDED = """
def mine(snapshot): return 'x' * 50
long = ['desc', 'percentage', 'bar', 'count', mine, 'rate', 'eta', 'finish', 'metrics', 'message']
for widgets in (None, long):
    with headway.get_bar(100, desc='alpha', widgets=widgets) as bar:
        bar.metrics(loss=0.5, accuracy=0.25); bar.message('a message of some length')
        for i in range(10): bar.update(10); time.sleep(0.02)
"""
"""Bars with more to show than a narrow terminal has room for."""


def _form(row: str) -> str:
    """Return a row without its figures, and with one character for each run of equal ones."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[\d.]", "", row))


class Frames(Checks):
    """Tests of the frames of one bar."""

    def test_first_frame_is_out_soon(self) -> None:
        """You see the bar as soon as it is opened, also if the program dies right after."""
        screen = self.show(
            """
            import headway, os, sys, time
            bar = headway.get_bar(10, desc='alpha', file=sys.stdout); time.sleep(0.2); os._exit(0)
            """
        )
        self.check(bool(screen.rows_with("alpha")), "the first frame is drawn at once", screen)

    def test_a_finished_loop_shows_all_of_it(self) -> None:
        """A loop that came to its end shows its count, its total and 100 %."""
        screen = self.run("for i in headway.track(range(50), desc='alpha'): time.sleep(0.002)")
        self.check_rows(screen, "alpha")
        last = screen.rows_with("alpha")[-1]
        self.check("50" in last and "100%" in last, "the last frame shows 50 and 100%", screen)

    def test_a_running_bar_shows_what_it_knows(self) -> None:
        """While it runs you see count, total, percentage, metrics, message, and the rate or the time that is left."""
        parts = ["100", "400", "25%", "loss=0.1235", "lr=3.0e-05", "hello"]

        def paced(rows: list[str]) -> bool:  # progressbar2's own row has no rate, and others have no word for the time
            return any(shown(rows, "alpha", [pace]) for pace in ("/s", "ETA"))

        screen = self.show(
            """
            import headway, time
            bar = headway.get_bar(400, desc='alpha')
            bar.metrics(loss=0.123456, lr=3e-5); bar.message('hello')
            for i in range(100): bar.update(); time.sleep(0.005)
            headway.write('-')
            time.sleep(0.3); bar.metrics(seen=1); time.sleep(60)
            """,
            columns=160,
            until=lambda rows: "-" in rows and shown(rows, "alpha", parts) and paced(rows),
        )
        for part in parts:
            self.check(part in screen.rows_with("alpha")[-1], f"a running bar shows {part}", screen)
        self.check(paced(screen.rows), "a running bar shows its rate or the time that is left", screen)

    def test_totals_may_be_unknown_zero_and_change(self) -> None:
        """A total may be unknown, zero, become known, change and become unknown again."""
        screen = self.run(
            """
            for i in headway.track(iter(range(7)), desc='alpha'): pass
            with headway.get_bar(0, desc='beta'): pass
            with headway.get_bar(desc='gamma') as bar:
                for total in (10, 20, None, 9):
                    bar.update(2); time.sleep(0.15); bar.total = total
                bar.update()
            """
        )
        for label, count in (("alpha", "7"), ("beta", "0"), ("gamma", "9")):
            self.check_rows(screen, label)
            self.check(count in screen.rows_with(label)[-1], f"{label} shows {count}", screen)

    def test_a_total_that_comes_later_leaves_no_trace(self) -> None:
        """The last row of a bar whose total became known has the form of one whose total was known at once."""
        screen = self.run(
            """
            for label, total in (('alpha', 9), ('gamma', None)):
                with headway.get_bar(total, desc=label) as bar:
                    for _ in range(9):
                        bar.update(); time.sleep(0.05)
                        if bar.n == 5: bar.total = 9
            """,
            columns=80,
        )
        forms = [_form(screen.rows_with(label)[-1].replace(label, "label")) for label in ("alpha", "gamma")]
        self.check(forms[0] == forms[1], "the last row is the same whenever the total became known", screen)

    def test_counts_may_go_back_and_beyond_the_total(self) -> None:
        """A count may go back, and start over; more than the total is shown as more."""
        screen = self.run(
            """
            with headway.get_bar(100, desc='alpha') as bar:
                bar.update(90); time.sleep(0.15); bar.update(-40); time.sleep(0.15); bar.set(10); time.sleep(0.15)
                bar.reset(total=30); bar.update(30.0)
            with headway.get_bar(10, desc='beta') as bar: bar.update(15)
            """
        )
        self.check_rows(screen, "beta")
        self.check("15" in screen.rows_with("beta")[-1], "the count of 15 of 10 is shown", screen)
        self.check_rows(screen, "alpha")
        self.check("30" in screen.rows_with("alpha")[-1], "the count after all that is 30", screen)

    def test_narrow_and_wide_terminals(self) -> None:
        """From 20 to 400 columns a bar takes one row, also with a list of widgets that is much longer."""
        for columns in (20, 50, 400):
            screen = self.run(CROWDED, columns=columns)
            self.check(len(screen.rows) == 3, f"one row for each bar is left at {columns} columns", screen)

    def test_a_resize_leaves_no_stray_row(self) -> None:
        """When the terminal becomes narrower, the rows follow."""
        screen = self.run(
            """
            with headway.get_bar(100, desc='alpha') as bar:
                bar.update(10); time.sleep(0.15); headway.write('RESIZE'); time.sleep(0.3)
                for i in range(30): bar.update(3); time.sleep(0.02)
            """,
            resize=(40, 24),
        )
        self.check_rows(screen, "alpha")
        self.check(len(screen.rows) == 3, "the text, the bar and nothing else is left", screen)
