"""A program that is run with another library, with headway's door to it, and captured, and what it prints each time."""

from __future__ import annotations

import contextlib
import gc
import io
import re
import textwrap
import warnings

import headway

__all__ = ["captured", "printed", "through_the_door"]


def printed(program: str) -> str:
    """Run a program in this process, and return what it printed."""
    out = io.StringIO()
    code = compile(textwrap.dedent(program), "<program>", "exec")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", Warning)
        exec(code, {"__name__": "program"})
        gc.collect()
    return out.getvalue()


def through_the_door(program: str, library: str) -> str:
    """Change the imports of a library to those of headway's door."""
    program = re.sub(rf"^(\s*)import {library}$", rf"\1from headway import {library}", program, flags=re.MULTILINE)
    return re.sub(rf"^(\s*)from {library}\b", rf"\1from headway.{library}", program, flags=re.MULTILINE)


def captured(program: str, library: str) -> str:
    """Run a program while the bars of a library are captured, and return what it printed."""
    with headway.capture(library):
        return printed(program)
