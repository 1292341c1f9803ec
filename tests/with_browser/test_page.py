"""The page of `headway watch --web`: its words, its looks, and its news."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from headway.events.writers import host
from headway.snapshot import Reading, Snapshot, State
from served import Watching, Written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ENDS: list[State] = ["finished", "stopped", "failed", "interrupted"]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
CONTRAST = """
(node) => {
    const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255);
        const [r, g, b] = parts.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = light(getComputedStyle(node.closest("article")).backgroundColor);
    const ink = light(getComputedStyle(node).color);
    return (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
}
"""
"""The contrast of a text on its card, by the formula of WCAG 2.1."""
RECORDING = """
window.told = [];
window.Notification = class extends Notification {
    constructor(title, options) { super(title, options); window.told.push(`${title} | ${options.body}`); }
};
"""
"""Notes the notifications that the browser shows, which has no other place to look at them."""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=DESK)
    yield made
    made.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Watching]]:
    served = []

    def serve(*files: Path) -> Watching:
        served.append(Watching(*map(str, files)))
        return served[-1]

    yield serve
    for each in served:
        each.end()


@pytest.fixture
def file(tmp_path: Path) -> Written:
    return Written(tmp_path / "run.jsonl", apart=0.0)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page; nothing may be wrong with it in the end, by the browser's own console."""
    made, said = context.new_page(), []
    made.on("console", lambda message: said.append(message.text))
    made.on("pageerror", lambda error: said.append(str(error)))
    yield made
    assert [line for line in said if "ERR_CONNECTION_REFUSED" not in line and "ERR_INCOMPLETE" not in line] == []


def bar(id_: int = 1, **fields: Any) -> Snapshot:
    return Snapshot(id_, **{"desc": f"bar {id_}", "total": 100, "n": 40, "elapsed": 60.0, **fields})


def test_a_running_bar_is_told_by_the_accessibility_tree(file: Written, serve: Any, page: Page) -> None:
    file.add("update", bar(rate=0.5, eta=5400.0, eta_low=5000.0, eta_high=6000.0))
    page.goto(serve(file.path).address)
    found = page.get_by_role("progressbar", name="bar 1")
    found.wait_for()

    assert found.get_attribute("aria-valuenow") == "40"
    words = found.get_attribute("aria-valuetext")
    assert words is not None
    assert words.startswith("40%, 01:0")
    assert "1:29:" in words
    assert " left (1:23:" in words
    assert "ends " in words
    assert "2.00s/it" in words


def test_times_go_on_between_two_events(file: Written, serve: Any, page: Page) -> None:
    file.add("update", bar(rate=0.5, eta=5400.0))
    page.goto(serve(file.path).address)
    before = page.locator(".facts").first.inner_text()
    page.wait_for_function("(before) => document.querySelector('.facts').innerText !== before", arg=before)
    left = [text for text in page.locator(".facts").first.inner_text().split("\n") if "left" in text]

    assert left[0] < next(text for text in before.split("\n") if "left" in text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_end_is_told_in_words_that_can_be_read(browser: Browser, file: Written, serve: Any, scheme: Any) -> None:
    for i, state in enumerate(ENDS):
        file.add("close", bar(i, state=state, reason="No space left" if state == "failed" else ""))
    for i, more in enumerate([{"paused": True}, {"blocked": "a lock"}, {"stalled": 90.0}], start=len(ENDS)):
        file.add("update", bar(i, **more))
    context = browser.new_context(color_scheme=scheme, viewport=DESK)
    page = context.new_page()
    page.goto(serve(file.path).address)
    page.get_by_text("stalled").wait_for()
    words = page.locator(".word:not(:empty)")

    assert words.all_inner_texts() == [*ENDS, "paused", "blocked", "stalled"]
    assert page.get_by_text("No space left").is_visible()
    assert page.get_by_text("no advance for 01:3").is_visible()
    texts = [*words.all(), *page.locator(".facts").all(), *page.locator(".reason:not(:empty)").all()]
    assert min(text.evaluate(CONTRAST) for text in texts) >= 4.5
    context.close()


def test_a_lost_bar_has_not_finished(tmp_path: Path, serve: Any, page: Page) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    file = Written(tmp_path / "run.jsonl", gone.pid, apart=0.0)
    file.add("open", bar(), pid=gone.pid, host=host())
    page.goto(serve(file.path).address)
    page.get_by_text("its process is gone").wait_for()

    assert page.locator(".word:not(:empty)").all_inner_texts() == ["lost"]
    assert page.title() == "lost · train.py"


def test_title_and_icon_carry_the_share(file: Written, serve: Any, page: Page) -> None:
    file.add("open", bar())
    page.goto(serve(file.path).address)
    page.wait_for_function("() => document.title === '40% · train.py'")
    before = page.locator("link[rel=icon]").get_attribute("href")
    file.add("update", bar(n=80))
    page.wait_for_function("() => document.title === '80% · train.py'")
    after = page.locator("link[rel=icon]").get_attribute("href")
    file.add("close", bar(n=100, state="finished"))
    page.wait_for_function("() => document.title === 'finished · train.py'")

    assert before is not None
    assert before.startswith("data:image/svg+xml,")
    assert "40%20100" in before
    assert len({before, after, page.locator("link[rel=icon]").get_attribute("href")}) == 3


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_page(browser: Browser, tmp_path: Path, serve: Any, size: Any) -> None:
    files = [Written(tmp_path / f"{name}.jsonl", apart=0.0) for name in ("one", "a-very-long-name-of-a-run-" * 6)]
    for file in files:
        metrics = {f"metric/{'x' * 40}{i}": Reading(0.1 * i, f"{0.1 * i:.4f}") for i in range(12)}
        file.add("update", bar(desc="a long description " * 8, metrics=metrics))
        file.add("update", bar(desc="a long description " * 8, n=60, metrics=metrics))
        file.add("close", bar(2, parent=1, state="failed", reason="/a/path/without/blanks" * 20))
        file.add("write", text="a-line-without-blanks" * 30)
    context = browser.new_context(viewport=size)
    page = context.new_page()
    page.goto(serve(*(file.path for file in files)).address)
    page.get_by_text("4 more curves").first.wait_for()

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("article").count() == 2
    context.close()


def test_curves_have_the_whole_run_in_words_too(file: Written, serve: Any, page: Page) -> None:
    for n in range(500):
        value = 1 / (1 + n)
        file.add("update", bar(n=n, total=500, metrics={"loss": Reading(value, f"{value:.4f}")}))
    page.goto(serve(file.path).address)
    curve = page.get_by_role("img")
    page.wait_for_function(
        "() => document.querySelector('[role=img]')?.getAttribute('aria-label').includes('0.002 at last')"
    )

    assert curve.get_attribute("aria-label") == "loss: 0.002 at last, between 0.002 and 1"
    assert len(str(page.locator("polyline").get_attribute("points")).split()) > 30


def test_what_a_visitor_has_opened_stays_open(file: Written, serve: Any, page: Page) -> None:
    file.add("open", bar())
    for i in range(2, 12):
        file.add("close", bar(i, parent=1, state="finished"))
    page.goto(serve(file.path).address)
    page.get_by_text("5 earlier").click()
    file.add("close", bar(12, parent=1, state="finished"))
    page.get_by_text("6 earlier").wait_for()

    assert page.get_by_text("bar 2", exact=True).is_visible()


def test_a_visitor_whose_connection_was_cut_is_notified_afterwards(
    context: BrowserContext, file: Written, serve: Any
) -> None:
    address = serve(file.path).address
    context.grant_permissions(["notifications"], origin="http://" + urlsplit(address).netloc)
    page = context.new_page()
    page.add_init_script(RECORDING)
    file.add("open", bar())
    page.goto(address)
    page.get_by_text("bar 1").wait_for()
    page.evaluate("() => { source.close(); }")
    file.add("close", bar(state="failed", reason="No space left"))
    page.evaluate("() => listen()")
    page.wait_for_function("() => window.told.length === 1")

    assert page.evaluate("window.told[0]") == "bar 1: failed | No space left"


def test_a_visitor_is_notified_of_ends_failures_and_stalls(context: BrowserContext, file: Written, serve: Any) -> None:
    address = serve(file.path).address
    context.grant_permissions(["notifications"], origin="http://" + urlsplit(address).netloc)
    page = context.new_page()
    page.add_init_script(RECORDING)
    for i in range(1, 4):
        file.add("open", bar(i))
    file.add("close", bar(4, state="finished"))  # it is over before the page is opened
    file.add("write", text="ready")
    page.goto(address)
    page.get_by_text("ready").wait_for()
    page.get_by_role("button", name="Notifications are on").wait_for()
    file.add("close", bar(1, state="failed", reason="No space left"))
    file.add("update", bar(2, stalled=90.0))
    file.add("close", bar(3, state="finished"))
    page.wait_for_function("() => window.told.length === 3")

    assert page.evaluate("window.told.map((each) => each.split(' | ')[0])") == [
        "bar 1: failed",
        "bar 2: stalled",
        "bar 3: finished",
    ]
    assert "No space left" in page.evaluate("window.told[0]")


def test_runs_of_one_name_are_beside_each_other(tmp_path: Path, serve: Any, page: Page) -> None:
    paths = [tmp_path / name / "run.jsonl" for name in ("a", "b")]
    for i, path in enumerate(paths):
        path.parent.mkdir()
        Written(path, apart=0.0).add("open", bar(desc=f"of {i}"))
    page.goto(serve(*paths).address)
    page.get_by_text("of 1").wait_for()

    assert page.get_by_text("of 0").is_visible()
    assert page.locator("article").count() == 2


def test_a_silent_run_is_no_running_one(tmp_path: Path, serve: Any, page: Page) -> None:
    """Its process is stopped: nothing is known of it, and its times stand."""
    file = Written(tmp_path / "run.jsonl", apart=0.0)
    file.add("update", bar(rate=0.5, eta=5400.0))
    lines = file.path.read_text().splitlines()
    old = {**json.loads(lines[1]), "time": time() - 100}
    file.path.write_text("\n".join([lines[0], json.dumps(old), ""]))
    page.goto(serve(file.path).address)
    page.get_by_text("Nothing was heard for").wait_for()

    assert page.locator(".word").all_inner_texts() == ["silent"]
    assert re.search("1:(30:00|29:59) left", page.locator(".facts").inner_text())
    assert page.title() == "silent · train.py"


def test_nobody_is_asked_before_the_button_is_pressed(file: Written, serve: Any, page: Page) -> None:
    page.goto(serve(file.path).address)
    page.get_by_role("button", name="Notify me").wait_for()

    assert page.evaluate("Notification.permission") != "granted"


def test_a_server_that_is_gone_is_told(file: Written, serve: Any, page: Page) -> None:
    file.add("open", bar())
    served = serve(file.path)
    page.goto(served.address)
    page.get_by_role("progressbar").wait_for()
    served.process.kill()
    page.get_by_text("The server does not answer; this is as of").wait_for()

    assert page.get_by_role("progressbar").is_visible()


def test_all_comes_from_the_page_itself(file: Written, serve: Any, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    file.add("open", bar(desc="<img src=x onerror=alert(1)>"))
    file.add("write", text="<script>alert(1)</script>")
    address = serve(file.path).address
    page.goto(address)
    page.get_by_text("<script>alert(1)</script>").wait_for()

    assert {*asked} - {address, *(address + name for name in ("page.css", "page.js", "events"))} <= {
        url for url in asked if url.startswith("data:")
    }
    assert page.locator("img, article script").count() == 0


def test_one_file_shows_the_same(file: Written, tmp_path: Path, page: Page) -> None:
    """It is read from disk, says its age, and needs no connection."""
    file.add("close", bar(1, state="failed", reason="No space left", metrics={"loss": Reading(0.5, "0.5000")}))
    written = tmp_path / "status.html"
    command = [sys.executable, "-m", "headway", "watch", str(file.path), "--html", str(written)]
    watching = subprocess.Popen(command)
    try:
        while not written.exists():
            assert watching.poll() is None
        page.goto(written.as_uri())
        page.get_by_text("No space left").wait_for()
    finally:
        watching.kill()
        watching.wait()

    assert page.locator(".word").all_inner_texts() == ["failed"]
    assert page.get_by_role("status").inner_text().startswith("As of ")
    assert page.get_by_role("button").count() == 0
