"""A sink that draws nothing: it posts the news of each outermost bar as JSON."""

import json
import socket
from http.client import HTTPException
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

from headway.hookspecs import hookimpl
from headway.host.run import identity, program
from headway.news import News, PerNews
from headway.sink import Context, Renderer
from headway.snapshot import Snapshot

VERSION = 1
"""Version of the notices, which README.md describes."""


class NoRedirect(HTTPRedirectHandler):
    """Takes a redirect for an error: to follow it, `urllib` would send a GET without the notice."""

    def redirect_request(self, *_answer: Any) -> None:
        return None


class WebhookSink(PerNews):
    """Posts a notice when there is news.

    `urllib` raises an `OSError` if the endpoint cannot be reached, takes too long or answers with an error. Then
    headway calls again with the same bars later.
    """

    def __init__(self, context: Context) -> None:
        if "url" not in context.options:
            raise ValueError("the option url is missing, as in webhook?url=https://example.org/hook")
        self._url = context.options["url"]
        self._timeout = context.options.get("timeout", 3.0)
        self._opener = build_opener(NoRedirect)

    def tell(self, snapshot: Snapshot, news: tuple[News, ...]) -> None:
        if snapshot.depth:
            return
        notice = {
            "v": VERSION,
            "news": news,
            "run": identity(),
            "program": program(),
            "host": socket.gethostname(),
            "bar": snapshot.desc or snapshot.name,
            "n": snapshot.n,
            "total": snapshot.total,
            "elapsed": round(snapshot.elapsed, 3),
            "stalled": snapshot.stalled,
            "phase": snapshot.phase,
            "metrics": {name: reading.text for name, reading in snapshot.metrics.items()},
            "reason": snapshot.reason or snapshot.blocked,
        }
        headers = {"Content-Type": "application/json", "User-Agent": "headway-webhook"}
        request = Request(self._url, json.dumps(notice).encode(), headers)  # noqa: S310  # `endpoint` has checked it
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                answer.read(1)
        except HTTPException as error:
            raise OSError(f"the endpoint did not answer in HTTP: {error!r}") from error


def endpoint(value: Any) -> str:
    """Read the option `url`."""
    if not str(value).startswith(("http://", "https://")):
        raise ValueError("expected an address that begins with http:// or https://")
    return str(value)


def seconds(value: Any) -> float:
    """Read the option `timeout`."""
    number = float(value)
    if not 0 < number <= 60:
        raise ValueError("expected seconds above 0, and 60 at most")
    return number


@hookimpl
def headway_renderer() -> Renderer:
    options = {"url": endpoint, "timeout": seconds}
    return Renderer(WebhookSink, protocol=2, draws="nothing", interval=1.0, options=options)
