"""Sequences that the usual terminal emulator of tests gets wrong, judged by tmux."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Sequences"]


class Sequences(Checks):
    """Tests of what a program writes beside the rows, and of its texts."""

    def test_rare_sequences_do_not_tear_the_rows(self) -> None:
        """Full-screen programs, colours with colons, sequences for a terminal around tmux, characters without width."""
        screen = self.run(
            """
            text = 'zero\\u200bwidth \\u2764\\ufe0f e\\u0301 \\U0001f469\\u200d\\U0001f4bb'
            print('line 0')  # tmux keeps what is cleared from the first row on
            with headway.get_bar(10, desc='alpha ' + text) as bar:
                bar.update(3); bar.message(text); time.sleep(0.12)
                print('\\x1b[38:2::255:0:0mline\\x1b[0m 1'); time.sleep(0.12)
                print('line\\x1bPtmux;\\x1b\\x1b]9;4;1;50\\x07\\x1b\\\\ 2'); time.sleep(0.12)
                for mode in (47, 1047, 1049):
                    with headway.suspend():
                        os.write(1, f'\\x1b7\\x1b[?{mode}h\\x1b[H\\x1b[2Jfull screen\\x1b[?{mode}l\\x1b8'.encode())
                    time.sleep(0.12)
                bar.update(7)
            """,
            judge="tmux",
        )
        self.check_lines(screen, ["line 0", "line 1", "line 2"], "line")
        self.check_rows(screen, "alpha")
