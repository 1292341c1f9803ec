"""`thread_map` and `process_map`, as `tqdm.contrib.concurrent` has them."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from operator import length_hint
from typing import Any, TypeVar

from headway.host.faults import warn
from headway.imitation.exceptions import TqdmWarning
from headway.tqdm.auto import tqdm

__all__ = ["interpreter_map", "process_map", "thread_map"]

T = TypeVar("T")

MANY = 1000
"""From so many items on chunks are worth a warning."""
_POOL = ("max_workers", "thread_name_prefix", "max_tasks_per_child", "mp_context", "initializer", "initargs")
_MAP = ("timeout", "chunksize", "buffersize")


def thread_map(fn: Callable[..., T], *iterables: Iterable[Any], **tqdm_kwargs: Any) -> list[T]:
    """Return `list(map(fn, *iterables))`, worked out by threads.

    Args:
        fn: The function.
        iterables: Its arguments.
        tqdm_kwargs: `max_workers`, `thread_name_prefix`, `initializer` and `initargs` for the `ThreadPoolExecutor`,
            `timeout` and `buffersize` (Python 3.14) for its `map`, `tqdm_class`, and arguments of the bar.
    """
    return _map(concurrent.futures.ThreadPoolExecutor, fn, iterables, tqdm_kwargs)


def process_map(fn: Callable[..., T], *iterables: Iterable[Any], **tqdm_kwargs: Any) -> list[T]:
    """Return `list(map(fn, *iterables))`, worked out by processes.

    Args:
        fn: The function.
        iterables: Its arguments.
        tqdm_kwargs: As for `thread_map`, and `max_tasks_per_child`, `mp_context` and `chunksize`.
    """
    if iterables and "chunksize" not in tqdm_kwargs and _shortest(iterables) > MANY:
        warn(
            f"{_shortest(iterables)} items are sent to the worker processes one by one, which may be slow; "
            f"chunksize= sends several at once (and chunksize=1 silences this).",
            TqdmWarning,
        )
    return _map(concurrent.futures.ProcessPoolExecutor, fn, iterables, tqdm_kwargs)


def interpreter_map(fn: Callable[..., T], *iterables: Iterable[Any], **tqdm_kwargs: Any) -> list[T]:
    """Return `list(map(fn, *iterables))`, worked out by interpreters of their own (Python 3.14).

    Args:
        fn: The function.
        iterables: Its arguments.
        tqdm_kwargs: As for `thread_map`.

    Raises:
        ImportError: This Python has no such interpreters.
    """
    pool = getattr(concurrent.futures, "InterpreterPoolExecutor", None)
    if pool is None:
        raise ImportError("interpreter_map needs `concurrent.futures.InterpreterPoolExecutor`, of Python 3.14.")
    return _map(pool, fn, iterables, tqdm_kwargs)


def _map(
    pool_class: Callable[..., Executor],
    fn: Callable[..., T],
    iterables: tuple[Iterable[Any], ...],
    given: dict[str, Any],
) -> list[T]:
    bar_class = given.pop("tqdm_class", tqdm)
    given.pop("lock_name", None)
    for_pool = {name: given.pop(name) for name in _POOL if name in given}
    for_map = {name: given.pop(name) for name in _MAP if name in given}
    given.setdefault("total", _shortest(iterables) or None)
    with pool_class(**for_pool) as pool, bar_class(**given) as bar:
        submit, per_future = pool.submit, for_map.get("chunksize", 1) if _sends_chunks(pool) else 1

        def counted(*args: Any, **kwargs: Any) -> Future[Any]:
            future = submit(*args, **kwargs)
            future.add_done_callback(lambda done: _count(bar, done, per_future))
            return future

        pool.submit = counted  # type: ignore[method-assign]  # so that they count as they finish, not in their order
        return list(pool.map(fn, *iterables, **for_map))


def _count(bar: Any, done: Future[Any], per_future: int) -> None:
    """Count the items of a future; the last chunk may be a short one."""
    if done.cancelled():
        return
    left = per_future if bar.total is None else bar.total - bar.n
    bar.update(max(0, min(per_future, left)))


def _sends_chunks(pool: Executor) -> bool:
    return isinstance(pool, concurrent.futures.ProcessPoolExecutor)


def _shortest(iterables: Iterable[Iterable[Any]]) -> int:
    hints = [length_hint(each, -1) for each in iterables]
    return min((hint for hint in hints if hint >= 0), default=0)
