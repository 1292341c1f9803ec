"""What counts as a terminal."""

import io
import os
from typing import Any

import pytest

from headway.host.environment import any_is_set, is_terminal, variable


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Broken:
    """A stream that cannot be asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def isatty(self) -> bool:
        raise self.error


@pytest.mark.parametrize(
    ("stream", "env", "expected"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"HEADWAY_INTERACTIVE": "0"}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"HEADWAY_INTERACTIVE": "1", "TERM": "dumb"}, True),
        (io.StringIO(), {"HEADWAY_INTERACTIVE": "perhaps"}, False),
        (None, {}, False),
        (object(), {}, False),
        (Broken(OSError()), {}, False),
        (Broken(ValueError("closed")), {}, False),
    ],
)
def test_what_is_a_terminal(stream: Any, env: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stream says counts, but for `TERM=dumb`; `HEADWAY_INTERACTIVE` overrules both."""
    monkeypatch.delenv("TERM", raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    assert is_terminal(stream) is expected


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_a_real_terminal_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pseudo-terminal is taken for a terminal."""
    monkeypatch.setenv("TERM", "xterm")
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as stream:
        assert is_terminal(stream)
    os.close(master)


@pytest.mark.parametrize("plain", [False, True])
def test_a_variable_is_read_as_it_is_now(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if the program has put a dictionary in the place of the environment."""
    if plain:
        monkeypatch.setattr(os, "environ", dict(os.environ))
    seen = []
    for value in ("é b", "", "c"):
        os.environ["HEADWAY_TEST"] = value
        seen.append((variable("HEADWAY_TEST"), any_is_set(("HEADWAY_OTHER", "HEADWAY_TEST"))))
    del os.environ["HEADWAY_TEST"]
    seen.append((variable("HEADWAY_TEST"), any_is_set(("HEADWAY_OTHER", "HEADWAY_TEST"))))

    assert seen == [("é b", True), ("", True), ("c", True), ("", False)]
