"""`headway run --pty` and processes: signals, stops, exit statuses, keys, and those that outlive the program."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

RUN = ("-m", "headway", "run", "--pty", "--backend", "rows")
SHELL = """
import os, signal, subprocess, sys, termios
command = sys.argv[1:]
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
modes = termios.tcgetattr(0)
def told(status):
    if os.WIFSTOPPED(status):
        return f"stopped by {os.WSTOPSIG(status)}"
    return f"killed by {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {os.WEXITSTATUS(status)}"
job = os.fork()
if not job:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    for number in (signal.SIGTTOU, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, *command])
while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    same = "as before" if termios.tcgetattr(0) == modes else "other"
    print(f"shell: {told(status)}, modes {same}", flush=True)
    if not os.WIFSTOPPED(status):
        break
    input("shell$ ")
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)
"""
"""Runs a command as a job, and goes on with it on request if it is stopped."""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The path of a program that is to be written."""
    return tmp_path / "program.py"


def in_a_shell(program: Path, text: str, *options: str, **about: object) -> Screen:
    """Run a program with `--pty` as a job of a shell."""
    program.write_text(textwrap.dedent(text))
    arguments = [*RUN, *options, str(program)]
    return run_in_terminal(SHELL, arguments=arguments, **about)  # type: ignore[arg-type]


ENDS = {
    "raise SystemExit(7)": "status 7",
    "raise ValueError('wrong')": "status 1",
    "pass": "status 0",
    "os._exit(5)": "status 5",
    "os.kill(os.getpid(), signal.SIGKILL)": "killed by 9",
    "os.kill(os.getpid(), signal.SIGTERM)": "killed by 15",
    "os.kill(os.getpid(), signal.SIGSEGV)": "killed by 11",
    "os.kill(os.getpid(), signal.SIGINT)": "killed by 2",
}


@pytest.mark.parametrize(("end", "told"), ENDS.items())
def test_the_program_ends_as_without_a_pseudo_terminal(program: Path, end: str, told: str) -> None:
    """The shell gets the program's status, or its signal, and the terminal as it was; the cursor is seen."""
    text = f"""
        import faulthandler, os, signal, time, headway
        bar = headway.get_bar(10, desc="work")
        time.sleep(0.4)
        os.write(1, b"text\\n")
        {end}
    """
    screen = in_a_shell(program, text)

    assert screen.rows_with("shell:") == [f"shell: {told}, modes as before"], str(screen)
    assert "text" in screen.rows, str(screen)
    assert not screen.cursor_hidden, str(screen)


def test_ctrl_z_stops_both_and_fg_goes_on(program: Path) -> None:
    """The shell has the terminal while the job is stopped, without rows; then they come back."""
    text = """
        import os, signal, time, headway
        gone_on = []
        signal.signal(signal.SIGCONT, lambda *_: gone_on.append(True))
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            print("ready", flush=True)
            while not gone_on:
                time.sleep(0.01)
            bar.update(10)
            print("gone on")
    """
    screen = in_a_shell(program, text, types={"ready": "\x1a", "shell$ ": "\n"}, hesitates=0.4)

    told = [row.removeprefix("^Z") for row in screen.rows_with("shell:")]
    assert told == ["shell: stopped by 20, modes as before", "shell: status 0, modes as before"], str(screen)
    assert screen.rows_with("gone on"), str(screen)
    assert screen.rows[-2].startswith("work: 100%"), str(screen)
    while_stopped = screen.raw.split("shell: stopped")[1].split("shell$")[0]
    assert "work" not in while_stopped


def test_a_program_that_is_stopped_by_a_signal_stops_its_job(program: Path) -> None:
    """`kill -STOP` of the program alone is seen by the shell, too."""
    text = """
        import os, signal, time, headway
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            os.kill(os.getpid(), signal.SIGSTOP)
            bar.update(10)
    """
    screen = in_a_shell(program, text, types={"shell$ ": "\n"}, hesitates=0.2)

    told = screen.rows_with("shell:")
    assert told == ["shell: stopped by 19, modes as before", "shell: status 0, modes as before"], str(screen)


@pytest.mark.parametrize(("key", "number"), [("\x03", 2), ("\x1c", 3)])
def test_keys_that_make_signals_reach_the_whole_group(program: Path, key: str, number: int) -> None:
    r"""Ctrl-C and Ctrl-\ reach the program and the processes that it has started, in its own session."""
    text = f"""
        import os, resource, signal, subprocess, sys, time, headway
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        code = "import os, signal, time; signal.signal({number}, lambda *_: (os.write(1, b'child too\\\\n'), os._exit(0)));"
        code += "os.write(1, b'ready\\\\n'); [time.sleep(0.01) for _ in range(3000)]"
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            child = subprocess.Popen([sys.executable, "-c", code])
            time.sleep(30)
    """

    def both(rows: list[str]) -> bool:
        return all(any(words in row for row in rows) for words in ("child too", "shell: "))

    screen = in_a_shell(program, text, types={"ready": key, "shell: killed": ""}, hesitates=0.2, until=both, timeout=20)

    told = [row.removeprefix("^C").removeprefix("^\\") for row in screen.rows_with("shell:")]
    assert told == [f"shell: killed by {number}, modes as before"], str(screen)
    assert screen.rows_with("child too"), str(screen)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1", "SIGUSR2"])
def test_signals_are_passed_on(program: Path, name: str) -> None:
    """A signal that is sent to the command reaches the program's handler."""
    text = f"""
        import os, signal, sys, time, headway
        def handle(number, _frame):
            os.write(1, f"got {{signal.Signals(number).name}}\\n".encode())
            sys.exit(4)
        signal.signal(signal.{name}, handle)
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            guard = os.getppid()
            owner = int(open(f"/proc/{{guard}}/stat").read().rpartition(")")[2].split()[1])
            os.kill(owner, signal.{name})
            while True:
                time.sleep(0.01)  # a signal that comes right before a long sleep waits for its end
    """
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc to find the command by")
    screen = in_a_shell(program, text)

    assert f"got {name}" in screen.rows, str(screen)
    assert screen.rows_with("shell:") == ["shell: status 4, modes as before"], str(screen)


def test_a_child_that_outlives_the_program_still_writes(program: Path) -> None:
    """The command ends with the program; whoever it has started goes on, and what that writes is seen."""
    text = """
        import subprocess, sys, headway
        for _ in headway.track(range(3), desc="work"):
            pass
        code = "import time; time.sleep(0.7); print('late', flush=True); time.sleep(0.2); print('last')"
        subprocess.Popen([sys.executable, "-c", code])
        print("over")
    """
    screen = in_a_shell(program, text, types={"shell: status 0": ""}, until=lambda rows: "last" in rows, timeout=20)

    assert screen.rows_with("shell:") == ["shell: status 0, modes as before"], str(screen)
    rows = screen.rows
    assert rows.index("over") < rows.index("shell: status 0, modes as before") < rows.index("late") < rows.index("last")


def test_a_killed_command_hangs_up(program: Path, tmp_path: Path) -> None:
    """If the command itself is killed, the program is told as by a terminal that is closed."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc to find the command by")
    text = f"""
        import os, signal, sys, time, headway
        def handle(number, _frame):
            open({str(tmp_path / "told")!r}, "w").write(signal.Signals(number).name)
            os._exit(0)
        signal.signal(signal.SIGHUP, handle)
        guard = os.getppid()
        owner = int(open(f"/proc/{{guard}}/stat").read().rpartition(")")[2].split()[1])
        os.kill(owner, signal.SIGKILL)
        while True:
            time.sleep(0.01)
    """
    screen = in_a_shell(program, text)

    assert screen.rows_with("shell: killed by 9"), str(screen)
    for _ in range(1000):
        if (tmp_path / "told").exists() and (tmp_path / "told").read_text():
            break
        subprocess.run(["sleep", "0.01"], check=True)
    assert (tmp_path / "told").read_text() == "SIGHUP"


def test_a_terminal_that_is_closed_ends_the_program(program: Path, tmp_path: Path) -> None:
    """The hangup of the real terminal reaches the program, and nothing is left running."""
    told = tmp_path / "told"
    program.write_text(
        "import os, signal, time, headway\n"
        "def handle(number, _frame):\n"
        f"    open({str(told)!r}, 'w').write('told')\n"
        "    os._exit(0)\n"
        "signal.signal(signal.SIGHUP, handle)\n"
        "with headway.get_bar(10, desc='work'):\n"
        "    print('ready', flush=True)\n"
        "    while True:\n"
        "        time.sleep(0.01)\n"
    )
    code = (
        "import fcntl, os, subprocess, sys, termios\n"
        "master, slave = os.openpty()\n"
        "def lead():\n"
        "    os.setsid(); fcntl.ioctl(slave, termios.TIOCSCTTY, 0)\n"
        f"command = [sys.executable, *{[*RUN, str(program)]!r}]\n"
        "job = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=lead)\n"
        "os.close(slave)\n"
        "seen = b''\n"
        "while b'ready' not in seen:\n"
        "    seen += os.read(master, 4096)\n"
        "os.close(master)\n"
        "print(job.wait(20))\n"
    )
    env = {**os.environ, "HEADWAY_INTERACTIVE": "1", "HEADWAY_RELAY": f"not:{os.getpid()}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=env)

    assert done.stdout == "0\n", done.stderr
    assert told.read_text() == "told"


def test_a_program_may_close_its_terminal_and_open_it_again(program: Path) -> None:
    """As long as it runs, what it writes there is shown."""
    text = """
        import os, time
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        time.sleep(0.6)
        terminal = os.open("/dev/tty", os.O_WRONLY)
        os.write(terminal, b"again\\n")
    """
    screen = in_a_shell(program, text)

    assert screen.rows == ["again", "shell: status 0, modes as before"], str(screen)


def test_in_front_of_a_pipe_keys_are_left_alone(program: Path) -> None:
    """The reader of the pipe may be a pager, which has the keys; the program reads the real terminal itself."""
    program.write_text(
        "import os, sys, headway\n"
        "os.write(2, b'asks\\n')\n"
        "print('read', sys.stdin.readline().strip(), os.ttyname(0) == os.ttyname(2))\n"
    )
    command = " ".join([sys.executable, *RUN, str(program)])
    code = f"import subprocess, sys; sys.exit(subprocess.run({command + ' | cat'!r}, shell=True).returncode)"
    screen = run_in_terminal(code, types={"asks": "answer\n"})

    assert screen.rows == ["asks", "answer", "read answer False"], str(screen)


def test_much_output_is_passed_on_with_bounded_memory(program: Path) -> None:
    """Fifty megabytes come through, below rows and without them, and the command does not keep them."""
    text = """
        import os, headway
        def write(block):
            data = b"".join(b"%099d\\n" % number for number in range(10_000 * block, 10_000 * (block + 1)))
            while data:
                data = data[os.write(1, data):]
        for block in range(25):
            write(block)
        with headway.get_bar(25, desc="work") as bar:
            for block in range(25, 50):
                write(block)
                bar.update()
        guard = os.getppid()
        owner = int(open(f"/proc/{guard}/stat").read().rpartition(")")[2].split()[1])
        peak = next(line for line in open(f"/proc/{owner}/status") if line.startswith("VmHWM"))
        print("run of", "headway" if "headway" in open(f"/proc/{owner}/cmdline").read() else "another")
        print("peak", int(peak.split()[1]) // 1024, "MB")
    """
    if not Path("/proc/self/status").exists():
        pytest.skip("there is no /proc to read the memory in")
    program.write_text(textwrap.dedent(text))
    command = f"import pty, sys; sys.exit(pty.spawn([sys.executable, *{[*RUN, str(program)]!r}]) >> 8)"
    env = {**os.environ, "HEADWAY_INTERACTIVE": "1", "HEADWAY_RELAY": f"not:{os.getpid()}"}
    done = subprocess.run(
        [sys.executable, "-c", command], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=env
    )
    out = done.stdout

    assert done.returncode == 0, out[-2000:]
    assert {*map(int, re.findall(rb"\d{99}", out))} == {*range(500_000)}
    assert b"run of headway" in out  # and not of the test, as without a pseudo-terminal
    assert int(re.search(rb"peak (\d+) MB", out)[1]) < 60  # type: ignore[index]


def test_a_long_line_is_shown_in_pieces(program: Path) -> None:
    """A line of a megabyte is not kept; nothing of it is lost."""
    text = """
        import os, time, headway
        with headway.get_bar(10, desc="work") as bar:
            time.sleep(0.4)
            data = b"y" * 1_000_000
            while data:
                data = data[os.write(1, data):]
            os.write(1, b"\\n")
    """
    screen = in_a_shell(program, text)

    assert screen.raw.count("y") >= 1_000_000
    assert sum(row.count("y") for row in screen.rows) == 1_000_000


# ── where it is of no use, and other programs ────────────────────────────────────────────────────────────────────────


def test_without_a_terminal_it_says_so_and_goes_on(program: Path) -> None:
    """In a log there are no rows to be kept whole; the program runs as without the option."""
    program.write_text("print('ran')\nraise SystemExit(3)\n")
    command = [sys.executable, "-m", "headway", "run", "--pty", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (3, "ran\n")
    assert done.stderr == "headway: --pty changes nothing: standard error is no terminal, so that no rows are drawn.\n"


def test_a_redirected_output_stays_a_file(program: Path, tmp_path: Path) -> None:
    """Streams that are no terminals are left alone; rows and errors are on the terminal."""
    program.write_text(
        "import os, sys, time, headway\n"
        "with headway.get_bar(3, desc='work') as bar:\n"
        "    time.sleep(0.4)\n"
        "    os.write(1, b'to the file\\n'); os.write(2, b'to the terminal\\n')\n"
        "    print(sys.stdout.isatty(), sys.stderr.isatty(), sys.stdin.isatty(), file=sys.stderr)\n"
        "    bar.update(3)\n"
    )
    out = tmp_path / "out"
    code = f"import subprocess, sys\nwith open({str(out)!r}, 'w') as out:\n"
    code += f"    sys.exit(subprocess.run([sys.executable, *{[*RUN, str(program)]!r}], stdout=out).returncode)"
    screen = run_in_terminal(code)

    assert out.read_text() == "to the file\n"
    assert screen.rows[:2] == ["to the terminal", "False True True"], str(screen)
    assert screen.rows[2].startswith("work: 100%"), str(screen)


def test_commands_that_are_no_python_run(tmp_path: Path) -> None:
    """A shell script runs as it would; the Python programs in it have their bars captured, and rows of their own."""
    script = tmp_path / "train.sh"
    code = "import headway, time\nfor _ in headway.track(range(3), desc='work'): time.sleep(0.1)"
    script.write_text(
        f'#!/bin/sh\necho begins $1\n{sys.executable} -c "{code}"\n{sys.executable} -c "{code}"\nexit 6\n'
    )
    script.chmod(0o755)
    screen = run_in_terminal("", arguments=[*RUN, str(script), "here"])

    assert screen.status == 6, str(screen)
    assert screen.rows[0] == "begins here", str(screen)
    assert len(screen.rows_with("3/3")) == 2, str(screen)


def test_commands_on_the_path_run() -> None:
    """A command that is no file here is looked up as a shell does."""
    if shutil.which("echo") is None:
        pytest.skip("there is no echo")
    screen = run_in_terminal("", arguments=[*RUN, "echo", "hello", "--pty"])

    assert (screen.rows, screen.status) == (["hello --pty"], 0)


def test_within_another_one_it_changes_nothing(program: Path) -> None:
    """The rows of a program that is run with `--pty` by one that is are drawn by the outer one alone."""
    inner = program.with_name("inner.py")
    inner.write_text("import headway, time\nfor _ in headway.track(range(3), desc='work'): time.sleep(0.1)\n")
    text = f"""
        import subprocess, sys
        subprocess.run([sys.executable, *{[*RUN, str(inner)]!r}], check=True)
        print("over")
    """
    screen = in_a_shell(program, text)

    assert len(screen.rows_with("3/3")) == 1, str(screen)
    assert screen.rows_with("--pty changes nothing: another process shares the rows"), str(screen)
    assert "over" in screen.rows, str(screen)


def test_no_process_of_the_program_claims_the_pseudo_terminal(program: Path, tmp_path: Path) -> None:
    """One that has lost the way to the process that draws shows its bar itself, and draws for no other."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    program.write_text(
        textwrap.dedent("""
            import os, headway
            os.environ["HEADWAY_RELAY"] = ""
            child = os.fork()
            if not child:
                with headway.get_bar(10, desc="work"):
                    files = [name for _, _, names in os.walk(os.environ["XDG_RUNTIME_DIR"]) for name in names]
                print("claims:", [name for name in files if name.startswith("command-")], flush=True)
                os._exit(0)
            os.waitpid(child, 0)
        """)
    )
    screen = run_in_terminal("", arguments=[*RUN, str(program)], env={"XDG_RUNTIME_DIR": str(runtime)})

    assert screen.rows_with("claims:") == ["claims: []"], str(screen)
    assert screen.rows_with("work"), str(screen)


def test_ranks_share_the_rows_of_rank_0(tmp_path: Path) -> None:
    """In a job of several ranks rank 0 draws for all on the pseudo-terminal, as it does on any terminal."""
    rank = tmp_path / "rank.py"
    rank.write_text("import headway, time\nfor _ in headway.track(range(8), desc='work'): time.sleep(0.2)\n")
    script = tmp_path / "launch.sh"
    job = f"WORLD_SIZE=2 MASTER_ADDR=localhost MASTER_PORT=29512 TORCHELASTIC_RUN_ID=pty-{os.getpid()}"
    script.write_text(
        f"#!/bin/sh\nRANK=0 {job} {sys.executable} {rank} &\nRANK=1 {job} {sys.executable} {rank} &\nwait\n"
    )
    script.chmod(0o755)
    screen = run_in_terminal("", arguments=[*RUN, str(script)])

    assert len(screen.rows_with("16/16")) == 1, str(screen)
    assert screen.rows_with("2 ranks"), str(screen)
