"""Programs with bars of tqdm, alive-progress and progressbar2, under every renderer: import changed, and unchanged."""

import json
import re
import textwrap
from pathlib import Path

import pytest

from headway.choosing.discovery import installed
from headway.testing import Screen, run_in_terminal
from twins import through_the_door

for library in ("tqdm", "alive_progress", "progressbar"):
    pytest.importorskip(library)

PROGRAM = textwrap.dedent(
    """
    import progressbar
    from alive_progress import alive_bar, alive_it
    from tqdm import tqdm

    total = 0
    for epoch in tqdm(range(3), desc="epochs"):
        total += epoch
    with alive_bar(200, title="samples") as bar:
        for sample in range(200):
            total += sample
            bar()
        print("counted", bar.current)
    for item in alive_it(range(4), title="items"):
        total += item
    widgets = ["work: ", progressbar.Percentage(), " ", progressbar.Bar(), " ", progressbar.ETA()]
    bar = progressbar.ProgressBar(max_value=10, widgets=widgets)
    for i in bar(range(10)):
        total += i
    bar = progressbar.ProgressBar(max_value=5, prefix="steps ").start()
    for i in range(5):
        bar.update(i)
    bar.finish()
    for i in progressbar.progressbar(range(50), prefix="lines ", redirect_stdout=True):
        if i == 25:
            print("half of it")
    print("total", total)
    """
)
BARS = {"epochs": 3, "samples": 200, "items": 4, "work": 10, "steps": 5, "lines": 50}
PRINTED = ["counted 200", "half of it", "total 19954"]
ROWS = ["rows", *(name for name in ("tqdm", "alive", "progressbar2", "rich") if name in installed())]


def run(way: str, backend: str, folder: Path) -> Screen:
    """Run the program with its imports changed, or unchanged by `headway run`."""
    program = PROGRAM
    if way == "imports":
        for library in ("tqdm", "alive_progress", "progressbar"):
            program = through_the_door(program, library)
    script = folder / "program.py"
    script.write_text(program)
    arguments = [str(script)] if way == "imports" else ["-m", "headway", "run", str(script)]
    return run_in_terminal("", arguments=arguments, env={"HEADWAY_BACKEND": backend}, columns=100, cwd=folder)


@pytest.mark.parametrize("backend", ROWS)
@pytest.mark.parametrize("way", ["imports", "headway run"])
def test_each_bar_has_a_row(way: str, backend: str, tmp_path: Path) -> None:
    """Each bar leaves one row, in order and complete, and what is printed stands on lines of its own."""
    screen = run(way, backend, tmp_path)

    assert screen.status == 0, str(screen)
    assert [row for row in screen.rows if row in PRINTED] == PRINTED, str(screen)
    rows = [row for row in screen.rows if row not in PRINTED]
    assert [re.split(r"\W", row)[0] for row in rows] == list(BARS), str(screen)
    assert all("100%" in row for row in rows), str(screen)


@pytest.mark.parametrize("way", ["imports", "headway run"])
def test_as_lines(way: str, tmp_path: Path) -> None:
    """As plain lines, each bar says that it has ended, with its count."""
    screen = run(way, "plain", tmp_path)

    assert screen.status == 0, str(screen)
    for bar, n in BARS.items():
        assert screen.rows_with(f"headway {bar} n={n} total={n} 100%"), str(screen)


@pytest.mark.parametrize("way", ["imports", "headway run"])
def test_as_events(way: str, tmp_path: Path) -> None:
    """An event file has the end of each bar, and the terminal only what is printed."""
    screen = run(way, f"events?path={tmp_path / 'run.jsonl'}", tmp_path)
    events = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    ends = {event["desc"]: (event["n"], event["state"]) for event in events if event.get("event") == "close"}

    assert screen.rows == PRINTED, str(screen)
    assert ends == {bar: (n, "finished") for bar, n in BARS.items()}


@pytest.mark.parametrize("way", ["imports", "headway run"])
def test_with_progress_off(way: str, tmp_path: Path) -> None:
    """Nothing but what is printed is to be seen."""
    screen = run(way, "off", tmp_path)

    assert (screen.status, screen.rows) == (0, PRINTED), str(screen)
