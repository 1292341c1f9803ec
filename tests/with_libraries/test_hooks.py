"""Bars of the real huggingface_hub and transformers by the hooks that they have; those of datasets, which has none."""

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "frameworks" / "huggingface.md"

DOWNLOADS = """
    import pathlib
    from huggingface_hub import HfApi, hf_hub_download, snapshot_download
    from headway.integrations.huggingface_hub import tqdm

    print(pathlib.Path(hf_hub_download("me/tiny", "weights.bin", cache_dir="one", tqdm_class=tqdm)).stat().st_size)
    for download, cache in (snapshot_download, "many"), (HfApi().snapshot_download, "more"):
        folder = pathlib.Path(download("me/tiny", cache_dir=cache, tqdm_class=tqdm))
        print(sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))
"""


def test_downloads_by_the_hubs_own_argument(programs: Any, hub: Any) -> None:
    """`tqdm_class=` shows a file's bytes, and a snapshot's files and bytes; the hub's bars are not drawn."""
    done = programs(DOWNLOADS, captured=False, HF_ENDPOINT=hub.url)

    size = sum(map(len, hub.files.values()))
    assert done.result == f"3000000\n{sorted(hub.files)}\n{sorted(hub.files)}\n"
    assert [(bar["desc"], bar["n"], bar["total"], bar["unit"], bar["state"]) for bar in done.bars] == [
        ("weights.bin", 3_000_000, 3_000_000, "B", "finished"),
        *[
            ("Fetching 3 files", 3, 3, "it", "finished"),
            ("Download complete", size, size, "B", "finished"),
            ("Reconstruction complete", size, size, "B", "finished"),
        ]
        * 2,
    ]
    assert {bar["name"] for bar in done.bars} == {"huggingface_hub.file_download", "huggingface_hub._snapshot_download"}
    assert "%|" not in done.errors


def test_downloads_by_the_door(programs: Any, hub: Any) -> None:
    """The class of `headway.tqdm` is a `tqdm_class` as it is."""
    code = DOWNLOADS.replace("headway.integrations.huggingface_hub", "headway.tqdm")
    done = programs(code, captured=False, HF_ENDPOINT=hub.url)

    assert done.result == f"3000000\n{sorted(hub.files)}\n{sorted(hub.files)}\n"
    assert (done.bar("weights.bin")["n"], done.bar("Fetching 3 files")["n"]) == (3_000_000, 3)
    assert "%|" not in done.errors


@pytest.mark.parametrize(
    ("before", "env", "shown"),
    [
        ("", {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}, []),
        ("", {"HEADWAY_SILENCE": "huggingface_hub"}, []),
        ("", {"HEADWAY_BACKEND": "off"}, []),
        ("disable_progress_bars()", {}, []),
        (
            "disable_progress_bars('huggingface_hub.snapshot_download')",
            {},
            ["weights.bin", "Fetching 3 files", "Fetching 3 files"],
        ),
    ],
)
def test_the_hubs_switches(programs: Any, hub: Any, before: str, env: dict[str, str], shown: list[str]) -> None:
    """What turns the hub's own bars off turns headway's off, for all or for a group; the files are the same."""
    off = f"\n    from huggingface_hub.utils import disable_progress_bars\n    {before}"
    done = programs(off + DOWNLOADS, captured=False, HF_ENDPOINT=hub.url, **env)

    assert done.result == f"3000000\n{sorted(hub.files)}\n{sorted(hub.files)}\n"
    assert [bar["desc"] for bar in done.bars] == shown
    assert "%|" not in done.errors


@pytest.mark.parametrize("captured", [False, True])
def test_what_comes_after_a_download(programs: Any, hub: Any, captured: bool) -> None:
    """The hub never closes the bars of a snapshot's bytes: what the program does next is no part of them."""
    argument = "" if captured else ", tqdm_class=headway.integrations.huggingface_hub.tqdm"
    code = f"""
        import headway, headway.integrations.huggingface_hub
        from huggingface_hub import snapshot_download
        snapshot_download("me/tiny"{argument})
        for _ in headway.track(range(3), desc="next"):
            pass
    """
    done = programs(code, captured=captured, HF_ENDPOINT=hub.url)

    assert [bar["desc"] for bar in done.bars] == [
        "Fetching 3 files",
        "Download complete",
        "Reconstruction complete",
        "next",
    ]
    assert {bar["state"] for bar in done.bars} == {"finished"}
    assert done.bar("next").get("parent") is None


@pytest.mark.parametrize("captured", [False, True])
def test_what_comes_after_a_download_that_fails(programs: Any, hub: Any, captured: bool) -> None:
    """The exception is the hub's, all its bars are failed, and what the program does next is no part of them."""
    hub.files["gone.bin"] = None
    argument = "" if captured else ", tqdm_class=headway.integrations.huggingface_hub.tqdm"
    code = f"""
        import headway, headway.integrations.huggingface_hub
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import EntryNotFoundError
        try:
            snapshot_download("me/tiny"{argument})
        except EntryNotFoundError as error:
            kept = error
            for _ in headway.track(range(3), desc="next"):
                pass
    """
    done = programs(code, captured=captured, HF_ENDPOINT=hub.url)

    assert [(bar["desc"], bar["state"]) for bar in done.bars] == [
        ("Fetching 4 files", "failed"),
        ("Reconstructing (incomplete total...)", "failed"),
        ("Downloading bytes", "failed"),
        ("next", "finished"),
    ]
    assert done.bar("next").get("parent") is None


MODEL = """
    import contextlib, torch, transformers
    from transformers import BertConfig, BertForSequenceClassification as Model
    from transformers.utils import logging

    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    model = Model(config)
    model.save_pretrained("model")

    def same(other):
        return all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))

"""


def test_loading_by_transformers_hook(programs: Any) -> None:
    """`show_bars` shows the loading of weights in the block, and what it loads is the same."""
    code = """
    from headway.integrations.transformers import show_bars
    with show_bars():
        print(same(Model.from_pretrained("model")))
    print(same(Model.from_pretrained("model")))
    print(logging.set_tqdm_hook(None))
    """
    done = programs(MODEL + code, captured=False)

    assert done.result.splitlines()[-3:] == ["True", "True", "None"]
    (loading,) = (bar for bar in done.bars if bar["desc"] == "Loading weights")
    assert (loading["n"], loading["state"]) == (loading["total"], "finished")
    assert loading["name"] == "transformers.core_model_loading"
    assert "Loading weights: 100%|" in done.errors  # the second time


def test_transformers_switch(programs: Any) -> None:
    """Where transformers has its bars off there are none of headway's."""
    code = """
    from headway.integrations.transformers import show_bars
    show_bars()
    logging.disable_progress_bar()
    print(same(Model.from_pretrained("model")))
    """
    done = programs(MODEL + code, captured=False)

    assert done.result.splitlines()[-1] == "True"
    assert [bar for bar in done.bars if bar["desc"] == "Loading weights"] == []


def test_other_hooks_stay(programs: Any) -> None:
    """A hook of somebody else's comes back, one that was set since stays, and in either order nothing of ours is left."""
    code = """
    from headway.integrations.transformers import show_bars
    made = []
    def mine(factory, args, kwargs):
        made.append(kwargs.get("desc"))
        return factory(*args, **kwargs)

    logging.set_tqdm_hook(mine)
    first, second = show_bars(), show_bars()
    first.undo()
    second.undo()
    list(logging.tqdm([1], desc="through the rest of ours"))
    assert made == ["through the rest of ours"]

    shown = show_bars()
    logging.set_tqdm_hook(mine)
    shown.undo()
    assert logging.set_tqdm_hook(None) is mine
    """
    done = programs(MODEL + code, captured=False)

    assert [bar["desc"] for bar in done.bars if bar["desc"] == "through the rest of ours"] == []


def test_downloading_a_model(programs: Any, hub: Any, tmp_path: Path) -> None:
    """`from_pretrained` hands `tqdm_class=` on to the hub."""
    programs(MODEL)
    hub.files = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    code = """
    from headway.integrations.huggingface_hub import tqdm
    from transformers import BertForSequenceClassification
    BertForSequenceClassification.from_pretrained("me/tiny", tqdm_class=tqdm)
    """
    done = programs(code, captured=False, HF_ENDPOINT=hub.url)

    weights = done.bar("model.safetensors")
    assert (weights["n"], weights["state"]) == (len(hub.files["model.safetensors"]), "finished")


DATA = """
    import datasets, pathlib
    from datasets import Dataset, load_from_disk

    def rows():
        for i in range(300):
            yield {"x": i}

    if __name__ == "__main__":
        BEFORE
        made = Dataset.from_generator(rows, cache_dir="cache")
        data = Dataset.from_dict({"x": list(range(1000))})
        batched = data.map(lambda rows: {"y": [x * 2 for x in rows["x"]]}, batched=True, batch_size=64, desc="batched")
        kept = data.filter(lambda row: row["x"] % 2 == 0, num_proc=2)
        batched.save_to_disk("one")
        batched.save_to_disk("two", num_shards=2, num_proc=2)
        batched.to_json("all.jsonl")
        batched.to_csv("all.csv")
        print(len(made), sum(batched["y"]), len(kept), len(load_from_disk("one")), sum(load_from_disk("two")["y"]))
        print(len(pathlib.Path("all.jsonl").read_text()), len(pathlib.Path("all.csv").read_text()))
"""


def test_datasets_captured(programs: Any) -> None:
    """There is no hook for datasets; captured, all that it does with examples is shown, and comes to the same."""
    code = DATA.replace("BEFORE", "pass")
    done, native = programs(code), programs(code, captured=False)

    assert done.result == native.result
    finished = [(bar["desc"], bar["n"], bar["state"]) for bar in done.bars]
    assert finished == [
        ("Generating train split", 300, "finished"),
        ("batched", 1000, "finished"),
        ("Filter (num_proc=2)", 1000, "finished"),
        ("Saving the dataset (1/1 shards)", 1000, "finished"),
        ("Saving the dataset (2/2 shards)", 1000, "finished"),
        ("Creating json from Arrow format", 1, "finished"),
        ("Creating CSV from Arrow format", 1, "finished"),
    ]
    assert all(bar["name"].startswith("datasets.") for bar in done.bars)
    assert "%|" not in done.errors


@pytest.mark.parametrize(
    ("before", "env"),
    [("datasets.disable_progress_bars()", {}), ("pass", {"HF_DATASETS_DISABLE_PROGRESS_BARS": "1"})],
)
def test_datasets_switches(programs: Any, before: str, env: dict[str, str]) -> None:
    """Where datasets has its bars off, a captured one is off."""
    done = programs(DATA.replace("BEFORE", before), **env)

    assert done.bars == []


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
def test_the_page(programs: Any, hub: Any, block: str) -> None:
    """Each block of the page runs, and shows what is done to its end."""
    done = programs(block, captured=False, HF_ENDPOINT=hub.url)

    assert {bar["state"] for bar in done.bars} == {"finished"}
