"""The same small programs, run with tqdm and with `headway.tqdm`, come to the same; they use every name of tqdm's."""

import contextlib
import gc
import importlib.util
import io
import os
import re
import textwrap
import warnings
from pathlib import Path

import pytest

PROGRAMS = {
    "loop": """
        from tqdm import tqdm, trange
        print([x for x in tqdm([1, 2, 3])], list(trange(2, 8, 3)), sum(tqdm(range(1000))))
        print([x for x in tqdm(iterable=(i for i in range(4)), desc="gen", file=sys.stderr)])
    """,
    "count after the loop": """
        from tqdm import tqdm
        bar = tqdm(range(10), leave=False)
        for i in bar:
            pass
        print(bar.n, bar.total, bar.disable)
        print(list(bar), bar.n)
    """,
    "count after a break": """
        from tqdm import tqdm
        bar = tqdm(iter(range(10)), total=10)
        for i in bar:
            if i == 4:
                break
        print(bar.n, bar.total, next(iter(bar.iterable)))
    """,
    "an exception passes": """
        from tqdm import tqdm
        bar = tqdm(range(10))
        try:
            for i in bar:
                1 / (2 - i)
        except ZeroDivisionError as error:
            print(error, bar.n)
        try:
            with tqdm(total=3) as bar:
                bar.update()
                raise ValueError("no")
        except ValueError as error:
            print(error, bar.n)
    """,
    "update": """
        from tqdm import tqdm
        with tqdm(total=10, initial=2) as bar:
            bar.update()
            bar.update(n=3)
            bar.update(-1)
            bar.update(0.5)
            print(bar.n, bar.total, bar.initial)
            bar.n = 9
            bar.n += 0.25
            bar.total = 20
            print(bar.n, bar.total, bar.refresh(), bar.last_print_n >= 0, bar.start_t <= time.time())
        bar.update(3)
        bar.close()
        print(bar.n)
        bar.n = 11
        print(bar.n)
    """,
    "negative counts": """
        from tqdm import tqdm
        bar = tqdm(total=10)
        bar.update(-3)
        print(bar.n)
        bar.close()
    """,
    "totals": """
        from tqdm import tqdm
        for bar in (tqdm([1, 2]), tqdm(total=7), tqdm({"a": 1}), tqdm(iter([1, 2]), total=9), tqdm(range(3), total=float("inf"))):
            print(bar.total, bar.n)
            bar.close()
        bar = tqdm(x for x in [1])
        print(bar.total)
        bar.close()
    """,
    "reset": """
        from tqdm import tqdm
        bar = tqdm(total=4)
        bar.update(3)
        bar.reset()
        print(bar.n, bar.total)
        bar.reset(total=8)
        bar.update(1)
        bar.unpause()
        print(bar.n, bar.total)
        bar.close()
        bar.close()
    """,
    "disabled": """
        from tqdm import tqdm
        items = [3, 4]
        bar = tqdm(items, disable=True, total=5, initial=1, unit="B")
        print([x for x in bar], bar.n, bar.total, bar.disable)
        print(bar.update(2), bar.n)
        bar.set_postfix(a=1)
        bar.set_description("x")
        bar.reset()
        bar.refresh()
        bar.clear()
        bar.unpause()
        bar.close()
        print(bar.n, len(bar), bool(bar), bar.format_dict["n"], bar.format_dict["total"])
        with open(os.devnull, "w") as null, tqdm(total=3, disable=None, file=null) as bar:
            print(bar.disable, bar.update())
        print(list(tqdm(range(3), disable=None, file=io.StringIO())))
    """,
    "the words": """
        from tqdm import tqdm
        bar = tqdm(total=4, desc="first", unit="file", unit_scale=True, unit_divisor=1024, leave=True)
        print(repr(bar.desc), bar.unit, bar.unit_scale, bar.unit_divisor, bar.leave)
        bar.set_description("second")
        print(repr(bar.desc))
        bar.set_description_str("third", refresh=False)
        print(repr(bar.desc))
        bar.set_description(None)
        print(repr(bar.desc))
        bar.desc = "fourth"
        bar.unit, bar.unit_scale, bar.unit_divisor, bar.leave = "B", 2.5, 1000, False
        print(repr(bar.desc), bar.unit, bar.unit_scale, bar.unit_divisor, bar.leave)
        bar.close()
    """,
    "the postfix": """
        from tqdm import tqdm
        bar = tqdm(total=4)
        print(bar.postfix)
        bar.set_postfix(z=1, a=0.123456, m="  text ", n=[1, 2])
        print(bar.postfix)
        bar.set_postfix({"z": 123456789, "b": 1e-9}, refresh=False, a=2)
        print(bar.postfix)
        bar.set_postfix(ordered_dict=[("x", 10.0), ("y", None), ("w", True)])
        print(bar.postfix)
        bar.set_postfix_str("as it is")
        print(bar.postfix)
        bar.postfix = "set"
        print(bar.postfix)
        bar.close()
        print(bar.postfix)
        for postfix in ({"loss": 0.5, "a": 3}, "text"):
            bar = tqdm(total=1, postfix=postfix)
            print(bar.postfix)
            bar.close()
    """,
    "truth, length, contents": """
        from tqdm import tqdm
        for bar in (tqdm(range(3)), tqdm(total=0), tqdm([]), tqdm(total=2)):
            print(bool(bar), len(bar))
            bar.close()
        for bar in (tqdm(), tqdm(x for x in [])):
            for ask in (bool, len):
                try:
                    print(ask(bar))
                except TypeError as error:
                    print(type(error).__name__)
            bar.close()
        bar = tqdm([1, 2, 3])
        print(2 in bar, 5 in bar, bar.iterable)
        bar.close()
        bar = tqdm(x for x in [1, 2, 3])
        print(2 in bar)
        bar.close()
    """,
    "comparison": """
        from tqdm import tqdm
        a, b = tqdm(total=1), tqdm(total=1, position=3)
        print(a < b, a <= b, a == b, a != b, a > b, a >= b, a == a, a.pos, b.pos)
        print(sorted([b, a])[0] is a, len({a, b}), hash(a) == id(a))
        b.close()
        a.close()
    """,
    "formats": """
        from tqdm import tqdm
        for t in (0, 59.9, 60, 3599, 3600, 86400, -5, 360000):
            print(tqdm.format_interval(t))
        for n in (0, 1, 12345, 123456789, 0.1, 1e-7, 1 / 3, 1e100, -2.5, 10.0):
            print(tqdm.format_num(n))
        for n in (0, 1, 9.994, 9.996, 99.94, 99.96, 999.4, 999.6, 1234, 1e6, 1e21, 1e27, 1e30, -5000):
            print(tqdm.format_sizeof(n), tqdm.format_sizeof(n, suffix="B", divisor=1024))
    """,
    "format_meter": """
        from tqdm import tqdm
        f = tqdm.format_meter
        print(f(0, 10, 0))
        print(f(n=3, total=10, elapsed=2.5, ncols=60, prefix="desc", ascii=True, unit="file", initial=1, postfix="a=1"))
        print(f(3, None, 2.5, prefix="desc: "), f(3, None, 0))
        print(f(30, 10, 2.5), f(10.4, 10, 2.5), f(3, float("inf"), 2.5))
        print(f(3000, 10000, 2.5, unit_scale=True, unit="B", unit_divisor=1024), f(3, 10, 2.5, unit_scale=2.0, rate=1.5))
        print(f(3, 10, 250, ncols=0), f(3, 10, 2.5, ncols=20, prefix="a long description"), f(3, 10, 2.5, ncols=40, colour="red"))
        print(f(3, 10, 2.5, ncols=30, ascii=" .oO0", bar_format="{l_bar}{bar}|"), f(1, 4, 1, bar_format="{bar:8}{bar:-4b}{bar:5a}"))
        print(f(3, 10, 25, bar_format="{desc}: {percentage:.1f} {n}/{total} {rate_noinv_fmt} {rate_inv_fmt} {elapsed_s} {remaining_s:.2f}"))
        print(f(3, None, 25, bar_format="{l_bar}{bar}{r_bar}", ncols=50), f(3, 10, 2.5, bar_format="{unit} {extra}", extra=5))
        print(f(3, 10, 2.5, bar_format="{postfix[0]}", postfix=["x"]), f(3, 10, 2.5, colour="#00ff00"), f(5, 10, 0.5, rate=0.25))
        print(f(0, 0, 1), f(3, 0, 1), f(1, 3, 1, ncols=30, prefix="日本語"))
    """,
    "format_dict": """
        from tqdm import tqdm
        bar = tqdm(total=8, desc="d", ncols=50, ascii=True, unit="x", postfix={"a": 1}, unit_scale=True, nrows=5, colour="red", bar_format="{bar}")
        bar.update(2)
        found = dict(bar.format_dict)
        print(found.pop("elapsed") >= 0, found.pop("rate") is None or True, found)
        print(bar.ncols, bar.nrows, bar.ascii, bar.colour, bar.bar_format)
        bar.close()
        bar = tqdm(total=8, desc="d", ncols=30, ascii=True, bar_format="{desc}|{bar}|{n}")
        bar.update(2)
        print(str(bar))
        bar.close()
    """,
    "arguments are kept": """
        from tqdm import tqdm
        bar = tqdm(
            total=1, mininterval=0.5, maxinterval=5, miniters=3, smoothing=0.1, dynamic_ncols=False, lock_args=(False,), delay=0.01,
            gui=False, nrows=4, write_bytes=False,
        )
        print(bar.mininterval, bar.maxinterval, bar.miniters, bar.smoothing, bar.dynamic_ncols, bar.lock_args, bar.delay, bar.gui)
        print(bar.dynamic_miniters, bar.nrows, bar.fp is not None)
        bar.close()
    """,
    "errors": """
        from tqdm import tqdm, TqdmKeyError, TqdmTypeError, TqdmWarning, TqdmDeprecationWarning, TqdmExperimentalWarning, TqdmMonitorWarning
        for wrong in ({"totl": 3}, {"nested": True}, {"total": "5"}, {"bar_format": "{nonsense}"}):
            try:
                tqdm([1], file=io.StringIO(), **wrong)
            except BaseException as error:
                print(type(error).__name__, *(kind.__name__ for kind in (KeyError, TypeError, Warning) if isinstance(error, kind)))
        for kind in (TqdmKeyError, TqdmTypeError, TqdmWarning, TqdmDeprecationWarning, TqdmExperimentalWarning, TqdmMonitorWarning):
            print(kind.__name__, [base.__name__ for base in kind.__mro__[1:]])
    """,
    "write": """
        from tqdm import tqdm
        with tqdm(total=2) as bar:
            tqdm.write("to stdout")
            bar.write("without a line end", end="")
            tqdm.write("", end="!\\n")
            other = io.StringIO()
            tqdm.write(s="to a file", file=other, end=".", nolock=False)
            print(repr(other.getvalue()))
            with tqdm.external_write_mode():
                print("by itself")
            with tqdm.external_write_mode(file=other, nolock=False):
                print("to a file", file=other)
    """,
    "locks": """
        from tqdm import tqdm
        import threading
        with tqdm.get_lock():
            with tqdm.get_lock():
                tqdm.write("held", nolock=True)
        before, mine = tqdm.get_lock(), threading.RLock()
        tqdm.set_lock(mine)
        print(tqdm.get_lock() is mine)
        tqdm.write("with mine")
        tqdm.set_lock(lock=before)
    """,
    "wrapattr": """
        from tqdm import tqdm
        from tqdm.utils import CallbackIOWrapper
        data = io.BytesIO(b"0123456789" * 300)
        with tqdm.wrapattr(data, "read", total=3000, desc="read") as file:
            print(len(file.read(1000)), len(file.read()), file.read(), file.tell(), file.getvalue() == data.getvalue())
        out = io.StringIO()
        with tqdm.wrapattr(out, "write", bytes=False) as file:
            print(file.write("abc"))
        print(out.getvalue())
        counted = []
        file = CallbackIOWrapper(counted.append, io.BytesIO(b"abcd"), "read")
        file.read(3), file.read(3)
        print(counted)
        try:
            CallbackIOWrapper(counted.append, io.BytesIO(b"abcd"), "seek")
        except KeyError:
            print("KeyError")
    """,
    "contrib": """
        from tqdm.contrib import tenumerate, tzip, tmap, DummyTqdmFile
        print(list(tenumerate("abc", start=1, desc="e")), list(tzip([1, 2], "ab", desc="z")), list(tmap(pow, [2, 3], [4, 5], desc="m")))
        print(list(tenumerate("abc", 5, 3)), next(iter(tzip([1], [2], [3]))))
        out = io.StringIO()
        file = DummyTqdmFile(out)
        file.write("one\\ntwo")
        print(repr(out.getvalue()))
        del file
        print(repr(out.getvalue()))
    """,
    "contrib.itertools": """
        from tqdm.contrib.itertools import chain, product, permutations, combinations, combinations_with_replacement
        from tqdm.auto import tqdm
        for made in (chain([1], "ab"), permutations("abc"), permutations("abc", 2), combinations("abcd", 2), permutations("ab", 3),
                     combinations_with_replacement("abc", 2), combinations_with_replacement("", 2), combinations_with_replacement("abc", 0), chain(iter("a"), "b")):
            print(getattr(made, "total", None), list(made))
        print(list(product("ab", [1, 2], repeat=1)), len(list(product("ab", repeat=3))))
    """,
    "contrib.itertools.batched": """
        import itertools
        if hasattr(itertools, "batched"):
            from tqdm.contrib.itertools import batched
            made = batched(range(10), 3)
            print(made.total, made.unit_scale, list(made))
    """,
    "contrib.concurrent": """
        from tqdm.contrib.concurrent import thread_map, process_map, interpreter_map
        print(thread_map(pow, [1, 2, 3], [4, 5, 6], max_workers=2, desc="t"), thread_map(str, (i for i in range(3)), total=3))
        print(thread_map(abs, []), thread_map(len, ["a", "bc"], timeout=20, thread_name_prefix="x"))
        try:
            thread_map(int, ["1", "x"])
        except ValueError as error:
            print(error)
    """,
    "contrib.logging": """
        import logging
        from tqdm.contrib.logging import logging_redirect_tqdm, tqdm_logging_redirect
        log = logging.getLogger("of.this.test")
        log.propagate, log.handlers = False, [logging.StreamHandler(sys.stdout)]
        log.handlers[0].setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        before = list(log.handlers)
        with logging_redirect_tqdm(loggers=[log]):
            log.warning("above")
            print(log.handlers != before)
        with tqdm_logging_redirect(total=2, loggers=[log], desc="l") as bar:
            log.warning("above too")
            bar.update(2)
        print(log.handlers == before, bar.n)
    """,
    "asyncio": """
        import asyncio
        from tqdm.asyncio import tqdm, trange, tarange, tqdm_asyncio
        async def numbers():
            for i in range(3):
                await asyncio.sleep(0)
                yield i
        async def square(i):
            await asyncio.sleep(0)
            if i == 7:
                raise ValueError("seven")
            return i * i
        async def main():
            bar = tqdm(numbers(), total=3)
            print([i async for i in bar], bar.n, bar.disable)
            print([i async for i in trange(3)], [i async for i in tarange(2, 4)], [i for i in tqdm_asyncio("ab")])
            print(await tqdm.gather(*[square(i) for i in range(5)], desc="g"))
            print(await tqdm.gather(square(7), square(2), return_exceptions=True))
            try:
                await tqdm.gather(square(7), square(2))
            except ValueError as error:
                print(error)
            print(sorted([await done for done in tqdm.as_completed([square(i) for i in range(4)], total=4)]))
            bar = tqdm(numbers())
            async for i in bar:
                if i == 1:
                    break
            print(bar.n)
            bar.close()
        asyncio.run(main())
    """,
    "auto and notebook": """
        from tqdm.auto import tqdm, trange
        print(list(tqdm([1])), list(trange(2)))
        from tqdm.autonotebook import tqdm, trange
        print(list(tqdm([1])), list(trange(2)))
        from tqdm.std import tqdm, trange, TqdmTypeError, TqdmKeyError, TqdmWarning, TqdmExperimentalWarning, TqdmDeprecationWarning, TqdmMonitorWarning
        print(list(tqdm([1])), list(trange(2)))
    """,
    "a subclass": """
        from tqdm.auto import tqdm
        class mine(tqdm):
            def __init__(self, *args, **kwargs):
                kwargs.pop("name", None)
                super().__init__(*args, **kwargs)
                self.seen = []
            def update(self, n=1):
                self.seen.append(n)
                return super().update(n)
            def close(self):
                if not self.disable:
                    print("closed at", self.n)
                super().close()
        with mine(total=3, name="x") as bar:
            bar.update()
            bar.update(2)
        print(bar.seen, bar.n)
        for i in mine(range(2)):
            pass
    """,
    "the monitor": """
        from tqdm import tqdm
        tqdm.monitor_interval = 0
        print(tqdm.monitor_interval, hasattr(tqdm, "monitor"))
    """,
}
"""What tqdm's programs do. Each runs as it is, and with `headway.tqdm` in the place of `tqdm`."""
PANDAS = """
from tqdm import tqdm
import numpy as np
import pandas as pd
from tqdm.auto import tqdm
tqdm.pandas(desc="p", leave=False)
df = pd.DataFrame({"a": [1, 1, 2], "b": [3.0, 4.0, 5.0]})
print(df.progress_apply(sum).tolist(), df.progress_apply(sum, axis=1).tolist(), df.progress_apply(lambda row: row["a"], axis="columns").tolist())
print(df.a.progress_apply(lambda x: x + 1).tolist(), df.a.progress_map(str).tolist(), df.progress_map(abs).values.tolist())
print(df.groupby("a").progress_apply(len).tolist(), df.groupby("a").b.progress_apply(max).tolist())
print(df.groupby("a").progress_aggregate(lambda x: x.sum()).values.tolist())
print(df.groupby("a").progress_transform(lambda x: x - x.min()).values.tolist())
print(df.b.rolling(2).progress_apply(np.sum).tolist(), df.b.expanding().progress_apply(np.sum).tolist())
try:
    df.a.progress_apply(lambda x: 1 / 0)
except ZeroDivisionError as error:
    print(error)
"""
"""The same for pandas, which is installed in an environment of its own."""
PRELUDE = """
import io, os, sys, threading, time
import tqdm as _package
_package.tqdm.monitor_interval = 0
_package.tqdm.set_lock(threading.RLock())  # tqdm keeps a lock when a bar_format raises
"""
needs_tqdm = pytest.mark.skipif(importlib.util.find_spec("tqdm") is None, reason="tqdm is not installed")


def headways(program: str) -> str:
    """Change tqdm's imports to the door's."""
    program = re.sub(r"\bfrom tqdm\b", "from headway.tqdm", program)
    return program.replace("import tqdm as", "import headway.tqdm as")


def printed(program: str) -> str:
    """Run a program in this process and return what it printed."""
    out = io.StringIO()
    code = compile(
        (PRELUDE if "headway" not in program else headways(PRELUDE)) + textwrap.dedent(program), "<program>", "exec"
    )
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", Warning)
        exec(code, {"__name__": "program"})
        gc.collect()  # bars that tqdm finds only now
    return out.getvalue()


@needs_tqdm
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_computes_the_same(name: str) -> None:
    """What a program prints does not change with its imports."""
    expected = printed(PROGRAMS[name])

    assert expected == printed(headways(PROGRAMS[name]))


@pytest.mark.skipif("HEADWAY_TEST_PANDAS" not in os.environ, reason="needs pandas: HEADWAY_TEST_PANDAS=1")
def test_pandas_computes_the_same() -> None:
    """`progress_apply` and its like give what they give with tqdm."""
    expected = printed(PANDAS)

    assert expected == printed(headways(PANDAS))


TOOLS = str(Path(__file__).parents[2] / "tools")


@needs_tqdm
def test_the_table_of_names_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """The docs list every name that the installed tqdm has; what is called the same is so, and a program here uses it."""
    monkeypatch.syspath_prepend(TOOLS)
    import tqdm_table

    assert tqdm_table.TABLE.text() in tqdm_table.TABLE.page.read_text(encoding="utf-8")
    programs = "\n".join(
        [
            *PROGRAMS.values(),
            PANDAS,
            "__iter__ __enter__ __bool__ __contains__ __str__ __hash__ __lt__ __le__ __gt__ __ge__ __ne__",
        ]
    )
    assert {name for name in tqdm_table.TABLE.same() if not re.search(rf"\b{name}\b", programs)} == set()


@needs_tqdm
def test_a_name_that_nothing_is_known_of_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a new tqdm has a name more, the table says so instead of passing it over."""
    monkeypatch.syspath_prepend(TOOLS)
    import tqdm_table

    monkeypatch.delitem(tqdm_table.SAID, "moveto")

    with pytest.raises(SystemExit, match="Attributes and methods: moveto"):
        tqdm_table.TABLE.text()
