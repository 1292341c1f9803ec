"""The names of `tqdm.utils`."""

from headway.imitation.files import (
    CallbackIOWrapper,
)

__all__ = [
    "CallbackIOWrapper",
]
