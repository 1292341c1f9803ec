"""The cost of a bar, in counts that are the same in each run: calls of Python functions, and bytecode instructions.

`python tests/guards/test_costs.py` records the counts of the Python that it runs under, in this file.
"""

import json
import sys
import tempfile
from pathlib import Path

import pytest

from headway.testing import run_in_terminal

Costs = dict[str, list[int]]

# fmt: off
RECORDED: dict[str, Costs] = {
    "3.10": {"open": [452, 10218], "update": [1, 18], "item": [0, 0], "frame": [265, 12011], "print": [73, 1592], "close": [269, 6433]},
    "3.11": {"open": [452, 10720], "update": [1, 19], "item": [0, 0], "frame": [265, 12446], "print": [73, 1674], "close": [269, 6685]},
    "3.12": {"open": [451, 9737], "update": [1, 18], "item": [0, 0], "frame": [265, 11685], "print": [72, 1509], "close": [268, 6077]},
    "3.13": {"open": [451, 10047], "update": [1, 18], "item": [0, 0], "frame": [265, 11341], "print": [72, 1597], "close": [268, 6231]},
}
# fmt: on
"""Calls and instructions of each act, by the version of Python."""
ALLOWANCE = 0.02
"""The share by which a count may be higher: a patch release of Python may change its library a little."""
ACTS = {
    "open": "opening a bar",
    "update": "bar.update(1)",
    "item": "an item of track()",
    "frame": "drawing a frame",
    "print": "a print above a row",
    "close": "closing a bar",
}
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
COUNTING = Path(__file__).with_name("counting.py")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


def measured(folder: Path) -> Costs:
    """Count in programs of their own."""
    costs = {}
    for mode, threads in (("inline", "0"), ("threaded", "1")):
        env = {"HEADWAY_BACKEND": "counted", "HEADWAY_THREADS": threads, "HEADWAY_RELAY": "", "PYTHONUNBUFFERED": ""}
        screen = run_in_terminal("", arguments=[str(COUNTING), str(folder), mode], env=env)
        assert screen.status == 0, screen
        assert mode == "threaded" or "a line" in screen.rows, screen
        costs |= json.loads((folder / f"{mode}.json").read_text())
    return {act: costs[act] for act in ACTS}


def limit(recorded: int) -> int:
    """Return the highest count that is let pass."""
    return int(recorded * (1 + ALLOWANCE))


def risen(costs: Costs, recorded: Costs) -> list[str]:
    """Say for each cost that rose from what to what."""
    return [
        f"{words} takes {now} {unit}, {before} are recorded"
        for act, words in ACTS.items()
        for unit, now, before in zip(("calls", "instructions"), costs[act], recorded[act], strict=True)
        if now > limit(before)
    ]


def test_no_cost_rises(tmp_path: Path) -> None:
    """A bar costs no more than is recorded for this Python, or for the newest one that is in the table."""
    found = risen(measured(tmp_path), RECORDED.get(VERSION) or RECORDED[max(RECORDED)])

    assert not found, (
        f"On Python {VERSION} the cost rose: {'; '.join(found)}. If it is worth it, record it under each Python of the "
        f"table: python tests/guards/test_costs.py"
    )


def test_a_rise_is_told() -> None:
    """Each cost that rose is named, with both counts; what stayed within the allowance is not."""
    before = {act: [100, 1000] for act in ACTS}

    assert risen({**before, "print": [103, 1000], "frame": [102, 1020]}, before) == [
        "a print above a row takes 103 calls, 100 are recorded"
    ]
    assert risen({**before, "item": [0, 1]}, {**before, "item": [0, 0]}) == [
        "an item of track() takes 1 instructions, 0 are recorded"
    ]


def record() -> None:
    """Write the counts of this Python into the table."""
    with tempfile.TemporaryDirectory() as folder:
        costs = measured(Path(folder))
    path = Path(__file__)
    before, opening, rest = path.read_text(encoding="utf-8").partition("RECORDED: dict[str, Costs] = {\n")
    _, closing, after = rest.partition("}\n")
    lines = {**RECORDED, VERSION: costs}
    ordered = sorted(lines, key=lambda version: int(version.partition(".")[2]))
    table = "".join(f'    "{version}": {json.dumps(lines[version])},\n' for version in ordered)
    path.write_text(before + opening + table + closing + after, encoding="utf-8")
    print(VERSION, json.dumps(costs))


if __name__ == "__main__":
    record()
