"""Mistakes in options and templates that stand outside of code: one warning, and the next choice takes their place."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform in ("emscripten", "win32"), reason="there are no processes, or terminals")

PROGRAM = """
import headway
for i in headway.track(range(5), desc="work"): print("line", i)
with headway.get_bar(3, desc="second") as bar: bar.metrics(loss=1.5); bar.update(3)
print("DONE")
"""


def of(plugin: str, *queries: str) -> list[Any]:
    """Options of a renderer that may not be installed."""
    mark = pytest.mark.skipif(not find_spec(f"headway_{plugin}"), reason="not installed")
    return [pytest.param(f"{plugin}?{query}", marks=mark) for query in queries]


WRONG = [
    *of("tqdm", "bar_format={0}", "bar_format={n.foo}", "bar_format={", "bar_format={n!z}", "bar_format={n[0]}"),
    *of("tqdm", "bar_format={n:q}", "bar_format={n:>99999999999999999999}", "bar_format={desc:d}", "ncols=abc"),
    *of("tqdm", "bar_format={rate_fmt[0][1]}", "interval=nan", "interval=-1", "nope=1"),
    *of("alive", "theme=nope", "length=1e99", "monitor={count", "monitor={0}", "spinner=x"),
    *of("progressbar2", "widgets={", "x=1"),
    *of("rich", "x", "bar_width=x"),
    "rows?bar=%00",
    "rows?width=1e99",
    "events?path=runs/run.jsonl&max_bytes=x",
    "logging?level=nope",
    "spoken?x=1",
    "./nope.py",
    "/dev/null",
    ",",
    "?",
]


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_mistake_warns_and_the_next_choice_shows_the_bars(text: str, place: str, tmp_path: Path) -> None:
    """Whatever is wrong with it, the program runs to its end with status 0, and its bars are seen."""
    if place == "file":
        (tmp_path / "pyproject.toml").write_text(f"[tool.headway]\nbackend = {text!r}\n")
    env = {"HEADWAY_BACKEND": text if place == "environment" else ""}
    screen = run_in_terminal(PROGRAM, env=env, columns=100, cwd=tmp_path)

    assert (screen.status, screen.rows[-1]) == (0, "DONE"), str(screen)
    assert "Traceback" not in screen.raw, str(screen)
    assert "HeadwayWarning" in screen.raw, str(screen)
    assert "work" in screen.raw, str(screen)
    assert "second" in screen.raw, str(screen)


@pytest.mark.parametrize("kind", ["nested", "pipe", "endless", "folder", "binary"])
def test_a_file_that_cannot_be_read_is_passed_over(kind: str, tmp_path: Path) -> None:
    """One that nests without end, a pipe that nobody writes to, a device without an end, a folder, and no text."""
    path = tmp_path / "pyproject.toml"
    if kind == "nested":
        path.write_text(f"[tool.headway]\nbackend = {'[' * 100_000}\n")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"[tool.headway]\nbackend = '\xff\xfe'\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "HEADWAY_BACKEND": ""},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "DONE"), done.stderr
    assert "HeadwayWarning" in done.stderr
    assert "headway work n=5 total=5 100%" in done.stderr
