"""The program prints, logs, warns and asks while a bar is up."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import lines_above, said, truth
from faulting.verdict import lost, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.verdict import Verdict

GROUP = "beside"
GROUPS[GROUP] = "Print, logging, warnings, input and a debugger beside a bar"
LINES = [f"line {i:02} of twenty" for i in range(20)]


def _every_fifth(act: Callable[[Any, str], None]) -> Callable[[Any, int], None]:
    def step(bar: Any, i: int) -> None:
        if i % 5 == 2:
            act(bar, LINES[i // 5])

    return step


@case(lines_above(LINES), group=GROUP)
def print_inside(d: Driver) -> None:
    """`print()` beside a bar that knows nothing of it."""
    d.run(pause=0.01, step=_every_fifth(lambda _bar, line: print(line, flush=True)))


@case(lines_above(LINES), group=GROUP)
def print_documented(d: Driver) -> None:
    """Lines are printed in the way that the library documents."""
    d.run(pause=0.01, step=_every_fifth(d.print), beside=True)


@case(lines_above(LINES), group=GROUP)
def print_stderr(d: Driver) -> None:
    """`print(file=sys.stderr)` beside a bar."""
    d.run(pause=0.01, step=_every_fifth(lambda _bar, line: print(line, file=sys.stderr, flush=True)), beside=True)


@case(lines_above(LINES), group=GROUP)
def print_end(d: Driver) -> None:
    """Lines are printed in two pieces, `end=""` first, with the bar moving in between."""

    def step(_bar: Any, i: int) -> None:
        if i % 5 == 2:
            print(LINES[i // 5][:7], end="", flush=True)
        if i % 5 == 4:
            print(LINES[i // 5][7:], flush=True)

    d.run(step=step, beside=True, pause=0.03)


@case(lines_above(LINES), group=GROUP)
def os_write_inside(d: Driver) -> None:
    """A C library writes lines straight to descriptor 1."""
    d.run(pause=0.01, step=_every_fifth(lambda _bar, line: _write(f"{line}\n")), beside=True)


def _write(text: str) -> None:
    os.write(1, text.encode())


@case(lines_above([f"line {i:02} of twenty" for i in range(0, 20, 5)]), group=GROUP)
def subprocess_inside(d: Driver) -> None:
    """A child process prints lines on the terminal that it inherited."""

    def step(_bar: Any, i: int) -> None:
        if i % 25 == 10:
            subprocess.run(["/bin/echo", LINES[i // 5 - 2]], check=True)

    d.run(step=step, beside=True)


@case(lines_above([f"line {i:02} of twenty" for i in range(0, 20, 5)], bars=5), group=GROUP)
def subprocess_while_away(d: Driver) -> None:
    """The same with the bar taken away or paused meanwhile, in the documented way; a row may stay each time."""

    def step(bar: Any, i: int) -> None:
        if i % 25 == 10:
            with d.away(bar):
                subprocess.run(["/bin/echo", LINES[i // 5 - 2]], check=True)

    d.run(step=step, beside=True)


@case(lines_above([f"WARNING:root:{line}" for line in LINES]), group=GROUP)
def logging_inside(d: Driver) -> None:
    """`logging` through a handler on stderr that is older than the bar."""
    logging.basicConfig()
    d.run(pause=0.01, step=_every_fifth(lambda _bar, line: logging.getLogger().warning(line)))


def _warned(outcome: Outcome) -> Verdict:
    rows = outcome.rows
    heads = [row for row in rows if row.endswith("UserWarning: take care")]
    whole = [row for row in heads if row.startswith(("<", "/", "on "))]
    if len(whole) != 1:
        return wrong("the warning is garbled") if heads else lost("the warning")
    if not any(row.strip().startswith(("warnings.warn", "on ")) and "warnings.warn" in row for row in rows):
        return wrong("the warning's second line is garbled")
    return truth(100)(outcome)


@case(_warned, group=GROUP)
def warnings_inside(d: Driver) -> None:
    """`warnings.warn()` beside a bar."""

    def step(_bar: Any, i: int) -> None:
        if i == 50:
            warnings.warn("take care", UserWarning, stacklevel=1)

    d.run(step=step)


@case(lines_above(LINES), group=GROUP)
def tqdm_write_inside(d: Driver) -> None:
    """`tqdm.write()` of a dependency beside a bar."""

    def write(_bar: Any, line: str) -> None:
        from tqdm import tqdm

        tqdm.write(line)

    d.run(pause=0.01, step=_every_fifth(write))


def _answered(outcome: Outcome) -> Verdict:
    if outcome.fact("heard") != "forty two":
        return wrong(f"input() returned {outcome.fact('heard')!r:.30}")
    if not said("name? forty two", outcome):
        return wrong("prompt or echo garbled")
    return truth(100)(outcome)


def _answer(session: Any) -> None:
    """Type as people do: one key after another, with the bar moving."""
    for i, key in enumerate("forty two\n"):
        session.later(0.1 + i * 0.06, lambda key=key: session.type(key))


@case(_answered, group=GROUP, reactions={"asking": _answer})
def input_inside(d: Driver) -> None:
    """`input()` beside a bar that another thread moves: the prompt and what is typed stand whole in a row."""
    import threading
    import time

    d.at("open")
    with d.opened(100, "work") as bar:

        def move() -> None:
            for _ in range(100):
                d.update(bar)
                time.sleep(0.01)

        thread = threading.Thread(target=move)
        thread.start()
        time.sleep(0.2)
        d.tell(now="asking")
        d.at("input")
        d.tell(heard=input("name? "))
        thread.join()
        d.at("close")


def _debugged(outcome: Outcome) -> Verdict:
    if outcome.fact("done") != 100:
        return wrong(f"the program ended at {outcome.fact('done')}")
    if not said("(Pdb) p 6*7", outcome):
        return wrong("prompt or echo garbled")
    if not said("42", outcome):
        return wrong("the answer is garbled")
    return truth(100)(outcome)


def _debug(session: Any) -> None:
    for i, key in enumerate("p 6*7\n"):
        session.later(0.4 + i * 0.06, lambda key=key: session.type(key))
    for i, key in enumerate("c\n"):
        session.later(1.2 + i * 0.06, lambda key=key: session.type(key))


@case(_debugged, group=GROUP, reactions={"breaking": _debug})
def breakpoint_inside(d: Driver) -> None:
    """`breakpoint()` beside a bar: an expression is asked for, then the program goes on."""

    def step(_bar: Any, i: int) -> None:
        if i == 50:
            d.tell(now="breaking")
            breakpoint()  # noqa: T100  # is what is tested

    d.run(step=step)


def _restored(outcome: Outcome) -> Verdict:
    changed = outcome.fact("changed")
    return ok() if changed == [] else wrong(f"changed: {', '.join(changed)}")


@case(_restored, group=GROUP, events=True)
def streams_restored(d: Driver) -> None:
    """After the bar all streams, handlers, hooks and signal handlers are the very objects from before."""
    import signal

    handler = logging.StreamHandler()
    logging.getLogger().addHandler(handler)
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGTSTP", "SIGCONT", "SIGWINCH")]

    def all_of_it() -> dict[str, Any]:
        return {
            "sys.stdout": sys.stdout,
            "sys.stderr": sys.stderr,
            "sys.stdin": sys.stdin,
            "a logging handler's stream": handler.stream,
            "the logging handlers": list(logging.getLogger().handlers),
            "sys.excepthook": sys.excepthook,
            "sys.displayhook": sys.displayhook,
            "sys.breakpointhook": sys.breakpointhook,
            "warnings.showwarning": warnings.showwarning,
            "builtins.input": input,
            "builtins.print": print,
            **{signal.Signals(number).name: signal.getsignal(number) for number in signals},
        }

    before = all_of_it()
    d.run(pause=0.01, step=_every_fifth(lambda _bar, line: logging.getLogger().warning(line)))
    after = all_of_it()
    d.tell(changed=[name for name in before if after[name] != before[name]])
