"""`headway run`: runs a program as `python` would, with the bars that its libraries open captured."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Sequence

from headway.capturing import LIBRARIES, capture
from headway.errors import HeadwayError

__all__ = ["Program"]


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
        wanted = libraries or os.environ.get("HEADWAY_CAPTURE") or ",".join(LIBRARIES)
        try:
            capture(*(library.strip() for library in wanted.split(",") if library.strip()))
        except ValueError as error:
            raise HeadwayError(str(error)) from error
        os.environ["HEADWAY_CAPTURE"] = wanted
        self._name = name
        self._arguments = arguments
        self._is_module = is_module

    def run(self) -> None:
        """Run it to its end. What it raises, `SystemExit` included, is raised."""
        sys.argv = [self._name, *self._arguments]
        if self._is_module:
            sys.path[0] = os.getcwd()
            runpy.run_module(self._name, run_name="__main__", alter_sys=True)
        else:
            sys.path[0] = os.path.dirname(os.path.abspath(self._name))
            runpy.run_path(self._name, run_name="__main__")
