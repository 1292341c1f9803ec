"""The document that the page shows, in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from headway.web.run import Run

__all__ = ["document", "written"]


def document(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the page's document: the runs by their numbers."""
    return {"runs": {str(i): run.page() for i, run in enumerate(runs)}}


def written(value: Any) -> str:
    """Write a value as JSON on one line, in ASCII."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
