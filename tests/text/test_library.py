"""A library's own row: a template, some of whose widgets are written in the library's way."""

import pytest

from headway import format as fmt
from headway import layout
from headway.errors import UnknownWidgetError
from headway.layout import Words
from headway.snapshot import Reading, Snapshot

LOSS, RATE = Reading(0.5, "0.5000", columns=8), Reading(0.01, "0.0100")
TRAIN = Snapshot(
    1,
    desc="train",
    n=40,
    total=100,
    elapsed=3.1,
    rate=13.2,
    eta=4.6,
    metrics={"loss": LOSS, "lr": RATE},
    message="hello",
)


def test_words_take_the_place_of_headways() -> None:
    """A text, the text behind it, and the mark between pieces are the library's; what it does not say stays."""
    words = {
        "title": Words(after=""),
        "count": Words(lambda s: f"{s.n} of {s.total}"),
        "rate": Words(lambda _s: ""),
        "metrics": Words(between=","),
    }
    row = layout.of_library("{title} ({count}) {bar} {eta} {rate} {metrics} {notes}", words)

    assert str(row.fit(TRAIN, 200)) == "train (40 of 100) 00:04 loss=0.5000,   lr=0.0100 hello"


def test_other_units_follow_a_librarys_words() -> None:
    """Counts and rates in the units that the program has given are shown behind the library's own."""
    units = TRAIN._replace(units={"sample": 64.0, "step": 0.25}, metrics={}, message="")
    row = layout.of_library("{count} {rate}", {"count": Words(lambda s: f"<{s.n}>"), "rate": Words(lambda _s: "")})

    assert str(row.fit(units, 200)) == "<40>, step 10/25 845sample/s"


def test_the_summary_of_a_metric_stays_with_it() -> None:
    """The mark stands between metrics, and not between a metric and its summary."""
    metrics = {"loss": Reading(0.5, "0.5", mark=" (first 0.9, best 0.4 at 3)"), "lr": RATE}
    row = layout.of_library("{title} {metrics}", {"metrics": Words(between=",")})

    text = str(row.fit(TRAIN._replace(metrics=metrics), 200))
    assert text == "train: loss=0.5 (first 0.9, best 0.4 at 3), lr=0.0100"


def test_a_shorter_text_comes_before_none() -> None:
    """Too narrow a row has the library's words in short, then none of them, by the library's priority."""
    words = {"elapsed": Words(lambda _s: "Elapsed Time: 0:03", lambda _s: "0:03", priority=3)}
    row = layout.of_library("{title} {elapsed} {metrics}", words)
    seen = list(dict.fromkeys(str(row.fit(TRAIN._replace(message=""), columns)) for columns in range(60, 20, -1)))

    assert seen[:3] == [
        "train: Elapsed Time: 0:03 loss=0.5000   lr=0.0100",
        "train: 0:03 loss=0.5000   lr=0.0100",
        "train: loss=0.5000   lr=0.0100",
    ]


def test_the_edges_of_the_bar_are_counted_as_they_are() -> None:
    """A row takes all columns that a bar of ten with its edges, and the blanks of the layout, leave."""
    row = layout.of_library("{title} {bar} {count} {metrics}", {"count": Words(lambda _s: "many of a few more")})
    usual = TRAIN._replace(metrics={name: reading._replace(columns=6) for name, reading in TRAIN.metrics.items()})
    beside = fmt.width("train: ") + fmt.width(" many of a few more loss=0.5000 lr=0.0100") + 10

    for edges in (2, 4):
        assert "+" not in row.fit(usual, beside + edges, edges=edges).text
        assert "+1" in row.fit(usual, beside + edges - 1, edges=edges).text


def test_a_part_of_a_row_leaves_the_end_to_another() -> None:
    """A row always says how the bar ended, but for one that is a part of another."""
    failed = TRAIN._replace(state="failed")

    assert "FAILED" in str(layout.of_library("{metrics}", {}).fit(failed, 80))
    assert str(layout.of_library("{metrics}", {}, part=True).fit(failed, 80)) == "loss=0.5000   lr=0.0100"


def test_a_name_of_the_librarys_own_has_a_text() -> None:
    """A name that headway does not know needs words."""
    row = layout.of_library("{monitor} {bar}", {"monitor": Words(lambda s: f"{s.n}!", priority=9)})

    assert str(row.fit(TRAIN, 80)) == "40!"
    with pytest.raises(UnknownWidgetError, match="'monitor'"):
        layout.of_library("{monitor} {bar}", {})


def test_nothing_comes_and_goes_with_the_digits_of_a_frame() -> None:
    """What has once given way stays away while the bar runs, and what a bar can be told beforehand is kept free."""
    row = layout.of_library("{title} {count} {rate} {metrics}", {})
    frames = [TRAIN._replace(n=n, rate=rate, message="") for n, rate in ((9, 9.0), (99, 99.5), (9, 9.0), (100, 2.5))]

    def shown(columns: int, widest: dict[str, int] | None) -> list[bool]:
        return ["lr=" in row.fit(s, columns, widest=widest).text for s in frames]

    widths = range(20, 70)
    assert any(shown(columns, None)[1:3] == [False, True] for columns in widths), "without memory they do"
    for columns in widths:
        seen = shown(columns, {})
        assert seen == sorted(seen, reverse=True), (columns, seen)
        seen = shown(columns, {"count": len("100/100"), "rate": len("99.5it/s")})
        assert len(set(seen)) == 1, (columns, seen)
