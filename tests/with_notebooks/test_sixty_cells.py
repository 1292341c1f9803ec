"""Sixty cells that open bars, fail, nest, print, fork and leave bars open, compared one by one with both kernels."""

from __future__ import annotations

from collections.abc import Callable

from notebooks import Executed

START = "import time, headway, threading, asyncio\nfrom multiprocessing import Pool\nfrom headway import get_bar, track"
WORK = "def work(k):\n    for _ in track(range(5), desc='work'): time.sleep(0.02)\n    return k"

Scene = tuple[str, list[str]]

PLAIN: list[Scene] = [
    ("for i in track(range(3), desc='a loop'): pass", ["a loop finished · 100% 3/3 · # · in #"]),
    ("for i in track((x for x in 'abc'), desc='unknown'): pass", ["unknown finished · 3it · # · in #"]),
    ("for i in track(range(3), leave=False): pass", []),
    ("for i in track(range(9), desc='early'):\n    if i == 3: break", ["early stopped · 33% 3/9 · # · in #"]),
    ("with get_bar(4, desc='block') as bar: bar.update(4)", ["block finished · 100% 4/4 · # · in #"]),
    ("with get_bar(4, desc='short') as bar: bar.update(1)", ["short stopped · 25% 1/4 · # · in #"]),
    ("with get_bar(4, desc='over') as bar: bar.update(6)", ["over finished · 150% 6/4 (over) · # · in #"]),
    (
        "bar = get_bar(4, desc='because'); bar.update(1); bar.fail('no disk')",
        ["because FAILED · 25% 1/4 · # · in # · no disk"],
    ),
    ("bar = get_bar(4, desc='enough'); bar.stop('it is good')", ["enough stopped · 0% 0/4 · in # · it is good"]),
    ("with get_bar(2, desc='<b>&amp;') as bar: bar.update(2)", ["<b>&amp; finished · 100% 2/2 · # · in #"]),
    (
        "with get_bar(2, desc='metrics') as bar:\n    for x in (2, 1): bar.metrics(loss=x); bar.update()",
        ["metrics finished · 100% 2/2 · # · in # · loss=1"],
    ),
]
PRINTS: list[Scene] = [
    (
        "for i in track(range(3), desc='prints'): print('item', i)",
        ["prints finished · 100% 3/3 · # · in #", "stdout: item 0\nitem 1\nitem 2"],
    ),
    ("headway.write('a text')", ["stdout: a text"]),
    (
        "with get_bar(1, desc='writes') as bar: bar.write('a text'); bar.update()",
        ["writes finished · 100% 1/1 · # · in #", "stdout: a text"],
    ),
    ("print('no bar')", ["stdout: no bar"]),
    ("for i in track(range(3), desc='result'): pass\ni", ["result finished · 100% 3/3 · # · in #", "2"]),
]
NESTED: list[Scene] = [
    (
        "for i in track(range(2), desc='outer'):\n    for j in track(range(3), desc='inner'): pass",
        ["outer finished · 100% 2/2 · # · in #"],
    ),
    (
        "for i in track(range(2), desc='outer'):\n    for j in track(range(3), desc='stays', leave=True): pass",
        [
            (
                "outer finished · 100% 2/2 · # · in #\n"
                "  stays finished · 100% 3/3 · # · in #\n"
                "  stays finished · 100% 3/3 · # · in #"
            )
        ],
    ),
    (
        "with get_bar(2, desc='one') as one, get_bar(2, desc='two') as two: one.update(2); two.update(2)",
        ["one finished · 100% 2/2 · # · in #"],
    ),
    (
        "one, two = get_bar(2, desc='one'), get_bar(2, desc='two')\nfor bar in (one, two): bar.update(2); bar.close()",
        ["one finished · 100% 2/2 · # · in #", "two finished · 100% 2/2 · # · in #"],
    ),
]
ENDS: list[Scene] = [
    (
        "for i in track(range(5), desc='fails'):\n    if i == 2: raise ValueError('no')",
        ["fails FAILED · 40% 2/5 · # · in # · ValueError: no", "error: ValueError: no"],
    ),
    (
        "for i in track(range(5), desc='interrupted'):\n    if i == 2: raise KeyboardInterrupt",
        ["interrupted interrupted · 40% 2/5 · # · in #", "error: KeyboardInterrupt: "],
    ),
    (
        "bar = get_bar(5, desc='left by an error'); bar.update(2)\n1 / 0",
        [
            "left by an error FAILED · 40% 2/5 · # · in # · ZeroDivisionError: division by zero",
            "error: ZeroDivisionError: division by zero",
        ],
    ),
    (
        "for i in track(range(2), desc='outer'):\n    for j in track(range(3), desc='inner'): raise ValueError('no')",
        [
            "outer FAILED · 0% 0/2 · in # · ValueError: no\n  inner FAILED · 0% 0/3 · in # · ValueError: no",
            "error: ValueError: no",
        ],
    ),
    ("print('after an error')", ["stdout: after an error"]),
]
OPEN: list[Scene] = [
    (
        "left = get_bar(10, desc='left open'); left.update(2); print('hello')",
        ["left open finished · 100% 10/10 · # · in #", "stdout: hello"],
    ),
    ("for i in track(range(3), desc='later'): left.update()", ["later finished · 100% 3/3 · # · in #"]),
    (
        "for i in track(range(2), desc='outer'):\n    for j in track(range(3), desc='inner'): pass",
        ["outer finished · 100% 2/2 · # · in #"],
    ),
    ("left.update(5)\nleft.close()", []),
    (
        "loop = iter(track(range(4), desc='by hand')); next(loop); next(loop)",
        ["by hand finished · 100% 4/4 · # · in #", "1"],
    ),
    ("for i in track(range(3), desc='not inside'): pass", ["not inside finished · 100% 3/3 · # · in #"]),
    ("for i in loop: pass", []),
]
ELSEWHERE: list[Scene] = [
    (
        (
            "def run():\n    for i in track(range(3), desc='in a thread'): pass\n"
            "thread = threading.Thread(target=run); thread.start(); thread.join()"
        ),
        ["in a thread finished · 100% 3/3 · # · in #"],
    ),
    (
        (
            "async def one(name):\n    for i in track(range(3), desc=name): await asyncio.sleep(0.01)\n"
            "await asyncio.gather(one('this'), one('that'))"
        ),
        ["this finished · 100% 3/3 · # · in #", "that finished · 100% 3/3 · # · in #", "[None, None]"],
    ),
    (WORK, []),
    (
        "with Pool(2) as pool: print(sorted(pool.map(work, range(4))))",
        ["work finished · 100% 20/20 · # · in # · # workers, slowest 100%", "stdout: [0, 1, 2, 3]"],
    ),
    (
        "with Pool(2) as pool: print(sorted(pool.map(work, range(4))))",
        ["work finished · 100% 20/20 · # · in # · # workers, slowest 100%", "stdout: [0, 1, 2, 3]"],
    ),
    (
        (
            "with get_bar(4, desc='tasks') as bar, Pool(2) as pool:\n"
            "    for _ in pool.imap_unordered(work, range(4)): bar.update()"
        ),
        ["tasks finished · 100% 4/4 · # · in #", "work finished · 100% 20/20 · # · in # · # workers, slowest 100%"],
    ),
    ("%%capture kept\nfor i in track(range(3), desc='captured'): pass", []),
    ("kept.outputs[-1].data['text/plain'][:17]", ["'captured finished'"]),
    (
        "from headway.tqdm.notebook import tqdm, trange\nfor i in trange(3, desc='door'): pass",
        ["door finished · 100% 3/3 · # · in #"],
    ),
    ("with headway.suspend(): print('away')", ["stdout: away"]),
    (
        "for i in track(range(2), desc='shown'):\n    with headway.suspend(): print('away')",
        ["shown finished · 100% 2/2 · # · in #", "stdout: away\naway"],
    ),
]
SCENES = [*PLAIN, *PRINTS, *NESTED, *ENDS, *OPEN, *ELSEWHERE, *PLAIN, *ENDS, ("print('the end')", ["stdout: the end"])]


def test_sixty_cells(execute: Callable[..., Executed]) -> None:
    """Each cell shows its own bars, as they ended, beside its own text, whatever the cells before have left behind.

    So many cells a second are a storm, in which a bar may come after the text that was printed behind it.
    """
    done = execute(START, *(code for code, _ in SCENES))

    shown = [sorted(done.outputs(i)) for i in range(1, len(SCENES) + 1)]
    wrong = [(scene, outputs) for scene, outputs in zip(SCENES, shown, strict=True) if sorted(scene[1]) != outputs]
    assert not wrong, "\n\n".join(f"{code}\nshows {outputs}\nand not {right}" for (code, right), outputs in wrong)
    assert len(SCENES) == 60
