"""`headway.tqdm`, as a type checker sees it in code that was written for tqdm; never run."""

import asyncio as aio
import io
from collections.abc import Iterator
from typing import Any

from typing_extensions import assert_type

from headway import Bar, tqdm
from headway.snapshot import Number
from headway.tqdm import asyncio, auto, autonotebook, contrib, notebook, std, utils, version
from headway.tqdm.contrib import concurrent, itertools, logging


def looping() -> None:
    """The items keep their type."""
    for number in tqdm.tqdm([1, 2], desc="a", leave=None, ncols=80, unit_scale=True, position=0, colour="green"):
        assert_type(number, int)
    for word in auto.tqdm({"a"}, desc="words"):
        assert_type(word, str)
    for index in tqdm.trange(3):
        assert_type(index, int)
    assert_type(tqdm.tnrange(3), notebook.tqdm_notebook[int])
    assert_type(tqdm.tqdm_notebook(["a"]), notebook.tqdm_notebook[str])
    assert_type(notebook.tqdm(["a"], display=False), notebook.tqdm_notebook[str])
    assert_type(notebook.tqdm_notebook(["a"]), notebook.tqdm_notebook[str])
    assert_type(notebook.tqdm(["a"]).displayed, bool)
    assert_type(tqdm.__version__, str)
    assert_type(version.__version__, str)
    assert_type(notebook.trange(3), notebook.tqdm_notebook[int])
    assert_type(notebook.tnrange(3), notebook.tqdm_notebook[int])
    assert_type(autonotebook.tqdm(["a"]), tqdm.tqdm[str])
    assert_type(autonotebook.trange(3), tqdm.tqdm[int])
    assert_type(std.tqdm(["a"]), tqdm.tqdm[str])
    assert_type(std.trange(3), tqdm.tqdm[int])
    assert_type(auto.trange(3), asyncio.tqdm_asyncio[int])
    assert_type(asyncio.tarange(3), asyncio.tqdm_asyncio[int])
    assert_type(asyncio.trange(3), asyncio.tqdm_asyncio[int])
    tqdm.tqdm(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    tqdm.tqdm([1], total="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def reporting(bar: tqdm.tqdm[int]) -> None:
    """Verbs."""
    with bar as entered:
        assert_type(entered, tqdm.tqdm[int])
    assert_type(bar.update(3), bool | None)
    assert_type(bar.set_postfix({"loss": 0.5}, refresh=False, acc=1), None)
    assert_type(bar.set_postfix_str("text"), None)
    assert_type(bar.set_description("a"), None)
    assert_type(bar.set_description_str("a"), None)
    assert_type(bar.refresh(), bool | None)
    assert_type(bar.display(), bool)
    assert_type(bar.clear(), None)
    assert_type(bar.reset(total=3), None)
    assert_type(bar.unpause(), None)
    assert_type(bar.close(), None)
    assert_type(bar.write("text"), None)
    assert_type(bar.pandas(desc="a"), None)
    assert_type(bar.get_lock(), Any)
    assert_type(bar.set_lock(None), None)
    assert_type(bar.format_interval(3.0), str)
    assert_type(bar.format_num(3.0), str)
    assert_type(bar.format_sizeof(3.0), str)
    assert_type(bar.format_meter(1, 2, 3.0), str)
    with bar.external_write_mode() as nothing:
        assert_type(nothing, None)
    with bar.wrapattr(io.BytesIO(), "read", total=3) as wrapped:
        assert_type(wrapped, Any)
    bar.update("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def reading(bar: tqdm.tqdm[int]) -> None:
    """Facts."""
    assert_type(bar.bar, Bar)
    assert_type(bar.n, Any)
    assert_type(bar.total, Any)
    assert_type(bar.initial, Number)
    assert_type(bar.start_t, float)
    assert_type(bar.last_print_n, Any)
    assert_type(bar.last_print_t, float)
    assert_type(bar.desc, str)
    assert_type(bar.unit, str)
    assert_type(bar.unit_scale, Any)
    assert_type(bar.unit_divisor, float)
    assert_type(bar.postfix, Any)
    assert_type(bar.leave, bool | None)
    assert_type(bar.disable, bool)
    assert_type(bar.pos, int)
    assert_type(bar.format_dict, dict[str, Any])
    assert_type(bar.monitor_interval, float)
    assert_type(bar.monitor, None)
    assert_type(bar.mininterval, float)
    assert_type(bar.maxinterval, float)
    assert_type(bar.miniters, float | int)
    assert_type(bar.dynamic_miniters, bool)
    assert_type(bar.dynamic_ncols, bool)
    assert_type(bar.smoothing, float)
    assert_type(bar.delay, float)
    assert_type(bar.gui, bool)
    assert_type(bar.nrows, int | None)
    assert_type(bar.lock_args, tuple[Any, ...] | None)
    print(bar.iterable, bar.fp, bar.ascii, bar.bar_format, bar.colour, bar.ncols)


async def asynchronously(bar: asyncio.tqdm[str], same: asyncio.tqdm_asyncio[str]) -> None:
    """`async for`, and awaitables."""
    async for item in bar:
        assert_type(item, str)
    assert_type(same, asyncio.tqdm_asyncio[str])
    print(bar.send(3))
    for awaitable in bar.as_completed([aio.sleep(0, "a")], timeout=3):
        assert_type(await awaitable, str)
    assert_type(await bar.gather(aio.sleep(0, "a")), list[Any])


def contributed(file: contrib.DummyTqdmFile) -> None:
    """The modules of `contrib`."""
    assert_type(contrib.tenumerate(["a"]), Iterator[tuple[Any, str]])
    assert_type(contrib.tzip([1], ["a"]), Iterator[tuple[Any, ...]])
    assert_type(contrib.tmap(len, ["a"]), Iterator[int])
    assert_type(contrib.DummyTqdmFile(io.StringIO()), contrib.DummyTqdmFile)
    assert_type(file.write("text"), None)
    assert_type(concurrent.thread_map(len, ["a", "b"], max_workers=2), list[int])
    assert_type(concurrent.process_map(len, ["a"]), list[int])
    assert_type(concurrent.interpreter_map(len, ["a"]), list[int])
    assert_type(itertools.product([1], ["a"], repeat=2), Iterator[Any])
    for made in (itertools.chain([1], [2]), itertools.permutations([1]), itertools.combinations([1], 2)):
        assert_type(made, Any)
    assert_type(itertools.combinations_with_replacement([1], 2), Any)
    assert_type(itertools.batched([1], 2), Any)
    with logging.logging_redirect_tqdm() as nothing, logging.tqdm_logging_redirect(total=3) as made:
        assert_type(nothing, None)
        assert_type(made, Any)
    print(utils.CallbackIOWrapper(print, io.BytesIO(), "read"))


def mistakes() -> None:
    """Tqdm's exceptions and warnings."""
    key: type[KeyError] = tqdm.TqdmKeyError
    type_error: type[TypeError] = tqdm.TqdmTypeError
    warnings: list[type[Warning]] = [
        *(tqdm.TqdmWarning, tqdm.TqdmDeprecationWarning, tqdm.TqdmExperimentalWarning, tqdm.TqdmMonitorWarning),
        *(std.TqdmWarning, std.TqdmDeprecationWarning, std.TqdmExperimentalWarning, std.TqdmMonitorWarning),
    ]
    print(key, type_error, warnings, std.TqdmKeyError, std.TqdmTypeError)


def in_a_notebook(bar: notebook.tqdm_notebook[int]) -> None:
    """A bar that waits to be displayed."""
    assert_type(bar.displayed, bool)
    print(bar.container)
