"""Bars on a page of Streamlit: `streamlit run examples/streamlit_page.py`."""

import threading
import time
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

import headway
from headway.layout import fit
from headway.sink import Frame, PerBar, Renderer
from headway.snapshot import Snapshot


class Page(PerBar):
    """Shows each bar as an element of the page of one session."""

    def __init__(self) -> None:
        self._session = get_script_run_ctx()
        self._place = st.container()
        self._elements: dict[int, Any] = {}

    def frame(self, frame: Frame) -> None:
        """Be in the session: frames come from a thread of headway's."""
        add_script_run_ctx(threading.current_thread(), self._session)
        super().frame(frame)

    def open(self, snapshot: Snapshot) -> None:
        """Add an element."""
        self._elements[snapshot.id] = self._place.empty()
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Change it."""
        row = fit(snapshot, 100)
        share = snapshot.fraction
        self._elements[snapshot.id].progress(min(1.0, share or 0.0), text=f"{row.left.strip()} {row.right.strip()}")

    def close(self, snapshot: Snapshot) -> None:
        """Leave its last picture, or nothing."""
        if snapshot.leave:
            self.update(snapshot)
        else:
            self._elements[snapshot.id].empty()
        del self._elements[snapshot.id]

    def write(self, text: str) -> None:
        """Add a line."""
        self._place.text(text)


st.title("Training")
page = Page()
with headway.use(Renderer(lambda _context: page, protocol=2, draws="cell", interval=0.2)):
    for epoch in headway.track(range(3), desc="epochs"):
        for _ in headway.track(range(50), desc=f"epoch {epoch}", unit="batch"):
            time.sleep(0.01)
