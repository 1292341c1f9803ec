"""The relay under plain PyTorch: torchrun's ranks, and the workers of a DataLoader."""

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from headway.events import Reader
from headway.events.follower import events_of

if os.environ.get("HEADWAY_TEST_TORCH") != "1":
    pytest.importorskip("torch")

QUIET = "plain?interval=0&percent=0"
TRAINING = """
    import os, signal, time, torch, torch.distributed as dist, headway
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    loop = headway.loop(range(20), epochs=2)
    for epoch in loop:
        for batch in loop.train():
            gradient = torch.full((1,), float(rank))
            dist.all_reduce(gradient)
            loop.metrics(loss=torch.tensor(float(rank)), gathered=lambda: dist.all_reduce(gradient))
            if os.environ.get("DIES") and epoch == 1 and batch == 10 and rank == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.02)
    dist.barrier()
    dist.destroy_process_group()
"""


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def torchrun(tmp_path: Path, program: str = TRAINING, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run a program on two ranks; by default they train."""
    (tmp_path / "train.py").write_text(textwrap.dedent(program))
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-addr", "127.0.0.1"]
    command += ["--master-port", str(free_port()), str(tmp_path / "train.py")]
    environ = {**os.environ, "HEADWAY_RELAY": f"not:{os.getpid()}", "HEADWAY_BACKEND": QUIET, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=100, env={**environ, **env})


def lines(stderr: str) -> list[str]:
    """Return the lines about bars."""
    return [line for line in stderr.splitlines() if line.startswith("headway ")]


def test_two_ranks_have_one_display(tmp_path: Path) -> None:
    """Rank 0 draws for both; counts are sums, metrics means, and a callable that gathers hangs nobody."""
    done = torchrun(tmp_path)
    shown = lines(done.stderr)

    assert done.returncode == 0, done.stderr
    assert sum(" n=0 " in line and line.startswith("headway training ") for line in shown) == 1, done.stderr
    second = [line for line in shown if '"epoch 2"' in line]
    assert " n=40 total=40 100%" in second[-1], done.stderr
    assert " workers=2 ranks=2 slowest=100% loss=0.5000" in second[-1]
    assert done.stderr.count("Metric('gathered', local=True)") == 1


def test_the_row_goes_on_if_rank_0_has_less_to_do(tmp_path: Path) -> None:
    """Each rank has a shard of its own, as for inference, and ends with it: the row ends with the last."""
    done = torchrun(
        tmp_path,
        """
        import os, time, torch, headway
        for file in headway.track(range((10, 40)[int(os.environ["RANK"])]), desc="shard"):
            time.sleep(0.05)
        """,
    )
    shown = lines(done.stderr)

    assert done.returncode == 0, done.stderr
    assert "stopped" not in done.stderr
    assert " n=50 total=50 100% " in shown[-1], done.stderr
    assert " state=finished workers=2 ranks=2 " in shown[-1], done.stderr


def test_each_machine_has_an_event_file(tmp_path: Path) -> None:
    """Two agents with two ranks each: those of the second write a file of their own, which is read with the first."""
    (tmp_path / "train.py").write_text(textwrap.dedent(TRAINING))
    port = str(free_port())
    agents = []
    for node in ("0", "1"):
        place = tmp_path / f"machine{node}"
        place.mkdir(mode=0o700)  # by which ranks of one machine find one another
        command = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--node-rank", node]
        command += ["--nproc-per-node", "2", "--master-addr", "127.0.0.1", "--master-port", port, "train.py"]
        own = {"XDG_RUNTIME_DIR": str(place), "HEADWAY_BACKEND": "events?path=run.jsonl", "OMP_NUM_THREADS": "1"}
        environ = {**os.environ, "HEADWAY_RELAY": f"not:{os.getpid()}", **own}
        agents.append(subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True))
    told = [agent.communicate(timeout=100)[1] for agent in agents]
    assert [agent.returncode for agent in agents] == [0, 0], told

    events = list(events_of(str(tmp_path / "run.jsonl"), Reader()))
    ended = [event.snapshot for event in events if event.kind == "close" and event.snapshot is not None]
    epochs = [(bar.workers.count, bar.workers.ranks, bar.n) for bar in ended if bar.desc == "epoch 2" and bar.workers]
    assert epochs == [(2, 4, 40)] * 2, epochs
    assert sorted(bar.desc for bar in ended) == ["epoch 1", "epoch 1", "epoch 2", "epoch 2", "training", "training"]
    assert len({event.run for event in events if event.kind == "run"}) == 1


def test_a_rank_that_is_killed_hangs_nobody(tmp_path: Path) -> None:
    """When rank 1 dies by SIGKILL torchrun ends the job as it would without us."""
    done = torchrun(tmp_path, DIES="1")

    assert done.returncode == 1
    assert re.search(rf"exitcode *: -{int(signal.SIGKILL)}", done.stderr), done.stderr
    assert any('"epoch 2"' in line for line in lines(done.stderr)), done.stderr


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_workers_of_a_loader_report(run: Any, tmp_path: Path, method: str) -> None:
    """Bars that a dataset opens in the workers of a DataLoader are one row of the process that trains."""
    (tmp_path / "data.py").write_text(
        textwrap.dedent("""
        import headway
        class Data:
            def __len__(self): return 20
            def __getitem__(self, i):
                return sum(headway.track(range(10), desc="decode"))
        """)
    )
    code = f"""
        import sys; sys.path.insert(0, "."); import data, headway
        from torch.utils.data import DataLoader
        if __name__ == "__main__":
            loader = DataLoader(data.Data(), batch_size=2, num_workers=2, multiprocessing_context={method!r})
            print(sum(int(batch.sum()) for batch in headway.track(loader, desc="train")))
    """
    done = run(code, options=("-W", "ignore"), HEADWAY_BACKEND=QUIET)
    last = [line for line in lines(done.stderr) if line.startswith("headway decode ")][-1]

    assert (done.returncode, done.stdout) == (0, "900\n"), done.stderr
    assert "n=200 total=200 100%" in last, done.stderr
    assert "workers=2" in last
    assert any("headway train n=10 total=10 100%" in line for line in lines(done.stderr))
