"""Bars are silenced by name, as loggers are."""

import os
import sys
from pathlib import Path

import pytest

import headway
from headway.reporting import silence as rules
from headway.reporting.silence import is_silent, silence, unsilence


@pytest.fixture(autouse=True)
def no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without rules, and leave none."""
    monkeypatch.setattr(rules, "_rules", [])


@pytest.mark.parametrize(
    ("pattern", "silent", "shown"),
    [
        ("transformers", ["transformers", "transformers.trainer"], ["transformersx", "mytransformers", ""]),
        ("transformers.*", ["transformers", "transformers.trainer.x"], ["transformersx"]),
        ("*.download", ["hub.download", "a.b.download", "hub.download.x"], ["download", "hub.downloads"]),
        ("*", ["anything", ""], []),
        ("a.+", ["a.+"], ["a.b"]),
    ],
)
def test_a_pattern_means_a_name_and_what_is_below_it(pattern: str, silent: list[str], shown: list[str]) -> None:
    """Names are dotted; `*` stands for any text, everything else for itself."""
    silence(pattern)

    assert [True] * len(silent) == [is_silent(name) for name in silent]
    assert [False] * len(shown) == [is_silent(name) for name in shown]


def test_the_most_specific_pattern_wins() -> None:
    """One part of a silent package can speak, whichever was said first, and a part of that be silent again."""
    unsilence("transformers.trainer")
    silence("transformers")
    silence("transformers.trainer.eval")

    assert is_silent("transformers.modeling")
    assert not is_silent("transformers.trainer")
    assert not is_silent("transformers.trainer.train")
    assert is_silent("transformers.trainer.eval")


def test_of_equally_specific_patterns_the_last_one_wins() -> None:
    """What is said later corrects what was said before."""
    silence("hub")
    unsilence("hub")

    assert not is_silent("hub")


def test_a_rule_can_be_taken_back() -> None:
    """At the end of a `with` block, or by `undo()`, only this rule goes."""
    kept = silence("a")
    with silence("b", "c"):
        assert is_silent("b")
        assert is_silent("c")
        later = silence("d")
    assert not is_silent("b")
    assert is_silent("a")
    assert is_silent("d")
    kept.undo()
    kept.undo()
    assert not is_silent("a")
    later.undo()


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What whoever runs the program says of a name beats what the program says, however specific that is."""
    monkeypatch.setenv("HEADWAY_SILENCE", "hub.*, !hub.upload,,")
    unsilence("hub.download.big")
    silence("hub.upload.small", "other")

    assert is_silent("hub.download.big")
    assert not is_silent("hub.upload.small")
    assert is_silent("other")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="reading TOML takes Python 3.11 or tomli")
def test_a_file_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table in pyproject.toml silences, and code and environment correct it."""
    (tmp_path / "pyproject.toml").write_text('[tool.headway]\nsilence = ["hub", "!hub.upload", "data"]\n')
    monkeypatch.chdir(tmp_path)

    assert is_silent("hub.download")
    assert not is_silent("hub.upload")
    unsilence("hub")
    assert not is_silent("hub.download")
    monkeypatch.setenv("HEADWAY_SILENCE", "!data")
    assert not is_silent("data")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="reading TOML takes Python 3.11 or tomli")
def test_files_may_say_one_thing_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own file says what is silent, the project's which backend; what is wrong in one is told."""
    (tmp_path / "home" / "headway").mkdir(parents=True)
    (tmp_path / "home" / "headway" / "config.toml").write_text('silence = ["hub"]\nbackend = "events"\n')
    (tmp_path / "pyproject.toml").write_text('[tool.headway]\nbackend = "plain"\nsilence = "hub"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    with pytest.warns(headway.HeadwayWarning, match=r"silence must be a list of names such as .*, not 'hub'"):
        assert is_silent("hub.x")
    assert headway.choosing.configuration.configured_backend() == ("plain", str(tmp_path / "pyproject.toml"))


@pytest.mark.parametrize(("wrong", "error"), [((), ValueError), (("",), ValueError), ((" ",), ValueError)])
def test_a_pattern_is_needed(wrong: tuple[str, ...], error: type[Exception]) -> None:
    """Nothing to be silenced is a mistake."""
    with pytest.raises(error, match="expected names or patterns"):
        silence(*wrong)


def test_a_pattern_is_text() -> None:
    """A module in the place of its name is a mistake."""
    with pytest.raises(TypeError, match="pattern must be text"):
        unsilence(os)  # type: ignore[arg-type]


def test_silent_bars_are_not_shown_and_count(capsys: pytest.CaptureFixture[str]) -> None:
    """A silent bar draws nothing, by whatever it is opened; its numbers are there."""
    with headway.use("plain"), silence("quiet"):
        with headway.get_bar(3, desc="first", name="quiet") as bar:
            bar.update(2)
        for _ in headway.track(range(2), desc="second", name="quiet.loop"):
            pass
        loop = headway.loop(range(2), epochs=1, desc="third", name="quiet")
        assert len(list(loop)) == 1
        with headway.get_bar(3, desc="fourth", name="loud"):
            pass

    assert bar.n == 2
    err = capsys.readouterr().err
    assert "fourth" in err
    assert not {"first", "second", "third"} & set(err.split())


def test_silenced_from_outside(run: "object") -> None:
    """The variable silences the bars of one module of a program that knows nothing of it."""
    done = run(  # type: ignore[operator]
        """
        import headway
        for name in ("lib.a", "lib.b", "__main__"):
            with headway.get_bar(1, desc="bar-" + name, name=name) as bar:
                bar.update()
        """,
        HEADWAY_SILENCE="lib,!lib.b",
    )

    assert "bar-lib.a" not in done.stderr
    assert "bar-lib.b" in done.stderr
    assert "bar-__main__" in done.stderr
