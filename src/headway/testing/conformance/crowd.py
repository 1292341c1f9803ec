"""Crowd: no item, one bar, and as many bars as hardly anybody has."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks
from headway.testing.conformance.witness import lives

__all__ = ["Crowd"]

STEEPEST = 30
"""So many times the work of a frame of 20 bars may be that of a frame of 200; ten times would be in proportion."""

LEAST = 1e-4
"""Seconds that count for a frame that takes less: what is lost in the noise."""


class Crowd(Checks):
    """Tests of the number of bars."""

    def test_empty_bars_are_shown(self) -> None:
        """A loop of no item, one that is never begun, and a bar without a description do no harm."""
        screen = self.run(
            """
            for step in headway.track([], desc='Alpha'): pass
            headway.track(range(3), desc='never begun')
            with headway.get_bar(0, desc='Beta'): pass
            with headway.get_bar(desc='Gamma'): pass
            with headway.get_bar(): pass
            """
        )
        self.check_delivered(screen, ["Alpha", "Beta", "Gamma"])

    def test_one_twenty_and_two_hundred_bars_at_once(self) -> None:
        """Bars beside each other are all shown to their end, and a frame of many takes no longer than in proportion."""
        screen = self.run(
            self.attended(
                """
                import contextvars
                def beside(desc): return contextvars.Context().run(headway.get_bar, 10, desc=desc, leave=True)
                for many in (1, 20, 200):
                    bars = [beside(f'B{many}-{number:03}') for number in range(many)]
                    for bar in bars: bar.update()
                    time.sleep(0.12)
                    for bar in bars: bar.close()
                """
            ),
            lines=5,
        )
        self.check_lives(screen, 1)
        self.check_delivered(screen, [f"B{many}-{number:03}" for many in (1, 20, 200) for number in range(many)])
        (life,) = lives(self.aside("witness"))
        few, many = max(life.seconds(20), LEAST), life.seconds(200)
        self.check(many < STEEPEST * few, f"200 bars take {STEEPEST} x of 20 at most, not {many / few:.0f}", screen)
