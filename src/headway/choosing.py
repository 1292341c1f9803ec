"""Which sinks show a bar: what is installed, who decides, and loading the one that was chosen.

The only module that knows pluggy and entry points. Nothing is imported before its name has been chosen.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from headway import environment
from headway.config import configured_backend
from headway.errors import BackendLoadError, BackendOptionError, UnknownBackendError, warn_once
from headway.sink import PROTOCOL, ProgressSink, Renderer
from headway.stream import Stream

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Backend", "Choice", "Decision", "Wish", "backends", "decide", "make_sink", "parse"]

NOTHING: Mapping[str, Any] = MappingProxyType({})
PREFERENCE = ("tqdm", "progressbar2", "alive")
"""headway's own terminal renderers, in the order that detection looks for them."""
BUILT_IN = {"events": "headway.sinks.events", "plain": "headway.sinks.plain"}
OFF = "off"
HINT = "headway: for a live progress bar in this terminal: pip install 'headway[tqdm]'\n"


# ── what is there ────────────────────────────────────────────────────────────────────────────────────────────────────


class Backend(NamedTuple):
    """One backend as `headway.backends()` lists it."""

    name: str
    distribution: str
    """The distribution that brings it, with its version."""
    library: str = ""
    """The distribution that draws for it, with its version."""
    problem: str = ""
    """Why it cannot be used; empty when it can."""

    @property
    def available(self) -> bool:
        """Whether it can be used."""
        return not self.problem


@functools.lru_cache(maxsize=1)
def _entry_points() -> Mapping[str, list[EntryPoint]]:
    """Entry points by backend name; of several `headway-<name>` comes first, else the alphabet decides."""
    from importlib.metadata import entry_points

    found: dict[str, list[EntryPoint]] = {}
    for entry in sorted(entry_points(group="headway"), key=lambda e: (_dist(e) != f"headway-{e.name}", _dist(e))):
        found.setdefault(entry.name, []).append(entry)
    return found


def _tell_rivals(name: str) -> None:
    """Warn of distributions that claim a name which another one has; the built-in names cannot be taken."""
    entries = _entry_points().get(name, [])
    if name in BUILT_IN or name == OFF:
        owner, rivals = "headway itself", entries
    else:
        owner, rivals = (_dist(entries[0]), entries[1:]) if entries else ("", [])
    for rival in rivals:
        warn_once(
            f"Two distributions bring a progress backend named {name!r}: {owner}, which is used, and {_dist(rival)}, "
            f"which is ignored. Uninstall one of them."
        )


def _dist(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown distribution"


def _names() -> set[str]:
    return {*BUILT_IN, OFF, *_entry_points()}


@functools.cache
def load(name: str) -> Renderer:
    """Import the one plugin of that name and ask it for its renderer.

    Raises:
        UnknownBackendError: Nothing installed has that name.
        BackendLoadError: The plugin is there but fails; the message names its distribution and the cure.
    """
    if name in BUILT_IN:
        from importlib import import_module

        return import_module(BUILT_IN[name]).RENDERER  # type: ignore[no-any-return]
    if name not in _entry_points():
        raise UnknownBackendError(name, _names())
    return _renderer_of(name, _entry_points()[name][0])


def _renderer_of(name: str, entry: EntryPoint) -> Renderer:
    import pluggy

    from headway import hookspecs

    where = f"The progress backend {name!r} of the distribution {_dist(entry)!r}"
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(entry.load(), name=name)
        renderer = manager.hook.headway_renderer()
    except ImportError as error:
        missing = f"pip install {error.name}" if error.name else f"pip install --force-reinstall {_dist(entry)}"
        raise BackendLoadError(f"{where} cannot be imported: {error}. Try: {missing}") from error
    except (Exception, SystemExit) as error:  # a stranger's plugin may raise anything; it must not end the program
        raise BackendLoadError(f"{where} raised {type(error).__name__} while loading: {error}") from error
    if not isinstance(renderer, Renderer):
        raise BackendLoadError(
            f"{where} gave no headway.sink.Renderer but {renderer!r}: its hook headway_renderer must return one."
        )
    if renderer.protocol > PROTOCOL:
        raise BackendLoadError(
            f"{where} needs version {renderer.protocol} of the renderer protocol, this headway has {PROTOCOL}. "
            f"Try: pip install --upgrade headway"
        )
    return renderer


def backends() -> list[Backend]:
    """List every backend that is installed, whether it can be used, and why not.

    This imports all renderer plugins; a bar imports only the one that is chosen.
    """
    return [_inspect(name) for name in sorted(_names() - {OFF})] + [Backend(OFF, _version("headway"))]


def _inspect(name: str) -> Backend:
    _tell_rivals(name)
    distribution = _version("headway" if name in BUILT_IN else _dist(_entry_points()[name][0]))
    try:
        renderer = load(name)
    except BackendLoadError as error:
        return Backend(name, distribution, problem=str(error))
    return Backend(name, distribution, _version(renderer.library) if renderer.library else "")


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return f"{distribution} (not installed)"


# ── what is wished for ───────────────────────────────────────────────────────────────────────────────────────────────


class Wish(NamedTuple):
    """One backend as asked for: its name, and options as text (from a query) or as values (from code)."""

    name: str
    query: Mapping[str, str] = NOTHING
    values: Mapping[str, Any] = NOTHING


@functools.lru_cache
def parse(text: str) -> tuple[Wish, ...]:
    """Read `tqdm`, `tqdm,events?path=run.jsonl` or `off`. In a query `%2C` stands for a comma, as in URLs.

    Raises:
        ValueError: There is no name in it.
    """
    wishes = tuple(_parse_one(part.strip()) for part in text.split(",") if part.strip())
    if not wishes:
        raise ValueError(f"{text!r} names no backend; expected a name such as 'tqdm', several with commas, or 'off'.")
    return wishes


def _parse_one(part: str) -> Wish:
    name, _, query = part.partition("?")
    if not query:
        return Wish(name)
    from urllib.parse import parse_qsl

    return Wish(name, dict(parse_qsl(query, keep_blank_values=True)))


# ── who decides ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Choice(NamedTuple):
    """A backend that will show a bar, loaded, with its options read."""

    name: str
    renderer: Renderer
    options: Mapping[str, Any] = NOTHING


class Decision(NamedTuple):
    """What shows a bar, who decided it, and why."""

    choices: tuple[Choice, ...]
    source: str
    reason: str


def decide(file: TextIO, *, used: tuple[Wish, ...] = (), argument: str | None = None) -> Decision:
    """Choose the sinks for one bar: the closest to the run wins.

    Args:
        file: The stream that the bar is for.
        used: What `headway.use()` set.
        argument: What the code that made the bar asks for.

    Raises:
        UnknownBackendError: The argument names no backend. The same mistake in the environment or a file only warns.
        BackendOptionError: The argument or `use()` has an option that the backend does not have.
    """
    asked = os.environ.get("HEADWAY_BACKEND", "").strip()
    if asked:
        return _heed(asked, "the environment variable HEADWAY_BACKEND", file)
    if used:
        return _take(used, "headway.use()", file)
    if argument is not None:
        return _take(parse(argument), "the argument backend=", file)
    configured = configured_backend()
    if configured is not None:
        return _heed(configured[0], configured[1], file)
    return detect(file)


def check(wishes: tuple[Wish, ...]) -> None:
    """Raise now what is wrong with wishes that will be followed later; a broken plugin is told when it is.

    Raises:
        UnknownBackendError: Nothing installed has that name.
        BackendOptionError: The backend does not have such an option.
    """
    for wish in wishes:
        with contextlib.suppress(BackendLoadError):
            if wish.name != OFF:
                _choice(wish)


def detect(file: TextIO) -> Decision:
    """Choose by what is there: a live bar in a terminal, plain lines anywhere else."""
    if not environment.is_terminal(file):
        kind = "a notebook" if environment.in_notebook() else "no terminal"
        return Decision((Choice("plain", load("plain")),), "detection", f"the output goes to {kind}")
    for name in PREFERENCE:
        if name in _entry_points():
            try:
                return Decision((Choice(name, load(name)),), "detection", f"a terminal, and {name} is installed")
            except BackendLoadError as error:
                warn_once(str(error))
    return Decision((Choice("plain", load("plain"), {"hint": HINT}),), "detection", "a terminal, but no live renderer")


def _take(wishes: tuple[Wish, ...], source: str, file: TextIO) -> Decision:
    """Follow what code asks for: mistakes raise, but a broken plugin gives way to detection."""
    try:
        return Decision(tuple(_choice(wish) for wish in wishes if wish.name != OFF), source, f"{source} asks for it")
    except BackendLoadError as error:
        return _fall_back(error, source, file)


def _heed(text: str, source: str, file: TextIO) -> Decision:
    """Follow what a person wrote outside the code: whatever is wrong with it warns and gives way to detection."""
    try:
        return _take(parse(text), source, file)
    except (UnknownBackendError, BackendOptionError, ValueError) as error:
        return _fall_back(error, source, file)


def _fall_back(error: Exception, source: str, file: TextIO) -> Decision:
    decision = detect(file)
    instead = ", ".join(choice.name for choice in decision.choices)
    warn_once(f"{error} (asked for by {source}; using {instead} instead)", stacklevel=6)
    return Decision(decision.choices, "detection", f"what {source} asks for cannot be used, and {decision.reason}")


def _choice(wish: Wish) -> Choice:
    renderer = load(wish.name)
    if wish.name not in BUILT_IN:  # those cannot be taken, and looking for who tries costs an import
        _tell_rivals(wish.name)
    return Choice(wish.name, renderer, read_options(wish.name, renderer, wish.query, wish.values))


def read_options(
    name: str, renderer: Renderer, query: Mapping[str, str], values: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Read and check options, from a query and from code.

    Raises:
        BackendOptionError: The backend has no such option, or cannot read its value.
    """
    read = {}
    for option, value in {**values, **query}.items():
        if option not in renderer.options:
            has = ", ".join(sorted(renderer.options)) or "none"
            raise BackendOptionError(f"The progress backend {name!r} has no option {option!r}. It has: {has}.")
        try:
            read[option] = renderer.options[option](value)
        except (ValueError, TypeError) as error:
            raise BackendOptionError(
                f"The option {option!r} of the progress backend {name!r} cannot be {value!r}: {error}"
            ) from error
    return read


def make_sink(choice: Choice, stream: Stream) -> tuple[str, ProgressSink]:
    """Make the sink for a stream; plain lines where the renderer needs a terminal and the stream is none."""
    sink = choice.renderer.sink(stream)
    if sink.capabilities.needs_terminal and not environment.is_terminal(stream):
        return "plain", load("plain").sink(stream)
    return choice.name, sink
