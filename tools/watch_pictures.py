"""Make the pictures of docs/watching.md: programs that go on, fail, are killed and stall, on one page, photographed.

```console
$ pip install -e .[web] -r tests/with_browser/requirements.txt
$ python tools/watch_pictures.py     # it takes Chromium
```
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
TRAINING = """
import sys, time, headway
from math import exp, sin

way = sys.argv[1]
loop = headway.loop(range(60), epochs=6, validation=range(20), metrics=[headway.Metric("loss", best="min")])
for epoch in loop:
    for batch in loop.train():
        time.sleep(0.02)
        loop.metrics(loss=2 * exp(-loop.step / 120) + 0.05 * sin(loop.step))
        if way == "fails" and loop.step == 150:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        if way == "waits" and loop.step == 220:
            print("ready", flush=True)
            time.sleep(60)
    for batch in loop.validate():
        time.sleep(0.02)
    loop.metrics({"val/accuracy": 1 - exp(-(epoch + 1) / 2)})
    loop.write(f"epoch {epoch + 1}: checkpoint written")
"""
SEARCH = """
import time, headway

with headway.get_bar(40, desc="search", unit="trial") as bar:
    for trial in range(17):
        time.sleep(0.05)
        bar.update()
        bar.metrics(score=trial / 20)
    bar.stop("it is good")
"""
SYNC = """
import time, headway

for part in headway.track(range(64), desc="sync", unit="part"):
    time.sleep(0.02)
    if part == 23:
        raise KeyboardInterrupt
"""
SIZES = {"": (1240, 900), "-phone": (390, 844)}


def main() -> None:
    """Write the pictures: on a desk in both schemes, and on a phone."""
    with tempfile.TemporaryDirectory() as folder:
        going = started(folder, "train.py", TRAINING, "waits")
        lost = started(folder, "finetune.py", TRAINING, "waits")
        ended = [started(folder, "pretrain.py", TRAINING, "fails"), started(folder, "search.py", SEARCH, "")]
        ended.append(started(folder, "sync.py", SYNC, ""))
        for program in (going, lost):
            assert program.stdout is not None
            program.stdout.readline()
        lost.send_signal(signal.SIGKILL)
        for program in (lost, *ended):
            program.communicate()
        files = [f"{folder}/{name}.jsonl" for name in ("train", "pretrain", "finetune", "search", "sync")]
        command = [sys.executable, "-m", "headway", "watch", "--web", *files]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching, sync_playwright() as playwright:
            assert watching.stdout is not None
            address = watching.stdout.readline().strip()
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                photograph(browser, address, scheme, "")
            photograph(browser, address, "light", "-phone")
            browser.close()
            watching.terminate()
        going.kill()
        going.communicate()


def started(folder: str, name: str, code: str, way: str) -> subprocess.Popen[str]:
    """Start a program that writes an event file."""
    path = Path(folder, name)
    path.write_text(code, encoding="utf-8")
    env = {**os.environ, "HEADWAY_BACKEND": f"events?path={path.with_suffix('.jsonl')}", "HEADWAY_RELAY": "off"}
    command = [sys.executable, str(path), way]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def photograph(browser: Browser, address: str, scheme: str, size: str) -> None:
    """Write one picture."""
    width, height = SIZES[size]
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address)
    page.get_by_text("its process is gone").first.wait_for()
    page.screenshot(path=PICTURES / f"watch-{scheme}{size}.png", full_page=not size)
    context.close()


if __name__ == "__main__":
    main()
