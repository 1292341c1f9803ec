"""Widgets in a row: how they are asked for, what they look like together, and how they give way in a narrow place."""

import io
import itertools
import random
from collections.abc import Iterator
from typing import Any

import pytest

import headway
from headway import format as fmt
from headway import layout, widgets
from headway.errors import UnknownWidgetError
from headway.sinks.plain import line
from headway.snapshot import Reading, Snapshot
from headway.text.fitting import Fitting

FULL = Snapshot(
    1, desc="train", n=40, total=100, elapsed=3.1, rate=13.2, eta=4.6, metrics={"loss": Reading(0.1234, "0.1234")},
    message="a message",
)  # fmt: skip
BARE = FULL._replace(metrics={}, message="")
DESCS = ["", "train", "訓練" * 20, "x" * 300, "a very long description with words", "e\u0301" * 30]
COUNTS = [(0, None), (40, 100), (10**15, 10**15), (150, 100), (0, 0), (2.5, 7.25)]
STATES = ["running", "finished", "stopped", "failed", "interrupted"]


def nothing(_widget: Any) -> bool:
    """Tell that no widget is a renderer's own."""
    return False


def whole(s: Snapshot) -> str:
    """Lay a picture out by default in a wide place, without the bar."""
    return str(layout.fit(s, 1000))


def row(asked: Any, s: Snapshot = FULL, columns: int = 1000) -> str:
    """Lay a picture out as was asked for, without the bar."""
    return str(layout.of(asked, nothing).fit(s, columns))


def many() -> Iterator[Snapshot]:
    """Make pictures of all sorts."""
    dice = random.Random(3)
    for desc, (n, total), state in itertools.product(DESCS, COUNTS, STATES):
        yield FULL._replace(
            desc=desc, n=n, total=total, state=state, elapsed=10 ** dice.uniform(-1, 8),
            rate=dice.choice([None, 0.001, 13.2, 1e12]), eta=dice.choice([None, 0.0, 1e7]),
            unit=dice.choice(["it", "訓練", "mini-batches"]), unit_scale=dice.choice(["", "si", "iec"]),
            phase=dice.choice(["", "validate"]), units=dice.choice([{}, {"sample": 64.0, "step": 0.25}]),
            paused=dice.random() < 0.2, reason=dice.choice(["", "no better for 5 epochs"]),
            message=dice.choice(["", "訓練" * 50, "short"]), metrics=dice.choice([{}, FULL.metrics]),
        )  # fmt: skip


# ── what a row says ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_says_all_there_is() -> None:
    """In a wide place a row has label, percentage, counts, times, rate, metrics and message."""
    assert str(layout.fit(FULL, 100)) == "train:  40% 40/100 [00:03<00:04, 13.2it/s] loss=0.1234 a message"
    assert str(layout.fit(FULL, 100)) == whole(FULL)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"total": None, "eta": None}, "train: 40it [00:03, 13.2it/s]"),
        ({"desc": "", "name": ""}, "40% 40/100 [00:03<00:04, 13.2it/s]"),
        ({"n": 120}, "train: 120% 120/100 (over) [00:03<00:04, 13.2it/s]"),
        ({"eta": None, "rate": None}, "train:  40% 40/100 [00:03<?]"),
        ({"state": "failed", "reason": "no ink"}, "train FAILED:  40% 40/100 [00:03, 13.2it/s] no ink"),
        ({"state": "stopped"}, "train stopped:  40% 40/100 [00:03, 13.2it/s]"),
        ({"state": "interrupted"}, "train interrupted:  40% 40/100 [00:03, 13.2it/s]"),
        ({"state": "finished", "n": 100}, "train: 100% 100/100 [00:03, 13.2it/s]"),
        ({"paused": True}, "train paused:  40% 40/100 [00:03<00:04, 13.2it/s]"),
        ({"paused": True, "state": "stopped"}, "train stopped:  40% 40/100 [00:03, 13.2it/s]"),
        ({"n": 2048, "total": 4096, "unit_scale": "iec"}, "train:  50% 2.00Ki/4.00Ki [00:03<00:04, 13.2it/s]"),
        ({"total": 0, "n": 0}, "train: 100% 0/0 [00:03<00:04, 13.2it/s]"),
        ({"phase": "validate"}, "train validate:  40% 40/100 [00:03<00:04, 13.2it/s]"),
        (
            {"units": {"sample": 64.0, "step": 0.25}},
            "train:  40% 40/100, step 10/25 [00:03<00:04, 13.2it/s, 845sample/s]",
        ),
        ({"reason": "why", "message": "m"}, "train:  40% 40/100 [00:03<00:04, 13.2it/s] why, m"),
    ],
)
def test_each_state_of_a_bar_has_its_words(change: dict[str, object], text: str) -> None:
    """Unknown totals, overshoot, pauses, phases, other units and every way to end are to be read in the row."""
    assert text == whole(BARE._replace(**change))  # type: ignore[arg-type]


# ── asking for widgets ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (["desc", "percentage", "count", "eta"], "train 40% 40/100 00:04"),
        (["desc", " | ", "percentage", "/", "eta"], "train | 40%/00:04"),
        (["desc", lambda s: f"<{s.n}>"], "train <40>"),
        (["metric.loss", "metric.accuracy", "elapsed"], "loss=0.1234 00:03"),
        ("{desc} {percentage:>5} {metric.loss}", "train   40% loss=0.1234"),
        ("{desc} [{elapsed}<{eta}, {rate}] {message}!", "train [00:03<00:04, 13.2it/s] a message!"),
        ("{{{desc}}} {count}", "{train} 40/100"),
        ("{desc} ({phase})", "train"),
        ("{desc} ({phase}) [{count}]", "train [40/100]"),
        ("{desc} ]{count}[", "train ]40/100["),
    ],
)
def test_widgets_can_be_composed(asked: Any, text: str) -> None:
    """A list or a template says what a row has; what has nothing to say goes with the text around it."""
    assert text == row(asked)


@pytest.mark.parametrize(
    ("change", "text"),
    [({"rate": None}, "[00:03<00:04]"), ({"state": "finished"}, "[00:03, 13.2it/s]"), ({"rate": None, "total": None,
      "eta": None}, "[00:03]")],
)  # fmt: skip
def test_brackets_hold_what_is_left(change: dict[str, object], text: str) -> None:
    """The text before a widget is shown with it, and brackets with any of what they hold."""
    assert text == row("[{elapsed}<{eta}, {rate}]", BARE._replace(**change))  # type: ignore[arg-type]


def test_how_it_ended_is_always_said() -> None:
    """A row without label and state says it all the same when the bar failed."""
    assert row(["count"], BARE._replace(state="failed")) == "40/100 FAILED"
    assert row(["count"], BARE) == "40/100"
    assert row(["count", "state"], BARE._replace(state="failed")) == "40/100 FAILED"


def test_a_metric_with_its_own_place_is_not_repeated() -> None:
    """`metrics` shows the others, `count` and `rate` the units that have no place of their own."""
    s = BARE._replace(
        metrics={"loss": Reading(1.0, "1.000"), "lr": Reading(2.0, "2.000")}, units={"sample": 64, "step": 0.5}
    )

    assert row("{metric.loss} | {metrics}", s) == "loss=1.000 | lr=2.000"
    assert row("{count.step} | {count} | {rate.sample} | {rate}", s) == "step 20/50 | 40/100 | 845sample/s | 13.2it/s"


class Fixed:
    """A widget of one's own with a width, a name and a priority."""

    name, width, priority = "mine", 6, 1

    def __init__(self, text: str = "abc") -> None:
        self.text = text

    def __call__(self, snapshot: Snapshot) -> str:
        """Say the text."""
        return self.text


def test_a_widget_with_a_width_is_padded_and_cut() -> None:
    """An object with a `width` takes that many columns, whatever it says."""
    assert row([Fixed(), "count"]) == "abc    40/100"
    assert row([Fixed("abcdefgh"), "count"]) == "abcde~ 40/100"
    assert row([Fixed("訓" * 9), "count"]) == "訓訓…  40/100"


def test_what_a_widget_says_is_made_safe() -> None:
    """Line breaks and control sequences in a widget's text do not reach the terminal."""
    assert row([lambda _s: "a\n\x1b[2Jb", "count"]) == "a b 40/100"


def test_a_widget_that_raises_shows_a_mark_and_warns_once() -> None:
    """A fault in a widget of mine leaves a mark in its place, and the others as they are."""

    def broken(_snapshot: Snapshot) -> str:
        raise RuntimeError("no ink")

    with pytest.warns(headway.HeadwayWarning, match="The widget 'broken' raised RuntimeError"):
        first = row(["desc", broken, "count"])

    assert "train ? 40/100" == first == row(["desc", broken, "count"])


@pytest.mark.parametrize("fault", [SystemExit, GeneratorExit])
def test_a_widget_cannot_end_the_drawing(fault: type[BaseException]) -> None:
    """Not even what is no `Exception` gets through."""

    def broken(_snapshot: Snapshot) -> str:
        raise fault

    with pytest.warns(headway.HeadwayWarning, match="'broken'"):
        assert row([broken, "count"]) == "? 40/100"


def test_a_widget_is_asked_once_a_frame() -> None:
    """However often the row is made shorter, each widget is asked once."""
    asked: list[int] = []

    def widget(s: Snapshot) -> str:
        asked.append(1)
        return "x" * 50

    layout.of(["title", widget, "bar", "count", "metrics", "notes"], nothing).fit(FULL, 30)

    assert len(asked) == 1


@pytest.mark.parametrize(
    ("asked", "error", "match"),
    [
        (["desc", "percentge"], UnknownWidgetError, "no widget named 'percentge'. Did you mean 'percentage'"),
        ("{descr} {count}", None, "no widget named 'descr'. Did you mean 'desc'"),
        ("no widget", ValueError, "names no widget"),
        ("{desc", ValueError, "cannot be read"),
        ("{percentage:3.0f}", ValueError, "gives a text, which cannot be formatted with '3.0f'"),
        (["metric"], ValueError, "needs the name of a metric, as in 'metric.loss'"),
        (["desc.loss"], UnknownWidgetError, "no widget named 'desc.loss'"),
        (5, TypeError, "must be a list of widgets or a template"),
        ([], TypeError, "must be a list of widgets or a template"),
        ([type("W", (Fixed,), {"width": -1})()], TypeError, "whole numbers as priority and width"),
    ],
)
def test_mistakes_are_told_at_the_call(asked: Any, error: type[Exception] | None, match: str) -> None:
    """A wrong name, template or type says what is wrong and what there is.

    A template with strange names may be another renderer's, so that it warns and is left out.
    """
    if error is None:
        with pytest.warns(headway.HeadwayWarning, match=match):
            assert layout.of(asked, nothing) is layout.DEFAULT
    else:
        with pytest.raises(error, match=match):
            headway.get_bar(10, widgets=asked, backend="plain", file=io.StringIO())


# ── the renderer's own ───────────────────────────────────────────────────────────────────────────────────────────────


def two(_bar: object, _data: object) -> str:
    """Say something as a renderer's own widget, which takes two arguments."""
    return ""


def test_a_renderers_own_widgets_stay_as_they_are() -> None:
    """For the renderer that they belong to the list is kept, with headway's widgets at their places."""
    found = layout.of([two, " ", "count", "bar"], lambda item: item is two).native

    assert [two, " "] == found[:2]
    assert [field.name for field in found[2:]] == ["count", "bar"]


def test_a_column_of_richs_is_no_function_of_the_snapshot() -> None:
    """A column of rich's takes one argument, too; it is left out where rich does not draw."""
    column = type("ColumnOfMine", (type("ProgressColumn", (), {"__module__": "rich.progress"}),), {})
    column.__call__ = lambda self, task: task

    with pytest.warns(headway.HeadwayWarning, match="they are left out under '': ColumnOfMine"):
        layout.of(["desc", column()], lambda _: False)


def test_another_renderers_widgets_are_left_out_with_one_warning() -> None:
    """Under another renderer the rest of the list is shown."""
    with pytest.warns(headway.HeadwayWarning, match="they are left out under '': two"):
        assert row(["desc", two, "count"]) == "train 40/100"


def test_a_list_of_nothing_but_foreign_widgets_is_the_default() -> None:
    """Where nothing is left of a list, the row is that of every bar."""
    with pytest.warns(headway.HeadwayWarning):
        assert layout.of([two, " ", two], nothing) is layout.DEFAULT


def test_a_renderers_own_template() -> None:
    """A template that headway cannot read goes to the renderer that can."""
    assert layout.of("{l_bar}{bar}", lambda _t: True).native == "{l_bar}{bar}"
    assert None is layout.of("{desc}{bar}", lambda _t: True).native


# ── a narrow place ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "asked", [None, ["title", "metrics", "bar", "count", "rate"], ["bar"], "{notes} {desc}: {eta}"]
)
def test_no_row_is_wider_than_its_place(asked: Any) -> None:
    """From 8 to 400 columns row and bar fit in, whatever the layout."""
    wanted = layout.DEFAULT if asked is None else layout.of(asked, nothing)
    for snapshot in many():
        for columns in (8, *range(20, 120, 3), 200, 400):
            found = wanted.fit(snapshot, columns)
            wide = fmt.width(str(found)) + found.bar
            assert wide <= columns, (columns, str(found), snapshot)


def test_what_gives_way_first() -> None:
    """A narrower place takes away the message, then widgets from the least important on, the label and the bar.

    The counts stay to the end.
    """
    long = FULL._replace(desc="a rather long label", phase="", units={"step": 0.25})
    lost: list[str] = []
    for columns in range(140, 7, -1):
        found = layout.fit(long, columns)
        text = str(found)
        has = {
            "message": "a message" in text, "label": long.desc in text, "rate": "it/s" in text,
            "metric": "loss" in text, "elapsed": "00:03" in text, "eta": "00:04" in text, "step": "step" in text,
            "bar": found.bar > 0, "percentage": "40%" in text,
        }  # fmt: skip
        lost += [part for part, there in has.items() if not there and part not in lost]
        assert columns < 12 or "40/100" in text

    assert lost == ["message", "rate", "metric", "elapsed", "eta", "step", "label", "bar", "percentage"]


def test_a_label_gets_back_what_others_leave() -> None:
    """Where something long was left out the label may be longer again: it is not cut for nothing."""
    long = BARE._replace(desc="a rather long label", metrics={"loss": Reading("x" * 60, "x" * 60)})

    assert str(layout.fit(long, 80)).startswith("a rather long label:")


@pytest.mark.parametrize("columns", [100, 80, 60])
def test_a_label_is_cut_only_if_there_is_no_room(columns: int) -> None:
    """It may be far longer than a third of the row, and the bar has ten columns beside it."""
    found = layout.fit(BARE._replace(desc="x" * (columns - 52), total=None, rate=None), columns)
    assert (found.left, found.bar) == ("x" * (columns - 52) + ":", 10)

    cut = layout.fit(BARE._replace(desc="x" * columns), columns)
    assert fmt.width(cut.text) - 1 + cut.bar + 4 + cut.kept == columns


@pytest.mark.parametrize("columns", [78, 98])
def test_a_label_that_is_cut_is_cut_further_for_a_metric(columns: int) -> None:
    """A third of the row or a fifth: it cannot be read whole anyway, and the loss can."""
    s = BARE._replace(desc="very " * 30, metrics={name: Reading(0.5, "0.5000") for name in ("loss", "accuracy", "f1")})
    found = layout.fit(s, columns)

    assert " loss=0.5000" in found.right
    assert columns // 5 <= fmt.width(found.left.partition(":")[0]) < columns // 3


def test_a_label_is_not_cut_further_if_no_metric_has_a_place_for_it() -> None:
    """The time gives way in its place, and the label is whole again."""
    readings = {name: Reading(0.5, "0.5000") for name in ("a_long_name_of_a_metric", "another_one")}
    s = BARE._replace(desc="epoch 1 train", state="finished", eta=None, n=100, metrics=readings)

    assert str(layout.fit(s, 38)) == "epoch 1 train: 100% 100/100 +2"


def test_the_bar_becomes_narrow_before_the_phase_goes() -> None:
    """Without it, the batches of a validation would pass for those of the epoch."""
    s = BARE._replace(desc="epoch 1", phase="validate", n=2, total=5)
    for columns in range(60, 33, -1):
        assert layout.fit(s, columns).left == "epoch 1 validate:  40%", columns
    assert layout.fit(s, 34).bar == 3


def test_the_name_outlasts_the_reason() -> None:
    """In the narrowest rows the reason of an end is cut to nothing before the label is cut at all."""
    s = BARE._replace(desc="fit", state="stopped", n=3, total=5, eta=None, reason="no better for 2 epochs")
    for columns in range(40, 21, -1):
        assert str(layout.fit(s, columns)).startswith("fit stopped:  60%"), columns


def test_a_remaining_time_keeps_its_sign() -> None:
    """`[00:04]` would read as the time since the beginning."""
    s = BARE._replace(rate=None)

    assert str(layout.fit(s, 60, bar=0)) == "train:  40% 40/100 [00:03<00:04]"
    assert str(layout.fit(s, 30, bar=0)) == "train:  40% 40/100 [<00:04]"
    assert row("{count} {eta}") == "40/100 00:04"


def test_a_row_says_how_many_metrics_it_has_no_place_for() -> None:
    """None is left out without a word, and before that the bar is narrow."""
    names = ["loss", "lr", "val_loss", "val_acc"]
    s = BARE._replace(desc="a label of 19 chars", metrics={name: Reading(0.5, "0.5000") for name in names})
    for columns in range(150, 50, -1):
        found = layout.fit(s, columns)
        missing = [name for name in names if f" {name}=" not in found.right]
        assert missing == names[len(names) - len(missing) :]
        assert found.right.endswith(f" +{len(missing)}" if missing else "val_acc=0.5000"), columns
        assert not missing or found.bar == 10, columns


def test_a_metric_with_a_better_side_outlasts_others() -> None:
    """The summary is made shorter first, then it goes before any metric does."""
    readings = {"loss": Reading(0.5, "0.5000"), "lr": Reading(0.5, "0.5000")}
    readings["acc"] = Reading(0.9, "0.9000", mark=" (first 0.8000, best 0.9500 at step 225)", priority=6)
    s = BARE._replace(state="finished", eta=None, metrics=readings)
    seen = dict.fromkeys(layout.fit(s, columns).right.partition("] ")[2] for columns in range(140, 60, -1))
    every = "loss=0.5000 lr=0.5000 acc=0.9000"

    assert [*seen][:4] == [
        f"{every} (first 0.8000, best 0.9500 at step 225)",
        f"{every} (best 0.9500)",
        every,
        "loss=0.5000 acc=0.9000 +1",
    ]


def test_a_row_that_is_over_says_why() -> None:
    """The reason outlasts metrics, the bar's length and the rate, cut if it is long; a message does not."""
    s = FULL._replace(state="stopped", eta=None, reason="no better for 3 epochs")
    assert str(layout.fit(s, 86)).endswith("[00:03] loss=0.1234 no better for 3 epochs")
    assert str(layout.fit(s, 80)).endswith("[00:03] +1 no better for 3 epochs")

    long = s._replace(reason="RuntimeError: CUDA out of memory, tried to allocate some gigabytes")
    assert str(layout.fit(long, 86)).endswith("[00:03] loss=0.1234 RuntimeError: CUDA out ~")
    assert str(layout.fit(long, 92)).endswith("[00:03] loss=0.1234 RuntimeError: CUDA out of mem~")


@pytest.mark.parametrize("columns", range(36, 60))
def test_a_row_that_is_over_says_which_one_it_is(columns: int) -> None:
    """In a narrow place the reason is cut before the label goes."""
    s = BARE._replace(desc="parse", n=13, total=30, state="failed", eta=None, reason="ValueError: line 3 of data.csv")
    text = str(layout.fit(s, columns))

    assert text.startswith("parse FAILED:")
    assert " ValueE" in text


def test_columns_are_kept_only_for_a_rate_that_will_have_a_place() -> None:
    """If something had to be left out for lack of room, the bar does not wait for a rate that is left out, too."""
    begins = BARE._replace(n=0, rate=None, eta=None, metrics={"loss": Reading("x" * 60, "x" * 60)})

    assert [layout.fit(begins, columns).kept > 10 for columns in (60, 150)] == [False, True]


def test_metrics_give_way_by_their_priority() -> None:
    """Of several metrics the least important one goes first, the last one of equals."""
    values = {"a": 5, "b": 2, "c": 5}
    s = BARE._replace(metrics={name: Reading(1.0, "1.000", priority=p) for name, p in values.items()})
    lost: list[str] = []
    for columns in range(120, 20, -1):
        text = str(layout.fit(s, columns))
        lost += [name for name in values if f"{name}=" not in text and name not in lost]

    assert lost == ["b", "c", "a"]


def test_a_state_outlives_its_label() -> None:
    """In the narrowest place the word for how it ended is still there."""
    failed = FULL._replace(desc="a rather long label", state="failed")

    assert "FAILED" in str(layout.fit(failed, 40))
    assert "FAILED" in str(layout.fit(failed, 8))
    assert "FAILED" in widgets.title(failed, 8)


def test_a_bar_of_a_given_width_is_made_room_for() -> None:
    """A renderer that draws a bar of 40 columns gets texts for the rest."""
    for columns in range(60, 200):
        assert fmt.width(str(layout.fit(FULL, columns, bar=40))) <= columns - 40


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_plain_lines_have_the_information_too() -> None:
    """What no line says by itself is added as name and value; the rest is not repeated."""
    asked = layout.of(["desc", "percentage", "bar", "metric.loss", "finish", Fixed("two words"), "count"], nothing)
    text = line(FULL._replace(layout=asked))

    assert " loss=0.1234 finish=" in text
    assert text.count("loss=") == 1
    assert " mine=two_w~ " in text


# ── what a stranger found ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", sorted({*widgets.KNOWN, "bar"}))
def test_a_widget_of_ones_own_may_have_any_name(name: str) -> None:
    """A function that is named like a built-in widget is shown, and the end is said all the same."""

    def mine(_snapshot: Snapshot) -> str:
        return "MINE"

    mine.__name__ = name

    assert row([mine, "count"], BARE._replace(state="failed")) == "MINE 40/100 FAILED"


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ("{bar} {count} {bar}", "one bar at most"),
        (["bar", "bar"], "one bar at most"),
        ("{bar:10}", "'bar' cannot be formatted"),
        ("{desc!r}", "has a conversion"),
        ("{desc:\x00>10}", "'desc' cannot be formatted"),
    ],
)
def test_what_a_row_cannot_have_is_told_at_the_call(asked: Any, match: str) -> None:
    """Two bars, a format for the bar, a conversion and control characters as fill raise."""
    with pytest.raises(ValueError, match=match):
        row(asked)


def test_a_fault_whose_words_cannot_be_written() -> None:
    """A widget that raises an error without words is marked like any other, and warned of once whatever they are."""
    times = iter(range(100))

    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError(next(times))

    def broken(_snapshot: Snapshot) -> str:
        raise Silent

    with pytest.warns(headway.HeadwayWarning, match="'broken' raised Silent") as seen:
        assert row([broken, "count"]) == "? 40/100"
        assert row([broken, "count"]) == "? 40/100"

    assert len(seen) == 1


def many_metrics(count: int) -> Snapshot:
    """Make a snapshot with metrics of three priorities."""
    return BARE._replace(metrics={f"m{i}": Reading(i, str(i), priority=5 + i % 3) for i in range(count)})


@pytest.mark.parametrize("columns", [10, 30, 60, 80, 120, 200])
def test_of_thousands_of_metrics_the_same_are_shown(columns: int) -> None:
    """The row of 3 000 metrics is that of the first 300, those of a higher priority first."""
    many, few = many_metrics(3000), many_metrics(300)

    assert str(layout.fit(many, columns)) == str(layout.fit(few, columns))
    if columns >= 60:
        assert "m2=2" in str(layout.fit(many, columns)), "the first of the highest priority"
        assert "m0=0" not in str(layout.fit(many, columns))


def test_a_row_of_thousands_of_metrics_is_written_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not written anew for each metric that has no place."""
    written: list[object] = []
    real = Fitting._write
    monkeypatch.setattr(Fitting, "_write", lambda self: (written.append(self), real(self))[1])

    layout.fit(many_metrics(3000), 80)

    assert 1 < len(written) < 20


def test_a_widget_of_the_user_sees_all_metrics() -> None:
    """Metrics that have no place in the row are there for a function of the user's, and under their own names."""
    asked = layout.of([lambda s: s.metrics["m2700"].text, "metric.m2997"], nothing)

    assert str(asked.fit(many_metrics(3000), 40)) == "2700 m2997=2997"
