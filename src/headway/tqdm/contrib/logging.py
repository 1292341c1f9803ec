"""Log lines above the bars, as `tqdm.contrib.logging` has it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from headway.imitation.tqdm import tqdm

__all__ = ["logging_redirect_tqdm", "tqdm_logging_redirect"]


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes records above the bars, in the place of a handler for the console."""

    def __init__(self, instead_of: logging.Handler | None, tqdm_class: Any) -> None:
        super().__init__(getattr(instead_of, "stream", None))
        self._tqdm_class = tqdm_class
        if instead_of is not None:
            self.setFormatter(instead_of.formatter)
            self.setLevel(instead_of.level)
            for each in instead_of.filters:
                self.addFilter(each)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            self._tqdm_class.write(self.format(record), file=self.stream)
            self.flush()
        except Exception:  # as every handler does: logging tells, and the program goes on
            self.handleError(record)


@contextmanager
def logging_redirect_tqdm(loggers: Sequence[logging.Logger] | None = None, tqdm_class: Any = tqdm) -> Iterator[None]:
    """Have what loggers print on the console stand above the bars, within the block; other handlers stay as they are.

    Args:
        loggers: The loggers, by default the root.
        tqdm_class: Whose `write` is used.
    """
    loggers = [logging.root] if loggers is None else list(loggers)
    before = [(logger, logger.handlers) for logger in loggers]
    try:
        for logger in loggers:
            console = [handler for handler in logger.handlers if _is_console(handler)]
            others = [handler for handler in logger.handlers if handler not in console]
            logger.handlers = [*others, _Handler(console[0] if console else None, tqdm_class)]
        yield
    finally:
        for logger, handlers in before:
            logger.handlers = handlers


@contextmanager
def tqdm_logging_redirect(*args: Any, **kwargs: Any) -> Iterator[Any]:
    """Open a bar and `logging_redirect_tqdm` in one block.

    Args:
        args: Arguments of the bar.
        kwargs: `loggers` and `tqdm_class`, and further arguments of the bar.
    """
    loggers, tqdm_class = kwargs.pop("loggers", None), kwargs.pop("tqdm_class", tqdm)
    with tqdm_class(*args, **kwargs) as bar, logging_redirect_tqdm(loggers, tqdm_class):
        yield bar


def _is_console(handler: logging.Handler) -> bool:
    return isinstance(handler, logging.StreamHandler) and handler.stream in (sys.stdout, sys.stderr)
