"""What happens at a fork: each part of headway gets ready and begins anew by itself, in an order that is known."""

import gc
import os
from typing import Any

import pytest

from headway.host import fork

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


class Part(fork.Part):
    """A part that writes down when it is called."""

    def __init__(self, name: str, calls: list[str]) -> None:
        self.name, self.calls = name, calls
        fork.register(self)

    def before_fork(self) -> None:
        """Be called before the fork."""
        self.calls.append(f"before {self.name}")

    def after_fork_in_parent(self) -> None:
        """Be called in the parent."""
        self.calls.append(f"parent {self.name}")

    def after_fork_in_child(self) -> None:
        """Be called in the child."""
        self.calls.append(f"child {self.name}")


def fork_once(calls: list[str]) -> tuple[list[str], str]:
    """Fork, and return what was called in the parent, and in the child."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.write(writes, ", ".join(calls).encode())
        os._exit(0)
    os.close(writes)
    with open(reads) as said:
        in_child = said.read()
    os.waitpid(child, 0)
    return calls, in_child


def test_parts_get_ready_in_one_order_and_go_on_in_the_other() -> None:
    """A part that is registered later stands around those before it."""
    calls: list[str] = []
    parts = [Part("inner", calls), Part("outer", calls)]
    in_parent, in_child = fork_once(calls)

    assert in_parent == ["before outer", "before inner", "parent inner", "parent outer"]
    assert in_child == "before outer, before inner, child inner, child outer"
    del parts


def test_a_part_that_is_gone_is_not_called() -> None:
    """The list of parts keeps none of them."""
    calls: list[str] = []
    part = Part("gone", calls)
    del part
    gc.collect()

    assert fork_once(calls) == ([], "")


def test_a_part_that_raises_stops_no_other(run: Any) -> None:
    """It is told of once, and the fork goes on."""
    code = """
    import os
    from headway.host import fork
    class Raises(fork.Part):
        def before_fork(self): raise OSError("no")
    class Counts(fork.Part):
        calls = 0
        def before_fork(self): self.calls += 1
    parts = [Counts(), Raises(), Counts()]
    for part in parts: fork.register(part)
    for _ in range(2):
        child = os.fork()
        if not child: os._exit(0)
        os.waitpid(child, 0)
    print(parts[0].calls, parts[2].calls)
    """
    done = run(code)

    assert (done.returncode, done.stdout) == (0, "2 2\n"), done.stderr
    assert done.stderr.count("Raises raised OSError: no at a fork") == 1, done.stderr
