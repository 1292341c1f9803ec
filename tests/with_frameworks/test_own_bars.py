"""Each framework beside the bar that its users have today: the same program under both, on a real terminal.

Both compute the same and raise the same; what headway was told, and what its row says, is the count, the end and the
values that the other bar shows. Where that one is not right, `LIES` says what it shows and why ours is another.
"""

import ast
import functools
import json
import os
import re
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from headway.events.reader import Reader
from headway.snapshot import Snapshot
from headway.testing import run_in_terminal

HERE = Path(__file__).parent / "own_bars.py"
COLUMNS = 110
NEEDS = {"futures": ("tqdm",), "asyncio": ("tqdm",), "sklearn": ("sklearn.callback", "rich")}
"""What has to be installed, where that is not the framework, tqdm and numpy."""

SCENES = {
    "sklearn": ("all", "outermost only", "in two processes", "converges early", "fails", "interrupted"),
    "ignite": ("all", "one epoch", "without a length", "stops early", "fails", "interrupted"),
    "xgboost": ("all", "cross-validation", "an estimator", "stops early", "fails", "interrupted"),
    "lightgbm": ("all", "cross-validation", "an estimator", "stops early", "fails", "interrupted"),
    "optuna": ("all", "in two threads", "pruned and failed", "stops early", "fails", "interrupted"),
    "fsspec": ("all", "upload", "bytes of a file", "fails", "interrupted"),
    "joblib": ("all", "in threads", "in processes", "stops early", "loop fails", "fails", "interrupted"),
    "pandas": (
        "all", "values", "rows", "columns", "cells", "groups", "groups of a frame", "groups transformed",
        "groups aggregated", "columns aggregated", "columns transformed", "a window", "fails",
        "interrupted",
    ),
    "futures": ("all", "map", "map in processes", "stops early", "fails", "map fails", "interrupted"),
    "asyncio": (
        "all", "as completed", "exceptions as results", "stops early", "fails", "loop fails", "interrupted",
        "cancelled",
    ),
}  # fmt: skip

Count = tuple[float, float | None]

LIES: dict[tuple[str, str], tuple[Count | None, Count, str]] = {
    ("ignite", "without a length"): ((7, None), (7, 7), "it does not take over the length that is known in the end"),
    ("fsspec", "fails"): ((3, 5), (2, 5), "fsspec counts a file when it begins, so the one that failed is counted"),
    ("fsspec", "interrupted"): ((3, 5), (2, 5), "the same"),
    ("joblib", "stops early"): ((4, 10), (5, 10), "tqdm counts results that the loop is done with, ours what is done"),
    ("joblib", "loop fails"): ((4, 10), (5, 10), "the same"),
    ("pandas", "cells"): ((3, 3), (15, 15), "tqdm takes the columns for the total, and counts no further"),
    ("pandas", "columns aggregated"): ((3, 3), (6, 6), "pandas calls it for each column; tqdm knows groups"),
    ("pandas", "columns transformed"): ((3, 3), (5, 5), "pandas tries the first group in two ways"),
    ("pandas", "a window"): ((4, None), (4, 4), "tqdm has no total to the end"),
    ("pandas", "fails"): ((4, 5), (3, 5), "tqdm counts a call before it is made, so the one that failed is counted"),
    ("pandas", "interrupted"): ((4, 5), (3, 5), "the same"),
    ("futures", "map fails"): (None, (4, 10), "thread_map counts calls that were cancelled, or raised, as done"),
}  # fmt: skip
"""What the own bar shows in the end, or `None` where that varies; what is so, and ours shows; why they differ."""


@dataclass(frozen=True)
class Ended:
    """How a scene ended under one bar."""

    rows: list[str]
    result: Any
    raised: str | None
    told: list[Snapshot]
    """The last snapshots of headway's bars; of the own bar there are none."""


@functools.cache
def played(name: str) -> dict[str, dict[str, Ended]]:
    """Run a program under both bars, and return its scenes."""
    with ThreadPoolExecutor(2) as pool:
        own, ours = pool.map(functools.partial(_play, name), ("own", "headway"))
    return {scene: {"own": own[scene], "ours": ours[scene]} for scene in SCENES[name]}


def _play(name: str, who: str) -> dict[str, Ended]:
    with tempfile.TemporaryDirectory() as folder:
        screen = run_in_terminal("", columns=COLUMNS, arguments=[str(HERE), name, who, folder], timeout=100)
        assert screen.status == 0, screen
        scenes = "\n".join(screen.rows).split("@@ ")[1:]
        rows = {scene.partition("\n")[0]: scene.splitlines()[1:] for scene in scenes}
        assert list(SCENES[name]) == list(rows), screen
        return {scene: _ended(Path(folder) / scene, rows[scene]) for scene in rows}


def _ended(file: Path, rows: list[str]) -> Ended:
    ended = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    events = file.with_suffix(".jsonl")
    read = Reader().feed(events.read_bytes()) if events.exists() else []
    told = [event.snapshot for event in read if event.kind == "close"]
    computed = ended["result"], ended["noted"]
    return Ended([row for row in rows if row], computed, ended["raised"], [s for s in told if s is not None])


def counts(name: str, rows: list[str]) -> list[Count]:
    """Read the counts and totals that a framework's own bar shows. XGBoost and LightGBM have lines for rounds."""
    if name in ("xgboost", "lightgbm"):
        return [(len([row for row in rows if row.startswith("[")]), None)]
    if name == "sklearn":
        return [(float(row.split("%")[0].split()[-1]), 100) for row in rows if not row.startswith(" ")]
    text = "\n".join(row.replace("it [", "/? [") for row in rows if "%|" in row or "it [" in row)
    found = re.findall(r"(\d+)/(\d+|\?)(?:\] +\d+%| \[)", text)
    return [(int(n), None if total == "?" else int(total)) for n, total in found]


def ours(name: str, told: list[Snapshot]) -> list[Snapshot]:
    """Return the snapshots of the bars that stand for those of the own display."""
    if name == "ignite" and len(told) > 1:
        return [s for s in told if s.parent is not None]  # it has none for the whole run
    return [s for s in told if s.parent is None]


def ends(raised: str | None, name: str) -> str:
    """Return the state that an exception stands for; XGBoost and LightGBM do not tell which one it was."""
    if raised is None:
        return "stopped"
    interrupted = raised.startswith(("KeyboardInterrupt", "CancelledError")) and name not in ("xgboost", "lightgbm")
    return "interrupted" if interrupted else "failed"


@pytest.mark.parametrize(("name", "scene"), [(name, scene) for name, scenes in SCENES.items() for scene in scenes])
def test_beside_the_own_bar(name: str, scene: str) -> None:
    """The results, the counts, the totals and the ends are those of the bar that users have today."""
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        _needs(name)
    both = played(name)[scene]
    own, mine = both["own"], both["ours"]
    shown = ours(name, mine.told)

    assert (own.result, own.raised) == (mine.result, mine.raised)
    told: list[Count] = [(s.n, s.total) for s in shown]
    if (name, scene) in LIES:
        lie, truth, _ = LIES[name, scene]
        assert [truth] == told
        assert lie is None or [lie] == counts(name, own.rows)[-1:] != told
    elif name == "sklearn":
        assert counts(name, own.rows) == [(int(100 * s.n / (s.total or 1)), 100) for s in shown]
    elif name in ("xgboost", "lightgbm"):
        assert counts(name, own.rows) == [(s.n, None) for s in shown]
    else:
        assert counts(name, own.rows) == told
    for snapshot in shown:
        reached = snapshot.total is not None and snapshot.n >= snapshot.total
        assert ("finished" if reached else ends(own.raised, name)) == snapshot.state


@pytest.mark.parametrize(("name", "scene"), [(name, scene) for name, scenes in SCENES.items() for scene in scenes])
def test_the_screen_says_what_was_told(name: str, scene: str) -> None:
    """Each bar has one row that stays, with its count, its total and the word for its end, and no other is left."""
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        _needs(name)
    mine = played(name)[scene]["ours"]
    left = [s for s in mine.told if s.leave is not False]
    rows = [row for row in mine.rows if "%|" in row]

    assert len(left) == len(rows)
    for snapshot in left:
        row = next(row for row in rows if row.startswith(snapshot.desc))
        rows.remove(row)
        word = {"failed": "FAILED", "finished": ""}.get(snapshot.state, snapshot.state)
        assert word in row
        if not snapshot.unit_scale:
            assert f"{snapshot.n}/{snapshot.total} [" in row
        assert len(row) <= COLUMNS


VALUES = {
    "ignite": (r"(\w+)=([\d.]+)", ".3g"),
    "xgboost": (r"(\w+-\w+):([\d.]+)", ".5f"),
    "lightgbm": (r"(\w+'s l2): ([\d.]+)", ".6g"),
    "optuna": (r"(Best value): ([\d.]+)", ".6g"),
}
"""The values in the own display's last row, and how it writes them."""
NAMES = {"xgboost": ("-", "."), "lightgbm": ("'s ", "."), "optuna": ("Best value", "best")}


@pytest.mark.parametrize(
    ("name", "scene"),
    [
        (name, scene)
        for name in VALUES
        for scene in SCENES[name]
        if (name, scene) not in (("ignite", "fails"), ("ignite", "interrupted"))
    ],
)
def test_values_are_those_of_the_own_display(name: str, scene: str) -> None:
    """The last value of each metric is, to the digit, the one that is printed or shown beside the own bar.

    Not where an exception ends an engine of ignite: it has let go of its output by then.
    """
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        _needs(name)
    both = played(name)[scene]
    pattern, form = VALUES[name]
    own = dict(re.findall(pattern, both["own"].rows[-1]))
    mine = {key: reading.value for key, reading in ours(name, both["ours"].told)[-1].metrics.items()}
    old, new = NAMES.get(name, ("", ""))

    assert own
    for key, text in own.items():
        if (name, scene, key) == ("ignite", "stops early", "mean"):
            continue  # that of the epoch before, which the engine still has; this epoch had none
        value = mine[key.replace(old, new)]
        assert text == format(ast.literal_eval(str(value)), form), key


def _needs(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in NEEDS.get(name, (name, "tqdm", "numpy")):
            pytest.importorskip(package)
