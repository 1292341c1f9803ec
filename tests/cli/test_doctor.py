"""`headway doctor NAME`: a backend is tried in a process and a terminal of its own, which it may end as it likes."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bad_plugins import BACKENDS, OPTIONS, module
from distributions import distribution, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

Reports = dict[str, "subprocess.CompletedProcess[str]"]

SINK = "{hook}import ctypes, os, signal, threading, time\nclass S(PerBar):\n    def __init__(self, context): "
DRAWN = "\n{renderer:S, protocol=2, draws='rows'}"
STUBBORN = {
    "leaves": ("import os; os._exit(7)", "it ended the process with the exit status 7 while loading the plugin."),
    "cuts": ("raise KeyboardInterrupt", "it raised KeyboardInterrupt while loading the plugin."),
    "exits": (f"{SINK}raise SystemExit(4){DRAWN}", "it raised SystemExit: 4 while making the sink."),
    "halts": (f"{SINK}time.sleep(1000){DRAWN}", "it did not come back within 10 seconds while making the sink."),
    "crashes": (
        f"{SINK}ctypes.string_at(0){DRAWN}",
        "it ended the process by the signal SIGSEGV while making the sink.",
    ),
    "dies": (f"{SINK}os.kill(0, signal.SIGKILL){DRAWN}", "it ended the process by the signal SIGKILL while making the"),
    "lingers": (
        f"{SINK}threading.Thread(target=time.sleep, args=(1000,)).start(){DRAWN}",
        "it did not come back within 10 seconds while ending the process.",
    ),
    "closes": (f"{SINK}[os.close(fd) for fd in (0, 1, 2)]{DRAWN}", "it has written nothing of a bar on its stream."),
    "forks": (
        f"{SINK}signal.signal(signal.SIGHUP, signal.SIG_IGN); os.fork() or time.sleep(1000){DRAWN}",
        "it has written nothing of a bar on its stream.",
    ),
    "mumbles": (
        (
            "{hook}class S(PerBar):\n    def __init__(self, context): self.stream = context.stream\n"
            f"    def update(self, snapshot): self.stream.write('\\x1b[?25l\\rrow'){DRAWN}"
        ),
        "its call write has not written the text",
    ),
}
"""Plugins that would end the doctor, or wait for ever, in its own process, and those that do nothing wrong but draw."""
SLOW = f"import time; time.sleep(0.3)\n{SINK}pass\n{{renderer:S, protocol=2, draws='nothing'}}"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one distribution for each mistake."""
    folder = tmp_path_factory.mktemp("bad")
    for name, plugin in {**BACKENDS, **STUBBORN, "slow": (SLOW,)}.items():
        distribution(folder, f"bad-{name}", ("headway", name), module(plugin[0]))
    return folder


MISTAKES = ("lacking", "torn", "leaving", "raising", "misspelt", "newer", "mute", "failing", "picky")


@pytest.fixture(scope="module")
def reports(installed: Path) -> Reports:
    """The report of each bad plugin; several run at once, for some of them take ten seconds."""

    def report(name: str) -> "subprocess.CompletedProcess[str]":
        return run(installed, "-m", "headway", "doctor", name + OPTIONS.get(name, ""))

    names = (*STUBBORN, *MISTAKES)
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(names, pool.map(report, names), strict=True))


def complete(folder: Path, name: str) -> None:
    """Have a distribution need nothing that is not installed."""
    file = folder / f"bad_{name}-1.0.dist-info" / "METADATA"
    file.write_text(re.sub(r"Requires-Dist: no-such.*\n", "", file.read_text()))


@pytest.mark.parametrize("name", STUBBORN)
def test_no_plugin_ends_the_doctor(installed: Path, reports: Reports, name: str) -> None:
    """Whatever the plugin does to its process, the report says what it was and when."""
    done = reports[name]

    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith(f"{name}, of bad-{name} 1.0\n")
    assert f"Wrong: {STUBBORN[name][1]}" in done.stdout
    assert "Traceback" not in done.stderr
    if name in ("exits", "halts", "crashes"):
        assert re.search(rf'File "{installed}/bad_{name}.py", line 4,? in __init__', done.stdout), done.stdout
    assert "headway/cli/" not in done.stdout
    if name == "mumbles":
        assert "Wrong: it leaves the cursor hidden." in done.stdout


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_shown_with_its_traceback(installed: Path, reports: Reports, name: str) -> None:
    """The words are those of the warning that a program gets; the traceback begins with the plugin."""
    done = reports[name]
    _, says, also = BACKENDS[name]
    file = str(installed / f"bad_{name}.py")

    assert done.returncode == 1, done.stdout + done.stderr
    assert says.replace("{file}", file) in done.stdout
    assert also.replace("{file}", file).split(", line")[0] in done.stdout
    if name in ("lacking", "leaving", "raising", "failing", "picky"):
        first = done.stdout.partition("Traceback (most recent call last):\n")[2].splitlines()[0]
        assert first.startswith(f'    File "{file}", line ')


def test_a_requirement_that_is_missing_is_named(installed: Path) -> None:
    """Also if the plugin could be loaded without it."""
    before = run(installed, "-m", "headway", "doctor", "slow")
    complete(installed, "slow")
    after = run(installed, "-m", "headway", "doctor", "slow")

    assert before.returncode == 1
    assert "Wrong: it needs what is not installed. Try: pip install 'no-such-dist>=2'" in before.stdout
    assert (after.returncode, after.stderr) == (0, "")
    assert "Nothing is wrong" in after.stdout


def test_the_import_is_timed(installed: Path) -> None:
    """The time is that of the plugin's module with all that it imports."""
    said = run(installed, "-m", "headway", "doctor", "slow").stdout
    (milliseconds,) = re.findall(r"loading the plugin +([\d.]+) ms \(with \d+ modules?\)", said)

    assert float(milliseconds) >= 300


@pytest.mark.parametrize("name", ["rows", "plain?interval=2", "tqdm", "alive", "progressbar2", "rich"])
def test_a_sound_backend_is_shown_at_work(tmp_path: Path, name: str) -> None:
    """The report has the rows that it leaves on a terminal of 80 columns."""
    done = run(tmp_path, "-m", "headway", "doctor", name)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Nothing is wrong." in done.stdout
    _, _, end = done.stdout.partition("\nAt the end:\n")
    assert "  │a line that the program prints\n" in end
    assert re.search(r"headway doctor.*10(/| of )10|n=10 total=10", end), end


def test_without_an_emulator_nothing_is_missing_but_the_screen(tmp_path: Path) -> None:
    """The package pyte is an extra."""
    code = (
        "import sys; sys.modules['pyte'] = None; from headway.cli.main import main; sys.exit(main(['doctor', 'rows']))"
    )
    done = run(tmp_path, "-c", code)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing is wrong." in done.stdout
    assert "│" not in done.stdout


def test_a_sink_that_draws_nothing_is_tried_with_its_options(tmp_path: Path) -> None:
    """Its options are given as in the environment; the trial is real."""
    path = tmp_path / "events.jsonl"
    done = run(tmp_path, "-m", "headway", "doctor", f"events?path={path}")
    failed = run(tmp_path, "-m", "headway", "doctor", f"events?path={tmp_path}/none/events.jsonl")

    assert done.returncode == 0, done.stdout
    assert "draws nothing; it writes files, sends messages or logs" in done.stdout
    assert '"desc": "headway doctor"' in path.read_text()
    assert failed.returncode == 1
    assert "it raised FileNotFoundError: " in failed.stdout


def test_a_file_of_code_can_be_tried(tmp_path: Path) -> None:
    """A renderer needs no distribution."""
    (tmp_path / "mine.py").write_text(module("{hook}class Mine(PerBar):\n    draws = 'nothing'\n"))
    done = run(tmp_path, "-m", "headway", "doctor", str(tmp_path / "mine.py"))

    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(f"{tmp_path}/mine.py\n  draws nothing")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("taqdm", "There is no progress backend named 'taqdm'."),
        ("off", "'off' shows nothing; there is nothing to try."),
        ("rows,plain", "'rows,plain' names several backends; the doctor tries one at a time."),
        (",", "',' names no backend"),
    ],
)
def test_a_name_that_cannot_be_tried_is_refused(tmp_path: Path, name: str, says: str) -> None:
    """One sentence on stderr, and the status of a wrong command line."""
    done = run(tmp_path, "-m", "headway", "doctor", name)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"headway: {says}")


def test_lists_survive_plugins_that_end_the_process(tmp_path: Path) -> None:
    """Those behind them in the alphabet are listed as well, and so is the decision."""
    for name in ("leaves", "cuts", "slow"):
        distribution(tmp_path, f"bad-{name}", ("headway", name), module({**STUBBORN, "slow": (SLOW,)}[name][0]))
    listed = run(tmp_path, "-m", "headway", "backends")
    told = run(tmp_path, "-m", "headway", "doctor", HEADWAY_BACKEND="leaves")

    assert (listed.returncode, listed.stderr, told.returncode, told.stderr) == (0, "", 0, "")
    for said in (listed.stdout, told.stdout):
        assert "cannot be used: it ended the process with the exit status 7 while loading." in said
        assert "cannot be used: it raised KeyboardInterrupt while loading." in said
        assert re.search(r"^slow +bad-slow 1.0\n +draws nothing; options: interval$", said, re.MULTILINE)
        assert re.search(r"^off +headway ", said, re.MULTILINE)
    assert "would end the program, or wait for ever: the backend that is asked for ended the process" in told.stdout


def test_nothing_is_left_behind(installed: Path, tmp_path: Path) -> None:
    """Neither the folder of the sandbox nor a process that a plugin has started outlives the doctor."""
    run(installed, "-m", "headway", "doctor", "forks", TMPDIR=str(tmp_path))
    left = (
        [pid for pid in os.listdir("/proc") if pid.isdigit() and str(tmp_path) in command(pid)]
        if os.path.isdir("/proc")
        else []
    )

    assert os.listdir(tmp_path) == []
    assert left == []


def command(pid: str) -> str:
    """Return the command line of a process, empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_a_sink_that_asks_for_values_gets_them(tmp_path: Path) -> None:
    """They are those of the bars that are shown."""
    text = "{hook}class Mine(PerBar):\n    draws = 'lines'\n    def __init__(self, context): self.put = context.stream.write\n"
    calls = "    def points(self, points): self.put(f'{points[0].name} at {points[0].n}\\n')\n    write = lambda s, t: s.put(t)\n"
    (tmp_path / "mine.py").write_text(module(text) + calls)
    done = run(tmp_path, "-m", "headway", "doctor", str(tmp_path / "mine.py"))

    assert done.returncode == 0, done.stdout
    assert "  │loss at 1\n  │loss at 2\n" in done.stdout
