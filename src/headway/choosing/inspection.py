"""Mistakes in the code of plugins: what is wrong with a renderer or a sink, and the file and line of it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from types import FunctionType

from headway.errors import BackendLoadError
from headway.format import in_words
from headway.host import randomness
from headway.notation import Any
from headway.sink import PROTOCOL, Context, ProgressSink, Renderer

__all__ = [
    "DRAWS",
    "complaint",
    "flaw_of_renderer",
    "is_own",
    "line_of",
    "line_of_error",
    "made",
    "misfit",
    "option_names",
]

DRAWS = ("rows", "cell", "lines", "nothing")
CALLS = ("frame", "write", "hide", "show", "stop")
ALL_CALLS = (*CALLS, "open", "update", "close", "points")
_CO_VARARGS, _CO_COROUTINE = 0x04, 0x80  # those of inspect
HERE = os.path.dirname(os.path.dirname(__file__)) + os.sep
"""The folder of headway itself."""
LIBRARY = os.path.dirname(getattr(os, "__file__", "<frozen>/os.py")) + os.sep
"""The folder of the standard library; a program that is frozen may have none."""


def misfit(what: str, protocol: object) -> str:
    """Return the difference between a plugin's version of the contract and this one, empty if there is none.

    Args:
        what: The plugin, for the message.
        protocol: The version that it was written for; 0 if it does not say.
    """
    if protocol == PROTOCOL and type(protocol) is int:
        return ""
    if type(protocol) is not int:
        return f"{what} has protocol={protocol!r:.40}, where a number such as {PROTOCOL} is expected."
    if protocol == 0:
        return f"{what} does not say which version of headway's contract it was written for. Add: protocol={PROTOCOL}"
    if protocol < PROTOCOL:
        return (
            f"{what} was written for version {protocol} of headway's contract, this headway has {PROTOCOL}. "
            f"Look for a newer version of the plugin."
        )
    return (
        f"{what} needs version {protocol} of headway's contract, this headway has {PROTOCOL}. "
        f"Try: pip install --upgrade headway"
    )


def flaw_of_renderer(renderer: Renderer) -> str:
    """Return the first mistake in the fields of a renderer, empty if there is none."""
    return next(_flaws(renderer), "")


def _flaws(renderer: Renderer) -> Iterator[str]:
    if not callable(renderer.make):
        yield f"its make must be a class or function that makes the sink, not {renderer.make!r:.80}"
    if not callable(renderer.draws) and renderer.draws not in DRAWS:
        yield f"its draws must be one of {', '.join(map(repr, DRAWS))}, not {renderer.draws!r:.80}"
    if not _is_count(renderer.max_bars) and renderer.max_bars != "lines":
        yield f"its max_bars must be a number from 1 up, 'lines' or None, not {renderer.max_bars!r:.80}"
    if not _is_interval(renderer.interval):
        yield f"its interval must be a number of seconds, not {renderer.interval!r:.80}"
    if not isinstance(renderer.points, bool):
        yield f"its points must be True or False, not {renderer.points!r:.80}"
    yield from (flaw for field in ("options", "look") for flaw in _flaws_of_readers(field, getattr(renderer, field)))
    if not _is_of(renderer.cosmetic, renderer.options):
        yield f"its cosmetic must be names out of its options, not {renderer.cosmetic!r:.80}"
    if not callable(renderer.native):
        yield f"its native must be a function, not {renderer.native!r:.80}"
    yield from (flaw for field in ("every", "line") for flaw in _flaws_of_calls(field, getattr(renderer, field)))


def _flaws_of_calls(field: str, call: object) -> Iterator[str]:
    if call is not None and not callable(call):
        yield f"its {field} must be a function or None, not {call!r:.80}"


def _flaws_of_readers(field: str, readers: object) -> Iterator[str]:
    if not isinstance(readers, Mapping):
        yield f"its {field} must map names to functions that read a value, not {readers!r:.80}"
        return
    for name, read in readers.items():
        if not isinstance(name, str) or not callable(read):
            yield f"its {field} must map names to functions that read a value; {name!r:.40} has {read!r:.80}"


def _is_of(names: object, options: Mapping[str, object]) -> bool:
    return isinstance(names, Collection) and not isinstance(names, str) and all(name in options for name in names)


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1)


def _is_interval(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def made(renderer: Renderer, context: Context) -> ProgressSink:
    """Make a sink.

    Raises:
        BackendLoadError: It lacks calls of the contract. The renderer's own code may raise anything.
    """
    with randomness.Kept():
        sink = renderer.make(context) if _takes_context(renderer.make) else renderer.make()  # type: ignore[call-arg]
    flaw = _flaw_of_sink(sink)
    if flaw:
        where = line_of(type(sink))
        raise BackendLoadError(f"{flaw}{f' ({where})' if where else ''}.")
    return sink


def _takes_context(make: Any) -> bool:
    """Tell whether a sink is made with the context: where an argument is required, or the first one is called context.

    An argument that may be left out is otherwise the class's own affair, such as the field of a dataclass.
    """
    call = _own_call(make) if isinstance(make, type) else make
    if call is None:
        return False
    own = call is not make  # the first argument is the object itself
    if isinstance(call, FunctionType) and not hasattr(call, "__wrapped__"):
        code = call.__code__
        names = code.co_varnames[own : code.co_argcount]
        required = len(names) > len(call.__defaults__ or ())
        return required or (names[0] == "context" if names else bool(code.co_flags & _CO_VARARGS))
    from inspect import signature  # it takes longer than all of headway, and few are made by anything but a function

    try:
        taken = list(signature(call).parameters.values())[own:]
    except Exception:  # it is not written in Python, or has annotations that cannot be read
        return True
    first = next((each for each in taken if each.kind not in (each.KEYWORD_ONLY, each.VAR_KEYWORD)), None)
    return first is not None and (first.default is first.empty or first.name == "context")


def _own_call(kind: type) -> Any:
    """Return what reads the arguments of a class; `None` if it takes none.

    That is its `__init__` or `__new__`, its own or an inherited one. One that takes any arguments passes them on.
    """
    for each in kind.__mro__[:-1]:
        for name in ("__init__", "__new__"):
            call = vars(each).get(name)
            call = getattr(call, "__func__", call)
            if call is not None and not _passes_on(call):
                return call
    return None


def _passes_on(call: Any) -> bool:
    code = getattr(call, "__code__", None)
    anything = code is not None and code.co_argcount == 1 and bool(code.co_flags & _CO_VARARGS)
    return anything and not hasattr(call, "__wrapped__")


def option_names(renderer: Renderer) -> list[str]:
    """Return the names of all options of a renderer, those of its sinks and those of bars."""
    return sorted({"interval", *renderer.options, *renderer.look})


def _flaw_of_sink(sink: ProgressSink) -> str:
    """Return the first mistake in the calls of a sink, empty if there is none."""
    for name in ALL_CALLS:
        call = getattr(sink, name, None)
        if name in CALLS and not callable(call):
            return f"its sink {type(sink).__name__} has no call {name}; derive it from headway.sink.ProgressSink"
        code = getattr(call, "__code__", None)
        if code is not None and code.co_flags & _CO_COROUTINE:
            return f"the call {name} of its sink {type(sink).__name__} is async; sinks are called without await"
    return ""


def complaint(error: BaseException) -> str:
    """Say what a sink did wrong, with the file and line of the plugin: the end of a sentence."""
    if isinstance(error, BackendLoadError):
        return f"cannot be used: {error}".removesuffix(".")
    return f"raised {in_words(error)} ({line_of_error(error)})"


def line_of(thing: Any) -> str:
    """Return the file and line in which a function or a class was written, in words; empty if that is not known."""
    code = getattr(getattr(thing, "__func__", thing), "__code__", None)
    if code is None and isinstance(thing, type):
        own = [getattr(each, "__code__", None) for each in vars(thing).values()]
        code = min((each for each in own if each is not None), key=lambda each: each.co_firstlineno, default=None)
    return "" if code is None else f"{code.co_filename}, line {code.co_firstlineno}"


def is_own(file: str) -> bool:
    """Tell whether a file of code is headway's, or of Python's own way to import one."""
    return file.startswith(("<frozen", HERE))


def line_of_error(error: BaseException) -> str:
    """Return the file and line of a plugin in which an error was raised, in words; empty if that is not known.

    Lines of the standard library and of headway count only if there is no other: the plugin has called them.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    deepest = plugins = ""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        deepest = f"{file}, line {trace.tb_lineno}"
        if not is_own(file) and (not file.startswith(LIBRARY) or "site-packages" in file):
            plugins = deepest
        trace = trace.tb_next
    return plugins or deepest
