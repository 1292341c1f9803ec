"""Write the table of docs/coming-from-progressbar2.md: every public name of the installed progressbar2.

`python tools/progressbar2_table.py` rewrites the table; `--check` only tells whether it is what it should be.
"""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
from typing import Any

import progressbar as package
from door_table import MISSING, NO_EFFECT, OTHER, Names, Table, accepts, public_names
from progressbar.bar import ProgressBar as theirs  # noqa: N813  # a class, as ours beside it
from progressbar.multi import MultiBar

from headway.imitation.progressbar.bar import ProgressBar as ours  # noqa: N813
from headway.imitation.progressbar.multi import MultiBar as OurMultiBar
from headway.progressbar import widgets

OFTEN = "headway draws ten times a second, forty where a run begins or ends"
OWN = "progressbar2's own, which must be installed for it"
WIDGET = (
    "progressbar2's own if it is installed, else a stand-in; a renderer other than progressbar2 shows what it means"
)
ABOVE = "lines of `print` and `logging` always stand above the bars"
RUN = "the renderer draws, and follows the terminal"
INSIDE = "progressbar2's inside"

SAID: dict[str, tuple[str, str]] = {
    # modules
    **dict.fromkeys(("progressbar.algorithms", "progressbar.env", "progressbar.terminal"), (OTHER, OWN)),
    "progressbar.utils": (OTHER, "has `streams`, `len_color` and `AttributeDict`"),
    "progressbar.base": (OTHER, "has `UnknownLength`"),
    "progressbar.widgets": (OTHER, WIDGET),
    # names in modules
    **{
        f"progressbar.bar.{name}": (MISSING, INSIDE)
        for name in ("DefaultFdMixin", "ResizableMixin", "StdRedirectMixin")
    },
    **{f"progressbar.bar.{name}": (OTHER, "`ProgressBar`") for name in ("ProgressBarBase", "ProgressBarMixinBase")},
    **{f"progressbar.utils.{name}": (OTHER, OWN) for name in ("WrappingIO", "deltas_to_seconds", "no_color")},
    **{f"progressbar.base.{name}": (MISSING, "from `typing`") for name in ("IO", "TextIO")},
    # names
    **dict.fromkeys(widgets.NAMES, (OTHER, WIDGET)),
    **dict.fromkeys(
        (
            *("DoubleExponentialMovingAverage", "ExponentialMovingAverage", "SmoothingAlgorithm"),
            "LineOffsetStreamWrapper",
        ),
        (OTHER, OWN),
    ),
    "FastProgressBar": (OTHER, "the same as `ProgressBar`: all bars cost the same"),
    "MultiBar": (OTHER, "a dictionary of bars, each of which is a headway bar"),
    "streams": (OTHER, f"its calls do nothing: {ABOVE}"),
    "__author__": (MISSING, INSIDE),
    "__version__": (OTHER, "the version of progressbar2 whose names are here"),
    # arguments, attributes and methods
    **dict.fromkeys(("poll_interval", "min_poll_interval", "num_intervals", "next_update"), (NO_EFFECT, OFTEN)),
    **dict.fromkeys(("redirect_stdout", "redirect_stderr", "redirect_blank_line"), (NO_EFFECT, ABOVE)),
    **dict.fromkeys(("left_justify", "line_offset", "line_breaks", "enable_colors", "is_terminal"), (NO_EFFECT, RUN)),
    **dict.fromkeys(("is_ansi_terminal", "paused"), (NO_EFFECT, RUN)),
    "widgets": (OTHER, "the progressbar2 renderer draws them; others show headway's widgets of the same meaning"),
    "widget_kwargs": (NO_EFFECT, "the usual row is the renderer's"),
    "default_widgets": (OTHER, "an empty list: the usual row is the renderer's"),
    "custom_len": (OTHER, "for widgets"),
    "term_width": (OTHER, "for widgets; rows follow the terminal"),
    "fast": (NO_EFFECT, "all bars cost the same"),
    "fd": (OTHER, "the same stream; where it is no terminal, headway writes plain lines"),
    "max_value": (OTHER, "the same; without one the length of `enumerate`, `zip`, `map`, `islice` is found, too"),
    "prefix": (OTHER, "the same text, as the description"),
    "suffix": (OTHER, "the same text, as the message"),
    "variables": (OTHER, "the same; numbers reach event files as metrics"),
    "unit_scale": (OTHER, "`Ki`, `Mi`, as there, for the count and the rate"),
    "finish": (OTHER, "the same; `dirty=True` shows as `stopped`"),
    "__exit__": (OTHER, "ends it, and an exception shows as `FAILED`"),
    "__iter__": (OTHER, "the same items, counted by `itertools`; a `break` shows as `stopped`"),
    "__del__": (OTHER, "ends it as `stopped` (progressbar2 jumps to 100 %)"),
    "value": (OTHER, "the same; after a loop of unknown length the number of items (progressbar2: one less)"),
    "data": (OTHER, "the same keys"),
    "update": (OTHER, "the same; `force` has no effect"),
    "print": (OTHER, "prints above the bars"),
    "last_update_time": (OTHER, "now, and in the end its end: it is not known here when a frame is drawn"),
    "updates": (OTHER, "how often `update` was called"),
    "start_time": (OTHER, "the same; as an argument it moves the clock"),
    "dynamic_messages": (OTHER, "to be read"),
    "__getstate__": (MISSING, INSIDE),
    **dict.fromkeys(("get_last_update_time", "set_last_update_time"), (MISSING, "`last_update_time`")),
    **dict.fromkeys(("stdout", "stderr", "signal_set"), (MISSING, INSIDE)),
    # of many
    "MultiBar.fd": (OTHER, "for bars that it makes"),
    "MultiBar.__getitem__": (OTHER, "the same, by `__missing__`"),
    "MultiBar.__delitem__": (OTHER, "a dictionary's own"),
    **{
        f"MultiBar.{name}": (NO_EFFECT, RUN)
        for name in ("start", "render", "flush", "stop", "prepend_label", "append_label", "label_format")
    },
    **{
        f"MultiBar.{name}": (NO_EFFECT, RUN)
        for name in ("initial_format", "finished_format", "update_interval", "show_initial", "show_finished")
    },
    "MultiBar.remove_finished": (NO_EFFECT, RUN),
    "MultiBar.print": (OTHER, "prints above the bars"),
    "MultiBar.run": (OTHER, "waits until all bars have ended"),
}
"""What is not the same."""
ARGUMENTS = "Arguments of `ProgressBar(...)` and `progressbar(...)`"


def find() -> Names:
    """Return all public names, by section."""
    modules = [module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")]
    with package.ProgressBar(max_value=1, fd=io.StringIO()) as bar:
        attributes = {*vars(bar), *dir(theirs)}
    operations = {
        name
        for name in attributes
        if name.startswith("__") and getattr(theirs, name) is not getattr(object, name, None)
    }
    public = {name for name in attributes if not name.startswith("_")}
    return {
        "Modules": dict.fromkeys(f"progressbar.{name}" for name in modules),
        "Names in modules": {
            f"progressbar.{module}.{name}": getattr(importlib.import_module(f"progressbar.{module}"), name)
            for module in modules
            for name in public_names(f"progressbar.{module}")
        },
        "Names": {name: getattr(package, name) for name in package.__all__},
        ARGUMENTS: _arguments(),
        "Attributes and methods": {
            name: getattr(theirs, name, None) for name in sorted(public | operations - _UNSAID) if name != "bar"
        },
        "`MultiBar`": {
            f"MultiBar.{name}": getattr(MultiBar, name, None)
            for name in sorted({*inspect.signature(MultiBar).parameters, *vars(MultiBar)})
            if name[0] != "_" or name in ("__getitem__", "__setitem__", "__delitem__", "__enter__", "__exit__")
        },
    }


_UNSAID = {
    *("__init__", "__new__", "__module__", "__dict__", "__weakref__", "__doc__", "__subclasshook__", "__slots__"),
    *("__init_subclass__", "__dir__", "__firstlineno__", "__static_attributes__", "__abstractmethods__"),
    *(
        "__annotations__",
        "__class_getitem__",
        "__class__",
        "__orig_bases__",
        "__parameters__",
        "__annotate_func__",
        "__annotations_cache__",
    ),
}


def _arguments() -> dict[str, Any]:
    functions = [cls.__init__ for cls in theirs.__mro__ if "__init__" in vars(cls)]
    found: dict[str, Any] = {}
    for function in (*functions, package.progressbar):
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) and name != "self":
                found.setdefault(name, parameter)
    return {**found, "start_time": None}


def _said(section: str, name: str) -> tuple[str, str] | None:
    said = SAID.get(name)
    if said is None and section == "Names in modules":
        module, _, last = name.rpartition(".")
        said = SAID[module] if module in _WHOLE else SAID.get(last)
    return said


def _is_same(section: str, name: str, found: Any) -> bool:
    check = {
        "Modules": lambda: importlib.import_module(f"headway.{name}") is not None,
        "Names in modules": lambda: _same_name(name, found),
        "Names": lambda: _same_name(name, found),
        ARGUMENTS: lambda: _same_argument(name, found),
        "Attributes and methods": lambda: _same_member(ours, theirs, name),
        "`MultiBar`": lambda: _same_member(OurMultiBar, MultiBar, name.partition(".")[2]),
    }
    return check[section]()


_WHOLE = ("progressbar.algorithms", "progressbar.env", "progressbar.terminal", "progressbar.widgets")
"""Modules for which one verdict holds for all that is in them."""


def _same_name(name: str, found: Any) -> bool:
    module, _, last = f"headway.progressbar.{name.removeprefix('progressbar.')}".rpartition(".")
    mine = getattr(importlib.import_module(module), last)
    return mine.__name__ == found.__name__ if isinstance(found, type) else accepts(mine, found)


def _same_argument(name: str, found: Any) -> bool:
    for function in (ours, importlib.import_module("headway.progressbar").progressbar):
        mine = inspect.signature(function).parameters.get(name)
        if mine is not None:
            return mine.default == found.default
    return False


def _same_member(mine: type, of: type, name: str) -> bool:
    if not hasattr(of, name):  # an attribute of each bar, or an argument
        return hasattr(mine(), name) or name in inspect.signature(mine).parameters
    member = getattr(mine, name, None)
    return accepts(member, getattr(of, name)) if callable(member) else member is not None or hasattr(mine(), name)


TABLE = Table("progressbar2", "headway.progressbar", find, _said, _is_same)

if __name__ == "__main__":
    TABLE.main()
