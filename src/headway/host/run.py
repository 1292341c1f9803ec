"""The run that this process belongs to: the id that all of its processes share, and the program that it runs.

The process that starts a run has an id by its number and its beginning, and hands it to those that it starts by the
environment. Workers that are the first to ask make the id of their parent's. The ranks of a job have no such process in
common: they make the id of what their launcher says of the job.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from headway.host import ranks

__all__ = ["VARIABLE", "digest", "identity", "parent", "program"]

VARIABLE = "HEADWAY_RUN"
DIGITS = 16
"""Hexadecimal digits of an id, and of a digest."""


def identity() -> str:
    """Return the id of the run, from now on in the environment for the processes that this one starts."""
    said = os.environ.get(VARIABLE, "")
    if len(said) != DIGITS or not set(said) <= set("0123456789abcdef"):
        said = os.environ[VARIABLE] = _of_job() or _of_process(parent() or os.getpid())
    return said


def parent() -> int | None:
    """Return the process whose worker this one is, by `multiprocessing`; `None` if it is no worker."""
    if "multiprocessing.process" not in sys.modules:
        return None
    from multiprocessing.process import parent_process  # it is there

    found = parent_process()
    return None if found is None else found.pid


def _of_process(pid: int) -> str:
    """Return the id that a process and its workers come to, whoever of them is the first to ask for it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            began = file.read().rpartition(")")[2].split()[19]
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return _hashed(f"{file.read()};{os.readlink('/proc/self/ns/pid')};{pid};{began}")
    except (OSError, IndexError):  # no Linux
        return os.urandom(DIGITS // 2).hex()


def _of_job() -> str | None:
    """Return the id that all ranks of a job come to; `None` where this process is no rank of several."""
    if not ranks.several():
        return None
    named = os.environ.get("TORCHELASTIC_RUN_ID", "none") != "none"
    here = "WORLD_SIZE" in os.environ and os.environ.get("LOCAL_WORLD_SIZE") == os.environ["WORLD_SIZE"]
    launcher = os.getppid() if here and not named else ""  # torchrun calls each job of one machine alike
    return _hashed(f"{ranks.job()};{launcher}")


def program() -> str:
    """Return the name of the program: its file without the folder, or the module that `python -m` was given."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and spec.origin == _arguments()[0]:
        return str(spec.name).removesuffix(".__main__")
    return os.path.basename(_arguments()[0])


def digest() -> str:
    """Return what is the same for the same program with the same arguments, and tells neither."""
    path, *arguments = _arguments()
    with suppress(OSError):  # the directory that it is relative to is gone
        path = os.path.abspath(path)
    return _hashed("\0".join([path, *arguments]))


def _arguments() -> list[str]:
    """Return the program's path and arguments, whatever the program has made of them."""
    return [str(each) for each in getattr(sys, "argv", None) or [""]]


def _hashed(text: str) -> str:
    from headway.host.hashes import hashed  # with the first event that is written, not with the first bar

    return hashed(text.encode("utf-8", "surrogatepass")).hex()[:DIGITS]
