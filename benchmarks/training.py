"""What a fully dressed training loop costs: `python benchmarks/training.py [--quick] [--markdown FILE] [--only NAME]`.

Apart from `run.py`, because torch and Lightning are large: `requirements-training.txt` says how to install them.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path

from contenders import Contender
from measure import Answer, Terminal, in_terminal
from provenance import cpu_model, source, version
from rounds import interleaved, value_of
from table import Row, Table, Value, number
from training_scenes import EPOCHS, READS, SLOW, TRAININGS, Training

__all__: list[str] = []

SCENES = Path(__file__).with_name("training_scenes.py")
REFERENCE = "tqdm + set_postfix"
LIBRARIES = ("headway", "lightning", "rich", "torch", "tqdm")
SLOW_STEPS = 300
COLUMNS = ["ns", "times tqdm", "bare ns", "reads", "redraws", "redraws a second", "reads, slow steps"]
COUNTED = {"reads": 2, "redraws": 2, "pace": 0}
"""What is counted, and with how many digits it is shown."""
NOTE = """\
{epochs} epochs of batches, and in each step four metrics: loss, accuracy and gradient norm as tensors without \
dimensions, and the learning rate as a float. The step does nothing but hand them over. *ns*: what a step costs over \
the bare loop in the same process, from before the first bar opens to after the last has closed, in runs of \
{seconds:g} s; median of {rounds} processes. *times tqdm*: times `{reference}`. *bare ns*: what a step of the bare \
loop takes. *reads*: reads of a tensor's value in 1000 steps, each of which waits for the device where there is a \
GPU; counted in a further process, where {reads} of `torch.Tensor` are replaced by ones that count. *redraws*: how \
often that process went back on the terminal to write over a line or several, or with `plain` wrote a line, in 1000 \
steps and in a second. A `no bar` times the bare loop as if it were a contender: what it is off 0 is noise. \
Lightning's bare loop is its Trainer with `enable_progress_bar=False`, which logs the four metrics, too; its reads \
are all that the Trainer does. What draws by the clock, as headway and rich do, draws, and may read, more often in \
1000 steps where steps take longer: *reads, slow steps* are those in 1000 steps of {slow:g} ms."""


@dataclass(frozen=True)
class Plan:
    """How thoroughly to measure."""

    rounds: int = 5
    seconds: float = 2.0
    """That one timing lasts."""


QUICK = Plan(rounds=1, seconds=0.5)


@dataclass
class Recorded(Terminal):
    """Keeps what was drawn, too."""

    chunks: list[bytes] = field(default_factory=list)

    def _see(self, data: bytes, now: int) -> None:
        super()._see(data, now)
        self.chunks.append(data)


def main() -> int:
    """Measure and print the table; there is no budget, so 1 says that something failed."""
    arguments = _arguments()
    trainings = [TRAININGS[name] for name in arguments.only or TRAININGS]
    missing = _missing(trainings)
    if missing:
        print(
            f"This needs {', '.join(missing)}, which cannot be imported here. Install torch first, then "
            f"benchmarks/requirements-training.txt, and headway with its plugins as benchmarks/README.md says.",
            file=sys.stderr,
        )
        return 2
    start = time.monotonic()
    facts = _facts(quick=arguments.quick)
    print("\n".join(facts), end="\n\n")
    table, failed = _measured(trainings, QUICK if arguments.quick else Plan())
    facts.append(f"Duration: {time.monotonic() - start:.0f} s")
    print(table.text(), facts[-1], sep="\n")
    if arguments.markdown:
        about = "\n".join(f"- {fact}" for fact in facts)
        head = "# Results of training\n\nMade by `python benchmarks/training.py`."
        arguments.markdown.write_text(f"{head}\n\n{about}\n\n{table.markdown()}")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what the progress of a training loop costs, side by side.")
    parser.add_argument("--quick", action="store_true", help="one short round: rough numbers")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the table to a file, too")
    parser.add_argument("--only", metavar="NAME", action="append", choices=TRAININGS, help="; ".join(TRAININGS))
    return parser.parse_args()


def _missing(trainings: list[Training]) -> list[str]:
    needed = ["torch", *(module for training in trainings for module in training.modules)]
    return [module for module in dict.fromkeys(needed) if find_spec(module) is None]


def _facts(*, quick: bool) -> list[str]:
    """What the numbers hold for."""
    return [
        f"Date: {datetime.now(tz=timezone.utc):%Y-%m-%d}{', quick run' if quick else ''}",
        f"CPU: {cpu_model()}",
        f"Python: {platform.python_implementation()} {platform.python_version()} on {platform.system()}",
        f"headway: {source()}",
        f"Libraries: {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}",
    ]


def _measured(trainings: list[Training], plan: Plan) -> tuple[Table, bool]:
    """Measure all, and tell whether something failed."""
    contenders: list[Contender] = [*trainings]
    costs = interleaved(contenders, plan.rounds, lambda c: _stage("cost", c, {"seconds": plan.seconds}))
    steps = {name: value_of(rounds, "n") for name, rounds in costs.items()}
    counts = interleaved(contenders, 1, lambda c: _count(c, steps[c.name]))
    slow = interleaved(contenders, 1, lambda c: _stage("slow_reads", c, {"n": SLOW_STEPS}))
    reads = ", ".join(f"`{name}`" for name in READS)
    table = Table(
        "ns per training step over the bare loop, display on",
        NOTE.format(
            epochs=EPOCHS,
            seconds=plan.seconds,
            rounds=plan.rounds,
            reference=REFERENCE,
            reads=reads,
            slow=SLOW * 1000,
        ),
        COLUMNS,
    )
    reference = value_of(costs[REFERENCE], "ns") if REFERENCE in costs else "not measured"
    for name, rounds in costs.items():
        ns = value_of(rounds, "ns")
        cells = [number(ns, 0)]
        if not isinstance(ns, str):
            cells += [_times(ns, reference), number(value_of(rounds, "bare_ns"), 0)]
            cells += [number(value_of(counts[name], key), digits) for key, digits in COUNTED.items()]
            cells.append(number(value_of(slow[name], "reads"), 0))
        table.rows.append(Row(name, cells))
    return table, any("error" in answer for name in costs for answer in (*costs[name], *counts[name], *slow[name]))


def _count(contender: Contender, steps: Value) -> Answer:
    return {"error": steps} if isinstance(steps, str) else _stage("reads", contender, {"n": int(steps)})


def _times(value: float, reference: Value) -> str:
    """Say how many times the reference a value is: what is far below 1 has its digits here."""
    return "" if isinstance(reference, str) else f"{max(value, 0.0) / reference:.4f}x"


def _stage(scene: str, contender: Contender, arguments: dict[str, float]) -> Answer:
    """Run one scene of `training_scenes.py` for one contender."""
    training = TRAININGS[contender.name]
    made = in_terminal([str(SCENES), scene, training.name, json.dumps(arguments)], training)
    terminal = Recorded(made.command, made.environment, made.folder)
    answer = terminal.run()
    if "error" in answer:
        return answer
    redraws = len(re.findall(training.redraw.encode(), b"".join(terminal.chunks)))
    if training.distribution and not training.off and not redraws:
        return {"error": "nothing was drawn"}
    if scene == "reads":
        answer["redraws"] = redraws / answer["n"] * 1000
        answer["pace"] = redraws / answer["seconds"]
    return answer


if __name__ == "__main__":
    sys.exit(main())
