"""Two slots side by side: beside a quiet job there is nothing but another quiet one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

__all__ = ["Job", "run"]

SLOTS = 2


@dataclass(frozen=True)
class Job:
    """Something to do once other jobs are done."""

    name: str
    quiet: bool
    after: tuple[str, ...]


def run(jobs: Mapping[str, Job], work: Callable[[Job], bool], give_up: Callable[[Job, str], None]) -> None:
    """Do all jobs, the first that can start first; quiet ones after all others, and beside none of them.

    Args:
        jobs: The jobs by name.
        work: Does a job in a thread, and returns whether it went well.
        give_up: Is called in place of `work` for a job whose predecessor, which it is given, did not go well.
    """
    waiting = sorted(jobs.values(), key=lambda job: job.quiet)  # once a quiet one can start, no other one is left
    well: dict[str, bool] = {}
    running: dict[Future[bool], Job] = {}
    with ThreadPoolExecutor(SLOTS) as pool:
        while waiting or running:
            settled = len(waiting)
            for job in list(waiting):
                needed = [name for name in job.after if name in jobs]
                if failed := [name for name in needed if well.get(name) is False]:
                    waiting.remove(job)
                    well[job.name] = False
                    give_up(job, failed[0])
                elif all(name in well for name in needed) and _fits(job, [*running.values()]):
                    waiting.remove(job)
                    running[pool.submit(work, job)] = job
            if running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    well[running.pop(future).name] = future.result()
            elif settled == len(waiting):
                raise ValueError(f"These jobs wait for one another: {[job.name for job in waiting]}.")


def _fits(job: Job, running: list[Job]) -> bool:
    return len(running) < SLOTS and all(other.quiet == job.quiet for other in running)
