"""Changing other people's classes and modules: it can be taken back, works for later imports, and does no harm."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from headway.format import in_words
from headway.host.faults import tell

__all__ = ["Patches", "contain", "when_imported"]

_MISSING = object()


class Patches:
    """Attributes that were changed, and what they were before."""

    def __init__(self) -> None:
        self._before: list[tuple[type | ModuleType, str, object]] = []

    def set(self, owner: type | ModuleType, name: str, value: object) -> None:
        """Change an attribute of a class or module; one that does not have it of its own gets it."""
        self._before.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put the very objects back that were there before."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


def contain(what: str, act: Callable[[], Any]) -> Any:
    """Run a function that must not raise into the library that is captured; its trouble is told once."""
    try:
        return act()
    except Exception as error:
        tell(
            f"capture {what} {type(error)}",
            f"Showing a bar of another library raised {in_words(error)} while {what}. The program goes on.",
        )
        return None


def when_imported(name: str, act: Callable[[ModuleType], None]) -> Callable[[], None]:
    """Call a function with a module: now if it has been imported, else as soon as it is.

    Returns:
        What takes the wish back.
    """
    module = sys.modules.get(name)
    if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
        contain(f"changing {name}", lambda: act(module))
        return lambda: None
    finder = _Waiting(name, act)
    sys.meta_path.insert(0, finder)
    return finder.stop


class _Waiting(MetaPathFinder):
    """Waits for one module. Others find and load it; it is only told when that is done."""

    def __init__(self, name: str, act: Callable[[ModuleType], None]) -> None:
        self._name = name
        self._act = act

    def stop(self) -> None:
        """Wait no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Have the others find the module that is waited for."""
        if fullname != self._name:
            return None
        for finder in sys.meta_path:
            find = None if isinstance(finder, _Waiting) else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Telling(spec.loader, self._loaded)
                return spec
        return None

    def _loaded(self, module: ModuleType) -> None:
        self.stop()
        contain(f"changing {self._name}", lambda: self._act(module))


class _Telling(Loader):
    """Loads a module by its own loader, gives that loader back its place, and tells."""

    def __init__(self, loader: Any, tell: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._tell = tell

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Do as the module's own loader does."""
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and tell."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._tell(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
