"""The notebook that the program runs in: the cell that runs, its end, and displays in the output of cells.

IPython is not imported: a kernel has done that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from headway.notation import Any

__all__ = ["Cell", "at_end_of_cells", "here", "in_notebook", "publish"]

Cell = Mapping[str, Any]
"""The header of the request by which a front end has had a cell run; its output is what answers that request."""

Act = Callable[[BaseException | None], object]
"""Called at the end of a cell."""

KERNELS = {"ZMQInteractiveShell", "Interpreter"}
"""The shells of ipykernel, from which Colab's and Spyder's are derived, and of the kernel for Pyodide."""


def in_notebook() -> bool:
    """Tell whether this process is a kernel of Jupyter."""
    return _shell() is not None


def _shell() -> Any:
    """Return the shell of a kernel of Jupyter, else `None`: also in a child of the kernel, which cannot publish."""
    ipython = sys.modules.get("IPython")
    found = None if ipython is None else getattr(ipython, "get_ipython", bool)()
    if not found or not KERNELS & {kind.__name__ for kind in type(found).__mro__}:
        return None
    session = getattr(getattr(found, "display_pub", None), "session", None)
    return found if getattr(session, "pid", os.getpid()) == os.getpid() else None


def here() -> Cell | None:
    """Return the cell that runs now, or has run last; `None` if this is no notebook, or the kernel does not tell.

    A task of asyncio has the cell that it was begun in, if the kernel tells cells apart by context variables, as
    ipykernel 7 does. (The streams of ipykernel 6 know it of threads, too, but by numbers that are given out again.)
    """
    parent: Cell | None = getattr(_shell(), "get_parent", dict)()
    return (parent or {}).get("header") or None


def publish(data: Mapping[str, str], display_id: str, cell: Cell | None, *, anew: bool) -> None:
    """Show a display in the output of a cell, or show something else in its place.

    A change belongs to the cell that runs now, for some front ends read nothing else; they find the display by its id.

    Args:
        data: The texts by their media types.
        display_id: The name of the display.
        cell: The cell that it belongs to; by default the one that runs now.
        anew: Whether it is there already.
    """
    shell = _shell()
    if shell is None:
        return
    publisher = shell.display_pub
    session, socket = getattr(publisher, "session", None), getattr(publisher, "pub_socket", None)
    if anew:
        cell = here() or cell
    transient = {"display_id": display_id}
    if cell is None or session is None or socket is None:  # another kernel, or `%%capture`
        publisher.publish(dict(data), transient=transient, update=anew)
        return
    if not anew:
        sys.stdout.flush()
        sys.stderr.flush()
    content = {"data": dict(data), "metadata": {}, "transient": transient}
    session.send(
        socket,
        "update_display_data" if anew else "display_data",
        content,
        parent=dict(cell),
        ident=publisher.topic,
    )


class _Ends:
    """Tells of the ends of cells."""

    def __init__(self) -> None:
        self._acts: list[Act] = []
        self._shell: Any = None

    def add(self, act: Act) -> None:
        """Have a function called at the end of each cell from now on, with the error that the cell ended by."""
        if act not in self._acts:
            self._acts.append(act)
        found = _shell()
        if found is not None and found is not self._shell:
            found.events.register("post_run_cell", self._tell)
            self._shell = found

    def _tell(self, result: Any) -> None:
        for act in self._acts:
            act(result.error_before_exec or result.error_in_exec)


at_end_of_cells = _Ends().add
