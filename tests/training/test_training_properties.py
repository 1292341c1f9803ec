"""However a run is cut, resumed and shown, it trains what it would have trained in one go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import headway
import headway.testing

pytest.importorskip("hypothesis")

from hypothesis import assume, given, settings
from hypothesis import strategies as st


class Stream:
    """Batches whose number is not known before."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[int]:
        """Give the batches."""
        return iter(range(self.n))

    def __length_hint__(self) -> Any:
        """Say nothing."""
        return NotImplemented


@st.composite
def runs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a run: its batches, how they are trained, and what ends it."""
    about: dict[str, Any] = {"accumulate": draw(st.integers(1, 5)), "backend": "off"}
    if draw(st.booleans()):
        about["epochs"] = draw(st.integers(1, 4))
    if "epochs" not in about or draw(st.booleans()):
        about["max_steps"] = draw(st.integers(1, 20))
    if draw(st.booleans()):
        about["validate_every_batches"] = draw(st.integers(1, 8))
    batches = draw(st.integers(1, 8))
    passes = draw(st.integers(1, 2))
    return {"batches": batches, "passes": passes, "known": draw(st.booleans()), "about": about}


def train(run: dict[str, Any], state: Any = None, cut: int = -1, how: str = "inside") -> tuple[list[Any], Any]:
    """Train, and return what the program saw of each batch, with the state where it was cut."""
    batches = range(run["batches"]) if run["known"] else Stream(run["batches"])
    loop = headway.loop(batches, validation=[0, 1], **run["about"])
    if state is not None:
        loop.load_state_dict(json.loads(json.dumps(state)))
    seen: list[Any] = []
    for epoch in loop:
        for _ in range(run["passes"]):
            for batch in loop.train():
                seen.append((epoch, batch, loop.step, loop.step_due, loop.validation_due))
                if len(seen) == cut:
                    state = loop.state_dict()
                    break
            if len(seen) == cut:
                break
        if len(seen) == cut:
            break
    if len(seen) == cut:
        return seen, state if how == "inside" else loop.state_dict()
    assert loop.state == "finished" or "max_steps" in run["about"]
    return seen, None


@settings(max_examples=150, deadline=None)
@given(runs(), st.data(), st.sampled_from(["inside", "after"]))
def test_a_run_that_is_cut_anywhere_and_resumed_is_the_run_in_one_go(
    run: dict[str, Any], data: st.DataObject, how: str
) -> None:
    """Each batch comes once, with the same step, and the same steps and validations are due."""
    assume(how == "inside" or run["passes"] == 1)  # after a pass that was whole the epoch is taken for over
    whole, _ = train(run)
    cut = data.draw(st.integers(1, len(whole)))
    before, state = train(run, cut=cut, how=how)
    after, _ = train(run, state=state)

    assert [batch[:4] for batch in before + after] == [batch[:4] for batch in whole]


@settings(max_examples=100, deadline=None)
@given(runs())
def test_steps_count_on_without_gap_and_end_where_the_budget_does(run: dict[str, Any]) -> None:
    """Step numbers grow by one at a time, each step that is counted was due, and there is none beyond the budget."""
    seen, _ = train(run)
    due = [step for _, _, step, is_due, _ in seen if is_due]

    assert due == list(range(1, len(due) + 1))
    assert len(due) <= run["about"].get("max_steps", len(due))


@settings(max_examples=60, deadline=None)
@given(runs())
def test_a_run_is_the_same_shown_and_unshown(run: dict[str, Any]) -> None:
    """What the program sees does not depend on whether anybody looks."""
    unshown, _ = train(run)
    with headway.testing.record() as recorded:
        shown, _ = train({**run, "about": {**run["about"], "backend": None}})

    assert shown == unshown
    assert recorded.last("training").state in ("finished", "stopped")
