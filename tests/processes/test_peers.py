"""Peers that the process that draws cannot trust: the job ends normally, and the display goes on."""

import os
import subprocess
import textwrap
import types
from typing import Any

import pytest

from absent import IN_PYODIDE
from headway.processes import address

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

PROGRAM = """
    import headway, json, multiprocessing, os, signal, socket, subprocess, sys, threading, time
    from headway.processes import address, wire
    from headway.processes.handshake import Worker
    from headway.processes.connection import connect
    from headway.processes.sides import Listening
    from headway.drawing.hub import hub
    from headway.snapshot import Snapshot

    def peer(first=b""):
        "Connect as anybody may who can reach the socket."
        pipe = connect(station.address); pipe.setblocking(True); pipe.sendall(first)
        return pipe

    def good():
        "Be a worker as it should be, and return when its bar has been seen."
        child = "import headway, sys; b = headway.get_bar(5, desc=sys.argv[1]); b.update(5); b.close()"
        subprocess.run([sys.executable, "-c", child, "good"], check=True)

    def seen(condition):
        until = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < until, "it has not come"
            time.sleep(0.01)

    def closed(pipe):
        "Tell whether the other side has hung up."
        pipe.settimeout(20)
        try:
            while pipe.recv(4096):
                pass
        except ConnectionResetError:
            pass
        return True

    with headway.get_bar(3, desc="parent") as bar:
        bar.update()
        seen(lambda: isinstance(hub.relay.side, Listening))
        receiver, station = hub.relay.side.receiver, hub.relay.side.station
        hello = wire.hello(wire.Hello(os.getpid(), None))
        trusted = Worker(station.key, station.address.known).opening + hello
        {attack}
        good()
        bar.update(2)
    print("over", bar.n)
"""


@pytest.fixture
def attacked(run: Any) -> Any:
    """Run a program that is attacked: `attacked(code)` returns what it did; it must have gone on as if nothing was."""

    def attacked(attack: str, **env: str) -> "subprocess.CompletedProcess[str]":
        code = textwrap.dedent(PROGRAM).replace("    {attack}", textwrap.indent(textwrap.dedent(attack), "    "))
        done = run(code, HEADWAY_BACKEND="plain?interval=0&percent=0", **env)
        assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["over 3"]), done.stderr
        assert "headway good n=5 total=5 100%" in done.stderr, done.stderr
        assert "headway parent n=3 total=3 100%" in done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return attacked


@pytest.mark.parametrize(
    "first",
    [
        "b'GET / HTTP/1.1\\r\\n' * 20",
        "Worker('0' * 64, station.address.known).opening + wire.report('open', Snapshot(1, desc='evil'))",
        "Worker(station.key, 'another').opening + wire.report('open', Snapshot(1, desc='evil'))",
        "Worker(station.key).opening + wire.report('open', Snapshot(1, desc='evil'))",
        "b'\\0' * 1000",
    ],
)
def test_a_peer_without_the_secret_is_hung_up_on(attacked: Any, first: str) -> None:
    """Whoever does not begin with the secret is cut off, and nothing of it is shown."""
    done = attacked(f"assert closed(peer({first})); assert receiver.malformed == 1")

    assert "evil" not in done.stderr


@pytest.mark.parametrize(
    "frame",
    [
        "b'\\xff' * 10",
        "(5).to_bytes(4, 'big') + b'{{{{{'",
        "wire._message({'v': 1, 'event': 'open', 'id': 1, 'n': 'many'})",
        "wire._message({'v': 1, 'event': 'open', 'id': [], 'desc': {}})",
        "wire._message({'v': 1, 'event': 'shutdown'})",
    ],
    ids=["oversized", "no json", "no number", "no types", "no event"],
)
def test_a_worker_that_sends_nonsense_is_hung_up_on(attacked: Any, frame: str) -> None:
    """A peer with the secret is not believed either."""
    attacked(f"assert closed(peer(trusted + {frame})); assert receiver.malformed == 1")


def test_silent_peers_take_no_place(attacked: Any) -> None:
    """Two hundred connections that say nothing are closed but for a few, and those after some seconds."""
    attacked("""
        silent = [peer() for _ in range(200)]
        seen(lambda: receiver.connected <= 64)
        begun = peer(trusted[:10])
        seen(lambda: receiver.connected == 0)
    """)


def test_a_worker_that_stops_within_a_frame_delays_nobody(attacked: Any) -> None:
    """A frame that never ends waits by itself."""
    attacked("half = peer(trusted + wire.report('open', Snapshot(1, desc='half'))[:20])")


def test_a_worker_that_reads_nothing_and_closes_one_side_fails_its_bar(attacked: Any) -> None:
    """A half-open connection is over, and its bar failed."""
    done = attacked("""
        pipe = peer(trusted + wire.report('open', Snapshot(1, desc='half', total=9, n=3)))
        pipe.shutdown(socket.SHUT_WR)
        assert closed(pipe)
    """)

    assert "headway half n=3 total=9 33%" in done.stderr
    assert 'state=failed reason="lost worker' in done.stderr


def test_a_lie_about_the_count_is_shown_and_no_more(attacked: Any) -> None:
    """Counts that go back, overshoot, or are of bars that were never opened are shown as they come."""
    attacked("""
        liar = peer(trusted)
        for n in (10**299, 0, 5e-324, 1e300):
            liar.sendall(wire.report('update', Snapshot(7, desc='liar', total=1, n=n)))
        for i in range(50):
            liar.sendall(wire.report('close', Snapshot(i, desc='liar', parent=i + 1, state='failed', reason='?')))
        liar.sendall(wire.report('open', Snapshot(3, desc='loop', parent=3)))
    """)


def test_a_stranger_cannot_count_for_a_bar(attacked: Any) -> None:
    """Only copies of bars that were pickled here are counted in."""
    attacked("""
        from headway.reporting import copies
        before = bar.n
        liar = peer(trusted)
        for of in (f"{copies._own()}:{bar.id}", f"{copies._own()}:", "1:1", ":", f"x:{bar.id}"):
            liar.sendall(wire.report('update', Snapshot(1, n=1000), of=of))
        liar.sendall(wire.report('open', Snapshot(2, desc='seen')))
        seen(lambda: hub.relay._merger.open)
        assert bar.n == before
    """)


@pytest.mark.parametrize("what", ["pictures", "bars", "texts"])
def test_a_flooding_worker_costs_the_display_alone(attacked: Any, what: str) -> None:
    """As much as a pipe takes for two seconds, of pictures, new bars or texts: the loop goes on, and others are seen."""
    attacked(f"""
        flood = {{
            "pictures": lambda i: wire.report('update', Snapshot(1, desc='flood', n=i)),
            "bars": lambda i: wire.report('open', Snapshot(i, desc=f'flood {{i}}')),
            "texts": lambda i: wire.pieces(f'flood {{i}}')[0],
        }}[{what!r}]
        child = os.fork()
        if not child:
            os.close(1), os.close(2)
            pipe, until, i = peer(trusted), time.monotonic() + 2, 0
            try:
                while time.monotonic() < until:
                    pipe.sendall(b"".join(flood(i + j) for j in range(100))); i += 100
            except OSError:
                pass
            os._exit(0)
        steps, until = 0, time.monotonic() + 2
        while time.monotonic() < until:
            steps += 1; time.sleep(0.001)
        assert steps > 100, steps
        os.waitpid(child, 0)
    """)


def test_few_file_descriptors_are_left_to_the_program(run: Any) -> None:
    """With more workers than files may be open some are left out, which is told once; the program can open its own."""
    code = (
        textwrap.dedent(PROGRAM)
        .replace("    good()\n", "")
        .replace(
            "    {attack}",
            textwrap.indent(
                textwrap.dedent("""
        import resource, tempfile
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
        child = os.fork()
        if not child:
            resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
            pipes = [peer(trusted) for i in range(250)]
            time.sleep(2); os._exit(0)
        seen(lambda: receiver.refused > 20)
        files = [tempfile.TemporaryFile() for _ in range(80)]
        os.waitpid(child, 0)
    """),
                "    ",
            ),
        )
    )
    done = run(code, HEADWAY_BACKEND="plain")

    assert (done.returncode, done.stdout) == (0, "over 3\n"), done.stderr
    assert done.stderr.count("More worker processes report progress") == 1, done.stderr


def test_a_drawing_process_that_dies_takes_nobody_with_it(run: Any, tmp_path: Any) -> None:
    """Workers of a process that was killed go on, silently, and with their own exit status."""
    code = """
        import headway, os, signal, subprocess, sys, time
        child = '''if 1:
            import headway, os, sys, time, signal
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            bar = headway.get_bar(50, desc="child")
            bar.update(); print("up", flush=True)
            for i in range(49): time.sleep(0.01); bar.update()
            bar.close()
            open("result", "w").write(str(bar.n))
            raise SystemExit(5)
        '''
        with headway.get_bar(1, desc="parent") as bar:
            process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
            process.stdout.readline()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = run(code, HEADWAY_BACKEND="plain")

    assert done.returncode == -9
    assert (tmp_path / "result").read_text() == "50"
    assert "Broken" not in done.stderr


@pytest.mark.skipif(IN_PYODIDE, reason="there are none here")
@pytest.mark.parametrize("platform", ["emscripten", "wasi"])
def test_webassembly_has_no_workers(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one process: a socket would have nobody to hear, and keeps Node.js from ending with the program."""
    monkeypatch.delenv("HEADWAY_RELAY")
    assert address.wanted()
    monkeypatch.setattr("headway.processes.address.sys", types.SimpleNamespace(platform=platform))

    assert not address.wanted()
