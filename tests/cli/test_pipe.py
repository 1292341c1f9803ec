"""The pipe meter: what goes in comes out, and whoever watches knows how far it is."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headway.choosing.discovery import installed
from headway.cli import pipe, transfer
from headway.cli.transfer import pieces
from headway.format import count
from headway.sinks.plain import LINE
from headway.testing import Recorder, run_in_terminal

if sys.platform == "win32":
    pytest.skip("pipes, signals and terminals as Unix has them", allow_module_level=True)

METER = f"{sys.executable} -m headway"
DATA = b"".join(b"%d some words\n" % i for i in range(50_000))
LINES = 50_000


def shell(command: str, **env: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a command line in bash; its status is that of the first part that failed."""
    command = f"set -o pipefail; {command}"
    return subprocess.run(["bash", "-c", command], capture_output=True, env={**os.environ, **env}, timeout=60)


def fields(line: str) -> dict[str, str | None]:
    """Read a plain line."""
    read = LINE.fullmatch(line)
    assert read is not None, line
    return read.groupdict()


def last(done: "subprocess.CompletedProcess[bytes]") -> dict[str, str | None]:
    """Read the last plain line on stderr."""
    return fields(done.stderr.decode().splitlines()[-1])


def needs(backend: str) -> None:
    """Skip a test where a renderer is not installed."""
    if backend not in installed():
        pytest.skip(f"headway-{backend} is not installed")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of about 800 kB."""
    path = tmp_path / "data.txt"
    path.write_bytes(DATA)
    return path


COMMANDS = {
    "a pipe to a pipe": "cat {file} | {meter} | cat",
    "a redirected file to a pipe": "{meter} <{file} | cat",
    "a named file to a pipe": "{meter} {file} | cat",
    "a pipe to a file": "cat {file} | {meter} >{out}; cat {out}",
    "a file to a file": "{meter} <{file} >{out}; cat {out}",
    "a file to the end of a file": "printf x >{out}; {meter} {file} >>{out}; tail -c +2 {out}",
    "a file and stdin": "tail -c +11 {file} | {meter} <(head -c 10 {file}) - | cat",
}


@pytest.mark.parametrize("option", ["", "-l"])
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_what_goes_in_comes_out(command: str, option: str, file: Path, tmp_path: Path) -> None:
    """Every byte comes through, between whatever is connected, counted as bytes or as lines."""
    done = shell(command.format(file=file, out=tmp_path / "out", meter=f"{METER} {option}"))

    assert done.returncode == 0
    assert done.stdout == DATA
    assert last(done)["n"] == (count(LINES, "si") if option else count(len(DATA), "iec"))
    assert last(done)["state"] == "finished"


@pytest.mark.parametrize("command", ["{meter} <{file}", "{meter} {file}", "{meter} {file} {file}"])
def test_the_size_of_a_file_is_known(command: str, file: Path) -> None:
    """Named or redirected, of one file or several, the size is the total from the start."""
    done = shell(command.format(meter=METER, file=file) + " >/dev/null")

    first = fields(done.stderr.decode().splitlines()[0])
    assert first["total"] == count(len(DATA) * command.count("{file}"), "iec")
    assert last(done)["percent"] == "100"


def test_what_was_read_before_does_not_count(file: Path) -> None:
    """A redirected file that somebody has begun to read is as long as what is left of it."""
    done = shell(f"{{ head -c 0; dd bs=10 count=1 of=/dev/null status=none; {METER} >/dev/null; }} <{file}")

    assert last(done)["total"] == count(len(DATA) - 10, "iec")


def test_files_that_claim_to_be_empty_are_not_believed() -> None:
    """A file under /proc has no size and some content."""
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    done = shell(f"{METER} /proc/self/status")

    assert done.stdout.startswith(b"Name:")
    assert last(done)["total"] is None
    assert last(done)["n"] == count(len(done.stdout), "iec")


def test_the_lines_of_a_file_are_estimated_from_its_size(file: Path, recorded: Recorder) -> None:
    """Counting lines, a file has an estimated total while it runs, and the true one at its end."""
    passage = pipe._begin(pipe.parse(["-l", str(file)]))
    passage.took(len(DATA) // 4, LINES // 4)

    assert passage.bar.total == LINES
    assert passage.bar.estimated
    passage.took(len(DATA) - len(DATA) // 4, LINES)
    passage.bar.end("finished")
    assert recorded.last("data.txt").total == LINES + LINES // 4
    assert not recorded.last("data.txt").estimated


@pytest.mark.parametrize(
    ("text", "binary", "expected"),
    [
        ("5000", True, 5000),
        ("1k", True, 1024),
        ("10G", True, 10 * 1024**3),
        ("1.5GiB", True, 3 * 512 * 1024**2),
        ("1.5GB", True, 1_500_000_000),
        ("2Mi", True, 2 * 1024**2),
        (" 100B ", True, 100),
        ("1K", False, 1000),
        (".5M", False, 500_000),
    ],
)
def test_sizes_are_read_as_gnu_tools_read_them(text: str, binary: bool, expected: int) -> None:
    """K is 1024 and KB 1000; of lines K is 1000."""
    assert expected == pipe.size(text, binary=binary)


@pytest.mark.parametrize("text", ["", "x", "-5", "10X", "1e5G", "5 G", "G", "1..5", "٣x"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """A size that cannot be read is named, and the two kinds of prefixes are explained."""
    with pytest.raises(ValueError, match="times 1024"):
        pipe.size(text)


@pytest.mark.parametrize("option", ["--size", "-s", "--total"])
def test_a_size_that_is_given_is_the_total(option: str) -> None:
    """Pv's and tqdm's words for it are understood."""
    done = shell(f"printf abc | {METER} {option} 1K")

    assert done.stdout == b"abc"
    assert last(done)["total"] == "1.00Ki"
    assert last(done)["state"] == "stopped"


@pytest.mark.parametrize(
    ("option", "label", "unit"),
    [("-N copy", "copy", "B"), ("--desc copy -b", "copy", "B"), ("--name copy -0", "copy", "item"), ("", "pipe", "B")],
)
def test_names_and_units(option: str, label: str, unit: str) -> None:
    """The row has the name that it is given, and says what is counted."""
    done = shell(f"printf 'a\\0b\\0' | {METER} {option}")

    assert (label, unit) == (last(done)["label"], last(done)["unit"])
    assert last(done)["n"] == ("2" if unit == "item" else "4")


def test_a_reader_that_has_gone_ends_it_as_it_ends_cat() -> None:
    """`| head -1` ends the meter by SIGPIPE and without a word, but for the bar, which says why."""
    done = shell(f"yes | {METER} | head -1; echo ${{PIPESTATUS[1]}}")

    assert done.stdout.decode().split() == ["y", str(128 + signal.SIGPIPE)]
    assert "Traceback" not in done.stderr.decode()
    assert last(done)["state"] == "stopped"
    assert last(done)["reason"] == '"the reader has gone"'


@pytest.mark.parametrize("option", ["", "-l"])
def test_a_full_disk_is_told(option: str) -> None:
    """Output that cannot be written ends it with status 1, the reason and a failed bar."""
    done = shell(f"printf 'a\\n' | {METER} {option} >/dev/full")

    assert done.returncode == 1
    assert b"headway: cannot write: No space left on device\n" in done.stderr
    assert last(done)["state"] == "failed"


def test_a_missing_file_is_told_and_the_others_are_copied(file: Path, tmp_path: Path) -> None:
    """As with cat, what can be read is copied, and the status says that something could not."""
    done = shell(f"{METER} {tmp_path}/none {file} {tmp_path}")

    assert done.returncode == 1
    assert done.stdout == DATA
    assert f"headway: {tmp_path}/none: No such file or directory\n" in done.stderr.decode()
    assert f"headway: {tmp_path}: Is a directory\n" in done.stderr.decode()
    assert last(done)["state"] == "failed"


def test_a_read_error_is_told(tmp_path: Path) -> None:
    """An input that fails is named; the status is 1."""
    if not Path("/proc/self/mem").exists():
        pytest.skip("no /proc here")
    done = shell(f"{METER} /proc/self/mem")  # its first page is not mapped

    assert done.returncode == 1
    assert b"headway: /proc/self/mem: Input/output error\n" in done.stderr


def test_closed_streams_are_told(file: Path) -> None:
    """Without stdout or stdin it says so and ends with status 1; without stderr it copies."""
    assert b"headway: cannot write: Bad file descriptor" in shell(f"{METER} {file} >&-").stderr
    assert b"headway: stdin: Bad file descriptor" in shell(f"{METER} - <&-").stderr
    assert shell(f"{METER} {file} 2>&-").stdout == DATA


def test_it_does_not_copy_a_file_onto_its_own_end(file: Path) -> None:
    """What would grow for ever is refused, as cat refuses it."""
    done = shell(f"{METER} {file} >>{file}")

    assert done.returncode == 1
    assert "is the output, too" in done.stderr.decode()
    assert file.read_bytes() == DATA


def test_a_pipe_that_was_made_non_blocking_is_waited_for(tmp_path: Path) -> None:
    """Another program may have made the shared ends non-blocking; nothing is lost then."""
    source, feed = os.pipe()
    drain, target = os.pipe()
    os.set_blocking(source, False)
    os.set_blocking(target, False)
    process = subprocess.Popen([sys.executable, "-m", "headway"], stdin=source, stdout=target, stderr=subprocess.PIPE)
    os.close(source)
    os.close(target)
    assert process.stderr is not None
    process.stderr.readline()  # it has begun, and nothing is there
    feeder = os.fork()
    if not feeder:
        os.close(drain)
        rest = memoryview(DATA * 10)
        while rest:
            rest = rest[os.write(feed, rest) :]
        os._exit(0)
    os.close(feed)
    with open(drain, "rb") as reader:
        copied = reader.read()
    os.waitpid(feeder, 0)

    assert len(DATA) * 10 == len(copied)
    assert copied == DATA * 10
    assert process.wait(timeout=20) == 0
    process.stderr.close()


def test_ctrl_c_ends_it_as_it_ends_cat() -> None:
    """Ctrl-C leaves a bar that says interrupted, no traceback, and the status of a program that SIGINT ended."""
    needs("tqdm")
    screen = run_in_terminal(
        """
        import signal, subprocess, sys
        signal.signal(signal.SIGINT, lambda *_: None)  # for the meter, not for us
        feed = [sys.executable, "-c", "while True: print('y' * 99)"]
        feed = subprocess.Popen(feed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        meter = [sys.executable, "-m", "headway", "--backend", "tqdm"]
        done = subprocess.Popen(meter, stdin=feed.stdout, stdout=subprocess.DEVNULL)
        feed.stdout.close()
        print(done.wait(), "is the status", flush=True)
        feed.kill()
        """,
        interrupt_at="iB/s",
        columns=100,
    )

    assert screen.rows_with("-2 is the status"), str(screen)
    assert screen.rows_with("interrupted"), str(screen)
    assert "Traceback" not in screen.raw, str(screen)


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2"])
def test_in_a_terminal_it_draws_a_bar_even_if_stdout_is_none(backend: str, file: Path) -> None:
    """The bar is drawn on the terminal, with sizes in units of 1024, while the data go elsewhere."""
    needs(backend)
    program = f"import os; os.execvp('bash', ['bash', '-c', '{METER} --backend {backend} {file} | wc -c'])"
    screen = run_in_terminal(program, columns=120)

    assert [str(len(DATA))] == [row for row in screen.rows if row.isdigit()], str(screen)
    assert screen.rows_with("data.txt"), str(screen)
    assert screen.rows_with("819Ki of 819Ki" if backend == "progressbar2" else "819Ki/819Ki"), str(screen)


def test_without_a_terminal_it_writes_plain_lines(file: Path) -> None:
    """Where stderr goes into a log there are no control characters."""
    done = shell(f"{METER} {file} >/dev/null")

    assert all(fields(line) for line in done.stderr.decode().splitlines())
    assert not [c for c in done.stderr.decode() if ord(c) < 32 and c != "\n"]


def test_the_command_line_has_the_last_word_on_the_backend() -> None:
    """`--backend` wins over the environment, and a wrong name is explained before anything is read."""
    assert shell(f"echo | {METER} --backend off", HEADWAY_BACKEND="plain").stderr == b""
    wrong = shell(f"echo | {METER} --backend nothing")

    assert wrong.returncode == 2
    assert b"There is no progress backend named 'nothing'" in wrong.stderr


def test_a_command_wins_over_a_file_of_its_name(tmp_path: Path) -> None:
    """`headway backends` lists backends even next to a file of that name, which `./backends` means."""
    (tmp_path / "backends").write_text("content\n")

    assert b"plain" in shell(f"cd {tmp_path}; {METER} backends").stdout
    assert shell(f"cd {tmp_path}; {METER} ./backends").stdout == b"content\n"


def test_a_word_that_is_neither_command_nor_file_is_explained() -> None:
    """A mistyped command is not answered with a missing file."""
    done = shell(f"{METER} demmo")

    assert done.returncode == 2
    assert b"no command and no file named 'demmo'. Commands: demo, " in done.stderr


def test_without_arguments_a_terminal_gets_help_and_a_pipe_is_metered() -> None:
    """`headway` alone explains itself where nobody feeds it."""
    assert run_in_terminal("", arguments=["-m", "headway"]).rows[0].startswith("usage: headway COMMAND")
    assert shell(f"echo through | {METER}").stdout == b"through\n"


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system whose kernel moves nothing."""
    monkeypatch.setattr(transfer, "_moves", lambda source, target: ())


@pytest.mark.usefixtures("no_kernel")
def test_it_copies_where_the_kernel_cannot(file: Path, tmp_path: Path) -> None:
    """Without its help the data go through a buffer, piece by piece."""
    with open(file, "rb", buffering=0) as source, open(tmp_path / "out", "wb", buffering=0) as target:
        told = list(pieces(source, target))

    assert (tmp_path / "out").read_bytes() == DATA
    assert sum(size for size, _ in told) == len(DATA)
    assert len(told) > 1


def test_a_terminal_can_be_the_input() -> None:
    """Typed lines are copied, though a terminal cannot be spliced."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "headway", "-N", "typed"]
    process = subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    os.close(slave)
    os.write(master, b"typed\n\x04")

    assert process.communicate(timeout=20)[0] == b"typed\n"
    os.close(master)
