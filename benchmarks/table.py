"""Tables as text for the terminal and as markdown, and budgets as words."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Row", "Table", "Value", "beside", "number", "times", "verdict"]

Value = float | str
"""A number, or what went wrong."""
MET, MISSED = "met", "NOT met"


@dataclass
class Row:
    """One contender's line."""

    name: str
    cells: list[str]
    budget: str = ""


@dataclass
class Table:
    """What one section found."""

    title: str
    note: str
    columns: list[str]
    rows: list[Row] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """The budgets that are not met, in words."""
        return [f"{self.title}: {row.name}: {row.budget}" for row in self.rows if MISSED in row.budget]

    def text(self) -> str:
        """Lay the table out for a terminal."""
        lines = self._lines()
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        shown = ["  ".join(_aligned(cells, widths)).rstrip() for cells in lines]
        return "\n".join([self.title, self.note, "", shown[0], "-" * len(shown[0]), *shown[1:], ""])

    def markdown(self) -> str:
        """Lay the table out as markdown."""
        head, *rest = [[cell.replace("|", "\\|") for cell in line] for line in self._lines()]
        rule = ["---", *["---:"] * len(self.columns), "---"]
        rows = "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rest))
        return f"## {self.title}\n\n{self.note}\n\n{rows}\n"

    def _lines(self) -> list[list[str]]:
        budget = any(row.budget for row in self.rows)
        lines = [["", *self.columns, "budget" if budget else ""]]
        for row in self.rows:
            blanks = [""] * (len(self.columns) - len(row.cells))
            lines.append([row.name, *row.cells, *blanks, row.budget])
        return lines


def _aligned(cells: list[str], widths: list[int]) -> list[str]:
    last = len(cells) - 1
    return [
        cell.ljust(width) if i in (0, last) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]


def number(value: Value, digits: int = 1) -> str:
    """Write a value with so many digits, large ones with blanks between thousands."""
    if isinstance(value, str):
        return value
    return f"{value:,.{0 if abs(value) >= 1000 else digits}f}".replace(",", " ")


def beside(value: Value, reference: Value, digits: int = 1) -> str:
    """Write a value, and how many times a reference it is."""
    if isinstance(value, str) or isinstance(reference, str) or reference <= 0:
        return number(value, digits)
    times = max(value, 0.0) / reference
    return f"{number(value, digits)} ({times:.2f}x)" if times < 10 else f"{number(value, digits)} ({times:.0f}x)"


def times(value: Value, reference: Value) -> Value:
    """Return how many times a reference a value is, or what went wrong with either."""
    if isinstance(value, str) or isinstance(reference, str):
        return value if isinstance(value, str) else reference
    return value / reference


def verdict(value: Value, limit: float, unit: str = "", *, digits: int = 1, least: bool = False) -> str:
    """Say whether a value is within its limit, and how far it is from it.

    Args:
        value: What was measured.
        limit: What it is at most.
        unit: What to write behind each number.
        digits: How many to write behind the point.
        least: Whether the limit is what it is at least.
    """
    bound = f"{'>=' if least else '<='} {number(limit, digits)}{unit}"
    if isinstance(value, str):
        return f"{bound}: {MISSED}, failed"
    apart = f"{number(abs(value - limit), digits)}{unit}"
    if value >= limit if least else value <= limit:
        return f"{bound}: {MET}, {apart} to spare"
    share = f" ({value / limit:.1f}x)" if limit else ""
    return f"{bound}: {MISSED}, {apart} {'short' if least else 'over'}{share}"
