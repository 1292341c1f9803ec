"""Counts what headway costs a program: `python counting.py FOLDER MODE`, on a terminal, writes `FOLDER/MODE.json`.

It is a program of its own, so that nothing of a test run is counted; `test_costs.py` runs it. The clock is wound by hand, so that a frame is
drawn when the program asks for one, and no other. In the mode `inline` there is no thread: all work is done in the
caller, and counted. In the mode `threaded` only the caller is counted, for an update or an item is all that it does.
"""

import functools
import gc
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType

NOW = [1000.0]
time.monotonic = functools.partial(NOW.__getitem__, 0)  # in C, so it is not counted; headway takes it when imported

import headway  # noqa: E402

INLINED = {"<listcomp>", "<dictcomp>", "<setcomp>"}
"""Functions up to Python 3.11, parts of their function from 3.12 on."""

Cost = tuple[int, int]
"""Calls of Python functions, and bytecode instructions."""


def traced(act: Callable[[], object]) -> Cost:
    """Count up to Python 3.11."""
    calls = instructions = 0

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., object]:
        nonlocal calls, instructions
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        calls += event == "call" and frame.f_code.co_name not in INLINED
        instructions += event == "opcode"
        return trace

    sys.settrace(trace)
    act()
    sys.settrace(None)
    return calls, instructions


def monitored(act: Callable[[], object]) -> Cost:
    """Count from Python 3.12 on; where tracing counts instructions, 3.13 loses some."""
    calls = instructions = 0
    me = threading.get_ident()

    def call(_: CodeType, __: int) -> None:
        nonlocal calls
        calls += threading.get_ident() == me

    def instruction(_: CodeType, __: int) -> None:
        nonlocal instructions
        instructions += threading.get_ident() == me

    monitoring, tool = sys.monitoring, sys.monitoring.PROFILER_ID
    events = monitoring.events
    monitoring.use_tool_id(tool, "counting")
    for event in (events.PY_START, events.PY_RESUME):
        monitoring.register_callback(tool, event, call)
    monitoring.register_callback(tool, events.INSTRUCTION, instruction)
    monitoring.set_events(tool, events.PY_START | events.PY_RESUME | events.INSTRUCTION)
    act()
    monitoring.set_events(tool, 0)
    monitoring.free_tool_id(tool)
    return calls, instructions


count = monitored if sys.version_info >= (3, 12) else traced


def over(act: Callable[[], object], bare: Callable[[], object]) -> Cost:
    """Count what an act takes over a bare one."""
    (calls, instructions), (bare_calls, bare_instructions) = count(act), count(bare)
    return calls - bare_calls, instructions - bare_instructions


def nothing() -> None:
    """Do nothing."""


def inline() -> dict[str, Cost]:
    """Count a bar's whole life."""
    bars: list[headway.Bar] = []
    costs = {"open": over(lambda: bars.append(headway.get_bar(100, desc="work")), lambda: bars.append)}
    bar = bars.pop()
    for _ in range(10):  # the estimate of the remaining time has something to go by
        NOW[0] += 1.0
        bar.update(1)
    bar.update(1)
    NOW[0] += 1.0
    with_frame, without = count(lambda: bar.update(1)), count(lambda: bar.update(1))
    costs["frame"] = with_frame[0] - without[0], with_frame[1] - without[1]
    costs["print"] = over(lambda: print("a line"), nothing)
    costs["close"] = over(lambda: bar.close(), nothing)  # noqa: PLW0108  # its own call counts
    assert threading.active_count() == 1, "a thread did work that was not counted"
    return costs


def threaded() -> dict[str, Cost]:
    """Count what is done for each unit of work."""
    with headway.get_bar(100, desc="work") as bar:
        bar.update(1)
        update = over(lambda: bar.update(1), nothing)
    items, bare = iter(headway.track(iter(range(100)))), iter(range(100))
    next(items)
    item = over(lambda: next(items), lambda: next(bare))
    for _ in items:
        pass
    return {"update": update, "item": item}


def main() -> None:
    """Measure a few times, so that what is done once in a process is done, and keep the last counts."""
    folder, mode = Path(sys.argv[1]), sys.argv[2]
    info = folder / "counted-1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counted\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[headway]\ncounted = renderer\n")
    sys.path.insert(0, str(folder))
    gc.disable()
    costs = {}
    for _ in range(3):
        costs = inline() if mode == "inline" else threaded()
    (folder / f"{mode}.json").write_text(json.dumps(costs))


if __name__ == "__main__":
    main()
