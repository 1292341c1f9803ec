"""What the tests with huggingface_hub, datasets, transformers, joblib and rich share: a hub, and programs that are run.

They are no dependencies of headway. Where they are not installed these tests are skipped, unless
`HEADWAY_TEST_LIBRARIES=1` says that they have to run.
"""

import http.server
import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LIBRARIES = ("huggingface_hub", "datasets", "transformers", "accelerate", "joblib", "torch", "rich")


@pytest.fixture(autouse=True, scope="session")
def libraries() -> None:
    """Skip where a library is missing."""
    if os.environ.get("HEADWAY_TEST_LIBRARIES") != "1":
        for library in LIBRARIES:
            pytest.importorskip(library)


COMMIT = "a" * 40
FILES = {"config.json": b"{}", "weights.bin": b"w" * 3_000_000, "nested/more.bin": b"m" * 10_000}


class Hub(http.server.ThreadingHTTPServer):
    """A hub on this machine, with one model."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, Any] = dict(FILES)
        """Their contents; `None` is what is listed and not there."""
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answer(http.server.BaseHTTPRequestHandler):
    """As much as a download asks for."""

    server: Hub

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        files = self.server.files
        if self.path.startswith("/api/models/"):
            siblings = [{"rfilename": name} for name in files]
            tree = [
                {"type": "file", "path": name, "size": len(data or b""), "oid": "0"} for name, data in files.items()
            ]
            about = tree if "/tree/" in self.path else {"id": "me/tiny", "sha": COMMIT, "siblings": siblings}
            self.answer(json.dumps(about).encode(), "application/json")
        else:
            name = self.path.split(f"/resolve/{COMMIT}/" if COMMIT in self.path else "/resolve/main/")[-1]
            if files[name] is None:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.answer(files[name], "application/octet-stream", name.replace("/", "-"))

    def answer(self, body: bytes, kind: str, name: str = "answer") -> None:
        self.send_response(200)
        about = {"Content-Type": kind, "ETag": f'"{name}"', "X-Repo-Commit": COMMIT}
        for header, value in {**about, "Content-Disposition": f'attachment; filename="{name}";'}.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub that answers."""
    server = Hub()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Done:
    """A program that has run: what it printed, and the bars that were shown."""

    def __init__(self, done: "subprocess.CompletedProcess[str]", events: Path) -> None:
        self.result = done.stdout
        self.errors = done.stderr
        lines = events.read_text().splitlines() if events.exists() else []
        self.bars = [event for event in map(json.loads, lines) if event["event"] == "close"]

    def bar(self, desc: str) -> dict[str, Any]:
        """Return the last snapshot of a bar."""
        found = [bar for bar in self.bars if bar["desc"] == desc]
        assert found, [bar["desc"] for bar in self.bars]
        return found[-1]


@pytest.fixture
def programs(tmp_path: Path) -> "Any":
    """Run a program natively, or by `headway run`: `programs(code, captured=True)`."""

    def run(code: str, *, captured: bool = True, **env: str) -> Done:
        script, events = tmp_path / "program.py", tmp_path / "events.jsonl"
        script.write_text(textwrap.dedent(code))
        events.unlink(missing_ok=True)
        command = ["-m", "headway", "run", str(script)] if captured else [str(script)]
        about = {"HEADWAY_BACKEND": f"events?path={events}", "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path / "hf")}
        about |= {"HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}
        done = subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            text=True,
            timeout=110,
            env={**os.environ, **about, **env},
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        return Done(done, events)

    return run
