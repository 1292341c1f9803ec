"""`headway watch --web`: a real server, and visitors by real connections."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from headway.snapshot import Reading, Snapshot
from served import Page, Threaded, Watching, Written, merged

pytest.importorskip("uvicorn")
pytest.importorskip("starlette")
parser = pytest.importorskip("prometheus_client.parser")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

LOST = """
import headway
bar = headway.get_bar(10, desc="train")
bar.update(4)
input()
"""


@pytest.fixture
def file(tmp_path: Path) -> Written:
    return Written(tmp_path / "run.jsonl")


@pytest.fixture
def serve() -> Iterator[Callable[..., Watching]]:
    pages = []

    def serve(*arguments: object) -> Watching:
        pages.append(Watching(*map(str, arguments)))
        return pages[-1]

    yield serve
    for page in pages:
        page.end()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Yield a page for tests that change nothing."""
    made = Threaded(str(Written(tmp_path_factory.mktemp("page") / "run.jsonl").path))
    yield made
    made.end()


def bar(n: int, **fields: Any) -> Snapshot:
    return Snapshot(1, desc="train", total=10_000, n=n, **fields)


def test_a_visitor_gets_the_run_and_then_its_changes(file: Written, serve: Callable[..., Watching]) -> None:
    """The changes lead to the very document that a later visitor gets at once."""
    file.add("open", bar(1, metrics={"loss": Reading(1.0, "1.000")}))
    file.add("write", text="first")
    page = serve(file.path)
    early = page.visitor()
    early.until("first")
    for n in range(2, 40):
        file.add("update", bar(n, metrics={"loss": Reading(1.0 / n, f"{1 / n:.3f}")}))
    file.add("write", text="last")
    early.until("last")
    late = page.visitor()
    late.read()

    assert early.document["runs"] == late.document["runs"]
    assert early.document["runs"]["0"]["bars"]["aaaaaaaa-1"]["counts"] == "39/10000"
    assert len(late.document["runs"]["0"]["courses"]["0 loss"]["points"]) == 39


def test_the_course_from_before_the_page_was_opened_is_there(file: Written, serve: Callable[..., Watching]) -> None:
    for n in range(1000):
        file.add("update", bar(n, metrics={"loss": Reading(float(n), str(n))}))
    file.add("write", text="last")
    visitor = serve(file.path).visitor()
    visitor.until("last")
    points = [*visitor.document["runs"]["0"]["courses"]["0 loss"]["points"].values()]

    assert (points[0][0], points[-1][1]) == (pytest.approx(2, abs=20), 999)


def test_the_first_load_is_small(file: Written, serve: Callable[..., Watching]) -> None:
    """Page, style, script, and a week's run of 168 epochs with four metrics: 20 kB as a browser gets them."""
    for n in range(168 * 10):
        metrics = {name: Reading(n**0.5 + i, f"{n**0.5:.4f}") for i, name in enumerate(("loss", "lr", "acc", "val"))}
        eta = {"eta": 100.0, "eta_low": 90.0, "eta_high": 120.0}
        file.add("update", bar(n, elapsed=float(n), rate=1.0, metrics=metrics, **eta))
        epoch = Snapshot(2 + n // 10, parent=1, desc=f"epoch {n // 10}", total=10, n=n % 10 + 1, metrics=metrics)
        over = n % 10 == 9
        file.add("close" if over else "update", epoch._replace(state="finished" if over else "running"))
    file.add("write", text="last")
    page = serve(file.path)
    page.visitor().until("last")
    late = page.visitor(gzip=True)
    late.read()
    answers = [page.get(name, **{"Accept-Encoding": "gzip"}) for name in ("", "page.css", "page.js")]

    assert [status for status, _ in answers] == [200] * 3
    assert b"EventSource" in gzip.decompress(answers[2][1])
    assert len(late.document["runs"]["0"]["bars"]) == 101
    assert sum(len(body) for _, body in answers) + late.bytes <= 20_000


@pytest.mark.parametrize("packed", [True, False])
def test_each_change_arrives_at_once(file: Written, serve: Callable[..., Watching], packed: bool) -> None:
    """Compressed, too: the visitor waits for it before the next one is written."""
    visitor = serve(file.path).visitor(gzip=packed)
    for i in range(3):
        file.add("write", text=f"line {i}")
        visitor.until(f"line {i}")


def test_a_run_that_stands_costs_a_visitor_nothing(file: Written, serve: Callable[..., Watching]) -> None:
    """At most 200 bytes for each of its seconds."""
    file.add("update", bar(5, elapsed=5.0, stalled=3.0))
    file.add("write", text="first")
    visitor = serve(file.path).visitor()
    visitor.until("first")
    before = visitor.bytes
    for i in range(60):
        file.add("update", bar(5, elapsed=7.0 + i, stalled=5.0 + i))
    file.add("write", text="last")
    visitor.until("last")

    assert visitor.bytes - before <= 200 * 60
    assert visitor.bytes - before < 1000


def test_fifty_visitors_and_one_that_does_not_read(file: Written, serve: Callable[..., Watching]) -> None:
    """The server goes on, and what it has to say to the slow one does not add up."""
    page = serve(file.path)
    parts = urlsplit(page.address)
    slow = socket.create_connection((parts.hostname, parts.port))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sendall(f"GET {parts.path}events HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    visitors = [page.visitor() for _ in range(50)]
    held = []
    for i in range(8):
        for line in range(200):
            file.add("write", text=f"{i} {line} " + "x" * 900)
        for visitor in visitors:
            visitor.until(f"{i} 199 " + "x" * 900)
        held.append(memory(page.process.pid))
    slow.close()

    assert all(visitor.document["runs"] == visitors[0].document["runs"] for visitor in visitors)
    assert held[-1] - held[3] < 8_000_000  # half of that is written to each visitor in these rounds


def memory(pid: int) -> int:
    """Return the bytes that a process holds."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("", "GET", {}, 200),
        ("", "HEAD", {}, 200),
        ("", "GET", {"Host": "localhost:9999"}, 200),
        ("", "GET", {"Host": "127.0.0.1"}, 200),
        ("", "GET", {"Host": "[::1]:80"}, 200),
        ("state", "GET", {}, 200),
        ("metrics", "GET", {}, 200),
        ("nothing", "GET", {}, 404),
        ("/", "GET", {}, 403),
        ("/state", "GET", {}, 403),
        ("/wrong/state", "GET", {}, 403),
        ("", "GET", {"Host": "other.example"}, 403),
        ("", "GET", {"Host": ""}, 403),
        ("", "GET", {"Host": "[::"}, 403),
        ("", "GET", {"Origin": "http://other.example"}, 403),
        ("", "GET", {"Origin": "null"}, 403),
        ("", "GET", {"Origin": "https://localhost", "Host": "localhost"}, 403),
        ("", "GET", {"Origin": "http://localhost", "Host": "localhost"}, 200),
        ("", "POST", {}, 405),
        ("state", "DELETE", {}, 405),
    ],
)
def test_those_are_let_in_that_may_read(
    page: Page, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    assert page.get(path, method=method, **headers)[0] == status


def test_an_answer_says_that_nothing_else_may_be_loaded(page: Page) -> None:
    parts = urlsplit(page.address)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        head = connection.makefile("rb").read().partition(b"\r\n\r\n")[0].lower()

    assert b"content-security-policy: default-src 'none'" in head
    assert b"referrer-policy: no-referrer" in head
    assert b"x-content-type-options: nosniff" in head


def test_only_this_machine_is_listened_to(page: Page) -> None:
    assert urlsplit(page.address).hostname == "127.0.0.1"
    assert len(urlsplit(page.address).path) > 20


def test_the_state_for_programs(file: Written, serve: Callable[..., Watching]) -> None:
    file.add("update", bar(2500, rate=5.0, eta=1500.0, metrics={"loss": Reading(0.25, "0.2500")}))
    file.add("write", text="last")
    page = serve(file.path)
    page.visitor().until("last")
    (run,) = json.loads(page.get("state")[1])["runs"]
    gauges = {
        (sample.name, sample.labels.get("metric", "")): sample.value
        for family in parser.text_string_to_metric_families(page.get("metrics")[1].decode())
        for sample in family.samples
    }

    assert (run["program"], run["over"], run["texts"]) == ("train.py", False, ["last"])
    assert (run["bars"][0]["n"], run["bars"][0]["eta"], run["bars"][0]["state"]) == (2500, 1500.0, "running")
    assert gauges["headway_done", ""] == 2500
    assert gauges["headway_share", ""] == 0.25
    assert gauges["headway_left_seconds", ""] == 1500
    assert gauges["headway_metric", "loss"] == 0.25


def test_several_runs_are_on_one_page(tmp_path: Path, serve: Callable[..., Watching]) -> None:
    for name in ("a", "b"):
        written = Written(tmp_path / f"{name}.jsonl")
        written.add("write", text="last")
    visitor = serve(tmp_path / "a.jsonl", tmp_path / "b.jsonl").visitor()
    visitor.until("last")

    assert [run["file"] for run in visitor.document["runs"].values()] == ["a.jsonl", "b.jsonl"]


def test_it_ends_with_the_run_if_that_was_asked_for(tmp_path: Path, serve: Callable[..., Watching]) -> None:
    """A visitor gets the last state, and a goodbye; a lost run is told from one that finished, by the exit status too."""
    path = tmp_path / "run.jsonl"
    env = {**os.environ, "HEADWAY_BACKEND": f"events?path={path}"}
    program = subprocess.Popen([sys.executable, "-c", LOST], stdin=subprocess.PIPE, env=env)
    page = serve(path, "--until-end")
    visitor = page.visitor()
    while not visitor.document.get("runs", {}).get("0", {}).get("bars"):
        visitor.read()
    program.kill()
    program.communicate()
    while visitor.read():
        pass
    (last,) = visitor.document["runs"]["0"]["bars"].values()

    assert visitor.over
    assert (last["state"], last["reason"]) == ("lost", "its process is gone")
    assert page.process.wait(20) == 1


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_it_at_once(file: Written, serve: Callable[..., Watching], number: int, status: int) -> None:
    """Visitors that are there do not hold it, and nothing is printed."""
    page = serve(file.path)
    visitor = page.visitor()
    visitor.read()
    page.process.send_signal(number)
    _, said = page.process.communicate(timeout=20)

    assert page.process.returncode == status
    assert said == ""
    while visitor.read():
        pass
    assert visitor.over


def test_it_says_how_to_come_from_another_machine(file: Written, serve: Callable[..., Watching]) -> None:
    page = serve(file.path)
    port = urlsplit(page.address).port
    assert page.process.stdout is not None
    said = page.process.stdout.readline()

    assert said == f"From another machine: ssh -L {port}:127.0.0.1:{port} {socket.gethostname()}\n"


def test_a_port_that_is_taken_is_an_error(page: Page, file: Written) -> None:
    port = urlsplit(page.address).port
    command = [sys.executable, "-m", "headway", "watch", "--web", str(file.path), "--port", str(port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert done.stderr == f"headway: the page cannot be put at 127.0.0.1:{port}: Address already in use.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.jsonl", "b.jsonl"], "several files are shown by a page only: add --web, or --html PAGE."),
        (["a.jsonl", "--port", "1234"], "--port is for a page: add --web."),
        (["a.jsonl", "--until-end"], "--until-end is for a page: add --web."),
        (["a.jsonl", "--html", "a.html", "--port", "1"], "--port is for --web, and --html serves nothing."),
    ],
)
def test_what_only_a_page_has_is_refused_without_one(arguments: list[str], words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "headway", "watch", *arguments], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (2, f"headway: {words}\n")


def test_silent_connections_do_not_keep_visitors_out(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """They need not know the token; each is hung up on after a while."""
    monkeypatch.setattr("headway.web.server.ASKED_WITHIN", 0.5)
    parts = urlsplit(page.address)
    silent = [socket.create_connection((parts.hostname, parts.port)) for _ in range(5)]
    for each in silent:
        each.settimeout(20)

    assert [each.recv(1) for each in silent] == [b""] * 5
    for each in silent:
        each.close()
    assert page.get()[0] == 200


def test_files_of_one_name_are_told_apart(tmp_path: Path, serve: Callable[..., Watching]) -> None:
    paths = [tmp_path / name / "run.jsonl" for name in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        Written(path).add("open", bar(1))
    page = serve(*paths, paths[0])
    visitor = page.visitor()
    while len([run for run in visitor.document.get("runs", {}).values() if run["bars"]]) < 2:
        visitor.read()
    metrics = page.get("metrics")[1].decode()

    assert [run["file"] for run in visitor.document["runs"].values()] == [*map(str, paths)]
    assert metrics.count("headway_share{") == 2
    assert len({line for line in metrics.splitlines() if line.startswith("headway_share{")}) == 2


def test_a_pipe_is_no_event_file(tmp_path: Path, serve: Callable[..., Watching]) -> None:
    """It does not hold the server, nor Ctrl-C."""
    os.mkfifo(tmp_path / "run.jsonl")
    page = serve(tmp_path / "run.jsonl")
    visitor = page.visitor()
    visitor.read()
    while "flaw" not in visitor.document["runs"]["0"]:
        visitor.read()
    page.process.send_signal(signal.SIGINT)

    assert page.process.wait(20) == 130


def test_a_library_that_is_missing_is_named(file: Written, tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(\"No module named 'uvicorn'\")")
    command = [sys.executable, "-m", "headway", "watch", "--web", str(file.path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60)

    assert done.returncode == 2
    assert "No module named 'uvicorn'" in done.stderr
    assert "pip install 'headway[web]'" in done.stderr


def test_a_patch_is_applied_as_the_standard_says() -> None:
    """The example of RFC 7396, section 3."""
    before = {
        "title": "Goodbye!",
        "author": {"givenName": "John", "familyName": "Doe"},
        "tags": ["a", "b"],
        "content": "c",
    }
    patch = {"title": "Hello!", "phoneNumber": "+01", "author": {"familyName": None}, "tags": ["a"]}

    assert merged(before, patch) == {
        "title": "Hello!",
        "author": {"givenName": "John"},
        "tags": ["a"],
        "content": "c",
        "phoneNumber": "+01",
    }
