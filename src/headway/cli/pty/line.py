"""The line that a program is writing on its terminal, as it stands there: a small terminal emulator for one line.

It knows carriage returns, backspaces, tabs, colours, and sequences that move or erase within the line.
Pure: texts in, text out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from headway import format as fmt

__all__ = ["Line", "Pen"]

TOKENS = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|(?P<aside>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07|\x1b[=>]|\x1b[ -/]+[0-~])"
    r"|(?P<control>.)",
    re.DOTALL,
)
SIMPLE = re.compile(r"(?:[^\x00-\x08\x0a-\x1f\x7f-\x9f]|\x1b\[[\d;:]*m)*")
"""A line in which nothing moves: it can be shown as it is."""
COLOURS = re.compile(r"\x1b\[([\d;:]*)m")
RESET = "\x1b[0m"
TAB = 8
_OFF = {"22": ("bold", "faint"), "23": ("slant",), "24": ("under",), "25": ("blink",), "27": ("inverse",)}
_OFF |= {"28": ("hidden",), "29": ("struck",), "39": ("fore",), "49": ("back",), "54": ("frame",), "55": ("over",)}
_OFF |= {"59": ("line",), "10": ("font",)}
_ON = {"1": "bold", "2": "faint", "3": "slant", "20": "slant", "4": "under", "21": "under", "5": "blink", "6": "blink"}
_ON |= {"7": "inverse", "8": "hidden", "9": "struck", "51": "frame", "52": "frame", "53": "over"}
_LONG = {"38": "fore", "48": "back", "58": "line"}


class Pen:
    """The colours and other attributes that text is written with."""

    def __init__(self) -> None:
        self._set: dict[str, str] = {}

    def __str__(self) -> str:
        """Return the sequence that brings them about; empty for none."""
        return f"\x1b[{';'.join(self._set.values())}m" if self._set else ""

    def take(self, parameters: str) -> None:
        """Follow a sequence that ends in `m`."""
        said = parameters.split(";")
        while said:
            code = said.pop(0)
            kind = code.partition(":")[0].lstrip("0")
            if kind in _LONG and ":" not in code:
                more = 1 + {"5": 1, "2": 3}.get(said[0] if said else "", 0)
                code, said = ";".join([code, *said[:more]]), said[more:]
            self._change(kind, code)

    def _change(self, kind: str, code: str) -> None:
        if not kind:
            self._set.clear()
        elif kind in _OFF or code == "4:0":
            for name in _OFF.get(kind, ("under",)):
                self._set.pop(name, None)
        elif kind in _ON:
            self._set[_ON[kind]] = code
        elif kind in _LONG:
            self._set[_LONG[kind]] = code
        elif kind.isdigit() and (30 <= int(kind) <= 37 or 90 <= int(kind) <= 97):
            self._set["fore"] = code
        elif kind.isdigit() and (40 <= int(kind) <= 47 or 100 <= int(kind) <= 107):
            self._set["back"] = code
        elif kind.isdigit() and 11 <= int(kind) <= 19:
            self._set["font"] = code


class Line:
    """The line, and the pen.

    Args:
        on_aside: Gets the sequences that belong to the terminal and to no line, such as its title and its modes.
    """

    def __init__(self, on_aside: Callable[[str], object] = lambda _sequence: None) -> None:
        self.pen = Pen()
        self.on_aside = on_aside
        self._cells: list[str] = []
        """A character each, with the combining ones behind it; a wide one has an empty cell behind it."""
        self._pens: list[str] = []
        self._column = 0

    def __bool__(self) -> bool:
        """Tell whether anything of it stands on the terminal, be it the cursor aside."""
        return bool(self._cells) or self._column > 0

    def __len__(self) -> int:
        return len(self._cells)

    def feed(self, text: str) -> None:
        """Follow text that has no line end."""
        for token in TOKENS.finditer(text):
            kind = token.lastgroup
            if kind == "text":
                self._put(token[0])
            elif kind == "final":
                self._obey(token[0], token["parameters"], token["final"])
            elif kind == "aside":
                self.on_aside(token[0])
            else:
                self._control(token[0])

    def ended(self, text: str = "") -> str:
        """Follow text up to a line end, and return the whole line, with its colours; none of them goes on behind it."""
        if not self and SIMPLE.fullmatch(text):
            return self._as_it_is(text)
        self.feed(text)
        whole = _joined(self._cells, self._pens)
        self.clear()
        return whole

    def _as_it_is(self, text: str) -> str:
        before = str(self.pen)
        colours = COLOURS.findall(text)
        for parameters in colours:
            self.pen.take(parameters)
        return f"{before}{text}{RESET}" if before or colours else text

    def taken(self, cells: int) -> str:
        """Take so many columns off its beginning, and return them."""
        text = _joined(self._cells[:cells], self._pens[:cells])
        del self._cells[:cells], self._pens[:cells]
        self._column = max(0, self._column - cells)
        return text

    def clear(self) -> None:
        """Begin another line."""
        self._cells, self._pens, self._column = [], [], 0

    def shown(self, columns: int) -> tuple[str, int]:
        """Return as much of it as fits, and the column of the cursor in that: the end, or the part where it is."""
        start = max(0, min(max(len(self._cells), self._column + 1) - columns, self._column))
        cells = self._cells[start : start + columns]
        if cells and not cells[0]:
            cells[0] = " "
        if len(cells) == columns and fmt.width(cells[-1]) > 1:
            cells[-1] = " "
        return _joined(cells, self._pens[start : start + columns]), min(self._column - start, columns - 1)

    # ── characters and movements ──────────────────────────────────────────────────────────────────────────────────────

    def _put(self, text: str) -> None:
        pen = str(self.pen)
        if text.isascii():
            self._set(list(text), pen)
            return
        for char in text:
            columns = fmt.width(char)
            if columns:
                self._set([char, ""] if columns > 1 else [char], pen)
            elif self._column and self._column <= len(self._cells):
                at = self._column - 1 - (not self._cells[self._column - 1])
                self._cells[max(0, at)] += char

    def _set(self, cells: list[str], pen: str) -> None:
        at, end = self._column, self._column + len(cells)
        self._fill(at)
        self._cells[at:end] = cells
        self._pens[at:end] = [pen] * len(cells)
        self._column = end

    def _fill(self, columns: int) -> None:
        lacking = columns - len(self._cells)
        if lacking > 0:
            self._cells += [" "] * lacking
            self._pens += [""] * lacking

    def _control(self, char: str) -> None:
        if char == "\r":
            self._column = 0
        elif char == "\b":
            self._column = max(0, self._column - 1)
        elif char == "\t":
            self._column += TAB - self._column % TAB
            self._fill(self._column)

    def _obey(self, sequence: str, parameters: str, final: str) -> None:
        if final == "m" and parameters[:1] not in ("?", ">", "<", "="):
            self.pen.take(parameters)
            return
        if not parameters.isdigit() and parameters:
            self.on_aside(sequence)
            return
        number = min(int(parameters or 0), 9999)
        many = max(1, number)
        if final == "C":
            self._column += many
        elif final == "D":
            self._column = max(0, self._column - many)
        elif final in "G`":
            self._column = many - 1
        elif final == "K":
            self._erase(number)
        elif final in "P@X":
            self._shift(final, many)
        else:
            self.on_aside(sequence)

    def _erase(self, how: int) -> None:
        if how == 0:
            del self._cells[self._column :], self._pens[self._column :]
        elif how == 2:
            self._cells, self._pens = [], []
        elif how == 1:
            self._blank(0, min(self._column + 1, len(self._cells)))

    def _blank(self, start: int, end: int) -> None:
        self._cells[start:end] = [" "] * (end - start)
        self._pens[start:end] = [""] * (end - start)

    def _shift(self, final: str, many: int) -> None:
        """Delete (`P`), insert (`@`) or blank (`X`) characters at the cursor."""
        at, end = self._column, self._column + many
        if final == "P":
            del self._cells[at:end], self._pens[at:end]
        elif final == "X":
            self._blank(at, min(end, len(self._cells)))
        elif at < len(self._cells):
            self._cells[at:at], self._pens[at:at] = [" "] * many, [""] * many


def _joined(cells: list[str], pens: list[str]) -> str:
    if not any(pens):
        return "".join(cells)
    text, before = [], ""
    for cell, pen in zip(cells, pens, strict=True):
        if pen != before:
            text.append(f"{RESET}{pen}" if before else pen)
            before = pen
        text.append(cell)
    return "".join(text) + (RESET if before else "")
