"""The sections of the report: who takes part, how many rounds are run, and what the table says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec

from compiled import compiled
from contenders import CONTENDERS, Contender
from growth import at_once, metrics
from many_bars import crowd
from measure import Answer, first_frame, stage, start_time
from rounds import Plan, interleaved, value_of
from short_bars import short_bars
from table import Row, Table, Value, beside, number, times, verdict

__all__ = ["SECTIONS"]

NS_OVER_RANGE_OR_LIST = 5.0
NS_OVER_ANYTHING = 12.0
NS_OFF = 2.0
TIMES_TICK = {"wall": 1.0, "CPU": 1.7}
TIMES_TQDM_MEMORY = 1.0
JUDGED_BY_MEMORY = ("headway [rows]", "headway [tqdm]")
TIMES_TICK_COMPILED = {"wall": 1.0, "CPU": 1.1}
SHARE_OF_WALL = 2.0
IMPORT_MS = 10.0
LINEAR = 1.25
"""So many times the time per bar of the first tenth still counts as linear: the machine is not that steady."""
KEPT_OBJECTS = 0.1
"""So many objects a bar are caches and chance: what is kept of every bar is at least one."""

RESOLUTION = "`no bar` times the bare loop as if it were a contender: what it is off 0 is noise."
KINDS = ("range", "list", "generator")


def _who(*, off: bool = False) -> list[Contender]:
    return [c for c in CONTENDERS.values() if c.distribution and c.off is off]


def _over(value: Value, base: Value) -> Value:
    if isinstance(value, str) or isinstance(base, str):
        return value if isinstance(value, str) else base
    return value - base


def _is_headway(contender: Contender) -> bool:
    return contender.distribution == "headway"


# ── time an item, and time an update ─────────────────────────────────────────────────────────────────────────────────


def _loop_values(contenders: list[Contender], plan: Plan) -> dict[str, dict[str, Value]]:
    values: dict[str, dict[str, Value]] = {contender.name: {} for contender in contenders}
    for kind in KINDS:
        arguments = {"kind": kind, "seconds": plan.seconds}
        answers = interleaved(contenders, plan.rounds, lambda c, a=arguments: stage("loop", c, a))  # type: ignore[misc]
        for name, rounds in answers.items():
            values[name][kind] = value_of(rounds, "ns")
    return values


def _update_values(contenders: list[Contender], plan: Plan) -> dict[str, dict[str, Value]]:
    answers = interleaved(contenders, plan.rounds, lambda c: stage("update", c, {"seconds": plan.seconds}))
    keys = {"wall": "ns", "CPU": "cpu_ns"}
    return {name: {what: value_of(rounds, key) for what, key in keys.items()} for name, rounds in answers.items()}


def _worst(values: dict[str, Value], kinds: Iterable[str]) -> Value:
    numbers = [value for kind in kinds if not isinstance(value := values[kind], str)]
    return max(numbers) if numbers else "failed"


def loops(plan: Plan) -> Table:
    """Time that an item costs, display on."""
    contenders = [CONTENDERS["no bar"], *_who()]
    values = _loop_values(contenders, plan)
    table = Table(
        "ns per item over the bare loop, display on",
        f"A `for` loop with one comparison in its body, from the first item to the last; best of 3 in a process, "
        f"median of {plan.rounds} processes. In brackets: times tqdm. {RESOLUTION}",
        list(KINDS),
    )
    for contender in contenders:
        mine = values[contender.name]
        row = Row(contender.name, [beside(mine[kind], values["tqdm"][kind]) for kind in KINDS])
        if _is_headway(contender):
            known = verdict(_worst(mine, ("range", "list")), NS_OVER_RANGE_OR_LIST, " ns")
            row.budget = f"range, list {known}; any {verdict(_worst(mine, KINDS), NS_OVER_ANYTHING, ' ns')}"
        table.rows.append(row)
    return table


def updates(plan: Plan) -> Table:
    """Time that reporting one unit costs, display on."""
    in_c = CONTENDERS["headway [rows] + speedups"]
    contenders = [*_who(), CONTENDERS["headway [off]"], *([in_c] if find_spec("headway_speedups") else [])]
    values = _update_values(contenders, plan)
    table = Table(
        "ns per update(1) over the bare loop, display on",
        f"`bar.update(1)`, `bar()`, `bar.increment()`, `progress.advance(task)`, `bar.tick()`, each as its library has "
        f"it: time of the clock, and of the processor in all threads, and how many times that of barflow's `tick()` "
        f"each is; best of 3 in a process, median of {plan.rounds} processes. In brackets: times tqdm.",
        ["ns", "times tick()", "CPU ns", "times tick() CPU"],
    )
    for contender in contenders:
        row = Row(contender.name, [])
        said = []
        limits = TIMES_TICK_COMPILED if contender is in_c else TIMES_TICK
        for what, limit in limits.items():
            value = values[contender.name][what]
            ratio = times(value, values["barflow"][what])
            row.cells += [beside(value, values["tqdm"][what]), "" if isinstance(ratio, str) else f"{ratio:.2f}x"]
            said.append(f"{what} {verdict(ratio, limit, 'x', digits=2)}")
        if _is_headway(contender) or contender is in_c:
            row.budget = "; ".join(said)
        table.rows.append(row)
    return table


def off(plan: Plan) -> Table:
    """Time that items and updates cost with progress off."""
    contenders = [CONTENDERS["no bar"], *_who(off=True)]
    values = _loop_values(contenders, plan)
    of_updates = _update_values(contenders, plan)
    table = Table(
        "ns over the bare loop, progress off",
        f"headway `off`; `disable=True` for the others, `NullBar` for progressbar2. Median of {plan.rounds} processes. "
        f"In brackets: times tqdm. {RESOLUTION}",
        [*KINDS, "update(1)"],
    )
    for contender in contenders:
        mine = values[contender.name]
        cells = [beside(mine[kind], values["tqdm, off"][kind]) for kind in KINDS]
        cells.append(beside(of_updates[contender.name]["wall"], of_updates["tqdm, off"]["wall"]))
        budget = f"track {verdict(_worst(mine, KINDS), NS_OFF, ' ns')}" if _is_headway(contender) else ""
        table.rows.append(Row(contender.name, cells, budget))
    return table


# ── starting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def imports(plan: Plan) -> Table:
    """Time that importing takes."""
    bare, default = CONTENDERS["no bar"], CONTENDERS["headway [default]"]
    lines = {"bare Python": (bare.import_line, bare), "import headway": ("import headway", default)}
    lines |= {c.import_line: (c.import_line, c) for c in (default, *_who()) if c.name == c.distribution or c is default}
    answers: dict[str, list[Answer]] = {name: [] for name in lines}
    for _ in range(plan.starts * 2):
        for name, (line, contender) in lines.items():
            answers[name].append(start_time(line, contender))
    values = {name: value_of(rounds, "ms", min) for name, rounds in answers.items()}
    middles = {name: value_of(rounds, "ms") for name, rounds in answers.items()}
    base, middle = values["bare Python"], middles["bare Python"]
    tqdm = _over(values["from tqdm import tqdm"], base)
    table = Table(
        "ms to import, over bare Python",
        f"Whole processes, {plan.starts * 2} of each, interleaved. Bare Python itself: {number(base)} ms at best, "
        f"{number(middle)} ms in the middle. In brackets: times tqdm. headway imports its renderer at the first bar: "
        f"see the first frame.",
        ["minimum", "median"],
    )
    for name in list(lines)[1:]:
        value = _over(values[name], base)
        budget = verdict(value, IMPORT_MS, " ms") if "headway" in name else ""
        table.rows.append(Row(name, [beside(value, tqdm), number(_over(middles[name], middle))], budget))
    return table


def frames(plan: Plan) -> Table:
    """Time until something is seen."""
    contenders = [CONTENDERS["no bar"], *_who()]
    answers = interleaved(contenders, plan.starts, first_frame)
    keys = ("from_start", "from_call", "call")
    values = {name: {key: value_of(rounds, key, min) for key in keys} for name, rounds in answers.items()}
    base = values["no bar"]["from_start"]
    for mine in values.values():
        mine["from_start"] = _over(mine["from_start"], base)
    tqdm = values["tqdm"]
    table = Table(
        "ms to the first frame",
        f"To the first visible character in the terminal: from the start of the process, over the {number(base)} ms in "
        f"which bare Python prints one; and from the call that opens the bar, imports before it (headway imports "
        f"its renderer in that call, the natives before it). Minimum of "
        f"{plan.starts} processes. In brackets: times tqdm. The budget compares the time from the start with that of "
        f"the same library used natively, for `rows` with tqdm's.",
        ["from process start", "from the call", "the call itself"],
    )
    for contender in contenders[1:]:
        mine = values[contender.name]
        row = Row(contender.name, [beside(mine[key], tqdm[key]) for key in keys])
        if contender.rival:
            ratio = times(mine["from_start"], values[contender.rival]["from_start"])
            row.budget = f"{contender.rival} {verdict(ratio, contender.times_rival, 'x', digits=2)}"
        table.rows.append(row)
    return table


# ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def drawing(plan: Plan) -> Table:
    """CPU time that drawing takes."""
    contenders = [CONTENDERS["no bar"], *_who()]
    answers = interleaved(contenders, plan.idle_rounds, lambda c: stage("idle", c, {"seconds": plan.idle_seconds}))

    def share(name: str) -> Value:
        cpu, wall = value_of(answers[name], "cpu"), value_of(answers[name], "wall")
        return cpu if isinstance(cpu, str) or isinstance(wall, str) else cpu / wall * 100

    base, tqdm = share("no bar"), _over(share("tqdm"), share("no bar"))
    table = Table(
        "CPU time of drawing, % of the wall time",
        f"A loop of {plan.idle_seconds:g} s that sleeps 10 ms and reports one unit, all threads together, over the "
        f"same loop without a bar ({number(base, 2)} %); opening and closing left out. Median of {plan.idle_rounds} "
        f"processes. In brackets: times tqdm.",
        ["% of wall", "bytes drawn a second"],
    )
    for contender in contenders[1:]:
        value, drawn = _over(share(contender.name), base), value_of(answers[contender.name], "drawn")
        speed = "" if isinstance(drawn, str) else number(drawn / plan.idle_seconds, 0)
        budget = verdict(value, SHARE_OF_WALL, " %", digits=2) if _is_headway(contender) else ""
        table.rows.append(Row(contender.name, [beside(value, tqdm, 2), speed], budget))
    return table


# ── memory, and many bars ────────────────────────────────────────────────────────────────────────────────────────────


def memory(_plan: Plan) -> Table:
    """Memory that an open bar takes."""
    contenders = [*_who(), CONTENDERS["headway [off]"]]
    columns = {}
    for scene in ("traced", "resident"):
        answers = interleaved(contenders, 1, lambda c, scene=scene: stage(scene, c, {}))  # type: ignore[misc]
        columns[scene] = {name: value_of(rounds, "bytes") for name, rounds in answers.items()}
    table = Table(
        "bytes per open bar",
        "Many bars open at once and drawn, after a first one has come and gone: what Python's allocators gave out "
        "(tracemalloc), and how much the process grew. In brackets: times tqdm. The budget compares what the "
        "allocators gave out with tqdm's.",
        ["tracemalloc", "process", "bars open"],
    )
    for contender in contenders:
        traced, resident = columns["traced"][contender.name], columns["resident"][contender.name]
        grown = beside(resident, columns["resident"]["tqdm"], 0) if contender.held > 1 else "-"
        cells = [beside(traced, columns["traced"]["tqdm"], 0), grown, str(contender.held)]
        name = f"{contender.name} ({contender.remark})" if contender.remark else contender.name
        row = Row(name, cells)
        if contender.name in JUDGED_BY_MEMORY:
            row.budget = verdict(times(traced, columns["traced"]["tqdm"]), TIMES_TQDM_MEMORY, "x", digits=2)
        table.rows.append(row)
    return table


def many(plan: Plan) -> Table:
    """Time for ten thousand bars, and what they leave."""
    contenders = [*_who(), CONTENDERS["headway [off]"]]

    def count(contender: Contender) -> int:
        return max(30, int(contender.in_a_row * plan.share))

    answers = interleaved(contenders, 1, lambda c: stage("many", c, {"count": count(c)}))
    table = Table(
        "10 000 bars, opened, updated once and closed, one after another",
        "Where fewer were run the time is scaled to 10 000. Growth: the time per bar over the time per bar of the "
        "tenth before. Left: objects of the garbage collector, memory and threads, 1 s after the last bar. In "
        "brackets: times tqdm.",
        ["s", "bars run", "growth", "objects left", "kB left", "threads left"],
    )
    tqdm = value_of(answers["tqdm"], "seconds")
    tqdm = tqdm if isinstance(tqdm, str) else tqdm * 10_000 / count(CONTENDERS["tqdm"])
    for contender in contenders:
        answer = answers[contender.name][0]
        table.rows.append(_many_row(contender, answer, count(contender), tqdm))
    return table


def _many_row(contender: Contender, answer: Answer, count: int, tqdm: Value) -> Row:
    if "error" in answer:
        return Row(contender.name, [f"ERROR {answer['error']}"])
    growth = answer["seconds"] / count / (answer["tenth"] / (count // 10))
    seconds = answer["seconds"] * 10_000 / count
    kept = [number(answer["objects"], 0), number(answer["bytes"] / 1024, 0), number(answer["threads"], 0)]
    row = Row(contender.name, [beside(seconds, tqdm, 2), number(count, 0), f"{growth:.2f}x", *kept])
    if _is_headway(contender):
        objects = verdict(answer["objects"] / count, KEPT_OBJECTS, digits=2)
        row.budget = f"growth {verdict(growth, LINEAR, 'x', digits=2)}; objects a bar {objects}"
    return row


def short(plan: Plan) -> Table:
    """Time that a short bar takes."""
    return short_bars(plan.pairs)


SECTIONS: dict[str, Callable[[Plan], Table]] = {
    "loops": loops,
    "updates": updates,
    "off": off,
    "imports": imports,
    "frames": frames,
    "drawing": drawing,
    "memory": memory,
    "many": many,
    "short": short,
    "crowd": crowd,
    "at_once": at_once,
    "metrics": metrics,
    "compiled": compiled,
}
"""The sections by the names that `--only` takes."""
