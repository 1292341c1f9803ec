"""A `with` block around work: the work ends by how the block ends."""

from __future__ import annotations

from headway.host import endings
from headway.notation import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from headway.snapshot import State

__all__ = ["Block"]


class Endable(Protocol):
    """**Protocol:** work that can end."""

    def close(self) -> None:
        """End it at its end."""

    def end(self, state: State, reason: str = "") -> None:
        """End it in a state."""


class Block:
    """Ends work with a `with` block: by `close` at the end of the block, in the state of the exception otherwise."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self: Endable,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.end(*endings.explained(error))
