"""The event files, as TensorBoard's own reader reads them."""

import math
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("tensorboard")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from headway.testing import NothingConformance, Screen

Points = list[tuple[int, float]]


def run(folder: Path, code: str, *, backend: str = "tensorboard?logdir=runs/a", status: int = 0) -> str:
    """Run a program in a folder, and return what it has written to stderr."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import headway, os, time\n" + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**own, "HEADWAY_BACKEND": backend, "HEADWAY_RELAY": "off"},
        timeout=100,
    )
    assert done.returncode == status, done.stderr
    return done.stderr


def read(folder: Path) -> dict[str, Points]:
    """Read the steps and values of each tag."""
    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    reader.Reload()
    return {tag: [(e.step, e.value) for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def test_five_loops_after_one_another_lose_nothing(tmp_path: Path) -> None:
    """Each value of each loop is there, at steps that go on from loop to loop, in one file of one folder."""
    said = run(
        tmp_path,
        """
        for loop in range(5):
            with headway.get_bar(100, desc="train") as bar:
                for n in range(100):
                    bar.metrics(loss=loop + (n + 1) / 100)
                    bar.update()
        """,
    )

    (file,) = (tmp_path / "runs" / "a").iterdir()
    points = read(file.parent)
    assert said == ""
    assert list(points) == ["train/loss"]
    assert points["train/loss"] == [(step, pytest.approx((step + 1) / 100)) for step in range(500)]


def test_loops_of_many_names_and_metrics_have_their_own_tags(tmp_path: Path) -> None:
    """A tag for each bar and metric; a metric that is a text has none, and NaN is a value."""
    run(
        tmp_path,
        """
        for desc in "abcde":
            with headway.get_bar(10, desc=desc) as bar:
                bar.update(10)
                bar.metrics(loss=0.5, lr=ord(desc), phase="warm", bad=float("nan"))
        """,
    )

    points = read(tmp_path / "runs" / "a")
    assert set(points) == {f"{desc}/{metric}" for desc in "abcde" for metric in ("loss", "lr", "bad")}
    assert [points[f"{desc}/lr"] for desc in "abcde"] == [[(10, ord(desc))] for desc in "abcde"]
    assert math.isnan(points["a/bad"][-1][1])


def test_a_training_run_is_written_by_its_steps(tmp_path: Path) -> None:
    """Epochs share the tag of the run, and points stand at optimizer steps, of which each takes two batches."""
    run(
        tmp_path,
        """
        loop = headway.loop(range(10), epochs=3, validation=range(2), accumulate=2)
        for epoch in loop:
            for batch in loop.train(): loop.metrics(loss=10.0 - batch)
            for batch in loop.validate(): pass
            loop.metrics(accuracy=loop.step / 100)
        """,
    )

    points = read(tmp_path / "runs" / "a")
    assert set(points) == {"training/loss", "training/accuracy"}
    assert points["training/accuracy"] == [(step, pytest.approx(step / 100)) for step in (5, 10, 15)]
    assert [value for _, value in points["training/loss"]] == [10.0 - batch for batch in range(10)] * 3
    assert [step for step, _ in points["training/loss"]] == sorted(step for step, _ in points["training/loss"])


def test_two_open_bars_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    """The second one has a number in its tag."""
    run(
        tmp_path,
        """
        with headway.get_bar(10, desc="a") as one, headway.get_bar(10, desc="a") as two:
            one.metrics(x=1)
            two.metrics(x=2)
        """,
    )

    points = read(tmp_path / "runs" / "a")
    assert {tag: point[-1][1] for tag, point in points.items()} == {"a/x": 1.0, "a 2/x": 2.0}


def test_points_are_in_the_file_before_the_end(tmp_path: Path) -> None:
    """A process that is killed leaves all points up to its last frame."""
    run(
        tmp_path,
        f"""
        import glob
        with headway.get_bar(10, desc="a") as bar:
            bar.update(3)
            bar.metrics(loss=0.5)
            while not any(os.path.getsize(file) > 60 for file in glob.glob("runs/a/*")): time.sleep(0.01)
            os.kill(os.getpid(), {int(signal.SIGKILL)})
        """,
        backend="tensorboard?logdir=runs/a&interval=0.05",
        status=-signal.SIGKILL,
    )

    assert read(tmp_path / "runs" / "a")["a/loss"] == [(3, 0.5)]


def test_a_folder_that_comes_late_gets_the_points(tmp_path: Path) -> None:
    """If the folder cannot be made, the user is warned once; when it can, the points are written."""
    (tmp_path / "runs").write_text("a file in the way")
    said = run(
        tmp_path,
        """
        import glob, warnings
        warnings.simplefilter("default")
        with headway.get_bar(10, desc="a") as bar:
            bar.update(3)
            bar.metrics(loss=0.5)
        os.remove("runs")
        while not glob.glob("runs/a/*"): time.sleep(0.01)
        """,
    )

    assert said.count("HeadwayWarning") == 1
    assert "it is tried again" in said
    assert read(tmp_path / "runs" / "a")["a/loss"] == [(3, 0.5)]


def test_a_disk_that_is_full_for_a_while_costs_no_point(tmp_path: Path) -> None:
    """A file that cannot be written is given up; the points go into a new one. A limit of the system is the full disk."""
    said = run(
        tmp_path,
        """
        import glob, resource, warnings
        warnings.simplefilter("default")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
        with headway.get_bar(10, desc="a") as bar:
            bar.update(3)
            bar.metrics(loss=0.5)
        while len(glob.glob("runs/a/*")) < 2: time.sleep(0.01)
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        """,
    )

    assert said.count("HeadwayWarning") == 1
    assert "File too large" in said
    assert read(tmp_path / "runs" / "a")["a/loss"] == [(3, 0.5)]


def test_without_a_logdir_each_process_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """The folder is named by the time."""
    code = "with headway.get_bar(10, desc='a') as bar: bar.metrics(loss=0.5)"
    run(tmp_path, code, backend="tensorboard")

    (folder,) = (tmp_path / "runs").iterdir()
    assert list(read(folder)) == ["a/loss"]


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="the system does not list the files that are open")
def test_a_sink_takes_its_file_with_it(tmp_path: Path) -> None:
    """After a `headway.use` block the file is closed."""
    run(
        tmp_path,
        """
        del os.environ["HEADWAY_BACKEND"]
        def open_files(): return [f for f in map(os.path.realpath, map("/dev/fd/{}".format, range(3, 50))) if "tfevents" in f]
        for number in range(2):
            with headway.use(f"tensorboard?logdir=runs/{number}"):
                with headway.get_bar(10, desc="a") as bar: bar.metrics(loss=0.5)
                while not open_files(): time.sleep(0.01)
            while open_files(): time.sleep(0.01)
        """,
    )

    assert [list(read(tmp_path / "runs" / number)) for number in "01"] == [["a/loss"], ["a/loss"]]


class TestKit(NothingConformance):
    """Those tests of headway's kit for sinks that draw nothing in which the bars have metrics."""

    backend = "tensorboard?logdir=runs/a"
    test_empty_bars_are_shown = None
    test_one_twenty_and_two_hundred_bars_at_once = None
    test_two_streams_at_once_are_both_told = None
    test_a_sink_takes_its_threads_and_files_with_it = None

    def delivered(self, screen: Screen) -> str:
        return "\n".join(read(self.folder / "runs" / "a"))
