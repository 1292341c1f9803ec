"""headway with the real torch: loaders, tensors, and a training that is cut and resumed.

torch is no dependency of headway. Where it is not installed these tests are skipped, unless `HEADWAY_TEST_TORCH=1` says
that they have to run.
"""

import gc
import os
import re
import subprocess
import sys
import textwrap
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.reporting.totals import Length, length_of
from headway.snapshot import Snapshot
from headway.testing import Recorder, record, run_in_terminal

if os.environ.get("HEADWAY_TEST_TORCH") != "1":
    pytest.importorskip("torch")

import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, IterableDataset, SequentialSampler, SubsetRandomSampler

EXAMPLES = Path(__file__).parents[2] / "examples"


class Squares(Dataset[int]):
    """Ten numbers."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, i: int) -> int:
        if not 0 <= i < 10:
            raise IndexError(i)
        return i * i


class Endless(IterableDataset[int]):
    """Ten numbers that come without a number of them."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(10))


class Claims(Endless):
    """Ten numbers that claim to be of some number."""

    def __init__(self, claim: int) -> None:
        self.claim = claim

    def __len__(self) -> int:
        return self.claim


LOADERS: dict[str, tuple[Any, int, Length | None]] = {
    "batches": (lambda: DataLoader(Squares(), batch_size=3), 4, Length(4, False)),
    "the last one dropped": (lambda: DataLoader(Squares(), batch_size=3, drop_last=True), 3, Length(3, False)),
    "shuffled": (lambda: DataLoader(Squares(), batch_size=3, shuffle=True), 4, Length(4, False)),
    "no batches": (lambda: DataLoader(Squares(), batch_size=None), 10, Length(10, False)),
    "a sampler": (
        lambda: DataLoader(Squares(), sampler=SubsetRandomSampler(range(6)), batch_size=4),
        2,
        Length(2, False),
    ),
    "a batch sampler": (
        lambda: DataLoader(Squares(), batch_sampler=BatchSampler(SequentialSampler(range(10)), 4, drop_last=False)),
        3,
        Length(3, False),
    ),
    "enumerated": (lambda: enumerate(DataLoader(Squares(), batch_size=3)), 4, Length(4, False)),
    "iterable without a length": (lambda: DataLoader(Endless(), batch_size=3), 4, None),
    "iterable with a length": (lambda: DataLoader(Claims(10), batch_size=3), 4, Length(4, True)),
    "iterable that claims too little": (lambda: DataLoader(Claims(2), batch_size=3), 4, Length(1, True)),
}


@pytest.mark.parametrize("kind", LOADERS)
def test_the_total_of_a_loader_comes_by_itself(recorded: Recorder, kind: str) -> None:
    """A loop over a loader has its batches as the total, marked where they are an estimate, and ends with the truth."""
    make, batches, length = LOADERS[kind]

    assert length == length_of(make())
    assert batches == sum(1 for _ in headway.track(make(), desc="a"))
    first, last = recorded.opened[0], recorded.last("a")
    assert (first.total, first.estimated) == (length or (None, False))
    assert (last.n, last.state, last.estimated) == (batches, "finished", False)
    if length is not None:
        assert last.total == batches


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_loader_with_workers(start: str, tmp_path: Path) -> None:
    """Workers that are forked or spawned while bars draw end well, give all batches, and write nothing."""
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import headway, torch
            from torch.utils.data import DataLoader, TensorDataset

            def main():
                data = TensorDataset(torch.arange(64.0))
                loader = DataLoader(data, batch_size=4, num_workers=2, multiprocessing_context={start!r})
                total = 0.0
                loop = headway.loop(loader, epochs=3, validation=loader)
                for epoch in loop:
                    for (x,) in loop.train():
                        total += float(x.sum())
                        loop.metrics(loss=x.mean())
                    for (x,) in loop.validate():
                        total += float(x.sum())
                print(f"sum {{total}}, {{loop.step}} steps")

            if __name__ == "__main__":
                main()
            """
        )
    )
    screen = run_in_terminal("", arguments=[str(program)], env={"HEADWAY_BACKEND": "tqdm"}, columns=100, timeout=110)

    assert screen.status == 0, str(screen)
    assert screen.rows[-1] == "sum 12096.0, 48 steps"
    assert len(screen.rows) == 5, str(screen)
    assert all("16/16" in row for row in screen.rows[:3])


def test_tensors_are_read_for_frames_only(recorded: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand steps with tensors of a real graph read a tensor a few times, not a thousand."""
    reads = []
    item = torch.Tensor.item
    monkeypatch.setattr(torch.Tensor, "item", lambda self: (reads.append(1), item(self))[1])
    weight = torch.ones(3, requires_grad=True)
    with headway.get_bar(1000, desc="a") as bar:
        for i in range(1000):
            bar.metrics(loss=(weight * i).sum(), norm=weight.norm())
            bar.update()

    values = {name: reading.value for name, reading in recorded.last("a").metrics.items()}
    assert values == {"loss": 2997.0, "norm": pytest.approx(3**0.5)}
    assert 2 <= len(reads) <= 30


def test_with_progress_off_no_tensor_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With progress off nothing is converted at all."""
    monkeypatch.setattr(torch.Tensor, "item", None)
    loop = headway.loop(range(10), epochs=2, backend="off")
    for _epoch in loop:
        for _batch in loop.train():
            loop.metrics(loss=torch.tensor(0.5))
        loop.state_dict()


def test_a_graph_is_let_go(recorded: Recorder) -> None:
    """What a loss was computed from is freed although the metric is still shown."""
    with headway.get_bar(10, desc="a") as bar:
        weight = torch.ones(1000, requires_grad=True)
        hidden = weight * 2
        loss = (hidden * hidden).sum()
        freed = weakref.ref(hidden)
        bar.metrics(loss=loss)
        del loss, hidden
        gc.collect()
        assert freed() is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor(0.25), "0.2500"),
        (torch.tensor([0.25]), "0.2500"),
        (torch.tensor(3), "3"),
        (torch.tensor(3e-5, dtype=torch.float64), "3.0e-05"),
        (torch.tensor(0.5, dtype=torch.bfloat16), "0.5000"),
        (torch.tensor(float("nan")), "NAN"),
        (torch.tensor(True), "True"),
        (torch.tensor([1.0, 2.0]), "?"),
        (torch.tensor(1.0, device="meta"), "?"),
    ],
)
def test_scalars_of_all_kinds(recorded: Recorder, value: torch.Tensor, text: str) -> None:
    """0-d tensors and those of one element read as their number; what is no number shows a mark and warns once."""

    def report() -> None:
        with headway.get_bar(1, desc="a") as bar:
            bar.metrics(a=value)

    if text == "?":
        with pytest.warns(headway.HeadwayWarning, match="The metric 'a' could not be read"):
            report()
    else:
        report()

    assert text == recorded.last("a").metrics["a"].text


def test_accumulation_steps_the_optimizer(recorded: Recorder) -> None:
    """With `step_due` the optimizer steps as often as the loop counts, the rest of each epoch included."""
    weight = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    stepped = 0
    loop = headway.loop(DataLoader(Squares(), batch_size=3), epochs=2, accumulate=3)
    for _epoch in loop:
        for batch in loop.train():
            (weight * batch.float().mean()).sum().backward()
            if loop.step_due:
                optimizer.step()
                optimizer.zero_grad()
                stepped += 1

    assert (stepped, loop.step) == (4, 4)
    assert recorded.last("epoch 1").units == {"sample": 3.0, "step": pytest.approx(1 / 3)}


def test_a_stream_without_a_length_is_learnt(recorded: Recorder) -> None:
    """An `IterableDataset` without a length has no total in the first epoch, and its own in the end."""
    seen: list[tuple[Any, bool]] = []
    loop = headway.loop(DataLoader(Endless(), batch_size=2), epochs=2)
    for _epoch in loop:
        for i, _batch in enumerate(loop.train()):
            if i == 2:
                assert loop._rows.epoch is not None
                s: Snapshot = loop._rows.epoch.snapshot()
                seen.append((s.total, s.estimated))

    assert seen == [(None, False), (5, True)]
    assert (recorded.last("epoch 2").total, recorded.last("training").state) == (5, "finished")


def test_early_stopping(recorded: Recorder) -> None:
    """A run that stops when validation gets no better is a success that says why."""
    losses = iter([3.0, 2.0, 2.5, 2.6])
    best, bad = float("inf"), 0
    loop = headway.loop(
        DataLoader(Squares(), batch_size=5), epochs=50, validation=DataLoader(Squares(), batch_size=10),
        metrics=[headway.Metric("val_loss", best="min")],
    )  # fmt: skip
    for _epoch in loop:
        for _batch in loop.train():
            pass
        for _batch in loop.validate():
            loss = torch.tensor(next(losses))
        loop.metrics(val_loss=loss)
        best, bad = (float(loss), 0) if loss < best else (best, bad + 1)
        if bad == 2:
            loop.stop("val_loss no better for 2 epochs")

    last = recorded.last("training")
    assert (last.n, last.state, last.reason) == (4, "stopped", "val_loss no better for 2 epochs")
    assert last.metrics["val_loss"].mark == " (first 3.000, best 2.000 at step 4)"


def test_a_state_goes_through_torch_save(tmp_path: Path) -> None:
    """The states of a bar and of a loop are plain enough for `torch.save`, and for its safe `load`."""
    loop = headway.loop(range(10), epochs=3, accumulate=2, backend="off")
    for _epoch in loop:
        for batch in loop.train():
            loop.metrics(loss=0.5)
            if batch == 6:
                torch.save({"loop": loop.state_dict(), "bar": loop.bar.state_dict()}, tmp_path / "state.pt")
        break
    state = torch.load(tmp_path / "state.pt", weights_only=True)

    assert (state["loop"]["epoch"], state["loop"]["batches"]) == (0, 7)
    again = headway.loop(range(10), epochs=3, accumulate=2, backend="off")
    again.load_state_dict(state["loop"])
    assert next(list(again.train()) for _ in again) == [7, 8, 9]


def example(name: str, *arguments: object, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run an example in a process of its own, piped."""
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env}, timeout=110)


def test_a_training_that_was_cut_goes_on_in_a_new_process(tmp_path: Path) -> None:
    """Cut by an exception and resumed from its checkpoint, a training ends with the very weights of one that was not."""
    checkpoint = tmp_path / "cut.pt"
    cut = example("resume_torch.py", "--checkpoint", checkpoint, "--crash-at", 270)
    resumed = example("resume_torch.py", "--checkpoint", checkpoint)
    whole = example("resume_torch.py", "--checkpoint", tmp_path / "whole.pt", "--crash-at", -1)

    assert cut.returncode == 1
    assert re.search(r'"epoch 3" n=\d+ total=113 \d+% .* state=failed', cut.stderr)
    assert "training n=2 total=5 40%" in resumed.stderr
    assert '"epoch 3" n=113 total=113 100%' in resumed.stderr
    assert '"epoch 2"' not in resumed.stderr
    assert resumed.stdout == whole.stdout
    assert resumed.stdout.startswith("565 steps, accuracy 0.9")


SLOW = """
import headway, time, torch
from torch.utils.data import DataLoader, Dataset

class Slow(Dataset):
    def __len__(self): return 200
    def __getitem__(self, i):
        time.sleep(0.005)
        return i

loop = headway.loop(DataLoader(Slow(), batch_size=2), epochs=1)
loop.load_state_dict(headway.loop([], epochs=1).state_dict() | {"batches": 80})
for epoch in loop:
    done = sum(1 for batch in loop.train())
print(done)
"""


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2"])
def test_skipped_batches_show_as_skipping_in_a_terminal(backend: str) -> None:
    """After a resume the row says `skip`, and how far it is, while batches of before are passed over."""
    screen = run_in_terminal(SLOW, env={"HEADWAY_BACKEND": backend}, columns=120)

    assert (screen.status, screen.rows[-1]) == (0, "20")
    assert re.search(r"epoch 1 skip\b[^\r\n]*\d\d(/| of )80", screen.raw), str(screen)
    assert re.search("100(/| of )100", screen.rows_with("epoch 1")[-1]), str(screen)


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "plain", "off"])
def test_the_example_trains_under_every_renderer(backend: str) -> None:
    """The six lines of the example show the run under each renderer, and it computes the same."""
    screen = run_in_terminal(
        "", arguments=[str(EXAMPLES / "train_torch.py"), "--epochs", "2"], env={"HEADWAY_BACKEND": backend},
        columns=400 if backend == "plain" else 120, timeout=110,
    )  # fmt: skip

    assert screen.status == 0, str(screen)
    assert "Warning" not in screen.raw, str(screen)
    if backend != "off":
        last = screen.rows_with("training")[-1]
        assert re.search(r"2/2|2 of 2|n=2 total=2", last)
        assert re.search(r"accuracy=0\.\d{4}", screen.rows_with("epoch 2")[-1])


def test_headway_is_six_lines_of_the_example() -> None:
    """A training loop needs a handful of lines for all of it."""
    lines = (EXAMPLES / "train_torch.py").read_text(encoding="utf-8").split("def main")[1].splitlines()

    mentioned = [line for line in lines if re.search(r"\bheadway\b|\bloop\b", line)]
    assert len(mentioned) + 1 == 6, mentioned  # and the import


def test_records_are_kept_without_torch_being_imported(run: Any) -> None:
    """Headway itself never imports torch."""
    done = run("import sys, headway\nfor i in headway.loop([1], epochs=1): pass\nprint('torch' in sys.modules)")

    assert done.stdout == "False\n"


def test_the_recorder_is_the_same_for_loops() -> None:
    """Authors of libraries can assert what their training reported."""
    with record() as recorded:
        loop = headway.loop(DataLoader(Squares(), batch_size=5), epochs=1)
        for _epoch in loop:
            list(loop.train())

    assert recorded.last("training").state == "finished"
