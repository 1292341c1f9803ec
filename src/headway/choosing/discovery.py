"""What is installed: backends and widgets by name, found through entry points and loaded through pluggy.

The only module that knows either. Nothing is imported before its name has been chosen.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from time import time

from headway.choosing.inspection import flaw_of_renderer, line_of, line_of_error, misfit, option_names
from headway.errors import BackendLoadError, UnknownBackendError
from headway.format import in_words
from headway.host import randomness
from headway.host.faults import warn_once
from headway.notation import TYPE_CHECKING, Any, NamedTuple
from headway.sink import Renderer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from headway.snapshot import Snapshot

__all__ = [
    "BUILT_IN",
    "OFF",
    "Backend",
    "backends",
    "brought_by",
    "cure",
    "for_notebooks",
    "inspect",
    "installed",
    "load",
    "load_widget",
    "names",
    "origin",
    "tell_rivals",
    "version",
    "widget_names",
]

BUILT_IN = {name: f"headway.sinks.{name}" for name in ("events", "logging", "plain", "spoken", "web")}
BUILT_IN |= {name: f"headway.sinks.{name}.sink" for name in ("notebook", "rows")}
OFF = "off"
RENDERERS = "headway"
"""The group of entry points of renderers."""
NOTEBOOK = "headway.notebook"
"""The group of those that detection may choose in a notebook."""
WIDGETS = "headway.widgets"
HOOKS = " headway's hooks are headway_renderer() and headway_widget(name)."


class Plugin(NamedTuple):
    """An entry point, with the distribution that brings it."""

    entry: EntryPoint
    distribution: str
    """Its name, which a file is read for: once, and not for each bar."""


class Backend(NamedTuple):
    """One backend as `headway.backends()` lists it."""

    name: str
    distribution: str
    """The distribution that brings it, with its version."""
    library: str = ""
    """The distribution that draws for it, with its version."""
    problem: str = ""
    """Why it cannot be used; empty when it can."""
    draws: str = ""
    """The place that it draws on, see `headway.sink.Draws`; empty if it cannot be used."""
    options: tuple[str, ...] = ()
    """The names of its options."""

    @property
    def available(self) -> bool:
        """Whether it can be used."""
        return not self.problem


@functools.lru_cache(maxsize=1)
def installed() -> Mapping[str, list[Plugin]]:
    """Plugins by backend name; of several `headway-<name>` comes first, else the alphabet decides."""
    return _plugins(NOTEBOOK, RENDERERS)


def for_notebooks() -> list[str]:
    """Return the names of the backends that are made for a notebook, in the order of the alphabet.

    The group of its entry point tells this of a renderer, so that nothing is imported to find out.
    """
    return sorted(name for name, plugins in installed().items() if plugins[0].entry.group == NOTEBOOK)


@functools.lru_cache(maxsize=1)
def _installed_widgets() -> Mapping[str, list[Plugin]]:
    return _plugins(WIDGETS)


def _plugins(*groups: str) -> Mapping[str, list[Plugin]]:
    from importlib.metadata import entry_points  # heavy: not for the built-in sinks

    every = entry_points()
    entries = [entry for group in groups for entry in every.select(group=group)]
    plugins = [Plugin(entry, entry.dist.name if entry.dist else "an unknown distribution") for entry in entries]
    found: dict[str, list[Plugin]] = {}
    for plugin in sorted(plugins, key=lambda p: (p.distribution != f"headway-{p.entry.name}", p.distribution)):
        others = found.setdefault(plugin.entry.name, [])
        if all(plugin.distribution != other.distribution for other in others):  # it may name it for several places
            others.append(plugin)
    return found


def tell_rivals(name: str) -> None:
    """Warn of distributions that claim a name which another one has; the built-in names cannot be taken."""
    plugins = installed().get(name, [])
    if name in BUILT_IN or name == OFF:
        owner, rivals = "headway itself", plugins
    else:
        owner, rivals = (plugins[0].distribution, plugins[1:]) if plugins else ("", [])
    for _, rival in rivals:
        warn_once(
            f"Two distributions bring a progress backend named {name!r}: {owner}, which is used, and {rival}, "
            f"which is ignored. Uninstall one of them."
        )


def origin(name: str) -> str:
    """Return the distribution that brings a backend which has been loaded; empty for headway's own."""
    return "" if name in BUILT_IN else installed()[name][0].distribution


def names() -> set[str]:
    """Return all names that can be asked for."""
    return {*BUILT_IN, OFF, *installed()}


@functools.cache
def load(name: str) -> Renderer:
    """Import the one plugin of that name and ask it for its renderer.

    Raises:
        UnknownBackendError: Nothing installed has that name.
        BackendLoadError: The plugin is there but fails; the message names its distribution and the cure. One of
            headway's own may lack something, too; then its module has a function `flaw` that says so.
    """
    if name in BUILT_IN:
        from importlib import import_module  # the one sink that is chosen

        module = import_module(BUILT_IN[name])
        if hasattr(module, "flaw") and (flaw := module.flaw()):
            raise BackendLoadError(f"The progress backend {name!r} cannot be used here: {flaw}")
        return module.RENDERER  # type: ignore[no-any-return]
    if name not in installed():
        _look_again()
    if name not in installed():
        raise UnknownBackendError(name, names())
    return _renderer_of(name, installed()[name][0])


_looked_at: list[tuple[str, float]] = []
"""The folders that Python imports from, each with the time of its last change, as they were looked at last."""
TICK = 0.1
"""Seconds within which two changes of a folder may have one time."""


def _look_again() -> None:
    """Find plugins that were installed since the process began. A name that is mistyped is asked for by each bar."""
    global _looked_at
    folders = [(folder, _changed(folder)) for folder in sys.path]
    if folders == _looked_at and time() - max((at for _, at in folders), default=0.0) > TICK:
        return
    from importlib import invalidate_caches  # heavy: for names that are not known

    _looked_at = folders
    invalidate_caches()
    installed.cache_clear()
    _installed_widgets.cache_clear()


def _changed(folder: str) -> float:
    """Return the time of the last change in a folder, 0 if there is none."""
    try:
        return os.stat(folder or os.curdir).st_mtime
    except (OSError, ValueError):
        return 0.0


def widget_names() -> set[str]:
    """Return the names of all widgets that plugins bring."""
    return set(_installed_widgets())


@functools.cache
def load_widget(name: str) -> Callable[[Snapshot], str]:
    """Import the one plugin that brings a widget of that name and ask it for it.

    In the place of a widget that its plugin cannot give stands one that raises the reason, which the row then marks.
    """
    plugin = _installed_widgets()[name][0]
    where = f"The widget {name!r} of the distribution {plugin.distribution!r}"
    try:
        widget, hook = _ask(plugin.entry, where, "headway_widget", name=name)
    except BackendLoadError as error:
        return _raising(error)
    if not callable(widget):
        return _raising(
            BackendLoadError(f"{where} is none: its hook headway_widget returned {widget!r:.80}.{_at(line_of(hook))}")
        )
    flaw = misfit(where, getattr(widget, "protocol", 0))
    return _raising(BackendLoadError(f"{flaw}{_at(line_of(hook))}")) if flaw else widget


def _raising(error: BackendLoadError) -> Callable[[Snapshot], str]:
    def widget(_snapshot: Snapshot) -> str:
        raise error

    return widget


def _ask(entry: EntryPoint, where: str, hook: str, **arguments: str) -> Any:
    """Import one plugin, alone, and call a hook of its.

    Raises:
        BackendLoadError: It cannot be imported, lacks the hook, or raises.
    """
    import pluggy  # only if a plugin is chosen

    from headway import hookspecs  # it imports pluggy

    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        with randomness.Kept():
            manager.register(entry.load(), name=entry.name)
        manager.check_pending()
    except ImportError as error:
        raise _unimportable(where, error, entry) from error
    except pluggy.PluginValidationError as error:
        words = str(error).splitlines()[-1]
        raise BackendLoadError(f"{where} has a hook that headway cannot call: {words}{HOOKS}") from error
    except (Exception, SystemExit) as error:  # a stranger's plugin may raise anything; it must not end the program
        raise _raised(where, error) from error
    implementations = getattr(manager.hook, hook).get_hookimpls()
    if not implementations:
        raise BackendLoadError(f"{where} has no function {hook} that is marked with headway.hookspecs.hookimpl.")
    try:
        with randomness.Kept():
            return getattr(manager.hook, hook)(**arguments), implementations[0].function
    except ImportError as error:
        raise _unimportable(where, error, entry) from error
    except (Exception, SystemExit) as error:  # as above
        raise _raised(where, error) from error


def _unimportable(where: str, error: ImportError, entry: EntryPoint) -> BackendLoadError:
    return BackendLoadError(f"{where} cannot be imported: {error}.{_at(line_of_error(error))}{_cure(entry)}")


def _raised(where: str, error: BaseException) -> BackendLoadError:
    return BackendLoadError(f"{where} raised {in_words(error)} while loading.{_at(line_of_error(error))}")


def _at(line: str) -> str:
    return f" ({line})" if line else ""


def _cure(entry: EntryPoint) -> str:
    lacking = _lacking(entry)
    return f" Try: pip install {' '.join(map(repr, lacking))}" if lacking else ""


def cure(name: str) -> str:
    """Return the command that installs the requirements of a backend's distribution that are missing, if any are."""
    return "" if name in BUILT_IN or name not in installed() else _cure(installed()[name][0].entry)


def _lacking(entry: EntryPoint) -> list[str]:
    import re  # heavy, as is the next: for a plugin that cannot be imported
    from importlib import metadata

    lacking = []
    for requirement in (entry.dist.requires or []) if entry.dist else []:
        wanted, _, marker = requirement.partition(";")
        name = re.match(r"[\w.-]+", wanted.strip())
        if name is None or "extra" in marker:
            continue
        try:
            metadata.version(name.group())
        except metadata.PackageNotFoundError:
            lacking.append(wanted.strip())
    return lacking


def _renderer_of(name: str, plugin: Plugin) -> Renderer:
    where = f"The progress backend {name!r} of the distribution {plugin.distribution!r}"
    renderer, hook = _ask(plugin.entry, where, "headway_renderer")
    if not isinstance(renderer, Renderer):
        raise BackendLoadError(
            f"{where} gave no headway.sink.Renderer but {renderer!r:.80}: its hook headway_renderer must return one."
            f"{_at(line_of(hook))}"
        )
    flaw = misfit(where, renderer.protocol)
    if not flaw and (flaw := flaw_of_renderer(renderer)):
        flaw = f"{where} cannot be used: {flaw}."
    if flaw:
        raise BackendLoadError(f"{flaw}{_at(line_of(hook))}")
    return renderer


def backends() -> list[Backend]:
    """List every backend that is installed, whether it can be used, and why not.

    This imports all renderer plugins; a bar imports only the one that is chosen.
    """
    return [inspect(name) for name in [*sorted(names() - {OFF}), OFF]]


def brought_by(name: str) -> str:
    """Return the distribution that brings a backend, with its version."""
    return version("headway" if name in BUILT_IN or name == OFF else installed()[name][0].distribution)


def inspect(name: str) -> Backend:
    """Return one backend as `backends` lists it."""
    if name == OFF:
        return Backend(OFF, brought_by(OFF))
    tell_rivals(name)
    distribution = brought_by(name)
    try:
        renderer = load(name)
    except BackendLoadError as error:
        return Backend(name, distribution, problem=str(error))
    options = tuple(option_names(renderer))
    library = version(renderer.library) if renderer.library else ""
    return Backend(
        name,
        distribution,
        library,
        draws=renderer.draws if isinstance(renderer.draws, str) else "by its options",
        options=options,
    )


def version(distribution: str) -> str:
    """Return a distribution with its version, in words."""
    from importlib import metadata  # heavy: for lists of backends alone

    try:
        return f"{distribution} {metadata.version(distribution)}"
    except metadata.PackageNotFoundError:
        return f"{distribution} (not installed)"
