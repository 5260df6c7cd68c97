"""The live-events process: a bare ASGI application that tells browsers "this case has changed", and nothing else.

Every page works without it: the event only says that a reload would show something new.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openum.config.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from openum.jobs.parent import end_with_parent  # noqa: E402
from openum.live import tokens  # noqa: E402
from openum.live.changes import changed_cases  # noqa: E402

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_BEAT_SECONDS = 15
_MOST_WAITING = 100


class _Hub:
    """The open streams, and the one task that feeds them."""

    def __init__(self) -> None:
        self.streams: dict[asyncio.Queue[str], frozenset[str]] = {}
        self.task: asyncio.Task[None] | None = None

    def ensure_running(self) -> None:
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._feed())

    async def _feed(self) -> None:
        async for case in changed_cases():
            for stream, cases in list(self.streams.items()):
                if case in cases and stream.qsize() < _MOST_WAITING:
                    stream.put_nowait(case)


hub = _Hub()
end_with_parent()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer GET /events?token=… with a stream, /healthz with ok, everything else with 404."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/healthz":
        await _answer(send, 200, b"ok")
    elif scope["path"] != "/events" or scope["method"] != "GET":
        await _answer(send, 404, b"not found")
    else:
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        cases = tokens.read(token)
        if cases:
            await _stream(cases, receive, send)
        else:
            await _answer(send, 403, b"the token is not valid any more; reload the page")


async def _stream(cases: frozenset[str], receive: Receive, send: Send) -> None:
    queue: asyncio.Queue[str] = asyncio.Queue()
    hub.ensure_running()
    hub.streams[queue] = cases
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await _start(send, 200, b"text/event-stream")
        await _write(send, ": listening\nretry: 2000\n\n")
        while not gone.done():
            nearest = asyncio.ensure_future(queue.get())
            done, _ = await asyncio.wait({nearest, gone}, timeout=_BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if nearest in done:
                await _write(send, f"event: case\ndata: {nearest.result()}\n\n")
                continue
            nearest.cancel()
            if gone not in done:
                await _write(send, ": still here\n\n")
    finally:
        gone.cancel()
        del hub.streams[queue]


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, status: int, content_type: bytes) -> None:
    headers = [
        (b"content-type", content_type),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", settings.OPENUM_BASE_URL.encode() or b"null"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _answer(send: Send, status: int, body: bytes) -> None:
    await _start(send, status, b"text/plain")
    await send({"type": "http.response.body", "body": body, "more_body": False})
