"""Whoever listens where the process that draws should: a worker tells nothing to it, and shows its bars itself."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.processes import address, directory
from headway.processes.address import VERSION

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

KEY = "ab" * 32
QUIET = "plain?interval=0&percent=0"
WORK = """
    import headway, sys, time
    with headway.get_bar(4, desc="private", metrics=["loss"]) as bar:
        bar.update(4)
        bar.metrics(loss=0.5)
        bar.write("a private text")
    with headway.get_bar(2, desc="later") as bar:
        bar.update(2)
"""


class Impostor:
    """Listens, and keeps what it hears.

    Args:
        listener: The socket.
        words: What it says to each that connects.
        hangs_up: Whether it closes the connection after that.
    """

    def __init__(self, listener: socket.socket, words: bytes, *, hangs_up: bool) -> None:
        self.heard = b""
        self._listener = listener
        self._words = words
        self._hangs_up = hangs_up
        self._pipes: list[socket.socket] = []
        listener.listen()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                pipe, _ = self._listener.accept()
            except OSError:
                return
            self._pipes.append(pipe)
            threading.Thread(target=self._talk, args=(pipe,), daemon=True).start()

    def _talk(self, pipe: socket.socket) -> None:
        try:
            pipe.sendall(self._words)
            if self._hangs_up:
                pipe.shutdown(socket.SHUT_RDWR)
            while data := pipe.recv(4096):
                self.heard += data
        except OSError:
            return

    def close(self) -> None:
        """Hang up."""
        for each in (self._listener, *self._pipes):
            each.close()


TALKS: dict[str, tuple[bytes, bool]] = {
    "silent": (b"", False),
    "hangs up": (b"", True),
    "guesses": (f"headway-relay-{VERSION} ".encode() + b"\0" * 64, False),
    "babbles": (b"\xff" * 1000, False),
    "is newer": (b"headway-relay-3 " + b"\0" * 64, True),
}


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path, as that of a socket has to be."""
    with tempfile.TemporaryDirectory(prefix="relay") as folder:
        yield Path(folder)


@pytest.fixture(params=["tcp", "unix"])
def listener(request: Any, short: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket of the test's own, and its address as the environment has it."""
    if request.param == "tcp":
        pipe = socket.socket(socket.AF_INET)
        pipe.bind(("127.0.0.1", 0))
        where = str(pipe.getsockname()[1])
    else:
        pipe = socket.socket(socket.AF_UNIX)
        where = str(short / "s.sock")
        pipe.bind(where)
    yield pipe, f"{request.param}:{os.getpid()}:{where}"
    pipe.close()


@pytest.mark.parametrize("talk", TALKS)
def test_an_impostor_learns_nothing(listener: tuple[socket.socket, str], talk: str, run: Any) -> None:
    """It gets neither the secret nor bars nor texts, whatever it says; the worker's bars are on its own screen."""
    pipe, at = listener
    impostor = Impostor(pipe, TALKS[talk][0], hangs_up=TALKS[talk][1])
    done = run(WORK, HEADWAY_RELAY=at, HEADWAY_RELAY_KEY=KEY, HEADWAY_BACKEND=QUIET)
    impostor.close()

    assert done.returncode == 0, done.stderr
    assert KEY.encode() not in impostor.heard
    assert bytes.fromhex(KEY) not in impostor.heard
    assert b"private" not in impostor.heard
    assert len(impostor.heard) <= 2 * 50
    for part in ("headway private n=4 total=4 100%", "a private text", "headway later n=2 total=2 100%"):
        assert part in done.stderr, done.stderr
    assert done.stderr.count("a private text") == 1
    assert done.stderr.count("state=finished") == 2


def test_a_bar_that_opens_just_when_no_answer_comes_is_shown(run: Any) -> None:
    """Where it is shown has been settled in its thread, and has changed by the time that the one which draws opens it."""
    with socket.socket(socket.AF_INET) as pipe:
        pipe.bind(("127.0.0.1", 0))
        impostor = Impostor(pipe, b"", hangs_up=False)
        code = """
            import headway, time
            from headway.drawing.hub import hub
            from headway.processes.handshake import HandshakeError
            route = hub.relay.route
            def slowly(choices, file, *, silent):
                found = route(choices, file, silent=silent)
                if sink := hub.relay.sink:
                    hub.throttle.call(lambda: sink._refuse(HandshakeError("no answer")))
                    while hub.relay.name: time.sleep(0.01)
                return found
            with headway.get_bar(4, desc="before") as bar:
                hub.relay.route = slowly
                with headway.get_bar(2, desc="private", parent=None) as bar: bar.update(2)
        """
        at = f"tcp:{os.getpid()}:{pipe.getsockname()[1]}"
        done = run(code, HEADWAY_RELAY=at, HEADWAY_RELAY_KEY=KEY, HEADWAY_BACKEND=QUIET)
        impostor.close()

    assert done.returncode == 0, done.stderr
    assert "headway private n=2 total=2 100%" in done.stderr
    assert done.stderr.count("Warning") == 1


def test_a_bar_that_is_open_is_shown_when_no_answer_comes(run: Any) -> None:
    """A worker whose greeting is not answered shows the bar that it has open, and goes on with it."""
    with socket.socket(socket.AF_INET) as pipe:
        pipe.bind(("127.0.0.1", 0))
        impostor = Impostor(pipe, b"", hangs_up=False)
        code = """
            from headway.processes import reporter
            reporter.ANSWER_WITHIN = 0.2
            import headway, sys, time
            from headway.drawing.hub import hub
            with headway.get_bar(4, desc="open") as outer, headway.get_bar(2, desc="inner") as inner:
                inner.update()
                until = time.monotonic() + 20
                def own(): return [view for shown in hub.display.bars.values() for view in shown.views if not view.fleeting]
                while len(own()) < 2 and time.monotonic() < until: time.sleep(0.01)
                print("taken back", file=sys.stderr, flush=True)
                inner.update()
                outer.update(4)
        """
        at = f"tcp:{os.getpid()}:{pipe.getsockname()[1]}"
        done = run(code, HEADWAY_RELAY=at, HEADWAY_RELAY_KEY=KEY, HEADWAY_BACKEND=QUIET)
        impostor.close()
    before, _, after = done.stderr.partition("taken back")

    assert done.returncode == 0, done.stderr
    assert "does not draw for this one: no answer within 0.2 seconds" in before
    assert "headway open n=0 total=4 " in before
    assert "headway inner n=2 total=2 100%" in after
    assert "headway open n=4 total=4 100%" in after
    assert done.stderr.count("state=finished") == 2


# ── versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

FAMILY = """
    import headway, os, subprocess, sys
    child = '''if 1:
        from headway.processes import address
        {theirs}
        import headway, os, sys
        with headway.get_bar(5, desc="child") as bar:
            bar.update(5)
            bar.write("a text of the child")
            print("a print of the child", flush=True)
    '''
    from headway.processes import address
    {ours}
    with headway.get_bar(1, desc="parent") as bar:
        print(os.environ["HEADWAY_RELAY"].partition(":")[0])
        done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True)
        bar.update()
    print(done.returncode, done.stdout, done.stderr, sep="|")
"""


@pytest.mark.parametrize("where", ["unix", "tcp"])
@pytest.mark.parametrize(("ours", "theirs"), [("", "address.VERSION = '9'"), ("address.VERSION = '9'", "")])
def test_a_peer_of_another_version_shows_its_bars_itself(
    ours: str, theirs: str, where: str, run: Any, short: Path
) -> None:
    """It is told so once; its bars, texts and prints are where they would be without a relay."""
    env = {"XDG_RUNTIME_DIR": "", "TMPDIR": str(short if where == "unix" else short / "missing")}
    done = run(
        textwrap.dedent(FAMILY).replace("{ours}", ours).replace("{theirs}", theirs), HEADWAY_BACKEND=QUIET, **env
    )
    kind, _, rest = done.stdout.partition("\n")
    status, out, err = rest.split("|", 2)

    assert (done.returncode, kind, status, out) == (0, where, "0", "a print of the child\n"), done.stderr
    assert "headway child n=5 total=5 100%" in err, err
    assert err.count("a text of the child") == 1
    assert err.count("HeadwayWarning") == (1 if where == "unix" else 2 - ("port" not in err)), err
    assert f"version {VERSION if theirs else 9} of headway's relay, and this one {9 if theirs else VERSION}" in err
    assert "child" not in done.stderr
    assert "headway parent n=1 total=1 100%" in done.stderr


def test_an_address_of_another_version_is_not_even_called(monkeypatch: pytest.MonkeyPatch, short: Path) -> None:
    """The name of the socket says the version, so that no worker has to wait to learn it; another name says none."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    monkeypatch.setenv(address.KEY, KEY)
    monkeypatch.setattr(address, "VERSION", "9.9")
    newer = address.new_station().address._replace(pid=1)
    monkeypatch.undo()
    monkeypatch.setenv(address.KEY, KEY)
    monkeypatch.setenv(address.VARIABLE, str(newer))
    with pytest.warns(headway.HeadwayWarning, match=rf"process 1.*version 9.9 .*, and this one {VERSION}"):
        assert list(address.candidates()) == []
    monkeypatch.setenv(address.VARIABLE, str(newer._replace(where=str(short / "s.sock"))))

    assert [station.address.version for station in address.candidates()] == [None]


# ── ports and directories ────────────────────────────────────────────────────────────────────────────────────────────


def test_no_worker_is_sent_to_a_port_that_was_released(run: Any, tmp_path: Path) -> None:
    """Half a second after the last bar the port is no address any more; the next bar has another one."""
    code = """
        import headway, os, subprocess, sys, time
        from headway.processes import sides
        sides.IDLE = 0.0
        child = "import headway; b = headway.get_bar(4, desc='child'); b.update(4); b.close()"
        for _ in range(2):
            with headway.get_bar(1, desc="parent") as bar:
                print(os.environ["HEADWAY_RELAY"])
                subprocess.run([sys.executable, "-c", child], check=True)
            until = time.monotonic() + 20
            while "HEADWAY_RELAY" in os.environ and time.monotonic() < until: time.sleep(0.01)
            print(*[name for name in os.environ if name.startswith("HEADWAY_RELAY")])
    """
    env = {"XDG_RUNTIME_DIR": "", "TMPDIR": str(tmp_path / "missing")}
    done = run(code, HEADWAY_BACKEND=QUIET, **env)
    first, released, second, again = done.stdout.split("\n")[:4]

    assert (done.returncode, released, again) == (0, "", ""), done.stderr
    assert first.startswith("tcp:")
    assert second.startswith("tcp:")
    assert done.stderr.count("headway child n=4 total=4 100%") >= 2


@pytest.mark.parametrize("flaw", ["may be entered by others", "is no directory", "too long a path", "No such file"])
def test_why_it_is_a_port_is_told_once(flaw: str, run: Any, tmp_path: Path) -> None:
    """The reason names the directory, and a cure."""
    folder = tmp_path / f"headway-{os.getuid()}"
    env = {"XDG_RUNTIME_DIR": "", "TMPDIR": str(tmp_path)}
    if flaw == "may be entered by others":
        folder.mkdir(mode=0o755)
    elif flaw == "is no directory":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    elif flaw == "too long a path":
        env["TMPDIR"] = str(tmp_path / ("deep" * 30))
        os.mkdir(env["TMPDIR"])
    else:
        env["TMPDIR"] = str(tmp_path / "missing")
    code = "import headway\nfor i in range(3): headway.get_bar(1, desc='a').close()"
    done = run(code, HEADWAY_BACKEND="plain", **env)

    assert done.stderr.count("HeadwayWarning") == 1, done.stderr
    assert flaw in done.stderr
    assert "Set XDG_RUNTIME_DIR or TMPDIR to one of your own" in done.stderr
    assert not (tmp_path / "elsewhere").exists() or os.listdir(tmp_path / "elsewhere") == []


def test_a_umask_does_not_take_the_directory_away(run: Any, short: Path) -> None:
    """Under a umask that leaves nothing the directory is the user's all the same."""
    code = (
        "import headway, os; os.umask(0o777); b = headway.get_bar(1); print(os.environ['HEADWAY_RELAY'][:5]); b.close()"
    )
    done = run(code, HEADWAY_BACKEND="plain", XDG_RUNTIME_DIR="", TMPDIR=str(short))

    assert (done.stdout, done.stderr.count("HeadwayWarning")) == ("unix:\n", 0), done.stderr


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, short: Path) -> Iterator[Callable[[str], None]]:
    """Be in one container or another, with one directory for both: `places("a")`."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    monkeypatch.delenv(address.VARIABLE, raising=False)
    monkeypatch.setattr(address, "_refused", "")
    yield lambda name: monkeypatch.setattr(directory, "_place", lambda _pid: name)
    assert not os.path.exists(short / "headway")


def test_containers_that_share_a_directory_do_not_mix(
    places: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process with the number of one in another container is not found, nor is its file taken away as a dead one's."""
    places("a")
    station = address.new_station()
    cards = address.publish(station)
    monkeypatch.setattr(os, "getppid", os.getpid)
    monkeypatch.setattr(os, "getpid", lambda: 2**22 + 1)
    assert list(address.candidates()) == [station]
    places("b")
    monkeypatch.setattr(os, "kill", lambda *_: (_ for _ in ()).throw(ProcessLookupError))
    others = address.publish(address.new_station())

    assert list(address.candidates()) == []
    assert all(map(os.path.exists, cards))
    places("a")
    address.remove(others)
    left = address.publish(address.new_station())
    assert not any(map(os.path.exists, cards)), "what a dead process of this place left is swept"
    address.remove(left)


INSIDE = ["unshare", "--pid", "--fork", "--mount-proc"]
CAN = shutil.which("unshare") is not None and subprocess.run([*INSIDE, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not CAN, reason="no container can be made here")
def test_two_containers_have_a_display_each(short: Path) -> None:
    """The parent of a program in one container has the number of a program that draws in the other one."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    env |= {"TMPDIR": str(short), "XDG_RUNTIME_DIR": "", "HEADWAY_BACKEND": QUIET}
    first = "import headway, multiprocessing, sys\nwith headway.get_bar(1, desc='first'): print('up', flush=True); sys.stdin.read()"
    second = "import headway\nwith headway.get_bar(2, desc='second') as bar: bar.update(2)"
    (short / "second.py").write_text(second)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    a = subprocess.Popen([*INSIDE, sys.executable, "-c", first], env=env, text=True, **pipes)
    assert a.stdout is not None
    a.stdout.readline()
    shell = ["sh", "-c", f"{sys.executable} {short / 'second.py'}; true"]
    b = subprocess.run([*INSIDE, *shell], env=env, capture_output=True, text=True, timeout=60)
    sockets = list(short.rglob("*.v*"))
    _, shown = a.communicate("", timeout=60)

    assert (a.returncode, b.returncode) == (0, 0), shown + b.stderr
    assert "headway second n=2 total=2 100%" in b.stderr
    assert "second" not in shown
    assert len(sockets) == 1, "the one in use was left alone"
