"""The ways to show pandas, joblib and fsspec at work."""

import functools
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from headway.testing import Recorder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        for package in ("pandas", "joblib", "fsspec"):
            pytest.importorskip(package)
    import fsspec
    import joblib
    import numpy as np
    import pandas as pd
    from fsspec.implementations.dirfs import DirFileSystem

    from headway.integrations.fsspec import Progress as Transfer
    from headway.integrations.joblib import Parallel
    from headway.integrations.pandas import progress

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")

FRAME = pd.DataFrame({"k": [1, 1, 2, 2, 3], "a": range(5), "b": range(5)})


def double(x: Any) -> Any:
    return x * 2


CALLS: dict[str, tuple[Any, str, tuple[Any, ...], tuple[int, int]]] = {
    "series map": (lambda: FRAME.a, "map", (), (5, 5)),
    "series apply": (lambda: FRAME.a, "apply", (), (5, 5)),
    "columns": (lambda: FRAME, "apply", (), (3, 3)),
    "rows": (lambda: FRAME, "apply", (1,), (5, 5)),
    "cells": (lambda: FRAME, "map", (), (15, 15)),
    "groups of a frame": (lambda: FRAME.groupby("k"), "apply", (), (3, 3)),
    "groups of a series": (lambda: FRAME.groupby("k").a, "transform", (), (3, 3)),
}


@pytest.mark.parametrize("call", CALLS)
def test_pandas_calls_are_counted(call: str, rows: Any) -> None:
    """The result is that of pandas, and each call of the function is counted."""
    of, method, arguments, count = CALLS[call]
    expected = getattr(of(), method)(double, *arguments)
    result = getattr(progress(of()), method)(double, *arguments)

    assert rows() == [(method, *count, "finished")]
    (pd.testing.assert_frame_equal if isinstance(result, pd.DataFrame) else pd.testing.assert_series_equal)(
        result, expected
    )


def test_pandas_accessors(rows: Any) -> None:
    """`frame.headway` does the same, with the look that is wanted."""
    FRAME.headway(desc="rows").apply(lambda row: row.a, axis=1)
    FRAME.a.headway.map(functools.partial(max, 3))

    assert rows() == [("rows", 5, 5, "finished"), ("map", 5, 5, "finished")]


@pytest.mark.parametrize("of", [FRAME.a.rolling(2), FRAME.a.expanding(), FRAME.groupby("k").a.rolling(1)], ids=str)
def test_windows(of: Any, rows: Any) -> None:
    """Windows are counted; how many there are is known in the end."""
    result = progress(of).apply(sum)

    n = int(result.notna().sum())
    assert rows() == [("apply", n, n, "finished")]
    pd.testing.assert_series_equal(of.apply(sum), result)


@pytest.mark.parametrize("func", ["sum", np.sqrt, {1: 2}], ids=["name", "numpy", "mapping"])
def test_what_pandas_does_in_one_go_stays_so(func: Any, rows: Any) -> None:
    """Names of methods, NumPy's functions and mappings are handed through."""
    method = "map" if isinstance(func, dict) else "apply"
    result = getattr(progress(FRAME.a), method)(func)

    assert rows() == []
    assert str(getattr(FRAME.a, method)(func)) == str(result)


def test_several_aggregations(rows: Any) -> None:
    """Where it is not known how often a function will be called there is no total; the last snapshot has it."""
    result = progress(FRAME.groupby("k")).agg(lambda column: column.sum())

    assert rows() == [("aggregate", 6, 6, "finished")]
    pd.testing.assert_frame_equal(result, FRAME.groupby("k").agg(lambda column: column.sum()))


def test_a_function_that_raises(rows: Any) -> None:
    """The exception is the function's, and the row is failed."""
    with pytest.raises(ZeroDivisionError):
        progress(FRAME.a).map(lambda x: 1 / (x - 2))

    assert rows() == [("map", 2, 5, "failed")]
    with pytest.raises(TypeError, match="takes a Series"):
        progress([1, 2])


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
@pytest.mark.parametrize("return_as", ["list", "generator", "generator_unordered"])
def test_joblib_tasks_are_counted(backend: str, return_as: str, rows: Any) -> None:
    """With any backend and any kind of result each task is counted, and the results are joblib's."""
    tasks = [joblib.delayed(double)(i) for i in range(20)]
    results = Parallel(n_jobs=2, backend=backend, return_as=return_as, desc="work")(tasks)

    assert sorted(results) == [2 * i for i in range(20)]
    assert rows() == [("work", 20, 20, "finished")]


def test_joblib_with_a_generator_and_with_a_failure(rows: Any) -> None:
    """A generator has no length, but a total can be given; a task that raises fails the row."""
    Parallel(n_jobs=2, backend="threading")(joblib.delayed(double)(i) for i in range(9))
    Parallel(n_jobs=2, backend="threading", total=9)(joblib.delayed(double)(i) for i in range(9))
    with pytest.raises(ZeroDivisionError):
        Parallel(n_jobs=1)([joblib.delayed(divmod)(1, i) for i in (2, 1, 0)])

    assert rows() == [("tasks", 9, None, "finished"), ("tasks", 9, 9, "finished"), ("tasks", 2, 3, "failed")]


@pytest.mark.parametrize(
    ("error", "state"), [(ValueError("boom"), "failed"), (KeyboardInterrupt(), "interrupted")], ids=["fails", "Ctrl-C"]
)
def test_a_loop_over_joblibs_results(error: BaseException, state: str, rows: Any) -> None:
    """What raises in the loop ends the row as what it is; the tasks that were done are counted."""
    with pytest.raises(type(error)):
        for result in Parallel(n_jobs=1, return_as="generator")([joblib.delayed(double)(i) for i in range(9)]):
            if result == 6:
                raise error

    assert rows() == [("tasks", 4, 9, state)]


def test_fsspec_counts_files_and_their_bytes(tmp_path: Path, rows: Any) -> None:
    """A directory is counted in files, and each file in bytes where the filesystem tells."""
    memory = fsspec.filesystem("memory")
    for name in "abc":
        memory.pipe(f"/from/{name}", b"x" * 1000)
    with Transfer() as shown:
        memory.get("/from/", str(tmp_path), recursive=True, callback=shown)

    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"a", "b", "c"}
    assert rows()[-1][0] == "transfer"
    assert rows()[-1][1] == rows()[-1][2] >= 3
    assert {("a", 1000, 1000, "finished"), ("b", 1000, 1000, "finished")} <= set(rows())


def test_fsspec_fails(rows: Any, tmp_path: Path, recorded: Recorder) -> None:
    """A transfer that raises fails the row."""
    files = DirFileSystem(str(tmp_path), fs=fsspec.filesystem("file"))
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(OSError, match="."), Transfer() as shown:
        files.get(["a", "missing"], [str(tmp_path / "b"), "/dev/full/no"], callback=shown)

    assert rows()[-1] == ("transfer", 1, 2, "failed")


NAMED: dict[str, tuple[Any, Any]] = {
    "pairs of a group": (lambda: FRAME.groupby("k"), lambda of: of.agg(x=("a", total_of), y=("b", "max"))),
    "named aggregations": (
        lambda: FRAME.groupby("k"),
        lambda of: of.agg(x=pd.NamedAgg("a", total_of), y=pd.NamedAgg("b", total_of)),
    ),
    "functions of a column": (lambda: FRAME.groupby("k").a, lambda of: of.agg(x=total_of, y="max")),
    "a list": (lambda: FRAME.groupby("k").a, lambda of: of.agg([total_of, "max"])),
    "a mapping": (lambda: FRAME.groupby("k"), lambda of: of.agg({"a": total_of, "b": "max"})),
    "pairs of a frame": (lambda: FRAME, lambda of: of.agg(x=("a", total_of))),
    "a list for a frame": (lambda: FRAME, lambda of: of.agg([total_of, "max"])),
    "functions of a series": (lambda: FRAME.a, lambda of: of.agg(x=total_of, y="max")),
    "the keyword": (lambda: FRAME.groupby("k").a, lambda of: of.agg(func=total_of)),
    "the other keyword": (lambda: FRAME.a, lambda of: of.map(double, na_action="ignore")),
    "a mapping of values": (lambda: FRAME.a, lambda of: of.map({0: double, 1: "one"})),
    "names alone": (lambda: FRAME.groupby("k"), lambda of: of.agg(x=("a", "max"))),
}


def total_of(series: Any) -> Any:
    return series.sum()


@pytest.mark.parametrize("call", NAMED)
def test_several_functions_in_one_call(call: str, rows: Any) -> None:
    """Functions in a list, in a mapping and by name give the result of pandas, under its names."""
    of, do = NAMED[call]
    expected, result = do(of()), do(progress(of()))

    (pd.testing.assert_frame_equal if isinstance(result, pd.DataFrame) else pd.testing.assert_series_equal)(
        result, expected
    )
    if call in ("a mapping of values", "names alone"):
        assert rows() == []
    else:
        ((_, n, total, state),) = rows()
        assert n == total > 0
        assert state == "finished"


def test_wrong_arguments_raise_what_pandas_raises() -> None:
    """The exception is that of pandas."""
    for do in (lambda of: of.agg(), lambda of: of.apply(), lambda of: of.apply(double, no_such=1)):
        with pytest.raises((TypeError, ValueError)) as theirs:
            do(FRAME.groupby("k"))
        with pytest.raises(theirs.type) as ours:
            do(progress(FRAME.groupby("k")))
        assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize(
    ("series", "options"),
    [
        (pd.Series(list("aabbcc"), dtype="category"), {}),
        (pd.Series([1.0, None, 2.0, None, 3.0]), {"na_action": "ignore"}),
    ],
)
def test_work_that_pandas_does_in_fewer_calls_is_finished(series: Any, options: Any, rows: Any) -> None:
    """Of a categorical each category is one call, and missing values are none."""
    progress(series).map(double, **options)

    assert rows() == [("map", 3, 3, "finished")]


def test_a_column_named_headway_is_the_column() -> None:
    """Names in the data come first: buses have one, the time between two of them."""
    frame = pd.DataFrame({"route": ["A", "B"], "headway": [10, 15]})
    labelled = pd.Series({"headway": 7, "delay": 1})

    assert frame.headway.mean() == 12.5
    assert labelled.headway == 7
    frame.headway = [1, 2]
    assert frame["headway"].tolist() == [1, 2]
    other = pd.DataFrame({"a": [1]})
    assert other.headway.apply(double).a.tolist() == [2]
    other.headway = [3]
    assert (other.headway, "headway" in other.columns) == ([3], False)
