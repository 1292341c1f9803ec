"""One metric: how it is to be shown, and which of its values are kept."""

from __future__ import annotations

from headway import format as fmt
from headway.format import shown
from headway.notation import TYPE_CHECKING, Literal
from headway.reporting import arguments

if TYPE_CHECKING:
    from typing import Final  # from typing itself, or pyright does not know it

__all__ = ["Metric"]

_ARGUMENTS = ("name", "format", "smooth", "best", "summary", "priority", "local", "every")


class Metric:
    """How one metric is to be shown: `headway.get_bar(100, metrics=[Metric("accuracy", best="max", format=".1%")])`.

    Metrics stand in the order of this list, then in that of their first report.

    Args:
        name: The name that it is reported by.
        format: A format spec for the number, such as `.2f` or `.1%`; by default four significant digits.
        smooth: Show an exponential mean over about so many units of the bar instead of the last value; 0 for none.
            With `d` units since the value before, `mean += (1 - exp(-d / smooth)) * (value - mean)`.
        best: Which side is better, `"min"` or `"max"`. The best value so far is marked `*`, and the last frame says
            what it was and at which count it was reported. Python numbers are all compared; of tensors and callables
            those that were read for a frame, and the last one.
        summary: Whether the last frame says the first and, where there is a better side, the best value.
            By default where there is a better side.
        priority: How soon it gives way in a narrow row: the lower, the sooner. Rate 4, elapsed 5, remaining time 6.
            By default 5, and 6 where there is a better side.
        every: Whether each tensor that is reported is read, for `best`, `smooth` and the sinks that ask for all values
            (`headway.sink.Renderer.points`). It is kept until the next frame and read then, which may wait for the
            device; up to 10 000 are kept. By default one tensor a frame is read, and the last one.
        local: Whether a function of it asks no other process. In a job of several ranks only such functions are called,
            for only the rank that draws would call it: one that gathers from all ranks would wait for ever.

    Raises:
        TypeError: The name or the format is no text, or a number is none.
        ValueError: There is no such format or side, or `smooth` is negative.
    """

    __slots__ = ("best", "every", "format", "local", "name", "priority", "smooth", "summary")

    def __init__(  # noqa: PLR0917  # some have been written with values in their order
        self,
        name: str,
        format: str = "",  # noqa: A002  # the word of Python's own format()
        smooth: float = 0.0,
        best: Literal["", "min", "max"] = "",
        summary: bool | None = None,
        priority: int | None = None,
        local: bool = False,
        every: bool = False,
    ) -> None:
        name = arguments.text("The name of a Metric", name)
        spec = arguments.text("The format of a Metric", format)
        try:
            (0.5).__format__("much too wide" if fmt.excessive(spec) else spec)
        except ValueError as error:
            raise ValueError(
                f"The metric {name!r} cannot be formatted with {spec!r}: {error}. "
                f"Expected a format spec for a number, such as '.2f' or '.1%'."
            ) from None
        if not isinstance(best, str) or best not in ("", "min", "max"):
            raise ValueError(f"The better side of the metric {name!r} must be 'min' or 'max', not {shown(best)}.")
        if priority is None:
            priority = 6 if best else 5
        if not isinstance(priority, int):
            raise TypeError(f"The priority of the metric {name!r} must be a whole number, not {shown(priority)}.")
        smooth = float(arguments.count(f"smooth of the metric {name!r}", smooth))
        self.name: Final[str] = name
        self.format: Final[str] = spec
        self.smooth: Final[float] = smooth
        self.best: Final[Literal["", "min", "max"]] = best
        self.summary: Final[bool | None] = summary
        self.priority: Final[int] = priority
        self.local: Final[bool] = local
        self.every: Final[bool] = every

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, name):
            raise AttributeError(f"A Metric cannot be changed: {name!r} belongs where it is made.")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A Metric cannot be changed: {name!r} stays.")

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in _ARGUMENTS)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Metric) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"Metric({', '.join(f'{name}={getattr(self, name)!r}' for name in _ARGUMENTS)})"

    @property
    def compares(self) -> bool:
        """Whether each value matters, not only the one that is shown."""
        return bool(self.best or self.smooth)
