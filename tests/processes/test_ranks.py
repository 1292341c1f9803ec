"""The rank of a process, by environment alone, and what follows from it."""

from typing import Any

import pytest

import headway
from headway.host import ranks
from headway.reporting.metric import Metric
from headway.testing import Recorder

TWO = {"RANK": "1", "WORLD_SIZE": "2"}


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with no rank."""
    for variable, sizes, local in ranks._LAUNCHERS:
        for name in filter(None, (variable, *sizes, local)):
            monkeypatch.delenv(name, raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **env: str) -> None:
    """Set variables as a launcher does."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("env", "rank"),
    [
        ({}, None),
        ({"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}, (3, 8)),
        ({"SLURM_PROCID": "2", "SLURM_NTASKS": "4"}, (2, 4)),
        ({"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "4"}, (0, 1)),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, (1, 2)),
        ({"PMI_RANK": "5", "PMI_SIZE": "6"}, (5, 6)),
        ({"LOCAL_RANK": "1"}, (1, 0)),
        ({"RANK": "0", "SLURM_PROCID": "7"}, (0, 0)),
        ({"RANK": "-1", "LOCAL_RANK": "-1"}, None),
        ({"RANK": "one"}, None),
        ({"RANK": "", "SLURM_PROCID": "2"}, (2, 0)),
        ({"RANK": "٣"}, None),
        ({"RANK": "9" * 30}, None),
    ],
)
def test_the_rank_is_what_the_launcher_says(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], rank: Any) -> None:
    """The first launcher that says a whole number is believed; nonsense is ignored."""
    given(monkeypatch, **env)
    found = ranks.current()

    assert rank == (found if found is None else (found.number, found.size))


@pytest.mark.parametrize(
    ("env", "leads"),
    [
        ({}, False),
        ({"RANK": "2", "LOCAL_RANK": "0"}, True),
        ({"RANK": "3", "LOCAL_RANK": "1"}, False),
        ({"RANK": "0", "LOCAL_RANK": "0"}, False),
        ({"RANK": "2"}, False),
        ({"RANK": "2", "SLURM_LOCALID": "0"}, False),
        ({"SLURM_PROCID": "8", "SLURM_LOCALID": "0"}, True),
        ({"OMPI_COMM_WORLD_RANK": "8", "OMPI_COMM_WORLD_LOCAL_RANK": "0"}, True),
        ({"PMI_RANK": "8", "MPI_LOCALRANKID": "0"}, True),
        ({"PMI_RANK": "8", "MPI_LOCALRANKID": "x"}, False),
        ({"LOCAL_RANK": "0"}, False),
    ],
)
def test_the_first_rank_of_another_machine_leads_it(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], leads: bool
) -> None:
    """It is known by the launcher that tells its rank; rank 0 is the first of all."""
    given(monkeypatch, **env)

    assert ranks.leads_machine() is leads


@pytest.mark.parametrize(
    ("env", "several"),
    [({}, False), ({"RANK": "0", "WORLD_SIZE": "1"}, False), ({"RANK": "0", "WORLD_SIZE": "2"}, True), (TWO, True)],
)
def test_a_job_of_one_is_no_job_of_several(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], several: bool) -> None:
    """Only a size above one, or a rank above zero, means that there are others."""
    given(monkeypatch, **env)

    assert several is ranks.several()


def test_ranks_of_one_job_know_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What names the job is the same for its ranks, and another for the next job and after a restart."""
    given(monkeypatch, MASTER_ADDR="localhost", MASTER_PORT="29500", TORCHELASTIC_RUN_ID="a", **TWO)
    one = ranks.job()
    monkeypatch.setenv("RANK", "0")

    assert one == ranks.job()
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert one != ranks.job()


def test_a_callable_is_not_called_among_ranks(monkeypatch: pytest.MonkeyPatch, recorded: Recorder) -> None:
    """A callable may gather from all ranks, which would hang the job: it shows as `?`, with the cure said once."""
    given(monkeypatch, RANK="0", WORLD_SIZE="2")
    calls: list[int] = []

    def report() -> None:
        with headway.get_bar(2, desc="a") as bar:
            bar.metrics(accuracy=lambda: calls.append(1) or 0.5)
            bar.update(2)

    with pytest.warns(headway.HeadwayWarning, match=r"Metric\('accuracy', local=True\)") as warned:
        report()
    monkeypatch.setenv("RANK", "1")
    report()  # and rank 1 says nothing

    assert calls == []
    assert recorded.last("a").metrics["accuracy"].text == "?"
    assert len(warned) == 1


def test_a_local_callable_is_called_among_ranks(monkeypatch: pytest.MonkeyPatch, recorded: Recorder) -> None:
    """A callable that is said to ask no other rank is read as always."""
    given(monkeypatch, RANK="0", WORLD_SIZE="2")
    with headway.get_bar(2, desc="a", metrics=[Metric("accuracy", local=True)]) as bar:
        bar.metrics(accuracy=lambda: 0.5)

    assert recorded.last("a").metrics["accuracy"].value == 0.5


def test_a_tensor_that_is_spread_over_ranks_is_not_read(monkeypatch: pytest.MonkeyPatch, recorded: Recorder) -> None:
    """A distributed tensor's `.item()` would be a collective."""
    given(monkeypatch, RANK="0", WORLD_SIZE="2")

    class DTensor:
        requires_grad = False

        def item(self) -> float:
            raise AssertionError("read")

    with pytest.warns(headway.HeadwayWarning, match=r"full_tensor"):
        with headway.get_bar(2, desc="a") as bar:
            bar.metrics(loss=DTensor())

    assert recorded.last("a").metrics["loss"].text == "?"


def test_another_rank_writes_no_bar(run: Any) -> None:
    """Rank 1 of a job whose rank 0 is nowhere draws nothing; its text comes through, and its exit status is its own."""
    code = """
        import headway
        for i in headway.track(range(3), desc="a"): pass
        loop = headway.loop([1, 2], epochs=2)
        for epoch in loop:
            for batch in loop.train(): pass
        with headway.get_bar(3, desc="b") as bar: bar.write("a text"); bar.update(3)
        print(bar.n, bar.state, loop.state)
        raise SystemExit(3)
    """
    done = run(code, HEADWAY_BACKEND="plain", MASTER_PORT="1", **TWO)

    assert (done.returncode, done.stdout, done.stderr) == (3, "3 finished finished\n", "a text\n")


def test_doctor_says_the_rank(run: Any) -> None:
    """`headway doctor` says which rank this is, and which side of the relay."""
    done = run("from headway.cli.main import main; main(['doctor'])", **TWO)

    assert "rank 1 of 2 (by RANK): does not draw" in done.stdout
    assert "relay: no process to report to" in done.stdout


def test_a_framework_may_tell_what_no_launcher_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment has a rank and no size, as under Lightning's `ddp_spawn`, the framework tells the size."""
    monkeypatch.setattr(ranks, "_told", None)
    ranks.tell(1, 4)

    assert ranks.current()[:2] == (1, 4)  # type: ignore[index]
    given(monkeypatch, LOCAL_RANK="2")
    assert ranks.current()[:2] == (2, 4)  # type: ignore[index]
    given(monkeypatch, WORLD_SIZE="8")
    assert ranks.current()[:2] == (2, 8)  # type: ignore[index]
