"""Which bars are silent: patterns for their names, as with loggers. Said by the environment, by code, or in a file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from headway.choosing.configuration import configured_silence
from headway.host.environment import variable
from headway.notation import TYPE_CHECKING, NamedTuple
from headway.reporting import arguments

if TYPE_CHECKING:
    import re

    from typing_extensions import Self

__all__ = ["Silence", "is_silent", "silence", "unsilence"]


class Rule(NamedTuple):
    """What is said of the names that a pattern matches."""

    pattern: str
    silent: bool


_rules: list[Rule] = []


class Silence:
    """What `silence` and `unsilence` return: `undo()`, or the end of a `with` block, takes the rule back."""

    def __init__(self, rules: list[Rule]) -> None:
        self._mine = rules

    def undo(self) -> None:
        """Take it back. What was said before or since stays."""
        _rules[:] = [rule for rule in _rules if not any(rule is mine for mine in self._mine)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.undo()


def silence(*patterns: str) -> Silence:
    """Show no bars of these names from now on: `headway.silence("transformers", "*.download")`.

    A bar's name is what `name=` said, by default the module that opened it. A pattern means a name and everything below
    it, as with loggers: `transformers` and `transformers.*` are the same. `*` stands for any text, dots included. Where
    several patterns match, the most specific one decides: that with the most letters, and of equals the last. What the
    environment variable `HEADWAY_SILENCE` says of a name comes before what code says, and that before a file.

    Raises:
        TypeError: A pattern is no text.
        ValueError: There is no pattern, or it is empty.
    """
    return _add(patterns, silent=True)


def unsilence(*patterns: str) -> Silence:
    """Show bars of these names again, out of others that are silent: `headway.unsilence("transformers.trainer")`.

    Raises:
        TypeError: A pattern is no text.
        ValueError: There is no pattern, or it is empty.
    """
    return _add(patterns, silent=False)


def _add(patterns: tuple[str, ...], *, silent: bool) -> Silence:
    if not patterns or not all(arguments.text("pattern", pattern).strip() for pattern in patterns):
        raise ValueError(f"expected names or patterns such as 'transformers.*', not {patterns!r}.")
    rules = [Rule(pattern.strip(), silent) for pattern in patterns]
    _rules.extend(rules)
    return Silence(rules)


def is_silent(name: str) -> bool:
    """Tell whether a bar of that name is not to be shown."""
    told = variable("HEADWAY_SILENCE")
    for rules in (read(tuple(told.split(","))) if told else (), _rules, read(configured_silence())):
        decided = _decide(name, rules) if rules else None
        if decided is not None:
            return decided
    return False


@lru_cache
def read(patterns: tuple[str, ...]) -> tuple[Rule, ...]:
    """Read patterns as they are written outside of code, where `!` before one means that it is not silent."""
    stripped = [pattern.strip() for pattern in patterns]
    return tuple(Rule(p.lstrip("! "), not p.startswith("!")) for p in stripped if p.lstrip("! "))


def _decide(name: str, rules: Iterable[Rule]) -> bool | None:
    matching = [(len(rule.pattern.replace("*", "")), i, rule.silent) for i, rule in enumerate(rules) if _is(name, rule)]
    return max(matching)[2] if matching else None


def _is(name: str, rule: Rule) -> bool:
    return _expression(rule.pattern).fullmatch(name) is not None


@lru_cache
def _expression(pattern: str) -> re.Pattern[str]:
    import re  # loaded only where patterns are given

    trunk = pattern.removesuffix(".*") or pattern
    return re.compile(".*".join(map(re.escape, trunk.split("*"))) + r"(?:\..*)?", re.DOTALL)
