"""Cell: a place of its own has the newest of all bars, and nothing else is changed because of it."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks
from headway.testing.conformance.endings import ENDINGS
from headway.testing.conformance.hostile import HOSTILE

__all__ = ["Cell"]


class Cell(Checks):
    """Tests of a sink that draws on a place of its own."""

    def test_the_newest_is_shown_at_once(self) -> None:
        """A bar is there when it opens, also if the program dies right after."""
        screen = self.show(
            "import headway, os, sys; bar = headway.get_bar(10, desc='Alpha', file=sys.stdout); os._exit(0)"
        )
        self.check_delivered(screen, ["Alpha"])

    def test_each_ending_looks_different(self) -> None:
        """The last picture tells finished, stopped, failed and interrupted apart."""
        looks: dict[str, str] = {}
        for state, end in ENDINGS.items():
            screen = self.run(f"bar = headway.get_bar(100, desc='Alpha'); bar.update(40); {end}; bar.close()")
            self.check_delivered(screen, ["Alpha", "100" if state == "finished" else "40"])
            look = "".join(c for c in self.delivered(screen) if c.isalpha())
            self.check(look not in looks, f"{state} looks not as {looks.get(look)} does", screen)
            looks[look] = state

    def test_nested_bars_are_shown_together(self) -> None:
        """While they run, the picture has the outer and the inner bar."""
        screen = self.show(
            """
            import headway, os
            outer = headway.get_bar(10, desc='Alpha'); inner = headway.get_bar(10, desc='Beta')
            os._exit(0)
            """
        )
        self.check_delivered(screen, ["Alpha", "Beta"])

    def test_what_is_printed_is_not_changed(self) -> None:
        """Lines that the program prints meanwhile are there, and a text that is written is shown."""
        screen = self.run(
            """
            with headway.get_bar(10, desc='Alpha') as bar:
                for step in range(10): print(f'line {step}.'); bar.update(); bar.write('a text')
            """
        )
        missing = [step for step in range(10) if f"line {step}." not in screen.raw]
        self.check(not missing, f"lines {missing} are there", screen)
        self.check("a text" in screen.raw or "a text" in self.delivered(screen), "the text is shown", screen)

    def test_text_is_shown_safely(self) -> None:
        """None of the control sequences in a text of the program gets through."""
        screen = self.run(
            f"""
            for text in {HOSTILE!r}.values():
                with headway.get_bar(10, desc='Alpha ' + text) as bar:
                    bar.update(3); bar.message(text); bar.metrics(**{{text[:40]: text}}); bar.write(text); bar.update(7)
            """
        )
        self.check_safe(screen.raw, "texts", screen)
