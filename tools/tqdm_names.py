"""Every public name of the installed tqdm, found by looking at tqdm itself: imported if possible, else parsed."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import warnings
from typing import Any

import tqdm as package
from door_table import Names, public_names
from tqdm.std import tqdm

__all__ = ["find"]


def find() -> Names:
    """Return all public names, by section."""
    return {
        "Modules": dict.fromkeys(_modules()),
        "Names in modules": {
            f"{module}.{name}": found for module in ["tqdm", *_modules()] for name, found in _in(module)
        },
        "Arguments of `tqdm(...)`": _arguments(),
        "Attributes and methods": _members(),
    }


def _modules() -> list[str]:
    found = pkgutil.walk_packages(package.__path__, "tqdm.", onerror=lambda _name: None)
    return sorted(module.name for module in found if not module.name.rpartition(".")[2].startswith("_"))


def _in(module: str) -> list[tuple[str, Any]]:
    """Tell what a module has; of one for a library that is not here, the names alone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            imported = importlib.import_module(module)
    except ImportError:
        imported = None
    return [(name, getattr(imported, name, None)) for name in public_names(module)]


def _arguments() -> dict[str, Any]:
    parameters = inspect.signature(inspect.unwrap(tqdm.__init__)).parameters
    return {name: parameter for name, parameter in parameters.items() if name not in ("self", "kwargs")}


def _members() -> dict[str, Any]:
    """Tell what the class has, what its instances have, and the operations that it has of its own."""
    with tqdm(total=1, file=io.StringIO()) as bar:
        names = {*vars(bar), *(name for name in dir(tqdm))}
    operations = {
        name for name in names if name.startswith("__") and getattr(tqdm, name) is not getattr(object, name, None)
    }
    public = {name for name in names if not name.startswith("_")}
    unsaid = {"__init__", "__new__", "__module__", "__dict__", "__weakref__", "__doc__", "__subclasshook__"}
    unsaid |= {"__init_subclass__", "__dir__", "__firstlineno__", "__static_attributes__"}
    return {name: getattr(tqdm, name, None) for name in sorted(public | operations - unsaid)}
