"""In a test of pytest detection shows nothing, and whatever asks for a backend is heard."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import headway
from headway.choosing import selection

pytestmark = pytest.mark.skipif(sys.platform == "emscripten", reason="there are no processes here")

TESTS = """
import subprocess, sys
import headway

for _ in headway.track(range(3), desc="collected"): pass

def show(desc, **about):
    for _ in headway.track(range(3), desc=desc, **about): pass

def test_detected(): show("detected")
def test_argument(): show("argument", backend="plain")
def test_used():
    with headway.use("plain"): show("used")
def test_own_stream(tmp_path):
    with open(tmp_path / "own", "w+") as own:
        show("own", file=own)
        assert own.seek(0) == 0 and "headway own n=3" in own.read()
def test_child():
    program = "import headway\\nfor _ in headway.track(range(3), desc='child'): pass"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "headway child n=3" in done.stderr, done
def test_failure():
    show("failure")
    raise SystemExit("on purpose")
"""


def shown(folder: Path, *options: str, **env: str) -> set[str]:
    """Run the tests in a process of their own, and return the bars that its output has."""
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *options, "test_it.py"]
    environ = {**os.environ, "HEADWAY_RELAY": "off", **env}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environ, timeout=60
    )

    assert "1 failed, 5 passed" in done.stdout, done.stdout
    return {
        desc for desc in ("collected", "detected", "argument", "used", "failure") if f"headway {desc} " in done.stdout
    }


ASKED = {"argument", "used"}
REPORTED = {*ASKED, "detected", "failure"}
"""What pytest reports of what it captures: nothing that is written while tests are collected."""


@pytest.mark.parametrize(
    ("options", "env", "expected"),
    [
        ((), {}, ASKED),
        (("--capture=sys",), {}, ASKED),
        ((), {"HEADWAY_BACKEND": "plain"}, REPORTED),
        ((), {"HEADWAY_BACKEND": "nobody"}, set()),
        (("-s",), {}, {*REPORTED, "collected"}),
    ],
    ids=["by default", "sys", "environment", "wrong environment", "not captured"],
)
def test_a_test_shows_what_was_asked_for(
    options: tuple[str, ...], env: dict[str, str], expected: set[str], tmp_path: Path
) -> None:
    """Without a wish nothing is written to what pytest captures; programs that a test starts write as ever."""
    assert expected == shown(tmp_path, *options, **env)


@pytest.mark.skipif(not find_spec("xdist"), reason="pytest-xdist is not installed")
@pytest.mark.parametrize("options", [(), ("-s",)], ids=["captured", "shared"])
def test_workers_of_xdist_show_what_was_asked_for(options: tuple[str, ...], tmp_path: Path) -> None:
    """The workers share one terminal, so that they show nothing by themselves, without capturing either."""
    assert shown(tmp_path, "-n", "1", *options) <= ASKED


def test_a_file_may_ask_for_a_backend(tmp_path: Path) -> None:
    """What a configuration file says is a wish."""
    (tmp_path / "pyproject.toml").write_text('[tool.headway]\nbackend = "plain"\n', encoding="utf-8")

    assert shown(tmp_path) == REPORTED


def test_the_reason_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision says that a test has made it; a process that reports to another has nothing to report, either."""
    assert selection.detect(sys.stderr) == selection.Decision((), "detection", "a test of pytest writes there")
    assert not selection.shown()
    assert selection.shown(argument="plain")
    with capsys.disabled():
        monkeypatch.setattr(sys, "stderr", sys.__stderr__)
        assert selection.shown()
    headway.get_bar(3).close()

    assert capsys.readouterr() == ("", "")
