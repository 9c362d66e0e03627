"""Propeller Commerce REST API, contacts and what they need (docs.propeller-commerce.com, v1 and v2)."""

from __future__ import annotations

from functools import partial

from contactory.dialects.base import Call, Reply, Request, TokenEndpoint, bearer
from contactory.dialects.propeller.columns import Identity
from contactory.dialects.propeller.decode import decode_bulk
from contactory.dialects.propeller.endpoints import (
    attribute_endpoints,
    described_value_endpoints,
    description_endpoints,
    record_endpoints,
)
from contactory.dialects.propeller.outcomes import encode_outcomes
from contactory.dialects.propeller.problems import REFUSALS, refuse
from contactory.dialects.propeller.resources import RESOURCES, Bulk, Resource
from contactory.dialects.propeller.sources import with_plain_sources
from contactory.dialects.propeller.tokens import decode_grant, encode_grant
from contactory.model.bulk import Hide
from contactory.model.caller import Credentials
from contactory.model.problems import Problem


class Propeller:
    """default_language: of records whose rows give none; max_rows: of one bulk call; hide: what keys
    digests of rows with personal numbers, which have none without it."""

    name = "propeller"
    versions = ("", "v1", "v2")
    refusals = REFUSALS
    watch = None
    logins = False

    def __init__(self, *, default_language: str, max_rows: int, hide: Hide | None = None) -> None:
        self._hide = hide
        self._default_language = default_language
        self._max_rows = max_rows
        self.token_endpoint = TokenEndpoint("/oauth2/token", decode_grant, encode_grant)
        self.endpoints = [
            *(
                endpoint
                for resource in RESOURCES
                for endpoint in record_endpoints(resource, default_language, self._decode_bulk)
            ),
            *(
                endpoint
                for resource in RESOURCES
                for endpoint in described_value_endpoints(resource, default_language)
            ),
            *attribute_endpoints(),
            *description_endpoints(),
        ]

    def credentials(self, request: Request) -> Credentials | None:
        return bearer(request)

    def refuse(self, problem: Problem) -> Reply:
        return refuse(problem)

    def _decode_bulk(self, resource: Resource, bulk: Bulk, request: Request) -> Call:
        identity = Identity(self._default_language, pair=request.version == "v2")
        body = with_plain_sources(bulk, request.body, self._max_rows) if identity.pair else request.body
        hide = partial(self._hide, request.caller.organization_id) if self._hide else None
        write, rows = decode_bulk(resource, bulk, body, identity, self._max_rows, hide)
        return Call(write, lambda outcomes: encode_outcomes(outcomes, rows.keys(), bulk.lookup_key))
