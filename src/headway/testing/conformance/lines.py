"""Lines: each is whole and clean, and is out when the call that told it returns."""

from __future__ import annotations

from headway import format as fmt
from headway.testing.conformance.checks import Checks
from headway.testing.conformance.hostile import HOSTILE
from headway.testing.terminal import Screen

__all__ = ["Lines"]


class Lines(Checks):
    """Tests of a sink that adds lines to the end of a stream."""

    columns = 400

    def delivered(self, screen: Screen) -> str:
        """Return all that was written: no line of it is ever changed."""
        return screen.raw

    def check_rows(self, screen: Screen, label: str, count: int = 1) -> None:
        """Check that a bar has left so many lines at least."""
        found = len(screen.rows_with(label))
        self.check(found >= count, f"{count} line(s) with {label!r} are left at least, not {found}", screen)

    def test_lines_are_whole_and_clean(self) -> None:
        """Into a file go whole lines without control characters, whatever the texts of the program are."""
        screen = self.run(
            f"""
            with open('../lines', 'w', encoding='utf-8') as file:
                for kind, text in {HOSTILE!r}.items():
                    with headway.get_bar(10, desc='Alpha ' + text, file=file) as bar:
                        bar.update(3); bar.message(text); bar.metrics(**{{text[:40]: text}})
                        bar.write('before ' + text + ' after'); bar.update(7)
                file.write('END')
            """
        )
        self.check(screen.raw == "DONE\r\n", "nothing of it is on the terminal", screen)
        *lines, end = self.aside("lines").read_bytes().decode(errors="replace").split("\n")
        self.check(end == "END", f"a text that comes after it stands alone on its line, not {end!r}", screen)
        dirty = [line for line in lines if line != fmt.printable(line)]
        self.check(not dirty, f"lines have no control characters, as {dirty} have", screen)
        for word in ("Alpha", "before"):
            found = sum(word in line for line in lines)
            self.check(found >= len(HOSTILE), f"{len(HOSTILE)} lines or more have {word!r}, not {found}", screen)

    def test_lines_are_out_at_once(self) -> None:
        """What a bar has told is in the file when the program is killed after it."""
        screen = self.show(
            """
            import headway, os, signal
            file = open('../lines', 'w')
            with headway.get_bar(10, desc='Alpha', file=file) as bar: bar.update(10); bar.write('a text')
            os.kill(os.getpid(), signal.SIGKILL)
            """
        )
        written = self.aside("lines").read_text(encoding="utf-8")
        self.check("Alpha" in written, f"the bar is in the file, not only {written!r}", screen)
        self.check("a text" in written, f"the text is in the file, not only {written!r}", screen)
        self.check(screen.status == -9 and not screen.raw, "the program is killed, and the terminal is empty", screen)

    def test_what_is_printed_is_not_changed(self) -> None:
        """Lines that the program prints meanwhile are there, in order, with their colours."""
        screen = self.run(
            """
            with headway.get_bar(10, desc='Alpha') as bar:
                for step in range(10): print(f'\\x1b[31mline {step}\\x1b[0m'); bar.update()
            """
        )
        for step in range(10):
            self.check(f"\x1b[31mline {step}\x1b[0m\r\n" in screen.raw, f"line {step} is as it was printed", screen)
        found = [row for row in screen.rows if row.startswith("line")]
        self.check(found == [f"line {step}" for step in range(10)], "they are in order, each on its row", screen)
