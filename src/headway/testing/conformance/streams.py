"""Streams: those that are bad, and those that are no terminal."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Streams"]


class Streams(Checks):
    """Tests of streams other than a good terminal."""

    def test_bad_streams_never_raise(self) -> None:
        """A stream that is closed, full, ASCII-only or missing never raises into your program."""
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
