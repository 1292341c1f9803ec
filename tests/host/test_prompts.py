"""Somebody types at a prompt while a bar is open: what is typed stands in one piece, and the rows come back below."""

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
RENDERERS = ["rows", *[name for name in ("tqdm", "progressbar2", "alive", "rich") if find_spec(f"headway_{name}")]]
SLOW = 0.4
"""Seconds from one piece of what is typed to the next: several frames are due meanwhile."""


def needs(module: str) -> Any:
    """Skip a test where a library is not installed."""
    return pytest.mark.skipif(not find_spec(module), reason=f"{module} is not installed")


def at_prompt(
    backend: str, types: dict[str, str], *arguments: str, code: str = "", hesitates: float = SLOW, **env: str
) -> Screen:
    """Type at a prompt."""
    return run_in_terminal(
        code,
        arguments=arguments,
        columns=100,
        env={"HEADWAY_BACKEND": backend, "PYTHONSTARTUP": "", **env},
        types=types,
        hesitates=hesitates,
        timeout=30,
    )


# ── prompts of shells ────────────────────────────────────────────────────────────────────────────────────────────────

OPEN = (
    "import headway, time; from headway.drawing.hub import hub; "
    "b = [headway.get_bar(9, desc=f'bar {i}') for i in (1, 2)]; "
    "[time.sleep(0.01) for _ in iter(lambda: hub.throttle.late, False)]; print('OPEN' + 'ED')\n"
)
"""Opens two bars, and waits for their first frames."""


@pytest.mark.parametrize("basic", ["1", ""])
@pytest.mark.parametrize("backend", RENDERERS)
def test_rows_make_way_for_the_prompt_of_python(backend: str, basic: str) -> None:
    """At Python's own prompt, from 3.13 on with its line editor, too; the rows are there while a line runs."""
    if not basic and sys.version_info < (3, 13):
        pytest.skip("there is no other prompt before Python 3.13")
    screen = at_prompt(
        backend,
        {
            ">>> ": OPEN,
            "OPENED": "n=1",
            ">>> n=1": "234",
            ">>> n=1234": "567\n",
            ">>> n=1234567": "import time; b[0](3); time.sleep(1.2); print('RA' + 'N', n)\n",
            "RAN 1234567": "[each.close() for each in b][0]; print('CLO' + 'SED')\n",
            "CLOSED": "exit()\n",
        },
        "-q",
        "-i",
        PYTHON_BASIC_REPL=basic,
    )

    assert screen.status == 0, str(screen)
    assert ">>> n=1234567" in screen.rows, str(screen)
    assert "RAN 1234567" in screen.rows, str(screen)
    assert re.search("3(/| of )9", screen.raw), "the row was drawn while a line ran"
    ends = [row for row in screen.rows if row.startswith("bar ") and "stopped" in row]
    assert len(ends) == 2, str(screen)


@pytest.mark.parametrize("basic", ["1", ""])
def test_a_prompt_that_comes_while_a_frame_is_made_has_its_line_to_itself(basic: str) -> None:
    """The drawing thread, which asks a metric here, sees that a prompt comes before the rows have made way for it."""
    if not basic and sys.version_info < (3, 13):
        pytest.skip("there is no other prompt before Python 3.13")
    lines = [f"print('SEE' + 'N', {number})\n" for number in range(20)]
    screen = at_prompt(
        "rows?interval=0.02",
        {
            ">>> ": OPEN,
            "OPENED": "b[0].metrics(slow=lambda: time.sleep(0.1) or 1); print('SL' + 'OW')\n",
            "SLOW": lines[0],
            **{f"SEEN {number}": line for number, line in enumerate(lines[1:])},
            "SEEN 19": "exit()\n",
        },
        "-q",
        "-i",
        hesitates=0.05,
        PYTHON_BASIC_REPL=basic,
    )

    assert screen.status == 0, str(screen)
    for line in lines:
        assert f">>> {line.strip()}" in screen.rows, str(screen)


@pytest.mark.parametrize(
    ("shell", "prompt"),
    [
        pytest.param("IPython", "In [2]: ", marks=needs("IPython")),
        pytest.param("ptpython", ">>> ", marks=needs("ptpython")),
    ],
)
@pytest.mark.parametrize("backend", ["rows", "tqdm"])
def test_rows_make_way_for_the_prompts_of_other_shells(shell: str, prompt: str, backend: str, tmp_path: Path) -> None:
    """At the prompts of IPython and ptpython, which redraw them by themselves."""
    if backend not in RENDERERS:
        pytest.skip("not installed")
    first = prompt.replace("2", "1")
    screen = at_prompt(
        backend,
        {
            first.rstrip(): OPEN.replace("\n", "\r"),
            "OPENED": "n=1",
            f"{prompt}n=1": "234",
            f"{prompt}n=1234": "567\r",
            f"{prompt}n=1234567": "print('RA' + 'N', n)\r",
            "RAN 1234567": "[each.close() for each in b][0]; print('CLO' + 'SED')\r",
            "CLOSED": "exit()\r",
        },
        "-m",
        shell,
        *(["--no-banner", "--no-confirm-exit"] if shell == "IPython" else []),
        IPYTHONDIR=str(tmp_path),
        PTPYTHON_CONFIG_HOME=str(tmp_path),
        HOME=str(tmp_path),
        PROMPT_TOOLKIT_NO_CPR="1",
    )

    assert screen.status == 0, str(screen)
    assert any(row.startswith(f"{prompt}n=1234567") for row in screen.rows), str(screen)
    assert "RAN 1234567" in screen.rows, str(screen)


# ── prompts of programs ──────────────────────────────────────────────────────────────────────────────────────────────

WORK = """
import headway, sys, threading, time
from headway.drawing.hub import hub
shown, over = threading.Event(), threading.Event()
def work():
    with headway.get_bar(1000, desc="work") as bar:
        while hub.throttle.late: time.sleep(0.01)
        shown.set()
        while not over.wait(0.02): bar.update()
thread = threading.Thread(target=work)
"""


@pytest.mark.parametrize("backend", RENDERERS)
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param("import click; answer = click.prompt('name')", marks=needs("click")),
        pytest.param(
            "from prompt_toolkit import prompt; time.sleep(0.5); answer = prompt('name: ')",
            marks=needs("prompt_toolkit"),
        ),
        "answer = input('name: ')",
        "breakpoint()\nanswer = name",
    ],
    ids=["click", "prompt_toolkit", "input", "pdb"],
)
def test_a_bar_of_another_thread_leaves_an_answer_alone(backend: str, ask: str) -> None:
    """A program asks, by whatever means, while a thread reports: the answer is one piece, and the bar goes on."""
    debugger = "breakpoint" in ask
    prompt = "(Pdb) " if debugger else "name: "
    answer = "name='abcd'" if debugger else "abcdefghijk"
    screen = at_prompt(
        backend,
        {
            prompt.rstrip(): answer[:3],
            f"{prompt}{answer[:3]}": answer[3:6],
            f"{prompt}{answer[:6]}": f"{answer[6:]}\r",
            **({f"{prompt}{answer}": "c\r"} if debugger else {}),
        },
        code=f"{WORK}\nthread.start(); shown.wait()\n{ask}\ntime.sleep(0.3); over.set(); thread.join()\nprint('ANSWER', answer)",
        PROMPT_TOOLKIT_NO_CPR="1",
    )

    assert (screen.status, screen.rows[-1]) == (0, f"ANSWER {'abcd' if debugger else answer}"), str(screen)
    assert any(row.endswith(f"{prompt}{answer}") for row in screen.rows), str(screen)
    assert any(row.startswith("work stopped") for row in screen.rows), str(screen)


@needs("prompt_toolkit")
@pytest.mark.parametrize("backend", RENDERERS)
def test_a_stream_that_puts_lines_above_a_prompt_gets_lines(backend: str) -> None:
    """Under prompt_toolkit's `patch_stdout` a bar is told in plain lines: what moves the cursor would be garbled."""
    screen = at_prompt(
        backend,
        {"name:": "abc", "name: abc": "def\r"},
        code=f"""{WORK}
from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout
with patch_stdout():
    thread.start()
    answer = PromptSession().prompt("name: ")
    over.set(); thread.join()
print("ANSWER", answer)
""",
        PROMPT_TOOLKIT_NO_CPR="1",
    )

    assert (screen.status, screen.rows[-1]) == (0, "ANSWER abcdef"), str(screen)
    assert "?[" not in screen.raw, str(screen)
    assert screen.rows_with("headway work"), str(screen)


@needs("click")
def test_lines_of_another_thread_are_not_lost_at_a_prompt() -> None:
    """What a thread prints while somebody types is on the terminal, as without a bar."""
    screen = at_prompt(
        "rows",
        {"name": "abc", "line 3": "def\r"},
        code=f"""{WORK}
import click
def talk():
    time.sleep(1)
    for i in range(4): print("line", i)
    headway.write("written")
thread.start(); threading.Thread(target=talk).start()
answer = click.prompt("name")
over.set(); thread.join()
print("ANSWER", answer)
""",
    )

    assert (screen.status, screen.rows[-1]) == (0, "ANSWER abcdef"), str(screen)
    for text in ("line 0", "line 3", "written"):
        assert text in screen.raw
    assert os.linesep in screen.raw
