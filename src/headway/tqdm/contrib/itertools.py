"""The functions of `itertools` as reported loops, as `tqdm.contrib.itertools` has them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from headway.tqdm.auto import tqdm

__all__ = ["batched", "chain", "combinations", "combinations_with_replacement", "permutations", "product"]

Made = Callable[..., Any]


def chain(*iterables: Iterable[Any], total: int | None = None, tqdm_class: Made = tqdm, **kwargs: Any) -> Any:
    """Report `itertools.chain`."""
    lengths = [_length(each) for each in iterables]
    known = None if None in lengths else sum(filter(None, lengths))
    return tqdm_class(itertools.chain(*iterables), total=known if total is None else total, **kwargs)


def product(
    *iterables: Iterable[Any], repeat: int = 1, total: int | None = None, tqdm_class: Made = tqdm, **kwargs: Any
) -> Iterator[Any]:
    """Report `itertools.product`."""
    lengths = [_length(each) for each in iterables]
    known = None if None in lengths else math.prod(n for n in lengths if n is not None) ** repeat
    items = itertools.product(*iterables, repeat=repeat)
    return iter(tqdm_class(items, total=known if total is None else total, **kwargs))


def permutations(
    iterable: Iterable[Any], r: int | None = None, total: int | None = None, tqdm_class: Made = tqdm, **kwargs: Any
) -> Any:
    """Report `itertools.permutations`."""
    n = _length(iterable)
    known = None if n is None else math.perm(n, n if r is None else r)
    return tqdm_class(itertools.permutations(iterable, r), total=known if total is None else total, **kwargs)


def combinations(
    iterable: Iterable[Any], r: int, total: int | None = None, tqdm_class: Made = tqdm, **kwargs: Any
) -> Any:
    """Report `itertools.combinations`."""
    n = _length(iterable)
    known = None if n is None else math.comb(n, r)
    return tqdm_class(itertools.combinations(iterable, r), total=known if total is None else total, **kwargs)


def combinations_with_replacement(
    iterable: Iterable[Any], r: int, total: int | None = None, tqdm_class: Made = tqdm, **kwargs: Any
) -> Any:
    """Report `itertools.combinations_with_replacement`."""
    n = _length(iterable)
    known = None if n is None else math.comb(n + r - 1, r) if n + r else 1
    items = itertools.combinations_with_replacement(iterable, r)
    return tqdm_class(items, total=known if total is None else total, **kwargs)


def batched(iterable: Iterable[Any], n: int, total: int | None = None, tqdm_class: Made = tqdm, **kwargs: Any) -> Any:
    """Report `itertools.batched`, which Python has from 3.12 on; the counts shown are of items.

    `total` is the number of items, as in tqdm.
    """
    total = _length(iterable) if total is None else total
    batches = getattr(itertools, "batched")(iterable, n)  # noqa: B009  # type checkers for older Pythons do not know it
    return tqdm_class(batches, unit_scale=n, total=None if total is None else -(-total // n), **kwargs)


def _length(iterable: Iterable[Any]) -> int | None:
    try:
        return len(iterable)  # type: ignore[arg-type]  # what has no length raises
    except (TypeError, AttributeError):
        return None
