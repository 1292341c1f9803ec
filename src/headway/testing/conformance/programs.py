"""Programs that several tests of the conformance kit run."""

from __future__ import annotations

__all__ = ["CROWDED"]

CROWDED = """
with headway.get_bar(100, desc='alpha', widgets={widgets}) as bar:
    bar.metrics(loss=0.5, accuracy=0.25); bar.message('a message of some length')
    for i in range(20): bar.update(5); time.sleep(0.01)
"""
"""A bar with more to show than a narrow terminal has room for."""
