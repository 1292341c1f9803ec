"""The page: three files that are served, or one that has all of it."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from time import time
from typing import Any

from headway.web.document import written

__all__ = ["FILES", "asset", "self_contained"]

FILES = {
    "": ("page.html", "text/html"),
    "page.css": ("page.css", "text/css"),
    "page.js": ("page.js", "text/javascript"),
}
"""The served files by their paths, each with its name in this folder and its type."""
RELOAD_EVERY = 10
"""Seconds after which a browser reads the file again, while the run goes on."""


def asset(name: str) -> str:
    """Return the text of a file of this folder."""
    return resources.files("headway.web").joinpath(name).read_text(encoding="utf-8")


def self_contained(document: dict[str, Any], *, over: bool) -> str:
    """Return the page with a document in it, which needs no server.

    Args:
        document: The page's document.
        over: Whether it is the last one, so that browsers need not read it again.
    """
    script, style = asset("page.js"), asset("page.css")
    policy = f"default-src 'none'; script-src {_hashed(script)}; style-src {_hashed(style)}; img-src data:"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    if not over:
        head += f'<meta http-equiv="refresh" content="{RELOAD_EVERY}">'
    data = written({"now": round(time(), 1), **document}).replace("<", "\\u003c")
    return (
        asset("page.html")
        .replace('<link rel="stylesheet" href="page.css">', f"{head}<style>{style}</style>")
        .replace(
            '<script src="page.js" defer></script>',
            f'<script type="application/json" id="document">{data}</script><script>{script}</script>',
        )
    )


def _hashed(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
