"""The verdict on one run."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Verdict", "hung", "lost", "ok", "wrong"]


class Verdict(NamedTuple):
    """The result of one run."""

    kind: str
    """`ok`, `wrong`, `raised`, `hung` or `lost`."""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}" if self.why and self.kind != "ok" else f"{self.kind} {self.why}".strip()


def ok(figure: str = "") -> Verdict:
    """Nothing is wrong."""
    return Verdict("ok", figure)


def wrong(why: str) -> Verdict:
    """What is on the screen, or what the process left, is not what it should be."""
    return Verdict("wrong", why)


def lost(why: str) -> Verdict:
    """Something that was reported is nowhere."""
    return Verdict("lost", why)


def hung(why: str) -> Verdict:
    """Something waits for ever."""
    return Verdict("hung", why)
