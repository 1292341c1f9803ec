"""A callback that a model keeps, and that is pickled with it: into a file without headway, to a worker as it is."""

from __future__ import annotations

from copyreg import _reconstructor  # type: ignore[attr-defined]  # makes an object without a call of its class
from typing import Any

from headway.doors.callers import modules

__all__ = ["KeptByModels"]

CARRIERS = {
    "copy",
    "distributed.protocol.pickle",
    "joblib.externals.loky.backend.reduction",
    "joblib.pool",
    "loky.backend.reduction",
    "multiprocessing.reduction",
    "ray._private.serialization",
}
"""Modules that copy objects, or pickle them for another process of the same job."""


class KeptByModels:
    """A callback that is pickled into a file as an object of the framework's own class, which does nothing.

    So a saved model can be loaded if headway is not installed. A loaded model shows progress if a callback is set anew.
    """

    def _silent(self) -> type:
        """Return the framework's class of callbacks, the hooks of which do nothing."""
        raise NotImplementedError

    def __reduce_ex__(self, protocol: Any) -> Any:
        return super().__reduce_ex__(protocol) if _is_carried() else (_reconstructor, (self._silent(), object, None))


def _is_carried() -> bool:
    return any(module in CARRIERS for module in modules())
