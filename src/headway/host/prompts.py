"""Whether somebody types at a prompt now: of Python's interactive mode, of IPython, of a debugger or of the program.

Rows make way beforehand for the prompts of Python's interactive mode and of prompt_toolkit, which IPython and ptpython
have, and `console.py` sees to those of `input`. Of others nothing tells, so whoever is about to draw asks whether
somebody types.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FrameType

from headway.notation import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["APPLICATIONS", "Prompts", "is_asked"]

_EDITORS = "_pyrepl."
_EDITOR = f"{_EDITORS}readline"
"""The line editor of Python's interactive mode, from 3.13 on, and the package that it is in."""
APPLICATIONS = "prompt_toolkit.application"
"""The package of prompt_toolkit's applications, such as the prompts of IPython and ptpython."""
_ASKING_OF_CLICK = ("_readline_prompt", "prompt_func", "confirm")
_ASKING = {
    ("cmd", "cmdloop"),
    ("getpass", "unix_getpass"),
    ("getpass", "_raw_input"),
    *[(f"{module}.termui", name) for module in ("click", "typer._click") for name in _ASKING_OF_CLICK],
}
"""Functions that wait for a line by other means than `input` when the main thread is in them: module and name."""

_ASKERS = {_EDITOR, *[module for module, _ in _ASKING]}


def is_asked() -> bool:
    """Tell whether somebody types now."""
    modules = sys.modules
    if hasattr(sys, "ps1") or not modules.keys().isdisjoint(_ASKERS):
        announced = _Announced.now()
        comes = announced.comes if announced else 0
        frames = sys._current_frames()
        main = frames.get(threading.main_thread().ident or 0)
        if _is_interactive(main) or (_EDITOR in modules and any(map(_edits, frames.values()))):
            return announced is None or announced.is_there
        if announced:
            announced.gone = comes
        if main is not None and (main.f_globals.get("__name__"), main.f_code.co_name) in _ASKING:
            return True
    running = getattr(modules.get(APPLICATIONS), "get_app_or_none", None)
    application = None if running is None else running()
    return application is not None and bool(application.is_running)


def _is_interactive(frame: FrameType | None) -> bool:
    """Tell whether the main thread is between two lines of Python's interactive mode.

    It runs no code of Python then, but for the prompt that is made into text.
    """
    interactive = hasattr(sys, "ps1")
    while interactive and frame is not None and frame.f_code is not _Announced.__str__.__code__:
        frame = frame.f_back
        interactive = frame is not None
    return interactive


def _edits(frame: FrameType | None) -> bool:
    """Tell whether a thread is in the line editor, and not in a line that was typed there."""
    while frame is not None and frame.f_code.co_name != "runcode":
        if str(frame.f_globals.get("__name__")).startswith(_EDITORS):
            return True
        frame = frame.f_back
    return False


class Prompts:
    """Has rows make way for the prompts of Python's interactive mode and of prompt_toolkit, while there are rows.

    Args:
        make_way: Takes all rows away for a prompt that comes now.
        suspended: Takes all rows away for a block.
    """

    def __init__(self, make_way: Callable[[], object], suspended: Callable[[], AbstractContextManager[None]]) -> None:
        self._make_way = make_way
        self._suspended = suspended
        self._run: Any = None
        """The `run_async` of prompt_toolkit's applications, which asks."""
        self._run_without_rows: Any = None
        """What stands in its place."""

    def announce(self) -> None:
        """Have rows make way from now on."""
        prompt = getattr(sys, "ps1", None)
        if prompt is not None and type(prompt) is not _Announced:
            announced = _Announced.of(prompt, self._make_way)
            announced.comes = int(is_asked())
            sys.ps1 = announced
        application = getattr(sys.modules.get(APPLICATIONS), "Application", None)
        if application is not None and application.run_async is not self._run_without_rows:
            self._run, suspended = application.run_async, self._suspended
            run = self._run

            async def run_async(*about: Any, **named: Any) -> Any:
                with suspended():
                    return await run(*about, **named)

            application.run_async = self._run_without_rows = run_async

    def come(self) -> None:
        """Remember that the rows have made way for the prompt that was announced: from now on it is there."""
        announced = _Announced.now()
        if announced is not None:
            announced.comes += 1

    def announce_no_more(self) -> None:
        """Put everything back that is still ours."""
        prompt = getattr(sys, "ps1", None)
        if type(prompt) is _Announced:
            sys.ps1 = prompt.original
        application = getattr(sys.modules.get(APPLICATIONS), "Application", None)
        if application is not None and application.run_async is self._run_without_rows:
            application.run_async = self._run
        self._run = self._run_without_rows = None


class _Announced(str):
    """A prompt that is made into text just before it is printed, and tells then."""

    __slots__ = ("_tell", "comes", "gone", "original")
    _tell: Callable[[], object]
    original: object
    """The prompt that it stands for."""
    comes: int
    """How often the rows have made way for it."""
    gone: int
    """How often they had when the program was last seen to run: then nobody typed any more."""

    @classmethod
    def of(cls, original: object, tell: Callable[[], object]) -> Self:
        """Stand for a prompt, which may be any object."""
        made = cls(original)
        made.original = original
        made._tell = tell
        made.comes = made.gone = 0
        return made

    @classmethod
    def now(cls) -> Self | None:
        """Return the prompt of the interactive mode, if it is one that tells."""
        prompt = getattr(sys, "ps1", None)
        return prompt if type(prompt) is cls else None

    @property
    def is_there(self) -> bool:
        """Whether the rows have made way for it, and the program has not run since."""
        return self.comes != self.gone

    def __str__(self) -> str:
        self._tell()
        return str(self.original)

    def __format__(self, spec: str) -> str:  # this, and the next, by the line editor from Python 3.13 on
        return format(str(self), spec)

    def __contains__(self, part: object) -> bool:
        return part in str(self)  # type: ignore[operator]
