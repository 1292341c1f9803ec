"""The functions that a program calls: they choose, make and forward."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from headway.choosing import selection
from headway.choosing.wishes import Wish, prefer, wishes_of
from headway.drawing.hub import hub
from headway.format import shown
from headway.host import endings
from headway.notation import TYPE_CHECKING, Any, Literal, TextIO, TypeVar, overload
from headway.reporting import arguments
from headway.reporting.bar import Bar
from headway.reporting.metric import Metric
from headway.reporting.opening import Options, opener
from headway.reporting.totals import length_of
from headway.reporting.track import tracked
from headway.snapshot import Number

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from headway.reporting.keywords import Backend, EitherWay, Keywords
    from headway.reporting.track import AsyncTrack, EitherTrack, Track
    from headway.text.layout import Widgets
    from headway.training.loop import Loop
    from headway.training.passes import T, V

A = TypeVar("A")

__all__ = ["Use", "get_bar", "loop", "suspend", "track", "use", "write"]


UnitScale = bool | Literal["", "si", "iec"]


def get_bar(
    total: Number | None = None,
    *,
    desc: str = "",
    unit: str = "it",
    unit_scale: UnitScale = False,
    units: Mapping[str, float] | None = None,
    weights: Iterable[float] | None = None,
    initial: Number = 0,
    estimated: bool = False,
    metrics: Iterable[Metric | str] = (),
    widgets: Widgets | None = None,
    options: Options | None = None,
    backend: Backend | None = None,
    name: str = "",
    parent: Bar | Literal["around"] | None = "around",
    leave: bool | None = None,
    file: TextIO | None = None,
) -> Bar:
    """Open a bar and return it; the first frame is out when this returns, unless four bars have opened within a second.

    Args:
        total: Units in all; `None` or infinity while unknown.
        desc: What is being done, in front of the bar.
        unit: What is counted, in the singular.
        unit_scale: `"si"` or `True` writes 1500 as 1.50k, `"iec"` writes 1536 as 1.50Ki.
        units: Other units, with how many of them one unit is: `{"sample": 64}` shows samples a second too, and
            `{"step": 1 / 4}` counts a step for every four units.
        weights: How much work each unit is, where they are not alike: `[path.stat().st_size for path in paths]`. The
            units are counted; percentage, rate and remaining time go by the weight. Their number is the total.
        initial: Units that an earlier session did: they count, but not towards the rate.
        estimated: Whether the total is an estimate, which is marked `~`.
        metrics: How metrics are to be shown, in their order: `headway.Metric` objects, or names alone.
        widgets: What the row shows: a list of names (`["desc", "bar", "metric.loss"]`), functions of the snapshot and
            texts, or a template such as `"{desc} {bar} {eta}"`; see `headway.widgets`. Widgets and templates of the
            library that draws (progressbar2, tqdm) may be used too; under another one they are left out with one
            warning.
        options: Look-and-feel options by backend, such as `{"tqdm": {"colour": "green"}, "alive": {"theme":
            "classic"}}`. Those for backends that are not chosen are not looked at; what `use()` or the environment
            say of the same option wins.
        backend: The renderer, if neither the environment nor `use()` names one: see `use`.
        name: A dotted name for filters and events, by default the module of the caller.
        parent: The bar that this one is inside of, so that it is a part of one of that bar's units; `None` if it is
            beside all others. By default it is the bar around: the innermost one of this context whose loop has an
            item in hand or whose `with` block was entered, else, in another thread than the main one, that of the main
            thread. A bar that is only updated by hand surrounds no other.
        leave: Whether the last frame stays on the screen; by default it does for a bar that is not nested.
        file: The stream that it is shown on, by default `sys.stderr` as it is now.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: A number is negative or not finite, weights are not as many as units, the unit scale is none, or a
            template cannot be read.
        UnknownWidgetError: There is no widget of a name in the list `widgets`. In a template it may be one of another
            renderer's, so that it only warns.
        UnknownBackendError: `backend` names nothing that is installed.
        BackendOptionError: The chosen backend does not have an option that code gives it.
    """
    bar = Bar(
        total,
        desc=desc,
        unit=unit,
        unit_scale=unit_scale,
        units=units,
        weights=weights,
        initial=initial,
        estimated=estimated,
        metrics=metrics,
        leave=leave,
        name=arguments.text("name", name) or _module_of_caller(),
        parent=parent,
    )
    opens = opener(widgets, options, backend, file)
    try:
        opens(bar)
    except BaseException as error:  # a signal whose handler raises may come just here
        bar.end(endings.of_exception(error))
        raise
    return bar


@overload
def track(iterable: EitherWay[T, A], **about: Unpack[Keywords]) -> EitherTrack[T, A]: ...
@overload
def track(iterable: Iterable[T], **about: Unpack[Keywords]) -> Track[T]: ...
@overload
def track(iterable: AsyncIterable[A], **about: Unpack[Keywords]) -> AsyncTrack[A]: ...
def track(
    iterable: Any,
    *,
    total: Number | None = None,
    desc: str = "",
    unit: str = "it",
    unit_scale: UnitScale = False,
    units: Mapping[str, float] | None = None,
    weights: Iterable[float] | None = None,
    initial: Number = 0,
    estimated: bool = False,
    metrics: Iterable[Metric | str] = (),
    widgets: Widgets | None = None,
    options: Options | None = None,
    backend: Backend | None = None,
    name: str = "",
    parent: Bar | Literal["around"] | None = "around",
    leave: bool | None = None,
    file: TextIO | None = None,
) -> Any:
    """Report a loop's progress: `for item in headway.track(items): ...`, and `async for` likewise.

    Args:
        iterable: The items; an asynchronous iterable if the loop is `async for`.
        total: How many there are; by default what the iterable says.
        desc: See `get_bar`, as for all further arguments.
        unit: What is counted, in the singular.
        unit_scale: Scaling of counts.
        units: Other units.
        weights: How much work each item is, such as its bytes, where they are not alike.
        initial: Units that an earlier session did.
        estimated: Whether the total is an estimate; of one that the iterable says itself this is known.
        metrics: How metrics are to be shown.
        widgets: What the row shows.
        options: Look-and-feel options by backend.
        backend: Who shows it.
        name: A dotted name.
        parent: The bar that it is inside of.
        leave: Whether the last frame stays.
        file: The stream.

    Returns:
        An iterable of the items; its `bar` is the bar.

    Raises:
        TypeError: `iterable` is not one, or an argument is of the wrong type.
        ValueError: As for `get_bar`.
        UnknownBackendError: As for `get_bar`.
        BackendOptionError: As for `get_bar`.
    """
    if not any(hasattr(iterable, way) for way in ("__iter__", "__getitem__", "__aiter__")):
        raise TypeError(
            f"track() takes an iterable, plain or asynchronous, not {shown(iterable)}. "
            f"To count by hand use headway.get_bar(total)."
        )
    name = arguments.text("name", name) or _module_of_caller()
    initial = arguments.count("initial", initial)
    weights = tuple(weights) if weights is not None and isinstance(weights, Iterable) else weights
    if total is None and (length := length_of(iterable)) is not None:
        total, estimated = initial + length.items, length.estimated

    metrics = tuple(metrics)

    def make() -> tuple[Bar, Callable[[Bar], None]]:
        bar = Bar(
            total,
            desc=desc,
            unit=unit,
            unit_scale=unit_scale,
            units=units,
            weights=weights,
            initial=initial,
            estimated=estimated,
            metrics=metrics,
            leave=leave,
            name=name,
            parent=parent,
        )
        return bar, opener(widgets, options, backend, file)

    return tracked(iterable, make)


def loop(
    batches: Iterable[T] | None = None,
    *,
    epochs: int | None = None,
    validation: Iterable[V] | None = None,
    validate_every: int = 1,
    validate_every_batches: int | None = None,
    accumulate: int = 1,
    max_steps: int | None = None,
    max_time: float | None = None,
    desc: str = "training",
    units: Mapping[str, float] | None = None,
    weights: Iterable[float] | None = None,
    metrics: Iterable[Metric | str] = (),
    widgets: Widgets | None = None,
    options: Options | None = None,
    backend: Backend | None = None,
    name: str = "",
    parent: Bar | Literal["around"] | None = "around",
    leave: bool | None = None,
    file: TextIO | None = None,
) -> Loop[T, V]:
    """Describe a training run, to be reported as one: `for epoch in headway.loop(loader, epochs=10): ...`.

    Args:
        batches: The batches of an epoch, by default of each `train()`. Their number is the total, and where they have a
            `batch_size`, as torch's loaders have, samples a second are shown.
        epochs: Epochs in all; `None` where `max_steps` or `max_time` ends the run.
        validation: The batches of a validation, by default of each `validate()`.
        validate_every: Epochs from one validation to the next; what is to come of them is part of the remaining time.
        validate_every_batches: Batches from one validation to the next, instead, where an epoch has several.
        accumulate: Batches whose gradients one optimizer step takes; steps are counted beside the batches.
        max_steps: Optimizer steps after which the run ends.
        max_time: Seconds after which the run ends, those of sessions before a resume included.
        desc: What the run is, in front of its row.
        units: Other units, with how many of them a batch is: `{"token": 64 * 1024}`. See `get_bar`.
        weights: How much work each batch of an epoch is, such as its tokens, where they are not alike, and come in the
            same order in each epoch. See `get_bar`.
        metrics: How metrics are to be shown, in their order. See `get_bar`.
        widgets: What the rows of the epochs show. See `get_bar`, as for all further arguments.
        options: Look-and-feel options by backend.
        backend: Who shows it.
        name: A dotted name.
        parent: The bar that it is inside of.
        leave: Whether the run's last frame stays.
        file: The stream.

    Raises:
        TypeError: `batches` is no iterable, or an argument is of the wrong type.
        ValueError: Nothing says when the run ends, or a number cannot be.
        UnknownBackendError: As for `get_bar`.
        BackendOptionError: As for `get_bar`.
        UnknownWidgetError: As for `get_bar`.
    """
    from headway.training.loop import describe  # a program that reports a bar need not wait for a training run

    described = describe(
        batches,
        epochs=epochs,
        validation=validation,
        validate_every=validate_every,
        validate_every_batches=validate_every_batches,
        accumulate=accumulate,
        max_steps=max_steps,
        max_time=max_time,
        desc=desc,
        units=units,
        weights=weights,
        metrics=metrics,
        name=arguments.text("name", name) or _module_of_caller(),
        parent=parent,
        leave=leave,
    )
    described.opens(opener(widgets, options, backend, file))
    return described


class Use:
    """What `use` returns: as a context manager it takes the choice back at the end of the block."""

    def __init__(self, before: tuple[Wish, ...] | None, scope: object) -> None:
        self._before = before
        self._scope = scope

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        prefer(self._before)
        hub.retire(self._scope)


def use(backend: Backend | None, **options: Any) -> Use:
    """Choose the backend for all bars that this process makes from now on, or within a `with` block.

    The environment variable `HEADWAY_BACKEND` still wins: the person at the run has the last word. Processes that are
    started from now on choose the same, unless the choice is an object.

    Args:
        backend: A name, several with commas, or `off`; a `headway.sink.Renderer`, a class of sinks or a sink, or
            several in a list; `None` takes an earlier choice back. A name such as `./blink.py` is a file with a class
            of sinks.
        options: Look-and-feel options, for a single backend: `use("alive", theme="classic")`.

    Raises:
        UnknownBackendError: Nothing installed has that name.
        BackendOptionError: The backend does not have such an option.
        BackendClashError: Two of them cannot draw on one terminal.
        TypeError: `backend` is nothing of that.
        ValueError: There is no name, a renderer cannot be used, or options are given for several.
    """
    wishes = () if backend is None else wishes_of(backend)
    if options:
        if len(wishes) != 1:
            raise ValueError(f"use() takes options for one backend, not for {shown(backend)}; write them as queries.")
        wishes = (wishes[0]._replace(values=options),)
    selection.check(wishes)
    scope = object()
    return Use(prefer(tuple(wish._replace(scope=scope) for wish in wishes)), scope)


def write(text: str) -> None:
    """Put a line (or several) above whatever is being drawn; it is out when this returns.

    It goes where bars are shown, and to stderr where none is.

    Raises:
        TypeError: `text` is no text.
    """
    hub.texts.write(arguments.text("text", text))


def suspend() -> AbstractContextManager[None]:
    """Take all rows off the terminal for a block: `with headway.suspend(): subprocess.run(["vim", path])`.

    The program has the terminal to itself meanwhile. Counting goes on, and the rows come back at the end with what is
    true by then. Blocks may be nested and may run in any thread; the rows come back at the end of the last one. Event
    files and plain lines go on.
    """
    return hub.suspended()


def _module_of_caller() -> str:
    return str(sys._getframe(2).f_globals.get("__name__", ""))
