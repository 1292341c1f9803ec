"""Draw how headway and the peers behave on four telling runs, as SVG: `docs/pictures/eta-*.svg`.

`python benchmarks/eta/pictures.py` makes them all. Each line is the end that an estimator predicted, over the time at
which it did so; the truth is level. What is off the picture is drawn at its border.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.sax.saxutils import escape

from peers import PEERS
from run import HEADWAY, of_headway
from score import Shown
from traces import Trace, telling

from headway.estimate import Estimator

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 820, 330, 62, 150, 46, 40
"""Of the picture, and of what is around the plot, in pixels."""
FONTS = "ui-sans-serif, system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif"
BACK, FRAME, TEXT, DIM, TRUTH = "#161a22", "#252b37", "#d4d8e0", "#7f8796", "#8fd18a"
COLOURS = {
    "indicatif": "#8a6f5a",
    "tqdm": "#c792ea",
    "rich": "#61afef",
    "keras": "#e5c07b",
    "mean": "#f07178",
    HEADWAY: "#ffffff",
}
"""What is drawn, the last on top."""


class Plot:
    """Seconds to pixels."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.end = trace, trace.times[-1]
        self.low, self.high = 0.4 * self.end, 1.8 * self.end

    def x(self, t: float) -> float:
        """The place of a time of the run."""
        return LEFT + (WIDTH - LEFT - RIGHT) * t / self.end

    def y(self, predicted: float) -> float:
        """The place of a predicted end."""
        share = (min(self.high, max(self.low, predicted)) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    def points(self, values: list[tuple[float, float]]) -> str:
        """Corners of a line."""
        return " ".join(f"{self.x(t):.1f},{self.y(predicted):.1f}" for t, predicted in values)

    def line(self, shown: Shown, colour: str, width: float) -> str:
        """Draw what an estimator predicted."""
        values = [(t, t + eta) for t, (eta, _) in zip(self.trace.queries, shown, strict=True) if eta is not None]
        corners = self.points(values)
        return f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="{width}"/>'

    def band(self, shown: Shown) -> str:
        """Draw the range in which the end was predicted to be."""
        ranges = [(t, t + r[0], t + r[1]) for t, (_, r) in zip(self.trace.queries, shown, strict=True) if r is not None]
        upper, lower = [(t, high) for t, _, high in ranges], [(t, low) for t, low, _ in reversed(ranges)]
        return f'<polygon points="{self.points(upper + lower)}" fill="#ffffff" fill-opacity="0.12"/>'


def label(x: float, y: float, text: str, colour: str, *, anchor: str = "start") -> str:
    """Write a text at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def axes(plot: Plot) -> list[str]:
    """Draw the frame, the truth and what the axes mean."""
    right, bottom, true = WIDTH - RIGHT, HEIGHT - BOTTOM, plot.y(plot.end)
    parts = [
        f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}" fill="none" stroke="{FRAME}"/>'
    ]
    for percent in (50, 100, 150):
        y = plot.y(plot.end * percent / 100)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="{FRAME}"/>')
        parts.append(label(LEFT - 8, y + 4, f"{percent} %", DIM, anchor="end"))
    parts.append(f'<path d="M{LEFT} {true:.1f}H{right}" stroke="{TRUTH}" stroke-dasharray="5 4"/>')
    ticks = [share * plot.end for share in (0, 0.25, 0.5, 0.75, 1)]
    parts += (label(plot.x(t), bottom + 17, f"{t:.0f} s", DIM, anchor="middle") for t in ticks)
    parts.append(label((LEFT + right) / 2, HEIGHT - 7, "time of the run", DIM, anchor="middle"))
    return [*parts, label(LEFT, TOP - 8, "predicted end, of the true one", DIM)]


def svg(trace: Trace) -> str:
    """Draw one run."""
    plot = Plot(trace)
    shown = {name: PEERS[name](trace) for name in COLOURS if name in PEERS}
    shown[HEADWAY] = of_headway(Estimator, trace)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"',
        f'font-family="{FONTS}" font-size="12" role="img">',
        f"<title>{escape(trace.name)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="9" fill="{BACK}"/>',
        f'<g font-size="15">{label(LEFT, 22, trace.name, TEXT)}</g>',
        *axes(plot),
        plot.band(shown[HEADWAY]),
        *(plot.line(shown[name], colour, 2.4 if name == HEADWAY else 1.2) for name, colour in COLOURS.items()),
    ]
    legend = [*reversed(COLOURS.items()), ("the truth", TRUTH), ("its 10 to 90 %", DIM)]
    for i, (name, colour) in enumerate(legend):
        y = TOP + 14 + 19 * i
        parts.append(f'<path d="M{WIDTH - RIGHT + 12} {y - 4}h16" stroke="{colour}" stroke-width="2.4"/>')
        parts.append(label(WIDTH - RIGHT + 34, y, name, TEXT))
    return "\n".join((*parts, "</svg>\n"))


def main() -> None:
    """Draw all, into the directory that the command line names."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "docs" / "pictures")
    for key, trace in telling().items():
        (out / f"eta-{key}.svg").write_text(svg(trace), encoding="utf-8")


if __name__ == "__main__":
    main()
