"""The page of a running program, as a process of its own that ends with the program.

`python -m headway.web.background FILE HOST PORT FOLDER` prints the address of the page, and goes on in the background
until no process of the run may report more. FOLDER, where these have marks, is removed then.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

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

    def is_over(runs: Sequence[Run]) -> bool:
        return not any(name.startswith(RUNNING) for name in os.listdir(folder)) or all(run.over for run in runs)

    try:
        serve([Run(path, PATIENCE)], host, int(port), over=is_over, on_ready=_go_on_alone)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _go_on_alone(address: str, _port: int) -> None:
    """Tell the address, and go on in a process that the program has not started: it may wait for all that it has."""
    print(address, flush=True)
    if os.fork():
        os._exit(0)
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)


if __name__ == "__main__":
    main(*sys.argv[1:])
