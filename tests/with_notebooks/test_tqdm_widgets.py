"""tqdm's own widgets, if a notebook asks for tqdm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from notebooks import Executed


def test_tqdm_draws_widgets_with_our_numbers(execute: Callable[..., Executed], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bar is a row of tqdm's widgets in its cell, and its colour says how it ended."""
    monkeypatch.setenv("HEADWAY_BACKEND", "tqdm")
    done = execute(
        "import headway\nwith headway.get_bar(3, desc='works') as bar: bar.metrics(loss=0.5); bar.update(3)",
        "for i in headway.track(range(5), desc='fails'):\n    if i == 3: raise ValueError('no')",
        "for i in headway.track((x for x in 'ab'), desc='unknown'): print(i)",
        "with headway.get_bar(3) as bar: bar.write('a text'); bar.total = 4; bar.update(4)",
    )

    models = [model["state"] for model in widgets(done).values()]
    bars = [(m["value"], m["max"], m["bar_style"]) for m in models if m["_model_name"] == "FloatProgressModel"]
    texts = [m["value"].replace("\u2007", " ") for m in models if m["_model_name"] == "HTMLModel"]
    assert bars == [(3, 3, "success"), (3, 5, "danger"), (1, 1, "success"), (4, 4, "success")]
    assert texts[0].rstrip() == "works: 100%"
    assert "loss=0.5000" in texts[1]
    assert texts[2].startswith("fails FAILED:")
    assert "ValueError: no" in texts[3]
    assert [len(done.outputs(cell)) for cell in range(4)] == [1, 2, 2, 2]
    assert "stdout: a text" in done.outputs(3)


def widgets(done: Executed) -> dict[str, dict[str, dict[str, str]]]:
    """Return the models of the widgets that the notebook has saved."""
    state: dict[str, dict[str, dict[str, str]]]
    state = done.notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    return state
