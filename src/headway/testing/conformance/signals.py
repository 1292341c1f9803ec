"""Signals: Ctrl-C, SIGTERM and Ctrl-Z."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Signals"]


class Signals(Checks):
    """Tests of signals."""

    def test_ctrl_c_leaves_a_whole_terminal(self) -> None:
        """After Ctrl-C the bar says interrupted, the terminal is whole and the status is that of an interrupt."""
        screen = self.show(
            """
            import headway, sys, time
            try:
                with headway.get_bar(1000, desc='alpha') as bar:
                    for i in range(1000): bar.update(); time.sleep(0.01); i == 20 and headway.write('NOW')
            except KeyboardInterrupt:
                sys.exit(130)
            """,
            interrupt_at="NOW",
        )
        self.check(screen.status == 130, "the status is 130", screen)
        self.check("interrupt" in screen.rows_with("alpha")[-1].lower(), "the bar says interrupted", screen)
        self.check(not screen.cursor_hidden, "the cursor is visible", screen)
        self.check_rows(screen, "alpha")

    def test_sigterm_ends_the_display_and_the_program(self) -> None:
        """If the program is told to end, the bars say interrupted, and it ends by the signal as without bars."""
        screen = self.show(
            """
            import headway, os, signal, time
            with headway.get_bar(1000, desc='alpha', leave=True) as outer:
                for i in headway.track(range(1000), desc='beta'):
                    outer.update(); time.sleep(0.01)
                    if i == 20: os.kill(os.getpid(), signal.SIGTERM)
            """,
        )
        self.check("interrupt" in screen.rows[-1].lower(), "the bar says interrupted", screen)
        self.check_rows(screen, "alpha")
        self.check(screen.status == -15, "the status is that of the signal", screen)
        self.check(not screen.cursor_hidden, "the cursor is visible", screen)

    def test_ctrl_z_and_fg(self) -> None:
        """After Ctrl-Z the shell has the terminal; after `fg` the bars go on, and have not counted the time between."""
        screen = self.show(
            """
            import os, signal, sys, time
            child = os.fork()
            if child:  # the shell
                stopped = os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
                os.write(1, b'$ fg\\n' if stopped else b'not stopped\\n')
                time.sleep(0.5)
                os.kill(child, signal.SIGCONT)
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            os.setpgid(0, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            os.tcsetpgrp(0, os.getpid())
            import headway
            with headway.get_bar(60, desc='alpha') as bar:
                opened = time.monotonic() - bar.elapsed
                for i in range(60):
                    time.sleep(0.01); bar.update()
                    if i == 20: sys.stdout.write('NOW\\n')  # whole at once: Ctrl-Z may come as soon as it is seen
                left_out = -bar.elapsed + time.monotonic() - opened
            print(left_out > 0.4, signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL)
            """,
            types={"NOW": "\x1a"},
        )
        self.check(screen.status == 0 and not screen.cursor_hidden, "the program goes on and ends well", screen)
        self.check("$ fg" in [row.removeprefix("^Z") for row in screen.rows], "the shell has its row", screen)
        self.check(screen.rows[-1] == "True True", "the time between is not counted, handlers are as before", screen)
        self.check(len(screen.rows) == 4, "nothing else is left but the bar", screen)
        self.check_rows(screen, "alpha")
