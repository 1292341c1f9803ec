"""The real terminal's keyboard and modes: keys reach the program's pseudo-terminal, which makes signals of them.

While this process is in the foreground the real terminal hands over each key as it is. Its modes are given back
whenever this process stops or ends.
"""

from __future__ import annotations

import os
import stat
import termios
from contextlib import suppress

__all__ = ["Keyboard"]

STDIN, STDOUT = 0, 1
_IFLAG, _OFLAG, _LFLAG, _CC = 0, 1, 3, 6
AT_ONCE = 4096


class Keyboard:
    """The keyboard of the real terminal.

    Where standard output is a pipe it is left alone, for the reader may be a pager, which has the keys then.

    Args:
        terminal: The terminal.
    """

    def __init__(self, terminal: int) -> None:
        self.wanted = not _is_pipe(STDOUT)
        """Whether keys are for the program's pseudo-terminal."""
        self.taken = False
        """Whether they come here now."""
        self._terminal = terminal
        self._shared = _is_pipe(STDIN)
        self._modes = termios.tcgetattr(terminal)
        self._exact = False

    @property
    def in_foreground(self) -> bool:
        """Whether this process is in the foreground of the terminal."""
        try:
            return os.tcgetpgrp(self._terminal) == os.getpgrp()
        except OSError:  # it is not the terminal that the process belongs to, or gone
            return False

    @property
    def makes_signals(self) -> bool:
        """Whether the real terminal makes signals of keys, for other processes of a pipeline are to get them, too."""
        return self._shared or not self.taken

    def take(self) -> None:
        """Have the keys come here, if this process is in the foreground."""
        if self.wanted and not self.taken and self.in_foreground:
            with suppress(termios.error):
                self._modes = termios.tcgetattr(self._terminal)
                self.taken = True
                self._set()

    def take_again(self) -> None:
        """Do as `take`, where somebody else may have had the terminal meanwhile."""
        if self.taken and self.in_foreground:
            self._set()
        else:
            self.taken = False
            self.take()

    def give_back(self) -> None:
        """Give the terminal its modes back; a process in the background has given them back already."""
        if self.taken and self.in_foreground:
            with suppress(termios.error):
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._modes)
        self.taken = False

    def process_output(self, wanted: bool) -> None:
        """Have the terminal make line ends of newlines, or leave that to the pseudo-terminal."""
        self._exact = not wanted
        if self.taken and self.in_foreground:
            self._set()

    def read(self) -> bytes:
        """Return the keys that were pressed; none if the terminal is gone."""
        try:
            keys = os.read(self._terminal, AT_ONCE)
        except BlockingIOError:
            return b""
        except OSError:
            keys = b""
        if not keys:
            self.taken = self.wanted = False
        return keys

    def _set(self) -> None:
        modes = [*self._modes[:_CC], list(self._modes[_CC])]
        modes[_IFLAG] &= ~(
            termios.BRKINT
            | termios.ICRNL
            | termios.IGNCR
            | termios.INLCR
            | termios.INPCK
            | termios.ISTRIP
            | termios.IXON
            | termios.PARMRK
        )
        modes[_LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN)
        if not self._shared:
            modes[_LFLAG] &= ~termios.ISIG
        if self._exact:
            modes[_OFLAG] &= ~termios.OPOST
        modes[_CC][termios.VMIN], modes[_CC][termios.VTIME] = 1, 0
        with suppress(termios.error):
            termios.tcsetattr(self._terminal, termios.TCSANOW, modes)


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
