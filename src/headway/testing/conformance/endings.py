"""Endings: of a bar, of the last bar, of the process."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Endings"]

ENDINGS = {
    "finished": "bar.update(60)",
    "stopped": "bar.stop()",
    "failed": "bar.fail()",
    "interrupted": "bar.end('interrupted')",
}
"""The call that ends a bar, by the state that it ends in."""


class Endings(Checks):
    """Tests of the ways in which a bar ends."""

    def test_each_ending_looks_different(self) -> None:
        """You can tell finished, stopped, failed and interrupted apart."""
        screen = self.run(
            f"""
            for state, end in {ENDINGS!r}.items():
                bar = headway.get_bar(100, desc=f'Alpha {{len(state)}}'); bar.update(40); exec(end); bar.close()
            """
        )
        rows = {}
        for state in ENDINGS:
            self.check_rows(screen, f"Alpha {len(state)}")
            rows[state] = screen.rows_with(f"Alpha {len(state)}")[-1]
            self.check(state == "finished" or "40" in rows[state], f"a {state} bar shows its count", screen)
        looks = {"".join(c for c in row if c.isalpha()) for row in rows.values()}
        self.check(len(looks) == len(rows), f"all endings look different, not {looks}", screen)

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
            with headway.get_bar(2, desc='Alpha') as outer:
                for i in headway.track(range(10), desc='Beta'): time.sleep(0.01)
            assert all(a is b for a, b in zip(before, things())), (before, things())
            deadline = time.monotonic() + 5
            while threading.active_count() > 1 and time.monotonic() < deadline: time.sleep(0.01)
            assert threading.active_count() == 1, threading.enumerate()
            """
        )

    def test_bars_left_open_are_closed_at_exit(self) -> None:
        """A program that forgets to close its bars leaves a whole terminal and the truth."""
        screen = self.show(
            """
            import headway, time
            outer = headway.get_bar(10, desc='Alpha'); outer.update(4)
            inner = headway.get_bar(10, desc='Beta'); inner.update(4); time.sleep(0.15)
            """,
        )
        self.check(screen.status == 0 and not screen.cursor_hidden, "the program ends well", screen)
        self.check("Traceback" not in screen.raw and "Exception" not in screen.raw, "nothing is raised", screen)
        self.check("4" in screen.rows_with("Alpha")[-1], "the count is shown", screen)
        self.check_rows(screen, "Alpha")
