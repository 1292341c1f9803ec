"""The guard in front of the page: it lets visitors in that have the token, and whose browser shows this very page."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing comes from elsewhere, and nothing but the files beside the page is run."""
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


class Guard:
    """Refuses whoever does not come by the address that the command has printed, and whoever wants more than to read.

    A page of another site may have a name of its own resolved to this machine; the browser then says that name. So a
    name that is not this machine's is refused. A number cannot be resolved to something else.

    Args:
        app: The application that it guards; its paths begin with the token.
        token: The secret in the address.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()
        self._names = {"localhost", socket.gethostname().lower(), socket.getfqdn().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, or refuse it."""
        if scope["type"] != "http":
            return
        status, words = self._refusal(scope)
        app = PlainTextResponse(f"{words}\n", status) if words else self._app

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str]:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        token = scope["path"].lstrip("/").partition("/")[0].encode()
        if not self._is_ours(host):
            return 403, "This page is not served under that name. Open the address that `headway watch --web` printed."
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            return 403, "Another page may not read this one."
        if not secrets.compare_digest(token, self._token):
            return (
                403,
                "The token in the address is missing or wrong. Open the address that `headway watch --web` printed.",
            )
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "This page can only be read."
        return 200, ""

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True


def _name(host: str) -> str:
    """Return the name or the number of a `Host` without the port; empty if it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
