"""Company: a second backend at the same time, and a second stream."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Company"]


class Company(Checks):
    """Tests of a renderer that is not alone."""

    def test_two_backends_at_once_are_both_told(self) -> None:
        """With an event file beside it, each of the two has all bars."""
        events = self.aside("events.jsonl")
        screen = self.run(
            """
            for number in range(2):
                with headway.get_bar(3, desc=f'Alpha-{number}') as bar:
                    for step in range(3): bar.metrics(loss=0.5); bar.update()
            """,
            env={"HEADWAY_BACKEND": f"{self.backend},events?path={events}"},
        )
        self.check_delivered(screen, ["Alpha-0", "Alpha-1"])
        written = events.read_text(encoding="utf-8")
        self.check(written.count('"close"') == 2, "the event file has the ends of both bars", screen)

    def test_two_streams_at_once_are_both_told(self) -> None:
        """Bars on standard error and on a stream of their own have a sink each, or one that is told all."""
        screen = self.run(
            """
            import contextvars, io
            other = io.StringIO()
            with headway.get_bar(3, desc='Alpha') as first:
                with contextvars.Context().run(lambda: headway.get_bar(3, desc='Beta', file=other)) as second:
                    for step in range(3): first.update(); second.update()
            open('../other', 'w').write(other.getvalue())
            """
        )
        both = self.delivered(screen) + self.aside("other").read_text(encoding="utf-8")
        self.check("Alpha" in self.delivered(screen), "the bar on standard error is shown", screen)
        self.check("Beta" in both, "the bar on the other stream is shown", screen)
