"""The server of the page, on an address of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import zlib
from collections.abc import AsyncGenerator, Callable, Sequence
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from headway.web.guard import Guard
from headway.web.news import News
from headway.web.page import FILES, asset
from headway.web.prometheus import exposition
from headway.web.run import Run

__all__ = ["serve"]

CONNECTIONS = 200
"""Connections at once, at most; others are told to come again."""
GZIP, WINDOW = 16, 13
"""The format of gzip as zlib calls it, and the bits of its window: a visitor takes 64 KiB."""
ASKED_WITHIN = 5.0
"""Seconds from a connection to its first request, at most."""
GOODBYE_WITHIN = 2.0
"""Seconds that visitors have to read the last change, when the server ends by itself."""


def serve(
    runs: Sequence[Run],
    host: str,
    port: int,
    *,
    over: Callable[[Sequence[Run]], bool],
    on_ready: Callable[[str, int], None],
) -> None:
    """Serve the page of runs until Ctrl-C or SIGTERM, or to their end.

    Args:
        runs: The runs, which are read while it is served.
        host: The name or number of the address to listen on.
        port: Its port; 0 for any that is free.
        over: Tells from the runs whether to end, as soon as visitors have got all of them.
        on_ready: Called when visitors can come, with the address of the page and its port.

    Raises:
        OSError: That address cannot be listened on.
    """
    token = secrets.token_urlsafe(16)
    with _listening(host, port) as listener:
        bound = listener.getsockname()[1]
        on_ready(f"http://{_shown(host)}:{bound}/{token}/", bound)
        asyncio.run(_serve(News(runs, over), token, listener))


async def _serve(news: News, token: str, listener: socket.socket) -> None:
    config = uvicorn.Config(
        Guard(_application(news), token),
        http=_Impatient,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, news)
    following = asyncio.create_task(server.follow())
    try:
        await server.serve(sockets=[listener])
    finally:
        following.cancel()
        await asyncio.wait([following])
    if not following.cancelled():
        following.result()


class _Impatient(H11Protocol):
    """Hangs up on a connection that asks for nothing: those that hold all connections need not know the token."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give it a while."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(ASKED_WITHIN, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._deadline.cancel()
        super().connection_lost(exc)

    def _hang_up(self) -> None:
        if self.cycle is None:
            self.transport.close()


class _Server(uvicorn.Server):
    """Ends with the runs if that was asked for, and lets visitors go when it ends."""

    def __init__(self, config: uvicorn.Config, news: News) -> None:
        super().__init__(config)
        self._news = news

    async def follow(self) -> None:
        """Follow the runs to their end, and end then."""
        try:
            await self._news.follow()
            self._news.end()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.left(), GOODBYE_WITHIN)
        finally:
            self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End by a signal."""
        self._news.end()
        super().handle_exit(sig, frame)


def _application(news: News) -> Starlette:
    async def events(request: Request) -> Response:
        headers, visit = {"X-Accel-Buffering": "no"}, news.visit()
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            visit = _gzipped(visit)
        return StreamingResponse(visit, media_type="text/event-stream", headers=headers)

    async def state(_request: Request) -> Response:
        return JSONResponse({"runs": await news.ask(lambda runs: [run.plain() for run in runs])})

    async def metrics(_request: Request) -> Response:
        return Response(await news.ask(exposition), media_type="text/plain; version=0.0.4")

    files = [Route(f"/{path}", _served(name, kind)) for path, (name, kind) in FILES.items()]
    routes = [*files, Route("/events", events), Route("/state", state), Route("/metrics", metrics)]
    return Starlette(routes=[Mount("/{token}", routes=routes)], middleware=[Middleware(GZipMiddleware)])


def _served(name: str, kind: str) -> Callable[[Request], Response]:
    return lambda _request: Response(asset(name), media_type=kind)


async def _gzipped(parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Compress a stream so that each part arrives at once, in little memory: there may be many visitors."""
    packer = zlib.compressobj(wbits=GZIP | WINDOW, memLevel=WINDOW - 7)
    async with contextlib.aclosing(parts):
        async for part in parts:
            yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server((host, port), family=family)


def _shown(host: str) -> str:
    """Return a host as it stands in an address: the name of this machine for all of its addresses."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104  # as the user asked for
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
