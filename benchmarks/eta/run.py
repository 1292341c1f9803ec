"""Judge the remaining time: headway's estimator, what it is without each of its parts, and those of the peers.

`python benchmarks/eta/run.py` prints the tables of the reported half; `--tune` those of the half that was tuned on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from math import exp, log
from pathlib import Path
from statistics import fmean, stdev

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from ablations import ABLATIONS  # noqa: E402 - they are beside this file
from peers import PEERS, at_advances  # noqa: E402 - they are beside this file
from score import Score, Shown, gmean, quantile, score  # noqa: E402 - they are beside this file
from table import Row, Table  # noqa: E402 - they are beside this file
from traces import Trace, traces  # noqa: E402 - they are beside this file

from headway.drawing.looks import LOOK  # noqa: E402
from headway.drawing.pacing import SHORTEST_REST, rest  # noqa: E402
from headway.estimate import Estimator  # noqa: E402
from headway.reporting.work import time_of_advance  # noqa: E402

Driver = Callable[[Trace], Shown]
Rest = Callable[[float, float, float | None], float]
HERE = Path(__file__).parent
HEADWAY, TOLD = "headway", "headway, told the time of advances"
EVENLY = "without more frames at the ends"


def of_headway(make: Callable[[float, float], Estimator], trace: Trace, rest: Rest = rest) -> Shown:
    """Drive an estimator as a bar does: a picture is taken when a frame is due, and shown until the next.

    Args:
        make: Makes the estimator.
        trace: The run.
        rest: Tells how long after a frame the next one is due.
    """
    estimator, out = make(trace.total, trace.initial), []
    before, picture = 0.0, 0.0
    due = SHORTEST_REST
    for t in trace.queries:
        while due <= t:
            before, picture, n = picture, due, trace.count(due)
            if n > estimator.n:
                estimator.observe(time_of_advance(picture, before, n - estimator.n), n)
            due += rest(LOOK, picture, estimator.eta(picture))
        out.append((estimator.eta(picture), estimator.interval(picture)))
    return out


def told(trace: Trace) -> Shown:
    """Drive headway's estimator as nothing does: told the time of each advance, and asked at the time of the query."""
    estimator = Estimator(trace.total, trace.initial)
    shown = at_advances(trace, estimator.observe, estimator.eta)
    return [(eta, None) for eta, _ in shown]


def judge(driver: Driver, half: list[Trace]) -> list[Score]:
    """Score an estimator over traces."""
    return [score(trace, driver(trace)) for trace in half]


def peers(half: list[Trace], key: str) -> dict[str, list[Score]]:
    """Score the peers; what they scored is kept as long as nothing here changes."""
    files = [HERE / name for name in ("peers.py", "score.py", "traces.py", "real.json")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    cache = Path(tempfile.gettempdir()) / f"headway-eta-{key}-{digest}.json"
    if cache.exists():
        kept = json.loads(cache.read_text(encoding="utf-8"))
        return {name: [Score(**one) for one in scores] for name, scores in kept.items()}
    found = {name: judge(driver, half) for name, driver in PEERS.items()}
    kept = {name: [asdict(one) for one in scores] for name, scores in found.items()}
    cache.write_text(json.dumps(kept), encoding="utf-8")
    return found


def overall(title: str, results: dict[str, list[Score]]) -> Table:
    """Lay out one line of figures for each contender."""
    columns = ["ln", "median", "90 %", "jitter", "waver", "jumps", "useful at", "inside", "width"]
    table = Table(title, "", columns)
    for name, scores in results.items():
        relative = [value for s in scores for value in s.relative]
        covered = [s.covered for s in scores if s.covered is not None]
        widths = [s.width for s in scores if s.width is not None]
        cells = [
            f"{gmean(s.ln for s in scores):.3f}",
            f"{quantile(relative, 0.5):.0%}",
            f"{quantile(relative, 0.9):.0%}",
            f"{gmean(s.jitter for s in scores):.2f}",
            f"{gmean(s.waver for s in scores):.2f}",
            f"{sum(s.jumps for s in scores) / len(scores):.1f}",
            f"{sum(s.useful for s in scores) / len(scores):.1%}",
            f"{sum(covered) / len(covered):.0%}" if covered else "",
            f"{quantile(widths, 0.5):.2f}" if widths else "",
        ]
        table.rows.append(Row(name, cells))
    return table


def beside(name: str, ours: list[Score], known: dict[str, list[Score]]) -> str:
    """Say how the error compares with that of the best peer, with the 95 % interval of the mean over the runs."""
    best = min(known, key=lambda peer: gmean(s.ln for s in known[peer]))
    logs = [log(max(a.ln, 1e-3) / max(b.ln, 1e-3)) for a, b in zip(ours, known[best], strict=True)]
    mean, off = fmean(logs), 1.96 * stdev(logs) / len(logs) ** 0.5
    low, high = exp(mean - off), exp(mean + off)
    return f"ln of {name}, over that of {best}, the best peer: {exp(mean):.3f} [{low:.3f}, {high:.3f}]."


def by_family(title: str, half: list[Trace], results: dict[str, list[Score]]) -> Table:
    """Lay out error and waver of each contender for each family; and headway's error over the best peer's."""
    names = [name for name in results if name in PEERS]
    table = Table(title, "", ["runs", *results, "over best"])
    for family in dict.fromkeys(trace.family for trace in half):
        at = [i for i, trace in enumerate(half) if trace.family == family]
        ln = {name: gmean(scores[i].ln for i in at) for name, scores in results.items()}
        waver = {name: gmean(scores[i].waver for i in at) for name, scores in results.items()}
        cells = [f"{ln[name]:.3f} / {waver[name]:.2f}" for name in results]
        best = min(ln[name] for name in names)
        table.rows.append(Row(family, [str(len(at)), *cells, f"{ln[HEADWAY] / best:.2f}"]))
    return table


def main() -> None:
    """Read the command line, judge, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tune", action="store_true", help="the half that was tuned on, not the reported one")
    parser.add_argument("--only", action="append", help="headway with or without a part, may be given several times")
    parser.add_argument("--markdown", help="write the tables to this file, too")
    options = parser.parse_args()
    half, key = (traces(0), "tuned") if options.tune else (traces(1), "reported")
    known = peers(half, key)
    start, ours = time.perf_counter(), {}
    exact = judge(told, half)
    for name, make in {HEADWAY: Estimator, **ABLATIONS}.items():
        if options.only is None or name in (HEADWAY, *options.only):
            ours[name] = judge(lambda trace, make=make: of_headway(make, trace), half)
    if options.only is None or EVENLY in options.only:
        ours[EVENLY] = judge(lambda trace: of_headway(Estimator, trace, lambda interval, *_: interval), half)
    seconds = time.perf_counter() - start
    which = "Half that was tuned on" if options.tune else "Reported half"
    tables = [
        overall(f"{which}, {len(half)} runs", {HEADWAY: ours[HEADWAY], TOLD: exact, **known}),
        by_family(f"{which}: ln / waver by family", half, {HEADWAY: ours[HEADWAY], **known}),
        overall(f"{which}: headway without its parts", ours),
    ]
    tables[0].note = "\n".join((beside(HEADWAY, ours[HEADWAY], known), beside(TOLD, exact, known)))
    print("\n".join(table.text() for table in tables), f"headway's part took {seconds:.0f} s", sep="\n")
    if options.markdown:
        Path(options.markdown).write_text("\n".join(table.markdown() for table in tables), encoding="utf-8")


if __name__ == "__main__":
    main()
