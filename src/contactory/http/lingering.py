"""Refusals that reach the client through a proxy.

A request may be refused before its body was read, and its connection is then closed. A proxy that is still
sending the body takes that for a failure, and responds with 502 where the service responded with 401 or 429.
So the rest of the body is read and dropped, for `LINGER_SECONDS` at most, before the response is sent.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from contactory.http.proxies import Networks, is_trusted
from contactory.model.limits import LINGER_SECONDS


def linger_for_proxies(application: ASGIApp, trusted: Networks) -> ASGIApp:
    """Wrap the application for the proxies that the settings name."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if "path" not in scope or scope["type"] != ScopeType.HTTP or not _brings_body(scope, trusted):
            await application(scope, receive, send)
            return
        is_over = False

        async def receive_and_note() -> Any:
            nonlocal is_over
            message = await receive()
            is_over = message["type"] != "http.request" or not message.get("more_body")
            return message

        async def send_after_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                with suppress(TimeoutError):
                    async with asyncio.timeout(LINGER_SECONDS):
                        while not is_over:
                            await receive_and_note()
            await send(message)

        await application(scope, receive_and_note, send_after_body)

    return call if trusted else application


def _brings_body(scope: Scope, trusted: Networks) -> bool:
    client, headers = scope["client"], dict(scope["headers"])
    has_body = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
    return has_body and client is not None and is_trusted(client[0], trusted)
