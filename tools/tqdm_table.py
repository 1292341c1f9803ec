"""Write the table of docs/coming-from-tqdm.md: every public name of the installed tqdm, and what becomes of it.

`python tools/tqdm_table.py` rewrites the table; `--check` only tells whether it is what it should be.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from door_table import MISSING, NO_EFFECT, OTHER, Table, accepts
from tqdm.std import tqdm as theirs
from tqdm_names import find

from headway.tqdm import tqdm as ours

ROWS = "headway places rows itself"
OFTEN = "headway draws ten times a second, forty where a run begins or ends, and spends 2 % of the time on it at most"
RUN = "the renderer is chosen at the run: `HEADWAY_BACKEND`"
SERVICE = "headway sends nothing to chat services"
METER = "the command `headway` between pipes: [a meter](pipe.md)"
DEPRECATED = "tqdm gave it up"
INNER = "tqdm's inside"

SAID: dict[str, tuple[str, str]] = {
    # modules
    "tqdm.cli": (OTHER, METER),
    **{f"tqdm.contrib.{name}": (MISSING, SERVICE) for name in ("bells", "discord", "slack", "telegram")},
    "tqdm.contrib.utils_worker": (MISSING, "`concurrent.futures` does it"),
    "tqdm.dask": (OTHER, "tqdm's own goes on, shown by headway as [a captured bar](capture.md)"),
    "tqdm.keras": (OTHER, "`headway.integrations.keras.Progress`: [Keras](frameworks/keras.md)"),
    **{f"tqdm.{name}": (MISSING, RUN) for name in ("gui", "rich", "tk")},
    "tqdm.utils": (OTHER, "has `CallbackIOWrapper`"),
    "tqdm.version": (OTHER, "that of tqdm"),
    "tqdm.auto": (OTHER, "the same everywhere, for the renderer is chosen when a bar is made"),
    "tqdm.autonotebook": (OTHER, "as `tqdm.auto`, without its warning"),
    "tqdm.notebook": (OTHER, "in a notebook, too, the renderer decides"),
    # names in modules
    **{f"tqdm.{name}": (MISSING, RUN) for name in ("tqdm_gui", "tgrange")},
    "tqdm.tqdm_pandas": (MISSING, "`tqdm.pandas()`"),
    "tqdm.tqdm_notebook": (OTHER, "the same, without a warning"),
    "tqdm.tnrange": (OTHER, "the same, without a warning"),
    "tqdm.main": (OTHER, METER),
    "tqdm.TMonitor": (MISSING, "there is no monitor thread"),
    "tqdm.TqdmSynchronisationWarning": (MISSING, "there is no monitor thread"),
    "tqdm.__version__": (OTHER, "the version of tqdm whose names these are"),
    "tqdm.contrib.builtin_iterable": (MISSING, DEPRECATED),
    "tqdm.contrib.tzip": (OTHER, "the total is that of the shortest; a `zip` object, so at its speed"),
    "tqdm.contrib.concurrent.process_map": (OTHER, "chunks are counted as the items that they hold"),
    "tqdm.contrib.concurrent.interpreter_map": (OTHER, "no lock for bars in the workers"),
    "tqdm.contrib.concurrent.ensure_lock": (MISSING, "one thread of one process draws"),
    "tqdm.contrib.itertools.product": (OTHER, "an iterator of the bar's, at the speed of `itertools`"),
    "tqdm.asyncio.tqdm_asyncio": (OTHER, "`gather` cancels what is left when its time is up"),
    "tqdm.asyncio.tqdm": (OTHER, "`tqdm_asyncio`"),
    **{
        f"tqdm.notebook.{name}": (OTHER, "without widgets: the renderer shows it")
        for name in ("tnrange", "tqdm", "tqdm_notebook", "trange")
    },
    "tqdm.notebook.TqdmHBox": (MISSING, INNER),
    **{f"tqdm.std.{name}": (MISSING, INNER) for name in ("Bar", "EMA", "TRLock", "TqdmDefaultWriteLock")},
    # arguments
    "ascii": (OTHER, "under the tqdm renderer; others have a look of their own"),
    "bar_format": (OTHER, "the tqdm renderer gets it as it is; others show headway's widgets of the same meaning"),
    "colour": (OTHER, "under the tqdm renderer; an unknown one warns, as there"),
    "disable": (OTHER, "the same; `TQDM_DISABLE` is read when a bar is made, and wins"),
    "dynamic_ncols": (NO_EFFECT, "rows always follow the terminal"),
    "file": (OTHER, "the same stream; where it is no terminal, headway writes plain lines"),
    "gui": (NO_EFFECT, RUN),
    "lock_args": (NO_EFFECT, "reporting never waits for a lock"),
    "maxinterval": (NO_EFFECT, OFTEN),
    "mininterval": (NO_EFFECT, OFTEN),
    "miniters": (NO_EFFECT, OFTEN),
    "ncols": (OTHER, "the row's width under the tqdm renderer; 0 leaves the bar out under all"),
    "nrows": (NO_EFFECT, ROWS),
    "position": (OTHER, f"for comparisons; {ROWS}, in the order in which bars open"),
    "smoothing": (NO_EFFECT, "the estimate is headway's own"),
    "total": (OTHER, "the same; without one the length of `enumerate`, `zip`, `map`, `islice` is found, too"),
    "unit_divisor": (OTHER, "1024 writes `1.50Ki`; with any other number a prefix stands for a thousand"),
    "delay": (OTHER, "the same, to a tenth of a second; `refresh` does not shorten it"),
    # attributes and methods
    "__del__": (OTHER, "closes it"),
    "__reversed__": (OTHER, "goes through the items backwards (tqdm goes forwards)"),
    "__len__": (OTHER, "the same; `TypeError` says what is wrong where there is none"),
    "__exit__": (OTHER, "closes it, and an exception shows as `FAILED`"),
    "__eq__": (OTHER, "the same between bars; unequal to anything else (tqdm raises)"),
    "clear": (NO_EFFECT, "what the program prints stands above the bars; see `external_write_mode`"),
    "display": (NO_EFFECT, "overriding it changes nothing: write a renderer"),
    "dynamic_miniters": (NO_EFFECT, OFTEN),
    "format_dict": (
        OTHER,
        "the same keys, when disabled, too; `rate` is headway's; a subclass may add some",
    ),
    "external_write_mode": (OTHER, "bars leave the terminal, whatever else prints there"),
    "fp": (OTHER, "the stream itself"),
    "get_lock": (OTHER, "a lock for the program's own use, which can be sent to workers"),
    "last_print_n": (NO_EFFECT, OFTEN),
    "last_print_t": (NO_EFFECT, OFTEN),
    "monitor": (OTHER, "always `None`: there is no monitor thread"),
    "monitor_interval": (NO_EFFECT, "there is no monitor thread"),
    "moveto": (MISSING, ROWS),
    "n": (OTHER, "the same, and exact within a loop, too (tqdm's lags behind)"),
    "pos": (OTHER, f"for comparisons; {ROWS}"),
    "refresh": (OTHER, "draws rows and cells at once, at most four times a second; else within a tenth of a second"),
    "set_postfix": (
        OTHER,
        "the same text; tensors are read when a frame is drawn, and numbers reach event files as numbers",
    ),
    "sp": (MISSING, "renderers draw"),
    "start_t": (OTHER, "when it began, pauses left out"),
    "status_printer": (MISSING, "renderers draw"),
    "unpause": (OTHER, "takes the time since the count moved last for a pause, to a tenth of a second"),
    "update": (OTHER, "the same; only a subclass that calls `super().update()` is told whether tqdm would have drawn"),
    "write": (OTHER, "the same; above live bars a text always stands on lines of its own"),
}
"""What is not the same. What stands under a module's name here holds for all that is in it, too."""


def _said(section: str, name: str) -> tuple[str, str] | None:
    said = SAID.get(name)
    if said is None and section == "Names in modules":
        said = _of_module(name.rpartition(".")[0])
    return said


def _is_same(section: str, name: str, found: Any) -> bool:
    check = {
        "Modules": lambda: importlib.import_module(f"headway.{name}") is not None,
        "Names in modules": lambda: _same_in_module(name, found),
        "Arguments of `tqdm(...)`": lambda: _same_argument(name, found),
        "Attributes and methods": lambda: _same_member(name),
    }
    return check[section]()


def _of_module(module: str) -> tuple[str, str] | None:
    """What holds for a whole module that is not there."""
    said = SAID.get(module)
    return (
        said
        if said is not None and (said[0] == MISSING or module in ("tqdm.utils", "tqdm.keras", "tqdm.cli", "tqdm.dask"))
        else None
    )


def _same_in_module(name: str, found: Any) -> bool:
    module, _, last = name.rpartition(".")
    mine = getattr(importlib.import_module(f"headway.{module}"), last, None)
    if isinstance(found, type):
        return isinstance(mine, type) and mine.__name__ == found.__name__
    return mine is not None and accepts(mine, found)


def _same_argument(name: str, found: inspect.Parameter) -> bool:
    mine = list(inspect.signature(ours.__init__).parameters.values())
    names = [parameter.name for parameter in mine][1:]
    place = list(find()["Arguments of `tqdm(...)`"]).index(name)
    return names.index(name) == place and mine[place + 1].default == found.default


def _same_member(name: str) -> bool:
    if not hasattr(theirs, name):  # an attribute of each bar
        with ours(total=1, disable=True) as bar:
            return hasattr(bar, name)
    mine = getattr(ours, name, None)
    return accepts(mine, getattr(theirs, name)) if callable(mine) else mine is not None


TABLE = Table("tqdm", "headway.tqdm", find, _said, _is_same)

if __name__ == "__main__":
    TABLE.main()
