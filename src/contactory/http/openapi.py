"""The OpenAPI document of each dialect, made from the descriptions of its endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from contactory.dialects.base import Dialect, Endpoint, json_encode

_PARAMETER: Final = re.compile(r"\{(\w+):str\}")
_REFERENCE: Final = "#/components/schemas/{name}"


def make_document_routes(dialect: Dialect) -> Iterator[HTTPRouteHandler]:
    """Yield the route of `openapi.json` for each version. It needs no token."""
    for version in dialect.versions:
        prefix = f"/{dialect.name}/{version}".rstrip("/")
        yield _route(f"{prefix}/openapi.json", json_encode(make_document(dialect, prefix)))


def make_document(dialect: Dialect, prefix: str) -> dict[str, Any]:
    endpoints = [endpoint for endpoint in dialect.endpoints if not endpoint.hidden]
    types = [endpoint.contract.body for endpoint in endpoints if _is_type(endpoint.contract.body)]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    bodies = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = paths.setdefault(_PARAMETER.sub(r"{\1}", endpoint.path), {})
        path[endpoint.method.lower()] = _operation(dialect, endpoint, bodies)
    ways = {"token": {"type": "http", "scheme": "bearer"}}
    if dialect.logins:
        ways["login"] = {"type": "http", "scheme": "basic"}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Contactory: {dialect.name}", "version": "1"},
        "servers": [{"url": prefix}],
        "security": [{name: []} for name in ways],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": ways},
    }


def _operation(dialect: Dialect, endpoint: Endpoint, bodies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    contract = endpoint.contract
    named = [_parameter("path", name, {"type": "string"}) for name in _PARAMETER.findall(endpoint.path)]
    named += [_parameter("query", name, schema) for name, schema in contract.parameters.items()]
    statuses = {contract.success: "Done"} | dict(dialect.refusals)
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "description": f"Scope: {' or '.join(filter(None, (endpoint.scope, endpoint.instead)))}",
        "parameters": named,
        "responses": {
            str(status): {"description": meaning, "content": {"application/json": {}}}
            for status, meaning in statuses.items()
        },
    }
    if contract.body is not None:
        schema = bodies[repr(contract.body)] if _is_type(contract.body) else contract.body
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _parameter(place: str, name: str, schema: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _is_type(body: Any) -> bool:
    return body is not None and not isinstance(body, dict)


def _route(path: str, document: bytes) -> HTTPRouteHandler:
    @get(path, summary="This API's OpenAPI document")
    async def show() -> Response[bytes]:
        return Response(document, media_type="application/json")

    return show
