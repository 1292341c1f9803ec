"""Text: texts in a bar, above the bars, and beside them from the program's own `print`, `logging` and `warnings`."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Text"]

HOSTILE = {
    "newlines": "one\ntwo\r\nthree\n",
    "escapes": "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[999A",
    "clipboard": "\x1b]52;c;cHduZWQ=\x07\x1b]52;c;cHduZWQ=\x1b\\ \x1bP$q\x1b\\ \x1b_x\x1b\\ \x1bc \x1b[?25l\x1b[?1049h",
    "eight-bit": "\x9b2J\x9d0;title\x9c\x9d52;c;cHduZWQ=\x07\x90$q\x9c\x85\x84",
    "split": "\x1b",
    "bidi": "\u202egnp.exe\u2066\u2067\u2068\u2069\u200f\u061c",
    "surrogate": "\ud800\udfff",
    "separators": "a\x0bb\x0cc\x1cd\x1ee\u2028f\u2029g\x00h\x08\x08i\tj",
    "braces": "{0} {n} {{}} %s %(n)s [/b]",
    "wide": "\u8a13\u7df4" * 40,
    "combining": "e\u0301" * 90,
    "emoji": "\U0001f469\u200d\U0001f4bb\ufe0f" * 30,
    "long": "x" * 10_000,
}
"""Texts that would harm a terminal, or a row, by kind."""


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
        if self.live:
            self.check(len(screen.rows) == len(expected) + 2, "nothing else is there but the bar", screen)

    def test_text_is_shown_safely(self) -> None:
        """Any description or message stays on one row, and none of its control sequences gets through."""
        for kind, text in HOSTILE.items():
            screen = self.run(
                f"""
                text = {text!r}
                with headway.get_bar(10, desc='alpha ' + text) as bar:
                    bar.update(3); bar.message(text); bar.metrics(**{{text[:40]: text}}); time.sleep(0.15)
                    bar.update(7)
                """
            )
            self.check_safe(screen, kind)
            self.check("\x1b[31m" not in screen.raw, f"{kind} do not reach the terminal as a colour", screen)
            if self.live:
                self.check(len(screen.rows) == 2, f"{kind} stay on one row", screen)

    def test_written_text_cannot_drive_the_terminal(self) -> None:
        """Of control sequences in written text colours alone get through: none moves, clears, retitles or copies."""
        for kind, text in HOSTILE.items():
            screen = self.run(
                f"""
                with headway.get_bar(10, desc='alpha') as bar:
                    bar.update(3); bar.write('before ' + {text!r} + ' after'); time.sleep(0.15); bar.update(7)
                headway.write('nothing ' + {text!r} + ' shown')
                """
            )
            self.check_safe(screen, kind)
            self.check(any(row.startswith("before") for row in screen.rows), f"{kind} are written", screen)
            self.check(any(row.startswith("nothing") for row in screen.rows), f"{kind} are written", screen)

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
            if self.live
            else "for j in headway.track(range(10), desc='alpha'): print(f'line {j}')"
        )
        if self.live:
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
