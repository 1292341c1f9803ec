"""Bars that are handed to the workers of joblib and dask."""

import os
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        for package in ("dask", "distributed", "joblib"):
            pytest.importorskip(package)

WAYS = {
    "loky": "joblib.Parallel(2)(joblib.delayed(work)(i, bar) for i in range(8))",
    "multiprocessing": "joblib.Parallel(2, backend='multiprocessing')(joblib.delayed(work)(i, bar) for i in range(8))",
    "threading": "joblib.Parallel(2, backend='threading')(joblib.delayed(work)(i, bar) for i in range(8))",
    "a closure": "joblib.Parallel(2)(joblib.delayed(lambda i: work(i, bar))(i) for i in range(8))",
    "dask futures": "with_dask(True, lambda client: client.gather(client.map(work, range(8), [bar] * 8)))",
    "dask threads": "with_dask(False, lambda client: client.gather(client.map(work, range(8), [bar] * 8)))",
    "dask delayed": "with_dask(True, lambda client: dask.compute(*[dask.delayed(work)(i, bar) for i in range(8)]))",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_count_is_lost(way: str, run: Any, tmp_path: Path) -> None:
    """The bar is closed when the call returns, and has all that the workers counted."""
    code = f"""
        import dask, headway, joblib

        def work(i, bar):
            for _ in range(20):
                bar.update()

        def with_dask(processes, act):
            from dask.distributed import Client, LocalCluster
            workers = dict(n_workers=2, threads_per_worker=1, processes=processes, dashboard_address=None)
            with LocalCluster(**workers) as cluster, Client(cluster) as client:
                act(client)

        if __name__ == "__main__":
            with headway.get_bar(160) as bar:
                {WAYS[way]}
            print(bar.n, bar.state)
    """
    (tmp_path / "program.py").write_text(textwrap.dedent(code))
    done = run(
        "import runpy; runpy.run_path('program.py', run_name='__main__')",
        options=("-W", "ignore"),
        HEADWAY_RELAY="",
        HEADWAY_BACKEND="plain",
    )

    assert done.stdout == "160 finished\n", done.stderr
