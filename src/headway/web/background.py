"""The page of a running program, as a process of its own that ends with the program.

`python -m headway.web.background FILE HOST PORT FOLDER` prints the address of the page, and goes on in the background
until no process of the run may report more. FOLDER, where these have marks, is removed then.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress

from headway.events.writers import host as host_name
from headway.events.writers import is_alive
from headway.sinks.web import RUNNING
from headway.web.run import Run
from headway.web.server import serve

__all__ = ["main"]

PATIENCE = 300.0
"""Seconds without an event after which a process on another machine is given up."""


def main(path: str, host: str, port: str, folder: str) -> None:
    """Serve the page.

    Raises:
        OSError: The address cannot be listened on.
    """

    def is_over(_runs: Sequence[Run]) -> bool:
        if _marked(folder):
            return False
        with suppress(OSError):
            os.rename(folder, ended)
            if _marked(ended):  # a process has come at that very moment
                os.rename(ended, folder)
                return False
        return True

    ended = f"{folder}-{os.getpid()}"
    try:
        serve([Run(path, PATIENCE)], host, int(port), over=is_over, on_ready=_go_on_alone)
    finally:
        for left in (ended,) if _marked(folder) else (ended, folder):
            shutil.rmtree(left, ignore_errors=True)


def _marked(folder: str) -> bool:
    """Tell whether a process that has its mark in the folder is there."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:  # somebody has cleaned up
        return False
    return any(_is_there(os.path.join(folder, name)) for name in names if name.startswith(RUNNING))


def _is_there(mark: str) -> bool:
    with suppress(FileNotFoundError):
        return bool(is_alive(int(mark.rpartition("-")[2]), host_name(), os.stat(mark).st_mtime))
    return False


def _go_on_alone(address: str, _port: int) -> None:
    """Tell the address, and go on in a process that the program has not started: it may wait for all that it has."""
    with suppress(BrokenPipeError):  # the program has ended meanwhile
        print(address, flush=True)
    if os.fork():
        os._exit(0)
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)


if __name__ == "__main__":
    main(*sys.argv[1:])
