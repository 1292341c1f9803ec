"""Programs of other kinds: green threads, fake systems, processes that lack something, streams of their own."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import lines_above, shows, truth
from faulting.verdict import lost, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.verdict import Verdict

GROUP = "hosts"
GROUPS[GROUP] = "Programs of other kinds"
LINES = [f"line {i:02} of twenty" for i in range(20)]


def _has(d: Driver, library: str) -> bool:
    """Tell whether a library is there; the case cannot be asked without."""
    if find_spec(library) is None:
        d.tell(not_applicable=library)
        return False
    return True


def _lines(i: int) -> None:
    if i % 5 == 2:
        print(LINES[i // 5], "s3cr3t")


# ── streams of the program's own ─────────────────────────────────────────────────────────────────────────────────────


class Masked:
    """A stream that masks what is written, and is another one otherwise."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text with the secret masked."""
        self.stream.write(text.replace("s3cr3t", "****"))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _masked(outcome: Outcome) -> Verdict:
    shown = outcome.text.count("s3cr3t")
    whole = lines_above([f"{line} ****" for line in LINES])
    return wrong(f"{shown} secrets on the screen") if shown else whole(outcome)


@case(_masked, group=GROUP)
def masked_stream(d: Driver) -> None:
    """`sys.stdout` and `sys.stderr` are streams of the program's own, which mask secrets."""
    sys.stdout, sys.stderr = Masked(sys.stdout), Masked(sys.stderr)  # type: ignore[assignment]
    d.run(pause=0.01, step=lambda _bar, i: _lines(i), beside=True)


def _all_caught(outcome: Outcome) -> Verdict:
    caught = outcome.fact("caught")
    if caught != [f"{line} s3cr3t" for line in LINES[10:]] + ["after"]:
        return lost(f"{11 - len(caught or [])} of 11 lines from the capture")
    return lines_above([f"{line} s3cr3t" for line in LINES])(outcome)


@case(_all_caught, group=GROUP)
def write_assigned(d: Driver) -> None:
    """A capture of the console assigns `sys.stdout.write` under the bar, and is never taken off."""
    caught: list[str] = []

    def step(_bar: Any, i: int) -> None:
        if i == 50:
            original = sys.stdout.write

            def write(text: str) -> int:
                caught.append(text)
                return original(text)

            sys.stdout.write = write  # type: ignore[method-assign]
        _lines(i)

    d.run(pause=0.01, step=step, beside=True)
    print("after")
    d.tell(caught="".join(caught).splitlines())


def _only_the_programs(outcome: Outcome) -> Verdict:
    caught = outcome.fact("caught", "")
    if caught != "of the library\n" * 3:
        return wrong(f"{len(caught.encode()) - 45} bytes of frames in the file")
    return truth(100)(outcome)


@case(_only_the_programs, group=GROUP)
def descriptors_redirected(d: Driver) -> None:
    """The program puts a file in the place of descriptors 1 and 2 three times, to catch what a C library writes."""
    with tempfile.TemporaryFile() as file:

        def step(_bar: Any, i: int) -> None:
            if i % 30 == 20:
                saved = os.dup(1), os.dup(2)
                for descriptor in (1, 2):
                    os.dup2(file.fileno(), descriptor)
                os.write(1, b"of the library\n")
                time.sleep(0.3)
                for descriptor in (1, 2):
                    os.dup2(saved[descriptor - 1], descriptor)
                    os.close(saved[descriptor - 1])

        d.run(step=step, pause=0.01)
        file.seek(0)
        d.tell(caught=file.read().decode())


# ── hosts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _work_is_shown(outcome: Outcome) -> Verdict:
    return ok() if shows(outcome.final(), 100, 100) else wrong("no true last row")


def _patched_late(d: Driver, library: str, patch: Callable[[Any], None]) -> None:
    if not _has(d, library):
        return
    import warnings

    warnings.simplefilter("ignore")
    d.load()
    for _ in d.track(range(2), desc="before"):
        pass
    patch(import_module(library))
    d.run()


@case(_work_is_shown, group=GROUP)
def gevent_after_import(d: Driver) -> None:
    """Green threads: gevent patches the standard library after a first bar, as what is imported later may do."""
    _patched_late(d, "gevent", lambda _gevent: import_module("gevent.monkey").patch_all())


@case(_work_is_shown, group=GROUP)
def eventlet_after_import(d: Driver) -> None:
    """The same with eventlet."""
    _patched_late(d, "eventlet", lambda eventlet: eventlet.monkey_patch())


@case(_work_is_shown, group=GROUP)
def fake_file_system(d: Driver) -> None:
    """Tests with pyfakefs, one after the other, of which the first imports the library."""
    if not _has(d, "pyfakefs"):
        return
    patcher = import_module("pyfakefs.fake_filesystem_unittest").Patcher
    for _ in range(2):
        with patcher():
            for _ in d.track(range(5), desc="test"):
                pass
    d.run()


@case(_work_is_shown, group=GROUP)
def no_descriptors(d: Driver) -> None:
    """No file can be opened any more for a while, under a bar and when another one opens."""
    import resource

    d.load()
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    leak: list[int] = []

    def step(_bar: Any, i: int) -> None:
        if i == 30:
            with suppress(OSError):
                while True:
                    leak.append(os.open(os.devnull, os.O_RDONLY))
            for _ in d.track(range(5), desc="inner"):
                pass
        if i == 60:
            for descriptor in leak:
                os.close(descriptor)

    d.run(step=step, beside=True)


def _no_folder(outcome: Outcome) -> Verdict:
    return ok() if not outcome.fact("folders") else wrong(f"folders {outcome.fact('folders')}")


@case(_no_folder, group=GROUP, events=True)
def no_home(d: Driver) -> None:
    """The user has no home, and a value beside the bar cannot be read."""
    import pwd

    def unknown(uid: int) -> Any:
        raise KeyError(uid)

    pwd.getpwuid = unknown  # type: ignore[assignment]
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        os.environ.pop(name, None)

    class Value:
        def __float__(self) -> float:
            raise RuntimeError("no value")

        def __format__(self, _spec: str) -> str:
            return "?"

    def step(bar: Any, i: int) -> None:
        if i == 50 and d.name.startswith("headway"):
            d.metric(bar, Value())

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        d.run(step=step)
        d.tell(folders=os.listdir(folder))
        os.chdir("/")


def _told_interrupted(outcome: Outcome) -> Verdict:
    final = outcome.final().lower()
    if "fail" in final or "✗" in final:
        return wrong("told as a failure")
    return ok() if any(mark in final for mark in ("interrupt", "⚠", "(!)")) else lost("no mark of it in the last frame")


@case(_told_interrupted, group=GROUP, only=["headway"])
def cancelled_scope(d: Driver) -> None:
    """The time of a scope of trio is up while a bar is open in it: the last frame says so."""
    if not _has(d, "trio"):
        return
    trio = import_module("trio")

    async def main() -> None:
        with trio.move_on_after(0.3), d.opened(100, "work") as bar:
            while True:
                d.update(bar)
                await trio.sleep(0.02)

    trio.run(main)
