"""Streams: those that are bad, and those that are somebody else's."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Streams"]


class Streams(Checks):
    """Tests of streams other than standard error on a good terminal."""

    def test_bad_streams_never_raise(self) -> None:
        """A stream that is closed, full, ASCII-only or missing never raises into your program."""
        self.run(
            """
            import io
            closed = io.StringIO(); closed.close()
            streams = [io.TextIOWrapper(io.BytesIO(), 'ascii'), open('/dev/full', 'w'), closed, open(os.devnull, 'w'),
                       io.StringIO(), None]
            def child(stream, interactive):
                os.environ['HEADWAY_INTERACTIVE'] = interactive
                if stream is None: sys.stderr = None
                with headway.get_bar(10, desc='Alpha é', file=stream) as bar:
                    bar.update(3); bar.message('é'); bar.write('é'); time.sleep(0.15); bar.update(7)
                assert bar.n == 10
            with headway.get_bar(1, desc='Beta'): pass  # what the renderer imports is imported once
            children = []
            for stream in streams:
                for interactive in '01':
                    children.append(os.fork())
                    if not children[-1]:
                        child(stream, interactive)
                        os._exit(0)
            statuses = [os.waitpid(child, 0)[1] for child in children]
            assert not any(statuses), statuses
            """,
            contained=True,
        )

    def test_nothing_is_written_past_its_stream(self) -> None:
        """Bars on standard output are there, and nothing of them is on standard error."""
        screen = self.run(
            """
            os.dup2(os.open('../stderr', os.O_WRONLY | os.O_CREAT), 2)
            with headway.get_bar(10, desc='Alpha', file=sys.stdout) as bar:
                for step in range(10): bar.update(); time.sleep(0.02)
                bar.write('a text')
            """
        )
        past = self.aside("stderr").read_text(encoding="utf-8")
        self.check(not past, f"nothing is on standard error, where {past!r} was found", screen)
        for text in ("Alpha", "a text"):
            self.check(text in self.delivered(screen), f"{text!r} is on standard output", screen)
