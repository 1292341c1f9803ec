"""`alive_bar` and `alive_it`, reporting to headway: the person at the run chooses the renderer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Generic, TypeVar

from headway.doors.callers import opened_by
from headway.host import endings
from headway.imitation import arguments
from headway.imitation.alive import look
from headway.imitation.alive.handle import Handle
from headway.imitation.alive.names import UNIT_SCALES
from headway.imitation.alive.options import Config, config_handler
from headway.imitation.bar import Reported
from headway.reporting.opening import opener
from headway.snapshot import State

__all__ = ["AliveItems", "alive_bar", "alive_it"]

T = TypeVar("T")


def alive_bar(
    total: int | None = None, *, calibrate: float | None = None, **options: Any
) -> AbstractContextManager[Handle]:
    """Report a block in which the program counts: `bar()` is one unit.

    `with alive_bar(1000) as bar: ...` is its use.

    The options are those of alive-progress. What each comes to under headway's renderers is listed in
    docs/coming-from-alive-progress.md.

    Args:
        total: Units in all; `None` and 0 mean unknown.
        calibrate: No effect: headway draws ten times a second.
        options: Further options, such as `title`, `manual`, `unit`, `scale`, `file`, `disable`.

    Raises:
        ValueError: There is no such option, or it does not take this value.
        TypeError: The total is no whole number.
    """
    del calibrate
    return _block(config_handler(**options), _known(total))


def alive_it(
    it: Iterable[T],
    total: int | None = None,
    *,
    finalize: Callable[[Handle], object] | None = None,
    calibrate: float | None = None,
    **options: Any,
) -> AliveItems[T]:
    """Report the items of a loop.

    `for item in alive_it(items): ...` is its use.

    Args:
        it: The items.
        total: How many there are, by default as many as the iterable says; 0 means unknown.
        finalize: Is called with the bar when the loop has come to its end, to set the last title and text.
        calibrate: No effect.
        options: Further options, as those of `alive_bar`.

    Returns:
        The items; once the loop has begun it has what the handle of `alive_bar` has, but for the call.

    Raises:
        ValueError: There is no such option, or it does not take this value.
        TypeError: The total is no whole number, or there is nothing to loop over.
        UserWarning: `manual=True`: the loop counts.
    """
    del calibrate
    config = config_handler(**options)
    if config.manual:
        raise UserWarning("Manual mode can't be used in iterator adapter.")
    known, estimated = arguments.length(it) if total is None else (_known(total), False)
    return AliveItems(iter(it), finalize, config, known, estimated=estimated)


def _known(total: Any) -> int | None:
    if total is not None and not isinstance(total, int):
        raise TypeError(f"integer argument expected, got '{type(total).__name__}'.")
    return total if total and total > 0 else None


def _made(config: Config, total: int | None, *, estimated: bool = False) -> Reported:
    of_hundred = config.manual and total is None
    return Reported(
        100 if of_hundred else total,
        unit="%" if of_hundred else config.unit.strip() or "it",
        unit_scale=UNIT_SCALES[config.scale],
        estimated=estimated,
        leave=None if config.receipt else False,
        name=opened_by("alive_progress"),
    )


def _show(bar: Reported, config: Config) -> None:
    if not config.disable:
        opener(look.template(config), look.options(config), None, config.file)(bar)


@contextmanager
def _block(config: Config, total: int | None) -> Iterator[Handle]:
    bar = _made(config, total)
    handle = Handle(bar, config, total)
    _show(bar, config)
    bar.enter()
    handle._begin(counts=True)
    try:
        yield handle
    except BaseException as error:
        handle._end()
        bar.end(*endings.explained(error))
        if config.ctrl_c or not isinstance(error, KeyboardInterrupt):
            raise
    else:
        handle._end()
        bar.close()


class AliveItems(Generic[T]):
    """The items of a loop that is reported, and its bar once the loop has begun."""

    _bar: Handle

    def __init__(
        self,
        it: Iterator[T],
        finalize: Callable[[Handle], object] | None,
        config: Config,
        total: int | None,
        *,
        estimated: bool,
    ) -> None:
        self._it = it
        self._finalize = finalize
        self._config = config
        self._total = total
        self._estimated = estimated

    def __iter__(self) -> Iterator[T]:
        if "_bar" in self.__dict__:  # it is looped over once
            return iter(())
        bar = _made(self._config, self._total, estimated=self._estimated)
        handle = Handle(bar, self._config, self._total)
        _show(bar, self._config)
        handle._begin(counts=False)
        bar.surround()
        items = bar.counted(self._it, self._ended)
        self._bar = handle
        return items

    def _ended(self, state: State, reason: str) -> None:
        handle = self._bar
        bar = handle._bar
        if state == "finished" and self._finalize is not None:
            try:
                self._finalize(handle)
            except BaseException as error:
                bar.end(*endings.explained(error))
                raise
        handle._end()
        bar.end(state, reason)

    def __call__(self, *_args: Any, **_kwargs: Any) -> None:
        """Refuse: the loop counts.

        Raises:
            UserWarning: Always.
        """
        raise UserWarning("The bar position is controlled automatically by `alive_it`.")

    def __getattr__(self, name: str) -> Any:
        if "_bar" in self.__dict__:
            return getattr(self._bar, name)
        raise UserWarning("Configure this bar either via `alive_it()` or after iterating it.")

    def __setattr__(self, name: str, value: Any) -> None:
        if "_bar" in self.__dict__:
            setattr(self._bar, name, value)
        else:
            super().__setattr__(name, value)
