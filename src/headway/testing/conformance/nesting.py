"""Several bars at once: nested, beside each other, closed in any order."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks, shown
from headway.testing.conformance.witness import lives

__all__ = ["Nesting"]


class Nesting(Checks):
    """Tests of several bars."""

    def test_an_outer_bar_moves_with_the_inner_ones(self) -> None:
        """A bar with bars in it moves between its own units."""
        screen = self.show(
            """
            import headway, time
            for i in headway.track(range(4), desc='alpha'):
                with headway.get_bar(100, desc='beta') as inner:
                    for j in range(50): inner.update(); time.sleep(0.005)
                    time.sleep(0.3)
                    if i == 1: headway.write('-'); time.sleep(60)
            """,
            columns=160,
            until=lambda rows: "-" in rows and shown(rows, "alpha", ["37%"]),
        )
        self.check("37%" in screen.rows_with("alpha")[-1], "one and a half of four are 37%", screen)

    def test_nested_bars_leave_only_the_outer_one(self) -> None:
        """Bars inside a bar come and go; the outer one is left."""
        screen = self.run(
            """
            with headway.get_bar(3, desc='alpha') as outer:
                for i in range(3):
                    for j in headway.track(range(20), desc=f'beta {i}'): time.sleep(0.006)
                    outer.update()
            """
        )
        self.check_rows(screen, "alpha")
        self.check("3/3" in screen.rows_with("alpha")[-1] or "100%" in screen.rows_with("alpha")[-1], "3 of 3", screen)
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
                            for j in range(20): inner.update(); time.sleep(0.006)
                        outer.update()
                """,
                columns=columns,
            )
            for label in ("beta 0", "beta 1", "alpha"):
                self.check_rows(screen, label)
            self.check(len(screen.rows) == 4, f"nothing else is left at {columns} columns", screen)

    def test_a_bar_that_failed_inside_stays(self) -> None:
        """An error that ends nested loops leaves the rows of all of them, the outer one first."""
        screen = self.run(
            """
            try:
                for i in headway.track(range(4), desc='alpha'):
                    for j in headway.track(range(20), desc='beta'):
                        time.sleep(0.01)
                        if (i, j) == (1, 10): raise ValueError('boom')
            except ValueError: pass
            """
        )
        for label in ("alpha", "beta"):
            self.check_rows(screen, label)
            self.check("FAILED" in screen.rows_with(label)[-1], f"{label} says that it failed", screen)
        found = lives(self.aside("witness"))
        if found and found[0].room(24) > 1:
            rows = [row for row in screen.rows if "alpha" in row or "beta" in row]
            self.check("alpha" in rows[0], "the inner row stands under the outer one", screen)

    def test_bars_beside_each_other_keep_their_rows(self) -> None:
        """A bar that is opened while another one is open, but not in its loop or block, is beside it."""
        screen = self.run(
            """
            a = headway.get_bar(4, desc='alpha'); b = headway.get_bar(10, desc='beta')
            for _ in range(10): b.update(); time.sleep(0.03)
            a.update(2); b.close(); a.close()
            """
        )
        self.check_rows(screen, "alpha")
        self.check_rows(screen, "beta")
        self.check("2/4" in screen.rows_with("alpha")[-1] or "50%" in screen.rows_with("alpha")[-1], "2 of 4", screen)

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

    def test_twenty_rows_move(self) -> None:
        """Of twenty bars beside each other, each one that has a row moves."""

        def moved(rows: list[str]) -> bool:
            found = lives(self.aside("witness"))
            return bool(found) and len([row for row in rows if "70%" in row]) >= min(20, found[0].room(24))

        screen = self.show(
            self.attended(
                """
                import contextvars
                bars = [contextvars.Context().run(headway.get_bar, 10, desc=f'alpha {number}') for number in range(20)]
                time.sleep(0.15)
                for bar in bars: bar.update(7)
                time.sleep(60)
                """
            ),
            until=moved,
            timeout=20,
        )
        self.check(moved(screen.rows), "each row shows 70% when its bar is there", screen)

    def test_whatever_a_program_does_is_told_in_order(self) -> None:
        """Bars opened, nested, changed and closed in any order: the renderer is told of each in order."""
        screen = self.run(
            """
            from headway import testing
            with testing.watch() as oracles:
                counts = [bar for seed in range(3) for bar in testing.wander(seed, 100, rest=0.003).items()]
            told = [(s.desc.split()[0], s.n) for oracle in oracles for s in oracle.closed.values()]
            assert oracles and not any(oracle.open_ids for oracle in oracles)
            if oracles[0].renderer.max_bars is None: assert sorted(told) == sorted(counts), (told, counts)
            """
        )
        self.check_safe(screen.raw, "texts drawn by lot", screen)
