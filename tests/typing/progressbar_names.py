"""`headway.progressbar`, as a type checker sees it in code that was written for progressbar2; never run."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from typing_extensions import assert_type

from headway import Bar, progressbar
from headway.progressbar import bar, base, fast, multi, shortcuts, utils, widgets


def looping() -> None:
    """The items keep their type."""
    for number in progressbar.progressbar([1, 2], prefix="a", redirect_stdout=True, widgets=["a", progressbar.Bar()]):
        assert_type(number, int)
    assert_type(shortcuts.progressbar({"a"}, max_value=3, fast=False), Iterator[str])
    for item in progressbar.ProgressBar(max_value=3)(range(3)):
        assert_type(item, Any)
    progressbar.progressbar(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    progressbar.ProgressBar(prefix=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def reporting(shown: progressbar.ProgressBar) -> None:
    """Verbs."""
    with shown as entered:
        assert_type(entered, progressbar.ProgressBar)
    assert_type(shown.start(10, init=False), progressbar.ProgressBar)
    assert_type(shown.update(3, loss=0.5), Any)
    assert_type(shown.increment(2), progressbar.ProgressBar)
    shown += 3
    assert_type(shown.finish(dirty=True), None)
    assert_type(shown.init(), None)
    assert_type(shown.next(), Any)
    assert_type(shown.print("a", 3), None)
    shown.value = 3


def reading(shown: progressbar.ProgressBar) -> None:
    """Facts."""
    assert_type(shown.started(), bool)
    assert_type(shown.finished(), bool)
    assert_type(shown.percentage, float | None)
    assert_type(shown.data(), dict[str, Any])
    assert_type(shown.start_time, datetime | None)
    assert_type(shown.initial_start_time, datetime | None)
    assert_type(shown.end_time, datetime | None)
    assert_type(shown.last_update_time, datetime | None)
    assert_type(shown.label, str)
    assert_type(shown.index, int)
    assert_type(shown.updates, int)
    assert_type(shown.unit, str)
    assert_type(shown.bar, Bar | None)
    assert_type(shown.default_widgets(), list[Any])
    print(shown.min_value, shown.max_value, shown.max_error, shown.value, shown.previous_value, shown.currval)
    print(shown.variables, shown.dynamic_messages, shown.extra, shown.widgets, shown.widget_kwargs)
    print(shown.prefix, shown.suffix, shown.unit_scale, shown.fd, shown.term_width, shown.custom_len)
    print(shown.is_terminal, shown.is_ansi_terminal, shown.line_breaks, shown.enable_colors, shown.left_justify)
    print(shown.poll_interval, shown.min_poll_interval, shown.num_intervals, shown.next_update, shown.paused)
    print(shown.redirect_stdout, shown.redirect_stderr, shown.redirect_blank_line)


def kinds() -> None:
    """Classes of bars, by all their names."""
    print(progressbar.DataTransferBar(), progressbar.FastProgressBar(), progressbar.NullBar())
    print(bar.ProgressBar, bar.DataTransferBar, bar.NullBar, fast.FastProgressBar)
    print(bar.ProgressBarBase, bar.ProgressBarMixinBase)
    unknown: list[type] = [progressbar.UnknownLength, base.UnknownLength]
    print(unknown, base.FalseMeta, base.Undefined, progressbar.__version__)


def many(bars: progressbar.MultiBar) -> None:
    """A dictionary of bars."""
    with bars as entered:
        assert_type(entered, progressbar.MultiBar)
    assert_type(bars["a"], progressbar.ProgressBar)
    assert_type(bars.get_sorted_bars(), list[progressbar.ProgressBar])
    assert_type(bars.join(timeout=3), None)
    for nothing in (bars.start(), bars.stop(), bars.run(), bars.flush(), bars.render(), bars.print("a")):  # type: ignore[func-returns-value]
        print(nothing)
    print(bars.fd, bars.sort_keyfunc, bars.sort_reverse, bars.join_timeout, bars.progressbar_kwargs)
    print(multi.MultiBar, multi.SortKey, progressbar.SortKey.CREATED)


def keys(key: progressbar.SortKey) -> None:
    """The keys to sort by."""
    print(key.CREATED, key.LABEL, key.VALUE, key.PERCENTAGE)


def text(streams: utils.StreamWrapper, values: utils.AttributeDict) -> None:
    """Streams, which need nothing."""
    assert_type(progressbar.streams, utils.StreamWrapper)
    assert_type(utils.streams, utils.StreamWrapper)
    assert_type(streams.flush(), None)
    print(streams.wrap_stdout(), streams.wrap_stderr(), streams.stdout, streams.stderr)
    for act in (streams.wrap, streams.unwrap):
        act(stdout=True)
    for call in (streams.unwrap_stdout, streams.unwrap_stderr, streams.wrap_logging, streams.unwrap_logging):
        call()
    print(streams.original_stdout is sys.stdout, streams.original_stderr, streams.wrapped_stdout)
    print(streams.wrapped_stderr, streams.wrapped_logging, streams.wrapped_excepthook)
    assert_type(progressbar.len_color("a") + utils.len_color(b"a"), int)
    print(values["a"], values.a)


def rows() -> None:
    """Widgets."""
    print(widgets.NAMES, widgets.Bar)
    print(progressbar.ETA(), progressbar.AbsoluteETA(), progressbar.AdaptiveETA(), progressbar.SmoothingETA())
    print(progressbar.AdaptiveTransferSpeed(), progressbar.FileTransferSpeed(), progressbar.DataSize())
    print(progressbar.AnimatedMarker(), progressbar.RotatingMarker(), progressbar.Bar(), progressbar.BouncingBar())
    print(progressbar.ReverseBar(), progressbar.GranularBar(), progressbar.MultiProgressBar("a"))
    print(progressbar.MultiRangeBar("a", "b"), progressbar.JobStatusBar("a"), progressbar.PercentageLabelBar())
    print(progressbar.FormatLabelBar("a"), progressbar.FormatLabel("a"), progressbar.FormatCustomText("a"))
    print(progressbar.Counter(), progressbar.SimpleProgress(), progressbar.UnitProgress(), progressbar.Percentage())
    print(progressbar.Timer(), progressbar.CurrentTime(), progressbar.Variable("a"), progressbar.DynamicMessage("a"))
    print(progressbar.Postfix(), progressbar.VariableMixin("a"))
