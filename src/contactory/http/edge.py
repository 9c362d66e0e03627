"""Wrapper of the application for headers of proxies, host names of dialects, request ids, HEAD and
logging."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import unquote
from uuid import uuid4

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from contactory.http.proxies import Networks, read_forwarded
from contactory.telemetry.logs import call_context, log_call
from contactory.telemetry.metrics import count_call, known_method
from contactory.telemetry.traces import call_span

logger = logging.getLogger(__name__)

# Replaces a slash inside a part of the path until the route has been found.
ENCODED_SLASH: Final = "\ue000"
_AT_ROOT: Final = "contactory.at_root"
_BASE: Final = "contactory.base"
OPERATIONS: Final = ("/health", "/ready", "/metrics")
_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
_FAILED: Final = {"type": "http.response.start", "status": 500, "headers": []}
_SLASH: Final = re.compile("%2f", re.IGNORECASE)


def at_the_edge(
    application: ASGIApp, hosts: Mapping[str, str], trusted: Networks = (), base: str = ""
) -> ASGIApp:
    """Wrap the application. A request id that the client or a proxy sent is kept, and is in the response.

    `hosts`: host name -> the prefix that is served at its root; `trusted`: proxies whose headers are
    believed; `base`: the URL of the service for its clients, or ""."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if "path" not in scope:  # A start or an end of the process is no request.
            await application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        texts = _texts(headers)
        request_id = headers.get(b"x-request-id", b"")[:64] or str(uuid4()).encode()
        host = _find_base(scope, texts, trusted, base)
        prefix = hosts.get(host.partition(":")[0].lower())
        if prefix and scope["path"] not in OPERATIONS:
            scope["path"] = prefix + scope["path"]
            cast("dict[str, Any]", scope)[_AT_ROOT] = True
            scope["raw_path"] = prefix.encode() + scope.get("raw_path", b"")
        is_head = cast("Any", scope).get("method") == "HEAD"
        if is_head:
            cast("dict[str, Any]", scope)["method"] = "GET"

        if b"%2f" in scope.get("raw_path", b"").lower():
            scope["path"] = unquote(_SLASH.sub(ENCODED_SLASH, scope["raw_path"].decode("latin-1")))

        begun, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_HEADERS, (b"x-request-id", request_id)]
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        with call_context(request_id=request_id.decode("latin-1")), call_span(texts) as span:
            try:
                await application(scope, receive, send_with_id)
            except Exception as error:
                # The server would print it, with its message, instead of logging it.
                logger.error("a call failed outside of its handler", exc_info=error)
                if scope["type"] == ScopeType.HTTP and not status:
                    await send_with_id(cast("Message", _FAILED))
                    await send(
                        cast("Message", {"type": "http.response.body", "body": b"", "more_body": False})
                    )
            finally:
                if scope["type"] == ScopeType.HTTP and scope["path"] not in OPERATIONS:
                    _record(scope, "HEAD" if is_head else "", span, status, time.perf_counter() - begun)

    return call


def _record(scope: Scope, method: str, span: Any, status: int, seconds: float) -> None:
    """Count, trace and log a request with its route as a pattern, since the path itself may name people."""
    route = str(scope.get("path_template") or "none")
    method = known_method(method or str(cast("Any", scope)["method"]))
    organization = scope["state"].get("organization")
    count_call(route, method, status, seconds)
    span.set_attributes({"http.route": route, "http.response.status_code": status})
    log_call(
        method=method,
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 1),
        organization=organization,
    )


def _texts(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}


def _find_base(scope: Scope, headers: Mapping[str, str], trusted: Networks, base: str) -> str:
    """Store the client's address and the called URL in the scope, and return the host."""
    client = scope["client"]
    forwarded = read_forwarded(headers, client[0] if client else "", trusted)
    if forwarded.address:
        scope["client"] = (forwarded.address, 0)
    host = forwarded.host or headers.get("host", "")
    if forwarded.scheme:
        scope["scheme"] = forwarded.scheme
    called = f"{scope['scheme']}://{host}{forwarded.prefix}"
    cast("dict[str, Any]", scope)[_BASE] = (called, base or called)
    return host


def base_url(scope: Scope, name: str, version: str) -> str:
    """Return the URL at which a dialect's API begins for the client: below the base, if one is set, else
    below the URL that was called. An API that has a host of its own begins there, with the scheme of the
    base."""
    called, base = cast("dict[str, Any]", scope)[_BASE]
    if _AT_ROOT in scope:
        root = f"{base.partition(':')[0]}:{called.partition(':')[2]}"
        return "/".join([root, version] if version else [root])
    return "/".join([base, name, version] if version else [base, name])
