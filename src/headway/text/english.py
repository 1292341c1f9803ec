"""Units, amounts, durations and values as English words, without abbreviations. Knows nothing of bars."""

from __future__ import annotations

import math

from headway import format as fmt
from headway.notation import Literal

__all__ = ["about", "amount", "duration", "numeral", "plural", "singular", "value"]

WORDS = {"it": "item", "B": "byte"}
"""Units that are abbreviations."""
BYTES = {"k": "kilo", "M": "mega", "G": "giga", "T": "tera", "P": "peta", "E": "exa", "Z": "zetta", "Y": "yotta"}
BYTES |= {
    "Ki": "kibi",
    "Mi": "mebi",
    "Gi": "gibi",
    "Ti": "tebi",
    "Pi": "pebi",
    "Ei": "exbi",
    "Zi": "zebi",
    "Yi": "yobi",
}
"""The words for prefixes of bytes."""
THOUSANDS = {"k": "thousand", "M": "million", "G": "billion", "T": "trillion"}
"""The words for prefixes of all other units."""
SPANS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
GRAINS = ((60, 10), (3600, 60), (36000, 600), (math.inf, 3600))
"""Below so many seconds a remaining time is rounded to so many."""

UnitScale = Literal["", "si", "iec"]


def singular(unit: str) -> str:
    """Return the word for one unit: `item` for `it`."""
    return WORDS.get(unit, unit)


def plural(unit: str) -> str:
    """Return the word for several units: `batches`, `queries`, `epochs`.

    A unit that is in the plural already (`steps`), or ends in no small letter of English (`%`, `MB`), stays as it is.
    """
    word = singular(unit)
    if not "a" <= word[-1:] <= "z" or (word.endswith("s") and not word.endswith("ss")):
        return word
    if word.endswith("y") and word[-2:-1] not in ("", *"aeiou"):
        return f"{word[:-1]}ies"
    hisses = word.endswith(("ss", "x", "z", "sh")) or (word.endswith("ch") and not word.endswith("och"))
    return f"{word}es" if hisses else f"{word}s"


def numeral(n: float) -> str:
    """Write a count in digits: `1000`, `2.5`."""
    text = fmt.count(n)
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(n: float, unit: str, scale: UnitScale = "") -> str:
    """Write a count with its unit: `1 batch`, `1000 batches`, `1.5 million tokens`, `1.5 mebibytes`."""
    text = fmt.count(n, scale)
    digits = text.rstrip("".join(BYTES))
    prefix, is_bytes = text[len(digits) :], singular(unit) == "byte"
    if prefix not in (BYTES if is_bytes else {"": "", **THOUSANDS}):
        digits, prefix = numeral(n), ""
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    if is_bytes:
        return f"{digits} {BYTES.get(prefix, '')}{'byte' if digits == '1' else 'bytes'}"
    noun = singular(unit) if digits == "1" and not prefix else plural(unit)
    return " ".join(filter(None, (digits, THOUSANDS.get(prefix, ""), noun)))


def duration(seconds: float) -> str:
    """Write a time that has passed in its two largest units: `2 minutes 5 seconds`."""
    if not seconds < math.inf:
        return "an unknown time"
    left, parts = int(max(0.0, seconds)), []
    for name, length in SPANS:
        n, left = divmod(left, length)
        if n:
            parts.append(amount(n, name))
        elif parts:
            break
    return " ".join(parts[:2]) or "less than a second"


def about(seconds: float) -> str:
    """Write a time that is still to come, rounded: `about 3 minutes`, `a few seconds`; empty if it is no time."""
    if not seconds < math.inf:
        return ""
    if seconds < 10:
        return "a few seconds"
    grain = next(grain for below, grain in GRAINS if seconds < below)
    return f"about {duration(round(seconds / grain) * grain)}"


def value(number: float) -> str:
    """Write a metric with three significant digits: `0.12`, `3 times 10 to the minus 5`, `not a number`."""
    if math.isnan(number):
        return "not a number"
    if math.isinf(number):
        return "infinity" if number > 0 else "minus infinity"
    if isinstance(number, int) and abs(number) < 10**9:
        return str(number)
    digits, _, exponent = f"{number:.3g}".partition("e")
    if exponent and 1 <= abs(number) < 10**6:
        return f"{number:.0f}"
    power = int(exponent or "0")
    return f"{digits} times 10 to the {'minus ' if power < 0 else ''}{abs(power)}" if exponent else digits
