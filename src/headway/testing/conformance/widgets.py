"""Widgets: a program's choice of them, in its order."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Widgets"]


class Widgets(Checks):
    """Tests of the widgets that a program asks for."""

    def test_widgets_are_shown_in_their_order(self) -> None:
        """A list or a template of widgets, your own among them, is shown in its order."""
        asked = {
            "['desc', 'percentage', 'bar', 'count', 'metric.loss', mine, 'message']": (
                ["alpha", "100%", "100/100", "loss=0.5000", "<mine-100>", "hello"]
            ),
            "[mine, 'count']": ["<mine-100>", "100/100"],
            "'{desc} {percentage:>4} {bar} {count} {metric.loss}'": ["alpha", "100%", "100/100", "loss=0.5000"],
            "'{count.step} {rate.sample} {sparkline.loss} {metrics}'": ["25/25", "loss=0.5000"],
        }
        screen = self.run(
            f"""
            def mine(snapshot): return f'<mine-{{snapshot.n}}>'
            for widgets in ({", ".join(asked)}):
                with headway.get_bar(100, desc='alpha', widgets=widgets, units={{'step': 0.25}}) as bar:
                    bar.metrics(loss=0.5); bar.message('hello'); bar.update(100)
                print('-')
            """
        )
        for row, (widgets, texts) in zip(screen.rows[:-1:2], asked.items(), strict=True):
            places = [row.find(text) for text in texts]
            self.check(min(places) >= 0 and places == sorted(places), f"{widgets} shows {texts} in order", screen)

    def test_a_widget_that_raises_shows_a_mark(self) -> None:
        """A widget of your own that raises leaves a mark in its place, and one warning."""
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
