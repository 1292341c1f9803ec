"""Numbers, durations and free text as short, safe text."""

import math
import random
import re
from typing import Any

import pytest

from headway import format as fmt

ESCAPES = {
    "\x1b[31mred\x1b[0m": "red",
    "\x1b[2J\x1b[999;999Hx": "x",
    "\x1b]0;title\x07x": "x",
    "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x1bPq#0;2\x1b\\x": "x",
    "\x1b7x\x1b8": "x",
    "\x1b(Bx": "x",
    "unfinished \x1b": "unfinished ",
    "unfinished \x1b[3": "unfinished 3",
    "unfinished \x1b]0;title": "unfinished ",
    "\x9b31mx": " 31mx",
}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"), (0.999, "00:00"), (59.9, "00:59"), (60, "01:00"), (3599, "59:59"), (3600, "1:00:00"),
        (86399, "23:59:59"), (86400, "1d 00:00:00"), (1e7, "115d 17:46:40"), (-5, "00:00"), (math.nan, "?"),
    ],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    """Durations read as clocks do, whatever their size."""
    assert text == fmt.duration(seconds)


def test_an_infinite_duration_is_written_too() -> None:
    """A duration beyond all bounds raises nothing."""
    assert fmt.duration(math.inf)


@pytest.mark.parametrize(
    ("n", "plain", "si", "iec"),
    [
        (0, "0", "0", "0"),
        (999, "999", "999", "999"),
        (1000, "1000", "1.00k", "1000"),
        (1024, "1024", "1.02k", "1.00Ki"),
        (1536, "1536", "1.54k", "1.50Ki"),
        (999_499, "999499", "999k", "976Ki"),
        (999_500, "999500", "1.00M", "976Ki"),
        (1_234_567, "1234567", "1.23M", "1.18Mi"),
        (10**12, "1000000000000", "1.00T", "931Gi"),
        (-2048, "-2048", "-2.05k", "-2.00Ki"),
        (2.5, "2.50", "2.50", "2.50"),
        (3.0, "3", "3", "3"),
        (math.nan, "nan", "nan", "nan"),
        (math.inf, "inf", "inf", "inf"),
    ],
)
def test_counts(n: float, plain: str, si: str, iec: str) -> None:
    """Counts stand in full, or in thousands or in 1024s."""
    assert [plain, si, iec] == [fmt.count(n), fmt.count(n, "si"), fmt.count(n, "iec")]


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0, "0.00it/s"), (1, "1.00it/s"), (13.16, "13.2it/s"), (999.4, "999it/s"), (1234567, "1234567it/s"),
     (0.999, "1.00s/it"), (0.238, "4.20s/it"), (0.01, "100s/it")],
)  # fmt: skip
def test_rates(rate: float, text: str) -> None:
    """Slow rates are turned over: seconds a unit are easier to read than small fractions."""
    assert text == fmt.rate(rate, "it")


def test_rates_are_scaled_as_counts_are() -> None:
    """Where counts are scaled, large rates are too."""
    assert fmt.rate(1_234_567, "B", "si") == "1.23MB/s"
    assert fmt.rate(999, "B", "si") == "999B/s"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"), (1.23456, "1.235"), (12.3456, "12.35"), (123.456, "123.5"), (1234.56, "1235"),
        (0.5, "0.5000"), (-0.5, "-0.5000"), (0.0, "0.000"), (3e-5, "3.0e-05"), (1.2345e-5, "1.234e-05"),
        (1e-3, "0.001000"), (1e5, "1.0e+05"), (1.5e9, "1.5e+09"), (-3e-5, "-3.0e-05"), (math.nan, "NAN"),
        (math.inf, "INF"), (-math.inf, "-INF"), (7, "7"), (123456, "123456"), (10**9, "1.000e+09"), (True, "True"),
    ],
)  # fmt: skip
def test_metrics(value: float, text: str) -> None:
    """A metric has four significant digits, learning rates read as they are written, NaN stands out."""
    assert text == fmt.number(value)


@pytest.mark.parametrize("value", [0.99999, 9.9999, 99.999, 999.99, 9999.9, 0.00999996, 12345.6, 99999.9])
def test_a_metric_has_four_digits_at_the_borders_too(value: float) -> None:
    """Rounding up to the next power of ten adds no fifth digit."""
    digits = re.sub(r"e.*|\D", "", fmt.number(value)).lstrip("0")

    assert len(digits) == 4, fmt.number(value)


def test_metrics_read_back_as_what_they_were() -> None:
    """Whatever the value, its text is within half a unit of the fourth digit."""
    dice = random.Random(1)
    for _ in range(2000):
        value = dice.choice([-1, 1]) * 10 ** dice.uniform(-12, 12)
        assert value == pytest.approx(float(fmt.number(value)), rel=5.1e-4)


@pytest.mark.parametrize(("text", "clean"), list(ESCAPES.items()))
def test_escape_sequences_are_taken_out(text: str, clean: str) -> None:
    """Colours, cursor movements, titles and links leave their text and nothing else."""
    assert clean == fmt.clean(text)


@pytest.mark.parametrize("char", [*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"])
def test_control_characters_become_a_space(char: str) -> None:
    """No control character and no kind of line break is left."""
    cleaned = fmt.clean(f"a{char}b")

    assert cleaned in ("a b", "a") or char == "\x1b"
    assert cleaned.isprintable()


@pytest.mark.parametrize("char", "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_direction_characters_are_taken_out(char: str) -> None:
    """No text turns round the row that it stands in."""
    assert fmt.clean(f"a{char}b") == "a b"


def test_ordinary_text_stays_as_it_is() -> None:
    """Letters of all scripts, emoji and braces are left alone."""
    for text in ("train", "Größe 訓練 🎉", "{0} %s [/b] \\n", ""):
        assert text == fmt.clean(text)


def test_a_text_is_of_bounded_length() -> None:
    """A megabyte of text costs a row no more than a thousand characters."""
    assert 1000 == len(fmt.clean("x" * 10**6)) == len(fmt.clean("é\n" * 10**6))
    assert fmt.clean("\x1b[31m" * 2000)[:1000].strip("31m[ ") == ""


def test_hostile_text_of_all_kinds_is_safe() -> None:
    """Random mixtures of the worst characters leave something printable that can be encoded."""
    dice = random.Random(2)
    alphabet = [
        "\x1b",
        "[",
        "]",
        "P",
        "\\",
        "\x07",
        "m",
        ";",
        "3",
        "\n",
        "\r",
        "\t",
        "\u202e",
        "\ud800",
        "é",
        "訓",
        " ",
    ]
    for _ in range(3000):
        cleaned = fmt.clean("".join(dice.choices(alphabet, k=dice.randrange(30))))
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", cleaned)
        cleaned.encode()


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("訓練", 4), ("é", 1), ("e\u0301", 1), ("🎉", 2), ("ａ", 2), ("\u200b", 0), ("❤\ufe0f", 2)],
)
def test_widths(text: str, columns: int) -> None:
    """Wide characters take two columns, combining ones none."""
    assert columns == fmt.width(text)


@pytest.mark.parametrize("text", ["", "abcdef", "訓練訓練訓練", "e\u0301" * 6, "a訓b練", "👩\u200d💻" * 3, "é" * 50])
def test_cropping_keeps_to_the_columns(text: str) -> None:
    """A cropped text is never wider than asked, begins as the text, and shows that something is missing."""
    for columns in range(20):
        cropped = fmt.crop(text, columns)
        assert fmt.width(cropped) <= columns
        if cropped != text:
            assert columns == 0 or cropped[-1] in "…~"
            assert text.startswith(cropped[:-1])
        else:
            assert fmt.width(text) <= columns


def test_cropped_ascii_stays_ascii() -> None:
    """A stream without an ellipsis needs none for plain text."""
    assert (fmt.crop("abcdef", 4), fmt.crop("ébcdef", 4)) == ("abc~", "ébc…")


def test_unsafe_text_is_made_safe_without_a_descriptor_left(run: Any) -> None:
    """A program that has used up its files gets its text safe all the same, if not as tidy."""
    done = run(
        r"""
        import resource
        from headway import format as fmt
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        print(fmt.clean("a\x1b[31mred\nb"))
        print(fmt.written("a\x1b[31mred\nb\r", colours=True))
        """
    )

    assert done.stdout == "a [31mred b\na [31mred\nb \n", done.stderr


@pytest.mark.parametrize(
    ("text", "discreet"),
    [
        ("webhook?url=https://user:a1@host/path?key=a1", "webhook?url=https://***@host/path?key=***"),
        (
            "url=https%3A%2F%2Fu%3Aa1%40h%2F%3Fapi_key%3Da1%26n%3D1",
            "url=https%3A%2F%2F***@h%2F%3Fapi_key%3D***%26n%3D1",
        ),
        ("redis://:a1@host:1, http://a1@host", "redis://***@host:1, http://***@host"),
        ("mail?password=a1&to=me@example.org", "mail?password=***&to=me@example.org"),
        ("x?AUTH=a1&Client-Secret=a1&n=1", "x?AUTH=***&Client-Secret=***&n=1"),
        ("post(url, token='a 1', n=1)", "post(url, token=***, n=1)"),
        ("{'token': 'a 1', 'n': 1}", "{'token': ***, 'n': 1}"),
        ("https://example.org/services/T0/B0/a1a1a1a1a1a1a1a1a1a1a1", "https://example.org/services/T0/B0/***"),
        ("https://example.org/bot12:a1a1a1a1a1a1a1a1a1a1/send", "https://example.org/***/send"),
    ],
)
def test_secrets_are_left_out(text: str, discreet: str) -> None:
    """Users, passwords, keys and tokens are not told; the rest of the text is."""
    assert fmt.discreet(text) == discreet
    assert fmt.discreet(discreet) == discreet


@pytest.mark.parametrize(
    "text",
    [
        "tqdm?colour=green,events?path=/tmp/a-long-name-of-a-folder-1/run.jsonl&keep=3",
        "see https://example.org/docs/writing-a-renderer-for-everybody.html",
        "units: {'tokens': 512}, author='A'",
        "at 12:00:01 the key is lost, write to me@example.org",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Other options, addresses, paths and sentences are told as they are."""
    assert fmt.discreet(text) == text


def test_long_texts_are_made_discreet_at_once() -> None:
    """A word of a hundred thousand letters takes no time that grows with its square."""
    long = "key" * 50_000
    assert fmt.discreet(f"n=1 {long} {long}=1") == f"n=1 {long} {long}=***"
