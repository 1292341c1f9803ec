"""The side of a sandbox that is inside: it runs the code that may do anything, and keeps a diary of it."""

from __future__ import annotations

import faulthandler
import json
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from time import perf_counter
from types import TracebackType
from typing import Any

from headway.choosing.inspection import is_own
from headway.errors import HeadwayError
from headway.format import in_words

__all__ = ["CALL_WITHIN", "DIARY", "LOAD_WITHIN", "TRACE", "Diary", "OverError", "keep"]

DIARY, TRACE = "diary", "trace"
"""The files of a sandbox: the diary, and the place where the process was when it hung or crashed."""
LOAD_WITHIN = 30.0
"""Seconds that a plugin may take to be loaded."""
CALL_WITHIN = 10.0
"""Seconds that a call may take, as for a renderer at work."""

Task = Callable[["Diary", str], None]


class OverError(Exception):
    """Raised when a step has failed: there is nothing left to be tried."""


class Diary:
    """Tells the process outside what is done: an object of JSON a line, each written before the next thing is done.

    Args:
        folder: The folder of the sandbox.
    """

    def __init__(self, folder: str) -> None:
        self._lines = open(os.path.join(folder, DIARY), "a", encoding="utf-8")  # noqa: SIM115  # to the end
        self._trace = open(os.path.join(folder, TRACE), "w", encoding="utf-8")  # noqa: SIM115  # to the end
        faulthandler.enable(self._trace)

    def tell(self, **entry: Any) -> None:
        """Write an entry."""
        self._lines.write(f"{json.dumps(entry, default=str)}\n")
        self._lines.flush()

    @contextmanager
    def step(self, name: str, within: float) -> Iterator[None]:
        """Do something that may fail, or never return; the process is ended then.

        Raises:
            OverError: It has raised.
        """
        self.begin(name, within)
        began = perf_counter()
        try:
            yield
        except BaseException as error:  # it may raise anything
            faulthandler.cancel_dump_traceback_later()
            self.tell(failed=name, error=in_words(error), told=isinstance(error, HeadwayError), trace=_trace(error))
            raise OverError from error
        faulthandler.cancel_dump_traceback_later()
        self.tell(done=name, seconds=perf_counter() - began)

    def begin(self, name: str, within: float) -> None:
        """Begin a step that the end of the process ends."""
        self.tell(began=name, within=within)
        faulthandler.dump_traceback_later(within, exit=True, file=self._trace)


def _trace(error: BaseException) -> str:
    """Return the traceback of an error from the first line of the plugin on."""
    at_fault = error.__cause__ if isinstance(error, HeadwayError) else error
    if at_fault is None:
        return ""
    trace = at_fault.__traceback__
    while trace is not None and _is_between(trace):
        trace = trace.tb_next
    if trace is None:  # a syntax error, which has its line, or an error of headway's own
        return "".join(traceback.format_exception_only(type(at_fault), at_fault))
    return "".join(traceback.format_exception(type(at_fault), at_fault, trace))


def _is_between(trace: TracebackType) -> bool:
    """Tell whether a line is headway's, or of a library by which headway calls a plugin."""
    file = trace.tb_frame.f_code.co_filename
    return is_own(file) or os.path.basename(os.path.dirname(file)) in ("pluggy", "importlib", "metadata")


def keep(module: str, argument: str, folder: str) -> None:
    """Do the task of a module, which is its function `inside`.

    Args:
        module: The module's name.
        argument: The task's argument.
        folder: The folder of the sandbox.
    """
    diary = Diary(folder)
    with suppress(OSError):  # to open it makes it the terminal of this session
        os.close(os.open(os.ttyname(0), os.O_RDWR))
    task: Task = import_module(module).inside
    with suppress(OverError):
        task(diary, argument)
    diary.begin("end", CALL_WITHIN)
