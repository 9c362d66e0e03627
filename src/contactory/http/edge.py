"""What wraps the application: the dialects' own host names, and an id for every request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import unquote
from uuid import uuid4

from litestar.types import ASGIApp, Message, Receive, Scope, Send

# Stands for a slash inside a part of the path, until the route has been found.
ENCODED_SLASH: Final = "\ue000"
_AT_ROOT: Final = "contactory.at_root"
_SLASH: Final = re.compile("%2f", re.IGNORECASE)


def at_the_edge(application: ASGIApp, hosts: Mapping[str, str]) -> ASGIApp:
    """`hosts`: host name -> the prefix that its root stands for. A request id that the client or a proxy
    gave is kept; either way it is in the answer."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if "path" not in scope:  # The start and the end of the process are no requests.
            await application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = headers.get(b"x-request-id", b"")[:64] or str(uuid4()).encode()
        prefix = hosts.get(headers.get(b"host", b"").partition(b":")[0].decode("latin-1").lower())
        if prefix and scope["path"] != "/health":
            scope["path"] = prefix + scope["path"]
            cast("dict[str, Any]", scope)[_AT_ROOT] = True
            scope["raw_path"] = prefix.encode() + scope.get("raw_path", b"")

        if b"%2f" in scope.get("raw_path", b"").lower():
            scope["path"] = unquote(_SLASH.sub(ENCODED_SLASH, scope["raw_path"].decode("latin-1")))

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        await application(scope, receive, send_with_id)

    return call


def base_url(scope: Scope, name: str, version: str) -> str:
    """Where a dialect's API begins, as the client that called it says."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    parts = [part for part in ("" if _AT_ROOT in scope else name, version) if part]
    return "/".join([f"{scope['scheme']}://{host}", *parts])
