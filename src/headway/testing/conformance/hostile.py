"""Texts that would harm a terminal, and what of them must not get there."""

from __future__ import annotations

__all__ = ["DANGEROUS", "HOSTILE"]

DANGEROUS = [
    *("\x1b[2J", "\x1b]", "\x1bP", "\x1b_", "\x1bc", "\x1b[999A", "\x1b[?1049h"),
    *("\x00", "\x84", "\x85", "\x90", "\x9b", "\x9c", "\x9d"),
    *("\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028", "\ud800"),
]
"""Characters and sequences that no text may bring to the terminal, and that no renderer uses by itself."""

HOSTILE = {
    "newlines": "one\ntwo\r\nthree\n",
    "escapes": "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[999A",
    "clipboard": "\x1b]52;c;cHduZWQ=\x07\x1b]52;c;cHduZWQ=\x1b\\ \x1bP$q\x1b\\ \x1b_x\x1b\\ \x1bc \x1b[?25l\x1b[?1049h",
    "eight-bit": "\x9b2J\x9d0;title\x9c\x9d52;c;cHduZWQ=\x07\x90$q\x9c\x85\x84",
    "split": "\x1b",
    "bidi": "\u202egnp.exe\u2066\u2067\u2068\u2069\u200f\u061c",
    "surrogate": "\ud800\udfff",
    "separators": "a\x0bb\x0cc\x1cd\x1ee\u2028f\u2029g\x00h\x08\x08i\tj",
    "braces": "{0} {n} {{}} %s %(n)s [/b]",
    "wide": "\u8a13\u7df4" * 40,
    "combining": "e\u0301" * 90,
    "emoji": "\U0001f469\u200d\U0001f4bb\ufe0f" * 30,
    "long": "x" * 10_000,
}
"""Texts that would harm a terminal, or a row, by kind."""
