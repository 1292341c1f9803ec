"""Aside: a sink that draws nothing leaves the terminal alone, and what happens to it is not noticed there."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks
from headway.testing.terminal import Screen

__all__ = ["Aside"]

LOOP = """
with headway.get_bar(10, desc='alpha') as bar:
    for step in range(10): bar.metrics(loss=0.5); bar.update(); time.sleep(0.02)
    headway.write('a text')
"""


class Aside(Checks):
    """Tests of a sink that draws nothing, alone and beside rows."""

    def test_nothing_is_drawn(self) -> None:
        """The program's own output is all that is on the terminal."""
        screen = self.run(LOOP)
        self.check(screen.raw == "DONE\r\n", f"nothing is written but DONE, not {screen.raw!r}", screen)
        self.check_delivered(screen, ["alpha"])

    def test_rows_are_not_disturbed(self) -> None:
        """Beside rows it has all that it has alone, and the rows are there."""
        screen = self.run(LOOP, env={"HEADWAY_BACKEND": f"rows,{self.backend}"})
        self.check(len(screen.rows) == 3 and screen.rows[0] == "a text", "the text and the bar are left", screen)
        self.check(len(screen.rows_with("alpha")) == 1, "the bar has its row", screen)
        self.check_delivered(screen, ["alpha"])

    def test_trouble_that_passes_loses_nothing(self) -> None:
        """After an `OSError` all is delivered, the warning comes once, and the rows are whole."""
        screen = self._beside_rows("refusing")
        self.check(screen.raw.count("no server") == 1, "the trouble is told once", screen)
        self.check_lives(screen, 2)
        self.check_delivered(screen, ["alpha"])

    def test_one_that_is_slow_gets_everything(self) -> None:
        """If each call takes a while, the rows do not, and all is delivered at the end."""
        screen = self._beside_rows("slow")
        self.check("HeadwayWarning" not in screen.raw, "nobody is told of a fault", screen)
        self.check_lives(screen, 2)
        self.check_delivered(screen, ["alpha"])

    def test_one_that_raises_is_dropped_alone(self) -> None:
        """If it raises again and again, the rows and the program go on."""
        screen = self._beside_rows("raising")
        self.check(screen.raw.count("out of ink") == 1, "the fault is told once", screen)

    def test_one_that_hangs_holds_nobody_up(self) -> None:
        """If it hangs, the rows go on, and the program ends."""
        self._beside_rows("hanging")

    def test_after_a_kill_the_rest_can_be_read(self) -> None:
        """A program that is killed ends at once, and leaves nothing that cannot be read."""
        screen = self.show(
            self.attended(
                """
                for number in range(2):
                    bar = headway.get_bar(3, desc=f'alpha-{number}')
                    bar.metrics(loss=0.5); bar.update()
                    if not number: bar.close()
                os.kill(os.getpid(), signal.SIGKILL)
                """
            )
        )
        self.check(screen.status == -9 and not screen.raw, "the program is killed, and nothing is drawn", screen)
        self.delivered(screen)

    def _beside_rows(self, trouble: str) -> Screen:
        screen = self.run(
            self.attended(LOOP, f"only_aside(troubles.{trouble}())"),
            contained=True,
            env={"HEADWAY_BACKEND": f"rows,{self.backend}"},
            columns=400,
        )
        self.check("Traceback" not in screen.raw, "nothing is raised in the program", screen)
        rows = screen.rows_with("alpha")
        self.check(len(rows) == 1 and "10/10" in rows[0], "the bar has its row, and shows its end", screen)
        self.check("a text" in screen.rows, "the text is there", screen)
        return screen
