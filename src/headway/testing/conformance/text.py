"""Text: texts in a bar, above the bars, and beside them from the program's own `print`, `logging` and `warnings`."""

from __future__ import annotations

from collections.abc import Iterator

from headway.testing.conformance.checks import Checks
from headway.testing.conformance.hostile import HOSTILE

__all__ = ["Text"]


class Text(Checks):
    """Tests of text in and around the bars."""

    def test_written_text_stands_above_whole_and_in_order(self) -> None:
        """Lines that you write stand above the bars, whole and in order."""
        screen = self.run(
            """
            with headway.get_bar(2, desc='alpha') as outer:
                for i in range(2):
                    for j in headway.track(range(10), desc='beta'):
                        time.sleep(0.01); headway.write(f'line {i}{j}')
                    outer.write('two\\nlines')
                    outer.update()
            """
        )
        rows = [row for row in screen.rows if row.startswith("line ") or row in ("two", "lines")]
        expected = [row for i in range(2) for row in (*(f"line {i}{j}" for j in range(10)), "two", "lines")]
        self.check(rows == expected, "all lines are there, whole and in order", screen)
        self.check(len(screen.rows) == len(expected) + 2, "nothing else is there but the bar", screen)

    def test_text_is_shown_safely(self) -> None:
        """Any description or message stays on one row, and none of its control sequences gets through."""
        screen = self.run(
            f"""
            for kind, text in {HOSTILE!r}.items():
                print(f'KIND {{kind}}', flush=True)
                with headway.get_bar(10, desc='alpha ' + text) as bar:
                    bar.update(3); bar.message(text); bar.metrics(**{{text[:40]: text}}); bar.update(7)
            """
        )
        for kind, raw in self._by_kind(screen.raw.split("KIND ")):
            self.check_safe(raw, kind, screen)
            self.check("\x1b[31m" not in raw, f"{kind} do not reach the terminal as a colour", screen)
        rows = "\n".join(screen.rows).split("KIND ")
        for kind, text in self._by_kind(rows):
            bars = text.removesuffix("\nDONE").splitlines()[1:]
            self.check(len(bars) == 1, f"{kind} stay on one row, not {bars}", screen)

    def test_written_text_cannot_drive_the_terminal(self) -> None:
        """Of control sequences in written text colours alone get through: none moves, clears, retitles or copies."""
        screen = self.run(
            f"""
            for kind, text in {HOSTILE!r}.items():
                print(f'KIND {{kind}}', flush=True)
                with headway.get_bar(10, desc='alpha') as bar:
                    bar.update(3); bar.write('before ' + text + ' after'); bar.update(7)
                headway.write('nothing ' + text + ' shown')
            """
        )
        for kind, raw in self._by_kind(screen.raw.split("KIND ")):
            self.check_safe(raw, kind, screen)
        for kind, text in self._by_kind("\n".join(screen.rows).split("KIND ")):
            found = [row.partition(" ")[0] for row in text.splitlines()]
            self.check("before" in found and "nothing" in found, f"{kind} are written", screen)

    def _by_kind(self, parts: list[str]) -> Iterator[tuple[str, str]]:
        """Yield each kind of hostile texts with the part of the output that belongs to it."""
        return zip(HOSTILE, parts[1:], strict=True)

    def test_what_is_printed_stands_above(self) -> None:
        """Printed lines, in pieces too, stand above the bars, whole and in order; a line without an end is not lost."""
        screen = self.run(
            """
            with headway.get_bar(3, desc='alpha') as outer:
                for i in range(3):
                    for j in headway.track(range(10), desc='beta'): time.sleep(0.01); print(f'line {i}{j}')
                    print(f'line {i}', end='', flush=True); time.sleep(0.15); print(' in', 'pieces', file=sys.stderr)
                    if i < 2: print(' and the rest')
                    outer.update()
            print(' to the end')
            """
        )
        ends = "and the rest", "and the rest", "to the end"
        expected = [row for i in range(3) for row in (*(f"line {i}{j}" for j in range(10)), f"line {i} {ends[i]}")]
        found = [row for row in screen.rows if row.startswith("line ")]
        self.check(found == expected, "all lines are there, whole and in order", screen)
        self.check(screen.rows.count(" in pieces") == 3, "lines of the other stream are there", screen)
        self.check(screen.rows[-2] == "line 2 to the end", "a line ends after the display as it began", screen)
        self.check(len(screen.rows) == len(expected) + 5, "nothing else is there but the bar", screen)

    def test_log_records_and_warnings_stand_above(self) -> None:
        """Records of handlers made before and during the display, and warnings, stand above the bars."""
        screen = self.run(
            """
            import logging, warnings
            logging.basicConfig(format='log %(message)s')
            with headway.get_bar(10, desc='alpha') as bar:
                late = logging.StreamHandler(); late.setFormatter(logging.Formatter('log late %(message)s'))
                logger = logging.getLogger('late'); logger.addHandler(late); logger.propagate = False
                warnings.showwarning = lambda message, *_: print('log', message, file=sys.stderr)
                for i in range(10):
                    time.sleep(0.02); bar.update()
                    logging.error(i); logger.error(i); warnings.warn(f'warning {i}')
            assert late.stream is sys.stderr and logging.root.handlers[0].stream is sys.stderr
            """
        )
        expected = [f"log {kind}{i}" for i in range(10) for kind in ("", "late ", "warning ")]
        self.check_lines(screen, expected, "log ")

    def test_colours_of_what_is_printed_get_through(self) -> None:
        """Printed text is not changed: its colours are there."""
        screen = self.run("with headway.get_bar(10, desc='alpha'): print('\\x1b[31mline\\x1b[0m red')")
        self.check("\x1b[31mline\x1b[0m red" in screen.raw, "colours get through", screen)
        self.check_lines(screen, ["line red"], "line")

    def test_no_control_bytes_where_there_is_no_terminal(self) -> None:
        """Into a file or a pipe go lines, without control characters."""
        screen = self.run(
            """
            with open('/dev/null', 'w') as null, __import__('tempfile').TemporaryFile('w+') as file:
                with headway.get_bar(10, desc='alpha', file=file) as outer:
                    for i in headway.track(range(10), desc='beta', file=file, leave=True): headway.write('é')
                    outer.update(10)
                file.seek(0); text = file.read()
            assert 'alpha' in text and 'beta' in text, text
            assert not [c for c in text if ord(c) < 32 and c != '\\n'], text
            """
        )
        self.check(not screen.rows_with("alpha"), "nothing of it goes to the terminal", screen)
