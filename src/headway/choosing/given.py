"""Renderers that come without a distribution: an object or a class that code gives, or a file of one renderer."""

from __future__ import annotations

import functools
import os

from headway.choosing.inspection import complaint, flaw_of_renderer, misfit
from headway.errors import BackendLoadError, UnknownBackendError
from headway.format import shown
from headway.notation import Any
from headway.sink import PROTOCOL, Context, PerBar, ProgressSink, Renderer

__all__ = ["of_file", "of_object"]

FIELDS = tuple(field for field in Renderer._fields if field not in ("make", "protocol", "points"))
"""The fields of a `Renderer` that a class of sinks may have as attributes."""
_over: list[Any] = []
"""Sinks of the program's that have been told the end."""


def of_object(given: Any) -> tuple[str, Renderer]:
    """Return a name for messages, and the renderer that an object stands for.

    Args:
        given: A `headway.sink.Renderer`, a class of sinks, or a sink.

    Raises:
        TypeError: It is neither.
        ValueError: A field of it is wrong, or the sink has ended.
    """
    if isinstance(given, Renderer):
        renderer, name = given, getattr(given.make, "__qualname__", "a renderer")
        flaw = misfit(f"The renderer {name!r}", given.protocol)
    elif _is_sink(given):
        kind = given if isinstance(given, type) else type(given)
        name, flaw = kind.__qualname__, ""
        about = {field: getattr(given, field) for field in FIELDS if hasattr(given, field)}
        make = given if isinstance(given, type) else Given(given)
        asks = getattr(kind, "points", PerBar.points) is not PerBar.points
        renderer = Renderer(make, protocol=PROTOCOL, points=asks, **about)
        if not isinstance(given, type) and any(sink is given for sink in _over):
            raise ValueError(f"The sink {shown(given)} has ended: make a new one, or give its class or a Renderer.")
    else:
        raise TypeError(
            f"A backend is a name, a headway.sink.Renderer, a class of sinks or a sink, not {shown(given)}. "
            f"A sink has the calls frame and write; headway.sink.PerBar has frame."
        )
    if flaw := flaw or flaw_of_renderer(renderer):
        raise ValueError(f"The renderer {name!r} cannot be used: {flaw}.")
    return name, renderer


def _is_sink(given: Any) -> bool:
    return callable(getattr(given, "frame", None)) and callable(getattr(given, "write", None))


class Given:
    """Returns the sink that code has given, which has one life."""

    def __init__(self, sink: ProgressSink) -> None:
        self.sink = sink

    def __call__(self, _context: Context) -> ProgressSink:
        return self.sink

    def over(self) -> None:
        """Remember that the sink has been told the end."""
        _over.append(self.sink)


@functools.cache
def of_file(path: str) -> Renderer:
    """Run a file, and return its renderer.

    It is the `headway.sink.Renderer` named `renderer`, or the one class of sinks that the file makes.

    Raises:
        UnknownBackendError: There is no such file.
        BackendLoadError: It raises, or has no renderer.
    """
    from importlib.util import module_from_spec, spec_from_file_location  # heavy: only if a file is chosen

    where = f"The progress backend {path!r}"
    if not os.path.isfile(path):
        raise UnknownBackendError(path)
    name = "headway_file_" + "".join(c if c.isalnum() else "_" for c in os.path.basename(path).removesuffix(".py"))
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BackendLoadError(f"{where} is no file of Python: its name must end in .py.")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # anybody's code
        raise BackendLoadError(f"{where} {complaint(error)}.") from error
    given = getattr(module, "renderer", None)
    own = [value for value in vars(module).values() if isinstance(value, type) and value.__module__ == name]
    kinds = [kind for kind in own if _is_sink(kind)]
    if given is None and len(kinds) != 1:
        found = ", ".join(kind.__name__ for kind in kinds) or "none"
        raise BackendLoadError(
            f"{where} must have one class with the calls frame and write, or a headway.sink.Renderer named renderer. "
            f"Classes found: {found}."
        )
    try:
        return of_object(kinds[0] if given is None else given)[1]
    except (TypeError, ValueError) as error:
        raise BackendLoadError(f"{where} cannot be used: {error}") from error
