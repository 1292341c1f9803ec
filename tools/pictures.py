"""Make the README's pictures: one run of one program, shown by each renderer, as an SVG with two panels.

Each picture is recorded from the command in its title on a real pseudo-terminal and read back by a terminal emulator.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import pyte

PROGRAM = """
import math
import time

import headway

loop = headway.loop(range(24), epochs=3, validation=range(4), metrics=["loss", headway.Metric("acc", best="max")])
for epoch in loop:
    for batch in loop.train():
        time.sleep(0.2)
        loop.metrics(loss=2.3 * math.exp(-loop.step / 24))
    for batch in loop.validate():
        time.sleep(0.1)
    loop.metrics(acc=1 - 0.9 * math.exp(-loop.step / 30))
    if epoch == 0:
        loop.write("checkpoint saved: epoch-1.pt")
"""
MIDDLE = 8.35
"""Seconds from the first output to the first panel: the 16th batch of the second epoch is 0.15 s old."""
COLUMNS, LINES = 122, 30
EVENTS = "run.jsonl"
FIELDS = ("event", "desc", "phase", "n", "total", "metrics", "text")
"""What is shown of an event."""


@dataclass(frozen=True)
class Picture:
    """One renderer's picture: how the backend is chosen, and what stands behind the program's name."""

    name: str
    backend: str
    pipe: str = ""

    @property
    def command(self) -> str:
        """What a user types, and what is run."""
        return f"HEADWAY_BACKEND={shlex.quote(self.backend)} python train.py{self.pipe}"


PICTURES = (
    Picture("tqdm", "tqdm"),
    Picture("alive", "alive"),
    Picture("progressbar2", "progressbar2"),
    Picture("rich", "rich"),
    Picture("plain", "plain?interval=1&percent=50", " 2>&1 | cat"),
    Picture("events", f"events?path={EVENTS}"),
)


def record(command: str, directory: str) -> list[tuple[float, bytes]]:
    """Run a shell command on a pseudo-terminal; return what it wrote and when, in seconds from the first output."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    env = {**inherited, "PATH": path, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(command, shell=True, cwd=directory, env=env, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    chunks: list[tuple[float, bytes]] = []
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # EIO: the last holder of the terminal is gone
            data = b""
        if not data:
            break
        chunks.append((time.monotonic(), data))
    os.close(master)
    if process.wait():
        raise SystemExit(f"{command} failed:\n{b''.join(data for _, data in chunks).decode()}")
    return [(at - chunks[0][0], data) for at, data in chunks]


def panels(picture: Picture) -> dict[str, str]:
    """Run the program and return what stood on the terminal in the middle and at the end, by caption."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "train.py").write_text(PROGRAM, encoding="utf-8")
        chunks = record(picture.command, directory)
        if picture.backend.startswith("events"):
            return event_panels((Path(directory) / EVENTS).read_text(encoding="utf-8").splitlines())
    middle = b"".join(data for at, data in chunks if at <= MIDDLE)
    end = b"".join(data for _, data in chunks)
    return {"while it runs": middle.decode(errors="replace"), "at the end": end.decode()}


def event_panels(lines: list[str]) -> dict[str, str]:
    """Return the last lines of an event file as it was in the middle and at the end, by caption."""
    events = [json.loads(line) for line in lines]
    middle = [event for event in events if event["time"] <= events[0]["time"] + MIDDLE]
    about = f"the last lines of {EVENTS}, shortened"
    return {
        f"while it runs: {about}": "\r\n".join(map(shortened, middle[-3:])),
        f"at the end: {about}": "\r\n".join(map(shortened, events[-3:])),
    }


def shortened(event: dict[str, object]) -> str:
    """Write an event as one row, with `…` for what is left out."""
    shown = [f"{json.dumps(key)}: {json.dumps(value)}" if key in FIELDS else "…" for key, value in event.items()]
    parts = ["… " if part == "…" else f"{part}, " for part, _ in itertools.groupby(shown)]
    text = "{" + "".join(parts).rstrip(", ") + "}"
    return text if len(text) <= COLUMNS else f"{text[: COLUMNS - 1]}…"


Cell = tuple[str, str, bool]
"""A character, its colour and whether it is bold."""


def screen(text: str) -> list[list[Cell]]:
    """Show a text on a terminal; return its rows down to the last that is not blank."""
    terminal = pyte.Screen(COLUMNS, LINES)
    pyte.Stream(terminal).feed(text.replace("\ufe0e", ""))  # pyte loses what follows a variation selector
    rows = [[terminal.buffer[y][x] for x in range(COLUMNS)] for y in range(LINES)]
    while rows and not "".join(cell.data for cell in rows[-1]).strip():
        rows.pop()
    return [[(cell.data, colour(cell.fg), cell.bold) for cell in row] for row in rows]


WIDTH, HEIGHT, SIZE, MARGIN = 8.4, 19, 14, 18
"""Of a cell, of the text in it, and around all, in pixels."""
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"
TEXT, DIM, BACK, FRAME = "#d4d8e0", "#7f8796", "#161a22", "#252b37"
COLOURS = {
    "default": TEXT,
    "black": "#5c6370",
    "red": "#f07178",
    "green": "#8fd18a",
    "brown": "#e5c07b",  # pyte's word for yellow
    "blue": "#61afef",
    "magenta": "#c792ea",
    "cyan": "#5ccfe6",
    "white": "#ffffff",
}


def colour(name: str) -> str:
    """Translate pyte's word for a colour; 256 and 24-bit colours are six hexadecimal digits."""
    return COLOURS.get(name.removeprefix("bright"), f"#{name}")


def svg(title: str, shown: dict[str, str]) -> str:
    """Draw a window with a title and panels with captions."""
    top, parts = 54.0, []
    for caption, text in shown.items():
        parts.append(label(MARGIN, top, caption, DIM))
        for row in screen(text):
            top += HEIGHT
            parts += draw(row, top)
        top += HEIGHT * 1.8
    width, height = round(COLUMNS * WIDTH + 2 * MARGIN), round(top - HEIGHT * 0.2)
    lights = (f'<circle cx="{MARGIN + 6 + 20 * i}" cy="19" r="6" fill="{DIM}"/>' for i in range(3))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        f'font-family="{FONTS}" font-size="{SIZE}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" rx="9" fill="{BACK}"/>',
        f'<path d="M0 38V9a9 9 0 0 1 9-9H{width - 9}a9 9 0 0 1 9 9V38z" fill="{FRAME}"/>',
        *lights,
        label(MARGIN + 70, 10, title, TEXT),
    )
    return "\n".join((*head, *parts, "</svg>\n"))


def draw(row: list[Cell], top: float) -> list[str]:
    """Draw a row of cells: block characters as rectangles, all else as text that is held to its columns."""
    parts: list[str] = []
    start = 0
    for (kind, fill, bold), group in itertools.groupby(row, key=lambda cell: (kind_of(cell[0]), cell[1], cell[2])):
        cells = list(group)
        text, x = "".join(cell[0] for cell in cells), MARGIN + start * WIDTH
        start += len(cells)
        if kind == "block":
            parts.append(blocks(text, x, top, fill))
        elif text.strip():
            x += (len(text) - len(text.lstrip())) * WIDTH
            parts.append(label(x, top, text.strip(), fill, bold=bold))
    return parts


def kind_of(data: str) -> str:
    """Tell what is drawn together: block characters, ASCII, and each other character by itself."""
    return "block" if data and data in "▁▂▃▄▅▆▇█▉▊▋▌▍▎▏" else "text" if data.isascii() else data


def blocks(text: str, x: float, top: float, fill: str) -> str:
    """Draw block characters as one path, a run of full blocks without a seam."""
    tall, path = HEIGHT - 3, ""
    for char, group in itertools.groupby(text):
        many, code = len(list(group)), ord(char) - ord("▁")
        for width, height in [(many * WIDTH, tall)] if char == "█" else [partial(code, tall)] * many:
            path += f"M{x:.1f} {top + 1 + tall - height:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"
            x += width if char == "█" else WIDTH
    return f'<path d="{path}" fill="{fill}"/>'


def partial(code: int, tall: float) -> tuple[float, float]:
    """Return width and height of `▁` to `▇`, numbered from 0, and of `▉` to `▏`, numbered from 8."""
    return (WIDTH, tall * (code + 1) / 8) if code < 7 else (WIDTH * (15 - code) / 8, tall)


def label(x: float, top: float, text: str, fill: str, *, bold: bool = False) -> str:
    """Write a text at a place, stretched to its columns in whatever font there is."""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{top + 14:.1f}" textLength="{len(text) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs" '
        f'xml:space="preserve" fill="{fill}"{weight}>{escape(text)}</text>'
    )


def main() -> None:
    """Make all pictures at once, in the directory that the command line names."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs" / "pictures")
    out.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        for picture, shown in zip(PICTURES, pool.map(panels, PICTURES), strict=True):
            (out / f"{picture.name}.svg").write_text(svg(picture.command, shown), encoding="utf-8")


if __name__ == "__main__":
    main()
