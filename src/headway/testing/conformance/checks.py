"""How a program is run for the conformance kit, and the checks that several of its themes share."""

from __future__ import annotations

import tempfile
import textwrap
import unittest
from pathlib import Path

from headway.testing import tmux
from headway.testing.conformance.hostile import DANGEROUS
from headway.testing.conformance.witness import lives
from headway.testing.terminal import Screen, run_in_terminal

__all__ = ["Checks", "shown"]

ATTENDED = """
import headway, os, signal, sys, time
from headway.testing.conformance import troubles
from headway.testing.conformance.witness import attend
attend({path!r}{trouble})
"""
"""The beginning of a program whose sinks have a witness."""


def shown(rows: list[str], label: str, parts: list[str]) -> bool:
    """Tell whether the last row with a label shows all these parts."""
    last = "".join([row for row in rows if label in row][-1:])
    return all(part in last for part in parts)


class Checks:
    """Runs programs under the backend, and checks the screens that they leave."""

    backend: str
    """The backend's name, options as a query included."""
    columns = 100
    """Columns of the terminal where a test does not say."""
    prelude = ""
    """Code that each program runs before its first bar, such as that which a logger needs."""
    folder: Path
    """The working directory of the programs of one test."""

    def setup_method(self) -> None:
        """Make the folder; pytest calls this before each test."""
        self._place = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder = Path(self._place.name, "work")
        self.folder.mkdir()

    def teardown_method(self) -> None:
        """Remove the folder; pytest calls this after each test."""
        self._place.cleanup()

    def delivered(self, screen: Screen) -> str:
        """Return the text in which the descriptions of bars and the texts of `write` are found that were shown.

        By default these are the rows of the screen.
        """
        return "\n".join(screen.rows)

    def aside(self, name: str) -> Path:
        """Return the path of a file of the test's own, outside of the folder."""
        return self.folder.parent / name

    def show(self, code: str, **terminal: object) -> Screen:
        """Run a program as it is, with the backend chosen by the environment as a user would.

        Args:
            code: The program.
            terminal: See `run_in_terminal`.
        """
        if terminal.get("judge") == "tmux" and not tmux.is_there():
            raise unittest.SkipTest(tmux.MISSING)
        terminal.setdefault("columns", self.columns)
        terminal.setdefault("cwd", self.folder)
        env = {"HEADWAY_BACKEND": self.backend, **terminal.pop("env", {})}  # type: ignore[dict-item]
        program = f"{textwrap.dedent(self.prelude)}\n{textwrap.dedent(code)}"
        return run_in_terminal(program, env=env, **terminal)  # type: ignore[arg-type]

    def run(self, code: str, *, contained: bool = False, **terminal: object) -> Screen:
        """Run a program that ends with printing DONE, and check that it was not harmed.

        Args:
            code: The program, after `import headway, os, sys, time`.
            contained: Whether the program provokes a fault that headway has to contain and warn of.
            terminal: See `run_in_terminal`.
        """
        program = "import headway, os, sys, time\n" + textwrap.dedent(code) + "\nprint('DONE', flush=True)"
        screen = self.show(program, **terminal)
        self.check(screen.status == 0, "the program ends with status 0", screen)
        self.check(screen.rows[-1:] == ["DONE"], "a line printed after the last bar stands alone on its row", screen)
        self.check(not screen.cursor_hidden, "the cursor is visible at the end", screen)
        if not contained:
            self.check("HeadwayWarning" not in screen.raw, "the renderer raises nothing", screen)
        return screen

    def check(self, truth: bool, promise: str, screen: Screen) -> None:
        """Fail with the broken promise and the screen unless it holds."""
        if not truth:
            raise AssertionError(f"{self.backend}: it does not hold that {promise}. The screen:\n{screen}")

    def check_delivered(self, screen: Screen, labels: list[str]) -> None:
        """Check that these bars were shown."""
        text = self.delivered(screen)
        missing = [label for label in labels if label not in text]
        self.check(not missing, f"all bars are shown; there is no {missing} in {text!r}", screen)

    def check_lives(self, screen: Screen, count: int) -> None:
        """Check that so many sinks have lived, and that each was told the end once, and ended well."""
        found = lives(self.aside("witness"))
        self.check(len(found) == count, f"one sink is made for all bars, {count} in all, not {len(found)}", screen)
        for life in found:
            self.check(not life.flaw, f"each sink ends once, in time and without an error: {life.flaw}", screen)

    def attended(self, code: str, trouble: str = "") -> str:
        """Return a program with a witness before its sinks, and with trouble for them, see `troubles`."""
        beginning = ATTENDED.format(path=str(self.aside("witness")), trouble=f", troubles.{trouble}" if trouble else "")
        return beginning + textwrap.dedent(code)

    def check_rows(self, screen: Screen, label: str, count: int = 1) -> None:
        """Check that a bar has left so many rows."""
        found = len(screen.rows_with(label))
        self.check(found == count, f"{count} row(s) with {label!r} are left, not {found}", screen)

    def check_lines(self, screen: Screen, expected: list[str], start: str) -> None:
        """Check that the rows that begin so are these, in this order, and that nothing but the bar is beside them."""
        found = [row for row in screen.rows if row.startswith(start)]
        self.check(found == expected, f"all lines are there, whole and in order: {expected}", screen)
        self.check(len(screen.rows) == len(expected) + 2, "nothing else is there but the bar", screen)

    def check_safe(self, raw: str, kind: str, screen: Screen) -> None:
        """Check that no control sequence out of a text has reached the terminal in this part of the output."""
        for bad in DANGEROUS:
            self.check(bad not in raw, f"{kind} do not reach the terminal as {bad!r}", screen)
