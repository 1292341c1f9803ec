"""Units, amounts, durations and values in words."""

import math

import pytest

from headway.text import english


@pytest.mark.parametrize(
    ("unit", "several"),
    [
        ("it", "items"), ("B", "bytes"), ("batch", "batches"), ("epoch", "epochs"), ("query", "queries"),
        ("day", "days"), ("pass", "passes"), ("box", "boxes"), ("steps", "steps"), ("training step", "training steps"),
        ("%", "%"), ("MB", "MB"), ("訓", "訓"), ("", ""), ("y", "ys"),
    ],
)  # fmt: skip
def test_plurals(unit: str, several: str) -> None:
    """A simple rule for English words; whatever is none stays as it is."""
    assert english.plural(unit) == several


@pytest.mark.parametrize(
    ("n", "unit", "scale", "words"),
    [
        (1, "batch", "", "1 batch"),
        (0, "batch", "", "0 batches"),
        (1000, "batch", "", "1000 batches"),
        (12_345_678, "it", "", "12345678 items"),
        (2.5, "epoch", "", "2.5 epochs"),
        (1.0, "epoch", "", "1 epoch"),
        (1500, "token", "si", "1.5 thousand tokens"),
        (1_000_000, "token", "si", "1 million tokens"),
        (1, "token", "si", "1 token"),
        (2e15, "token", "si", "2000000000000000 tokens"),
        (1536, "token", "iec", "1536 tokens"),
        (1, "B", "si", "1 byte"),
        (1000, "B", "si", "1 kilobyte"),
        (1_288_490_188, "B", "iec", "1.2 gibibytes"),
        (100, "B", "iec", "100 bytes"),
    ],
)
def test_amounts(n: float, unit: str, scale: english.UnitScale, words: str) -> None:
    """Counts are digits without groups; those of a scaled unit are rounded, with a word for the prefix."""
    assert english.amount(n, unit, scale) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "less than a second"), (0.4, "less than a second"), (1, "1 second"), (59.9, "59 seconds"),
        (60, "1 minute"), (125, "2 minutes 5 seconds"), (3600, "1 hour"), (3605, "1 hour"),
        (7325, "2 hours 2 minutes"), (90_000, "1 day 1 hour"), (math.inf, "an unknown time"),
        (math.nan, "an unknown time"),
    ],
)  # fmt: skip
def test_durations(seconds: float, words: str) -> None:
    """A duration has its two largest units."""
    assert english.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "a few seconds"), (37, "about 40 seconds"), (58, "about 1 minute"), (170, "about 3 minutes"),
        (3590, "about 1 hour"), (5500, "about 1 hour 30 minutes"), (90_100, "about 1 day 1 hour"),
        (math.inf, ""), (math.nan, ""),
    ],
)  # fmt: skip
def test_times_to_come(seconds: float, words: str) -> None:
    """A remaining time is rounded to the precision that it has."""
    assert english.about(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0.12, "0.12"), (0.12345, "0.123"), (123.4, "123"), (1234.5, "1234"), (7, "7"), (-0.5, "-0.5"), (0.0, "0"),
        (3e-5, "3 times 10 to the minus 5"), (1.5e9, "1.5 times 10 to the 9"), (10**12, "1 times 10 to the 12"),
        (math.nan, "not a number"), (math.inf, "infinity"), (-math.inf, "minus infinity"),
    ],
)  # fmt: skip
def test_values(number: float, words: str) -> None:
    """A metric has three digits, and no exponent that is read out as a letter."""
    assert english.value(number) == words
