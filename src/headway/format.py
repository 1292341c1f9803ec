"""Numbers, durations, units, free text, values and exceptions as safe, short text. Knows nothing of bars."""

from __future__ import annotations

import math
import unicodedata

# The parser of `string.Formatter`; `string` itself also compiles the expression of its `Template`.
from _string import formatter_parser  # type: ignore[import-not-found]

from headway.notation import Literal

__all__ = [
    "clean",
    "coloured",
    "count",
    "crop",
    "discreet",
    "disproportionate",
    "duration",
    "excessive",
    "in_words",
    "number",
    "printable",
    "processes",
    "prying",
    "rate",
    "secret",
    "shown",
    "width",
    "written",
]

UnitScale = Literal["", "si", "iec"]

_ESCAPE = (
    r"(?s)\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS and other strings, up to their end
    r"|\x1b[ -/]*[0-~]?"  # any other escape
)
_UNSAFE = r"[\x00-\x1f\x7f-\x9f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
_COLOUR = r"(\x1b\[[0-9;:]*m)"
_BREAK = r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]"
_RESET = "\x1b[0m"
_LONGEST = 1000
_HIDDEN = "***"
_CLOSED = r"(?:token(?!s)|key|secret|passw|pwd|auth(?!or)|credential)"  # in the name of what others may not read
_NAME = rf"(?i)(?<![\w.-])(?=[\w.-]*?{_CLOSED})([\w.-]+"
_QUOTED = r"'[^']*'|\"[^\"]*\""
_GIVEN = rf"{_NAME}\s*(?:=|%3D)\s*)(?:{_QUOTED}|(?:(?!%26)[^&\s,;'\"<>()#])+)"  # token=a, in a query too
_LISTED = rf"{_NAME}['\"]\s*:\s*)(?:{_QUOTED}|[^,}}\s]+)"  # {'token': 'a'}
_USER = r"(?i)(:/{1,2}|%3A%2F%2F)(?:(?!%2F)[^/?#\s'\"&<>])*(?:@|%40)"  # https://user:a@host
_ADDRESS = r"(?i)https?(?:://|%3A%2F%2F)[^\s'\"<>,&]+"
_PART = r"(?i)(/|%2F)(?=[^/]*\d)[\w.:~-]{20,}(?=[/?#%)]|$)"  # a part of its path that nobody would type: a key


def clean(text: str) -> str:
    """Make a text safe for one row: no escape sequences, no control or direction characters, 1000 characters at most.

    Line breaks and tabs become a space.
    """
    if type(text) is str and len(text) <= _LONGEST and text.isascii() and text.isprintable():
        return text
    return printable(str.__str__(text)[: 10 * _LONGEST])[:_LONGEST]  # a class of its own may have other methods


def coloured(text: str) -> str:
    """Do as `clean` does, but keep colours, of a text that the program itself has written."""
    safe = written(text, colours=True).replace("\n", " ")
    return safe if len(safe) <= _LONGEST else clean(text)


def printable(text: str) -> str:
    """Do as `clean` does, for a text of any length."""
    if text.isprintable():
        return text
    try:
        import re  # it takes longer than all of this room, and most texts need nothing of it
    except Exception:  # no descriptor or memory is left to load it with
        return "".join(char if char.isprintable() else " " for char in text)
    return re.sub(_UNSAFE, " ", re.sub(_ESCAPE, "", text))


def written(text: str, *, colours: bool) -> str:
    """Make a text of any number of lines safe to stand above bars: only line breaks and colours get through.

    What moves the cursor, clears, or changes the terminal's title or clipboard is taken out, and a colour ends with
    the text. A tab becomes blanks, and a carriage return a line break, so that nothing is written over.

    Args:
        text: The text.
        colours: Whether colours and other attributes (the sequences that end in `m`) are kept.
    """
    if text.replace("\n", "").isprintable():
        return text
    try:
        import re  # see `printable`
    except Exception:
        return "\n".join(map(printable, text.split("\n")))
    whole = re.sub(_BREAK, "\n", text).expandtabs()
    parts = re.split(_COLOUR, whole) if colours else [whole]
    safe = "".join(part if i % 2 else "\n".join(map(printable, part.split("\n"))) for i, part in enumerate(parts))
    return safe + (_RESET if len(parts) > 1 and parts[-2] not in (_RESET, "\x1b[m") else "")


def excessive(spec: str) -> bool:
    """Tell whether a format spec asks for a thousand columns or digits and more."""
    return any(len(number) > 3 for number in _numbers(spec))


def disproportionate(template: str) -> bool:
    """Tell whether the fields of a template ask for a thousand columns or digits together, or have values say them."""
    specs = " ".join(spec for _, spec in _fields(template))
    return "{" in specs or excessive(specs) or sum(map(int, _numbers(specs))) > 999


def _numbers(spec: str) -> list[str]:
    return "".join(char if char.isdecimal() else " " for char in spec).split()


def prying(template: str) -> bool:
    """Tell whether a field of a template asks for a private attribute, by which all of the program can be reached."""
    return any("._" in name for name, _ in _fields(template))


def _fields(template: str) -> list[tuple[str, str]]:
    """Return the name and the spec of each field; none where the text is no template."""
    try:
        return [(name, spec or "") for _, name, spec, _ in formatter_parser(template) if name is not None]
    except ValueError:
        return []


def width(text: str) -> int:
    """Count the terminal columns a text takes: wide characters two, combining ones none.

    Counted on the safe side where terminals differ: an emoji sequence is the sum of its parts.
    """
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if char == "\ufe0f":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "FW" else 1


def crop(text: str, columns: int) -> str:
    """Cut a text to at most so many columns; what was cut shows as `…` (`~` in a text that is all ASCII)."""
    if width(text) <= columns:
        return text
    if columns <= 0:
        return ""
    room, end = columns - 1, 0
    for char in text:
        room -= _columns(char)
        if room < 0:
            break
        end += 1
    return text[:end] + ("~" if text.isascii() else "…")


def duration(seconds: float) -> str:
    """Write seconds as `MM:SS`, `H:MM:SS` or, from a day on, `1d 02:03:04`; `?` for what is no time."""
    if not seconds < math.inf:
        return "?"
    whole = int(max(0.0, seconds))
    minutes, s = divmod(whole, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    if days:
        return f"{days}d {h:02}:{m:02}:{s:02}"
    return f"{h}:{m:02}:{s:02}" if h else f"{m:02}:{s:02}"


def count(n: float, scale: UnitScale = "") -> str:
    """Write a count: whole numbers in full, others to two decimals; scaled with SI (`1.23M`) or IEC (`1.18Mi`)."""
    if not math.isfinite(n):
        return str(n)
    if not scale:
        return str(int(n)) if n == int(n) else f"{n:.2f}"
    base, prefixes = (1000.0, " kMGTPEZY") if scale == "si" else (1024.0, " KMGTPEZY")
    value, power = float(n), 0
    while abs(value) >= base * 0.9995 and power < len(prefixes) - 1:
        value /= base
        power += 1
    if not power:
        return count(n)
    return f"{_three_digits(value)}{prefixes[power]}{'i' if scale == 'iec' else ''}"


def _three_digits(value: float) -> str:
    size = abs(value)
    return f"{value:.2f}" if size < 9.995 else f"{value:.1f}" if size < 99.95 else f"{value:.0f}"


def rate(per_second: float, unit: str, scale: UnitScale = "") -> str:
    """Write a rate as units a second (`13.2it/s`), or seconds a unit (`4.20s/it`) when it is below one."""
    if 0 < per_second < 1:
        return f"{_three_digits(1 / per_second)}s/{unit}"
    text = count(per_second, scale) if scale and per_second >= 1000 else _three_digits(per_second)
    return f"{text}{unit}/s"


def processes(count: int, ranks: int | None = None) -> str:
    """Write how many processes make up a bar: `8 workers`, `4 ranks`, or `2 of 4 ranks` if the others are elsewhere.

    Args:
        count: Processes.
        ranks: The ranks of the job; `None` if the processes are no ranks.
    """
    if ranks is None:
        return f"{count} worker{'s' * (count != 1)}"
    return f"{count} ranks" if count == ranks else f"{count} of {ranks} ranks"


def number(value: float) -> str:
    """Write a metric with four significant digits, in scientific notation when it is very small or large.

    Whole `int`s stay whole; NaN and infinity stand out in capitals.
    """
    if isinstance(value, int):
        return str(value) if abs(value) < 10**9 else f"{value:.3e}" if abs(value) < 10**300 else "INF"
    if not math.isfinite(value):
        return str(value).upper()
    text = f"{value:#.4g}"
    if (value and abs(value) < 1e-3) or "e" in text:
        return f"{value:.1e}" if float(f"{value:.1e}") == value else f"{value:.3e}"
    return text.removesuffix(".")


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def secret(name: str) -> bool:
    """Tell by its name whether others may not read what an option is given."""
    try:
        import re  # see `printable`
    except Exception:
        return True
    return re.search(_CLOSED, name, re.IGNORECASE) is not None


def discreet(text: str) -> str:
    """Put `***` for the secrets in a text that others may come to read: a setting, a message, a traceback.

    That is the user and password of an address, what is given for a name such as `key` or `token`, and a part of an
    address's path that is as long as a key and has a digit, as chat services have it.
    """
    signs = [sign for sign in ("=", "%3", ":") if sign in text]
    if not signs:
        return text
    try:
        import re  # see `printable`
    except Exception:
        return f"{text[: min(map(text.index, signs))]} {_HIDDEN}"
    text = re.sub(_USER, rf"\1{_HIDDEN}@", text)
    text = re.sub(_ADDRESS, lambda found: re.sub(_PART, rf"\1{_HIDDEN}", found[0]), text)
    return re.sub(_LISTED, rf"\1{_HIDDEN}", re.sub(_GIVEN, rf"\1{_HIDDEN}", text))


# ── values and exceptions ────────────────────────────────────────────────────────────────────────────────────────────


def in_words(error: BaseException) -> str:
    """Return the type and the words of an exception, which may have none, on one row."""
    try:
        words = str(error)
        return clean(f"{type(error).__name__}: {words}" if words else type(error).__name__)
    except Exception:  # its __str__ raises
        return type(error).__name__


def shown(value: object) -> str:
    """Return a value and its type for a message, in a row of bounded length, whatever its `__repr__` does."""
    kind = type(value).__name__
    try:
        words = discreet(clean(repr(value)))
    except Exception:  # the user's code, or a whole number too long to be written
        return f"a value of the type {kind} that cannot be shown"
    return f"{crop(words, 100)} ({kind})"
