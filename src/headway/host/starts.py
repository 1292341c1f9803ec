"""The start and the end of worker processes by `multiprocessing`, which forks in one of its three ways alone."""

from __future__ import annotations

import functools
from collections.abc import Callable

from headway.notation import Any

__all__ = ["follow"]


def follow(starts: Callable[[], object], ends: Callable[[int], object]) -> None:
    """Have something done before a process is started, and before the program ends one that is at work.

    Args:
        starts: Called in the thread that starts the process. If it raises, that is told, and the process starts.
        ends: Called with the number of the process, in the thread that ends it; so with its errors.
    """
    import multiprocessing.process  # loaded already, but for a notebook

    process: Any = multiprocessing.process.BaseProcess
    _precede(process, "start", lambda _process: starts())
    for name in ("terminate", "kill"):
        _precede(process, name, lambda process: ends(process.pid))


def _precede(kind: Any, name: str, act: Callable[[Any], object]) -> None:
    real = getattr(kind, name)

    @functools.wraps(real)
    def call(process: Any) -> Any:
        try:
            act(process)
        except Exception as error:
            from headway.format import in_words  # not for `import headway`
            from headway.host.faults import tell

            tell(f"process {name}", f"At {name}() of a process headway raised {in_words(error)}. Please report this.")
        return real(process)

    setattr(kind, name, call)
