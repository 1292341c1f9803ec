"""The displays of a notebook: how many messages they take, what is saved, and what an untidy end leaves."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from notebooks import Executed, Message

NESTED = """
import time, headway
for epoch in headway.track(range(3), desc="epochs"):
    for batch in headway.track(range(200), desc="batches"): time.sleep(0.01)
"""


def pictures(done: Executed) -> list[Message]:
    """Return the messages of displays, in their order."""
    return [message for message in done.messages if "display" in message.kind]


def test_few_messages_and_a_short_true_output(execute: Callable[..., Executed]) -> None:
    """Three epochs of 200 items in six seconds are 25 messages and 30 kB at most; 1.5 kB are saved, which say 100 %."""
    began = time.monotonic()
    done = execute(NESTED)
    longer = max(1.0, (time.monotonic() - began) / 6)

    assert len(done.messages) <= 25 * longer
    assert sum(message.size for message in done.messages) <= 30_000 * longer
    (output,) = done.notebook.cells[0].outputs
    assert len(str(dict(output.data))) <= 1500
    assert done.outputs(0) == ["epochs finished · 100% 3/3 · # · in #"]
    assert "100% 3/3" in done.html(0)


def test_four_updates_a_second_whatever_comes_and_goes(execute: Callable[..., Executed]) -> None:
    """Hundreds of short bars in one that runs add no message of their own."""
    done = execute(
        """
        import headway, time
        began = time.monotonic()
        for file in headway.track(range(600), desc="files"):
            for line in headway.track(range(3), desc="lines"): time.sleep(0.001)
        print(time.monotonic() - began)
        """
    )

    (took,) = [float(text.removeprefix("stdout: ")) for text in done.outputs(0) if text.startswith("stdout")]
    updates = [message for message in pictures(done) if message.kind == "update_display_data"]
    assert len(updates) <= 4 * (took + 1) + 1
    assert len(pictures(done)) - len(updates) == 1


def test_many_bars_beside_one_another_share_the_updates(execute: Callable[..., Executed]) -> None:
    """With ten bars that are open at once, there are as many updates a second as with one, and all of them move."""
    began = time.monotonic()
    done = execute(
        """
        import headway, time
        bars = [headway.get_bar(100, desc=f"bar {i}") for i in range(10)]
        for _ in range(100):
            for bar in bars: bar.update()
            time.sleep(0.06)
        for bar in bars: bar.close()
        """
    )

    texts = [message.content["data"]["text/plain"] for message in pictures(done)]
    moving = [text for text in texts if "as of" in text and " 0% " not in text]
    assert len(moving) <= 4 * (time.monotonic() - began)
    assert {text.split(" · ")[0] for text in moving} == {f"bar {i}" for i in range(10)}
    assert done.outputs(0) == [f"bar {i} finished · 100% 100/100 · # · in #" for i in range(10)]


def test_the_height_grows_and_does_not_shrink(execute: Callable[..., Executed]) -> None:
    """While a bar runs, the place of an inner one is kept between two of them."""
    done = execute(
        """
        import headway, time
        for epoch in headway.track(range(4), desc="epochs"):
            with headway.get_bar(10, desc="train") as bar:
                for i in range(10): bar.update(); bar.metrics(loss=i); time.sleep(0.05)
            time.sleep(0.6)
        """
    )

    *running, last = [message.content["data"]["text/html"] for message in pictures(done)]
    heights = [rows(html) for html in running]
    assert heights == sorted(heights)
    assert max(heights) == 4  # two bars, the metric, the time
    assert rows(last) == 1
    assert any("train" not in html and "&nbsp;</div>" in html for html in running)


def rows(html: str) -> int:
    """Count the lines of text in a picture: elements that hold text, those kept free among them."""
    return len(re.findall(r"<div[^>]*>(?=(?:<b|[^<]))", html))


def test_a_running_bar_says_of_when_it_is(execute: Callable[..., Executed]) -> None:
    """If the kernel is killed, the notebook says when the bar was seen last."""
    done = execute(
        """
        import headway, os, time
        bar = headway.get_bar(10, desc="killed")
        bar.update(3); bar.metrics(loss=0.5); bar.refresh(); time.sleep(0.2)
        """
    )

    (shown,) = done.outputs(0)
    assert re.fullmatch(r"killed · 30% 3/10 · .*loss=0\.5000\nas of #", shown)
    assert "as of" in done.html(0)


def test_a_picture_is_words_first(execute: Callable[..., Executed]) -> None:
    """No element, style or character of a description gets into the HTML; styles are inline and colours literal."""
    done = execute(
        """
        import headway
        with headway.get_bar(10, desc="<script>alert(1)</script> & \\x1b[31mred") as bar:
            bar.metrics(**{"<i>": "<b>x</b>"}); bar.message("<img src=x>"); bar.update(10)
        """
    )

    html = done.html(0)
    assert set(re.findall(r"</?(\w+)", html)) == {"div", "b"}
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; red" in html
    assert not re.search(r"var\(|class=|role=|aria-|<svg|\x1b", html)
    assert "\x1b" not in done.outputs(0)[0]


def test_the_kernel_remembers_no_thread_of_ours(execute: Callable[..., Executed]) -> None:
    """The kernel of version 6 remembers by its number which thread has started which, and follows that at each print.

    Numbers are given out again: with threads of ours among them it would come back to where it began, for ever.
    """
    done = execute(
        """
        import headway, sys, time
        for _ in headway.track(range(20), desc="long enough for a second thread"): time.sleep(0.05)
        print(getattr(sys.stdout, "_thread_to_parent", {}))
        """
    )

    assert done.outputs(0)[1:] == ["stdout: {}"]


def updates(messages: Sequence[Message]) -> list[str]:
    """Return the display that each message changes."""
    return [message.content["transient"]["display_id"] for message in messages]


def test_an_old_bar_is_changed_where_it_stands(execute: Callable[..., Executed]) -> None:
    """A bar that was left open by one cell, and is updated by the next one, keeps its display in the first."""
    done = execute(
        "import headway, time\nbar = headway.get_bar(10, desc='old'); bar.update(2)",
        "for _ in range(8): bar.update(); time.sleep(0.2)\nbar.close()",
    )

    assert done.outputs(0) == ["old finished · 100% 10/10 · # · in #"]
    assert done.outputs(1) == []
    assert len(set(updates(pictures(done)))) == 1
    assert [before.cell <= after.cell for before, after in pairwise(pictures(done))]
