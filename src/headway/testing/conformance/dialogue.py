"""Dialogue: a prompt, the debugger, and a program that takes the terminal for a while."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Dialogue"]


class Dialogue(Checks):
    """Tests of programs that talk with their user."""

    def test_input_is_asked_with_no_bar_in_the_way(self) -> None:
        """A question stands alone on its row, your typing is echoed, and the bar comes back."""
        screen = self.run(
            """
            with headway.get_bar(10, desc='alpha') as bar:
                bar.update(4); time.sleep(0.15)
                name = input('name? '); print('name', name); time.sleep(0.15); bar.update(6)
            """,
            types={"name? ": "Ada\n"},
            hesitates=0.15,
        )
        self.check_lines(screen, ["name? Ada", "name Ada"], "name")
        self.check_rows(screen, "alpha")

    def test_the_debugger_has_the_terminal(self) -> None:
        """At a breakpoint you see your typing and the answers, and no bar is in the way."""
        screen = self.run(
            """
            with headway.get_bar(10, desc='alpha') as bar:
                bar.update(4); time.sleep(0.15); print('STOPPING')
                breakpoint()
                bar.update(6)
            """,
            types={"(Pdb) ": "p bar.n * 1000\n", "4000\n(Pdb)": "c\n"},
            hesitates=0.15,
        )
        self.check(
            "(Pdb) p bar.n * 1000" in screen.rows and "4000" in screen.rows, "question and answer are there", screen
        )
        self.check("(Pdb) c" in screen.rows, "typed text stands alone on its row", screen)
        self.check_rows(screen, "alpha")

    def test_suspend_gives_the_terminal_away(self) -> None:
        """In a block of `headway.suspend()` the terminal is the program's; then the bars are back with the truth."""
        screen = self.run(
            """
            with headway.get_bar(10, desc='alpha') as outer:
                inner = headway.get_bar(10, desc='beta', leave=True); time.sleep(0.15)
                with headway.suspend():
                    os.write(1, b'raw 1\\n')
                    with headway.suspend(): inner.update(5)
                    outer.update(7); inner.close(); headway.write('raw 2'); print('raw 3')
                    with headway.get_bar(3, desc='gamma') as third: third.update(3); time.sleep(0.3)
                    os.write(1, b'raw 4\\n')
                time.sleep(0.15); outer.update(3)
            """
        )
        raws = [row for row in screen.rows if row.startswith("raw")]
        self.check(raws == [f"raw {i}" for i in (1, 2, 3, 4)], "text written meanwhile is whole, in order", screen)
        self.check("beta" in screen.rows[4] and "50%" in screen.rows[4], "an ended bar leaves its row then", screen)
        self.check(len(screen.rows) == 7, "nothing else is left but the bar", screen)
        self.check_rows(screen, "alpha")
