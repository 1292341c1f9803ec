"""The page as one file, which is written anew while runs go on."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic, sleep

from headway.host.faults import tell
from headway.web.document import document
from headway.web.page import self_contained
from headway.web.run import LOOK_EVERY, Run, look

__all__ = ["write_until_over"]

BEGINNING = b"<!doctype html>"
WRITE_EVERY = 5.0
"""Seconds between two writings, at least."""


def write_until_over(runs: Sequence[Run], path: str) -> None:
    """Write the page until all runs are over.

    It is written whole or not at all. If that fails, as on a full disk, you are told once, and the old one stays until
    the next time.

    Args:
        runs: The runs.
        path: The file of the page.

    Raises:
        FileExistsError: The file holds something else than a page, and is not touched.
        OSError: The page cannot be written for the first time.
    """
    _check(path)
    written = -WRITE_EVERY
    first = True
    while True:
        more = look(runs)
        over = not more and all(run.over for run in runs)
        if over or (not more and monotonic() - written >= WRITE_EVERY):
            try:
                _replace(path, self_contained(document(runs), over=over))
            except OSError as error:
                if first:
                    raise
                tell(f"writing {path}", f"The page {path} is not up to date: {error.strerror or error}.")
            written, first = monotonic(), False
        if over:
            return
        if not more:
            sleep(LOOK_EVERY)


def _check(path: str) -> None:
    """Refuse a file that is no page: an event file, say, or a program."""
    with suppress(FileNotFoundError), open(path, "rb") as file:
        begun = file.read(len(BEGINNING))
        if begun and begun.lower() != BEGINNING:
            raise FileExistsError(errno.EEXIST, "it holds something else than a page, and is not touched")


def _replace(path: str, text: str) -> None:
    """Write a file whole or not at all; a reader sees the old one or the new one."""
    target = os.path.realpath(path)
    draft = f"{target}.{os.getpid()}.part"
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, target)
    except BaseException:
        if os.path.exists(draft):
            os.remove(draft)
        raise
