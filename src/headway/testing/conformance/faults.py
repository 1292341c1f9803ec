"""Faults: a renderer that raises or hangs halfway is given up, and leaves the terminal whole."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks
from headway.testing.terminal import Screen

__all__ = ["Faults"]

PROGRAM = """
from headway.drawing.hub import hub
with headway.get_bar(100, desc='Alpha') as bar:
    while hub.throttle.late or not hub.outlets.maker.broken: headway.write('written meanwhile'); time.sleep(0.01)
    headway.write('written after all'); bar.update(100)
"""
"""A bar that goes on when its renderer was given up."""


class Faults(Checks):
    """Tests of a renderer that is given up."""

    def test_one_that_raises_is_given_up(self) -> None:
        """The fault is told once, the sink is told the end, and plain lines go on."""
        screen = self._give_up("raising", "out of ink")
        self.check_lives(screen, 1)

    def test_one_that_hangs_is_given_up(self) -> None:
        """That it hangs is told once, and plain lines go on."""
        self._give_up("hanging", "has not come back")

    def test_one_that_is_slow_shows_the_end(self) -> None:
        """If each call takes a while, there are fewer frames; the last one is there, and nobody is told of a fault."""
        screen = self.run(
            self.attended(
                """
                with headway.get_bar(10, desc='Alpha') as bar:
                    for step in range(10): bar.update(); time.sleep(0.02)
                    headway.write('a text')
                """,
                "slow()",
            )
        )
        self.check_lives(screen, 1)
        self.check_delivered(screen, ["Alpha", "10", "a text"])

    def _give_up(self, trouble: str, words: str) -> Screen:
        screen = self.run(self.attended(PROGRAM, f"{trouble}()"), contained=True, timeout=30)
        self.check(screen.raw.count(words) == 1, "the fault is told once", screen)
        self.check("Traceback" not in screen.raw, "nothing is raised in the program", screen)
        if self.backend != "plain":  # nothing takes the place of plain lines
            last = "".join(screen.rows_with("Alpha")[-1:])
            self.check("written after all" in screen.rows, "what is written then is there", screen)
            self.check("n=100 total=100" in last, "plain lines show the end of the bar", screen)
        return screen
