"""Captured bars of the real huggingface_hub, datasets, transformers and joblib, offline and on small local data.

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
if os.environ.get("HEADWAY_TEST_LIBRARIES") != "1":
    for library in LIBRARIES:
        pytest.importorskip(library)

COMMIT = "a" * 40
FILES = {"config.json": b"{}", "weights.bin": b"w" * 3_000_000, "nested/more.bin": b"m" * 10_000}


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the hub as a download asks for."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if self.path.startswith("/api/models/"):
            siblings = [{"rfilename": name} for name in FILES]
            tree = [{"type": "file", "path": name, "size": len(data), "oid": "0"} for name, data in FILES.items()]
            about = tree if "/tree/" in self.path else {"id": "me/tiny", "sha": COMMIT, "siblings": siblings}
            self.answer(json.dumps(about).encode(), "application/json")
        else:
            name = self.path.split(f"/resolve/{COMMIT}/" if COMMIT in self.path else "/resolve/main/")[-1]
            self.answer(FILES[name], "application/octet-stream", name.replace("/", "-"))

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
def hub() -> Iterator[str]:
    """A hub on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
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
        """Return the last picture of a bar."""
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


DOWNLOAD = """
    import os, pathlib
    from huggingface_hub import hf_hub_download, snapshot_download
    path = hf_hub_download("me/tiny", "weights.bin", cache_dir="one")
    print(os.path.getsize(path))
    folder = snapshot_download("me/tiny", cache_dir="many")
    print(sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file()))
"""


def test_downloads(programs: Any, hub: str) -> None:
    """A download from the hub is a bar with bytes, named after the module that downloads; nothing else is drawn."""
    done = programs(DOWNLOAD, HF_ENDPOINT=hub)

    assert done.result == f"{len(FILES['weights.bin'])}\n{sorted(FILES)}\n"
    weights = done.bar("weights.bin")
    assert (weights["n"], weights["total"], weights["unit"], weights["state"]) == (
        3_000_000,
        3_000_000,
        "B",
        "finished",
    )
    assert weights["name"] == "huggingface_hub.file_download"
    fetching = next(bar for bar in done.bars if bar["desc"].startswith("Fetching 3 files"))
    assert (fetching["n"], fetching["total"]) == (3, 3)
    assert "%|" not in done.errors


def test_silenced_downloads(programs: Any, hub: str) -> None:
    """The hub's bars are silenced by the package's name."""
    done = programs(DOWNLOAD, HF_ENDPOINT=hub, HEADWAY_SILENCE="huggingface_hub")

    assert not done.bars
    assert "%|" not in done.errors


MAP = """
    from datasets import Dataset
    data = Dataset.from_dict({"x": list(range(1000))})
    for processes in (None, 2):
        mapped = data.map(lambda row: {"y": row["x"] ** 2}, num_proc=processes)
        print(sum(mapped["y"]))
    print(len(data.filter(lambda row: row["x"] % 2 == 0)))
"""


def test_map(programs: Any) -> None:
    """`map` and `filter` of datasets are bars with all examples, in one process and in two; the results are the same."""
    done, native = programs(MAP), programs(MAP, captured=False)

    assert done.result == native.result
    for desc in ("Map", "Map (num_proc=2)", "Filter"):
        bar = done.bar(desc)
        assert (bar["n"], bar["total"], bar["unit"], bar["state"]) == (1000, 1000, "examples", "finished")
        assert bar["name"].startswith("datasets.")
    assert len(done.bars) == 3
    assert "%|" in native.errors
    assert "%|" not in done.errors


TRAIN = """
    import torch, transformers
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
    torch.manual_seed(0)
    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    model = BertForSequenceClassification(config)
    model.save_pretrained("model")
    model = BertForSequenceClassification.from_pretrained("model")
    rows = [{"input_ids": torch.tensor([i % 50] * 8), "labels": torch.tensor(i % 2)} for i in range(32)]
    settings = TrainingArguments(
        "out", per_device_train_batch_size=4, num_train_epochs=2, report_to=[], save_strategy="no", use_cpu=True,
        eval_strategy="epoch", logging_steps=5, disable_tqdm=False,
    )
    result = Trainer(model, settings, train_dataset=rows, eval_dataset=rows[:8]).train()
    print(result.global_step, round(result.training_loss, 4))
"""


def test_transformers(programs: Any) -> None:
    """Loading weights and the Trainer's own bars are shown, and the training comes to the same."""
    done, native = programs(TRAIN), programs(TRAIN, captured=False)

    assert done.result.splitlines()[-1] == native.result.splitlines()[-1]
    loading = next(bar for bar in done.bars if bar["desc"] == "Loading weights")
    assert loading["n"] == loading["total"]
    assert loading["name"].startswith("transformers.")
    training = next(bar for bar in done.bars if bar["total"] == 16)
    assert (training["n"], training["state"], training["name"]) == (16, "finished", "transformers.trainer_callback")
    assert "%|" not in done.errors


JOBLIB = """
    import contextlib, joblib
    from tqdm.auto import tqdm

    @contextlib.contextmanager
    def tqdm_joblib(bar):
        class Callback(joblib.parallel.BatchCompletionCallBack):
            def __call__(self, *args, **kwargs):
                bar.update(n=self.batch_size)
                return super().__call__(*args, **kwargs)
        old, joblib.parallel.BatchCompletionCallBack = joblib.parallel.BatchCompletionCallBack, Callback
        try:
            yield bar
        finally:
            joblib.parallel.BatchCompletionCallBack = old
            bar.close()

    def square(i):
        return i * i

    if __name__ == "__main__":
        with tqdm_joblib(tqdm(desc="callback", total=40)):
            print(sum(joblib.Parallel(n_jobs=2)(joblib.delayed(square)(i) for i in range(40))))
        done = joblib.Parallel(n_jobs=2, return_as="generator_unordered")(joblib.delayed(square)(i) for i in range(40))
        print(sum(tqdm(done, desc="generator", total=40)))
"""


def test_joblib(programs: Any) -> None:
    """Both ways in which people put tqdm on joblib are shown, with worker processes of loky's."""
    done = programs(JOBLIB)

    assert done.result == f"{sum(i * i for i in range(40))}\n" * 2
    for desc in ("callback", "generator"):
        assert (done.bar(desc)["n"], done.bar(desc)["state"], done.bar(desc)["name"]) == (40, "finished", "__main__")
    assert "%|" not in done.errors
