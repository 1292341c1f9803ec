"""Captured bars of the real huggingface_hub, datasets, transformers and joblib, offline and on small local data."""

from typing import Any

DOWNLOAD = """
    import os, pathlib
    from huggingface_hub import hf_hub_download, snapshot_download
    path = hf_hub_download("me/tiny", "weights.bin", cache_dir="one")
    print(os.path.getsize(path))
    folder = snapshot_download("me/tiny", cache_dir="many")
    print(sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file()))
"""


def test_downloads(programs: Any, hub: Any) -> None:
    """A download from the hub is a bar with bytes, named after the module that downloads; nothing else is drawn."""
    done = programs(DOWNLOAD, HF_ENDPOINT=hub.url)

    assert done.result == f"3000000\n{sorted(hub.files)}\n"
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


def test_silenced_downloads(programs: Any, hub: Any) -> None:
    """The hub's bars are silenced by the package's name."""
    done = programs(DOWNLOAD, HF_ENDPOINT=hub.url, HEADWAY_SILENCE="huggingface_hub")

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
