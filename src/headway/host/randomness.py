"""The random numbers of the program, which go on as if nothing had been loaded for headway."""

from __future__ import annotations

import sys

from headway.notation import Any

__all__ = ["Kept"]


class Kept:
    """Keeps the state of the module `random` for a block: rich takes a number from it at its import."""

    def __enter__(self) -> None:
        self._random: Any = sys.modules.get("random")
        self._state = None if self._random is None else self._random.getstate()

    def __exit__(self, *error: object) -> None:
        if self._state is not None:
            self._random.setstate(self._state)
