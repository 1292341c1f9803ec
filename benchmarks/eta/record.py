"""Record real runs: what programs that people wait for did on this machine, as pairs of time and count.

`python benchmarks/eta/record.py` runs them one after another (about four minutes) and writes `real.json` beside this
file. Needs NumPy and scikit-learn; works on the files of the Python installation.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import lzma
import random
import re
import sqlite3
import sys
import sysconfig
import tarfile
import time
import tokenize
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC

OUT = Path(__file__).parent / "real.json"
POINTS = 300
"""A run is thinned to about so many points, evenly in time."""
Run = tuple[float, Iterator[float]]
"""The total, and the count after each step."""


def files(pattern: str, seed: int, many: int, least: int = 0, most: int = 1 << 40) -> list[Path]:
    """Choose files of the Python installation."""
    found = sorted(p for p in Path(sysconfig.get_path("purelib")).rglob(pattern) if p.is_file())
    found = [p for p in found if least <= p.stat().st_size < most]
    return random.Random(seed).sample(found, min(many, len(found)))


def by_file(paths: list[Path], work: Callable[[bytes], object]) -> Run:
    """Work on files, counted as files."""

    def steps() -> Iterator[float]:
        for i, path in enumerate(paths, 1):
            work(path.read_bytes())
            yield i

    return len(paths), steps()


def by_byte(paths: list[Path], work: Callable[[bytes], object]) -> Run:
    """Work on files, counted as bytes."""

    def steps() -> Iterator[float]:
        n = 0
        for path in paths:
            data = path.read_bytes()
            work(data)
            n += len(data)
            yield n

    return sum(path.stat().st_size for path in paths), steps()


def by_size(paths: list[Path], *, reverse: bool = False) -> list[Path]:
    """Sort files by their size."""
    return sorted(paths, key=lambda path: path.stat().st_size, reverse=reverse)


def work_on(path: Path, work: Callable[[bytes], object]) -> object:
    """Work on a file."""
    return work(path.read_bytes())


def pooled(paths: list[Path], work: Callable[[bytes], object], workers: int) -> Run:
    """Work on files in threads, counted as they come back."""

    def steps() -> Iterator[float]:
        with ThreadPoolExecutor(workers) as pool:
            jobs = [pool.submit(work_on, path, work) for path in paths]
            for i, _ in enumerate(as_completed(jobs), 1):
                yield i

    return len(paths), steps()


def training(epochs: int, batches: int, validation: int, every: int, width: int) -> Run:
    """Train a network of two layers; validate after each epoch, save after some."""

    def steps() -> Iterator[float]:
        dice = np.random.default_rng(0)
        x, y = dice.normal(size=(256, 256)), dice.normal(size=(256, 10))
        a, b = dice.normal(size=(256, width)) / 16, dice.normal(size=(width, 10)) / width
        for epoch in range(epochs):
            for batch in range(batches):
                hidden = np.tanh(x @ a)
                error = hidden @ b - y
                a -= 1e-5 * (x.T @ (error @ b.T * (1 - hidden**2)))
                b -= 1e-5 * (hidden.T @ error)
                if batch == batches - 1:
                    for _ in range(validation):
                        np.tanh(x @ a) @ b
                    if epoch % every == every - 1:
                        zlib.compress(a.tobytes(), 6)
                yield epoch * batches + batch + 1

    return epochs * batches, steps()


def gradient_descent(total: int) -> Run:
    """Multiply matrices of one size: the plainest loop there is."""

    def steps() -> Iterator[float]:
        a = np.random.default_rng(1).normal(size=(300, 300))
        for i in range(total):
            a = np.tanh(a @ a / 300)
            yield i + 1

    return total, steps()


def growing_matrices(total: int) -> Run:
    """Solve systems that grow by a row at each step."""

    def steps() -> Iterator[float]:
        for i in range(1, total + 1):
            a = np.random.default_rng(i).normal(size=(2 * i, 2 * i))
            np.linalg.solve(a, a[0])
            yield i

    return total, steps()


def prime_search(total: int) -> Run:
    """Test numbers by trial division: each costs more than the one before."""

    def steps() -> Iterator[float]:
        for n in range(1, total + 1):
            all(n % d for d in range(2, int(n**0.5) + 1))
            yield n

    return total, steps()


def forests() -> Run:
    """Fit forests of growing numbers of trees, as a grid search does."""
    x, y = load_digits(return_X_y=True)
    grid = [(trees, depth) for trees in (10, 30, 100) for depth in (2, 4, 8, 16)]

    def steps() -> Iterator[float]:
        for i, (trees, depth) in enumerate(grid, 1):
            cross_val_score(RandomForestClassifier(trees, max_depth=depth, random_state=0), x, y, cv=3)
            yield i

    return len(grid), steps()


def machines() -> Run:
    """Fit support vector machines over a shuffled grid."""
    x, y = load_digits(return_X_y=True)
    grid = [(c, gamma) for c in np.logspace(-2, 2, 8) for gamma in np.logspace(-5, -1, 6)]
    random.Random(3).shuffle(grid)

    def steps() -> Iterator[float]:
        for i, (c, gamma) in enumerate(grid, 1):
            SVC(C=c, gamma=gamma).fit(x[:900], y[:900]).score(x[900:], y[900:])
            yield i

    return len(grid), steps()


def database(total: int, every: int) -> Run:
    """Insert rows into an indexed table, and sort it all anew now and then."""

    def steps() -> Iterator[float]:
        dice = random.Random(4)
        with sqlite3.connect(":memory:") as base:
            base.execute("create table t (a text, b real)")
            base.execute("create index i on t (a)")
            for i in range(total):
                rows = [(f"{dice.random()}", dice.random()) for _ in range(200)]
                base.executemany("insert into t values (?, ?)", rows)
                if i % every == every - 1:
                    base.execute("select count(distinct b) from t order by b").fetchall()
                yield i + 1

    return total, steps()


def caching(total: int) -> Run:
    """Work whose first step builds what the others use."""

    def steps() -> Iterator[float]:
        table: list[int] = []
        for i in range(total):
            if not table:
                table = sorted(int(hashlib.md5(str(k).encode()).hexdigest(), 16) for k in range(1_500_000))
            hashlib.sha256(str(table[i * 1000 : i * 1000 + 1000]).encode() * 60).digest()
            yield i + 1

    return total, steps()


def archive(paths: list[Path]) -> Run:
    """Put files into a compressed archive."""

    def steps() -> Iterator[float]:
        with tarfile.open(fileobj=io.BytesIO(), mode="w:gz") as tar:
            for i, path in enumerate(paths, 1):
                tar.add(path)
                yield i

    return len(paths), steps()


def tokens(data: bytes) -> int:
    """Count the tokens of a Python source."""
    try:
        return sum(1 for _ in tokenize.tokenize(io.BytesIO(data).readline))
    except (tokenize.TokenError, SyntaxError, UnicodeError):
        return 0


def sha(data: bytes) -> str:
    """Hash the data."""
    return hashlib.blake2b(data).hexdigest()


def times(many: int, work: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """Do the same several times, for what is too fast on small files."""

    def repeated(data: bytes) -> None:
        for _ in range(many):
            work(data)

    return repeated


def runs() -> dict[str, Callable[[], Run]]:
    """All runs by name."""
    libraries = files("*.so*", 1, 80, 20_000, 8_000_000)
    sources = files("*.py", 2, 1500, 1000)
    words = re.compile(rb"(?:[a-z_]+\.)+([a-z_]+)\(")
    return {
        "hash files": lambda: by_file(files("*", 5, 3000), times(60, sha)),
        "hash bytes": lambda: by_byte(files("*", 6, 3000), times(50, sha)),
        "hash largest first": lambda: by_file(by_size(files("*", 7, 3000), reverse=True), times(40, sha)),
        "zlib files": lambda: by_file(libraries[:60], times(20, zlib.compress)),
        "zlib bytes": lambda: by_byte(libraries[20:], times(12, zlib.compress)),
        "zlib smallest first": lambda: by_file(by_size(sources), times(6, lambda data: zlib.compress(data, 9))),
        "bz2 files": lambda: by_file(libraries[:25], times(15, bz2.compress)),
        "lzma bytes": lambda: by_byte(files("*.so*", 8, 20, 20_000, 1_500_000), times(8, lzma.compress)),
        "tokenize files": lambda: by_file(sources[:500], times(5, tokens)),
        "tokenize bytes": lambda: by_byte(sources[500:900], times(3, tokens)),
        "search files": lambda: by_file(sources, lambda data: words.findall(data * 10)),
        "pool of two": lambda: pooled(libraries[:50], times(15, zlib.compress), 2),
        "pool of eight": lambda: pooled(libraries[30:], times(12, bz2.compress), 8),
        "train, validate": lambda: training(8, 200, 250, 4, 512),
        "train, validate seldom": lambda: training(5, 500, 700, 2, 400),
        "train, short epochs": lambda: training(40, 30, 20, 10, 512),
        "one epoch": lambda: training(1, 2500, 1, 1, 600),
        "matrices": lambda: gradient_descent(9000),
        "growing matrices": lambda: growing_matrices(650),
        "primes": lambda: prime_search(2_500_000),
        "forests": forests,
        "support vectors": machines,
        "database": lambda: database(8000, 700),
        "cache first": lambda: caching(1450),
        "archive": lambda: archive(files("*", 9, 6000)),
    }


def record(run: Run) -> dict[str, object]:
    """Run it to its end; return its total and its points, times in milliseconds and counts since the point before."""
    total, steps = run
    start, points = time.perf_counter(), [(0.0, 0.0)]
    for n in steps:
        t = time.perf_counter() - start
        if t - points[-1][0] >= 0.01 or n == total:
            points.append((t, n))
    apart, thin = points[-1][0] / POINTS, points[:1]
    for point, following in zip(points[1:], [*points[2:], (float("inf"), 0.0)], strict=True):
        if following[0] - thin[-1][0] > apart:  # the last before a wait is kept, and so the wait's true length
            thin.append(point)
    ms = [round(1000 * t) for t, _ in thin]
    dt = [b - a for a, b in pairwise(ms)]
    dn = [int(b[1] - a[1]) for a, b in pairwise(thin)]
    return {"total": total, "dt": dt, "dn": dn}


def main() -> None:
    """Record all, or those that the command line names; the file keeps the others."""
    recorded = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else {}
    for name, run in runs().items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        recorded[name] = record(run())
        seconds, points = sum(recorded[name]["dt"]) / 1000, len(recorded[name]["dt"])
        print(f"{name}: {seconds:.1f} s, {points} points", flush=True)
        lines = (f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in recorded.items())
        OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
