"""A program that puts another one in its place while rows are drawn."""

import os
from importlib.util import find_spec

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs pseudo-terminals")
RENDERERS = ["rows", *[name for name in ("tqdm", "progressbar2", "alive", "rich") if find_spec(f"headway_{name}")]]


@pytest.mark.parametrize("backend", RENDERERS)
def test_another_program_in_the_place_of_this_one_finds_a_whole_terminal(backend: str) -> None:
    """As at a restart by `os.execv`. If there is no such program, the rows go on."""
    screen = run_in_terminal(
        """
        import headway, os
        calls = os.execv, os.execve
        with headway.get_bar(10, desc='work') as bar:
            bar.update(4); bar.refresh()
            try: os.execvp('no-such-program', ['no-such-program'])
            except FileNotFoundError: print('not found')
            bar.update(2); bar.refresh()
        assert (os.execv, os.execve) == calls
        with headway.get_bar(10, desc='again') as bar:
            bar.update(4); bar.refresh()
            os.execl('/bin/sh', 'sh', '-c', 'echo replaced')
        """,
        env={"HEADWAY_BACKEND": backend},
        columns=100,
    )

    assert (screen.status, screen.cursor_hidden) == (0, False), str(screen)
    assert [screen.rows[0], screen.rows[2:]] == ["not found", ["replaced"]], str(screen)
    assert screen.rows[1].startswith("work"), str(screen)
    assert "60%" in screen.rows[1], str(screen)
