"""The start of a process by `multiprocessing`, which forks in one of its three ways alone."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

from headway.notation import Any

__all__ = ["follow"]


def follow(act: Callable[[], object]) -> None:
    """Have something done before each start of a process.

    Args:
        act: Does it, in the thread that starts the process. If it raises, that is told, and the process starts.
    """
    module: Any = sys.modules["multiprocessing.process"]
    start = module.BaseProcess.start

    @functools.wraps(start)
    def started(self: object) -> object:
        try:
            act()
        except Exception as error:
            from headway.format import in_words  # not for `import headway`
            from headway.host.faults import tell

            tell("start", f"The start of a process raised {in_words(error)} in headway. Please report this.")
        return start(self)

    module.BaseProcess.start = started
