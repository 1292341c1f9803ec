"""The conformance kit: what every renderer is held to, checked on a real pseudo-terminal."""

from __future__ import annotations

import textwrap

from headway.testing.terminal import Screen, run_in_terminal

__all__ = ["RendererConformance"]


_ENDINGS = {
    "finished": "bar.update(60)",
    "stopped": "bar.stop()",
    "failed": "bar.fail()",
    "interrupted": "bar.end('interrupted')",
}
_HOSTILE = {
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


_DANGEROUS = [
    *("\x1b[2J", "\x1b]", "\x1bP", "\x1b_", "\x1bc", "\x1b[999A", "\x1b[?1049h"),
    *("\x00", "\x84", "\x85", "\x90", "\x9b", "\x9c", "\x9d"),
    *("\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028", "\ud800"),
]
"""What no text may bring to the terminal, and no renderer uses by itself."""


class RendererConformance:
    """The invariants that every renderer is held to.

    Subclass it, name the backend, and let pytest collect it::

        class TestMyRenderer(RendererConformance):
            backend = "mine"

    Each test runs a small program on a pseudo-terminal, with the backend chosen by the environment as a user would,
    and reads the screen back. What a test finds wrong it says with the screen.
    """

    backend: str
    """The backend's name, options as a query included."""
    live = True
    """Whether it draws a row in place. A renderer that only adds lines sets this to `False`."""
    columns = 100
    """Columns of the terminal where a test does not say."""

    def run(self, code: str, *, contained: bool = False, **terminal: object) -> Screen:
        """Run a program that ends with printing DONE, and check that it was not harmed.

        Args:
            code: The program, after `import headway, os, sys, time`.
            contained: Whether the program provokes a fault that headway has to contain and warn of.
            terminal: See `run_in_terminal`.
        """
        terminal.setdefault("columns", self.columns)
        env = {"HEADWAY_BACKEND": self.backend, **terminal.pop("env", {})}  # type: ignore[dict-item]
        program = "import headway, os, sys, time\n" + textwrap.dedent(code) + "\nprint('DONE', flush=True)"
        screen = run_in_terminal(program, env=env, **terminal)  # type: ignore[arg-type]
        self.check(screen.status == 0, "the program ends with status 0", screen)
        self.check(screen.rows[-1:] == ["DONE"], "what is printed after the last bar stands alone on its row", screen)
        self.check(not screen.cursor_hidden, "the cursor is visible at the end", screen)
        if not contained:
            self.check("HeadwayWarning" not in screen.raw, "the renderer raises nothing", screen)
        return screen

    def check(self, truth: bool, promise: str, screen: Screen) -> None:
        """Fail with the broken promise and the screen unless it holds."""
        if not truth:
            raise AssertionError(f"{self.backend}: it does not hold that {promise}. The screen:\n{screen}")

    def check_rows(self, screen: Screen, label: str, count: int = 1) -> None:
        """Check that a bar has left so many rows; a renderer that adds lines may have left more."""
        found = len(screen.rows_with(label))
        good = found == count if self.live else found >= count
        self.check(good, f"{count} row(s) with {label!r} are left, not {found}", screen)

    # ── the truth ────────────────────────────────────────────────────────────────────────────────────────────────────

    def test_first_frame_is_out_soon(self) -> None:
        """I see the bar as soon as it is opened, also when the program dies right after."""
        screen = run_in_terminal(
            "import headway, os, time; bar = headway.get_bar(10, desc='alpha'); time.sleep(0.2); os._exit(0)",
            env={"HEADWAY_BACKEND": self.backend},
            columns=self.columns,
        )
        self.check(bool(screen.rows_with("alpha")), "the first frame is drawn at once", screen)

    def test_a_finished_loop_shows_all_of_it(self) -> None:
        """A loop that came to its end shows its count, its total and 100 %."""
        screen = self.run("for i in headway.track(range(50), desc='alpha'): time.sleep(0.002)")
        self.check_rows(screen, "alpha")
        last = screen.rows_with("alpha")[-1]
        self.check("50" in last and "100%" in last, "the last frame shows 50 and 100%", screen)

    def test_a_running_bar_shows_what_it_knows(self) -> None:
        """While it runs I see count, total, percentage, rate, remaining time, metrics and message."""
        screen = run_in_terminal(
            """
            import headway, os, time
            bar = headway.get_bar(400, desc='alpha')
            bar.metrics(loss=0.123456, lr=3e-5); bar.message('hello')
            for i in range(100): bar.update(); time.sleep(0.005)
            headway.write('-')
            time.sleep(0.3); bar.metrics(seen=1); time.sleep(0.3)
            os._exit(0)
            """,
            env={"HEADWAY_BACKEND": self.backend},
            columns=160,
        )
        if self.live:
            row = screen.rows_with("alpha")[-1]
            for part in ("100", "400", "25%", "it/s", "loss=0.1235", "lr=3.0e-05", "hello"):
                self.check(part in row, f"a running bar shows {part}", screen)

    def test_each_ending_looks_different(self) -> None:
        """I can tell finished, stopped, failed and interrupted apart."""
        looks = {}
        for state, code in _ENDINGS.items():
            screen = self.run(f"bar = headway.get_bar(100, desc='alpha'); bar.update(40); {code}; bar.close()")
            self.check_rows(screen, "alpha")
            looks[state] = "".join(c for c in screen.rows_with("alpha")[-1] if c.isalpha())
            if state != "finished":
                self.check("40" in screen.rows_with("alpha")[-1], f"a {state} bar shows its count", screen)
        distinct = len(set(looks.values())) == len(looks)
        if not distinct:
            raise AssertionError(f"{self.backend}: two endings look alike: {looks}")

    def test_ctrl_c_leaves_a_whole_terminal(self) -> None:
        """After Ctrl-C the bar says interrupted, the terminal is whole and the status is that of an interrupt."""
        screen = run_in_terminal(
            """
            import headway, sys, time
            try:
                with headway.get_bar(1000, desc='alpha') as bar:
                    for i in range(1000): bar.update(); time.sleep(0.01); i == 20 and headway.write('NOW')
            except KeyboardInterrupt:
                sys.exit(130)
            """,
            env={"HEADWAY_BACKEND": self.backend},
            columns=self.columns,
            interrupt_at="NOW",
        )
        self.check(screen.status == 130, "the status is 130", screen)
        self.check("interrupt" in screen.rows_with("alpha")[-1].lower(), "the bar says interrupted", screen)
        self.check(not screen.cursor_hidden, "the cursor is visible", screen)
        self.check_rows(screen, "alpha")

    def test_overshoot_is_shown(self) -> None:
        """More than the total is shown as more."""
        screen = self.run("with headway.get_bar(10, desc='alpha') as bar: bar.update(15)")
        self.check("15" in screen.rows_with("alpha")[-1], "the count of 15 of 10 is shown", screen)
        self.check_rows(screen, "alpha")

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

    def test_counts_may_go_back(self) -> None:
        """A count may go back, and start over."""
        screen = self.run(
            """
            with headway.get_bar(100, desc='alpha') as bar:
                bar.update(90); time.sleep(0.15); bar.update(-40); time.sleep(0.15); bar.set(10); time.sleep(0.15)
                bar.reset(total=30); bar.update(30.0)
            """
        )
        self.check_rows(screen, "alpha")
        self.check("30" in screen.rows_with("alpha")[-1], "the count after all that is 30", screen)

    # ── what the program asks for ────────────────────────────────────────────────────────────────────────────────────

    def test_widgets_are_shown_in_their_order(self) -> None:
        """A list or a template of widgets, my own among them, is what I see."""
        for asked, texts in (
            (
                "['desc', 'percentage', 'bar', 'count', 'metric.loss', mine, 'message']",
                ["alpha", "100%", "100/100", "loss=0.5000", "<mine-100>", "hello"],
            ),
            ("[mine, 'count']", ["<mine-100>", "100/100"]),
            ("'{desc} {percentage:>4} {bar} {count} {metric.loss}'", ["alpha", "100%", "100/100", "loss=0.5000"]),
            ("'{count.step} {rate.sample} {sparkline.loss} {metrics}'", ["25/25", "loss=0.5000"]),
        ):
            screen = self.run(
                f"""
                def mine(snapshot): return f'<mine-{{snapshot.n}}>'
                with headway.get_bar(100, desc='alpha', widgets={asked}, units={{'step': 0.25}}) as bar:
                    bar.metrics(loss=0.5); bar.message('hello'); bar.update(40); time.sleep(0.15); bar.update(60)
                """
            )
            row = screen.rows[-2]
            if self.live:
                places = [row.find(text) for text in texts]
                self.check(min(places) >= 0 and places == sorted(places), f"{asked} shows {texts} in order", screen)
            else:
                missing = [text for text in texts if text != "100/100" and text not in row]
                self.check(not missing and "n=100 " in row, f"{asked} says {texts}", screen)

    def test_a_widget_that_raises_shows_a_mark(self) -> None:
        """A widget of mine that raises leaves a mark in its place, and one warning."""
        screen = self.run(
            """
            def broken(snapshot): raise RuntimeError('no ink')
            with headway.get_bar(100, desc='alpha', widgets=['desc', broken, 'count', 'bar']) as bar:
                for i in range(10): bar.update(10); time.sleep(0.03)
            """,
            contained=True,
        )
        self.check(screen.raw.count("no ink") == 1, "the fault is told once", screen)
        row = screen.rows_with("alpha")[-1]
        self.check("?" in row and "100" in row, "a mark stands in its place, and the rest is there", screen)

    def test_widgets_never_wrap(self) -> None:
        """However long the list and narrow the terminal, a bar takes one row."""
        for columns in (20, 40, 80):
            screen = self.run(
                """
                def mine(snapshot): return 'x' * 50
                asked = ['desc', 'percentage', 'bar', 'count', mine, 'rate', 'eta', 'finish', 'metrics', 'message']
                with headway.get_bar(100, desc='alpha', widgets=asked) as bar:
                    bar.metrics(loss=0.5, accuracy=0.25); bar.message('a message of some length')
                    for i in range(20): bar.update(5); time.sleep(0.01)
                """,
                columns=columns,
            )
            if self.live:
                self.check(len(screen.rows) == 2, f"one row is left at {columns} columns", screen)

    def test_an_outer_bar_moves_with_the_inner_ones(self) -> None:
        """A bar with bars in it moves between its own units."""
        screen = run_in_terminal(
            """
            import headway, os, time
            for i in headway.track(range(4), desc='alpha'):
                with headway.get_bar(100, desc='beta') as inner:
                    for j in range(50): inner.update(); time.sleep(0.005)
                    time.sleep(0.3)
                    if i == 1: headway.write('-'); time.sleep(0.3); os._exit(0)
            """,
            env={"HEADWAY_BACKEND": self.backend},
            columns=160,
        )
        if self.live:
            self.check("37%" in screen.rows_with("alpha")[-1], "one and a half of four are 37%", screen)

    # ── several bars, and text ───────────────────────────────────────────────────────────────────────────────────────

    def test_nested_bars_leave_only_the_outer_one(self) -> None:
        """Bars inside a bar come and go; the outer one is left."""
        screen = self.run(
            """
            with headway.get_bar(3, desc='alpha') as outer:
                for i in range(3):
                    for j in headway.track(range(20), desc=f'beta {i}'): time.sleep(0.01)
                    outer.update()
            """
        )
        self.check_rows(screen, "alpha")
        self.check("3/3" in screen.rows_with("alpha")[-1] or "100%" in screen.rows_with("alpha")[-1], "3 of 3", screen)
        if self.live:
            self.check(not screen.rows_with("beta"), "no inner bar is left", screen)

    def test_nested_bars_can_stay(self) -> None:
        """Inner bars with leave=True stay, above the outer one, each on one row."""
        for columns in (40, self.columns):
            screen = self.run(
                """
                with headway.get_bar(2, desc='alpha') as outer:
                    for i in range(2):
                        with headway.get_bar(20, desc=f'beta {i}', leave=True) as inner:
                            inner.metrics(loss=0.5, accuracy=0.25); inner.message('a message of some length')
                            for j in range(20): inner.update(); time.sleep(0.01)
                        outer.update()
                """,
                columns=columns,
            )
            for label in ("beta 0", "beta 1", "alpha"):
                self.check_rows(screen, label)
            if self.live:
                self.check(len(screen.rows) == 4, f"nothing else is left at {columns} columns", screen)

    def test_bars_may_close_in_any_order(self) -> None:
        """Closing the outer bar first corrupts nothing."""
        screen = self.run(
            """
            a = headway.get_bar(10, desc='alpha'); b = headway.get_bar(10, desc='beta', leave=True)
            a.update(10); b.update(5); time.sleep(0.15); a.close(); time.sleep(0.15); b.update(5); b.close()
            """
        )
        self.check_rows(screen, "alpha")
        self.check_rows(screen, "beta")

    def test_more_bars_than_rows(self) -> None:
        """More bars than the terminal has lines do no harm."""
        self.run(
            """
            bars = [headway.get_bar(10, desc=f'bar {i}', leave=False) for i in range(30)]
            for bar in bars: bar.update(5)
            time.sleep(0.3)
            for bar in bars: bar.close()
            """,
            lines=10,
        )

    def test_written_text_stands_above_whole_and_in_order(self) -> None:
        """Lines that I write stand above the bars, whole and in order."""
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
        """Whatever is in a description or message, it stays on one row and no control sequence gets through."""
        for kind, text in _HOSTILE.items():
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
        """Of control sequences in what I write colours alone get through; nothing moves, clears, retitles or copies."""
        for kind, text in _HOSTILE.items():
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

    def test_whatever_a_program_does_is_told_in_order(self) -> None:
        """Bars opened, nested, changed and closed in any order: the renderer is told of each in order."""
        for seed in range(3):
            screen = self.run(
                f"""
                from headway import testing
                with testing.watch() as oracles:
                    counts = testing.wander({seed}, 100, rest=0.004)
                told = {{s.desc.split()[0]: s.n for oracle in oracles for s in oracle.closed.values()}}
                assert oracles and not any(oracle.open_ids for oracle in oracles)
                if oracles[0].capabilities.max_bars is None: assert told == counts, (told, counts)
                """
            )
            self.check_safe(screen, f"a program drawn by lot from {seed}")

    def check_safe(self, screen: Screen, kind: str) -> None:
        """Check that no control sequence out of a text has reached the terminal."""
        for bad in _DANGEROUS:
            self.check(bad not in screen.raw, f"{kind} do not reach the terminal as {bad!r}", screen)

    # ── what else is on the terminal ─────────────────────────────────────────────────────────────────────────────────

    def check_lines(self, screen: Screen, expected: list[str], start: str) -> None:
        """Check that the rows that begin so are these, in this order, and that nothing but the bar is beside them."""
        found = [row for row in screen.rows if row.startswith(start)]
        self.check(found == expected, f"all lines are there, whole and in order: {expected}", screen)
        if self.live:
            self.check(len(screen.rows) == len(expected) + 2, "nothing else is there but the bar", screen)

    def test_what_is_printed_stands_above(self) -> None:
        """Lines that I print, in pieces too, stand above the bars, whole and in order; what has no end is not lost."""
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
        expected = [f"log {what}{i}" for i in range(10) for what in ("", "late ", "warning ")]
        self.check_lines(screen, expected, "log ")

    def test_colours_of_what_is_printed_get_through(self) -> None:
        """What I print is not changed: colours are there."""
        screen = self.run("with headway.get_bar(10, desc='alpha'): print('\\x1b[31mline\\x1b[0m red')")
        self.check("\x1b[31mline\x1b[0m red" in screen.raw, "colours get through", screen)
        self.check_lines(screen, ["line red"], "line")

    def test_input_is_asked_with_no_bar_in_the_way(self) -> None:
        """A question stands alone on its row, what I type is echoed, and the bar comes back."""
        screen = self.run(
            """
            with headway.get_bar(10, desc='alpha') as bar:
                bar.update(4); time.sleep(0.15)
                name = input('name? '); print('name', name); time.sleep(0.15); bar.update(6)
            """,
            types={"name? ": "Ada\n"},
            hesitates=0.3,
        )
        self.check_lines(screen, ["name? Ada", "name Ada"], "name")
        self.check_rows(screen, "alpha")

    def test_the_debugger_has_the_terminal(self) -> None:
        """At a breakpoint I see what I type and what it answers, and no bar is in the way."""
        screen = self.run(
            """
            with headway.get_bar(10, desc='alpha') as bar:
                bar.update(4); time.sleep(0.15); print('STOPPING')
                breakpoint()
                bar.update(6)
            """,
            types={"(Pdb) ": "p bar.n * 1000\n", "4000": "c\n"},
            hesitates=0.3,
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
        self.check(raws == [f"raw {i}" for i in (1, 2, 3, 4)], "what is written meanwhile is whole, in order", screen)
        if self.live:
            self.check("beta" in screen.rows[4] and "50%" in screen.rows[4], "an ended bar leaves its row then", screen)
            self.check(len(screen.rows) == 7, "nothing else is left but the bar", screen)
        self.check_rows(screen, "alpha")

    # ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def test_sigterm_ends_the_display_and_the_program(self) -> None:
        """When the program is told to end, the bars say interrupted, and it ends by the signal as without bars."""
        screen = run_in_terminal(
            """
            import headway, os, signal, time
            with headway.get_bar(1000, desc='alpha', leave=True) as outer:
                for i in headway.track(range(1000), desc='beta'):
                    outer.update(); time.sleep(0.01)
                    if i == 20: os.kill(os.getpid(), signal.SIGTERM)
            """,
            env={"HEADWAY_BACKEND": self.backend},
            columns=self.columns,
        )
        if self.live:
            self.check("interrupt" in screen.rows[-1].lower(), "the bar says interrupted", screen)
            self.check_rows(screen, "alpha")
        self.check(screen.status == -15, "the status is that of the signal", screen)
        self.check(not screen.cursor_hidden, "the cursor is visible", screen)

    def test_ctrl_z_and_fg(self) -> None:
        """Stopped by Ctrl-Z, the shell has the terminal; brought back, the bars go on and have not counted the time."""
        screen = run_in_terminal(
            """
            import os, signal, sys, time
            child = os.fork()
            if child:  # the shell
                stopped = os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
                os.write(1, b'$ fg\\n' if stopped else b'not stopped\\n')
                time.sleep(1.5)
                os.kill(child, signal.SIGCONT)
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            os.setpgid(0, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            os.tcsetpgrp(0, os.getpid())
            import headway
            with headway.get_bar(60, desc='alpha') as bar:
                for i in range(60):
                    time.sleep(0.01); bar.update()
                    if i == 20: print('NOW')
            print(bar.elapsed < 1.4, signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL)
            """,
            env={"HEADWAY_BACKEND": self.backend},
            columns=self.columns,
            types={"NOW": "\x1a"},
        )
        self.check(screen.status == 0 and not screen.cursor_hidden, "the program goes on and ends well", screen)
        self.check("$ fg" in [row.removeprefix("^Z") for row in screen.rows], "the shell has its row", screen)
        if self.live:
            self.check(
                screen.rows[-1] == "True True", "the time between is not counted, handlers are as before", screen
            )
            self.check(len(screen.rows) == 4, "nothing else is left but the bar", screen)
        self.check_rows(screen, "alpha")

    # ── the place ────────────────────────────────────────────────────────────────────────────────────────────────────

    def test_narrow_and_wide_terminals(self) -> None:
        """From 20 to 400 columns a bar takes one row."""
        for columns in (20, 40, 80, 400):
            screen = self.run(
                """
                with headway.get_bar(100, desc='alpha') as bar:
                    bar.metrics(loss=0.5, accuracy=0.25); bar.message('a message of some length')
                    for i in range(20): bar.update(5); time.sleep(0.01)
                """,
                columns=columns,
            )
            if self.live:
                self.check(len(screen.rows) == 2, f"one row is left at {columns} columns", screen)

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
        if self.live:
            self.check(len(screen.rows) == 3, "the text, the bar and nothing else is left", screen)

    def test_bad_streams_never_raise(self) -> None:
        """A stream that is closed, full, ASCII-only or missing never raises into my program."""
        for stream in (
            "io.TextIOWrapper(io.BytesIO(), 'ascii')",
            "open('/dev/full', 'w')",
            "closed",
            "open(os.devnull, 'w')",
            "io.StringIO()",
        ):
            for interactive in ("0", "1"):
                self.run(
                    f"""
                    import io
                    closed = io.StringIO(); closed.close()
                    with headway.get_bar(10, desc='alpha é', file={stream}) as bar:
                        bar.update(3); bar.message('é'); bar.write('é'); time.sleep(0.15); bar.update(7)
                    assert bar.n == 10
                    """,
                    contained=True,
                    env={"HEADWAY_INTERACTIVE": interactive},
                )
        self.run("sys.stderr = None\nwith headway.get_bar(10) as bar: bar.update(10); bar.write('x')")

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

    def test_everything_is_as_before(self) -> None:
        """After the last bar the streams, log handlers, signal handlers and threads are those from before."""
        self.run(
            """
            import logging, signal, threading
            logging.basicConfig()
            def things():
                handlers = [h.stream for h in logging.getLogger().handlers]
                return [sys.stdout, sys.stderr, sys.excepthook, *handlers,
                        *(signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGWINCH))]
            before = things()
            with headway.get_bar(2, desc='alpha') as outer:
                for i in headway.track(range(10), desc='beta'): time.sleep(0.01)
            assert all(a is b for a, b in zip(before, things())), (before, things())
            deadline = time.monotonic() + 5
            while threading.active_count() > 1 and time.monotonic() < deadline: time.sleep(0.01)
            assert threading.active_count() == 1, threading.enumerate()
            """
        )

    def test_bars_left_open_are_closed_at_exit(self) -> None:
        """A program that forgets to close its bars leaves a whole terminal and the truth."""
        screen = run_in_terminal(
            """
            import headway, time
            outer = headway.get_bar(10, desc='alpha'); outer.update(4)
            inner = headway.get_bar(10, desc='beta'); inner.update(4); time.sleep(0.15)
            """,
            env={"HEADWAY_BACKEND": self.backend},
            columns=self.columns,
        )
        self.check(screen.status == 0 and not screen.cursor_hidden, "the program ends well", screen)
        self.check("Traceback" not in screen.raw and "Exception" not in screen.raw, "nothing is raised", screen)
        self.check("4" in screen.rows_with("alpha")[-1], "the count is shown", screen)
        self.check_rows(screen, "alpha")
