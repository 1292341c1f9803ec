"""A program in a session of its own, on a pseudo-terminal: the process that runs it, and the one that looks after it.

The kernel stops a program by Ctrl-Z only if its parent is in the same session. So there is a process between this one
and the program: the guard, which leads the session. It tells this one of the program's stops and its end, and passes
signals on to it. If this one is killed the guard sees it, and hangs up.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import termios
from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple, NoReturn

from headway.host import pty

__all__ = ["LAST_MARK", "STANDARD", "News", "Session", "open_pair", "start"]

STANDARD = (0, 1, 2)
LAST_MARK = 0
"""The number of the mark behind all that the program has written."""
WINDOW_BYTES = 8


class News(NamedTuple):
    """A stop of the program, or its end."""

    kind: str
    """`stopped` or `ended`."""
    status: int
    """The signal that stopped it, or the status that `os.waitpid` gave."""


class Session:
    """The program, as this process has to do with it.

    Args:
        master: The user's side of the pseudo-terminal.
        guard: The socket to the guard.
        pid: The guard.
    """

    def __init__(self, master: int, guard: socket.socket, pid: int) -> None:
        self.master = master
        self.guard = guard
        self.pid = pid
        self._heard = b""

    def news(self) -> list[News]:
        """Return the news of the guard since the last time; a guard that is gone has taken the program along."""
        try:
            data = self.guard.recv(4096)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            return [News("ended", signal.SIGKILL)]
        *whole, self._heard = (self._heard + data).split(b"\n")
        told = (line.decode().split() for line in whole)
        return [News(kind, int(status)) for kind, status in told]

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self._tell(f"signal {number}")

    def signal_group(self, number: int) -> None:
        """Send a signal to the processes of its group, as a terminal does."""
        self._tell(f"group {number}")

    def outlive(self) -> None:
        """Have the guard copy the text of processes that outlive the program to the terminal."""
        self._tell("outlive 0")

    def _tell(self, words: str) -> None:
        with suppress(OSError):  # it has ended meanwhile
            self.guard.sendall(f"{words}\n".encode())

    @property
    def is_held(self) -> bool:
        """Whether a process still has the pseudo-terminal open."""
        poll = select.poll()
        poll.register(self.master, select.POLLIN)
        return not any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))

    def follow_size(self, terminal: int) -> None:
        """Give the pseudo-terminal the size of a terminal; the kernel tells the program."""
        _copy_size(terminal, self.master)


def start(master: int, slave: int, terminal: int, streams: Collection[int]) -> Session | None:
    """Start the program: return its session in this process, and `None` in the process that is to run it.

    Args:
        master: The user's side of a new pseudo-terminal.
        slave: The program's side.
        terminal: The real terminal.
        streams: Those of the three standard streams that are to lead to the pseudo-terminal.
    """
    ours, guards = socket.socketpair()
    pid = os.fork()
    if pid:
        guards.close()
        os.close(slave)
        ours.setblocking(False)
        os.set_blocking(master, False)
        return Session(master, ours, pid)
    ours.close()
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    program = os.fork()
    if program:
        try:
            _Guard(program, guards, master, slave, terminal).run()
        finally:
            os._exit(1)
    guards.close()
    os.close(master)
    os.close(terminal)
    _come_to_the_foreground(slave)
    for stream in streams:
        os.dup2(slave, stream)
    if slave not in STANDARD:
        os.close(slave)
    return None


def open_pair(terminal: int) -> tuple[int, int]:
    """Open a pseudo-terminal with the modes and the size of a terminal."""
    master, slave = os.openpty()
    termios.tcsetattr(slave, termios.TCSANOW, termios.tcgetattr(terminal))
    _copy_size(terminal, master)
    return master, slave


def _copy_size(source: int, target: int) -> None:
    with suppress(OSError):
        fcntl.ioctl(target, termios.TIOCSWINSZ, fcntl.ioctl(source, termios.TIOCGWINSZ, bytes(WINDOW_BYTES)))


def _come_to_the_foreground(slave: int) -> None:
    """Be a job of the session, and the one in the foreground."""
    os.setpgid(0, 0)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    os.tcsetpgrp(slave, os.getpgrp())
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Guard:
    """The process that leads the session.

    Args:
        program: The program's process, which leads a group.
        owner: The socket to the process that has the real terminal.
        master: The user's side of the pseudo-terminal.
        slave: The program's side.
        terminal: The real terminal.
    """

    def __init__(self, program: int, owner: socket.socket, master: int, slave: int, terminal: int) -> None:
        self._program = program
        self._owner = owner
        self._master = master
        self._terminal = terminal
        self._path = os.ttyname(slave)
        self._over = False
        with suppress(OSError):
            os.setpgid(program, program)  # here, too: a signal may be for the group
        os.close(slave)

    def run(self) -> NoReturn:
        """See to the program until it has ended, and nobody needs the session any more."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP, signal.SIGTTOU, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in STANDARD:
            os.dup2(nothing, stream)
        ears, mouth = os.pipe()
        os.set_blocking(ears, False)
        os.set_blocking(mouth, False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        self._look()
        while True:
            both: list[int | socket.socket] = [ears, self._owner]
            ready, _, _ = select.select(both, [], [])
            if ears in ready:
                os.read(ears, 4096)
                self._look()
            if self._owner in ready:
                self._obey(self._owner.recv(4096))

    def _look(self) -> None:
        """Tell of stops of the program, and of its end."""
        while not self._over:
            try:
                pid, status = os.waitpid(self._program, os.WUNTRACED | os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if os.WIFSTOPPED(status):
                self._tell(f"stopped {os.WSTOPSIG(status)}")
            else:
                self._over = True
                self._mark_the_end()
                self._tell(f"ended {status}")

    def _mark_the_end(self) -> None:
        """Mark the end of the text of the program, some of which may be on its way yet."""
        with suppress(OSError):
            slave = os.open(self._path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            os.write(slave, pty.written(os.getpid(), LAST_MARK))
            os.close(slave)

    def _tell(self, words: str) -> None:
        with suppress(OSError):
            self._owner.sendall(f"{words}\n".encode())

    def _obey(self, data: bytes) -> None:
        if not data:
            self._hang_up()
        for line in data.decode().splitlines():
            order, number = line.split()
            if order == "outlive":
                self._outlive()
            elif not self._over:
                with suppress(OSError):
                    (os.kill if order == "signal" else os.killpg)(self._program, int(number))

    def _hang_up(self) -> NoReturn:
        """End with the owner. If that was killed, the program is told as by a terminal that is closed."""
        if not self._over:
            for number in (signal.SIGHUP, signal.SIGCONT):
                with suppress(OSError):
                    os.killpg(self._program, number)
        os._exit(0)

    def _outlive(self) -> NoReturn:
        """Copy all text to the real terminal, until nobody has the pseudo-terminal open, or the real one goes.

        Without a pseudo-terminal these processes would do the same: write to it behind the back of the shell.
        """
        self._owner.close()
        os.set_blocking(self._master, True)
        with suppress(OSError):
            while data := os.read(self._master, 65536):
                while data:
                    select.select([], [self._terminal], [])
                    with suppress(BlockingIOError):
                        data = data[os.write(self._terminal, data) :]
        os._exit(0)
