"""The notices that a real HTTP server on this machine gets: if it answers, is slow, is down, or has an error."""

import io
import json
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from headway.host.stream import SafeStream
from headway.sink import Context, Frame
from headway.snapshot import Snapshot
from headway.testing import NothingConformance, Screen
from headway_webhook import WebhookSink

PATIENCE = 30.0
"""Seconds that a test waits for something that has to come."""


class Endpoint(ThreadingHTTPServer):
    """Keeps the notices that it has answered with success."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.asked = 0
        self.notices: list[dict[str, Any]] = []
        self.answers: Callable[[int], int] = lambda _asked: 200
        """Gives the status of the n-th answer."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def backend(self) -> str:
        return f"webhook?url=http://127.0.0.1:{self.server_port}/hook"

    @property
    def news(self) -> list[tuple[str, str]]:
        return [(", ".join(notice["news"]), notice["bar"]) for notice in self.notices]

    def end(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        notice = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        status = self.server.answers(self.server.asked)
        if status == 200:
            self.server.notices.append(notice)
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.notices.append({"news": ["a redirect was followed"], "bar": self.path})
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.end()


def environment(backend: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    return {**own, "HEADWAY_BACKEND": backend, "HEADWAY_RELAY": "off"}


def run(backend: str, code: str, status: int = 0) -> str:
    """Run a program, and return what it has written to stderr."""
    done = subprocess.run(
        [sys.executable, "-c", "import headway, time\n" + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env=environment(backend),
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    return done.stderr


@contextmanager
def loops_over(backend: str) -> Iterator["subprocess.Popen[str]"]:
    """Run two loops, and hand over the program when they are over; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", TWO_LOOPS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(backend),
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "over\n"
        yield program
        if program.poll() is None:
            program.communicate("\n", timeout=60)


TWO_LOOPS = """
import headway
for desc in "ab":
    for _ in headway.track(range(10), desc=desc): pass
print("over", flush=True)
input()
"""


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "what was waited for has not come"
        time.sleep(0.01)


LOOP = "for _ in headway.track(range(10), desc='alpha'): pass"


def test_opening_and_end_are_posted_with_all_fields(endpoint: Endpoint) -> None:
    """Each notice has the fields of the schema, and the ids of one run are the same."""
    assert run(endpoint.backend, LOOP) == ""

    opening, end = endpoint.notices
    about = ["v", "news", "run", "program", "host", "bar", "n", "total", "elapsed"]
    assert list(opening) == [*about, "stalled", "phase", "metrics", "reason"]
    assert (opening["news"], opening["bar"], opening["n"], opening["total"]) == (["opened"], "alpha", 0, 10)
    assert (end["news"], end["n"], end["total"], end["reason"]) == (["finished"], 10, 10, "")
    assert (end["v"], end["program"], end["host"], end["run"]) == (1, "-c", socket.gethostname(), opening["run"])
    assert len(opening["run"]) == 16


def test_only_outermost_bars_are_told(endpoint: Endpoint) -> None:
    """A loop in a loop sends nothing."""
    run(
        endpoint.backend,
        """
        for _ in headway.track(range(2), desc="outer"):
            for _ in headway.track(range(2), desc="inner"): pass
        """,
    )

    assert endpoint.news == [("opened", "outer"), ("finished", "outer")]


def test_a_failure_tells_the_error(endpoint: Endpoint) -> None:
    """A block that raises has failed, and one that Ctrl-C ends was interrupted."""
    run(
        endpoint.backend,
        """
        import contextlib
        with contextlib.suppress(KeyboardInterrupt), headway.get_bar(10, desc="cut"):
            raise KeyboardInterrupt
        with headway.get_bar(10, desc="alpha") as bar:
            bar.update(3)
            1 / 0
        """,
        status=1,
    )

    assert endpoint.news == [("opened", "cut"), ("interrupted", "cut"), ("opened", "alpha"), ("failed", "alpha")]
    assert (endpoint.notices[3]["n"], endpoint.notices[3]["reason"]) == (3, "ZeroDivisionError: division by zero")


def test_a_stall_is_told_once_for_each_time(endpoint: Endpoint) -> None:
    """A bar that stands still is told while it does; headway takes a minute to say so, and here a snapshot says it."""
    sink = WebhookSink(Context(SafeStream(io.StringIO()), {"url": f"http://127.0.0.1:{endpoint.server_port}"}))
    bar = Snapshot(1, desc="alpha", n=3)
    stalled = bar._replace(elapsed=62.0, stalled=61.7)
    moves = bar._replace(n=4, elapsed=95.0)
    again = bar._replace(n=4, elapsed=180.0, stalled=85.0, blocked="the lock")
    for changed in (stalled, stalled._replace(elapsed=63.0, stalled=62.7), moves, again):
        sink.frame(Frame((changed,), opened=(bar,), changed=(changed,)))

    news = ["opened", "stalled", "moving", "stalled, blocked"]
    assert endpoint.news == [(each, "alpha") for each in news]
    assert [(notice["stalled"], notice["reason"]) for notice in endpoint.notices[1::2]] == [
        (61.7, ""),
        (85.0, "the lock"),
    ]


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_notice_that_is_refused_is_posted_again(endpoint: Endpoint, status: int) -> None:
    """Two answers with an error cost no notice; the user is warned once. A redirect is such an answer."""
    endpoint.answers = lambda asked: status if asked <= 2 else 200
    with loops_over(endpoint.backend) as program:
        until(lambda: len(endpoint.notices) == 4)
        _, said = program.communicate("\n", timeout=60)

    assert_whole(endpoint)
    assert said.count("HeadwayWarning") == 1
    assert f"HTTP Error {status}" in said


def assert_whole(endpoint: Endpoint) -> None:
    """Check that the opening and the end of both loops are told once, in their order."""
    assert sorted(endpoint.news) == [("finished", "a"), ("finished", "b"), ("opened", "a"), ("opened", "b")]
    assert all(endpoint.news.index(("opened", bar)) < endpoint.news.index(("finished", bar)) for bar in "ab")


def test_an_endpoint_that_comes_back_gets_the_notices_that_have_waited() -> None:
    """While nobody listens, starts and ends wait; they come in their order."""
    gone = Endpoint()
    gone.end()
    with loops_over(gone.backend) as program:
        back = Endpoint(gone.server_port)
        until(lambda: len(back.notices) == 4)
        _, said = program.communicate("\n", timeout=60)
    back.end()

    assert_whole(back)
    assert said.count("HeadwayWarning") == 1
    assert "it is tried again" in said


def test_an_endpoint_that_is_down_to_the_end_costs_the_program_no_more_than_a_warning() -> None:
    """Nothing is drawn in its place, and the program's exit is not held up for long."""
    gone = Endpoint()
    gone.end()
    said = run(gone.backend, LOOP)

    assert said.count("HeadwayWarning") == 1
    assert "Connection refused" in said
    assert "headway alpha" not in said


def test_a_slow_endpoint_does_not_slow_the_loop(endpoint: Endpoint) -> None:
    """The loops are over before the endpoint has answered the first notice; all of them arrive."""
    over = threading.Event()
    endpoint.answers = lambda _asked: 200 if over.wait(PATIENCE) else 500
    with loops_over(f"{endpoint.backend}&timeout=60") as program:
        assert endpoint.notices == []
        over.set()
        _, said = program.communicate("\n", timeout=60)

    assert_whole(endpoint)
    assert said == ""


def test_an_endpoint_that_never_answers_is_given_up_after_the_timeout(endpoint: Endpoint) -> None:
    """A silent endpoint counts as one that is down."""
    silent = threading.Event()
    endpoint.answers = lambda _asked: 200 if silent.wait(PATIENCE) else 500
    said = run(f"{endpoint.backend}&timeout=0.2", LOOP)
    silent.set()

    assert said.count("HeadwayWarning") == 1
    assert "timed out" in said


def test_something_else_than_http_counts_as_down() -> None:
    """A server of another kind is told, and the program goes on."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            while True:
                connection, _ = other.accept()
                connection.recv(10_000)
                connection.sendall(b"SSH-2.0-no-http\r\n")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        said = run(f"webhook?url=http://127.0.0.1:{other.getsockname()[1]}/", LOOP)

    assert said.count("HeadwayWarning") == 1
    assert "did not answer in HTTP" in said
    assert "it is tried again" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("", "the option url is missing, as in webhook?url=https://example.org/hook"),
        ("?url=ftp://example.org", "expected an address that begins with http:// or https://"),
        ("?url=http://example.org&timeout=0", "expected seconds above 0, and 60 at most"),
    ],
)
def test_wrong_options_are_told(options: str, says: str) -> None:
    """A mistake in an option is one warning."""
    said = run(f"webhook{options}", LOOP)

    assert said.count("HeadwayWarning") == 1
    assert says in said


class TestKit(NothingConformance):
    """Headway's kit for sinks that draw nothing; each test has an endpoint of its own.

    Left out is one test: it has 442 notices at the end of a process, which waits five seconds for them. On a loaded
    machine that is too short for a request each.
    """

    test_one_twenty_and_two_hundred_bars_at_once = None

    def setup_method(self) -> None:
        super().setup_method()
        self.endpoint = Endpoint()
        self.backend = self.endpoint.backend

    def teardown_method(self) -> None:
        self.endpoint.end()
        super().teardown_method()

    def delivered(self, screen: Screen) -> str:
        return "\n".join(bar for _news, bar in self.endpoint.news)
