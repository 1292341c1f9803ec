"""The postfix of a captured tqdm bar: values in tqdm's form, and numbers where there are numbers."""

from collections.abc import Callable
from typing import Any

import pytest

from headway.capturing.mirror import mirror_of
from headway.snapshot import Snapshot
from headway.testing import Recorder

pytest.importorskip("tqdm")

from tqdm import tqdm


class Tensor:
    """A number on a device, whose text is none."""

    shape: tuple[int, ...] = ()

    def __init__(self, value: float) -> None:
        self.value, self.read = value, 0

    def item(self) -> float:
        self.read += 1
        return self.value

    def __str__(self) -> str:
        return f"tensor({self.value}, grad_fn=<MulBackward0>)"

    def __eq__(self, other: object) -> bool:
        raise AssertionError("comparing waits for the device")

    __hash__ = None  # type: ignore[assignment]


class Tensors(Tensor):
    """Several of them."""

    shape = (3,)

    def item(self) -> float:
        raise ValueError


def snapshot(bar: Any) -> Snapshot:
    mirror = mirror_of(bar)
    assert mirror is not None
    return mirror.snapshot()


def seen(bar: Any) -> dict[str, tuple[Any, str]]:
    return {name: (reading.value, reading.text) for name, reading in snapshot(bar).metrics.items()}


@pytest.mark.usefixtures("captured", "recorded")
@pytest.mark.parametrize(
    ("tell", "expected"),
    [
        (lambda bar: bar.set_postfix(step=13), {"step": (13, "13")}),
        (lambda bar: bar.set_postfix(n=123456, lr=2.09e-05), {"n": (123456, "123456"), "lr": (2.09e-05, "2.09e-5")}),
        (lambda bar: bar.set_postfix(lr="2.09e-05"), {"lr": (2.09e-05, "2.09e-05")}),
        (lambda bar: bar.set_postfix(loss=Tensor(0.5)), {"loss": (0.5, "0.5")}),
        (lambda bar: bar.set_postfix(each=[1, 2]), {"each": ("[1, 2]", "[1, 2]")}),
        (lambda bar: bar.set_postfix(z=1j), {"z": ("1j", "1j")}),
        (lambda bar: bar.set_postfix(iter([("b", 1)]), a="x, y=2"), {"b": (1, "1"), "a": ("x, y=2", "x, y=2")}),
        (lambda bar: bar.set_postfix_str("lr=2.09e-05, step=13"), {"lr": (2.09e-05, "2.09e-05"), "step": (13, "13")}),
        (lambda bar: bar.set_postfix_str("id=1_000"), {"id": ("1_000", "1_000")}),
    ],
)
def test_values_keep_their_form(tell: Callable[[Any], None], expected: dict[str, tuple[Any, str]]) -> None:
    """Numbers are numbers for event files, and read as tqdm writes them."""
    with tqdm(total=1, desc="form") as bar:
        tell(bar)
        assert seen(bar) == expected


@pytest.mark.usefixtures("captured")
def test_a_tensor_is_read_once_for_each_value(recorded: Recorder) -> None:
    """A frame in which only the count is new does not wait for the device again."""
    tensor = Tensor(0.25)
    with tqdm(total=9, desc="t") as bar:
        bar.set_postfix(loss=tensor, refresh=False)
        for _ in range(3):
            bar.update()
            assert snapshot(bar).metrics["loss"].text == "0.25"

    assert tensor.read == 1
    assert recorded.last("t").metrics["loss"].value == 0.25


@pytest.mark.usefixtures("captured", "recorded")
def test_a_tensor_of_several_values_is_a_text() -> None:
    """It has no number, and nothing is warned of."""
    with tqdm(total=1) as bar:
        bar.set_postfix(loss=Tensors(1.0))
        assert seen(bar)["loss"][1].startswith("tensor(1.0")


@pytest.mark.usefixtures("captured", "recorded")
def test_a_text_with_brackets_is_left_whole() -> None:
    """`loss=tensor(0.5, grad_fn=...)` has one value, and is none that can be told apart."""
    with tqdm(total=1) as bar:
        bar.set_postfix_str(f"loss={Tensor(0.5)}")
        assert (seen(bar), snapshot(bar).message) == ({}, "loss=tensor(0.5, grad_fn=<MulBackward0>)")


@pytest.mark.usefixtures("captured", "recorded")
def test_a_postfix_that_is_no_text_is_looked_up() -> None:
    """The documented `postfix=[...]`, changed in place, shows what it is now."""
    with tqdm(total=1, postfix=["Batch", {"value": 0}]) as bar:
        bar.postfix[1]["value"] = 4.5
        assert snapshot(bar).message == "['Batch', {'value': 4.5}]"
        bar.postfix = None
        assert snapshot(bar).message == ""
