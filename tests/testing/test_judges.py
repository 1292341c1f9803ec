"""Two judges of a screen: pyte, and tmux for the sequences that pyte gets wrong."""

import pytest

from headway.testing import run_in_terminal, tmux
from headway.testing.terminal import Judge

pytest.importorskip("pyte")
needs_tmux = pytest.mark.skipif(not tmux.is_there(), reason=tmux.MISSING)

WRONG = {
    "alternate screen by mode 47": ("a\r\n\x1b[?47hfull\x1b[?47l\r\nb", ["a", "", "b"]),
    "alternate screen by mode 1047": ("a\r\n\x1b[?1047hfull\x1b[?1047l\r\nb", ["a", "", "b"]),
    "alternate screen by mode 1049": ("a\r\n\x1b[?1049hfull\x1b[?1049l\r\nb", ["a", "", "b"]),
    "passed through tmux": ("a\x1bPtmux;\x1b\x1b]9;4;1;50\x07\x1b\\b", ["ab"]),
    "a colour with colons": ("\x1b[38:2::255:0:0mred\x1b[0m!", ["red!"]),
    "an underline with a colon": ("\x1b[4:3mcurly\x1b[0m!", ["curly!"]),
    "an application's own": ("a\x1b_x\x1b\\b", ["ab"]),
    "a space without width": ("a\u200bb", ["a\u200bb"]),
    "an emoji of two": ("\U0001f469\u200d\U0001f4bb|", ["\U0001f469\u200d\U0001f4bb|"]),
    "a variation selector": ("\u2764\ufe0f|x", ["\u2764\ufe0f|x"]),
}
"""Output, with the rows that a terminal shows, by the kind of its sequences."""
RIGHT = {
    "moves": ("abc\r\nd\x1b[Ax", ["axc", "d"]),
    "a combining character": ("e\u0301|", ["\u00e9|"]),
    "a synchronized frame": ("\x1b[?2026hab\x1b[?2026lc", ["abc"]),
    "history": ("\r\n".join(map(str, range(40))), [str(i) for i in range(40)]),
}


def rows(output: str, judge: Judge) -> list[str]:
    """The rows of a program that writes this."""
    code = f"import sys; sys.stdout.buffer.write({output.encode()!r}); sys.stdout.flush()"
    return run_in_terminal(code, columns=40, lines=10, judge=judge).rows


@needs_tmux
@pytest.mark.parametrize("kind", WRONG)
def test_tmux_is_right_where_pyte_is_wrong(kind: str) -> None:
    """If pyte has learnt it, take the sequence out of the table."""
    output, expected = WRONG[kind]

    assert rows(output, "tmux") == expected
    assert rows(output, "pyte") != expected


@needs_tmux
@pytest.mark.parametrize("kind", RIGHT)
def test_both_judges_agree_on_the_usual_sequences(kind: str) -> None:
    """What both know, both read in the same way."""
    output, expected = RIGHT[kind]

    assert [row.replace("e\u0301", "\u00e9") for row in rows(output, "tmux")] == expected
    assert rows(output, "pyte") == expected


def test_without_tmux_the_kit_leaves_its_tests_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is told; whoever asks for tmux gets an error."""
    monkeypatch.setenv("PATH", "")

    assert not tmux.is_there()
    with pytest.raises(FileNotFoundError, match="tmux"):
        rows("a", "tmux")
