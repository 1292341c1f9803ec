"""How many items an iterable will give, and whether that is known or only estimated.

It asks and takes nothing: no item is consumed, and an iterator that is partly used up tells what is left of it.
Nothing is imported for it either: torch's loaders are known only where the program has imported torch.

What is made by `enumerate`, `zip`, `map` and `itertools.islice` is as long as its sources make it. From Python 3.14 on
an `islice` no longer tells its parts, so that its length, and that of what is made of it, is not known there.
"""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterable
from itertools import count, cycle, islice, repeat
from math import inf
from operator import length_hint
from types import FunctionType

from headway.host.handlers import of_handler
from headway.notation import Any, NamedTuple, TypeAlias

__all__ = ["Length", "length_of"]

_MOST_PARTS = 100
"""Iterators that are looked at for one answer, beside and within each other: it is to cost microseconds."""

_MOST_AROUND = 4
"""Objects around a loader that are looked into."""

_Found: TypeAlias = tuple[float, bool] | None
"""Items (`inf` where they never end) and whether that is an estimate; `None` where it is not known."""
_ENDLESS = (inf, False)

_KINDS: tuple[Any, ...] = ([], (), range(0), range(2**70), {}, {}.values(), {}.items(), "", "é", b"", deque())
_EXACT = {type(made(items)) for items in _KINDS for made in (iter, reversed)}
_EXACT |= {type(iter(set())), type(iter(bytearray())), repeat}
"""Python's own iterators whose length hint is no hint but what is left of them."""

_SOURCES = {enumerate: slice(1), zip: slice(None), map: slice(1, None)}
"""Where the sources stand among what `__reduce__` says that it was made of."""

# A warning out of a module without a name is dropped, as when Python shuts down. Python 3.12 and 3.13 warn of the
# `__reduce__` of an islice, and `warnings.catch_warnings` would for a moment change the filters of all threads.
_reduced = FunctionType((lambda iterator: iterator.__reduce__()).__code__, {"__name__": None})


class Length(NamedTuple):
    """How many items there are to come."""

    items: int
    estimated: bool
    """Whether there may be more or fewer: a hint, an upper bound, or what a stream of data claims."""


def length_of(iterable: Iterable[Any]) -> Length | None:
    """Return how many items an iterable will give; `None` where it does not say, never ends, or raises when asked.

    Safe from any thread. `itertools.cycle` counts as endless, whatever it repeats.
    """
    if type(iterable) is list or type(iterable) is tuple:  # as most are
        return Length(len(iterable), False)
    found = _ask(iterable, set())
    return None if found is None or found[0] == inf else Length(int(found[0]), found[1])


def _ask(iterable: Any, seen: set[int]) -> _Found:
    try:
        return _measure(iterable, type(iterable), seen)
    except Exception as error:  # a user's __len__ may raise anything; it only means that the length is not known
        if of_handler(error):
            raise
        return None


def _measure(iterable: Any, kind: type, seen: set[int]) -> _Found:
    if kind is count or kind is cycle or (kind is repeat and length_hint(iterable, -1) < 0):
        return _ENDLESS
    if id(iterable) in seen or len(seen) >= _MOST_PARTS:
        return None  # two that take from one iterator leave less to each other than it has
    seen.add(id(iterable))
    if kind is enumerate or kind is zip or kind is map:
        return _of_rounds(_reduced(iterable)[1][_SOURCES[kind]], seen)
    if kind is islice:
        _, parts, taken = _reduced(iterable)
        return _of_slice(parts, taken, seen)
    return _said(iterable, kind)


def _of_rounds(sources: tuple[Any, ...], seen: set[int]) -> _Found:
    """Rounds that take one item of each source: two of one that is named twice, as in `zip(it, it)`."""
    if len(sources) > _MOST_PARTS:
        return None
    rounds, estimated = (inf if sources else 0), False
    takes = Counter(map(id, sources))
    for source in {id(source): source for source in sources}.values():
        found = _ask(source, seen)
        if found is None:
            return None
        if found[0] < inf:
            rounds = min(rounds, found[0] // takes[id(source)])
        estimated |= found[1]
    return rounds, estimated


def _of_slice(parts: tuple[Any, ...], taken: int, seen: set[int]) -> _Found:
    """What is left of a slice: `taken` items are gone from the source, and the next of the slice stands at `start`."""
    if len(parts) == 2:  # it has come to its end
        return 0, False
    source, start, stop, step = parts
    items, estimated = _ask(source, seen) or (inf, True)  # where the source does not say, `stop` is the most there is
    end = min(taken + items, inf if stop is None else stop)
    if end == inf:
        return None if estimated else _ENDLESS
    return max(0, -((start - end) // step)), estimated


def _said(iterable: Any, kind: type) -> _Found:
    torch = sys.modules.get("torch.utils.data.dataloader")
    if issubclass(kind, getattr(torch, "_BaseDataLoaderIter", ())):
        return _of_loading(iterable, torch)
    claims = isinstance(iterable, getattr(torch, "IterableDataset", ()))
    loader = None if torch is None or claims else _loader(iterable, getattr(torch, "DataLoader", ()))
    if loader is not None:
        return _of_loader(iterable, loader, torch)
    if kind.__name__ == "nditer" and kind.__module__ == "numpy":  # its length is the number of its operands
        return iterable.itersize - iterable.iterindex, False
    try:
        return len(iterable), claims
    except TypeError:  # it has no length
        hint = length_hint(iterable, -1)
    return None if hint < 0 else (hint, kind not in _EXACT)


def _loader(around: Any, kind: Any) -> Any:
    """Return the torch loader that something is or keeps, as the loaders of accelerate, of Fabric and of users do."""
    for _ in range(_MOST_AROUND):
        if issubclass(type(around), kind):
            return around
        kept = getattr(around, "__dict__", None) or {}
        inside = [each for name, each in kept.items() if isinstance(each, kind) or "loader" in name]
        around = next((each for each in inside if issubclass(type(each), kind)), inside[0] if inside else None)
    return None


def _of_loader(iterable: Any, loader: Any, torch: Any) -> _Found:
    """Tell the length of a loader, or of something around it; an `IterableDataset` may have more or less."""
    if not isinstance(loader.dataset, torch.IterableDataset):
        return len(iterable), False
    remembered = getattr(loader, "_IterableDataset_len_called", None)
    try:
        return len(iterable), True
    finally:  # else it warns of each batch beyond the length that it has once told
        loader._IterableDataset_len_called = remembered


def _of_loading(batches: Any, torch: Any) -> _Found:
    """What is left of a loader's iterator: its length is that of the whole, and raises for an `IterableDataset`."""
    estimated = isinstance(batches._dataset, torch.IterableDataset)
    if estimated:
        size = batches._index_sampler.batch_size if batches._auto_collation else 1
        claimed = len(batches._dataset)
        total = claimed // size if batches._drop_last else -(-claimed // size)
    else:
        total = len(batches)
    return max(0, total - batches._num_yielded), estimated
