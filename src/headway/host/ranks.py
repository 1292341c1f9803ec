"""Which process of a job this is, by what its launcher left in the environment. Nothing is imported or asked for it.

A framework that starts the processes itself, and leaves nothing there, may tell: see `tell`.
"""

from __future__ import annotations

import os

from headway.host import environment
from headway.notation import NamedTuple

__all__ = [
    "Rank",
    "another",
    "current",
    "has_succeeded",
    "is_told",
    "job",
    "leads_machine",
    "several",
    "succeed",
    "tell",
]


class Rank(NamedTuple):
    """The place of this process among those of its job that run the same program."""

    number: int
    size: int
    """Processes of the job; 0 where it is not said."""
    variable: str
    """The environment variable that told; empty where a framework did."""
    local: int | None = None
    """Its place among those of its machine; `None` where it is not said."""


_LAUNCHERS = (
    ("RANK", ("WORLD_SIZE",), "LOCAL_RANK"),
    ("SLURM_PROCID", ("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"), "SLURM_LOCALID"),
    ("OMPI_COMM_WORLD_RANK", ("OMPI_COMM_WORLD_SIZE",), "OMPI_COMM_WORLD_LOCAL_RANK"),
    ("PMI_RANK", ("PMI_SIZE",), "MPI_LOCALRANKID"),
    ("LOCAL_RANK", ("LOCAL_WORLD_SIZE", "WORLD_SIZE"), ""),
)
"""Where launchers say rank, size, and the place on the machine. `LOCAL_RANK` alone comes last: it counts on each
machine anew."""
_VARIABLES = tuple(variable for variable, *_ in _LAUNCHERS)

_JOBS = (
    ("RANK", ("TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RESTART_COUNT")),
    ("SLURM_PROCID", ("SLURM_JOB_ID", "SLURM_STEP_ID")),
    ("OMPI_COMM_WORLD_RANK", ("OMPI_MCA_ess_base_jobid", "PMIX_NAMESPACE")),
    ("PMI_RANK", ("PMI_JOBID", "HYDRA_JOBID")),
    ("LOCAL_RANK", ("MASTER_ADDR", "MASTER_PORT")),
    ("", ("MASTER_ADDR", "MASTER_PORT")),
)
"""Where they say what tells this job from all others of the machine."""


_told: Rank | None = None
_told_in = 0
"""The process that was told."""
_succeeded_in = 0
"""The process that has taken the place of the first rank of its machine."""
_succeeded_rank_0 = False
"""Whether that was rank 0."""


def tell(number: int, size: int) -> None:
    """Tell the rank of this process and the number of ranks; what a launcher has left in the environment wins."""
    global _told, _told_in
    _told, _told_in = Rank(number, size, ""), os.getpid()


def is_told() -> bool:
    """Tell whether a framework has told the rank of this process, which is no worker of a rank then, but one itself."""
    return _told_in == os.getpid()


def current() -> Rank | None:
    """Return the rank of this process, `None` where no launcher told of one. What is no such number is ignored."""
    if not environment.any_is_set(_VARIABLES):
        return _told
    for variable, sizes, local in _LAUNCHERS:
        number = _count(variable)
        if number is not None:
            size = next((size for name in sizes if (size := _count(name)) is not None), _told.size if _told else 0)
            return Rank(number, size, variable, _count(local) if local else None)
    return _told


def several() -> bool:
    """Tell whether this process is one of several that run the same program, so that calls must be alike in all."""
    rank = current()
    return rank is not None and (rank.size > 1 or rank.number > 0)


def succeed(*, of_machine: bool) -> None:
    """Take the place of the first rank of this machine, which has ended.

    Args:
        of_machine: Whether rank 0 is on another machine.
    """
    global _succeeded_in, _succeeded_rank_0
    _succeeded_in, _succeeded_rank_0 = os.getpid(), not of_machine


def has_succeeded() -> bool:
    """Tell whether this process has taken the place of the first rank of its machine."""
    return _succeeded_in == os.getpid()


def another() -> bool:
    """Tell whether this process is a rank, but not the one that draws."""
    rank = current()
    return rank is not None and rank.number > 0 and not (has_succeeded() and _succeeded_rank_0)


def leads_machine() -> bool:
    """Tell whether this process is the first rank of its machine, which is not the machine of rank 0."""
    rank = current()
    return rank is not None and rank.number > 0 and (rank.local == 0 or has_succeeded()) and another()


def job() -> str | None:
    """Return what the ranks of this job on this machine have in common, and nobody else; `None` without a rank.

    Where the launcher gives the job no name it is the process that started the ranks.
    """
    rank = current()
    if rank is None:
        return None
    names = dict(_JOBS)[rank.variable]
    said = [f"{name}={os.environ[name]}" for name in names if name in os.environ]
    return ";".join([rank.variable, *(said or [f"parent={os.getppid()}"])])


def _count(variable: str) -> int | None:
    text = environment.variable(variable)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
