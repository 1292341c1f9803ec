"""For huggingface_hub: `snapshot_download("me/model", tqdm_class=headway.integrations.huggingface_hub.tqdm)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway.doors.downloads import end_around, is_over, opened
from headway.imitation.tqdm import tqdm as headway_tqdm
from headway.integrations._faults import missing

try:
    from huggingface_hub.utils import are_progress_bars_disabled
    from huggingface_hub.utils import tqdm as hub_tqdm
except ImportError as error:
    raise missing("huggingface_hub", "huggingface_hub", error) from error

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["tqdm"]


class tqdm(headway_tqdm[Any], hub_tqdm):  # type: ignore[misc]  # noqa: N801  # what it stands in for
    """`headway.tqdm.tqdm` for `tqdm_class=` of the hub's downloads, off where the hub's own bars are off.

    That is where `HF_HUB_DISABLE_PROGRESS_BARS` or `disable_progress_bars()` say so, for all bars or for a group of
    them. What the hub shows in terminals only is shown everywhere: as plain lines in a log.

    All that it does is headway's. The hub's class is a base because the hub tells a bar's group to its own kind alone.
    """

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Make one that the tqdm package does not know of."""
        return object.__new__(cls)

    def __init__(self, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        kwargs["disable"] = bool(kwargs.get("disable")) or are_progress_bars_disabled(name)
        super().__init__(*args, **kwargs)
        if not self.disable:
            opened(self.bar)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, traceback)
        if error is not None:
            end_around(self.bar, error)

    def set_description(self, desc: str | None = None, refresh: bool = True) -> None:
        """Set the description."""
        super().set_description(desc, refresh)
        self._close_if_over()

    def set_description_str(self, desc: str | None = None, refresh: bool = True) -> None:
        """Set the description, without a colon."""
        super().set_description_str(desc, refresh)
        self._close_if_over()

    def _close_if_over(self) -> None:
        if is_over(self, self.bar):
            self.close()
