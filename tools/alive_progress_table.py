"""Write the table of docs/coming-from-alive-progress.md: every public name of the installed alive-progress.

`python tools/alive_progress_table.py` rewrites the table; `--check` only tells whether it is what it should be.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import alive_progress
from alive_progress.core import configuration, progress
from door_table import MISSING, NO_EFFECT, OTHER, Names, Table, accepts

from headway.imitation.alive.handle import Handle
from headway.imitation.alive.options import DEFAULTS

MODULES = ("animations", "styles", "tools")
"""The public modules; `core` and `utils` are alive-progress's inside."""
OWN = "alive-progress's own, which must be installed for it"
STYLE = "under the alive renderer; others have a look of their own"
OFTEN = "headway draws ten times a second, forty where a run begins or ends"
RUN = "the renderer is chosen at the run: `HEADWAY_BACKEND`"
LAST = "the last frame has what the running row has"
AS_IS = "text above the bars stays as it is printed"

SAID: dict[str, tuple[str, str]] = {
    **{f"alive_progress.{module}.": (OTHER, OWN) for module in ("animations", "styles")},
    "alive_progress.tools.": (MISSING, "alive-progress's inside"),
    "alive_progress.config_handler": (OTHER, "the same calls; styles stay the names or makers that were given"),
    "alive_progress.alive_it": (OTHER, "the same, and the loop runs at the speed of `itertools`"),
    # arguments and options
    "total": (OTHER, "the same; `alive_it` finds the length of `enumerate`, `zip`, `map`, `islice`, too"),
    "calibrate": (NO_EFFECT, OFTEN),
    "refresh_secs": (NO_EFFECT, OFTEN),
    "max_cols": (NO_EFFECT, "rows follow the terminal"),
    **dict.fromkeys(("bar", "dual_line", "length", "spinner", "spinner_length", "theme", "unknown"), (OTHER, STYLE)),
    "title_length": (OTHER, STYLE),
    **dict.fromkeys(("elapsed", "monitor", "stats"), (OTHER, "shown by headway's widgets of the same meaning")),
    **dict.fromkeys(("elapsed_end", "monitor_end", "stats_end"), (OTHER, f"in `receipt()`; {LAST}")),
    "force_tty": (NO_EFFECT, RUN),
    "file": (OTHER, "the same stream; by default `sys.stderr`, where headway shows bars"),
    **dict.fromkeys(("enrich_offset", "enrich_print"), (NO_EFFECT, AS_IS)),
    "receipt": (OTHER, "whether the last frame stays"),
    "precision": (OTHER, "in `monitor` and `receipt()`"),
    "scale": (OTHER, "the same; `SI2` is shown with the prefixes of `IEC`"),
    # the bar
    "bar.bar": (OTHER, "headway's own bar"),
    "bar.receipt": (OTHER, "the same row, in the style `smooth`"),
    "bar.rate": (OTHER, "the same text, of headway's rate"),
    "bar.eta": (OTHER, "the same text, of headway's estimate"),
    "bar.elapsed": (OTHER, "pauses left out, as there"),
}
"""What is not the same. What stands under a name with a dot at its end holds for all that is in that module."""


def find() -> Names:
    """Return all public names, by section."""
    modules = {name: importlib.import_module(f"alive_progress.{name}") for name in MODULES}
    loop = inspect.signature(alive_progress.alive_it).parameters
    block = inspect.signature(alive_progress.alive_bar).parameters
    handle = vars(progress)["__AliveBarHandle"]
    return {
        "Names in modules": {
            **{f"alive_progress.{name}": getattr(alive_progress, name) for name in alive_progress.__all__},
            **{
                f"alive_progress.{name}.{each}": getattr(module, each)
                for name, module in modules.items()
                for each in module.__all__
            },
        },
        "Arguments of `alive_bar(...)` and `alive_it(...)`": {
            name: parameter for name, parameter in {**block, **loop}.items() if name != "options"
        },
        "Options": {"theme": None, **configuration.Config._asdict(alive_progress.config_handler())},
        "The bar": {"bar()": handle.__call__, **{f"bar.{name}": None for name in vars(handle) if name[0] != "_"}},
        "`config_handler`": {f"config_handler.{name}": None for name in vars(alive_progress.config_handler)},
    }


def _said(section: str, name: str) -> tuple[str, str] | None:
    del section
    return SAID.get(name) or SAID.get(f"{name.rpartition('.')[0]}.")


def _is_same(section: str, name: str, found: Any) -> bool:
    check = {
        "Names in modules": lambda: accepts(_ours(name), found),
        "Arguments of `alive_bar(...)` and `alive_it(...)`": lambda: name in ("finalize", "it"),
        "Options": lambda: name == "file" or getattr(DEFAULTS, name) == found,
        "The bar": lambda: name == "bar()" or hasattr(Handle, name.removeprefix("bar.")),
        "`config_handler`": lambda: hasattr(_ours("alive_progress.config_handler"), name.rpartition(".")[2]),
    }
    return check[section]()


def _ours(name: str) -> Any:
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(f"headway.{module}"), last)


TABLE = Table("alive-progress", "headway.alive_progress", find, _said, _is_same)

if __name__ == "__main__":
    TABLE.main()
