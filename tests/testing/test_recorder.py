"""The recorder, with which authors of libraries assert what their code reported."""

import os

import pytest

import headway
from headway.testing import record


def library() -> None:
    with headway.get_bar(2, desc="outer") as outer:
        for _ in range(2):
            for _ in headway.track(range(3), desc="inner"):
                pass
            outer.write("a line")
            outer.update()


def test_three_lines_assert_what_was_reported(capfd: pytest.CaptureFixture[str]) -> None:
    """What a library reported can be asserted, and nothing is printed."""
    headway.use("plain")
    with record() as recorded:
        library()
    assert (recorded.last("outer").n, recorded.last("outer").state) == (2, "finished")

    assert [s.desc for s in recorded.opened] == ["outer", "inner", "inner"]
    assert [s.desc for s in recorded.closed] == ["inner", "inner", "outer"]
    assert recorded.opened[1].parent == recorded.opened[0].id
    assert recorded.written == ["a line", "a line"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("backend", ["off", "plain", "events"])
def test_the_environment_does_not_change_what_is_recorded(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of a library pass whatever the person who runs them has chosen."""
    monkeypatch.setitem(os.environ, "HEADWAY_BACKEND", backend)
    with record() as recorded:
        library()

    assert len(recorded.closed) == 3


def test_recorders_can_be_nested_and_are_taken_back() -> None:
    """The innermost recorder gets what is reported; after the block the choice is as before."""
    with record() as outer:
        with record() as inner:
            library()
        headway.get_bar(1, desc="later").close()

    assert len(inner.closed) == 3
    assert [s.desc for s in outer.closed] == ["later"]


def test_a_bar_that_was_not_reported_is_named() -> None:
    """Asking for a bar that was not closed says which ones were."""
    with record() as recorded:
        library()
        with pytest.raises(
            LookupError, match=r"No bar 'other' has been closed; closed are \['inner', 'inner', 'outer'\]"
        ):
            recorded.last("other")
