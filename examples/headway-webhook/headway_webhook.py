"""A sink that draws nothing: it posts the start, a stall, the failure and the end of each outermost bar as JSON."""

import json
import socket
from http.client import HTTPException
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

from headway.hookspecs import hookimpl
from headway.host.run import identity, program
from headway.sink import Context, PerBar, Renderer
from headway.snapshot import Snapshot

VERSION = 1
"""Version of the notices, which README.md describes."""
FAILURES = ("failed", "interrupted")


class NoRedirect(HTTPRedirectHandler):
    """Takes a redirect for an error: to follow it, `urllib` would send a GET without the notice."""

    def redirect_request(self, *_answer: Any) -> None:
        return None


class WebhookSink(PerBar):
    """Posts each notice once it is due.

    `urllib` raises an `OSError` if the endpoint cannot be reached, takes too long or answers with an error. Then
    headway calls again with the same bars later.
    """

    def __init__(self, context: Context) -> None:
        if "url" not in context.options:
            raise ValueError("the option url is missing, as in webhook?url=https://example.org/hook")
        self._url = context.options["url"]
        self._timeout = context.options.get("timeout", 3.0)
        self._stalled: set[int] = set()
        self._opener = build_opener(NoRedirect)

    def open(self, snapshot: Snapshot) -> None:
        self._post("start", snapshot)

    def update(self, snapshot: Snapshot) -> None:
        if snapshot.stalled is None:
            self._stalled.discard(snapshot.id)
        elif snapshot.id not in self._stalled:
            seconds = f"no advance for {snapshot.stalled:.0f} s"
            self._post("stall", snapshot, f"{seconds}: {snapshot.blocked}" if snapshot.blocked else seconds)
            self._stalled.add(snapshot.id)

    def close(self, snapshot: Snapshot) -> None:
        failed = snapshot.state in FAILURES
        self._post("failure" if failed else "end", snapshot, snapshot.reason or (snapshot.state if failed else ""))
        self._stalled.discard(snapshot.id)

    def _post(self, event: str, snapshot: Snapshot, reason: str = "") -> None:
        if snapshot.depth:
            return
        notice = {
            "v": VERSION,
            "event": event,
            "run": identity(),
            "program": program(),
            "host": socket.gethostname(),
            "bar": snapshot.desc or snapshot.name,
            "n": snapshot.n,
            "total": snapshot.total,
            "elapsed": round(snapshot.elapsed, 3),
            "reason": reason,
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
