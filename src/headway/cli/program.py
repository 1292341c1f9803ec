"""`headway run`: runs a program as `python` would, with the bars that its libraries open captured, or any command."""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import sys
from collections.abc import Sequence

from headway.capturing import LIBRARIES, capture
from headway.drawing.hub import hub
from headway.errors import HeadwayError
from headway.host import pty
from headway.host.environment import variable

__all__ = ["Command", "Program", "is_python"]

PYTHON = (".py", ".pyw", ".pyc", ".pyz")
CANNOT_BE_RUN = 126


def is_python(name: str) -> bool:
    """Tell whether a program is one that this Python is to run: not a command elsewhere, nor a file of another kind."""
    if not os.path.exists(name):
        return os.sep in name or shutil.which(name) is None
    if os.path.isdir(name) or name.endswith(PYTHON) or not os.access(name, os.X_OK):
        return True
    with open(name, "rb") as file:
        first = file.readline(200)
    return first.startswith(b"#!") and b"python" in first


class Command:
    """A command that takes the place of this process; Python programs that it starts have their bars captured.

    Args:
        name: Its name, or its path.
        arguments: Its arguments.
        libraries: Whose bars are captured, see `Program`.

    Raises:
        HeadwayError: The bars of a library cannot be captured.
    """

    def __init__(self, name: str, arguments: Sequence[str], *, libraries: str | None = None) -> None:
        _capture(libraries)
        self._arguments = [shutil.which(name) or name, *arguments]

    def run(self) -> None:
        """Be that command; where the system cannot run it, say so and end with the status that shells give then."""
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # which Python ignores, and a command does not
        try:
            os.execv(self._arguments[0], self._arguments)  # noqa: S606  # the user's own command
        except OSError as error:
            print(f"headway: {self._arguments[0]!r} cannot be run: {error.strerror}.", file=sys.stderr)
            sys.exit(CANNOT_BE_RUN)


class Program:
    """A program that is to be run in this process.

    Args:
        name: A script or a folder with a `__main__.py`; or the name of a module.
        arguments: What it finds in `sys.argv[1:]`.
        is_module: Whether `name` is that of a module, as for `python -m`.
        libraries: Whose bars are captured, with commas: by default what `HEADWAY_CAPTURE` says, else all that can be.
            Processes that it starts and that import headway do the same.

    Raises:
        HeadwayError: There is no such script, or the bars of a library cannot be captured.
    """

    def __init__(
        self, name: str, arguments: Sequence[str], *, is_module: bool = False, libraries: str | None = None
    ) -> None:
        if not is_module and not os.path.exists(name):
            raise HeadwayError(f"there is no script {name!r}. To run a module: headway run -m NAME")
        _capture(libraries)
        self._name = name
        self._arguments = arguments
        self._is_module = is_module

    def run(self) -> None:
        """Run it to its end. What it raises, `SystemExit` included, is raised."""
        sys.argv = [self._name, *self._arguments]
        if variable(pty.VARIABLE):
            hub.relay.seek()  # before the program starts others: those are its workers
        if self._is_module:
            sys.path[0] = os.getcwd()
            runpy.run_module(self._name, run_name="__main__", alter_sys=True)
        else:
            sys.path[0] = os.path.dirname(os.path.abspath(self._name))
            runpy.run_path(self._name, run_name="__main__")


def _capture(libraries: str | None) -> None:
    """Capture the bars of libraries, here and in processes that are started from now on.

    Raises:
        HeadwayError: The bars of one of them cannot be captured.
    """
    wanted = libraries or os.environ.get("HEADWAY_CAPTURE") or ",".join(LIBRARIES)
    try:
        capture(*(library.strip() for library in wanted.split(",") if library.strip()))
    except ValueError as error:
        raise HeadwayError(str(error)) from error
    os.environ["HEADWAY_CAPTURE"] = wanted
